"""A debate through the whole worker, as a user runs it: stopped, killed, shared between processes, on S3.

The bytes of the byte-stable documents must be those of one undisturbed run. Models: the demo models, on the CPU.
"""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from debate_core.documents.manifest import ManifestEntry
from debate_core.documents.step_result import StepResult
from debate_core.documents.transcript import Transcript, Words
from debate_core.store import ObjectStore, open_store

ROOT = Path(__file__).parents[2]
WORKER = Path(sys.executable).with_name("debate-worker")
SHORT_WINDOWS = ("--window-seconds", "20", "--overlap-seconds", "8")
NAME = "debate"


@pytest.fixture(scope="session")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first 45 s of the sample, picture and sound: three windows of at most 20 s."""
    if shutil.which("ffmpeg") is None:
        pytest.fail("ffmpeg is missing: `make test` installs it, or install your system's package")
    path = tmp_path_factory.mktemp("media") / "short debate.mp4"
    sample = ROOT / "examples" / "sample-debate.mp4"
    command = ["ffmpeg", "-nostdin", "-loglevel", "error", "-i", sample, "-t", "45", "-c", "copy", path]
    subprocess.run(command, check=True)
    return path


def manifest(folder: Path, media: Path, **spec: object) -> Path:
    path = folder / "job.json"
    body = {"source": {"file": str(media)}, "language": "en", "transcription": {"model": "whisper-demo"}} | spec
    path.write_text(
        json.dumps(
            {
                "apiVersion": "debate-analyzer.io/v1alpha1",
                "kind": "DebateJob",
                "metadata": {"name": NAME},
                "spec": body,
            }
        )
    )
    return path


def command(job: Path, store: str, *more: str) -> list[str]:
    models = ROOT / "examples" / "models"
    cache = job.parent / "cache"
    common = ["--job", str(job), "--store", store, "--models", str(models), "--cache", str(cache)]
    return [str(WORKER), "run", *common, *SHORT_WINDOWS, *more]


def run(job: Path, store: str, *more: str) -> str:
    """Run the worker to its end; its standard error."""
    done = subprocess.run(command(job, store, *more), stderr=subprocess.PIPE, text=True, timeout=500, check=False)
    assert done.returncode == 0, done.stderr
    return done.stderr


@contextmanager
def running(arguments: Sequence[str]) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(arguments, stderr=subprocess.PIPE, text=True, start_new_session=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def read_until(process: subprocess.Popen[str], text: str) -> None:
    """Read what the worker says until a line has `text`."""
    assert process.stderr is not None
    said = []
    for line in process.stderr:
        said.append(line)
        if text in line:
            return
    pytest.fail(f"the worker ended without saying {text!r}:\n{''.join(said)}")


def stable(store: ObjectStore) -> dict[str, bytes]:
    """The documents that DESIGN promises to be byte-stable."""
    keys = [info.key for info in store.list(f"work/{NAME}/")] + [info.key for info in store.list(f"jobs/{NAME}/")]
    endings = ("plan.json", "_transcription.json", ".words.json", ".vtt", ".srt", ".rttm", ".txt")
    return {key: store.get(key) for key in keys if key.endswith(endings) or "/windows/" in key}


@pytest.fixture(scope="session")
def undisturbed(media: Path, tmp_path_factory: pytest.TempPathFactory) -> ObjectStore:
    """The store of one run that nothing disturbed."""
    folder = tmp_path_factory.mktemp("undisturbed")
    run(manifest(folder, media), str(folder / "store"))
    return open_store(str(folder / "store"))


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
