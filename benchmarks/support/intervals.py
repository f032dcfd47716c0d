"""When the processes of one run did what: notes of intervals, on a clock that all of them share."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from pathlib import Path

FOLDER = "DEBATE_BENCH_INTERVALS"
"""The variable that names the folder of notes; the model processes inherit it."""

Interval = tuple[float, float]


def now() -> float:
    """Seconds on a clock that is the same in every process, and the one of /proc's start times."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def process_start() -> float:
    """When this process was started, to 10 ms."""
    fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    return int(fields[19]) / os.sysconf("SC_CLK_TCK")


def note(kind: str, start: float, end: float) -> None:
    """Append a line to this process's file, at once: model processes are killed when their work is done."""
    line = f"{kind} {start:.6f} {end:.6f}\n".encode()
    descriptor = os.open(f"{os.environ[FOLDER]}/{os.getpid()}", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.write(descriptor, line)
    os.close(descriptor)


def read(folder: Path) -> dict[str, list[Interval]]:
    """All notes of a run, by kind."""
    found: dict[str, list[Interval]] = {}
    for file in folder.iterdir():
        for line in file.read_text().splitlines():
            kind, start, end = line.split()
            found.setdefault(kind, []).append((float(start), float(end)))
    return found


def shares(noted: dict[str, list[Interval]], kinds: Iterable[str]) -> dict[str, float]:
    """The seconds of each kind over all processes, in which nothing of an earlier kind happened in any."""
    before: list[Interval] = []
    seconds = {}
    for kind in kinds:
        together = [*before, *noted.get(kind, [])]
        seconds[kind] = length(together) - length(before)
        before = together
    return seconds


def length(intervals: Iterable[Interval]) -> float:
    """Of their union."""
    total, until = 0.0, float("-inf")
    for start, end in sorted(intervals):
        total += max(0.0, end - max(start, until))
        until = max(until, end)
    return total
