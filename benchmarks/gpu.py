"""analyze on a GPU, at the full models' size: hours of audio an hour, peak GPU memory, and what a full GPU leads to.

    .venv/bin/python benchmarks/gpu.py [--models DIR] [--minutes 30]

Without --models the weights are random, in the sizes of large-v3-turbo and community-1: as fast, but without sense.
Without a GPU it is not run (exit code 69, which `make bench` takes for no failure); DEBATE_DEVICE=cpu with --size tiny
--minutes 0.4 tries the script itself on any machine. It uses the worker's own processes, batches and device, and
measures a window after a short one that warms up. Memory is what the whole GPU has in use beyond what it had before.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from debate_core.documents.plan import Audio, Diarization, Plan, PlannedModel, Span, Transcription
from debate_core.errors import GpuOutOfMemory
from debate_worker.analyze.device import GIB, Device, NoGpu, choose_device, first_gpu
from debate_worker.analyze.step import Sound, Task, load_diarizer, load_transcriber, run_together
from debate_worker.models import ModelCatalog
from debate_worker.prepare.decode import decode
from debate_worker.prepare.planning import build_plan
from debate_worker.prepare.speech import SpeechParameters, speech_probabilities, speech_spans
from debate_worker.processes import ChildProcess

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "examples/sample-debate.mp4"
WARM_UP_MINUTES = 1.0
LITTLE_BYTES = 3 * GIB
"""What is left free to see what running out of memory does."""
MODEL = PlannedModel(repo="benchmark/none", revision="1", digest="0" * 64)
TRANSCRIPTION = Transcription(
    model=MODEL, task="transcribe", language="en", hotwords=[], max_clip_seconds=30, beam_size=5
)
DIARIZATION = Diarization(model=MODEL, max_speakers=None)


def plan(pcm: Path, minutes: float) -> Plan:
    """One window of the sample debate, again and again, with the clips that prepare would make."""
    once = pcm.with_name("once.s16")
    decode(SAMPLE, once, lambda done, total: None)
    samples = round(minutes * 60 * 16_000)
    np.resize(np.fromfile(once, "<i2"), samples).tofile(pcm)
    probabilities = speech_probabilities(pcm, samples, lambda done, total: None)
    ms = round(minutes * 60_000)
    return build_plan(
        job_id="benchmark",
        name="benchmark",
        request_hash="0" * 64,
        audio=Audio(
            sha256="0" * 64, duration_seconds=minutes * 60, offset_seconds=0, channels=1, source_sample_rate=16_000
        ),
        transcription=TRANSCRIPTION,
        diarization=DIARIZATION,
        speech=speech_spans(probabilities, ms, SpeechParameters()),
        probabilities=probabilities,
        window_ms=ms,
        overlap_ms=0,
    )


def task(folder: Path, minutes: float, *, random: bool) -> Task:
    """With random weights hardly any speech is told of: their words lie anywhere, and all speech would seem missed."""
    folder.mkdir()
    planned = plan(folder / "sound.s16", minutes)
    speech = [Span(start=0, end=1)] if random else planned.speech
    return Task(Sound(folder / "sound.s16", 0), planned.windows[0], speech)


class Memory:
    """The least free memory of the first GPU while it is watched, and a way to fill it; nothing without a GPU."""

    EVERY_S = 0.05

    def __init__(self, device: Device) -> None:
        self._cuda: Any = None
        if device.kind == "cuda":
            self._cuda, self._context = ctypes.CDLL("libcuda.so.1"), ctypes.c_void_p()
            for code in (self._cuda.cuInit(0), self._cuda.cuDevicePrimaryCtxRetain(ctypes.byref(self._context), 0)):
                assert code == 0, code
            self._cuda.cuCtxSetCurrent(self._context)

    def free(self) -> int:
        """Bytes; of the thread that asks, the context is made the current one."""
        free, total = ctypes.c_size_t(), ctypes.c_size_t()
        self._cuda.cuCtxSetCurrent(self._context)
        code = self._cuda.cuMemGetInfo_v2(ctypes.byref(free), ctypes.byref(total))
        assert code == 0, code
        return free.value

    @contextmanager
    def peak(self) -> Iterator[list[int]]:
        """The list has the bytes in use at most, beyond those at its start, once it is left."""
        found: list[int] = []
        if self._cuda is None:
            yield found
            return
        before, lowest, done = self.free(), [self.free()], threading.Event()

        def watch() -> None:
            while not done.wait(self.EVERY_S):
                lowest.append(min(lowest.pop(), self.free()))

        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            yield found
        finally:
            done.set()
            watcher.join()
            found.append(before - lowest[0])

    @contextmanager
    def full_but(self, left_bytes: int) -> Iterator[None]:
        """As another program would take it."""
        taken = ctypes.c_uint64()
        code = self._cuda.cuMemAlloc_v2(ctypes.byref(taken), ctypes.c_size_t(max(1, self.free() - left_bytes)))
        assert code == 0, code
        try:
            yield
        finally:
            self._cuda.cuMemFree_v2(taken)


def processes(asr: Path, diarization: Path, device: Device) -> list[ChildProcess]:
    return [
        ChildProcess("transcription", partial(load_transcriber, asr, device, TRANSCRIPTION)),
        ChildProcess("diarization", partial(load_diarizer, diarization, device, DIARIZATION)),
    ]


def run(what: list[ChildProcess], given: Task) -> dict[str, Any]:
    return run_together(what, given, lambda name, share: None, lambda: None)


def measure(name: str, what: list[ChildProcess], short: Task, long: Task, memory: Memory) -> None:
    """A row of the table. Memory counts from before the models were loaded."""
    with memory.peak() as peak:
        run(what, short)
        began = time.perf_counter()
        results = run(what, long)
        seconds = time.perf_counter() - began
    window = long.window
    again = ""
    if (text := results.get("transcription")) is not None:
        weak = sum(chunk.decision != "kept" for chunk in text.chunks)
        again = f"{len(window.clips)} clips, {weak} decoded again, {len(text.words)} words"
    used = f"{peak[0] / GIB:.1f} GiB" if peak else "no GPU"
    print(f"| {name} | {(window.end - window.start) / seconds:.1f} | {seconds:.1f} s | {used} | {again} |", flush=True)


def out_of_memory(asr: Path, diarization: Path, device: Device, given: Task, memory: Memory) -> None:
    """Both models one after the other, with batches for an empty GPU, on one that something else has filled."""
    print(f"\nWith {LITTLE_BYTES / GIB:.0f} GiB left and batches of {device.asr_batch} and {device.diarization_batch}:")
    alone = device.to_itself()
    with memory.full_but(LITTLE_BYTES):
        for process in processes(asr, diarization, alone):
            try:
                run([process], given)
                print(f"- {process.name}: done (the lines above say with which batches)", flush=True)
            except GpuOutOfMemory as error:
                print(f"- {process.name}: exit code {int(error.exit_code)}: {error}", flush=True)
            finally:
                process.stop()


def models(arguments: argparse.Namespace, folder: Path) -> tuple[Path, Path]:
    """The folders of both. A catalogue's files are linked, after a look at their hashes."""
    if arguments.models:
        catalog = ModelCatalog.open(arguments.models)
        found = catalog.transcription(arguments.transcription), catalog.diarization()
        print(f"Weights: the real ones, {found[0].repo} and {found[1].repo}.")
        return catalog.materialize(found[0], folder), catalog.materialize(found[1], folder)
    sys.path.insert(0, str(ROOT / "models"))
    from support.random_models import write  # imports torch, which is not needed to say that there is no GPU

    if arguments.size == "full":
        print("Weights: random, in the sizes of large-v3-turbo and community-1; the output makes no sense.", flush=True)
    else:
        print("Weights: random, a tiny Whisper and community-1's networks; the figures mean nothing.", flush=True)
    return write(folder / "random", arguments.size)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", help="a folder or store with an index.json: the real weights")
    parser.add_argument("--transcription", default="large-v3-turbo", help="which of its transcription models")
    parser.add_argument("--size", choices=["full", "tiny"], default="full", help="of the random weights")
    parser.add_argument("--minutes", type=float, default=30.0, help="length of the window")
    arguments = parser.parse_args()
    wanted = os.environ.get("DEBATE_DEVICE", "auto")
    if wanted != "cpu":
        try:
            gpu = first_gpu()
        except NoGpu as reason:
            print(f"The GPU path: not run: no GPU ({reason})")
            sys.exit(os.EX_UNAVAILABLE)
        print(f"{gpu.name}, {gpu.free_bytes / GIB:.1f} of {gpu.total_bytes / GIB:.1f} GiB free")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        asr, diarization = models(arguments, folder)
        device = choose_device(wanted, sum(file.stat().st_size for file in asr.iterdir()))
        print(f"Device: {device}")
        random = not arguments.models
        short = task(folder / "short", min(WARM_UP_MINUTES, arguments.minutes / 2), random=random)
        long = task(folder / "long", arguments.minutes, random=random)
        memory = Memory(device)
        print("\n| what | audio hours an hour | a window | peak GPU memory | |\n|---|---|---|---|---|")
        for name in ("transcription", "diarization"):
            (process,) = [one for one in processes(asr, diarization, device) if one.name == name]
            measure(name, [process], short, long, memory)
            process.stop()
        if device.concurrent:
            both = processes(asr, diarization, device)
            measure("both at once", both, short, long, memory)
            for process in both:
                process.stop()
        if device.kind == "cuda":
            out_of_memory(asr, diarization, device, short, memory)


if __name__ == "__main__":
    main()
