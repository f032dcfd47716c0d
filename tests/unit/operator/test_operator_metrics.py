"""Metrics: a change of status is counted once, and no name or uid becomes a label."""

from __future__ import annotations

from typing import Any

import pytest
from operator_builders import NOW, UID, debatejob, later
from prometheus_client import generate_latest

from debate_core.documents.debatejob_status import DebateJobStatus, Phase, StepState, StepStatus
from debate_core.reasons import Reason
from debate_operator.cache import Cache, Key
from debate_operator.metrics import Metrics
from debate_operator.parse import Seen
from debate_operator.queue import WorkQueue

RUNNING: dict[str, Any] = {"name": "analyze", "state": StepState.RUNNING, "attempts": 1, "started_at": NOW}
FAILED = {"step": "analyze", "reason": "InternalError"}


def status(**step: Any) -> DebateJobStatus:
    return DebateJobStatus(observed_run=1, phase=Phase.RUNNING, steps=[StepStatus(**(RUNNING | step))])


@pytest.fixture
def cache() -> Cache:
    return Cache()


@pytest.fixture
def metrics(cache: Cache) -> Metrics:
    return Metrics(cache, WorkQueue[Key]())


def value(metrics: Metrics, name: str, **labels: str) -> float:
    return metrics.registry.get_sample_value(name, labels) or 0


def test_a_steps_length_is_known_when_it_has_succeeded(metrics: Metrics) -> None:
    metrics.status_changed(status(), status(state=StepState.SUCCEEDED, finished_at=later(90)))
    metrics.status_changed(
        status(state=StepState.SUCCEEDED, finished_at=later(90)),
        status(state=StepState.SUCCEEDED, finished_at=later(90)),
    )
    assert value(metrics, "debate_step_seconds_sum", step="analyze") == 90
    assert value(metrics, "debate_step_seconds_count", step="analyze") == 1


def test_an_interruption_is_no_failure_and_a_failure_no_interruption(metrics: Metrics) -> None:
    metrics.status_changed(status(), status(state=StepState.WAITING, interruptions=1))
    assert value(metrics, "debate_interruptions_total", step="analyze") == 1
    assert value(metrics, "debate_failures_total", **FAILED) == 0
    metrics.status_changed(status(), status(state=StepState.WAITING, reason=Reason.INTERNAL_ERROR))
    metrics.status_changed(status(), status(state=StepState.FAILED, reason=Reason.INTERNAL_ERROR))
    assert value(metrics, "debate_interruptions_total", step="analyze") == 1
    assert value(metrics, "debate_failures_total", **FAILED) == 2


def test_a_new_run_starts_from_nothing(metrics: Metrics) -> None:
    old = status(state=StepState.SUCCEEDED, finished_at=later(1), interruptions=3)
    new = status(state=StepState.WAITING, interruptions=1).model_copy(update={"observed_run": 2})
    metrics.status_changed(old, new)
    assert value(metrics, "debate_interruptions_total", step="analyze") == 1


def test_debatejobs_are_counted_by_phase_when_asked(metrics: Metrics, cache: Cache) -> None:
    for number, phase in enumerate([None, Phase.RUNNING, Phase.RUNNING]):
        facts = debatejob(DebateJobStatus(phase=phase))
        cache.debatejobs.put(Seen("debates", f"debate-{number}", f"{UID}-{number}", 1, None, None, facts))
    assert value(metrics, "debate_jobs", phase="Running") == 2
    assert value(metrics, "debate_jobs", phase="Pending") == 1
    assert value(metrics, "debate_jobs", phase="Failed") == 0
    assert "debate-1" not in generate_latest(metrics.registry).decode()
