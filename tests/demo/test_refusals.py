"""What `make demo` refuses: in one sentence, before anything heavy starts."""

from __future__ import annotations

import shutil
import socket
from pathlib import Path

import pytest
from demo_process import Start

pytestmark = pytest.mark.timeout(300)


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"SOURCE": "no such video.mp4"}, "no such video.mp4 does not exist: name a video or audio file"),
        ({"SOURCE": "examples"}, "examples is a folder: name one video or audio file."),
        ({"MODELS": "/no/such/folder"}, "MODELS=/no/such/folder does not exist"),
        ({"MODELS": "./missing"}, "MODELS=./missing does not exist"),
        ({"MODELS": "docs"}, "it has no index.json"),
        ({"MODELS": "no-such-model"}, "no transcription model"),
        ({"PORT": "http"}, "PORT=http is no port"),
        ({"PORT": "65536"}, "PORT=65536 is no port"),
        ({"DEMO_STORE": "s3://bucket/prefix"}, "DEMO_STORE is a folder"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, dict) else "",
)
def test_refused(make_demo: Start, clone: Path, tmp_path: Path, variables: dict[str, str], message: str) -> None:
    demo = make_demo(**({"DEMO_STORE": tmp_path / "store", "DEMO_SERVE": 0} | variables))

    assert demo.end() != 0
    said = [line for line in demo.lines if not line.startswith("make: ")]
    assert len(said) == 1, demo.output
    assert message in said[0]
    assert not (tmp_path / "store").exists()


def test_a_port_in_use_is_said_before_the_work(make_demo: Start, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        demo = make_demo(DEMO_STORE=tmp_path / "store", PORT=port)

        assert demo.end() != 0
    assert f"Port {port} is in use" in demo.output
    assert not (tmp_path / "store").exists()


def test_an_own_video_without_models_says_how_to_get_them(make_demo: Start, tmp_path: Path) -> None:
    demo = make_demo(
        env={"DEBATE_CACHE": str(tmp_path / "cache")},
        SOURCE="examples/sample-debate.script.txt",
        DEMO_STORE=tmp_path / "store",
        DEMO_SERVE=0,
    )

    assert demo.end() != 0
    assert "fetch the models on another machine and copy the folder here" in demo.output
    assert "Traceback" not in demo.output
    assert not (tmp_path / "store").exists()


def test_a_file_that_is_no_video(make_demo: Start, clone: Path, tmp_path: Path) -> None:
    demo = make_demo(SOURCE="README.md", MODELS="examples/models", DEMO_STORE=tmp_path / "store", DEMO_SERVE=0)

    assert demo.end() != 0
    assert "Traceback" not in demo.output
    assert "README.md cannot be decoded" in demo.output


def test_another_file_of_the_same_name(make_demo: Start, clone: Path, tmp_path: Path) -> None:
    recordings = {"one/debate.flac": "jfk.flac", "two/debate.wav": "stereo_diarization.wav"}
    for name, recording in recordings.items():
        path = tmp_path / name
        path.parent.mkdir()
        shutil.copy(clone / "tests" / "data" / recording, path)
    variables = {"MODELS": "examples/models", "DEMO_STORE": tmp_path / "store", "DEMO_SERVE": 0}
    assert make_demo(SOURCE=tmp_path / "one/debate.flac", **variables).end() == 0

    demo = make_demo(SOURCE=tmp_path / "two/debate.wav", **variables)

    assert demo.end() != 0
    assert "DEMO_STORE" in demo.output
