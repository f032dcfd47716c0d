"""The analyze step: the windows of the plan, one document each. A window whose document exists is skipped."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

import numpy as np
import structlog

from debate_core import keys
from debate_core.documents.plan import SAMPLE_RATE, Diarization, Plan, PlannedWindow, Span, Transcription
from debate_core.documents.step_result import StepResult
from debate_core.documents.window import WindowDiarization, WindowResult
from debate_core.errors import GpuOutOfMemory, InvalidJob, Misconfigured, StepError
from debate_core.reasons import Reason
from debate_worker.analyze.device import Device, choose_device
from debate_worker.context import Context
from debate_worker.finish.finished import found_finished
from debate_worker.processes import ChildCrashed, ChildProcess, Handler, Progress
from debate_worker.work import catalog_of, planned_models, read_plan, window_key

STEP = "analyze"
CRASHES_OF_A_WINDOW = 2
"""A window that kills its process twice would kill every one."""
POLL_S = 0.5
SAMPLE_BYTES = 2


class ModelProcessFailed(StepError):
    """A model process died again on the same window."""


class OutOfMemory(ModelProcessFailed):
    """It was killed, which is how the kernel takes memory back."""

    reason = Reason.OUT_OF_MEMORY


@dataclass(frozen=True, slots=True)
class Sound:
    """Where a child finds its samples: `path` holds PCM from `first_sample` of the audio on."""

    path: Path
    first_sample: int

    def samples(self, start_s: float, end_s: float) -> np.ndarray:
        """int16 samples of [start, end), mapped, not read."""
        first = round(start_s * SAMPLE_RATE) - self.first_sample
        mapped = np.memmap(self.path, "<i2", "r") if self.path.stat().st_size else np.zeros(0, "<i2")
        return np.asarray(mapped[first : first + round((end_s - start_s) * SAMPLE_RATE)])


@dataclass(frozen=True, slots=True)
class Task:
    """One window, as a child gets it."""

    sound: Sound
    window: PlannedWindow
    speech: list[Span]


def analyze(context: Context, shard: int = 0, shards: int = 1) -> StepResult:
    """Write every window document of the plan that is missing: first those of this shard, then any other's.

    Raises StepError: InvalidJob without a plan, Misconfigured, GpuOutOfMemory, Interrupted.
    """
    if (record := found_finished(context.store, context.job_id)) is not None:
        return _result(context, shard, record.windows, 0, record.media.audio_seconds)
    plan = read_plan(context.store, context.job_id)
    if plan is None:
        raise InvalidJob("there is no plan for this job: run the step prepare first")
    windows = sorted(plan.windows, key=lambda w: (w.index % shards != shard, w.index))
    todo = [window for window in windows if not _exists(context, window)]
    share = _Share(context, [w for w in windows if w.index % shards == shard], [w.index for w in todo], len(windows))
    share.show()
    done_here = 0
    if todo:
        with _Models(context, plan) as models:
            for window in todo:
                context.stop.check()
                if not _exists(context, window):  # another pod may have done it meanwhile
                    result = _window(context, plan, window, models, share)
                    context.store.put(_key(context, window), result.to_json(), content_type="application/json")
                    done_here += 1
                share.add(window)
    return _result(context, shard, len(windows), done_here, plan.audio.duration_seconds)


def _result(context: Context, shard: int, windows: int, done_here: int, seconds: float) -> StepResult:
    return StepResult(
        step=STEP,
        shard=shard,
        exit_code=0,
        facts={"windows": windows, "windows_done_here": done_here, "duration_seconds": seconds},
        outputs={"windows": keys.WINDOWS_PREFIX.key(job_id=context.job_id)},
    )


def _key(context: Context, window: PlannedWindow) -> str:
    return window_key(context.job_id, window)


def _exists(context: Context, window: PlannedWindow) -> bool:
    return context.store.exists(_key(context, window))


class _Share:
    """How far a shard is, in seconds of its own windows: over all shards, the sums are the plan's.

    A window that it does for another shard is told of, but not counted: that shard counts it.
    """

    def __init__(self, context: Context, own: list[PlannedWindow], todo: list[int], windows: int) -> None:
        self._progress = context.progress
        self._windows = windows
        self._own = {window.index: window.end - window.start for window in own}
        self._done = sum(seconds for index, seconds in self._own.items() if index not in todo)
        self._total = sum(self._own.values())

    def show(self, seconds: float = 0.0, note: str = "") -> None:
        self._progress.update(STEP, min(self._done + seconds, self._total), self._total, note)

    def within(self, window: PlannedWindow, fraction: float) -> None:
        """`fraction` of this window is done."""
        seconds = self._own.get(window.index, 0.0) * fraction
        self.show(seconds, f"window {window.index + 1} of {self._windows}")

    def add(self, window: PlannedWindow) -> None:
        """This window is done, by whomever."""
        self._done += self._own.get(window.index, 0.0)
        self.show(note=f"window {window.index + 1} of {self._windows}")


class _Models:
    """The two model processes of a run."""

    def __init__(self, context: Context, plan: Plan) -> None:
        transcription, diarization = planned_models(context)
        if transcription.model != plan.transcription.model or (
            (diarization and diarization.model) != (plan.diarization and plan.diarization.model)
        ):
            raise Misconfigured("the models are not the plan's: use the same --models as prepare did, or prepare again")
        cache, catalog = context.settings.cache, catalog_of(context)
        entry = catalog.transcription(transcription.model.repo)
        self.device = choose_device(context.settings.device, sum(file.bytes for file in entry.files.values()))
        self._plan = plan
        self._asr_folder = catalog.materialize(entry, cache)
        self._diarization_folder = None
        if plan.diarization is not None:
            self._diarization_folder = catalog.materialize(catalog.diarization(plan.diarization.model.repo), cache)
        self.processes = self._on(self.device)

    def _on(self, device: Device) -> list[ChildProcess]:
        transcriber = partial(load_transcriber, self._asr_folder, device, self._plan.transcription)
        processes = [ChildProcess("transcription", transcriber)]
        if self._diarization_folder is not None and self._plan.diarization is not None:
            diarizer = partial(load_diarizer, self._diarization_folder, device, self._plan.diarization)
            processes.append(ChildProcess("diarization", diarizer))
        return processes

    def __enter__(self) -> _Models:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        for process in self.processes:
            process.stop()

    def part(self) -> bool:
        """From now on each has the GPU's memory to itself; False where that is so already."""
        if self.device.alone or len(self.processes) == 1:
            return False
        structlog.get_logger().warning("out of GPU memory: the models go on one at a time, each loaded for each window")
        self.stop()
        self.device = self.device.to_itself()
        self.processes = self._on(self.device)
        return True


