"""Already done: steps that prepare found done in the store are done, without a Job, and without a GPU.

Only what the prepare of this run has said counts: its Job carries the run's number, and no field of the spec that
decides a result can have changed since. A worker of an earlier release says nothing, and its steps run as before.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from debate_core.documents.debatejob_status import StepState, StepStatus
from debate_core.documents.step_result import StepResult
from debate_operator.facts import Event
from debate_operator.status import whole

MESSAGE = "it has nothing left to do: what it makes is in the store"


def results(told: StepResult, after: Sequence[StepStatus]) -> list[StepResult]:
    """What the steps after would report, as far as they follow each other without a gap, and have no Job yet."""
    named = {done.step: done for done in told.done}
    found: list[StepResult] = []
    for step in after:
        done = named.get(step.name)
        if done is None or step.state.has_job or step.state in {StepState.SUCCEEDED, StepState.FAILED}:
            break
        found.append(StepResult(step=step.name, exit_code=0, facts=done.facts, outputs=done.outputs))
    return found


def done(step: StepStatus, result: StepResult, now: datetime) -> tuple[StepStatus, Event]:
    """The step at its end, without a try. The name of its last Job stays, because their numbers only grow."""
    update = {
        "state": StepState.SUCCEEDED,
        "finished_at": now,
        "retry_at": None,
        "reason": None,
        "message": MESSAGE,
        "windows": whole(result.facts.get("windows")),
    }
    return step.model_copy(update=update), Event("Normal", "AlreadyDone", f"{step.name}: {MESSAGE}")
