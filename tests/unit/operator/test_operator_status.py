"""What the columns and conditions show."""

from __future__ import annotations

import pytest
from operator_builders import NOW, later

from debate_core.documents.debatejob_status import DebateJobStatus, Phase
from debate_core.reasons import Reason
from debate_operator.status import display, short_duration, with_conditions


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0s"),
        (21.4, "21s"),
        (59.4, "59s"),
        (59.6, "1m00s"),
        (242, "4m02s"),
        (3599.4, "59m59s"),
        (3599.6, "1h00m"),
        (5400, "1h30m"),
        (90_000, "25h00m"),
    ],
)
def test_durations_are_short(seconds: float, text: str) -> None:
    assert short_duration(seconds) == text


def test_what_is_not_known_is_not_shown() -> None:
    assert display(None, None, None).model_dump(exclude_none=True) == {}
    assert display(0, 0, 0).model_dump() == {"progress": "0%", "eta": "0s", "duration": "0s"}


def test_a_condition_keeps_its_time_while_its_status_stays() -> None:
    first = with_conditions(DebateJobStatus(phase=Phase.PROVISIONING), accepted=True, message="", now=NOW, generation=1)
    waiting = first.model_copy(update={"phase": Phase.PENDING, "reason": Reason.SOURCE_BUSY})
    second = with_conditions(waiting, accepted=True, message="", now=later(60), generation=2)
    assert [condition.last_transition_time for condition in second.conditions] == [NOW] * 5
    assert {condition.observed_generation for condition in second.conditions} == {2}
    running = second.model_copy(update={"phase": Phase.RUNNING, "reason": None})
    third = with_conditions(running, accepted=True, message="", now=later(90), generation=2)
    changed = [c.type for c in third.conditions if c.last_transition_time == later(90)]
    assert changed == ["Running"]


def test_conditions_are_ones_that_kubernetes_accepts() -> None:
    for phase in Phase:
        status = with_conditions(DebateJobStatus(phase=phase), accepted=True, message="", now=NOW, generation=1)
        assert [condition.type for condition in status.conditions] == [
            "Accepted",
            "Running",
            "Succeeded",
            "Failed",
            "Finished",
        ]
        assert all(condition.reason.isidentifier() for condition in status.conditions)


def test_a_status_survives_the_api_server() -> None:
    status = with_conditions(
        DebateJobStatus(phase=Phase.SUCCEEDED, progress=100, completion_time=NOW),
        accepted=True,
        message="",
        now=NOW,
        generation=1,
    )
    assert DebateJobStatus.from_resource(status.to_resource()) == status
    assert status.to_resource()["completionTime"] == "2026-05-04T12:00:00Z"


@pytest.mark.parametrize("broken", [{"phase": "Perhaps"}, {"steps": "none"}, {"progress": "62%"}, None])
def test_a_status_that_nobody_can_read_counts_as_none(broken: dict[str, object] | None) -> None:
    assert DebateJobStatus.from_resource(broken) == DebateJobStatus()
