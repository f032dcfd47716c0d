"""Active deadline: the running time of all tries of a run together, against spec.deadlines.activeSeconds.

Waiting, pending and suspended time does not count. A Job's activeDeadlineSeconds is only a backstop for the time in
which no operator runs: it counts from the Job's start, so it is later than ours in every case.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from debate_core.documents.debatejob import Deadlines
from debate_core.documents.debatejob_status import StepStatus
from debate_operator.policies.retry import ran_seconds

SLACK_SECONDS = 600


def remaining_s(steps: Iterable[StepStatus], deadlines: Deadlines, now: datetime) -> float:
    """Seconds of running time that are left; 0 or less: the deadline has passed."""
    return deadlines.active_seconds - sum(step.running_seconds + ran_seconds(step, now) for step in steps)


def backstop_seconds(deadlines: Deadlines) -> int:
    """activeDeadlineSeconds of a Job."""
    return deadlines.pending_seconds + deadlines.active_seconds + SLACK_SECONDS


def advice(deadlines: Deadlines) -> str:
    return (
        f"it ran for {deadlines.active_seconds} s without coming to an end; what is done is kept: "
        "raise spec.deadlines.activeSeconds and spec.run to go on"
    )
