"""The sample debate from `kubectl apply` to the page: the real images, a real S3 server, a real browser."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from debates import Debate
from kube import LABEL_STEP, Cluster, Object, Witness, label
from playwright.sync_api import expect, sync_playwright
from real_release import EXAMPLES, NAMESPACE
from tenacity import Retrying, stop_after_delay, wait_fixed

from debate_core.documents.manifest import ManifestEntry
from debate_core.documents.statistics import DebateStatistics
from debate_core.documents.transcript import Transcript, Words
from debate_core.store import ObjectStore, open_store

ROOT = Path(__file__).parents[2]
CHROMIUM = Path(os.environ.get("DEBATE_CHROMIUM", "/usr/bin/chromium"))
SCREENSHOT = ROOT / "test-results" / "page-of-the-cluster.png"

pytestmark = pytest.mark.timeout(900, func_only=True)


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


def published(sample: Debate, publish: bool) -> bool:
    return bool(sample.status.get("publication") == {"publish": publish, "current": True})


def test_the_statistics_are_made_at_once(sample: Debate, done: Object, store: ObjectStore, witness: Witness) -> None:
    sample.wait(lambda: published(sample, publish=True), "the statistics were not made")
    sample.wait(lambda: sample.told("Published"), "no event says so")
    runs = [
        job["metadata"]
        for job in witness.all("jobs", NAMESPACE)
        if label(job, "app.kubernetes.io/component") == "stats"
        and job["metadata"]["creationTimestamp"] >= done["completionTime"]
    ]
    # Not all: one by the schedule may have come meanwhile.
    assert any(run["annotations"].get("cronjob.kubernetes.io/instantiate") == "manual" for run in runs), runs
    assert all(owner["kind"] == "CronJob" for run in runs for owner in run["ownerReferences"])
    found = DebateStatistics.from_json(store.get(f"statistics/by-job/{done['jobId']}.json"))
    assert (found.totals.speakers, found.totals.words) == (3, done["result"]["words"])


def test_the_cron_job_makes_them_too_by_hand(done: Object, cluster: Cluster) -> None:
    cluster.kubectl("delete", "job", "by-hand", "-n", NAMESPACE, "--ignore-not-found")
    cluster.kubectl("create", "job", "by-hand", "--from=cronjob/debate-stats", "-n", NAMESPACE)
    cluster.kubectl("wait", "job/by-hand", "-n", NAMESPACE, "--for=condition=Complete", "--timeout=120s")
    assert "unchanged" in cluster.kubectl("logs", "job/by-hand", "-n", NAMESPACE)
    cluster.kubectl("delete", "job", "by-hand", "-n", NAMESPACE)


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


def fetched(path: str) -> int:
    """The page's answer, as a status."""
    try:
        with urlopen(f"http://localhost:{os.environ.get('KIND_PORT', '8080')}/{path}", timeout=10) as answer:
            return int(answer.status)
    except HTTPError as error:
        return error.code


def test_what_is_unpublished_is_gone_everywhere_and_can_come_back(
    sample: Debate, done: Object, store: ObjectStore, cluster: Cluster
) -> None:
    def patch(publish: bool) -> None:
        spec = json.dumps({"spec": {"publish": publish}})
        cluster.kubectl("patch", "debatejob", sample.name, "-n", NAMESPACE, "--type=merge", "-p", spec)
        sample.wait(lambda: published(sample, publish), f"publish: {publish} did not come true")

    path = f"statistics/by-job/{done['jobId']}.json"
    assert fetched(path) == 200
    patch(publish=False)
    sample.wait(lambda: sample.told("Unpublished"), "no event says so")
    keys = [info.key for info in store.list("statistics/")]
    assert keys
    assert not [key for key in keys if done["jobId"] in key or done["jobId"].encode() in store.get(key)]
    assert store.stat(done["outputs"]["transcript"]), "the results themselves stay"
    for attempt in Retrying(stop=stop_after_delay(60), wait=wait_fixed(1), reraise=True):
        with attempt:
            assert fetched(path) == 404
    patch(publish=True)
    for attempt in Retrying(stop=stop_after_delay(60), wait=wait_fixed(1), reraise=True):
        with attempt:
            assert fetched(path) == 200
