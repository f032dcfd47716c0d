"""Facts for the operator's tests: one DebateJob named `debate`, and Jobs and pods as the API server would show them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from debate_core.documents.debatejob_status import DebateJobStatus
from debate_core.documents.step_result import DoneStep, StepResult
from debate_core.reasons import ExitCode
from debate_operator import names
from debate_operator.facts import DebateJobFacts, JobFacts, Observed, Plan, PodFacts
from debate_operator.settings import Settings

NOW = datetime(2026, 5, 4, 12, 0, 0, tzinfo=UTC)
UID = "0f1e2d3c-0000-4000-8000-000000000001"

SETTINGS = Settings.model_validate(
    {
        "namespaces": ["debates"],
        "store": {"uri": "s3://debates", "endpointUrl": "http://s3:7070", "secretName": "s3"},
        "models": "s3://debates/models",
        "images": {"cpu": "worker:cpu", "gpu": "worker:gpu"},
        "progressUrl": "http://operator:8081/progress",
    }
)


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def debatejob(status: DebateJobStatus | None = None, **spec: Any) -> DebateJobFacts:
    return DebateJobFacts(
        namespace="debates",
        name="debate",
        uid=UID,
        resource_version="1",
        generation=1,
        created_at=NOW,
        spec={"source": {"object": "s3://debates/in/debate.mp4"}} | spec,
        status=status or DebateJobStatus(),
    )


def job_facts(step: str = "prepare", number: int = 1, *pods: PodFacts, **changes: Any) -> JobFacts:
    fields: dict[str, Any] = {
        "name": names.job_name("debate", step, UID, number),
        "uid": f"job-{step}-{number}",
        "step": step,
        "run": 1,
        "number": number,
        "created_at": NOW,
        "started_at": NOW,
        "pods": pods,
    }
    return JobFacts(**(fields | changes))


def pod_facts(**changes: Any) -> PodFacts:
    fields: dict[str, Any] = {"name": "pod", "uid": "pod-uid", "phase": "Pending", "created_at": NOW}
    return PodFacts(**(fields | changes))


def running(**changes: Any) -> PodFacts:
    return pod_facts(**({"phase": "Running", "node": "node-1", "started_at": NOW} | changes))


def result(step: str, code: int = 0, **changes: Any) -> StepResult:
    facts: dict[str, Any] = {"windows": 4, "duration_seconds": 242.0}
    outputs = {"plan": "work/x/plan.json"}
    if step == "finish":
        facts |= {"speakers": 3, "words": 612, "language": "en"}
        outputs = {"transcript": "t.json", "words": "w.json", "captions": "c.vtt", "rttm": "r.rttm", "report": "p.json"}
    fields: dict[str, Any] = {"step": step, "exit_code": code}
    if code == 0:
        fields |= {"facts": facts, "outputs": outputs}
    else:
        fields |= {"message": "the worker's own words"}
    return StepResult(**(fields | changes))


def found_done(*steps: str) -> list[DoneStep]:
    """What prepare says of steps that it found done."""
    return [DoneStep(step=step, facts=result(step).facts, outputs=result(step).outputs) for step in steps]


def prepared(*done: str, number: int = 1, **changes: Any) -> JobFacts:
    """prepare's Job, that has ended well and found these steps done."""
    told = result("prepare", done=found_done(*done)).to_json().decode()
    job = ended("prepare", number=number, **changes)
    return replace(job, pods=tuple(replace(pod, message=told) for pod in job.pods))


def ended(step: str, code: int = ExitCode.DONE, number: int = 1, **changes: Any) -> JobFacts:
    """A Job whose pod has ended with this exit code, and left its result."""
    pod = running(
        phase="Succeeded" if code == 0 else "Failed",
        exit_code=int(code),
        terminated_reason="Completed" if code == 0 else "Error",
        finished_at=NOW,
        message=result(step, int(code)).to_json().decode(),
    )
    final = code in {10, 11, 13, 14}
    fields: dict[str, Any] = {
        "finished": "Complete" if code == 0 else "Failed",
        "failure_reason": None if code == 0 else "PodFailurePolicy" if final else "BackoffLimitExceeded",
    }
    return job_facts(step, number, pod, **(fields | changes))


def seen(*jobs: JobFacts, **changes: Any) -> Observed:
    return Observed(jobs=jobs, **changes)


def event_reasons(plan: Plan) -> list[str]:
    return [event.reason for event in plan.events]


def created(plan: Plan) -> str | None:
    return plan.create["metadata"]["name"] if plan.create else None
