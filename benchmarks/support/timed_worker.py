"""debate-worker that notes when its models compute: `python -m support.timed_worker FOLDER [--sequential] run ...`.

Every process of it, the model processes too, writes to a file of its own in FOLDER: one line for each interval,
`kind start end` on the clock that all share. The kinds:

    model    in a model's own call: CTranslate2's encode, generate, align and detect_language; the outermost call of a
             torch module; Silero's session
    library  in faster-whisper's or pyannote's pipelines around those calls: features, words' times, clustering
    start    from the start of a process until it can work: interpreter, imports, loading a model; looking for a GPU
"""

from __future__ import annotations

import dataclasses
import functools
import os
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any
from unittest.mock import patch

from support.intervals import FOLDER, note, now, process_start

_inside = threading.local()


def timed(kind: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, noting its outermost calls."""

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        if getattr(_inside, kind, False):
            return function(*args, **kwargs)
        setattr(_inside, kind, True)
        start = now()
        try:
            return function(*args, **kwargs)
        finally:
            setattr(_inside, kind, False)
            note(kind, start, now())

    return call


def timed_transcribe(transcribe: Callable[..., Any]) -> Callable[..., Any]:
    """faster-whisper decodes while its segments are iterated over: that is timed as well."""

    @functools.wraps(transcribe)
    def call(*args: Any, **kwargs: Any) -> Any:
        segments, info = timed("library", transcribe)(*args, **kwargs)
        return timed_iteration(segments), info

    return call


def timed_iteration(segments: Iterator[Any]) -> Iterator[Any]:
    following = timed("library", functools.partial(next, segments, None))
    while (segment := following()) is not None:
        yield segment


def load_transcriber(*args: Any) -> Any:
    """In place of analyze's: in the model process."""
    import ctranslate2
    import faster_whisper

    from debate_worker.analyze import step

    # A subclass: the methods of CTranslate2's own class are fixed.
    whisper = ctranslate2.models.Whisper
    methods = {name: timed("model", getattr(whisper, name)) for name in ("encode", "generate", "align")}
    methods["detect_language"] = timed("model", whisper.detect_language)
    patch.object(ctranslate2.models, "Whisper", type("Whisper", (whisper,), methods)).start()
    for pipeline in (faster_whisper.WhisperModel, faster_whisper.BatchedInferencePipeline):
        patch.object(pipeline, "transcribe", timed_transcribe(pipeline.transcribe)).start()
    detect = faster_whisper.WhisperModel.detect_language
    patch.object(faster_whisper.WhisperModel, "detect_language", timed("library", detect)).start()
    handler = step.load_transcriber(*args)
    note("start", process_start(), now())
    return handler


def load_diarizer(*args: Any) -> Any:
    """In place of analyze's: in the model process."""
    from debate_worker.analyze import step

    handler = step.load_diarizer(*args)
    import torch
    from pyannote.audio import Pipeline

    patch.object(torch.nn.Module, "__call__", timed("model", torch.nn.Module.__call__)).start()
    patch.object(Pipeline, "__call__", timed("library", Pipeline.__call__)).start()
    note("start", process_start(), now())
    return handler


def one_after_the_other(*wanted: Any) -> Any:
    """The device, each model having all cores to itself."""
    from debate_worker.analyze import device

    found = device.choose_device(*wanted)
    return dataclasses.replace(found, concurrent=False, threads=len(os.sched_getaffinity(0)))


class TimedSession:
    """Of Silero."""

    def __init__(self, session: Any) -> None:
        self.run = timed("model", session.run)


class TimedVad:
    """What faster-whisper's get_vad_model gives, as far as prepare uses it."""

    def __init__(self, model: Any) -> None:
        self.session = TimedSession(model.session)


def main() -> None:
    os.environ[FOLDER] = sys.argv.pop(1)
    sequential = sys.argv[1] == "--sequential"
    from faster_whisper.vad import get_vad_model

    from debate_worker import cli
    from debate_worker.analyze import device, step
    from debate_worker.prepare import speech

    load_vad = timed("start", get_vad_model)
    patch.multiple(speech, get_vad_model=lambda: TimedVad(load_vad())).start()
    choose = one_after_the_other if sequential else device.choose_device
    patch.multiple(
        step,
        choose_device=timed("start", choose),
        load_transcriber=load_transcriber,
        load_diarizer=load_diarizer,
    ).start()
    if sequential:
        del sys.argv[1]
    note("start", process_start(), now())
    cli.main()


if __name__ == "__main__":
    main()
