"""Waiting for a busy source: whatever number the worker gave, and whatever time stands in the status."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from operator_builders import NOW, SETTINGS, debatejob

from debate_core.documents.debatejob import DebateJobSpec
from debate_core.documents.debatejob_status import StepState, StepStatus
from debate_core.reasons import Reason
from debate_operator.failures import End, Kind
from debate_operator.policies import retry

SPEC = DebateJobSpec.model_validate(debatejob().spec)


@pytest.mark.parametrize(
    ("after_s", "waiting_since", "state", "delay_s"),
    [
        (None, None, StepState.WAITING, 30),
        (60.0, None, StepState.WAITING, 60),
        (-1e300, None, StepState.WAITING, 0),
        (1e300, None, StepState.FAILED, None),
        (60.0, "0001-01-01T00:00:00+00:00", StepState.FAILED, None),
        (60.0, "9999-12-31T23:59:59+00:00", StepState.WAITING, 60),
    ],
)
def test_a_wait_is_a_length_within_the_deadline(
    after_s: float | None, waiting_since: str | None, state: StepState, delay_s: float | None
) -> None:
    since = datetime.fromisoformat(waiting_since) if waiting_since else None
    step = StepStatus(name="prepare", state=StepState.RUNNING, attempts=1, waiting_since=since)
    end = End(Kind.WAITING, Reason.SOURCE_BUSY, "busy", retry_after_s=after_s)
    found, _ = retry.after(end, step, 0, SPEC, NOW, SETTINGS)
    assert (found.state, found.retry_at) == (state, None if delay_s is None else NOW + timedelta(seconds=delay_s))
