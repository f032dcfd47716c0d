"""Running out of GPU memory: in whose words it is told, halving the batch, and the typed error at the end."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from pyannote.audio import Inference
from structlog.testing import capture_logs

from debate_core.errors import GpuOutOfMemory
from debate_core.reasons import ExitCode
from debate_worker.analyze.device import Batches, gpu_memory, is_out_of_memory

TORCHS = (
    "CUDA out of memory. Tried to allocate 20.00 MiB. GPU 0 has a total capacity of 4.00 GiB of which 0 bytes is free. "
    "Of the allocated memory 3.27 GiB is allocated by PyTorch, and 257.08 MiB is reserved by PyTorch but unallocated."
)
CTRANSLATE2S = "CUDA failed with error out of memory"


def pyannotes() -> MemoryError:
    """What its inference makes of torch's."""

    def full(_: torch.Tensor) -> torch.Tensor:
        raise torch.OutOfMemoryError(TORCHS)

    inference = SimpleNamespace(model=full, device=torch.device("cpu"), batch_size=16)
    with pytest.raises(MemoryError, match="is probably too large") as caught:
        Inference.infer(inference, torch.zeros(1, 1, 1))
    return caught.value


def numpys() -> MemoryError:
    with pytest.raises(MemoryError) as caught:
        np.zeros((1 << 45, 1 << 10))
    return caught.value


OUT_OF_MEMORY = {
    "torch": torch.OutOfMemoryError(TORCHS),
    "torch, asynchronously": RuntimeError("CUDA error: out of memory\nCUDA kernel errors might be reported later"),
    "torch's cuBLAS": RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
    "torch's cuDNN": RuntimeError("cuDNN error: CUDNN_STATUS_ALLOC_FAILED"),
    "torch's cuDNN 9": RuntimeError("cuDNN error: CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED"),
    "CTranslate2": RuntimeError(CTRANSLATE2S),
    "CTranslate2's cuBLAS": RuntimeError("cuBLAS failed with status CUBLAS_STATUS_ALLOC_FAILED"),
    "CTranslate2's thrust": MemoryError("std::bad_alloc: cudaErrorMemoryAllocation: out of memory"),
    "pyannote's segmentation": pyannotes(),
}
SOMETHING_ELSE = {
    "a broken kernel": RuntimeError("CUDA error: device-side assert triggered"),
    "an illegal access": RuntimeError("CUDA failed with error an illegal memory access was encountered"),
    "cuBLAS at fault": RuntimeError("cuBLAS failed with status CUBLAS_STATUS_EXECUTION_FAILED"),
    "cuBLAS not found": RuntimeError("Library libcublas.so.12 is not found or cannot be loaded"),
    "the machine's memory (torch)": RuntimeError(
        "[enforce fail at alloc_cpu.cpp:127] err == 0. DefaultCPUAllocator: can't allocate memory: you tried to "
        "allocate 4000000000000 bytes. Error code 12 (Cannot allocate memory)"
    ),
    "the machine's memory (numpy)": numpys(),
    "the machine's memory (C++)": MemoryError("std::bad_alloc"),
}


@pytest.mark.parametrize("error", OUT_OF_MEMORY.values(), ids=OUT_OF_MEMORY)
def test_running_out_of_memory_is_recognised(error: Exception) -> None:
    assert is_out_of_memory(error)
    with pytest.raises(GpuOutOfMemory, match="while decoding: use a larger GPU") as caught, gpu_memory("decoding"):
        raise error
    assert caught.value.exit_code is ExitCode.GPU_OUT_OF_MEMORY


@pytest.mark.parametrize("error", SOMETHING_ELSE.values(), ids=SOMETHING_ELSE)
def test_other_errors_stay_what_they_are(error: Exception) -> None:
    assert not is_out_of_memory(error)
    with pytest.raises(type(error)) as caught, gpu_memory("decoding"):
        raise error
    assert caught.value is error
    with pytest.raises(type(error)):
        Batches("transcription", 8).run(failing_above(0, error))


def failing_above(most: int, error: Exception, tried: list[int] | None = None) -> Callable[[int], int]:
    """Work that succeeds with batches of `most` and less."""

    def work(size: int) -> int:
        if tried is not None:
            tried.append(size)
        if size > most:
            raise error
        return size

    return work


def test_a_batch_halves_until_it_fits_and_stays_so() -> None:
    tried: list[int] = []
    freed: list[int] = []
    batches = Batches("transcription", 16, free=lambda: freed.append(len(tried)))
    work = failing_above(3, OUT_OF_MEMORY["CTranslate2"], tried)
    with capture_logs() as lines:
        assert batches.run(work) == 2
    assert batches.run(work) == 2
    assert tried == [16, 8, 4, 2, 2]
    assert freed == [1, 2, 3]
    assert [line["event"].split()[-1] for line in lines] == ["8", "4", "2"]


def test_a_short_batch_halves_from_what_was_tried() -> None:
    tried: list[int] = []
    Batches("transcription", 16).run(failing_above(2, OUT_OF_MEMORY["torch"], tried), most=5)
    assert tried == [5, 2]


def test_with_batches_of_one_the_error_is_raised() -> None:
    tried: list[int] = []
    error = OUT_OF_MEMORY["torch"]
    with pytest.raises(torch.OutOfMemoryError):
        Batches("transcription", 4).run(failing_above(0, error, tried))
    assert tried == [4, 2, 1]


def test_what_the_failed_try_held_is_free_before_the_next() -> None:
    """The error's traceback holds the frames, and they the tensors: freed before it is gone, nothing is."""
    held: list[weakref.ref[torch.Tensor]] = []
    at_freeing: list[bool] = []

    def work(size: int) -> int:
        tensor = torch.zeros(10)
        held.append(weakref.ref(tensor))
        if size > 1:
            raise torch.OutOfMemoryError(TORCHS)
        return size

    assert Batches("diarization", 2, free=lambda: at_freeing.append(held[-1]() is None)).run(work) == 1
    assert at_freeing == [True]


@given(st.lists(st.integers(), max_size=60), st.integers(1, 40), st.integers(1, 40))
def test_every_item_is_done_once_and_in_order(items: list[int], size: int, fits: int) -> None:
    def work(part: list[int]) -> list[int]:
        if len(part) > fits:
            raise RuntimeError(CTRANSLATE2S)
        return list(part)

    found = list(Batches("transcription", size).over(items, work))
    assert [item for part in found for item in part] == items
    assert all(1 <= len(part) <= min(size, fits) for part in found)
