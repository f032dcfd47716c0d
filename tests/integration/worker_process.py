"""The worker as a process of its own, run as a user or a pod does; models: the demo models, on the CPU."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from debate_core.store import ObjectStore

ROOT = Path(__file__).parents[2]
WORKER = Path(sys.executable).with_name("debate-worker")
SHORT_WINDOWS = ("--window-seconds", "20", "--overlap-seconds", "8")
NAME = "debate"


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
