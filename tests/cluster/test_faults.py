"""What goes wrong in a cluster: pods killed, nodes drained, the operator killed, Jobs and statuses changed by hand.

After each: no debate lost, no step done twice, nothing stuck, no pod left. All debates run at the same time; the tests
that disturb the operator or a node come last.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from debates import Debate, act, finish_work, kill, manifest
from kube import Object, label, owners
from release import DEPLOYMENT, DOOMED, FAULTS, HOME, Release

Ask = Callable[[str], Debate]

FOREVER = act(seconds=3600)
ALL = {"prepare": 1, "analyze": 1, "finish": 1}

AT_WORK = (
    "pod-killed",
    "pod-deleted",
    "pod-evicted",
    "job-deleted",
    "suspended-by-hand",
    "labels-removed",
    "phase-by-hand",
    "status-wiped",
    "applied-twice",
    "deleted-while-running",
    "drained",
    "operator-restarted",
)
"""Their analyze works until a test ends it; further Jobs of it are done at once."""

DEBATES: dict[str, tuple[dict[str, list[dict[str, Any]]], dict[str, Any]]] = {
    **{name: ({"analyze": [FOREVER]}, {}) for name in AT_WORK},
    "end-wiped": ({}, {}),
    "name-taken": ({}, {"suspend": True}),
}
BURST = tuple(f"burst-{number}" for number in range(8))


@pytest.fixture(scope="module")
def debate(operator: Release) -> Ask:
    operator.cluster.apply(*(manifest(FAULTS, name, acts, **spec) for name, (acts, spec) in DEBATES.items()))
    return lambda name: operator.debate(FAULTS, name)


def jobs_by_step(it: Debate) -> dict[str, int]:
    """How many Jobs each step had: how often it was begun."""
    return {step: len(it.jobs(step)) for step in ALL if it.jobs(step)}


def succeeded(it: Debate, analyze: int = 1) -> Object:
    """It ends well, with so many Jobs of analyze, one of each other step, one pod a Job, and none left."""
    status = it.end()
    assert status["phase"] == "Succeeded", it.report()
    assert jobs_by_step(it) == ALL | {"analyze": analyze}, it.report()
    assert len(it.pods()) == 2 + analyze, it.report()
    assert it.living_pods == []
    return status


# --- pods and Jobs ---


def delete_pod(it: Debate, pod: Object) -> None:
    it.cluster.kubectl("delete", "pod", pod["metadata"]["name"], "-n", FAULTS, "--wait=false")


def evict(it: Debate, pod: Object) -> None:
    name = pod["metadata"]["name"]
    eviction = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": name, "namespace": FAULTS}}
    address = f"/api/v1/namespaces/{FAULTS}/pods/{name}/eviction"
    it.cluster.kubectl("create", "--raw", address, "-f", "-", text=json.dumps(eviction))


def delete_job(it: Debate, pod: Object) -> None:
    name = label(pod, "batch.kubernetes.io/job-name")
    it.cluster.kubectl("delete", "job", name, "-n", FAULTS, "--wait=false")


@dataclass(frozen=True)
class Loss:
    """A pod of analyze that is lost, and which budget pays for it."""

    name: str
    lose: Callable[[Debate, Object], None]
    attempts: int
    interruptions: int


LOSSES = (
    Loss("pod-killed", lambda _, pod: kill(pod), attempts=2, interruptions=0),
    Loss("pod-deleted", delete_pod, attempts=1, interruptions=1),
    Loss("pod-evicted", evict, attempts=1, interruptions=1),
    Loss("job-deleted", delete_job, attempts=1, interruptions=1),
)


@pytest.fixture(scope="module")
def lost(debate: Ask) -> None:
    """All of them have happened."""
    for loss in LOSSES:
        it = debate(loss.name)
        loss.lose(it, it.running("analyze"))


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: loss.name)
@pytest.mark.usefixtures("lost")
def test_a_lost_pod_costs_one_try_of_its_step_alone(loss: Loss, debate: Ask) -> None:
    status = succeeded(debate(loss.name), analyze=2)

    assert (status["attempts"], status["interruptions"]) == (loss.attempts, loss.interruptions)


def test_a_job_that_somebody_suspends_is_queued_and_goes_on_when_released(debate: Ask, operator: Release) -> None:
    it = debate("suspended-by-hand")
    it.running("analyze")
    job = it.jobs("analyze")[0]["metadata"]["name"]

    def set_suspend(value: str) -> None:
        patch = f'{{"spec":{{"suspend":{value}}}}}'
        operator.cluster.kubectl("patch", "job", job, "-n", FAULTS, "--type=merge", "-p", patch)

    set_suspend("true")
    it.phase("Queued")
    it.wait(lambda: not it.living_pods, "its pod still runs")
    set_suspend("false")
    finish_work(it.running("analyze"))

    status = it.end()
    assert (status["phase"], jobs_by_step(it), len(it.pods("analyze"))) == ("Succeeded", ALL, 2)


def test_a_job_without_its_labels_is_still_ours(debate: Ask, operator: Release) -> None:
    it = debate("labels-removed")
    it.running("analyze")
    job = it.jobs("analyze")[0]
    removed = [f"{name}-" for name in job["metadata"]["labels"] if name.startswith(("debate-", "app."))]
    operator.cluster.kubectl("label", "job", job["metadata"]["name"], "-n", FAULTS, *removed)
    operator.resynced(2)
    finish_work(it.running("analyze"))

    succeeded(it)


# --- the status ---


def set_status(it: Debate, status: Object) -> None:
    words = ("patch", "debatejob", it.name, "-n", it.namespace, "--subresource=status", "--type=json")
    it.cluster.kubectl(*words, "-p", json.dumps([{"op": "replace", "path": "/status", "value": status}]))


def test_a_phase_set_by_hand_is_put_right(debate: Ask) -> None:
    it = debate("phase-by-hand")
    it.running("analyze")
    set_status(it, it.status | {"phase": "Succeeded"})
    finish_work(it.running("analyze"))

    succeeded(it)


def test_a_wiped_status_is_rebuilt_and_no_step_done_again(debate: Ask) -> None:
    it = debate("status-wiped")
    it.running("analyze")
    set_status(it, {})
    it.wait(lambda: it.step("analyze").get("state") == "Running", "it was not rebuilt")
    finish_work(it.running("analyze"))

    succeeded(it)


def test_a_wiped_status_of_a_finished_debate_is_rebuilt(debate: Ask) -> None:
    it = debate("end-wiped")
    before = succeeded(it)
    set_status(it, {})
    it.wait(lambda: it.history[-1].get("phase") == "Succeeded" and {} in it.history, "it was not rebuilt")

    after = succeeded(it)

    assert (after["result"], after["outputs"]) == (before["result"], before["outputs"])


# --- what people do ---


def test_the_same_manifest_twice_changes_nothing(debate: Ask, operator: Release) -> None:
    it = debate("applied-twice")
    it.running("analyze")
    acts, spec = DEBATES[it.name]
    said = operator.cluster.apply(manifest(FAULTS, it.name, acts, **spec))

    assert "unchanged" in said
    finish_work(it.running("analyze"))
    succeeded(it)
    assert it.resource["metadata"]["generation"] == 1


def test_deleted_while_it_runs_it_leaves_nothing(debate: Ask) -> None:
    it = debate("deleted-while-running")
    it.running("analyze")
    it.delete("--wait=false")

    it.gone()
    assert all(pod.get("gone") for pod in it.pods())


def test_a_debate_of_the_same_name_begins_anew(debate: Ask, operator: Release) -> None:
    before = operator.debate(FAULTS, "made-again")
    operator.cluster.apply(manifest(FAULTS, before.name, {"prepare": [FOREVER]}, mode="DownloadOnly"))
    before.running("prepare")
    before.delete()
    operator.cluster.apply(manifest(FAULTS, before.name, {"prepare": [act()]}, mode="DownloadOnly"))
    again = operator.debate(FAULTS, before.name)
    again.known_uid = operator.cluster.get_json("debatejob", before.name, "-n", FAULTS)["metadata"]["uid"]

    assert again.end()["phase"] == "Succeeded"
    assert jobs_by_step(again) == {"prepare": 1}
    before.gone()


def test_a_foreign_job_with_our_name_is_left_alone_and_said(debate: Ask, operator: Release) -> None:
    it = debate("name-taken")
    it.phase("Suspended")
    name = f"{it.name}-prepare-{it.uid[:5]}-1"
    foreign = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": name, "namespace": FAULTS},
        "spec": {
            "suspend": True,
            "template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "a", "image": "a"}]}},
        },
    }
    operator.cluster.apply(foreign)
    before = operator.cluster.get_json("job", name, "-n", FAULTS)["metadata"]["resourceVersion"]
    it.patch({"suspend": False})
    it.wait(lambda: it.status.get("reason") == "NameConflict", "the conflict is not told")
    assert name in it.status["message"]
    assert operator.cluster.get_json("job", name, "-n", FAULTS)["metadata"]["resourceVersion"] == before

    operator.cluster.kubectl("delete", "job", name, "-n", FAULTS)

    succeeded(it)


def test_a_namespace_that_is_deleted_takes_everything_along(operator: Release) -> None:
    names = ("doomed-1", "doomed-2")
    operator.cluster.apply(*(manifest(DOOMED, name, {"analyze": [FOREVER]}) for name in names))
    doomed = [operator.debate(DOOMED, name) for name in names]
    for it in doomed:
        it.running("analyze")
    operator.cluster.kubectl("delete", "namespace", DOOMED, timeout_s=180)
    for it in doomed:
        it.gone()

    # The operator goes on with the other namespaces.
    operator.cluster.apply(manifest(FAULTS, "after-the-doom", mode="DownloadOnly"))
    assert operator.debate(FAULTS, "after-the-doom").end()["phase"] == "Succeeded"


# --- the node ---


def test_a_drained_node_interrupts_and_the_debate_goes_on_when_it_is_back(debate: Ask, operator: Release) -> None:
    it = debate("drained")
    pod = it.running("analyze")
    node = pod["spec"]["nodeName"]
    assert node == operator.node
    try:
        drain = ("drain", node, "--ignore-daemonsets", "--delete-emptydir-data", "--force", "--timeout=120s")
        operator.cluster.kubectl(*drain, "--pod-selector=debate-analyzer.io/debatejob=drained", timeout_s=150)
        it.wait(lambda: len(it.jobs("analyze")) == 2, "no second Job")
        it.wait(lambda: "unschedulable" in it.status.get("message", ""), "the scheduler's words are not told")
        assert it.phase("Provisioning")["interruptions"] == 1
    finally:
        operator.cluster.kubectl("uncordon", node)

    status = succeeded(it, analyze=2)

    assert (status["attempts"], status["interruptions"]) == (1, 1)


# --- the operator ---


def test_an_operator_that_is_restarted_goes_on(debate: Ask, operator: Release) -> None:
    it = debate("operator-restarted")
    it.running("analyze")
    operator.cluster.kubectl("rollout", "restart", f"deploy/{DEPLOYMENT}", "-n", HOME)
    operator.ready()
    finish_work(it.running("analyze"))

    succeeded(it)


def test_an_operator_killed_between_creating_and_writing_creates_nothing_twice(operator: Release) -> None:
    with operator.without_status_rights(FAULTS):
        operator.cluster.apply(manifest(FAULTS, "killed-between"))
        it = operator.debate(FAULTS, "killed-between")
        it.wait(lambda: it.jobs("prepare"), "no Job was created")
        operator.kill()
        assert it.history[-1].get("steps") is None
    operator.ready()

    succeeded(it)


def test_two_operators_at_once_do_nothing_twice(operator: Release) -> None:
    operator.scale(2)
    operator.ready()
    operator.cluster.apply(*(manifest(FAULTS, name, mode="DownloadOnly") for name in BURST))
    for name in BURST[:4]:
        operator.debate(FAULTS, name).end()
    operator.scale(1)

    for name in BURST:
        it = operator.debate(FAULTS, name)
        assert it.end()["phase"] == "Succeeded"
        assert (jobs_by_step(it), len(it.pods())) == ({"prepare": 1}, 1)


# --- at the end ---


def test_never_did_two_pods_do_the_same(operator: Release) -> None:
    """Over all debates of this run: the pods of one step and shard never lived at the same time."""
    assert operator.witness.overlaps() == []


def test_nothing_is_left(debate: Ask, operator: Release) -> None:
    for name in (*DEBATES, *BURST):
        if operator.witness.get("debatejobs", FAULTS, name) is not None:
            assert operator.debate(FAULTS, name).end()
    living = [
        pod["metadata"]["name"]
        for pod in operator.witness.all("pods", FAULTS)
        if pod["status"].get("phase") in {"Pending", "Running"}
    ]
    assert living == []
    debates = {it["metadata"]["uid"] for it in operator.witness.all("debatejobs", FAULTS)}
    jobs = [job["metadata"]["name"] for job in operator.witness.all("jobs", FAULTS) if not owners(job) <= debates]
    assert jobs == []
