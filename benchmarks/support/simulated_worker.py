"""debate-worker without its models: `python -m support.simulated_worker FOLDER run --job ... --step analyze`.

In place of each model a stand-in reads the samples of its window, as float32 like the real one, and tells a made-up
result of realistic size. So hours of audio take seconds, and what is left is the worker's own time and memory.
Notes intervals like `timed_worker`; the stand-ins' are `model`.
"""

from __future__ import annotations

import os
import sys
from typing import Any
from unittest.mock import patch

import numpy as np

from support import made_up
from support.intervals import FOLDER, note, now, process_start


def load_transcriber(*_: Any) -> Any:
    from debate_worker.analyze.transcribing import TranscribedWindow

    def handle(task: Any, progress: Any) -> Any:
        start = now()
        listen(task.sound.samples(task.window.start, task.window.end))
        progress(0.5)
        found = TranscribedWindow(made_up.LANGUAGE, made_up.words(task.window), made_up.chunks(task.window))
        note("model", start, now())
        return found

    note("start", process_start(), now())
    return handle


def load_diarizer(*_: Any) -> Any:
    def handle(task: Any, progress: Any) -> Any:
        start = now()
        window = task.window
        listen(task.sound.samples(window.diarize_start, window.diarize_end))
        progress(0.5)
        found = made_up.diarization(window, made_up.turns(36_000.0))
        note("model", start, now())
        return found

    note("start", process_start(), now())
    return handle


def listen(pcm: np.ndarray[Any, np.dtype[np.int16]]) -> None:
    """The conversion of transcribing.py and diarizing.py."""
    sound = pcm.astype(np.float32) / 32768
    float(sound.sum())


def main() -> None:
    os.environ[FOLDER] = sys.argv.pop(1)
    from debate_worker import cli
    from debate_worker.analyze import step

    patch.multiple(step, load_transcriber=load_transcriber, load_diarizer=load_diarizer).start()
    note("start", process_start(), now())
    cli.main()


if __name__ == "__main__":
    main()
