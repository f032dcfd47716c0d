"""One pass over a DebateJob that is not at its end: its steps in order, each followed, answered or started.

The draft is changed while it is made; the Plan that comes out of it is not.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from debate_core.documents.debatejob import DebateJobSpec
from debate_core.documents.debatejob_status import DebateJobStatus, Phase, StepState, StepStatus
from debate_core.documents.step_result import StepResult
from debate_core.reasons import Reason
from debate_core.steps import BY_NAME, PREPARE, STEPS_OF_MODE, Step
from debate_operator import manifests, names
from debate_operator.facts import DebateJobFacts, Event, JobFacts, Observed, Plan
from debate_operator.failures import End, Kind, classify
from debate_operator.policies import (
    active_deadline,
    already_done,
    cannot_start,
    on_demand,
    pending_deadline,
    rerun,
    retry,
    suspend,
)
from debate_operator.settings import Settings
from debate_operator.status import (
    bounded,
    display,
    eta_seconds,
    outputs_of,
    percent,
    phase_of,
    publication_of,
    result_of,
    with_conditions,
)

GONE_CHECK_S = 30
"""How often to look whether a Job that is being deleted has gone, should its last event be lost."""


@dataclass
class Draft:
    """One pass in the making."""

    job: DebateJobFacts
    spec: DebateJobSpec
    observed: Observed
    now: datetime
    settings: Settings
    status: DebateJobStatus
    steps: list[StepStatus] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    delete: list[JobFacts] = field(default_factory=list)
    create: dict[str, Any] | None = None
    look_again_s: list[float] = field(default_factory=list)
    failed: tuple[Reason, str] | None = None

    # --- what happens, in this order ---

    def begin(self, job_id: str) -> None:
        """Take the job up, or take it up again with a larger spec.run."""
        rows = STEPS_OF_MODE[self.spec.mode]
        if rerun.is_new_run(self.status, self.spec):
            self.steps = rerun.fresh_steps(self.status, rows)
            first = self.status.observed_run is None
            self._tell("Normal", "Accepted" if first else "RunStarted", _start_text(self.spec, job_id))
            self.status = DebateJobStatus(job_id=job_id, observed_run=self.spec.run, start_time=self.now)
        else:
            known = {step.name: step for step in self.status.steps}
            self.steps = [known.get(row.name, StepStatus(name=row.name)) for row in rows]
        self.status = self.status.model_copy(
            update={"job_id": job_id, "start_time": self.status.start_time or self.now}
        )

    def follow(self) -> None:
        """Go through the steps as far as they are done; follow the one that is not, or start it."""
        for index, row in enumerate(STEPS_OF_MODE[self.spec.mode]):
            if self._is_open(self.steps[index]) and not self.steps[index].state.has_job:
                self._adopt(index)
            if self.steps[index].state.has_job:
                self._follow_job(index)
            if not self.steps[index].state.has_job:
                self._start_if_due(index, row)
            step = self.steps[index]
            if step.state is StepState.FAILED and row.fatal:
                self.failed = (step.reason or Reason.INTERNAL_ERROR, step.message or f"{row.name} failed")
            if self._is_open(step):
                return

    def delete_strays(self) -> None:
        """Jobs of ours that still run and that no step follows: of an earlier run, say."""
        known = {step.job for step in self.steps if step.state.has_job} | {job.name for job in self.delete}
        self.delete += [job for job in self.observed.live if job.name not in known]

    def plan(self) -> Plan:
        current = next((step for step in self.steps if self._is_open(step)), None)
        status = self.status.model_copy(
            update={
                "steps": self.steps,
                "observed_generation": self.job.generation,
                "attempts": max((step.attempts for step in self.steps), default=0),
                "interruptions": self._interruptions(),
                "step": current.name if current else self.steps[-1].name,
            }
        )
        if self.failed is not None:
            status = self._ended(status, Phase.FAILED, *self.failed)
        elif current is None:
            status = self._ended(status, Phase.SUCCEEDED, None, None)
        else:
            progress = percent(self.steps, self.observed, status.progress)
            status = status.model_copy(
                update={
                    "phase": phase_of(current),
                    "reason": current.reason,
                    "message": current.message,
                    "progress": progress,
                    "eta_seconds": eta_seconds(current, self.observed),
                }
            )
        status = bounded(status).model_copy(
            update={
                "display": display(
                    status.progress, status.eta_seconds, status.result.duration_seconds if status.result else None
                )
            }
        )
        return Plan(
            status=with_conditions(
                status, accepted=True, message=status.message or "", now=self.now, generation=self.job.generation
            ),
            create=self.create,
            delete=tuple(self.delete),
            events=tuple(self.events),
            requeue_after_s=max(0.0, min(self.look_again_s)) if self.look_again_s else None,
        )

    # --- one step ---

    def _adopt(self, index: int) -> None:
        """Take up a Job that exists although the status does not name it: the operator died before it wrote so.

        Step by step, this also rebuilds a status that somebody removed.
        """
        step = self.steps[index]
        newer = [
            job
            for job in self.observed.jobs
            if (job.step, job.run) == (step.name, self.spec.run) and job.number > _number(step, self.job)
        ]
        if newer:
            found = max(newer, key=lambda job: job.number)
            self.steps[index] = self._started(step, found.name)
            self._tell("Normal", "JobCreated", f"Took up Job {found.name}")

    def _follow_job(self, index: int) -> None:
        """The step's Job: has it ended, is it late, how far is it?"""
        step = self.steps[index]
        found = self.observed.job(step.job)
        if found is None or found.finished is not None:
            self._count(index, classify(found))
            return
        if self.spec.suspend:
            if not found.deleting:
                self.delete.append(found)
            self.steps[index] = suspend.suspended(step, self.now)
            self._tell("Normal", "Suspended", f"{step.name} was stopped by spec.suspend; what is done is kept")
            return
        if found.deleting:
            self.look_again_s.append(GONE_CHECK_S)  # it counts as an interruption when it is gone
            return
        self.steps[index] = step = self._at_work(step, found)
        verdict = self._too_late(step, found)
        if verdict is not None:
            self.delete.append(found)
            self.steps[index], event = retry.fail(step, *verdict, self.now)
            self.events.append(event)

    def _at_work(self, step: StepStatus, found: JobFacts) -> StepStatus:
        """The step with what its living Job shows."""
        if found.suspended:
            return step.model_copy(
                update={
                    "state": StepState.QUEUED,
                    "message": _held_back(found.name),
                    "running_seconds": step.running_seconds + retry.ran_seconds(step, self.now),
                    "running_since": None,
                }
            )
        if pending_deadline.is_pending(found):
            return step.model_copy(
                update={"state": StepState.PROVISIONING, "message": pending_deadline.waiting_for(found)}
            )
        since = min(pod.started_at for pod in found.pods if pod.started_at is not None)
        if step.state is not StepState.RUNNING:
            where = ", ".join(sorted({pod.node for pod in found.pods if pod.node and pod.started_at}))
            self._tell("Normal", "Started", f"{step.name} runs on {where or 'a node'}")
        return step.model_copy(
            update={
                "state": StepState.RUNNING,
                "running_since": step.running_since or since,
                "reason": None,
                "message": None,
            }
        )

    def _too_late(self, step: StepStatus, found: JobFacts) -> tuple[Reason, str] | None:
        """Why the Job must end now, or None; then also when to look again."""
        deadlines = self.spec.deadlines
        if step.state is StepState.PROVISIONING:
            trouble = cannot_start.trouble(found)
            if trouble is not None:
                at = cannot_start.ends_at(found, self.settings.misconfigured_grace_seconds)
                if self.now >= at:
                    return Reason.MISCONFIGURED, (
                        f"Kubernetes cannot start the pod ({trouble}): put that right, then raise spec.run"
                    )
                self._look_again_at(at)
            at = pending_deadline.ends_at(found, deadlines.pending_seconds)
            if self.now >= at:
                return pending_deadline.verdict(found, deadlines.pending_seconds)
            self._look_again_at(at)
        if step.state is StepState.RUNNING:
            left_s = active_deadline.remaining_s(self.steps, deadlines, self.now)
            if left_s <= 0:
                return Reason.DEADLINE_EXCEEDED, active_deadline.advice(deadlines)
            self.look_again_s.append(left_s)
        return None

    def _count(self, index: int, end: End) -> None:
        """The step's Job has ended: what that means for the step, and for what is known of the debate."""
        step = self.steps[index]
        self.steps[index], event = retry.after(end, step, self._interruptions(), self.spec, self.now, self.settings)
        self.events.append(event)
        if end.kind is Kind.DONE and end.result is not None:
            self._learn(end.result)
            self._pass_over(index, end.result)

    def _learn(self, result: StepResult) -> None:
        """What is known of the debate, with what a step reported."""
        update: dict[str, object] = {"result": result_of(result, self.status.result)}
        outputs = outputs_of(result)
        if outputs.transcript is not None:
            update["outputs"] = outputs
            update["publication"] = publication_of(result, self.spec)
        self.status = self.status.model_copy(update=update)

    def _pass_over(self, index: int, told: StepResult) -> None:
        """The steps after this one that it found done."""
        for later, result in enumerate(already_done.results(told, self.steps[index + 1 :]), index + 1):
            self.steps[later], event = already_done.done(self.steps[later], result, self.now)
            self.events.append(event)
            self._learn(result)

    def _start_if_due(self, index: int, row: Step) -> None:
        """Create the step's next Job, unless it is held, not yet due, or another Job of ours still lives."""
        step = self.steps[index]
        if step.state in {StepState.SUCCEEDED, StepState.FAILED}:
            return
        if self.spec.suspend:
            if step.state is not StepState.SUSPENDED:
                self.steps[index] = suspend.suspended(step, self.now)
                self._tell("Normal", "Suspended", f"{step.name} is held by spec.suspend")
            return
        if step.state is StepState.SUSPENDED:
            self._tell("Normal", "Resumed", f"{step.name} goes on")
            self.steps[index] = step = suspend.resumed(step)
        if step.retry_at is not None and self.now < step.retry_at:
            self._look_again_at(step.retry_at)
            return
        if any(job.finished is None for job in self.observed.jobs):
            self.look_again_s.append(GONE_CHECK_S)  # the last one is still ending
            return
        self._create(index, row)

    def _create(self, index: int, row: Step) -> None:
        step = self.steps[index]
        number = 1 + max(
            [_number(step, self.job), *(job.number for job in self.observed.jobs if job.step == step.name)]
        )
        name = names.job_name(self.job.name, step.name, self.job.uid, number)
        if name in self.observed.foreign:
            conflict = End(
                Kind.WAITING,
                Reason.NAME_CONFLICT,
                f"a Job {name} exists that is not ours: delete or rename it",
            )
            # As if it had been tried: a wait gives the attempt back.
            tried = step.model_copy(update={"attempts": step.attempts + 1})
            self.steps[index], event = retry.after(
                conflict, tried, self._interruptions(), self.spec, self.now, self.settings
            )
            if step.reason is not Reason.NAME_CONFLICT or self.steps[index].state is StepState.FAILED:
                self.events.append(event)
            if self.steps[index].retry_at is not None:
                self._look_again_at(self.steps[index].retry_at or self.now)
            return
        if self.observed.refused is not None:
            message = f"Kubernetes refuses the Job ({self.observed.refused}): correct it and create the DebateJob again"
            self.steps[index], event = retry.fail(step, Reason.INVALID_SPEC, message, self.now)
            self.events.append(event)
            return
        self.create = manifests.job_manifest(
            self.job,
            self.spec,
            manifests.Try(row, step, number, self._shards(row), self._interruptions()),
            self.settings,
        )
        self.steps[index] = step = self._started(step, name)
        tries = f"attempt {step.attempts} of {self.spec.retry.attempts}"
        spot = row.accelerator == "gpu" and on_demand.gives_up_spot(self._interruptions(), self.spec.retry)
        self._tell("Normal", "JobCreated", f"Created Job {name}, {tries}{', on demand' if spot else ''}")

    def _started(self, step: StepStatus, name: str) -> StepStatus:
        # A Job for a queue is created suspended: said at once, it saves the write that would follow.
        queued = self.spec.queue_name is not None
        return step.model_copy(
            update={
                "state": StepState.QUEUED if queued else StepState.PROVISIONING,
                "job": name,
                "attempts": step.attempts + 1,
                "started_at": step.started_at or self.now,
                "retry_at": None,
                "reason": None,
                "message": _held_back(name) if queued else "its pod is being made",
            }
        )

    # --- small things ---

    def _shards(self, row: Step) -> int:
        """How many pods share the step: analyze alone, and never more than there are windows."""
        if row.after != PREPARE.name or BY_NAME[row.name].accelerator != "gpu":
            return 1
        windows = next((step.windows for step in self.steps if step.name == PREPARE.name), None)
        return max(1, min(self.spec.parallelism, windows or 1))

    def _interruptions(self) -> int:
        return sum(step.interruptions for step in self.steps)

    def _is_open(self, step: StepStatus) -> bool:
        return step.state is not StepState.SUCCEEDED and (
            step.state is not StepState.FAILED or BY_NAME[step.name].fatal
        )

    def _ended(
        self, status: DebateJobStatus, phase: Phase, reason: Reason | None, message: str | None
    ) -> DebateJobStatus:
        if phase is Phase.SUCCEEDED:
            self._tell("Normal", "Succeeded", _success_text(status))
        return status.model_copy(
            update={
                "phase": phase,
                "reason": reason,
                "message": message,
                "completion_time": self.now,
                "eta_seconds": None,
                "progress": 100 if phase is Phase.SUCCEEDED else status.progress,
            }
        )

    def _look_again_at(self, at: datetime) -> None:
        self.look_again_s.append((at - self.now).total_seconds())

    def _tell(self, kind: str, reason: str, message: str) -> None:
        assert kind in {"Normal", "Warning"}
        self.events.append(Event("Normal" if kind == "Normal" else "Warning", reason, message))


def _number(step: StepStatus, job: DebateJobFacts) -> int:
    """The number of the step's last Job, 0 before the first."""
    parsed = names.parse_job_name(step.job, job.name, job.uid) if step.job else None
    return parsed[1] if parsed else 0


def _held_back(name: str) -> str:
    return f"the queue holds Job {name} back"


def _start_text(spec: DebateJobSpec, job_id: str) -> str:
    steps = ", ".join(step.name for step in STEPS_OF_MODE[spec.mode])
    return f"Run {spec.run} of job {job_id}: {steps}"


def _success_text(status: DebateJobStatus) -> str:
    result = status.result
    if result is None or result.speakers is None:
        return "All steps are done"
    return f"Done: {result.speakers} speakers, {result.words} words, {status.display.duration or ''}".rstrip(", ")
