"""A DebateJob that is lost and made anew from the store: `debate-operator restore | kubectl apply -f -`.

The store keeps what each was: one that was stopped in analyze goes on from its windows, and one that was finished is
finished again, without a GPU and with the same statistics.
"""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest
import yaml
from debates import Debate
from kube import Cluster, Object, Witness
from real_release import EXAMPLES, NAMESPACE, start

from debate_core.documents.step_result import StepResult
from debate_core.store import ObjectStore
from debate_worker.delete import delete_job

NAME = "lost"
SHORT = [{"name": "DEBATE_WINDOW_SECONDS", "value": "10"}, {"name": "DEBATE_OVERLAP_SECONDS", "value": "2"}]

pytestmark = pytest.mark.timeout(900, func_only=True)


def restored(*options: str) -> str:
    """What the command prints."""
    command = [Path(sys.executable).with_name("debate-operator"), "restore", "--store", "s3://debates", *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


Kept = dict[str, tuple[str, datetime]]


def kept(store: ObjectStore, *prefixes: str) -> Kept:
    """The objects, with what tells that one was written again."""
    return {info.key: (info.etag, info.last_modified) for prefix in prefixes for info in store.list(prefix)}


def lose(it: Debate) -> None:
    """Its outputs stay; nothing of it is left in the cluster."""
    it.delete()
    it.gone()


def latest(it: Debate) -> Debate:
    """The DebateJob that has its name now."""
    uid = it.cluster.get_json("debatejob", NAME, "-n", NAMESPACE)["metadata"]["uid"]
    return Debate(it.cluster, it.witness, NAMESPACE, NAME, it.operator_log, uid)


def make_anew(it: Debate) -> Debate:
    """From the store."""
    it.cluster.kubectl("apply", "-f", "-", text=restored("--job-id", it.status["jobId"]))
    made = latest(it)
    assert made.uid != it.uid
    return made


@pytest.fixture(scope="module")
def source(store: ObjectStore, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The sample's first minute, in the store: its address."""
    path = tmp_path_factory.mktemp("media") / "lost.mp4"
    command: list[str | Path] = ["ffmpeg", "-nostdin", "-v", "error", "-i", EXAMPLES / "sample-debate.mp4", "-t", "60"]
    subprocess.run([*command, "-c", "copy", path], check=True, timeout=60)
    store.put_file("samples/lost.mp4", path)
    return "s3://debates/samples/lost.mp4"


@pytest.fixture(scope="module")
def stopped(done: Object, source: str, cluster: Cluster, witness: Witness, store: ObjectStore) -> Debate:
    """A debate that was lost in analyze, with a window done. done: images, chart and models work."""
    it = start(cluster, witness, NAME, source={"object": source}, podOverrides={"env": SHORT}, publish=True)
    it.running("analyze")
    it.wait(lambda: kept(store, f"work/{it.status['jobId']}/windows/"), "no window is done")
    lose(it)
    return it


@pytest.fixture(scope="module")
def before(stopped: Debate, store: ObjectStore) -> Kept:
    """What was done when it was lost."""
    return kept(store, f"work/{stopped.status['jobId']}/windows/")


@pytest.fixture(scope="module")
def continued(stopped: Debate, before: Kept) -> Debate:
    """The same, made anew and finished."""
    it = make_anew(stopped)
    assert it.end(timeout_s=600)["phase"] == "Succeeded", it.report()
    return it


def test_what_was_lost_is_listed_by_what_is_left_to_do(stopped: Debate, before: Kept) -> None:
    names = [one["metadata"]["name"] for one in yaml.safe_load_all(restored("--unfinished"))]
    assert NAME in names
    assert "sample" not in names, "it is finished"
    assert {NAME, "sample"} <= {one["metadata"]["name"] for one in yaml.safe_load_all(restored())}


def test_an_unfinished_one_goes_on_from_its_windows(continued: Debate, before: Kept, store: ObjectStore) -> None:
    job_id = continued.status["jobId"]
    after = kept(store, f"work/{job_id}/windows/")
    assert 0 < len(before) < len(after)
    assert before.items() <= after.items(), "a window was done again"
    assert [len(continued.jobs(step)) for step in ("prepare", "analyze", "finish")] == [1, 1, 1]
    analyzed = StepResult.from_json(store.get(f"work/{job_id}/results/analyze-0.json"))
    assert analyzed.facts["windows_done_here"] == len(after) - len(before)


@pytest.mark.parametrize("expired", [False, True], ids=["", "its work has expired"])
def test_a_finished_one_is_finished_again_without_a_gpu(continued: Debate, store: ObjectStore, expired: bool) -> None:
    status = continued.status
    job_id = status["jobId"]
    continued.wait(lambda: continued.told("Published"), "its statistics are not there")
    outputs = kept(store, f"jobs/{job_id}/transcripts/", f"statistics/files/{job_id}/")
    entry = store.stat(f"manifest/{job_id}.json")
    figures = store.stat(f"statistics/by-job/{job_id}.json")
    assert figures is not None
    if continued.cluster.kubectl("get", "debatejob", NAME, "-n", NAMESPACE, "--ignore-not-found"):
        lose(latest(continued))
    if expired:
        store.delete_prefix(f"work/{job_id}/")

    it = make_anew(continued)
    again = it.end()

    assert again["phase"] == "Succeeded", it.report()
    assert (again["outputs"], again["result"]) == (status["outputs"], status["result"])
    assert [len(it.jobs(step)) for step in ("prepare", "analyze", "finish")] == [1, 0, 0]
    assert it.pods("analyze") == []
    it.wait(lambda: len(it.told("AlreadyDone")) == 2, "nobody says why")
    it.wait(lambda: it.status.get("publication") == {"publish": True, "current": True}, "it is not published")
    assert kept(store, f"jobs/{job_id}/transcripts/", f"statistics/files/{job_id}/") == outputs
    assert (store.stat(f"manifest/{job_id}.json"), store.stat(f"statistics/by-job/{job_id}.json")) == (entry, figures)


def test_its_deletion_leaves_nothing(continued: Debate, store: ObjectStore) -> None:
    """For the tests that come after."""
    lose(latest(continued))
    assert delete_job(store, continued.status["jobId"])
