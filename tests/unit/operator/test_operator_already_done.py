"""Steps that prepare found done get no Job; what they made is known all the same."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from operator_builders import (
    NOW,
    SETTINGS,
    created,
    debatejob,
    ended,
    event_reasons,
    job_facts,
    later,
    prepared,
    running,
    seen,
)

from debate_core.documents.debatejob_status import DebateJobStatus, Phase, StepState
from debate_core.documents.step_result import StepResult
from debate_operator.decide import decide
from debate_operator.facts import Observed, Plan
from debate_operator.policies.already_done import MESSAGE
from debate_operator.policies.publication import known


def follow(*stages: Observed, **spec: Any) -> tuple[DebateJobStatus, Plan]:
    plan = decide(debatejob(**spec), Observed(), NOW, SETTINGS)
    for observed in stages:
        plan = decide(debatejob(plan.status, **spec), observed, NOW, SETTINGS)
    return plan.status, plan


@pytest.mark.parametrize(
    ("done", "next_job", "progress"),
    [
        ((), "analyze", 10),
        (("analyze",), "finish", 95),
        (("analyze", "finish"), None, 100),
        # Said by no worker of ours: a step whose input is not there yet is not passed over.
        (("finish",), "analyze", 10),
        (("analyze", "scenes"), "finish", 95),
    ],
)
def test_the_next_job_is_of_the_first_step_that_is_not_done(
    done: tuple[str, ...], next_job: str | None, progress: int
) -> None:
    status, plan = follow(seen(prepared(*done)))
    assert (created(plan) or "").split("-")[1:2] == ([next_job] if next_job else [])
    assert status.progress == progress
    assert event_reasons(plan).count("AlreadyDone") == {None: 2, "finish": 1}.get(next_job, 0)


def test_a_debate_that_is_finished_already_is_succeeded_as_if_all_had_run() -> None:
    status, plan = follow(seen(prepared("analyze", "finish")))
    jobs = (ended("prepare"), ended("analyze"), ended("finish"))
    usual, _ = follow(seen(jobs[0]), seen(*jobs[:2]), seen(*jobs))
    assert status.phase is Phase.SUCCEEDED
    assert (status.result, status.outputs, status.publication) == (usual.result, usual.outputs, usual.publication)
    assert (status.display, status.conditions) == (usual.display, usual.conditions)
    assert event_reasons(plan) == ["StepSucceeded", "AlreadyDone", "AlreadyDone", "Succeeded"]
    for step in status.steps[1:]:
        assert (step.state, step.attempts, step.job, step.started_at) == (StepState.SUCCEEDED, 0, None, None)
        assert (step.finished_at, step.message) == (NOW, MESSAGE)


def test_it_stays_so() -> None:
    status, _ = follow(seen(prepared("analyze", "finish")))
    again = decide(debatejob(status), seen(prepared("analyze", "finish")), later(5), SETTINGS)
    assert (again.status, again.create, again.events) == (status, None, ())


def test_a_run_that_was_larger_than_before_is_told_anew() -> None:
    first, _ = follow(seen(prepared("analyze", "finish")))
    plan = decide(debatejob(first, run=2), seen(prepared("analyze", "finish")), NOW, SETTINGS)
    assert created(plan) == "debate-prepare-0f1e2-2", "the word of an earlier run counts no more"
    assert [step.state for step in plan.status.steps[1:]] == [StepState.PENDING, StepState.PENDING]
    told = seen(prepared("analyze", "finish"), prepared(number=2, run=2))
    plan = decide(debatejob(plan.status, run=2), told, NOW, SETTINGS)
    assert created(plan) == "debate-analyze-0f1e2-1"


def test_what_a_failed_prepare_says_is_not_believed() -> None:
    failed = ended("prepare", 70)
    told = StepResult(step="prepare", exit_code=70, done=prepared_done()).to_json().decode()
    failed = replace(failed, pods=(replace(failed.pods[0], message=told),))
    status, _ = follow(seen(failed))
    assert [step.state for step in status.steps] == [StepState.WAITING, StepState.PENDING, StepState.PENDING]


def prepared_done() -> Any:
    return StepResult.from_json(prepared("analyze", "finish").pods[0].message or "").done


def test_a_held_job_that_turns_out_to_be_finished_is_finished() -> None:
    plan = decide(debatejob(), Observed(), NOW, SETTINGS)
    plan = decide(debatejob(plan.status, suspend=True), seen(prepared("analyze", "finish")), NOW, SETTINGS)
    assert (plan.status.phase, plan.create) == (Phase.SUCCEEDED, None)
    plan = decide(debatejob(), Observed(), NOW, SETTINGS)
    plan = decide(debatejob(plan.status, suspend=True), seen(prepared("analyze")), NOW, SETTINGS)
    assert (plan.status.phase, plan.status.step, plan.create) == (Phase.SUSPENDED, "finish", None)


def test_a_status_that_was_wiped_while_analyze_ran_ends_that_job() -> None:
    at_work = job_facts("analyze", 1, running())
    plan = decide(debatejob(), seen(prepared("analyze", "finish"), at_work), NOW, SETTINGS)
    assert (plan.status.phase, plan.delete) == (Phase.SUCCEEDED, (at_work,))


def test_a_publish_that_changed_meanwhile_is_seen_to_afterwards() -> None:
    status, _ = follow(seen(prepared("analyze", "finish")), publish=True)
    private = status.publication
    assert private is not None
    finish = prepared_done()[1]
    assert "publish" not in finish.facts  # of the builders' worker: then it is the spec's
    assert private.publish is True
    assert known(debatejob(status, publish=False)) == private
