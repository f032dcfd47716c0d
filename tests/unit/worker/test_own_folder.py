"""A folder of one process: gone at its end, and what a killed one left is removed by the next."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

from debate_core.store import FolderStore
from debate_worker.own_folder import own_folder

KILLED_WITH_A_FOLDER = """
import os, signal, sys
from pathlib import Path
from debate_worker.own_folder import own_folder
with own_folder(Path(sys.argv[1]), "run-") as folder:
    (folder / "audio.s16").write_bytes(b"x")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_it_is_there_for_the_block_alone(tmp_path: Path) -> None:
    with own_folder(tmp_path / "cache", "run-") as folder:
        assert folder.parent == tmp_path / "cache"
        (folder / "file").write_bytes(b"x")
    assert list((tmp_path / "cache").iterdir()) == []


def test_objects_can_be_fetched_into_it(tmp_path: Path) -> None:
    """It is locked for as long as its process lives: a store that waited for that lock would wait for ever."""
    store = FolderStore(tmp_path / "store")
    store.put("jobs/a/job.json", b"x")
    with own_folder(tmp_path / "cache", "run-") as folder:
        store.download("jobs/a/job.json", folder / "job.json")
        assert (folder / "job.json").read_bytes() == b"x"


def test_it_may_be_renamed_away(tmp_path: Path) -> None:
    with own_folder(tmp_path, ".model.") as folder:
        folder.rename(tmp_path / "model")
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_what_a_killed_process_left_is_removed_and_nothing_else(tmp_path: Path) -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED_WITH_A_FOLDER, tmp_path], check=False)
    assert killed.returncode == -signal.SIGKILL
    (left,) = tmp_path.glob("run-*")
    assert (left / "audio.s16").exists()
    (tmp_path / "run-notes.txt").write_text("somebody's")
    (tmp_path / "models").mkdir()
    with own_folder(tmp_path, "run-") as mine, own_folder(tmp_path, "run-") as anothers:
        assert mine.is_dir()
        assert {path.name for path in tmp_path.iterdir()} == {mine.name, anothers.name, "run-notes.txt", "models"}
