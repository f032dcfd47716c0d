"""Everything that a GPU changes: where the models run, in which precision and batches, and running out of memory.

No torch here: the parent process asks the driver itself, for importing torch takes seconds and half a gigabyte.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal, TypeVar

import structlog

from debate_core.errors import GpuOutOfMemory, Misconfigured

GIB = 1024**3

# What the models need on a GPU. Measured by others, hence the margin; what is still too much is halved.
CONTEXT_BYTES = GIB // 2
"""One process: CUDA's context, the libraries' kernels and workspaces."""
CLIP_BYTES = GIB // 4
"""A clip of 30 s with beam 5 (SYSTRAN/faster-whisper, README: large-v2 with batches of 8 against one by one)."""
CHUNK_BYTES = 72 * 1024**2
"""10 s through the embedding (pyannote/pyannote-audio#1963: 1.83 GiB for batches of 32)."""
DIARIZATION_BYTES = GIB
"""The diarization's context, weights and what it keeps between batches."""
MARGIN = 1.3
BATCHES = (32, 16, 8, 4, 2, 1)
FULL_BATCH = 16
"""Larger batches bring little; smaller ones are slower than both models one after the other."""
GOOD_BATCH = 8
"""Where float16 has only room for less, int8 is faster."""

OLDEST_CAPABILITY = (7, 0)
"""Of torch's wheels (sm_70: Volta)."""
OLDEST_DRIVER = 12_000
"""CUDA 12, as cuDriverGetVersion says it: CTranslate2 and torch are built for it."""
CUBLAS = ("libcublasLt.so.12", "libcublas.so.12")
"""What CTranslate2 loads by name, after what it needs itself."""

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Device:
    """Where the models run.

    threads: CPU threads for each of the two model processes. concurrent: both at once. alone: the one that does not
    work has no process, and so no memory. asr_batch, diarization_batch: the sizes to begin with; halved when memory
    runs out. torch_share: how much of the GPU's memory torch may take: CTranslate2 cannot get back what torch keeps.
    """

    kind: Literal["cpu", "cuda"]
    compute_type: str
    threads: int
    asr_batch: int
    diarization_batch: int
    concurrent: bool
    alone: bool = False
    torch_share: float = 1.0

    def to_itself(self) -> Device:
        """The same for one model at a time, with all of the memory."""
        return replace(self, concurrent=False, alone=True, torch_share=1.0)


@dataclass(frozen=True, slots=True)
class Gpu:
    """A GPU as its driver tells. free_bytes: what other programs leave. compute_types: those of CTranslate2 on it."""

    name: str
    capability: tuple[int, int]
    free_bytes: int
    total_bytes: int
    compute_types: frozenset[str]


class NoGpu(Exception):
    """There is none. The message says why, and what helps."""


class UnusableGpu(NoGpu):
    """There is one, but it cannot be used."""


def choose_device(wanted: str, asr_weights_bytes: int = 0) -> Device:
    """The device for `DEBATE_DEVICE`: auto takes the first GPU of CUDA_VISIBLE_DEVICES where one can be used.

    asr_weights_bytes: the size of the transcription model's files. Raises Misconfigured for an unknown word, and for
    `cuda` where there is no GPU that can be used; where auto passes one over, it says so.
    """
    if wanted not in ("auto", "cpu", "cuda"):
        raise Misconfigured(f"DEBATE_DEVICE={wanted} is unknown: it is auto, cpu or cuda")
    if wanted == "cpu":
        return cpu(_cores())
    try:
        return cuda(first_gpu(), asr_weights_bytes)
    except NoGpu as reason:
        if wanted == "cuda":
            raise Misconfigured(f"DEBATE_DEVICE=cuda, but no usable GPU is seen: {reason}") from reason
        if isinstance(reason, UnusableGpu):
            structlog.get_logger().warning(f"the GPU is not used, and the CPU is slow: {reason}")
        return cpu(_cores())


def cpu(cores: int) -> Device:
    """Both processes at once share the cores: the slower one, diarization, gets the odd one."""
    asr = max(1, cores // 2)
    return Device("cpu", "int8", threads=asr, asr_batch=4, diarization_batch=16, concurrent=cores > 1)


def cuda(gpu: Gpu, asr_weights_bytes: int = 0) -> Device:
    """Precision, batches and whether both models run at once, by what memory is free.

    Raises UnusableGpu for one that CTranslate2 or torch cannot compute on.
    """
    halves = asr_weights_bytes // 2  # a file in half precision, as the published ones are
    full = _fits(gpu.free_bytes, asr_weights_bytes)
    precise = [("float16", full)] if full >= GOOD_BATCH else []
    choices = [*precise, ("int8_float16", _fits(gpu.free_bytes, halves)), ("float16", full)]
    # On a GPU without half precision numbers take twice the room: the batch halves where that is too much.
    choices += [("int8_float32", _fits(gpu.free_bytes, halves)), ("float32", _fits(gpu.free_bytes, 2 * halves))]
    found = next(((kind, batch) for kind, batch in choices if kind in gpu.compute_types), None)
    if found is None or gpu.capability < OLDEST_CAPABILITY:
        raise UnusableGpu(f"{gpu.name} is too old for the models' libraries: use one from 2018 or later (T4, L4, A10G)")
    compute_type, batch = found
    weights = halves if compute_type.startswith("int8") else asr_weights_bytes
    room_for_torch = gpu.free_bytes - asr_bytes(weights, batch)
    concurrent = batch >= FULL_BATCH and room_for_torch >= diarization_bytes(2 * batch)
    if not concurrent:
        room_for_torch = gpu.free_bytes - CONTEXT_BYTES - weights
    return Device(
        "cuda",
        compute_type,
        threads=max(1, _cores() // 2),
        asr_batch=batch,
        diarization_batch=2 * batch,
        concurrent=concurrent,
        torch_share=min(1.0, max(CONTEXT_BYTES, room_for_torch - CONTEXT_BYTES) / gpu.total_bytes),
    )


def asr_bytes(weights_bytes: int, batch: int) -> int:
    """What transcription takes on a GPU."""
    return round(MARGIN * (CONTEXT_BYTES + weights_bytes + batch * CLIP_BYTES))


def diarization_bytes(batch: int) -> int:
    """What diarization takes on a GPU."""
    return round(MARGIN * (DIARIZATION_BYTES + batch * CHUNK_BYTES))


def _fits(free_bytes: int, weights_bytes: int) -> int:
    """The largest batch with which both models have room when they take turns; at once, where that is the full one."""
    for batch in BATCHES:
        asr, diarization = asr_bytes(weights_bytes, batch), diarization_bytes(2 * batch)
        at_once = asr + diarization
        in_turns = max(asr + DIARIZATION_BYTES, diarization + CONTEXT_BYTES + weights_bytes)
        # Beyond the full batch nothing is won that would make up for taking turns.
        if (at_once if batch > FULL_BATCH else in_turns) <= free_bytes:
            return batch
    return BATCHES[-1]


# --- running out of memory


class Batches:
    """A batch size that halves when GPU memory runs out, and stays so: what did not fit will not fit next time.

    free: gives back what the library keeps, before the next try.
    """

    def __init__(self, what: str, size: int, free: Callable[[], None] = lambda: None) -> None:
        self.size = size
        self._what = what
        self._free = free

    def run(self, work: Callable[[int], Result], most: int | None = None) -> Result:
        """`work` with the largest size that fits, no more than `most`. Raises what it raises with batches of one."""
        while True:
            size = self.size if most is None else min(self.size, most)
            try:
                return work(size)
            except (RuntimeError, MemoryError) as error:
                if not is_out_of_memory(error) or size == 1:
                    raise
            # Outside of `except`: the error holds the frames, and they the tensors that are to be freed.
            self.size = size // 2
            structlog.get_logger().warning(f"out of GPU memory: {self._what} goes on with batches of {self.size}")
            self._free()

    def over(self, items: Sequence[Item], work: Callable[[Sequence[Item]], Result]) -> Iterator[Result]:
        """`work` for the items, batch by batch, in order; only the batch that did not fit is done again."""
        left = items
        while left:
            taken, result = self.run(partial(_first, left, work), most=len(left))
            yield result
            left = left[taken:]


def _first(items: Sequence[Item], work: Callable[[Sequence[Item]], Result], size: int) -> tuple[int, Result]:
    return size, work(items[:size])


@contextmanager
def gpu_memory(what: str) -> Iterator[None]:
    """Running out of GPU memory in here is GpuOutOfMemory; `what` was done in the smallest way there is."""
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
        raise GpuOutOfMemory(
            f"out of GPU memory while {what}: use a larger GPU, a smaller model, or stop other programs on this one"
        ) from error


def is_out_of_memory(error: BaseException | None) -> bool:
    """True for what torch, pyannote and CTranslate2 raise when a GPU's memory runs out.

    torch: OutOfMemoryError, or RuntimeError for cuBLAS and cuDNN. CTranslate2: RuntimeError, or MemoryError from
    thrust. pyannote makes a MemoryError of torch's, which says no more than that the batch is too large.
    Not: the machine's own memory (numpy's MemoryError, torch's DefaultCPUAllocator).
    """
    if error is None:
        return False
    text = str(error).lower()
    words = ("out of memory", "status_alloc_failed", "device_allocation_failed", "cudaerrormemoryallocation")
    if type(error).__name__ == "OutOfMemoryError" or any(word in text for word in words):
        return True
    return isinstance(error, MemoryError) and is_out_of_memory(error.__context__)


# --- the driver and the libraries


def load_cublas() -> None:
    """Make cuBLAS known to CTranslate2, which asks the loader for it by name: pip puts it where only torch looks.

    cuDNN is not needed: CTranslate2 does without since 4.6.3, and torch finds its own.
    Raises Misconfigured where there is none.
    """
    try:
        ctypes.CDLL(CUBLAS[-1], mode=ctypes.RTLD_GLOBAL)
    except OSError:
        for library in CUBLAS:
            path = _pip_folder() / library
            try:
                ctypes.CDLL(str(path), mode=ctypes.RTLD_GLOBAL)
            except OSError as error:
                raise Misconfigured(
                    f"{library} cannot be loaded, which transcription on a GPU needs ({error}): "
                    "install debate-worker[gpu], or set DEBATE_DEVICE=cpu"
                ) from error


def _pip_folder() -> Path:
    """Where nvidia-cublas-cu12 has its libraries; no such folder where it is not installed."""
    package = importlib.util.find_spec("nvidia")
    folders = [Path(place) / "cublas" / "lib" for place in (package and package.submodule_search_locations) or []]
    return next((folder for folder in folders if folder.is_dir()), Path("nvidia/cublas/lib"))


def first_gpu() -> Gpu:
    """The first GPU of CUDA_VISIBLE_DEVICES, asked without staying in its memory. Raises NoGpu, UnusableGpu."""
    import ctranslate2

    try:
        library = ctypes.CDLL("libcuda.so.1")
    except OSError:
        raise NoGpu("there is no NVIDIA driver: install it, or give the container the GPU") from None
    gpu = Driver(library).first_gpu()
    if not ctranslate2.get_cuda_device_count():
        raise UnusableGpu("CTranslate2 cannot use it: its packages for this kind of CPU are built without CUDA")
    return replace(gpu, compute_types=frozenset(ctranslate2.get_supported_compute_types("cuda", 0)))


class Driver:
    """The few calls of libcuda that are needed; the names are NVIDIA's (CUDA Driver API)."""

    NO_DEVICE = 100
    OUT_OF_MEMORY = 2
    CAPABILITY = (75, 76)

    def __init__(self, library: Any) -> None:
        self._cuda = library

    def first_gpu(self) -> Gpu:
        """Without compute types. Raises NoGpu, UnusableGpu."""
        code = self._cuda.cuInit(0)
        if code == self.NO_DEVICE:
            raise NoGpu("the driver sees none: give the container the GPU, and look at CUDA_VISIBLE_DEVICES")
        if code:
            raise UnusableGpu(f"its driver does not start (cuInit: error {code}): update it, or restart the machine")
        version = ctypes.c_int()
        self._call("cuDriverGetVersion", ctypes.byref(version))
        if version.value < OLDEST_DRIVER:
            raise UnusableGpu(
                f"its driver is too old (CUDA {version.value // 1000}.{version.value % 1000 // 10}): "
                "update it to 525 or newer (CUDA 12)"
            )
        device, name, total = ctypes.c_int(), ctypes.create_string_buffer(100), ctypes.c_size_t()
        self._call("cuDeviceGet", ctypes.byref(device), 0)
        self._call("cuDeviceGetName", name, 100, device)
        self._call("cuDeviceTotalMem_v2", ctypes.byref(total), device)
        major, minor = (self._attribute(which, device) for which in self.CAPABILITY)
        free = self._free_bytes(device)
        return Gpu(name.value.decode(), (major, minor), free, total.value, frozenset())

    def _free_bytes(self, device: ctypes.c_int) -> int:
        """0 where there is not even room to ask."""
        context, free, total = ctypes.c_void_p(), ctypes.c_size_t(), ctypes.c_size_t()
        code = self._cuda.cuDevicePrimaryCtxRetain(ctypes.byref(context), device)
        if code == self.OUT_OF_MEMORY:
            return 0
        if code:
            raise UnusableGpu(f"it cannot be opened (cuDevicePrimaryCtxRetain: error {code}): is it in exclusive use?")
        try:
            self._call("cuCtxSetCurrent", context)
            self._call("cuMemGetInfo_v2", ctypes.byref(free), ctypes.byref(total))
        finally:
            self._cuda.cuCtxSetCurrent(None)
            self._cuda.cuDevicePrimaryCtxRelease_v2(device)
        return free.value

    def _attribute(self, which: int, device: ctypes.c_int) -> int:
        found = ctypes.c_int()
        self._call("cuDeviceGetAttribute", ctypes.byref(found), which, device)
        return found.value

    def _call(self, function: str, *arguments: Any) -> None:
        code = getattr(self._cuda, function)(*arguments)
        if code:
            raise UnusableGpu(f"its driver fails ({function}: error {code}): restart the machine")


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