def load_transcriber(model: Path, device: Device, options: Transcription) -> Handler:
    """In the child: load the model, answer tasks with a TranscribedWindow."""
    _stay_offline()
    from debate_worker.analyze.transcribing import Transcriber

    transcriber = Transcriber(model, device)

    def handle(task: Task, progress: Progress) -> Any:
        pcm = task.sound.samples(task.window.start, task.window.end)
        return transcriber.transcribe(pcm, task.window, task.speech, options, progress)

    return handle


def load_diarizer(model: Path, device: Device, options: Diarization) -> Handler:
    """In the child: load the pipeline, answer tasks with a WindowDiarization."""
    _stay_offline()
    # It warns that torchcodec cannot read files; it is given samples.
    warnings.filterwarnings("ignore", module=r"pyannote\.audio\.core\.io")
    # A speaker with less than two frames has no standard deviation: such centroids are left out later.
    warnings.filterwarnings("ignore", message=r"std\(\): degrees of freedom")
    from pyannote.core import Segment, Timeline

    from debate_worker.analyze.diarizing import Diarizer

    diarizer = Diarizer(model, device)

    def handle(task: Task, progress: Progress) -> WindowDiarization:
        window = task.window
        pcm = task.sound.samples(window.diarize_start, window.diarize_end)
        speech = Timeline([Segment(span.start, span.end) for span in task.speech])
        return diarizer.diarize(pcm, window, speech, options.max_speakers, progress)

    return handle


