"""What a GPU changes: device, precision, batch sizes."""

from __future__ import annotations

import pytest

from debate_core.errors import Misconfigured
from debate_worker.analyze import device
from debate_worker.analyze.device import GIB, choose_device, cpu, cuda, is_out_of_memory


@pytest.mark.parametrize(
    ("free_gib", "compute_type", "batch", "concurrent"),
    [(4, "int8_float16", 4, False), (8, "float16", 8, False), (14.5, "float16", 16, True), (75, "float16", 32, True)],
)
def test_sizes_follow_the_free_memory(free_gib: float, compute_type: str, batch: int, concurrent: bool) -> None:
    found = cuda(int(free_gib * GIB))
    assert (found.kind, found.compute_type, found.asr_batch, found.concurrent) == (
        "cuda",
        compute_type,
        batch,
        concurrent,
    )


@pytest.mark.parametrize(("cores", "threads", "concurrent"), [(1, 1, False), (2, 1, True), (8, 4, True)])
def test_on_a_cpu_both_models_share_the_cores(cores: int, threads: int, concurrent: bool) -> None:
    found = cpu(cores)
    assert (found.kind, found.compute_type, found.threads, found.concurrent) == ("cpu", "int8", threads, concurrent)


def test_auto_takes_a_gpu_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device, "_cuda_devices", lambda: [20 * GIB])
    assert choose_device("auto").kind == "cuda"
    assert choose_device("cuda").kind == "cuda"
    assert choose_device("cpu").kind == "cpu"


def test_a_missing_gpu_is_no_silent_fallback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device, "_cuda_devices", list)
    assert choose_device("auto").kind == "cpu"
    with pytest.raises(Misconfigured, match="no usable GPU"):
        choose_device("cuda")
    with pytest.raises(Misconfigured, match="auto, cpu or cuda"):
        choose_device("tpu")


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (RuntimeError("CUDA failed with error out of memory"), True),
        (type("OutOfMemoryError", (RuntimeError,), {})("x"), True),
        (RuntimeError("CUDA error: device-side assert"), False),
    ],
)
def test_running_out_of_memory_is_recognised(error: Exception, expected: bool) -> None:
    assert is_out_of_memory(error) is expected
