"""finish for 10 hours: seconds and memory for all documents, and for the sound. `make bench` prints it.

The debate is made up (`support/made_up.py`), in windows of 30 minutes. Each row runs in a process of its own, so that
its peak memory is its own.
"""

from __future__ import annotations

import random
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

from debate_core import keys
from debate_core.documents.debatejob import DiarizationSpec
from debate_core.documents.plan import Audio, Diarization, Plan, PlannedModel, PlannedWindow, Span, Transcription
from debate_core.documents.window import WindowResult
from debate_core.store import FolderStore
from debate_worker.finish.audio import encode_m4a
from debate_worker.finish.documents import render
from debate_worker.finish.parameters import Parameters
from debate_worker.finish.report import MediaFacts
from debate_worker.finish.stored import document_keys, put_files, read_windows
from support import made_up

WINDOW_SECONDS = 1800
OVERLAP_SECONDS = 30
GOAL_SECONDS = 5

Result = TypeVar("Result")


def plan(hours: float) -> Plan:
    duration = hours * 3600
    model = PlannedModel(repo="benchmark/none", revision="1", digest="0" * 64)
    count = max(1, round(duration / WINDOW_SECONDS))
    return Plan(
        job_id="benchmark",
        name="benchmark",
        request_hash="0" * 64,
        audio=Audio(
            sha256="0" * 64, duration_seconds=duration, offset_seconds=0, channels=1, source_sample_rate=48_000
        ),
        transcription=Transcription(
            model=model, task="transcribe", language="auto", hotwords=[], max_clip_seconds=30, beam_size=5
        ),
        diarization=Diarization(model=model, max_speakers=None),
        speech=[Span(start=at, end=at + 28) for at in range(0, int(duration), 30)],
        windows=[
            PlannedWindow(
                index=index,
                start=index * duration / count,
                end=(index + 1) * duration / count,
                diarize_start=max(0, index * duration / count - OVERLAP_SECONDS),
                diarize_end=min(duration, (index + 1) * duration / count + OVERLAP_SECONDS),
                clips=[],
                hash=f"{index:016x}",
            )
            for index in range(count)
        ],
    )


def window(planned: PlannedWindow, duration: float) -> WindowResult:
    return WindowResult(
        index=planned.index,
        hash=planned.hash,
        language=made_up.LANGUAGE,
        words=made_up.words(planned),
        chunks=made_up.chunks(planned),
        diarization=made_up.diarization(planned, made_up.turns(duration)),
    )


def prepare(hours: float, folder: str) -> None:
    store, planned = FolderStore(Path(folder)), plan(hours)
    for each in planned.windows:
        key = keys.WINDOW.key(job_id=planned.job_id, index=each.index, hash=each.hash)
        store.put(key, window(each, planned.audio.duration_seconds).to_json())


def documents(hours: float, folder: str) -> tuple[int, int, float, float, float]:
    """Windows, words, seconds, of them on the CPU, MiB of growth: read all windows, link, attribute, write."""
    store, planned = FolderStore(Path(folder)), plan(hours)
    before = peak_mib()
    started, started_cpu = time.perf_counter(), time.process_time()
    media = MediaFacts("video/mp4", planned.audio.duration_seconds, [])
    rendered = render(planned, read_windows(store, planned), DiarizationSpec(), media, [], Parameters())
    put_files(store, document_keys(planned), rendered.files)
    seconds, cpu = time.perf_counter() - started, time.process_time() - started_cpu
    return len(planned.windows), rendered.words, seconds, cpu, peak_mib() - before


def sound(hours: float, folder: str) -> tuple[float, float]:
    """Seconds and MiB of growth: encode so many hours of noise, which is the worst case."""
    part = random.Random(1).randbytes(1 << 20)  # noqa: S311

    def pcm() -> Iterator[bytes]:
        left = int(hours * 3600) * 32_000
        while left > 0:
            yield part[:left]
            left -= len(part)

    before = peak_mib()
    started = time.perf_counter()
    encode_m4a(pcm(), Path(folder) / "sound.m4a", progress=lambda done: None)
    return time.perf_counter() - started, peak_mib() - before


def peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    print("## finish\n")
    print(f"Goal: all documents of 10 h in < {GOAL_SECONDS} s.\n")
    print(
        "| audio | windows | words | documents | of it CPU | memory | m4a | memory |\n|---|---|---|---|---|---|---|---|"
    )
    for name, hours in (("10 min", 1 / 6), ("1 h", 1.0), ("10 h", 10.0)):
        with tempfile.TemporaryDirectory() as folder:
            prepare(hours, folder)
            windows, words, seconds, cpu, growth = alone(documents, hours, folder)
            row = f"| {name} | {windows} | {words:,} | {seconds:.2f} s | {cpu:.2f} s | +{growth:.0f} MiB |"
            if hours <= 1:
                encoding, encoding_growth = alone(sound, hours, folder)
                row += f" {encoding:.1f} s | +{encoding_growth:.0f} MiB |"
            else:
                row += " ten times 1 h | as 1 h |"
        print(row, flush=True)


def alone(run: Callable[[float, str], Result], hours: float, folder: str) -> Result:
    with ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as pool:
        return pool.submit(run, hours, folder).result()


if __name__ == "__main__":
    main()
