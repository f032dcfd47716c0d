"""Each policy on real Jobs: retries, waits, deadlines, suspend, queues, re-runs, ttl. All debates run side by side."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from debates import Debate, manifest
from kube import LABEL_INDEX, LABEL_STEP, CommandFailed, Object, label
from policy_cases import CASES, OTHERS, Case
from release import LARGE, POLICIES, Release

Ask = Callable[[str], Debate]


@pytest.fixture(scope="module")
def debate(operator: Release) -> Ask:
    """A debate by its name; all of them are applied at once, so that they run side by side."""
    cases = [manifest(case.namespace, case.name, case.acts, **case.spec) for case in CASES]
    others = [manifest(POLICIES, name, acts, **spec) for name, (acts, spec) in OTHERS.items()]
    operator.cluster.apply(*cases, *others)
    namespaces = {case.name: case.namespace for case in CASES}
    return lambda name: operator.debate(namespaces.get(name, POLICIES), name)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_how_it_ends(case: Case, debate: Ask) -> None:
    it = debate(case.name)
    status = it.end()

    told = (status["phase"], status.get("reason", ""), status["attempts"], status["interruptions"])
    assert told == (case.phase, case.reason, case.attempts, case.interruptions), it.report()
    assert case.says in status.get("message", "")
    assert {step: len(it.jobs(step)) for step in ("prepare", "analyze", "finish") if it.jobs(step)} == case.jobs
    assert it.condition("Finished")["status"] == "True"
    assert it.condition(case.phase)["status"] == "True"
    assert it.condition("Accepted")["status"] == ("False" if case.reason == "InvalidSpec" and not case.jobs else "True")
    assert it.living_pods == []


def test_a_debate_that_is_done_says_what_it_is(debate: Ask, operator: Release) -> None:
    it = debate("all-steps")
    status = it.end()

    assert status["result"] == {"durationSeconds": 60.0, "speakers": 2, "words": 100, "language": "en"}
    assert status["outputs"]["transcript"] == "jobs/noop/transcripts/noop.transcript"
    assert (status["progress"], status["display"]["progress"]) == (100, "100%")
    assert [step["state"] for step in status["steps"]] == ["Succeeded"] * 3
    assert it.phases[-1] == "Succeeded"
    columns = operator.cluster.kubectl("get", "debatejob", it.name, "-n", it.namespace).splitlines()
    assert columns[0].split() == ["NAME", "PHASE", "STEP", "PROGRESS", "ETA", "SPEAKERS", "DURATION", "AGE"]
    assert columns[1].split()[:-1] == ["all-steps", "Succeeded", "finish", "100%", "2", "1m00s"]


def test_kubectl_wait_sees_either_end(debate: Ask, operator: Release) -> None:
    for name in ("all-steps", "exit-11"):
        debate(name).end()
        operator.cluster.kubectl(
            "wait", "--for=condition=Finished", f"debatejob/{name}", "-n", POLICIES, "--timeout=5s"
        )


def test_events_tell_what_happened(debate: Ask) -> None:
    done, crashed, lost, late = (debate(name) for name in ("all-steps", "crashed-once", "interrupted", "source-busy"))
    for it in (done, crashed, lost, late):
        it.end()
        it.wait(lambda it=it: it.told("Succeeded"), "no event says that it is done")

    assert [len(done.told(reason)) for reason in ("Accepted", "JobCreated", "Succeeded")] == [1, 3, 1]
    assert all(kind == "Normal" for kind, _, _ in done.events)
    assert any("a bug" in message and "again in" in message for message in crashed.told("InternalError"))
    assert len(lost.told("Interrupted")) == 3
    assert len(late.told("SourceBusy")) == 2


def test_a_gpu_is_asked_for_by_analyze_alone(debate: Ask) -> None:
    it = debate("all-steps")
    it.end()

    def gpus(pod: Object) -> str:
        return str(pod["spec"]["containers"][0]["resources"]["limits"].get("nvidia.com/gpu", "0"))

    assert {label(pod, LABEL_STEP): gpus(pod) for pod in it.pods()} == {
        "prepare": "0",
        "analyze": "1",
        "finish": "0",
    }


def test_analyze_is_shared_by_no_more_pods_than_there_are_windows(debate: Ask) -> None:
    it = debate("shared")
    it.end()
    (job,) = it.jobs("analyze")

    assert (job["spec"]["completionMode"], job["spec"]["completions"], job["spec"]["parallelism"]) == ("Indexed", 3, 3)
    assert sorted(label(pod, LABEL_INDEX) for pod in it.pods("analyze")) == ["0", "1", "2"]


def test_the_next_try_is_on_a_larger_gpu(debate: Ask) -> None:
    it = debate("gpu-too-small")
    it.end()
    first, second = (job["spec"]["template"]["spec"].get("nodeSelector") or {} for job in it.jobs("analyze"))

    assert LARGE.items() <= second.items()
    assert not LARGE.items() <= first.items()


def test_out_of_memory_is_told_as_such(debate: Ask) -> None:
    it = debate("out-of-memory")
    it.end()

    assert any("spec.podOverrides.resources.limits.memory" in message for message in it.told("OutOfMemory")), (
        it.report()
    )
    assert "OutOfMemory" in {status.get("reason") for status in it.history}


def test_a_busy_source_is_asked_again_when_it_says(debate: Ask) -> None:
    it = debate("source-busy")
    it.end()

    assert any("again in 1 s" in message for message in it.told("SourceBusy"))
    assert "SourceBusy" in {status.get("reason") for status in it.history}


def test_nothing_is_left_of_a_job_that_was_stopped(debate: Ask) -> None:
    for name in ("no-such-gpu", "runs-too-long", "no-such-secret"):
        it = debate(name)
        it.end()
        it.wait(lambda it=it: all(job.get("gone") for job in it.jobs()), "its Job is still there")
        assert all(pod.get("gone") for pod in it.pods())


def test_bad_input_fails_within_seconds_and_before_a_gpu(debate: Ask) -> None:
    for name in ("account-not-allowed", "variable-not-allowed", "no-such-priority", "no-such-secret"):
        it = debate(name)
        it.end()
        assert it.jobs("analyze") == []


def test_suspend_stops_the_pod_and_resume_goes_on(debate: Ask) -> None:
    it = debate("suspended")
    pod = it.running("analyze")
    it.patch({"suspend": True})
    it.phase("Suspended")
    it.wait(lambda: it.witness.states("pods", pod["metadata"]["uid"])[-1].get("gone"), "its pod is still there")

    it.patch({"suspend": False})
    status = it.end()

    assert (status["phase"], status["attempts"], status["interruptions"]) == ("Succeeded", 1, 0)
    assert [len(it.jobs(step)) for step in ("prepare", "analyze", "finish")] == [1, 2, 1]
    assert (it.told("Suspended"), it.told("Resumed")) != ([], [])


def test_a_debate_may_begin_suspended(debate: Ask) -> None:
    it = debate("suspended-from-the-start")
    it.phase("Suspended")
    assert it.jobs() == []

    it.patch({"suspend": False})

    assert it.end()["phase"] == "Succeeded"


def test_after_interruptions_it_asks_for_on_demand(debate: Ask, operator: Release) -> None:
    it = debate("wants-on-demand")
    it.wait(lambda: len(it.jobs("analyze")) == 3, "no third Job of analyze")
    it.phase("Provisioning")
    selectors = [job["spec"]["template"]["spec"].get("nodeSelector") or {} for job in it.jobs("analyze")]
    on_demand = {"karpenter.sh/capacity-type": "on-demand"}
    assert [on_demand.items() <= selector.items() for selector in selectors] == [False, False, True]

    with operator.labelled_node(on_demand):
        status = it.end()

    assert (status["phase"], status["attempts"], status["interruptions"]) == ("Succeeded", 1, 2)


def test_a_larger_run_starts_again_with_fresh_budgets(debate: Ask) -> None:
    it = debate("run-again")
    assert it.end()["reason"] == "SourceUnavailable"

    it.patch({"run": 2})
    it.wait(lambda: it.status.get("observedRun") == 2 and it.status["phase"] == "Succeeded", "run 2 did not succeed")

    assert (it.status["attempts"], it.status.get("reason"), len(it.jobs("prepare"))) == (1, None, 2)
    assert it.condition("Failed")["status"] == "False"


def test_a_larger_run_starts_a_finished_debate_again(debate: Ask) -> None:
    it = debate("run-again-after-success")
    assert it.end()["phase"] == "Succeeded"

    it.patch({"run": 2})
    it.wait(lambda: it.status.get("observedRun") == 2 and it.status["phase"] == "Succeeded", "run 2 did not succeed")

    assert len(it.jobs("prepare")) == 2


@pytest.mark.parametrize("name", ["goes-after-success", "goes-after-failure"])
def test_after_its_time_the_debate_and_its_jobs_are_deleted(name: str, debate: Ask) -> None:
    it = debate(name)
    it.gone()

    assert it.phases[-1] == ("Succeeded" if name.endswith("success") else "Failed")


def test_a_queue_holds_the_job_back_until_it_releases_it(debate: Ask, operator: Release) -> None:
    it = debate("queued")
    it.phase("Queued")
    (job,) = it.jobs()
    assert label(job, "kueue.x-k8s.io/queue-name") == "evening"
    assert it.pods() == []

    operator.cluster.kubectl(
        "patch", "job", job["metadata"]["name"], "-n", POLICIES, "--type=merge", "-p", '{"spec":{"suspend":false}}'
    )

    assert it.end()["phase"] == "Succeeded"
    assert it.phases[0] in {"Pending", "Queued", "Provisioning"}


def test_progress_comes_from_the_pods(debate: Ask) -> None:
    it = debate("tells-progress")
    it.end()
    seen = [status for status in it.history if status.get("phase") == "Running" and status.get("step") == "analyze"]
    told = [status["progress"] for status in it.history if "progress" in status]

    assert any(status.get("etaSeconds") and status["display"]["eta"].endswith("s") for status in seen)
    assert len({status["progress"] for status in seen}) >= 3
    assert told == sorted(told)
    assert all(status["display"]["progress"] == f"{status['progress']}%" for status in seen)


EDITS: tuple[tuple[dict[str, Any], str], ...] = (
    ({"source": {"url": "https://example.org/other.mp4"}}, "source"),
    ({"language": "de"}, "language"),
    ({"mode": "Full"}, "mode"),
    ({"parallelism": 2}, "parallelism"),
    ({"run": 0}, "run"),
)


@pytest.mark.parametrize(("edit", "field"), EDITS, ids=[field for _, field in EDITS])
def test_what_may_not_be_edited_is_refused_in_a_sentence(edit: Object, field: str, debate: Ask) -> None:
    it = debate("edited")
    it.running("prepare")
    with pytest.raises(CommandFailed, match=field) as refused:
        it.patch(edit)
    print(refused.value)


def test_what_may_be_edited_is_taken_without_a_restart(debate: Ask) -> None:
    it = debate("edited")
    it.running("prepare")

    it.patch({"publish": False, "speakers": ["Ann"], "ttl": {"failedSeconds": 3600}, "priorityClassName": "later"})
    it.wait(lambda: it.status["observedGeneration"] == it.resource["metadata"]["generation"], "the edit was not seen")
    assert len(it.jobs()) == 1

    it.patch({"deadlines": {"activeSeconds": 1}})
    assert it.end()["reason"] == "DeadlineExceeded"
