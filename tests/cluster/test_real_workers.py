"""The real workers in the cluster: a pod killed in analyze loses one window at most, and what is wrong is said early.

These debates are private, so that the page shows the sample alone.
"""

from __future__ import annotations

import subprocess
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from debates import Debate, kill
from kube import Cluster, Object, Witness
from real_release import EXAMPLES, start

from debate_core.documents.step_result import StepResult
from debate_core.store import ObjectStore

PRIVATE = {"publish": False}
NOT_KEPT = {"deletionPolicy": "DeleteOutputs"}

pytestmark = pytest.mark.timeout(900, func_only=True)


def windows(store: ObjectStore, job_id: str) -> dict[str, datetime]:
    """The windows that are done, and when they were."""
    return {info.key: info.last_modified for info in store.list(f"work/{job_id}/windows/")}


@pytest.fixture(scope="module")
def minute(store: ObjectStore, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The sample's first minute, in the store: its address."""
    path = tmp_path_factory.mktemp("media") / "minute.mp4"
    command: list[str | Path] = ["ffmpeg", "-nostdin", "-v", "error", "-i", EXAMPLES / "sample-debate.mp4", "-t", "60"]
    command += ["-c", "copy", path]
    subprocess.run(command, check=True, timeout=60)
    store.put_file("samples/minute.mp4", path)
    return "s3://debates/samples/minute.mp4"


def test_a_pod_killed_in_analyze_loses_one_window_at_most(
    done: Object, minute: str, cluster: Cluster, witness: Witness, store: ObjectStore
) -> None:
    short = [{"name": "DEBATE_WINDOW_SECONDS", "value": "10"}, {"name": "DEBATE_OVERLAP_SECONDS", "value": "2"}]
    source, overrides = {"object": minute}, {"env": short}
    it = start(cluster, witness, "sample-killed", source=source, podOverrides=overrides, **PRIVATE, **NOT_KEPT)
    pod = it.running("analyze")
    job_id = it.status["jobId"]
    it.wait(lambda: windows(store, job_id), "no window is done")
    kill(pod)
    it.wait(lambda: len(it.jobs("analyze")) == 2, "no second Job")
    kept = windows(store, job_id)
    status = it.end(timeout_s=600)

    assert status["phase"] == "Succeeded", it.report()
    assert (status["attempts"], status["interruptions"]) == (2, 0)
    assert [len(it.jobs(step)) for step in ("prepare", "analyze", "finish")] == [1, 2, 1]
    after = windows(store, job_id)
    assert 0 < len(kept) < len(after), "it was killed too late to tell"
    assert kept.items() <= after.items(), "a window was done again"
    again = StepResult.from_json(store.get(f"work/{job_id}/results/analyze-0.json")).facts["windows_done_here"]
    assert again == len(after) - len(kept)
    assert it.living_pods == []

    it.delete()  # with its outputs: a Job does that, and stays
    it.wait(lambda: not list(store.list(f"jobs/{job_id}/")), "its outputs are still there")
    assert not store.exists(f"manifest/{job_id}.json")


WRONG: tuple[tuple[str, dict[str, Any], str, str], ...] = (
    ("wrong-model", {"transcription": {"model": "no-such-model"}}, "Misconfigured", "no-such-model"),
    ("wrong-object", {"source": {"object": "s3://debates/samples/none.mp4"}}, "SourceUnavailable", "none.mp4"),
    ("wrong-media", {"source": {"object": "s3://debates/models/index.json"}}, "MediaUndecodable", "cannot be decoded"),
    ("wrong-link", {"source": {"url": "http://169.254.169.254/latest/"}}, "InvalidSpec", "not a public address"),
)


@pytest.fixture(scope="module")
def wrong(done: Object, cluster: Cluster, witness: Witness) -> dict[str, Debate]:
    return {name: start(cluster, witness, name, **PRIVATE, **spec) for name, spec, _, _ in WRONG}


@pytest.mark.parametrize(("name", "spec", "reason", "says"), WRONG, ids=[name for name, *_ in WRONG])
def test_what_is_wrong_is_said_within_seconds_and_before_a_gpu(
    name: str, spec: Object, reason: str, says: str, wrong: dict[str, Debate]
) -> None:
    it = wrong[name]
    status = it.end()

    assert (status["phase"], status["reason"]) == ("Failed", reason), it.report()
    assert says in status["message"]
    assert it.jobs("analyze") == []
    took = datetime.fromisoformat(status["completionTime"]) - datetime.fromisoformat(status["startTime"])
    assert took.total_seconds() < 60
