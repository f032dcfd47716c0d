"""Which Job's end may still be news: only then are its pods asked for once more."""

from __future__ import annotations

from typing import Any

import pytest
from operator_builders import NOW, job_facts

from debate_core.documents.debatejob_status import Condition, DebateJobStatus, Phase, StepState, StepStatus
from debate_operator.observe import uncounted

JOB = job_facts("prepare", 2, finished="Failed")


def status(**step: Any) -> DebateJobStatus:
    return DebateJobStatus(observed_run=1, phase=Phase.RUNNING, steps=[StepStatus(name="prepare", **step)])


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        (DebateJobStatus(), True),
        (status(), True),
        (status(job=JOB.name, state=StepState.RUNNING), True),
        (status(job=JOB.name, state=StepState.WAITING), False),
        (status(job=JOB.name, state=StepState.SUCCEEDED), False),
        # The operator died before it wrote that it had created it.
        (status(job=job_facts("prepare", 1).name, state=StepState.WAITING), True),
        # One before the current one was counted when the current one was made.
        (status(job=job_facts("prepare", 3).name, state=StepState.RUNNING), False),
    ],
)
def test_an_end_is_news_until_the_status_has_counted_it(known: DebateJobStatus, expected: bool) -> None:
    assert uncounted(JOB, known) is expected


def test_a_finished_debate_looks_at_no_job_again() -> None:
    finished = Condition(type="Finished", status="True", reason="Failed", last_transition_time=NOW)
    done = status(job=JOB.name, state=StepState.RUNNING).model_copy(
        update={"phase": Phase.FAILED, "conditions": [finished]}
    )
    assert not uncounted(JOB, done)
