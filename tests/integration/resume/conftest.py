"""A debate of three short windows, done once by the real models; workers that remember what these said."""

from __future__ import annotations

import itertools
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest
from forks import Forks, arguments, forking
from worker_process import NAME, ROOT, WORKER, manifest

from debate_core.store import ObjectStore, open_store

AT_ONCE = 2


@pytest.fixture(scope="session")
def short_media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("short") / "short debate.mp4"
    sample = ROOT / "examples" / "sample-debate.mp4"
    command = ["ffmpeg", "-nostdin", "-loglevel", "error", "-i", sample, "-t", "16", "-c", "copy", path]
    subprocess.run(command, check=True)
    return path


@pytest.fixture
def job(tmp_path: Path, short_media: Path) -> Path:
    return manifest(tmp_path, short_media)


@pytest.fixture(scope="session")
def quiet_run(short_media: Path, tmp_path_factory: pytest.TempPathFactory) -> ObjectStore:
    """The store of one run that nothing disturbed: the real program, the real models."""
    folder = tmp_path_factory.mktemp("quiet")
    command = [WORKER, *arguments(manifest(folder, short_media), str(folder / "store"))]
    done = subprocess.run(command, stderr=subprocess.PIPE, text=True, timeout=500, check=False)
    assert done.returncode == 0, done.stderr
    return open_store(str(folder / "store"))


@pytest.fixture(scope="session")
def several(quiet_run: ObjectStore, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sequence[Forks]]:
    """Two programs that fork workers."""
    windows = Path(quiet_run.uri.removeprefix("file://")) / "work" / NAME / "windows"
    with ExitStack() as running:
        yield [running.enter_context(forking(tmp_path_factory.mktemp("forks"), windows)) for _ in range(AT_ONCE)]


@pytest.fixture
def forks(several: Sequence[Forks]) -> Forks:
    return several[0]


@pytest.fixture(params=["folder", "s3"])
def new_store(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], str]:
    """The address of an empty store, another one at each call; once of each back end."""
    numbers = itertools.count()
    base = str(tmp_path / "store") if request.param == "folder" else request.getfixturevalue("s3_store_uri")
    return lambda: f"{base}/{next(numbers)}"