def _stay_offline() -> None:
    """Before the libraries are imported: they ask the hub, and pyannote posts usage figures, otherwise."""
    os.environ |= {"PYANNOTE_METRICS_ENABLED": "0", "HF_HUB_DISABLE_TELEMETRY": "1", "HF_HUB_OFFLINE": "1"}


def _window(context: Context, plan: Plan, window: PlannedWindow, models: _Models, share: _Share) -> WindowResult:
    speech = [s for s in plan.speech if s.end > window.diarize_start and s.start < window.diarize_end]
    task = Task(_sound(context, plan, window), window, speech)
    fractions = dict.fromkeys([process.name for process in models.processes], 0.0)

    def progress(name: str, fraction: float) -> None:
        fractions[name] = max(fractions[name], fraction)  # a process that died begins again
        share.within(window, sum(fractions.values()) / len(fractions))

    try:
        results = _results(models, task, progress, context.stop.check)
    except GpuOutOfMemory:
        if not models.part():
            raise
        results = _results(models, task, progress, context.stop.check)
    text = results["transcription"]
    return WindowResult(
        index=window.index,
        hash=window.hash,
        language=text.language,
        words=text.words,
        chunks=text.chunks,
        diarization=results.get("diarization"),
    )


def _results(
    models: _Models, task: Task, progress: Callable[[str, float], None], check_stop: Callable[[], None]
) -> dict[str, Any]:
    """By the processes' names: at once where the device has room, else one after the other."""
    if models.device.concurrent:
        return run_together(models.processes, task, progress, check_stop)
    results: dict[str, Any] = {}
    for process in models.processes:
        results |= run_together([process], task, progress, check_stop)
        if models.device.alone:
            process.stop()
    return results


def run_together(
    processes: list[ChildProcess],
    task: Any,
    progress: Callable[[str, float], None],
    check_stop: Callable[[], None],
) -> dict[str, Any]:
    """Give the task to all processes at once and wait for their results, by name. A dead one is started again once.

    Raises what a child reports (StepError), ModelProcessFailed and OutOfMemory, and what check_stop raises.
    """
    results: dict[str, Any] = {}
    crashes = dict.fromkeys([process.name for process in processes], 0)
    for process in processes:
        process.submit(task)
    while waiting := [process for process in processes if process.name not in results]:
        check_stop()
        ready = wait([process.connection for process in waiting if process.connection], timeout=POLL_S)
        for process in [process for process in waiting if process.connection in ready]:
            try:
                kind, value = process.receive()
            except ChildCrashed as crash:
                crashes[process.name] += 1
                if crashes[process.name] >= CRASHES_OF_A_WINDOW:
                    raise _failure(crash) from crash
                process.submit(task)
                continue
            if kind == "error":
                raise value
            progress(process.name, 1.0 if kind == "result" else value)
            if kind == "result":
                results[process.name] = value
    return results


def _failure(crash: ChildCrashed) -> StepError:
    if crash.exit_code == -9:
        return OutOfMemory(f"{crash}: most likely memory ran out: give it more, or use a smaller model")
    return ModelProcessFailed(f"{crash} twice on the same window: please report this, with the lines above")


def _sound(context: Context, plan: Plan, window: PlannedWindow) -> Sound:
    """The window's part of audio.s16: the store's own file where it has one, else that byte range in scratch."""
    key = keys.WORK_AUDIO.key(job_id=context.job_id)
    local = context.store.local_path(key)
    if local is not None:
        return Sound(local, 0)
    first = round(window.diarize_start * SAMPLE_RATE)
    count = round(window.diarize_end * SAMPLE_RATE) - first
    path = context.scratch / "window.s16"
    path.write_bytes(context.store.get_range(key, first * SAMPLE_BYTES, count * SAMPLE_BYTES))
    return Sound(path, first)
