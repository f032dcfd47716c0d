"""The status of a DebateJob as small pure functions: conditions, the overall progress, what the columns show."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime

from debate_core.documents.debatejob import DebateJobSpec
from debate_core.documents.debatejob_status import (
    Condition,
    DebateJobStatus,
    Display,
    Outputs,
    Phase,
    Publication,
    Result,
    StepState,
    StepStatus,
)
from debate_core.documents.step_result import Progress, StepResult
from debate_core.reasons import Reason
from debate_core.steps import BY_NAME
from debate_operator.facts import JobFacts, Observed

_PHASES = {
    StepState.PENDING: Phase.PENDING,
    StepState.WAITING: Phase.PENDING,
    StepState.QUEUED: Phase.QUEUED,
    StepState.PROVISIONING: Phase.PROVISIONING,
    StepState.RUNNING: Phase.RUNNING,
    StepState.SUSPENDED: Phase.SUSPENDED,
    # Between two steps, and for steps that are not fatal.
    StepState.SUCCEEDED: Phase.PENDING,
    StepState.FAILED: Phase.PENDING,
}


def phase_of(step: StepStatus) -> Phase:
    """The phase of a job that is at this step, and not at its end."""
    return _PHASES[step.state]


def percent(steps: Sequence[StepStatus], observed: Observed, before: int | None) -> int:
    """Overall progress, 0 to 100 (100 at success alone): each step counts its typical share of the time.

    Never less than before: a step that is tried again does not throw away what it had done.
    """
    total = sum(BY_NAME[step.name].share for step in steps)
    done = sum(BY_NAME[step.name].share * _fraction(step, observed) for step in steps)
    return max(before or 0, min(99, math.floor(100 * done / total)))


def eta_seconds(step: StepStatus, observed: Observed) -> int | None:
    """What the current step's slowest pod says is left; None while it does not know."""
    known = [said.eta_seconds for said in _said(step, observed) if said.eta_seconds is not None]
    return min(round(max(known)), LARGEST) if known else None


def _fraction(step: StepStatus, observed: Observed) -> float:
    if step.state is StepState.SUCCEEDED:
        return 1.0
    said = _said(step, observed)
    total = sum(progress.total_seconds for progress in said)
    return min(1.0, sum(progress.done_seconds for progress in said) / total) if total else 0.0


def _said(step: StepStatus, observed: Observed) -> list[Progress]:
    job: JobFacts | None = observed.job(step.job) if step.state.has_job else None
    if job is None:
        return []
    return [said for (uid, _), said in observed.progress.items() if uid == job.uid and said.step == step.name]


def display(progress: int | None, eta: int | None, duration_seconds: float | None) -> Display:
    """`62%`, `21s`, `4m02s`."""
    return Display(
        progress=None if progress is None else f"{progress}%",
        eta=None if eta is None else short_duration(eta),
        duration=None if duration_seconds is None else short_duration(duration_seconds),
    )


def short_duration(seconds: float) -> str:
    """As kubectl writes an age, but always with two places below the largest: 21s, 4m02s, 1h30m."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m{whole % 60:02d}s"
    return f"{whole // 3600}h{whole % 3600 // 60:02d}m"


def outputs_of(result: StepResult) -> Outputs:
    """The keys in the store that the last step reported."""
    keys = result.outputs
    return Outputs(
        transcript=keys.get("transcript"),
        words=keys.get("words"),
        captions=keys.get("captions"),
        rttm=keys.get("rttm"),
        report=keys.get("report"),
    )


def publication_of(result: StepResult, spec: DebateJobSpec) -> Publication:
    """What finish wrote into the manifest entry; spec.publish may have changed since the step began."""
    said = result.facts.get("publish")
    return Publication(publish=said if isinstance(said, bool) else spec.publish)


def result_of(result: StepResult, before: Result | None) -> Result:
    """What is known of the debate: each step adds what it found."""
    facts = result.facts
    found = {
        "duration_seconds": _number(facts.get("duration_seconds")),
        "speakers": whole(facts.get("speakers")),
        "words": whole(facts.get("words")),
        "language": facts.get("language") if isinstance(facts.get("language"), str) else None,
    }
    return (before or Result()).model_copy(update={name: value for name, value in found.items() if value is not None})


LARGEST = 2**31 - 1
"""No debate has so many words or seconds. A figure beyond would make the API server refuse the whole status."""

MESSAGE_CHARS = 2048


def _number(value: object) -> float | None:
    plausible = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= LARGEST
    return float(value) if plausible and isinstance(value, int | float) else None


def whole(value: object) -> int | None:
    """A worker's count, where it is one."""
    return value if isinstance(value, int) and _number(value) is not None else None


def bounded(status: DebateJobStatus) -> DebateJobStatus:
    """With messages cut to what the CRD takes: a scheduler's, or a worker's, may be of any length."""
    cut = {"message": status.message and status.message[:MESSAGE_CHARS]}
    steps = [
        step.model_copy(update={"message": step.message and step.message[:MESSAGE_CHARS]}) for step in status.steps
    ]
    return status.model_copy(update=cut | {"steps": steps})


def with_conditions(
    status: DebateJobStatus, *, accepted: bool, message: str, now: datetime, generation: int
) -> DebateJobStatus:
    """The five conditions that follow from the phase. A condition keeps its time while its status stays."""
    phase = status.phase or Phase.PENDING
    why = str(status.reason or phase)
    truths = {
        "Accepted": (accepted, "Accepted" if accepted else str(status.reason or Reason.INVALID_SPEC)),
        "Running": (phase is Phase.RUNNING, why),
        "Succeeded": (phase is Phase.SUCCEEDED, why),
        "Failed": (phase is Phase.FAILED, why),
        "Finished": (phase.is_terminal, why),
    }
    conditions = []
    for kind, (truth, reason) in truths.items():
        wanted = "True" if truth else "False"
        before = status.condition(kind)
        same = before is not None and before.status == wanted
        conditions.append(
            Condition(
                type=kind,
                status=wanted,
                reason=reason,
                message=message if truth or (kind == "Accepted" and not accepted) else "",
                last_transition_time=before.last_transition_time if before and same else now,
                observed_generation=generation,
            )
        )
    return status.model_copy(update={"conditions": conditions})
