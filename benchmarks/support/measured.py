"""One run of a program with all its children: seconds, CPU seconds, peak memory."""

from __future__ import annotations

import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

SAMPLE_EVERY_S = 0.25


@dataclass(frozen=True, slots=True)
class Run:
    """cpu_s: of all processes. pss_mb: peak of the tree's proportional memory (shared pages count once), sampled four
    times a second. rss_mb: the largest single process's peak, as the kernel kept it."""

    wall_s: float
    cpu_s: float
    pss_mb: float
    rss_mb: float


class Failed(Exception):
    """The program ended with an error; its last words."""


def measured(command: Sequence[str | Path], environment: Mapping[str, str] | None = None) -> Run:
    """Run it to its end. Raises Failed."""
    # Byte code is kept, as in an image: not the compiler is to be measured.
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with tempfile.TemporaryFile() as log:
        started = time.monotonic()
        process = subprocess.Popen(  # noqa: S603
            command, env=kept | dict(environment or {}), stdout=log, stderr=subprocess.STDOUT
        )
        memory = _Memory(process.pid)
        try:
            # Not Popen's own wait: it would not tell what was used.
            _, status, usage = os.wait4(process.pid, 0)
            wall = time.monotonic() - started
        except BaseException:
            process.kill()
            raise
        finally:
            memory.stop()
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            log.seek(0)
            raise Failed(log.read().decode(errors="replace")[-3000:])
    return Run(wall, usage.ru_utime + usage.ru_stime, memory.peak_mb, usage.ru_maxrss / 1024)


class _Memory:
    """Samples a tree of processes until it is stopped."""

    def __init__(self, root: int) -> None:
        self.peak_mb = 0.0
        self._root = root
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()
        self._thread.join()

    def _sample(self) -> None:
        while not self._ended.wait(SAMPLE_EVERY_S):
            self.peak_mb = max(self.peak_mb, sum(_pss_mb(pid) for pid in _tree(self._root)))


def _tree(root: int) -> list[int]:
    """A process and all that come from it."""
    found, waiting = [], [root]
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        try:
            for task in Path(f"/proc/{pid}/task").iterdir():
                waiting += map(int, (task / "children").read_text().split())
        except (FileNotFoundError, ProcessLookupError):  # it has ended meanwhile
            continue
    return found


def _pss_mb(pid: int) -> float:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except (FileNotFoundError, ProcessLookupError, PermissionError):  # it has ended, or is about to
        return 0.0
    return sum(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:")) / 1024
