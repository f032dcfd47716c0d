"""A debate from a link as a user runs it: `debate-worker run`, killed, run again, without the site; exit codes."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from media_site import Site, serving
from worker_process import NAME, command, manifest, read_until, run, running

from debate_core.documents.manifest import ManifestEntry
from debate_core.documents.plan import Plan
from debate_core.documents.report import QualityReport
from debate_core.documents.step_result import StepResult
from debate_core.store import ObjectStore, open_store

OWN_SITE = ("--link-networks", "127.0.0.1/32")


@pytest.fixture
def site(media: Path, tmp_path: Path) -> Iterator[Site]:
    folder = tmp_path / "site"
    folder.mkdir()
    shutil.copy(media, folder / "debate.mp4")
    with serving(Site(folder)) as site:
        yield site


def result(store: ObjectStore) -> StepResult:
    return StepResult.from_json(store.get(f"work/{NAME}/results/prepare-0.json"))


def test_the_transcript_is_that_of_the_file(site: Site, tmp_path: Path, undisturbed: ObjectStore) -> None:
    job = manifest(tmp_path, tmp_path, source={"url": f"{site.base}/media/debate.mp4"})
    run(job, str(tmp_path / "store"), *OWN_SITE)
    store = open_store(str(tmp_path / "store"))
    entry = ManifestEntry.from_json(store.get(f"manifest/{NAME}.json"))
    assert entry.source_url == f"{site.base}/media/debate.mp4"
    assert entry.title == "debate"
    assert entry.documents.transcript == f"jobs/{NAME}/transcripts/debate_transcription.json"
    assert entry.documents.report is not None
    assert QualityReport.from_json(store.get(entry.documents.report)).media.warnings == []
    same = undisturbed.get(f"jobs/{NAME}/transcripts/short-debate_transcription.json")
    assert store.get(entry.documents.transcript) == same
    assert store.get(f"jobs/{NAME}/videos/debate.mp4") == (site.folder / "debate.mp4").read_bytes()


def test_what_was_downloaded_is_not_downloaded_again(media: Path, tmp_path: Path) -> None:
    """Killed while decoding, and the site gone since: the next run goes on from the media in the store."""
    folder = tmp_path / "site"
    folder.mkdir()
    shutil.copy(media, folder / "debate.mp4")
    prepare = ("--step", "prepare", *OWN_SITE)
    with serving(Site(folder)) as site:
        job = manifest(tmp_path, tmp_path, source={"url": f"{site.base}/media/debate.mp4"})
        run(job, str(tmp_path / "store"), *prepare)
    store = open_store(str(tmp_path / "store"))
    whole = result(store)
    plan = store.get(f"work/{NAME}/plan.json")
    store.delete(f"work/{NAME}/plan.json")
    store.delete(f"work/{NAME}/audio.s16")
    run(job, str(tmp_path / "store"), *prepare)
    assert store.get(f"work/{NAME}/plan.json") == plan
    assert result(store) == whole


def test_nor_for_another_request_when_work_has_expired(media: Path, tmp_path: Path) -> None:
    folder, place = tmp_path / "site", str(tmp_path / "store")
    folder.mkdir()
    shutil.copy(media, folder / "debate.mp4")
    with serving(Site(folder)) as site:
        source = {"url": f"{site.base}/media/debate.mp4"}
        run(manifest(tmp_path, tmp_path, source=source), place, *OWN_SITE)
    store = open_store(place)
    store.delete_prefix(f"work/{NAME}/")
    job = manifest(tmp_path, tmp_path, source=source, diarization={"minSpeakers": 2})
    run(job, place, "--step", "prepare", *OWN_SITE)
    assert Plan.from_json(store.get(f"work/{NAME}/plan.json")).name == "debate"
    told = result(store)
    assert (told.facts["media_key"], told.facts["title"]) == (f"jobs/{NAME}/videos/debate.mp4", "debate")
    assert "finished" not in told.facts


def test_a_download_that_was_killed_is_begun_again(site: Site, tmp_path: Path) -> None:
    job = manifest(tmp_path, tmp_path, source={"url": f"{site.base}/slow/media/debate.mp4"}, mode="DownloadOnly")
    with running(command(job, str(tmp_path / "store"), *OWN_SITE)) as process:
        read_until(process, "downloading")
        process.kill()
    store = open_store(str(tmp_path / "store"))
    assert [info.key for info in store.list(f"jobs/{NAME}/videos/")] == []
    site.hurry.set()
    run(job, str(tmp_path / "store"), *OWN_SITE)
    assert store.get(f"jobs/{NAME}/videos/debate.mp4") == (site.folder / "debate.mp4").read_bytes()
    asked = len(site.requests)
    run(job, str(tmp_path / "store"), *OWN_SITE)
    assert len(site.requests) == asked


@pytest.mark.parametrize(
    ("path", "options", "code", "reason", "retry", "advice"),
    [
        ("/media/debate.mp4", (), 10, "InvalidSpec", None, "not a public address"),
        (
            "/media/debate.mp4",
            ("--link-hosts", "youtube.com", *OWN_SITE),
            10,
            "InvalidSpec",
            None,
            "not among the hosts",
        ),
        ("/media/debate.mp4", ("--link-max-seconds", "10", *OWN_SITE), 11, "SourceUnavailable", None, "longer than"),
        ("/status/404", OWN_SITE, 11, "SourceUnavailable", None, "check the link"),
        ("/status/429", OWN_SITE, 12, "SourceBusy", 7, "send the file instead"),
        ("/media/text.mp4", OWN_SITE, 13, "MediaUndecodable", None, "cannot be decoded"),
        ("/media/debate.mp4", ("--proxy-file", "/missing", *OWN_SITE), 14, None, None, "DEBATE_PROXY_FILE"),
    ],
    ids=["private", "host", "too long", "gone", "busy", "no media", "no proxy file"],
)
def test_the_end_says_what_to_do(
    site: Site,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    path: str,
    options: tuple[str, ...],
    code: int,
    reason: str | None,
    retry: int | None,
    advice: str,
) -> None:
    (site.folder / "text.mp4").write_text("no media, whatever the server says" * 100)
    site.headers = {"Retry-After": "7"}
    words = tmp_path / "termination-log"
    monkeypatch.setenv("DEBATE_TERMINATION_LOG", str(words))
    job = manifest(tmp_path, tmp_path, source={"url": site.base + path}, mode="DownloadOnly")
    done = subprocess.run(command(job, str(tmp_path / "store"), *options), capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    assert advice in done.stderr
    assert "Traceback" not in done.stderr
    last = json.loads(words.read_text())
    assert (last["exit_code"], last["retry_after_seconds"]) == (code, retry)
    assert reason in (last["reason"], None)
    written = (
        [info.key for info in open_store(str(tmp_path / "store")).list("")] if (tmp_path / "store").exists() else []
    )
    assert [key for key in written if not key.endswith("owner.json")] == []
