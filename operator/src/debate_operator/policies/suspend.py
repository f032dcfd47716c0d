"""Suspend: the running Job is deleted (its pod gets SIGTERM and keeps its checkpoint), and no budget is spent."""

from __future__ import annotations

from datetime import datetime

from debate_core.documents.debatejob_status import StepState, StepStatus
from debate_operator.policies.retry import ran_seconds


def suspended(step: StepStatus, now: datetime) -> StepStatus:
    """The step, held: a Job that it had does not count as a try."""
    return step.model_copy(
        update={
            "state": StepState.SUSPENDED,
            "attempts": step.attempts - 1 if step.state.has_job else step.attempts,
            "running_seconds": step.running_seconds + ran_seconds(step, now),
            "running_since": None,
            "retry_at": None,
        }
    )


def resumed(step: StepStatus) -> StepStatus:
    """The step, due at once; the time that it waited for a busy source counts anew."""
    return step.model_copy(update={"state": StepState.PENDING, "waits": 0, "waiting_since": None})
