"""What a GPU changes: device, precision, batch sizes, the driver's answers, cuBLAS."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise
from typing import Any

import pytest
import torch
from structlog.testing import capture_logs

from debate_core.errors import Misconfigured
from debate_core.reasons import ExitCode
from debate_worker.analyze import device
from debate_worker.analyze.device import (
    GIB,
    Driver,
    Gpu,
    NoGpu,
    UnusableGpu,
    asr_bytes,
    choose_device,
    cpu,
    cuda,
    diarization_bytes,
)

TURBO = 1_620_000_000
LARGE_V3 = 3_090_000_000
TURING = frozenset({"float32", "float16", "int8", "int8_float32", "int8_float16"})
AMPERE = TURING | {"bfloat16", "int8_bfloat16"}


def gpu(free_gib: float, total_gib: float = 0, *, kinds: frozenset[str] = TURING, capability: int = 75) -> Gpu:
    total = round((total_gib or free_gib) * GIB)
    return Gpu("a GPU", divmod(capability, 10), round(free_gib * GIB), total, kinds)


@pytest.mark.parametrize(
    ("free_gib", "compute_type", "batch", "concurrent"),
    [(4, "int8_float16", 4, False), (8, "float16", 8, False), (14.5, "float16", 16, True), (75, "float16", 32, True)],
)
def test_sizes_follow_the_free_memory(free_gib: float, compute_type: str, batch: int, concurrent: bool) -> None:
    found = cuda(gpu(free_gib), TURBO)
    assert (found.kind, found.compute_type, found.asr_batch, found.concurrent) == (
        "cuda",
        compute_type,
        batch,
        concurrent,
    )


CARDS = {
    "T4, 16 GB": (gpu(14.6, 14.75), TURBO, ("float16", 16, True)),
    "T4 with large-v3": (gpu(14.6, 14.75), LARGE_V3, ("float16", 16, True)),
    "L4, 24 GB": (gpu(21.9, 22.2, kinds=AMPERE, capability=89), TURBO, ("float16", 32, True)),
    "A10G, 24 GB": (gpu(21.8, 22.1, kinds=AMPERE, capability=86), TURBO, ("float16", 32, True)),
    "A10G with large-v3": (gpu(21.8, 22.1, kinds=AMPERE, capability=86), LARGE_V3, ("float16", 16, True)),
    "L40S, 48 GB": (gpu(44.0, 44.4, kinds=AMPERE, capability=89), TURBO, ("float16", 32, True)),
    "12 GB": (gpu(11.3, 11.6, kinds=AMPERE, capability=86), TURBO, ("float16", 16, False)),
    "8 GB": (gpu(7.6, 7.8, kinds=AMPERE, capability=86), TURBO, ("float16", 8, False)),
    "8 GB with large-v3": (gpu(7.6, 7.8, kinds=AMPERE, capability=86), LARGE_V3, ("int8_float16", 8, False)),
    "4 GB": (gpu(3.8, 4.0), TURBO, ("int8_float16", 2, False)),
    "a busy L4": (gpu(5.0, 22.2, kinds=AMPERE, capability=89), TURBO, ("int8_float16", 4, False)),
    "a full L4": (gpu(0.0, 22.2, kinds=AMPERE, capability=89), TURBO, ("int8_float16", 1, False)),
    "without half precision": (gpu(14.6, kinds=frozenset({"float32"})), TURBO, ("float32", 16, True)),
    "with int8 alone": (gpu(14.6, kinds=frozenset({"float32", "int8_float32"})), TURBO, ("int8_float32", 16, True)),
}


@pytest.mark.parametrize(("card", "weights", "expected"), CARDS.values(), ids=CARDS)
def test_cards(card: Gpu, weights: int, expected: tuple[str, int, bool]) -> None:
    found = cuda(card, weights)
    assert (found.compute_type, found.asr_batch, found.concurrent) == expected
    assert found.diarization_batch == 2 * found.asr_batch
    assert found.compute_type in card.compute_types


@pytest.mark.parametrize("weights", [0, TURBO, LARGE_V3])
def test_what_is_chosen_has_room(weights: int) -> None:
    """On a GPU that others use as well: what is planned is what they leave, and torch is kept to its part."""
    for card in [gpu(step / 2, 80) for step in range(161)]:
        found = cuda(card, weights)
        held = weights // 2 if found.compute_type.startswith("int8") else weights
        asr, diarization = asr_bytes(held, found.asr_batch), diarization_bytes(found.diarization_batch)
        if found.concurrent:
            assert asr + diarization <= card.free_bytes
            assert asr + found.torch_share * card.total_bytes <= card.free_bytes
        elif found.asr_batch > 1:
            assert max(asr, diarization) <= card.free_bytes
        assert 0 < found.torch_share <= 1


def test_more_memory_is_never_a_smaller_batch() -> None:
    sizes = [cuda(gpu(step / 4), TURBO).asr_batch for step in range(1, 4 * 80)]
    # One step back: where float16 begins to fit with a good batch, int8 had a larger one.
    assert sum(later < earlier for earlier, later in pairwise(sizes)) <= 1
    assert (min(sizes), max(sizes)) == (1, 32)


def test_alone_a_model_has_all_the_memory() -> None:
    found = cuda(gpu(14.6), TURBO)
    alone = found.to_itself()
    assert (found.concurrent, found.alone, found.torch_share < 1) == (True, False, True)
    assert (alone.concurrent, alone.alone, alone.torch_share) == (False, True, 1.0)
    assert alone.asr_batch == found.asr_batch


@pytest.mark.parametrize(
    "old",
    [gpu(11.0, capability=61, kinds=frozenset({"float32", "int8_float32"})), gpu(12.0, kinds=frozenset())],
    ids=["Pascal", "nothing that CTranslate2 can compute in"],
)
def test_a_gpu_that_is_too_old(old: Gpu) -> None:
    with pytest.raises(UnusableGpu, match="too old"):
        cuda(old, TURBO)


def test_the_oldest_gpu_is_that_of_torchs_wheels() -> None:
    flags = torch._C._cuda_getArchFlags().split()
    assert min(int(flag.removeprefix("sm_")) for flag in flags) == 10 * device.OLDEST_CAPABILITY[0]
    assert torch.version.cuda.startswith(f"{device.OLDEST_DRIVER // 1000}.")


@pytest.mark.parametrize(("cores", "threads", "concurrent"), [(1, 1, False), (2, 1, True), (8, 4, True)])
def test_on_a_cpu_both_models_share_the_cores(cores: int, threads: int, concurrent: bool) -> None:
    found = cpu(cores)
    assert (found.kind, found.compute_type, found.threads, found.concurrent) == ("cpu", "int8", threads, concurrent)


def test_auto_takes_a_gpu_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device, "first_gpu", lambda: gpu(20))
    assert choose_device("auto").kind == "cuda"
    assert choose_device("cuda").kind == "cuda"
    assert choose_device("cpu").kind == "cpu"


def test_a_missing_gpu_is_no_silent_fallback(monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> Gpu:
        raise NoGpu("there is no NVIDIA driver")

    monkeypatch.setattr(device, "first_gpu", none)
    with capture_logs() as lines:
        assert choose_device("auto").kind == "cpu"
    assert lines == []
    with pytest.raises(Misconfigured, match="no usable GPU is seen: there is no NVIDIA driver") as caught:
        choose_device("cuda")
    assert caught.value.exit_code is ExitCode.MISCONFIGURED
    with pytest.raises(Misconfigured, match="auto, cpu or cuda"):
        choose_device("tpu")


def test_a_gpu_that_is_passed_over_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device, "first_gpu", lambda: gpu(11.0, capability=61))
    with capture_logs() as lines:
        assert choose_device("auto").kind == "cpu"
    assert [line["log_level"] for line in lines] == ["warning"]
    assert "too old" in lines[0]["event"]
    with pytest.raises(Misconfigured, match="too old"):
        choose_device("cuda")


def test_without_a_driver_there_is_no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str, mode: int = 0) -> Any:
        raise OSError(f"{name}: cannot open shared object file")

    monkeypatch.setattr(device.ctypes, "CDLL", missing)
    with pytest.raises(NoGpu, match="no NVIDIA driver"):
        device.first_gpu()


class FakeCuda:
    """libcuda as far as it is called, with one GPU: functions return an error code and write through pointers."""

    def __init__(self, **codes: int) -> None:
        self.codes = codes
        self.version, self.capability, self.free, self.total = 12_080, (7, 5), 14 * GIB, 16 * GIB
        self.called: list[str] = []

    def __getattr__(self, function: str) -> Any:
        def call(*arguments: Any) -> int:
            self.called.append(function)
            self._answer(function, arguments)
            return self.codes.get(function, 0)

        return call

    def _answer(self, function: str, arguments: tuple[Any, ...]) -> None:
        pointers = [argument._obj for argument in arguments if hasattr(argument, "_obj")]
        if function == "cuDriverGetVersion":
            pointers[0].value = self.version
        if function == "cuDeviceGetName":
            arguments[0].value = b"Tesla T4"
        if function == "cuDeviceTotalMem_v2":
            pointers[0].value = self.total
        if function == "cuDeviceGetAttribute":
            pointers[0].value = self.capability[Driver.CAPABILITY.index(arguments[1])]
        if function == "cuMemGetInfo_v2":
            pointers[0].value, pointers[1].value = self.free, self.total


def test_the_driver_tells_the_first_gpu_and_is_left_again() -> None:
    library = FakeCuda()
    assert Driver(library).first_gpu() == Gpu("Tesla T4", (7, 5), 14 * GIB, 16 * GIB, frozenset())
    assert library.called[-1] == "cuDevicePrimaryCtxRelease_v2"


def test_a_gpu_without_room_to_ask_is_full() -> None:
    full = FakeCuda(cuDevicePrimaryCtxRetain=Driver.OUT_OF_MEMORY)
    assert Driver(full).first_gpu().free_bytes == 0


@pytest.mark.parametrize(
    ("codes", "kind", "message"),
    [
        ({"cuInit": 100}, NoGpu, "CUDA_VISIBLE_DEVICES"),
        ({"cuInit": 803}, UnusableGpu, r"does not start \(cuInit: error 803\): update it"),
        ({"cuDevicePrimaryCtxRetain": 46}, UnusableGpu, "exclusive use"),
        ({"cuDeviceGet": 101}, UnusableGpu, "cuDeviceGet: error 101"),
        ({"cuMemGetInfo_v2": 999}, UnusableGpu, "cuMemGetInfo_v2: error 999"),
    ],
)
def test_what_the_driver_refuses_comes_with_advice(codes: dict[str, int], kind: type[NoGpu], message: str) -> None:
    library = FakeCuda(**codes)
    with pytest.raises(kind, match=message) as caught:
        Driver(library).first_gpu()
    assert type(caught.value) is kind
    assert library.called.count("cuDevicePrimaryCtxRelease_v2") == ("cuMemGetInfo_v2" in library.called)


def test_a_driver_that_is_too_old() -> None:
    library = FakeCuda()
    library.version = 11_080
    with pytest.raises(UnusableGpu, match=r"too old \(CUDA 11.8\): update it to 525"):
        Driver(library).first_gpu()


def test_asking_for_a_gpu_does_not_import_torch() -> None:
    """It would take seconds and half a gigabyte in the process that only looks on."""
    code = (
        "import sys; from debate_worker.analyze.step import choose_device; choose_device('auto'); "
        "print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_pips_cublas_is_found_without_a_library_path() -> None:
    """In a process of its own: a library that is loaded stays so. The second name is what CTranslate2 asks for."""
    code = (
        "import ctypes; from debate_worker.analyze.device import load_cublas; load_cublas(); "
        "ctypes.CDLL('libcublas.so.12').cublasGetVersion_v2"
    )
    environment = {"PATH": "/usr/bin:/bin"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr


def test_a_missing_cublas_is_told_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device, "CUBLAS", ("libcublasLt.so.999", "libcublas.so.999"))
    with pytest.raises(Misconfigured, match=r"libcublasLt.so.999 cannot be loaded.*debate-worker\[gpu\]") as caught:
        device.load_cublas()
    assert caught.value.exit_code is ExitCode.MISCONFIGURED
