"""The sample debate from `kubectl apply` to the page: the real images, a real S3 server, a real browser.

And with the same images: a pod killed in analyze loses one window at most, and what is wrong is said before a GPU is
asked for.
"""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from debates import Debate, kill
from kube import LABEL_STEP, Cluster, Object, Witness, label
from playwright.sync_api import expect, sync_playwright
from tenacity import Retrying, stop_after_delay, wait_fixed

from debate_core.documents.manifest import ManifestEntry
from debate_core.documents.statistics import DebateStatistics
from debate_core.documents.step_result import StepResult
from debate_core.documents.transcript import Transcript, Words
from debate_core.store import ObjectStore, S3Settings, open_store

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
NAMESPACE = "debates"
RELEASE = "debate"
CHROMIUM = Path(os.environ.get("DEBATE_CHROMIUM", "/usr/bin/chromium"))
SCREENSHOT = ROOT / "test-results" / "page-of-the-cluster.png"

pytestmark = pytest.mark.timeout(900, func_only=True)


@pytest.fixture(scope="module")
def store(cluster: Cluster) -> Iterator[ObjectStore]:
    """The cluster's store, read from this machine."""
    keys = cluster.get_json("secret", "s3-credentials", "-n", NAMESPACE)["data"]
    process = subprocess.Popen(
        ["kubectl", "-n", NAMESPACE, "port-forward", "service/s3", ":7070"],
        env=cluster.environment(),
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        address = process.stdout.readline().split()[2]  # Forwarding from 127.0.0.1:41234 -> 7070
        with pytest.MonkeyPatch.context() as environ:
            for name, value in keys.items():
                environ.setenv(name, base64.b64decode(value).decode())
            yield open_store("s3://debates", settings=S3Settings(endpoint_url=f"http://{address}", region="us-east-1"))
    finally:
        process.terminate()
        process.communicate()


def example(**spec: Any) -> Object:
    """examples/debatejob.yaml, with changes."""
    found: Object = yaml.safe_load((EXAMPLES / "debatejob.yaml").read_text(encoding="utf-8"))
    found["spec"] |= spec
    return found


def log_of(cluster: Cluster) -> str:
    return cluster.kubectl("logs", f"deploy/{RELEASE}-operator", "-n", NAMESPACE, "--tail=2000")


@pytest.fixture(scope="module")
def sample(cluster: Cluster, witness: Witness) -> Debate:
    """The sample as a newcomer makes it. One of an earlier run goes first: this one is to begin anew."""
    witness.watch(NAMESPACE)
    path = str(EXAMPLES / "debatejob.yaml")
    cluster.kubectl("delete", "-f", path, "-n", NAMESPACE, "--ignore-not-found")
    cluster.kubectl("apply", "-f", path, "-n", NAMESPACE)
    name = example()["metadata"]["name"]
    it = Debate(cluster, witness, NAMESPACE, name, operator_log=lambda: log_of(cluster))
    it.known_uid = cluster.get_json("debatejob", name, "-n", NAMESPACE)["metadata"]["uid"]
    return it


@pytest.fixture(scope="module")
def local_run(tmp_path_factory: pytest.TempPathFactory) -> ObjectStore:
    """The store of the same debate, run on this machine without a cluster."""
    folder = tmp_path_factory.mktemp("local")
    command: list[str | Path] = [Path(sys.executable).with_name("debate-worker"), "run"]
    command += ["--job", EXAMPLES / "sample-debate.yaml", "--models", EXAMPLES / "models"]
    command += ["--store", folder / "store", "--cache", folder / "cache"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=500, check=False)
    assert done.returncode == 0, done.stderr
    return open_store(str(folder / "store"))


@pytest.fixture(scope="module")
def done(sample: Debate) -> Object:
    """The status of the sample at its end."""
    status = sample.end(timeout_s=600)
    assert status["phase"] == "Succeeded", sample.report()
    return status


def entry_of(store: ObjectStore, job_id: str) -> ManifestEntry:
    return ManifestEntry.from_json(store.get(f"manifest/{job_id}.json"))


def test_kubectl_shows_where_it_stands(sample: Debate, done: Object, cluster: Cluster) -> None:
    header, row = cluster.kubectl("get", "debatejob", sample.name, "-n", NAMESPACE).splitlines()
    columns = header.split()
    assert columns == ["NAME", "PHASE", "STEP", "PROGRESS", "ETA", "SPEAKERS", "DURATION", "AGE"]
    name, phase, step, progress, speakers, duration, _ = row.split()
    assert (name, phase, step, progress, speakers, duration) == ("sample", "Succeeded", "finish", "100%", "3", "3m49s")
    wide = cluster.kubectl("get", "debatejob", sample.name, "-n", NAMESPACE, "-o", "wide").splitlines()[0].split()
    assert set(wide) - set(columns) == {"ATTEMPTS", "INTERRUPTIONS", "SOURCE", "REASON"}
    assert (done["attempts"], done["interruptions"]) == (1, 0)


def test_it_passed_through_every_phase_and_told_its_progress(sample: Debate, done: Object) -> None:
    assert {"Provisioning", "Running", "Succeeded"} <= set(sample.phases), sample.phases
    analyzing = [
        status for status in sample.history if (status.get("phase"), status.get("step")) == ("Running", "analyze")
    ]
    assert len({status["progress"] for status in analyzing}) >= 2, "no progress came from the worker"
    assert any(status.get("etaSeconds") is not None for status in analyzing)
    told = [status["progress"] for status in sample.history if "progress" in status]
    assert told == sorted(told)


def test_describe_tells_what_happened(sample: Debate, done: Object, cluster: Cluster) -> None:
    sample.wait(lambda: sample.told("Succeeded"), "no event says that it is done")
    said = cluster.kubectl("describe", "debatejob", sample.name, "-n", NAMESPACE)
    for step in ("prepare", "analyze", "finish"):
        assert f"{step} is done" in said
    assert all(kind == "Normal" for kind, _, _ in sample.events), sample.events
    conditions = {condition["type"]: condition["status"] for condition in done["conditions"]}
    assert conditions == {
        "Accepted": "True",
        "Running": "False",
        "Succeeded": "True",
        "Failed": "False",
        "Finished": "True",
    }


def said(transcript: Transcript) -> list[tuple[float, float, str, str]]:
    return [(said.start, said.end, said.text, said.speaker) for said in transcript.transcription]


def test_its_words_are_those_of_a_run_without_a_cluster(
    sample: Debate, done: Object, store: ObjectStore, local_run: ObjectStore
) -> None:
    here, there = entry_of(local_run, "sample-debate").documents, entry_of(store, done["jobId"]).documents
    words, expected = Words.from_json(store.get(str(there.words))), Words.from_json(local_run.get(str(here.words)))
    # Not the bytes: the image has another FFmpeg and another Python than this machine, whose last digits may differ.
    assert (words.language, words.words) == (expected.language, expected.words)
    assert words.duration == pytest.approx(expected.duration, abs=0.05)
    transcript = Transcript.from_json(store.get(str(there.transcript)))
    assert said(transcript) == said(Transcript.from_json(local_run.get(str(here.transcript))))
    assert transcript.speakers_count == done["result"]["speakers"] == 3
    assert done["result"]["words"] == len(words.words)
    assert done["outputs"]["words"] == there.words
    assert all(store.stat(key) for key in done["outputs"].values())


def test_each_step_was_one_pod_and_analyze_alone_had_the_gpu(sample: Debate, done: Object, cluster: Cluster) -> None:
    def gpus(pod: Object) -> str:
        return str(pod["spec"]["containers"][0]["resources"]["limits"].get("nvidia.com/gpu", "0"))

    assert {label(pod, LABEL_STEP): gpus(pod) for pod in sample.pods()} == {
        "prepare": "0",
        "analyze": "1",
        "finish": "0",
    }
    assert len(sample.pods()) == 3
    enforced = cluster.get_json("namespace", NAMESPACE)["metadata"]["labels"]["pod-security.kubernetes.io/enforce"]
    assert enforced == "restricted"


def test_the_statistics_are_made_by_the_cron_job(
    sample: Debate, done: Object, store: ObjectStore, witness: Witness
) -> None:
    key = f"statistics/by-job/{done['jobId']}.json"

    def made() -> bool:
        return any(
            job["status"].get("succeeded") and job["metadata"]["creationTimestamp"] > done["completionTime"]
            for job in witness.all("jobs", NAMESPACE)
            if label(job, "app.kubernetes.io/component") == "stats"
        )

    witness.wait(made, 180, "the CronJob of the statistics did not run")
    found = DebateStatistics.from_json(store.get(key))
    assert (found.totals.speakers, found.totals.words) == (3, done["result"]["words"])


def test_the_page_lists_it(sample: Debate, done: Object, store: ObjectStore, cluster: Cluster) -> None:
    port = os.environ.get("KIND_PORT", "8080")
    SCREENSHOT.parent.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-sync"])
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        complaints: list[str] = []
        page.on("console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))

        link = page.locator(f'a[href*="{done["jobId"]}"]')
        for attempt in Retrying(stop=stop_after_delay(90), wait=wait_fixed(1), reraise=True):
            with attempt:  # until the page's mirror has seen the new statistics
                page.goto(f"http://localhost:{port}/")
                expect(link).to_be_visible(timeout=3_000)
        link.click()
        expect(page.locator(".headline")).to_contain_text(str(done["result"]["words"]))
        for speaker in ("SPEAKER_00", "SPEAKER_01", "SPEAKER_02"):
            expect(page.get_by_role("table").first).to_contain_text(speaker)
        page.locator("#search").scroll_into_view_if_needed()  # the transcript is drawn where it is seen
        expect(page.get_by_text("Good evening").first).to_be_visible()
        page.screenshot(path=SCREENSHOT, full_page=True)
        browser.close()
    assert complaints == []


def test_helm_test_passes(sample: Debate, done: Object, cluster: Cluster) -> None:
    said = cluster.command("helm", "test", RELEASE, "-n", NAMESPACE, "--timeout", "120s", timeout_s=150)

    assert "Succeeded" in said


# --- with the real images: faults and bad input ---


def started(cluster: Cluster, witness: Witness, name: str, **spec: Any) -> Debate:
    """A debate beside the sample, private, so that the page stays as it is. One of an earlier run goes first."""
    cluster.kubectl("delete", "debatejob", name, "-n", NAMESPACE, "--ignore-not-found")
    resource = example(publish=False, **spec)
    resource["metadata"] = {"name": name, "namespace": NAMESPACE}
    cluster.apply(resource)
    it = Debate(cluster, witness, NAMESPACE, name, operator_log=lambda: log_of(cluster))
    it.known_uid = cluster.get_json("debatejob", name, "-n", NAMESPACE)["metadata"]["uid"]
    return it


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
    it = started(
        cluster, witness, "sample-killed", source=source, podOverrides=overrides, deletionPolicy="DeleteOutputs"
    )
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

    it.delete()
    it.gone()
    witness.wait(lambda: not list(store.list(f"jobs/{job_id}/")), 60, "its outputs are still there")
    assert not store.exists(f"manifest/{job_id}.json")


WRONG: tuple[tuple[str, dict[str, Any], str, str], ...] = (
    ("wrong-model", {"transcription": {"model": "no-such-model"}}, "Misconfigured", "no-such-model"),
    ("wrong-object", {"source": {"object": "s3://debates/samples/none.mp4"}}, "SourceUnavailable", "none.mp4"),
    ("wrong-media", {"source": {"object": "s3://debates/models/index.json"}}, "MediaUndecodable", "cannot be decoded"),
    ("wrong-link", {"source": {"url": "https://nowhere.invalid/debate.mp4"}}, "InvalidSpec", "source"),
)


@pytest.fixture(scope="module")
def wrong(done: Object, cluster: Cluster, witness: Witness) -> dict[str, Debate]:
    return {name: started(cluster, witness, name, **spec) for name, spec, _, _ in WRONG}


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
