"""Both models on one GPU: at once, in turns, and each alone where its memory is not enough for two."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from media import tone
from model_handlers import load_small_diarizer, load_small_transcriber
from structlog.testing import capture_logs

from debate_core import keys
from debate_core.documents.window import WindowResult
from debate_core.errors import GpuOutOfMemory
from debate_core.reasons import ExitCode
from debate_worker.analyze import step
from debate_worker.analyze.device import Device
from debate_worker.analyze.step import analyze
from debate_worker.context import Context
from debate_worker.prepare.step import prepare

WINDOWS = 2


@pytest.fixture
def others(tmp_path: Path) -> Path:
    folder = tmp_path / "processes"
    folder.mkdir()
    return folder


@pytest.fixture
def small_gpu(monkeypatch: pytest.MonkeyPatch) -> Callable[[Device], None]:
    """A device on which one model has no room beside the other."""

    def use(device: Device) -> None:
        monkeypatch.setattr(step, "choose_device", lambda *_: device)
        monkeypatch.setattr(step, "load_transcriber", load_small_transcriber)
        monkeypatch.setattr(step, "load_diarizer", load_small_diarizer)

    return use


@pytest.fixture
def prepared(make_context: Callable[..., Context], tmp_path: Path) -> Callable[..., Context]:
    """A job with two windows and its plan."""
    tone(tmp_path / "in.wav", 6)

    def make(**spec: object) -> Context:
        context = make_context({"source": {"file": "in.wav"}, **spec}, window_seconds=4.0, overlap_seconds=0.5)
        prepare(context)
        return context

    return make


def device(others: Path, *, concurrent: bool, asr_batch: int = 8) -> Device:
    return Device("cuda", str(others), threads=1, asr_batch=asr_batch, diarization_batch=8, concurrent=concurrent)


def processes(others: Path) -> dict[str, int]:
    """How many of each were started."""
    names = [path.name.split("-")[0] for path in others.iterdir()]
    return {name: names.count(name) for name in names}


def test_where_two_have_no_room_each_has_the_gpu_alone(
    small_gpu: Callable[[Device], None], prepared: Callable[..., Context], others: Path
) -> None:
    small_gpu(device(others, concurrent=True))
    context = prepared()
    with capture_logs() as lines:
        assert analyze(context).facts["windows_done_here"] == WINDOWS
    documents = list(context.store.list(keys.WINDOWS_PREFIX.key(job_id=context.job_id)))
    assert len(documents) == WINDOWS
    assert all(WindowResult.from_json(context.store.get(one.key)).diarization is not None for one in documents)
    # Told once: after it they go on so. One try together, then each loads for each window.
    assert sum("one at a time" in line["event"] for line in lines) == 1
    assert processes(others) == {"transcription": WINDOWS + 1, "diarization": WINDOWS + 1}


def test_what_does_not_fit_alone_is_out_of_memory(
    small_gpu: Callable[[Device], None], prepared: Callable[..., Context], others: Path
) -> None:
    small_gpu(device(others, concurrent=False, asr_batch=0))
    context = prepared()
    with pytest.raises(GpuOutOfMemory) as caught:
        analyze(context)
    assert caught.value.exit_code is ExitCode.GPU_OUT_OF_MEMORY
    assert list(context.store.list(keys.WINDOWS_PREFIX.key(job_id=context.job_id))) == []
    assert processes(others) == {"transcription": 2}


def test_with_one_model_there_is_nobody_to_make_room(
    small_gpu: Callable[[Device], None], prepared: Callable[..., Context], others: Path
) -> None:
    small_gpu(device(others, concurrent=True, asr_batch=0))
    context = prepared(diarization={"enabled": False})
    with pytest.raises(GpuOutOfMemory):
        analyze(context)
    assert processes(others) == {"transcription": 1}
