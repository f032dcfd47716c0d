"""What the operator does next: one table or statement a policy."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from operator_builders import (
    NOW,
    SETTINGS,
    UID,
    created,
    debatejob,
    ended,
    event_reasons,
    job_facts,
    later,
    pod_facts,
    running,
    seen,
)

from debate_core.documents.debatejob_status import DebateJobStatus, Phase, StepState
from debate_core.documents.step_result import Progress
from debate_core.reasons import Reason
from debate_operator import names
from debate_operator.decide import decide
from debate_operator.facts import DebateJobFacts, JobFacts, Observed, Plan
from debate_operator.settings import Settings


def name_of(step: str, number: int = 1) -> str:
    return names.job_name("debate", step, UID, number)


def follow(
    *stages: Observed | tuple[Observed, datetime], settings: Settings = SETTINGS, **spec: Any
) -> tuple[DebateJobStatus, Plan]:
    """Decide once for nothing yet, then for each stage in turn; the last status and plan."""
    plan = decide(debatejob(**spec), Observed(), NOW, settings)
    for stage in stages:
        observed, now = stage if isinstance(stage, tuple) else (stage, NOW)
        plan = decide(debatejob(plan.status, **spec), observed, now, settings)
    return plan.status, plan


def condition(status: DebateJobStatus, kind: str) -> str:
    found = status.condition(kind)
    assert found is not None
    return found.status


# --- the way of a job that goes well ---


def test_a_new_job_gets_its_first_job_at_once() -> None:
    status, plan = follow()
    assert created(plan) == name_of("prepare")
    assert (status.phase, status.step, status.attempts) == (Phase.PROVISIONING, "prepare", 1)
    assert status.job_id == "debate-0f1e2d3c"
    assert event_reasons(plan) == ["Accepted", "JobCreated"]
    assert condition(status, "Accepted") == "True"
    assert condition(status, "Finished") == "False"


def test_from_step_to_step_to_the_end() -> None:
    prepared = ended("prepare")
    status, plan = follow(seen(prepared))
    assert created(plan) == name_of("analyze")
    assert (status.step, status.progress) == ("analyze", 10)

    status, plan = follow(seen(prepared), seen(prepared, ended("analyze")))
    assert created(plan) == name_of("finish")
    assert status.progress == 95

    everything = seen(prepared, ended("analyze"), ended("finish"))
    status, plan = follow(seen(prepared), seen(prepared, ended("analyze")), everything)
    assert (status.phase, status.progress, status.step) == (Phase.SUCCEEDED, 100, "finish")
    assert plan.create is None
    assert status.completion_time == NOW
    assert status.result is not None
    assert (status.result.speakers, status.result.words, status.result.language) == (3, 612, "en")
    assert status.outputs is not None
    assert status.outputs.transcript == "t.json"
    assert status.display.duration == "4m02s"
    assert status.attempts == 1
    assert {kind: condition(status, kind) for kind in ("Running", "Succeeded", "Failed", "Finished")} == {
        "Running": "False",
        "Succeeded": "True",
        "Failed": "False",
        "Finished": "True",
    }


def test_the_same_look_twice_changes_nothing() -> None:
    for observed in (seen(job_facts()), seen(job_facts("prepare", 1, running())), seen(ended("prepare"))):
        status, _ = follow(observed)
        again = decide(debatejob(status), observed, NOW, SETTINGS)
        if observed.jobs[0].finished is None:
            assert (again.status, again.create, again.events) == (status, None, ())


def test_download_only_is_prepare_alone() -> None:
    status, plan = follow(seen(ended("prepare")), mode="DownloadOnly")
    assert (status.phase, plan.create) == (Phase.SUCCEEDED, None)


# --- what a person sees on the way ---


def test_provisioning_says_what_it_waits_for() -> None:
    waiting = pod_facts(unschedulable="0/3 nodes are available: 3 Insufficient nvidia.com/gpu.")
    status, plan = follow(seen(job_facts("prepare", 1, waiting)))
    assert status.phase is Phase.PROVISIONING
    assert status.message == "no node yet: 0/3 nodes are available: 3 Insufficient nvidia.com/gpu."
    assert plan.requeue_after_s == 1800


def test_running_counts_the_steps_share_and_shows_the_eta() -> None:
    analyze = job_facts("analyze", 1, running())
    said = Progress(job_uid=analyze.uid, step="analyze", done_seconds=120, total_seconds=240, eta_seconds=21.4)
    observed = seen(ended("prepare"), analyze, progress={(analyze.uid, 0): said})
    status, _ = follow(seen(ended("prepare")), observed)
    assert (status.phase, status.progress, status.eta_seconds) == (Phase.RUNNING, 52, 21)
    assert (status.display.progress, status.display.eta) == ("52%", "21s")
    assert condition(status, "Running") == "True"


def test_progress_never_goes_back() -> None:
    analyze = job_facts("analyze", 1, running())
    said = Progress(job_uid=analyze.uid, step="analyze", done_seconds=200, total_seconds=240)
    far = seen(ended("prepare"), analyze, progress={(analyze.uid, 0): said})
    status, _ = follow(seen(ended("prepare")), far, seen(ended("prepare"), ended("analyze", 75)))
    assert status.phase is Phase.PENDING
    assert status.progress == 80


def test_shards_are_added_up() -> None:
    analyze = job_facts("analyze", 1, running(), running(index=1), completions=2)
    progress = {
        (analyze.uid, shard): Progress(
            job_uid=analyze.uid, step="analyze", shard=shard, done_seconds=done, total_seconds=120, eta_seconds=eta
        )
        for shard, done, eta in ((0, 120, 0), (1, 0, 90))
    }
    status, _ = follow(seen(ended("prepare")), seen(ended("prepare"), analyze, progress=progress), parallelism=2)
    assert (status.progress, status.eta_seconds) == (52, 90)


# --- retry ---


def test_a_failed_attempt_is_tried_again_after_its_backoff() -> None:
    status, plan = follow(seen(ended("prepare", 70)))
    assert plan.create is None
    assert (status.phase, status.reason, plan.requeue_after_s) == (Phase.PENDING, Reason.INTERNAL_ERROR, 10)
    status, plan = follow(seen(ended("prepare", 70)), (seen(ended("prepare", 70)), later(10)))
    assert created(plan) == name_of("prepare", 2)
    assert status.attempts == 2


def test_attempts_are_runs_in_total() -> None:
    twice = seen(ended("prepare", 70), ended("prepare", 70, 2))
    status, plan = follow(seen(ended("prepare", 70)), (seen(ended("prepare", 70)), later(10)), (twice, later(20)))
    assert (status.phase, status.reason, plan.create) == (Phase.FAILED, Reason.ATTEMPTS_EXHAUSTED, None)
    assert status.message is not None
    assert status.message.startswith("2 of 2 attempts failed; last: the worker's own words")


@pytest.mark.parametrize("lost", [ended("prepare", 75), None])
def test_an_interruption_spends_no_attempt(lost: JobFacts | None) -> None:
    jobs = (lost,) if lost else ()
    status, plan = follow(seen(*jobs), (seen(*jobs), later(2)))
    assert created(plan) == name_of("prepare", 2)
    assert (status.attempts, status.interruptions) == (1, 1)


def test_interruptions_have_a_budget_of_their_own() -> None:
    status, plan = follow(seen(ended("prepare", 75)), retry={"interruptions": 0})
    assert (status.phase, status.reason, plan.create) == (Phase.FAILED, Reason.INTERRUPTIONS_EXHAUSTED, None)


@pytest.mark.parametrize(("code", "reason"), [(12, Reason.SOURCE_BUSY), (16, Reason.STORE_UNREACHABLE)])
def test_waiting_codes_spend_neither_budget(code: int, reason: Reason) -> None:
    busy = seen(ended("prepare", code))
    status, plan = follow(busy)
    assert (status.phase, status.reason, plan.requeue_after_s) == (Phase.PENDING, reason, 30)
    assert (status.attempts, status.interruptions) == (0, 0)
    status, plan = follow(busy, (busy, later(30)), (seen(ended("prepare", code, 2)), later(40)))
    assert plan.requeue_after_s == 60


def test_a_step_may_say_itself_when_to_come_again() -> None:
    answer = ended("prepare", 12)
    pod = running(
        phase="Failed",
        exit_code=12,
        message='{"schema_version":1,"step":"prepare","exit_code":12,"message":"live","retry_after_seconds":600.0}',
    )
    _, plan = follow(seen(job_facts("prepare", 1, pod, finished=answer.finished)))
    assert plan.requeue_after_s == 600


def test_waiting_ends_at_its_deadline() -> None:
    status, _ = follow(seen(ended("prepare", 12)), deadlines={"retrySeconds": 20})
    assert (status.phase, status.reason) == (Phase.FAILED, Reason.SOURCE_BUSY)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (10, Reason.INVALID_SPEC),
        (11, Reason.SOURCE_UNAVAILABLE),
        (13, Reason.MEDIA_UNDECODABLE),
        (14, Reason.MISCONFIGURED),
        (15, Reason.GPU_OUT_OF_MEMORY),
    ],
)
def test_final_codes_end_the_job(code: int, reason: Reason) -> None:
    status, plan = follow(seen(ended("prepare", code)))
    assert (status.phase, status.reason, status.message) == (Phase.FAILED, reason, "the worker's own words")
    assert condition(status, "Failed") == "True"
    assert plan.create is None


def test_out_of_gpu_memory_tries_a_larger_class_once_where_there_is_one() -> None:
    settings = SETTINGS.model_copy(
        update={"gpu": SETTINGS.gpu.model_copy(update={"larger_node_selector": {"gpu": "large"}})}
    )
    small = seen(ended("prepare"), ended("analyze", 15))
    status, plan = follow(seen(ended("prepare")), small, settings=settings)
    assert plan.create is not None
    assert plan.create["spec"]["template"]["spec"]["nodeSelector"] == {"gpu": "large"}
    assert status.attempts == 1
    both = seen(ended("prepare"), ended("analyze", 15), ended("analyze", 15, 2))
    status, _ = follow(seen(ended("prepare")), small, both, settings=settings)
    assert (status.phase, status.reason) == (Phase.FAILED, Reason.GPU_OUT_OF_MEMORY)


def test_on_demand_after_so_many_interruptions() -> None:
    lost = [seen(ended("prepare"), ended("analyze", 75, number)) for number in (1, 2)]
    selectors = []
    stages: list[Any] = [seen(ended("prepare"))]
    for number, observed in enumerate(lost, start=1):
        stages += [(observed, later(100 * number)), (observed, later(100 * number + 50))]
        _, plan = follow(*stages, retry={"onDemandAfter": 2})
        assert plan.create is not None
        selectors.append(plan.create["spec"]["template"]["spec"].get("nodeSelector"))
    assert selectors == [None, {"karpenter.sh/capacity-type": "on-demand"}]


# --- deadlines ---


def test_no_node_within_the_pending_deadline() -> None:
    waiting = job_facts("prepare", 1, pod_facts(unschedulable="0/3 nodes are available."))
    status, plan = follow(seen(waiting), (seen(waiting), later(1800)))
    assert plan.delete == (waiting,)
    assert (status.phase, status.reason) == (Phase.FAILED, Reason.NO_CAPACITY)
    assert status.message is not None
    assert "0/3 nodes are available." in status.message


def test_an_image_that_cannot_be_pulled_is_a_misconfiguration() -> None:
    waiting = job_facts("prepare", 1, pod_facts(node="n", waiting_reason="ImagePullBackOff", waiting_message="no such"))
    status, _ = follow(seen(waiting), (seen(waiting), later(1800)))
    assert status.reason is Reason.MISCONFIGURED


@pytest.mark.parametrize(
    "broken",
    [
        job_facts(
            "prepare",
            1,
            pod_facts(node="n", waiting_reason="CreateContainerConfigError", waiting_message='secret "s3" not found'),
        ),
        job_facts("prepare", 1, trouble='serviceaccount "debate-worker" not found'),
    ],
)
def test_a_pod_that_cannot_start_fails_within_seconds(broken: JobFacts) -> None:
    status, plan = follow(seen(broken))
    assert status.phase is Phase.PROVISIONING
    assert plan.requeue_after_s == 20
    status, plan = follow(seen(broken), (seen(broken), later(20)))
    assert (status.phase, status.reason, plan.delete) == (Phase.FAILED, Reason.MISCONFIGURED, (broken,))
    assert status.message is not None
    assert "not found" in status.message


def test_a_used_up_quota_is_waited_for_like_a_node() -> None:
    full = job_facts("prepare", 1, trouble="pods is forbidden: exceeded quota: gpu")
    status, _ = follow(seen(full), (seen(full), later(60)))
    assert status.phase is Phase.PROVISIONING
    status, _ = follow(seen(full), (seen(full), later(1800)))
    assert status.reason is Reason.NO_CAPACITY


def test_the_active_deadline_adds_up_running_time_alone() -> None:
    deadlines = {"activeSeconds": 100}
    first = job_facts("prepare", 1, running())
    second = job_facts("prepare", 2, running(started_at=later(500)), created_at=later(480), started_at=later(480))
    stages = [
        seen(first),
        (seen(ended("prepare", 75)), later(70)),
        (seen(ended("prepare", 75)), later(480)),
        (seen(ended("prepare", 75), second), later(500)),
    ]
    status, plan = follow(*stages, deadlines=deadlines)
    assert (status.phase, plan.requeue_after_s) == (Phase.RUNNING, 30)
    status, plan = follow(*stages, (seen(ended("prepare", 75), second), later(530)), deadlines=deadlines)
    assert (status.reason, plan.delete) == (Reason.DEADLINE_EXCEEDED, (second,))


# --- suspend, run, ttl ---


def test_suspend_deletes_the_job_and_spends_nothing() -> None:
    at_work = job_facts("prepare", 1, running())
    status, _ = follow(seen(at_work))
    plan = decide(debatejob(status, suspend=True), seen(at_work), later(5), SETTINGS)
    assert (plan.status.phase, plan.delete) == (Phase.SUSPENDED, (at_work,))
    assert (plan.status.attempts, plan.status.interruptions) == (0, 0)

    leaving = job_facts("prepare", 1, running(deleting=True), deleting=True)
    resumed = decide(debatejob(plan.status), seen(leaving), later(6), SETTINGS)
    assert resumed.create is None  # the next Job starts when the last is gone
    resumed = decide(debatejob(resumed.status), seen(), later(7), SETTINGS)
    assert created(resumed) == name_of("prepare", 2)


def test_a_job_that_ends_while_it_is_being_suspended_counts() -> None:
    status, _ = follow(seen(job_facts("prepare", 1, running())))
    plan = decide(debatejob(status, suspend=True), seen(ended("prepare")), NOW, SETTINGS)
    assert [step.state for step in plan.status.steps] == [
        StepState.SUCCEEDED,
        StepState.SUSPENDED,
        StepState.PENDING,
    ]


def test_suspended_from_the_start_creates_nothing() -> None:
    status, plan = follow(suspend=True)
    assert (status.phase, plan.create) == (Phase.SUSPENDED, None)


def test_a_larger_run_starts_again_with_fresh_budgets_and_new_names() -> None:
    status, _ = follow(seen(ended("prepare", 13)))
    plan = decide(debatejob(status, run=2), seen(ended("prepare", 13)), later(60), SETTINGS)
    assert created(plan) == name_of("prepare", 2)
    assert (plan.status.observed_run, plan.status.attempts, plan.status.reason) == (2, 1, None)
    assert plan.status.completion_time is None
    assert condition(plan.status, "Finished") == "False"


def test_a_larger_run_in_the_middle_stops_what_still_runs() -> None:
    at_work = job_facts("prepare", 1, running())
    status, _ = follow(seen(at_work))
    plan = decide(debatejob(status, run=2), seen(at_work), NOW, SETTINGS)
    assert (plan.delete, plan.create) == ((at_work,), None)
    plan = decide(debatejob(plan.status, run=2), seen(), NOW, SETTINGS)
    assert created(plan) == name_of("prepare", 2)


def test_a_finished_job_is_deleted_after_its_ttl() -> None:
    done, _ = follow(seen(ended("prepare")), mode="DownloadOnly")
    spec: dict[str, Any] = {"mode": "DownloadOnly", "ttl": {"succeededSeconds": 60}}
    waits = decide(debatejob(done, **spec), seen(ended("prepare")), later(30), SETTINGS)
    assert (waits.delete_self, waits.requeue_after_s) == (False, 30)
    assert decide(debatejob(done, **spec), seen(), later(60), SETTINGS).delete_self
    failed_only: dict[str, Any] = {"mode": "DownloadOnly", "ttl": {"failedSeconds": 0}}
    assert not decide(debatejob(done, **failed_only), seen(), later(60), SETTINGS).delete_self


# --- crashes, strangers and people's hands ---


def test_a_job_created_before_a_crash_is_taken_up_not_created_again() -> None:
    status, _ = follow(seen(ended("prepare")))
    before_write = follow()[0]  # the status still names prepare's Job alone
    observed = seen(ended("prepare"), job_facts("analyze", 1, running()))
    plan = decide(debatejob(before_write), observed, NOW, SETTINGS)
    assert plan.create is None
    assert plan.status.steps[1].job == status.steps[1].job
    assert plan.status.phase is Phase.RUNNING


def test_a_status_that_was_wiped_is_built_again_from_the_jobs() -> None:
    observed = seen(ended("prepare"), ended("analyze", 75), job_facts("analyze", 2, running()))
    plan = decide(debatejob(), observed, NOW, SETTINGS)
    assert (plan.create, plan.delete) == (None, ())
    assert [step.state for step in plan.status.steps] == [StepState.SUCCEEDED, StepState.RUNNING, StepState.PENDING]
    assert plan.status.steps[1].job == name_of("analyze", 2)


def test_a_phase_written_by_hand_is_corrected() -> None:
    status, _ = follow(seen(job_facts("prepare", 1, running())))
    forged = status.model_copy(update={"phase": Phase.SUCCEEDED, "progress": 7})
    plan = decide(debatejob(forged), seen(job_facts("prepare", 1, running())), NOW, SETTINGS)
    assert plan.status.phase is Phase.RUNNING


def test_an_end_is_never_recomputed() -> None:
    status, _ = follow(seen(ended("prepare", 13)))
    for observed in (seen(), seen(ended("prepare")), seen(ended("prepare", 70, 5))):
        plan = decide(debatejob(status), observed, later(9), SETTINGS)
        assert (plan.status, plan.create, plan.events) == (status, None, ())


def test_what_still_runs_after_the_end_is_removed() -> None:
    status, _ = follow(seen(ended("prepare", 13)))
    left = job_facts("prepare", 2, running())
    assert decide(debatejob(status), seen(left), NOW, SETTINGS).delete == (left,)


def test_a_foreign_job_with_our_name_is_waited_for_and_told() -> None:
    foreign = Observed(foreign=frozenset({name_of("prepare")}))
    plan = decide(debatejob(), foreign, NOW, SETTINGS)
    assert (plan.create, plan.delete) == (None, ())
    assert (plan.status.phase, plan.status.reason) == (Phase.PENDING, Reason.NAME_CONFLICT)
    assert event_reasons(plan) == ["Accepted", "NameConflict"]
    gone = decide(debatejob(plan.status), seen(), later(30), SETTINGS)
    assert created(gone) == name_of("prepare")


def test_a_job_that_a_hand_or_a_queue_suspends_is_queued() -> None:
    status, plan = follow(seen(job_facts(suspended=True, started_at=None)))
    assert status.phase is Phase.QUEUED
    assert plan.requeue_after_s is None  # the pending deadline does not run


def test_a_job_for_a_queue_is_queued_from_the_start() -> None:
    first, plan = follow(queueName="gpus")
    assert (first.phase, plan.create is not None) == (Phase.QUEUED, True)
    second, _ = follow(seen(job_facts(suspended=True, started_at=None)), queueName="gpus")
    assert second == first


def test_what_the_api_server_refuses_is_said_and_not_repeated() -> None:
    plan = decide(debatejob(), Observed(refused="requests must be less than limits"), NOW, SETTINGS)
    assert (plan.status.phase, plan.status.reason, plan.create) == (Phase.FAILED, Reason.INVALID_SPEC, None)
    assert plan.status.message is not None
    assert "requests must be less than limits" in plan.status.message


@pytest.mark.parametrize(
    ("spec", "text"),
    [
        ({"podOverrides": {"serviceAccountName": "admin"}}, "serviceAccountName: admin is not allowed"),
        (
            {"podOverrides": {"annotations": {"iam.amazonaws.com/role": "admin"}}},
            "iam.amazonaws.com/role is not allowed",
        ),
        ({"podOverrides": {"env": [{"name": "DEBATE_STORE", "value": "s3://x"}]}}, "DEBATE_STORE is not allowed"),
        ({"mode": "Half"}, "spec.mode"),
        ({"source": {"file": "a.mp4"}}, "upload it and name it in source.object"),
    ],
)
def test_what_cel_cannot_refuse_is_refused_before_anything_is_asked_for(spec: dict[str, Any], text: str) -> None:
    plan = decide(debatejob(**spec), Observed(), NOW, SETTINGS)
    assert plan.create is None
    assert (plan.status.phase, plan.status.reason) == (Phase.FAILED, Reason.INVALID_SPEC)
    assert condition(plan.status, "Accepted") == "False"
    assert plan.status.message is not None
    assert text in plan.status.message
    again = decide(debatejob(plan.status, **spec), Observed(), later(5), SETTINGS)
    assert (again.status, again.events) == (plan.status, ())


def test_nothing_is_done_for_a_job_that_is_being_deleted() -> None:
    facts = debatejob()
    leaving = DebateJobFacts(
        **{field: getattr(facts, field) for field in facts.__slots__ if field != "deleting"}, deleting=True
    )
    assert decide(leaving, Observed(), NOW, SETTINGS) == Plan(status=facts.status)
