"""Everything that a GPU changes: where the models run, in which precision and batches, and running out of memory."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Literal

from debate_core.errors import Misconfigured

GIB = 1024**3
CONCURRENT_FREE_BYTES = 14 * GIB
"""With this much free GPU memory, transcription and diarization run at once: on a 16 GB card, and larger ones."""


@dataclass(frozen=True, slots=True)
class Device:
    """Where the models run.

    threads: CPU threads for each of the two model processes. concurrent: both at once.
    asr_batch, diarization_batch: the sizes to begin with; halved when memory runs out.
    """

    kind: Literal["cpu", "cuda"]
    compute_type: str
    threads: int
    asr_batch: int
    diarization_batch: int
    concurrent: bool


def choose_device(wanted: str) -> Device:
    """The device for `DEBATE_DEVICE`: auto takes a GPU where CTranslate2 sees one.

    Raises Misconfigured for an unknown word, and for `cuda` where there is no GPU: never a silent fallback.
    """
    if wanted not in ("auto", "cpu", "cuda"):
        raise Misconfigured(f"DEBATE_DEVICE={wanted} is unknown: it is auto, cpu or cuda")
    if wanted == "cpu" or not (gpus := _cuda_devices()):
        if wanted == "cuda":
            raise Misconfigured("DEBATE_DEVICE=cuda, but no usable GPU is seen: check the driver, or use auto or cpu")
        return cpu(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)
    return cuda(gpus[0])


def cpu(cores: int) -> Device:
    """Both processes at once share the cores: the slower one, diarization, gets the odd one."""
    asr = max(1, cores // 2)
    return Device("cpu", "int8", threads=asr, asr_batch=4, diarization_batch=16, concurrent=cores > 1)


def cuda(free_bytes: int) -> Device:
    """Batch sizes by free memory: a 30 s clip of large-v3-turbo with beam 5 takes some 0.25 GB in float16."""
    batch = 4 if free_bytes < 6 * GIB else 8 if free_bytes < 12 * GIB else 16 if free_bytes < 32 * GIB else 32
    return Device(
        "cuda",
        "float16" if free_bytes >= 6 * GIB else "int8_float16",
        threads=max(1, (os.cpu_count() or 2) // 2),
        asr_batch=batch,
        diarization_batch=batch * 2,
        concurrent=free_bytes >= CONCURRENT_FREE_BYTES,
    )


def is_out_of_memory(error: BaseException) -> bool:
    """True for what torch (OutOfMemoryError) and CTranslate2 (RuntimeError) raise when memory runs out."""
    return type(error).__name__ == "OutOfMemoryError" or "out of memory" in str(error).lower()


def _cuda_devices() -> list[int]:
    """Free bytes of each GPU; empty without a GPU, or without the libraries that use one."""
    try:
        import torch
    except ImportError:
        return []
    return [torch.cuda.mem_get_info(index)[0] for index in range(torch.cuda.device_count())]
