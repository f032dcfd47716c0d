"""A fresh clone of this checkout's last commit, and `make demo` in it."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from demo_process import MakeDemo, Start, environment

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The last commit, as a user gets it, in a folder whose name needs quotes."""
    folder = tmp_path_factory.mktemp("fresh clone")
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder)], check=True, stdin=subprocess.DEVNULL)
    return folder


@pytest.fixture
def make_demo(clone: Path) -> Iterator[Start]:
    """Starts `make demo` with variables, such as DEMO_SERVE="0"; ends it with the test."""
    started: list[MakeDemo] = []

    def start(*, cwd: Path = clone, env: dict[str, str] | None = None, **variables: object) -> MakeDemo:
        process = subprocess.Popen(
            ["make", "-C", str(clone), "demo", *(f"{name}={value}" for name, value in variables.items())],
            cwd=cwd,
            env=environment() | {"PWD": str(cwd)} | (env or {}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        started.append(MakeDemo(process))
        return started[-1]

    yield start
    for demo in started:
        if demo.process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(demo.process.pid, signal.SIGKILL)
            demo.process.wait()
