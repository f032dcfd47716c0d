"""A debate through the whole worker, as a user runs it: stopped, killed, shared between processes, on S3.

The bytes of the byte-stable documents must be those of one undisturbed run. Models: the demo models, on the CPU.
"""

from __future__ import annotations

import shutil
import signal
from pathlib import Path

import pytest
from worker_process import NAME, ROOT, command, manifest, read_until, run, running, stable

from debate_core.documents.manifest import ManifestEntry
from debate_core.documents.step_result import StepResult
from debate_core.documents.transcript import Transcript, Words
from debate_core.store import ObjectStore, open_store


def test_everything_that_the_manifest_names_is_there_and_fits(undisturbed: ObjectStore) -> None:
    entry = ManifestEntry.from_json(undisturbed.get(f"manifest/{NAME}.json"))
    found = entry.documents.model_dump()
    assert all(key is not None and undisturbed.stat(key) for key in found.values())
    transcript = Transcript.from_json(undisturbed.get(entry.documents.transcript))
    words = Words.from_json(undisturbed.get(str(entry.documents.words)))
    assert entry.title == "short debate"
    assert transcript.duration == pytest.approx(45, abs=0.2)
    assert transcript.speakers_count >= 1  # the demo diarization needs longer windows to tell voices apart
    assert " ".join(u.text for u in transcript.transcription) == " ".join(w.text for w in words.words)
    assert len(words.words) > 60
    windows = list(undisturbed.list(f"work/{NAME}/windows/"))
    assert len(windows) >= 3


def test_a_second_run_changes_nothing(media: Path, tmp_path: Path, undisturbed: ObjectStore) -> None:
    store = shutil.copytree(undisturbed.uri.removeprefix("file://"), tmp_path / "store")
    before = {path: path.stat().st_mtime_ns for path in store.rglob("*.*") if "results" not in path.parts}
    run(manifest(tmp_path, media), str(store))
    assert {path: path.stat().st_mtime_ns for path in store.rglob("*.*") if "results" not in path.parts} == before


def test_killed_and_run_again(media: Path, tmp_path: Path, undisturbed: ObjectStore) -> None:
    job, store = manifest(tmp_path, media), open_store(str(tmp_path / "store"))
    with running(command(job, store.uri)) as process:
        read_until(process, "window 2 of")
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=10)
    (first,) = store.list(f"work/{NAME}/windows/")
    assert not store.exists(f"manifest/{NAME}.json")
    run(job, store.uri)
    assert store.stat(first.key) == first  # the finished window was not done again
    assert stable(store) == stable(undisturbed)


def test_stopped_by_sigterm_and_run_again(media: Path, tmp_path: Path, undisturbed: ObjectStore) -> None:
    job, store = manifest(tmp_path, media), open_store(str(tmp_path / "store"))
    with running(command(job, store.uri)) as process:
        read_until(process, "window 1 of")
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 75
        assert process.stderr is not None
        said = process.stderr.read()
    assert "run it again to go on from here" in said
    assert "Traceback" not in said
    assert "leaked" not in said
    result = StepResult.from_json(store.get(f"work/{NAME}/results/analyze-0.json"))
    assert (result.exit_code, result.reason) == (75, None)
    run(job, store.uri)
    assert stable(store) == stable(undisturbed)


def test_on_s3_with_two_processes_that_share_the_windows(
    media: Path, tmp_path: Path, undisturbed: ObjectStore, s3_store_uri: str
) -> None:
    job = manifest(tmp_path, media)
    run(job, s3_store_uri, "--step", "prepare")
    shards = [command(job, s3_store_uri, "--step", "analyze", "--window-shard", f"{i}/2") for i in (0, 1)]
    with running(shards[0]) as one, running(shards[1]) as other:
        assert (one.communicate(timeout=500)[1].count("bug"), one.returncode) == (0, 0)
        assert (other.communicate(timeout=500)[1].count("bug"), other.returncode) == (0, 0)
    run(job, s3_store_uri, "--step", "finish")
    assert stable(open_store(s3_store_uri)) == stable(undisturbed)


@pytest.mark.parametrize("recording", ["jfk.flac", "stereo_diarization.wav"])
def test_recordings_of_people_pass_through(recording: str, tmp_path: Path) -> None:
    run(manifest(tmp_path, ROOT / "tests" / "data" / recording, language="auto"), str(tmp_path / "store"))
    store = open_store(str(tmp_path / "store"))
    entry = ManifestEntry.from_json(store.get(f"manifest/{NAME}.json"))
    assert Transcript.from_json(store.get(entry.documents.transcript)).duration > 4


def test_without_diarization_nobody_is_named(media: Path, tmp_path: Path) -> None:
    run(manifest(tmp_path, media, diarization={"enabled": False}), str(tmp_path / "store"))
    store = open_store(str(tmp_path / "store"))
    entry = ManifestEntry.from_json(store.get(f"manifest/{NAME}.json"))
    transcript = Transcript.from_json(store.get(entry.documents.transcript))
    assert entry.documents.rttm is None
    assert transcript.speakers_count == 0
    assert {utterance.speaker for utterance in transcript.transcription} == {"UNKNOWN"}
