"""Handlers for tests of processes: a child imports them by name, so they have a module of their own."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from debate_core.documents.window import Language, WindowDiarization
from debate_core.errors import GpuOutOfMemory
from debate_worker.analyze.device import Device
from debate_worker.processes import Handler, Progress


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


def load_for_a_small_gpu(name: str, others: Path, smallest: bool) -> Handler:
    """Finds room only where no other model's process is alive; with `smallest` not even then.

    `others`: a folder in which each process says that it is there.
    """
    (others / f"{name}-{os.getpid()}").touch()

    def handle(_task: Any, _progress: Progress) -> Any:
        neighbours = [int(path.name.split("-")[1]) for path in others.iterdir() if not path.name.startswith(name)]
        if smallest or any(Path(f"/proc/{neighbour}").exists() for neighbour in neighbours):
            raise GpuOutOfMemory("no room")
        if name == "transcription":
            # A TranscribedWindow in all but its module, whose libraries take a second to import.
            return SimpleNamespace(language=Language(code="en", probability=1.0), words=[], chunks=[])
        return WindowDiarization(overlapping=[], exclusive=[], speakers=[])

    return handle


def load_small_transcriber(_model: Path, device: Device, _options: Any) -> Handler:
    """Instead of `step.load_transcriber`; the device's compute type tells the folder, and whether anything fits."""
    return load_for_a_small_gpu("transcription", Path(device.compute_type), device.asr_batch == 0)


def load_small_diarizer(_model: Path, device: Device, _options: Any) -> Handler:
    """Instead of `step.load_diarizer`."""
    return load_for_a_small_gpu("diarization", Path(device.compute_type), smallest=False)


def load_cuda_error_once(marks: Path) -> Handler:
    """A GPU at fault: no error of ours, so the process dies of it."""

    def handle(task: str, _progress: Progress) -> Any:
        mark = marks / "failed"
        if not mark.exists():
            mark.touch()
            raise RuntimeError("CUDA error: an illegal memory access was encountered")
        return task

    return handle
