"""Handlers for test_processes: a child process imports them by name, so they have a module of their own."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

from debate_core.errors import GpuOutOfMemory
from debate_worker.analyze.processes import Handler, Progress


def load_counting(marks: Path) -> Handler:
    """Counts how often it was loaded and asked; a task is a word that says what to do."""
    with (marks / "loads").open("a") as file:
        file.write("x")

    def handle(task: str, progress: Progress) -> Any:
        with (marks / "asked").open("a") as file:
            file.write("x")
        asked = (marks / "asked").stat().st_size
        if task == "die" or (task == "die once" and asked == 1):
            os.kill(os.getpid(), signal.SIGKILL)
        if task == "exit":
            os._exit(3)
        if task == "out of memory":
            raise GpuOutOfMemory("too small")
        if task == "sleep":
            signal.pause()
        progress(0.5)
        return f"{task} {os.getpid()}"

    return handle
