"""Diarizing a window with the real pyannote and the demo models, when a GPU's memory runs out in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from media import DEMO_MODELS
from pyannote.core import Segment, Timeline

from debate_core.documents.plan import SAMPLE_RATE, PlannedWindow
from debate_core.errors import GpuOutOfMemory
from debate_worker.analyze.device import cpu
from debate_worker.analyze.diarizing import Diarizer
from debate_worker.prepare.decode import decode

MODEL = DEMO_MODELS / "debate-analyzer" / "diarization-demo@1"
SECONDS = 25
WINDOW = PlannedWindow(index=0, start=0, end=SECONDS, diarize_start=0, diarize_end=SECONDS, clips=[], hash="0" * 16)


@pytest.fixture(scope="module")
def pcm(tmp_path_factory: pytest.TempPathFactory) -> np.ndarray:
    path = tmp_path_factory.mktemp("pcm") / "sample.s16"
    decode(DEMO_MODELS.parent / "sample-debate.mp4", path, lambda done, total: None)
    return np.fromfile(path, "<i2")[: SECONDS * SAMPLE_RATE]


@pytest.fixture(scope="module")
def diarizer() -> Iterator[Diarizer]:
    before = torch.get_num_threads()
    yield Diarizer(MODEL, replace(cpu(1), diarization_batch=8))
    torch.set_num_threads(before)


class SmallGpu:
    """Lets each network's forward fail as on a GPU that has no room for more than `fits` at once."""

    def __init__(self, diarizer: Diarizer, fits: int) -> None:
        pipeline: Any = diarizer._pipeline
        self.networks = {"segmentation": pipeline._segmentation.model, "embedding": pipeline._embedding.model_}
        self.fits = fits
        self.sizes: dict[str, list[int]] = {name: [] for name in self.networks}

    def __enter__(self) -> SmallGpu:
        self._handles = [
            network.register_forward_pre_hook(lambda _, arguments, name=name: self._room(name, len(arguments[0])))
            for name, network in self.networks.items()
        ]
        return self

    def __exit__(self, *_: object) -> None:
        for handle in self._handles:
            handle.remove()

    def _room(self, name: str, size: int) -> None:
        self.sizes[name].append(size)
        if size > self.fits:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")


def diarized(diarizer: Diarizer, pcm: np.ndarray) -> Any:
    return diarizer.diarize(pcm, WINDOW, Timeline([Segment(0, SECONDS)]), None, lambda share: None)


def test_out_of_memory_halves_the_batches_of_both_networks_and_loses_nothing(
    diarizer: Diarizer, pcm: np.ndarray
) -> None:
    with SmallGpu(diarizer, fits=8) as roomy:
        undisturbed = diarized(diarizer, pcm)
    assert undisturbed.overlapping
    with SmallGpu(diarizer, fits=2) as small:
        found = diarized(diarizer, pcm)
    assert max(roomy.sizes["embedding"]) > 2
    assert [turn.model_dump() for turn in found.overlapping] == [turn.model_dump() for turn in undisturbed.overlapping]
    assert found.exclusive == undisturbed.exclusive
    for one, other in zip(found.speakers, undisturbed.speakers, strict=True):
        assert one.centroid == pytest.approx(other.centroid, abs=1e-4)
    for sizes in small.sizes.values():
        assert [size for size in sizes if size > 2] == [8, 4]
        assert sizes[2:] == [2] * (len(sizes) - 3) + sizes[-1:]
    # From now on it is known what fits.
    with SmallGpu(diarizer, fits=2) as small:
        diarized(diarizer, pcm)
    assert max(map(max, small.sizes.values())) == 2


def test_out_of_memory_with_batches_of_one_is_final(diarizer: Diarizer, pcm: np.ndarray) -> None:
    with SmallGpu(diarizer, fits=0), pytest.raises(GpuOutOfMemory, match="batches of one: use a larger GPU"):
        diarized(diarizer, pcm)


def test_another_error_of_the_gpu_is_not_taken_for_it(diarizer: Diarizer, pcm: np.ndarray) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("CUDA error: an illegal memory access was encountered")

    handle = diarizer._pipeline._embedding.model_.register_forward_pre_hook(broken)
    try:
        with pytest.raises(RuntimeError, match="illegal memory access"):
            diarized(diarizer, pcm)
    finally:
        handle.remove()
