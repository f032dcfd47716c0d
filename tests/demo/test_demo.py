"""`make demo` in a fresh clone: from video to page, again, interrupted, with somebody's own video."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

import pytest
from demo_process import Start

from debate_core.documents.transcript import Transcript

pytestmark = pytest.mark.timeout(900)

SAMPLE = "jobs/sample-debate/transcripts/sample-debate"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One store for the tests that follow one another."""
    return tmp_path_factory.mktemp("the store")


def files(folder: Path) -> dict[Path, int]:
    """Every file with its time of change: a file that is written again differs."""
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


def test_from_video_to_table(make_demo: Start, clone: Path, store: Path) -> None:
    began = time.monotonic()
    demo = make_demo(DEMO_STORE=store, DEMO_SERVE=0)

    assert demo.end() == 0, demo.output
    print(f"first run: {time.monotonic() - began:.0f} s, {demo.lines[-3:]}")
    assert "3 speakers" in demo.output
    assert "Knows only" in demo.output, "the demo models' limits are said"
    assert "Traceback" not in demo.output
    transcript = Transcript.from_json((store / f"{SAMPLE}_transcription.json").read_bytes())
    assert transcript.speakers_count == 3
    assert {utterance.speaker for utterance in transcript.transcription} == {"SPEAKER_00", "SPEAKER_01", "SPEAKER_02"}
    for ending in ("words.json", "vtt", "srt", "rttm", "txt", "report.json", "audio.m4a"):
        assert f"{SAMPLE}.{ending}" in demo.output
        assert (store / f"{SAMPLE}.{ending}").stat().st_size > 0
    index = json.loads((store / "statistics/index.json").read_bytes())
    assert [job["job_id"] for job in index["jobs"]] == ["sample-debate"]


def test_the_demo_leaves_the_clone_clean(clone: Path) -> None:
    changed = subprocess.run(["git", "status", "--porcelain"], cwd=clone, capture_output=True, text=True, check=True)

    assert changed.stdout == ""


def test_again_it_does_nothing_twice(make_demo: Start, store: Path) -> None:
    before = files(store / "jobs") | files(store / "work/sample-debate/windows")
    began = time.monotonic()
    demo = make_demo(DEMO_STORE=store, DEMO_SERVE=0)

    assert demo.end() == 0, demo.output
    print(f"later run: {time.monotonic() - began:.0f} s")
    assert "3 speakers" in demo.output
    assert files(store / "jobs") | files(store / "work/sample-debate/windows") == before


def test_the_page_answers_until_ctrl_c(make_demo: Start, store: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    demo = make_demo(DEMO_STORE=store, PORT=port)

    assert demo.until("The page: ") == f"The page: http://127.0.0.1:{port}"
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/") as page:
        assert page.headers["content-type"] == "text/html; charset=utf-8"
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/statistics/index.json") as index:
        assert json.load(index)["jobs"][0]["job_id"] == "sample-debate"
    demo.interrupt()
    assert "Traceback" not in demo.output
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0, "the server is still there"


def cut(clone: Path, video: Path) -> None:
    """The sample's first 40 s as somebody's own video."""
    ffmpeg = shutil.which("ffmpeg")
    assert ffmpeg is not None
    source = clone / "examples/sample-debate.mp4"
    command = [ffmpeg, "-v", "error", "-i", str(source), "-t", "40", "-c", "copy", str(video)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)


def test_ctrl_c_keeps_what_is_done_and_the_next_run_goes_on(make_demo: Start, clone: Path, tmp_path: Path) -> None:
    cut(clone, tmp_path / "debate.mp4")
    variables = {
        "SOURCE": tmp_path / "debate.mp4",
        "MODELS": "examples/models",
        "DEMO_STORE": tmp_path,
        "DEMO_SERVE": 0,
    }
    short_windows = {"DEBATE_WINDOW_SECONDS": "10"}
    demo = make_demo(env=short_windows, **variables)
    demo.until("window 2")

    assert demo.interrupt() != 0
    assert "Stopped. The same command again goes on from here." in demo.output
    assert "Traceback" not in demo.output
    windows = tmp_path / "work/debate/windows"
    kept = files(windows)
    assert kept
    assert not (tmp_path / "manifest/debate.json").exists()

    again = make_demo(env=short_windows, **variables)
    assert again.end() == 0, again.output
    assert "window 1" not in again.output
    assert kept.items() < files(windows).items()
    assert (tmp_path / "manifest/debate.json").exists()


def test_an_own_video_with_own_models(make_demo: Start, clone: Path, tmp_path: Path) -> None:
    folder = tmp_path / "Tom's videos"
    folder.mkdir()
    video = folder / 'Rozprava "č. 1" $HOME $(x) & co.mp4'
    cut(clone, video)

    # Relative to the folder where make is called, not to the repository.
    demo = make_demo(
        cwd=folder,
        SOURCE=video.name,
        MODELS=os.path.relpath(clone / "examples/models", folder),
        DEMO_STORE=tmp_path / "store",
        DEMO_SERVE=0,
    )

    assert demo.end() == 0, demo.output
    assert video.stem in demo.output, "the title is the file's name as it was"
    assert [job.name for job in (tmp_path / "store/jobs").iterdir()] == ["rozprava-c-1-home-x-co"]
    transcripts = list((tmp_path / "store/jobs").glob("*/transcripts/*_transcription.json"))
    assert Transcript.from_json(transcripts[0].read_bytes()).transcription
