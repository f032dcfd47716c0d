"""Voice prints with one pass a chunk: what pyannote's own code gives with one pass for each speaker of a chunk."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from media import DEMO_MODELS
from pyannote.audio import Pipeline
from pyannote.audio.models.embedding import WeSpeakerResNet34
from pyannote.core import SlidingWindow, SlidingWindowFeature
from structlog.testing import capture_logs

from debate_core.documents.plan import SAMPLE_RATE
from debate_worker.analyze.device import Batches
from debate_worker.analyze.embedding import OneByOne, Stacked, embeddings_of, takes_stacked_masks, used_masks
from debate_worker.prepare.decode import decode

SAMPLE = DEMO_MODELS.parent / "sample-debate.mp4"
CHUNK_SECONDS, STEP_SECONDS, FRAMES = 1.0, 0.7, 60
ROUNDING = {"rtol": 1e-5, "atol": 1e-5}
"""Of floats that are added in another order; pyannote's own results differ so between batch sizes."""


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """Several would wait for each other on a machine that does something else, too."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> torch.Tensor:
    """(1, samples): 22 s of the sample debate with 12.5 s of digital silence in it; its last chunk is incomplete."""
    path = tmp_path_factory.mktemp("pcm") / "sample.s16"
    decode(SAMPLE, path, lambda done, total: None)
    pcm = np.fromfile(path, "<i2")
    before, after = pcm[8 * SAMPLE_RATE : 20 * SAMPLE_RATE], pcm[44 * SAMPLE_RATE : round(54.3 * SAMPLE_RATE)]
    parts = [before, np.zeros(round(12.5 * SAMPLE_RATE), "<i2"), after]
    return torch.from_numpy(np.concatenate(parts).astype(np.float32) / 32768)[None]


def demo() -> Any:
    pipeline = Pipeline.from_pretrained(str(DEMO_MODELS / "debate-analyzer" / "diarization-demo@1"))
    assert pipeline is not None
    return pipeline


@pytest.fixture(scope="module")
def demo_pipeline() -> Any:
    """The demo's, as pyannote made it; its embedding is an XVectorMFCC."""
    return demo()


@pytest.fixture(scope="module")
def resnet_pipeline() -> Any:
    """With the network that community-1 has, in its size; its weights are random."""
    pipeline = demo()
    torch.manual_seed(0)
    pipeline._embedding.model_ = WeSpeakerResNet34().eval()
    return pipeline


def as_file(sound: torch.Tensor) -> dict[str, Any]:
    return {"waveform": sound, "sample_rate": SAMPLE_RATE, "uri": "window"}


def hand_made() -> SlidingWindowFeature:
    """(6 chunks, frames, 3 speakers) with everything that a segmentation can hold, placed near the sound's start."""
    rng = np.random.default_rng(5)
    active = np.zeros((6, FRAMES, 3), np.float32)
    active[0, :40, 0] = active[0, 30:, 1] = 1  # two speakers, an overlap
    active[1, :, 0] = active[1, :, 1] = 1  # all of it overlap: too little is left without, so the overlap is taken
    active[2] = rng.random((FRAMES, 3)) < 0.4  # changes at every frame, three at once
    active[4, 17, 2] = 1  # a single frame
    active[5, 5:50, 1] = 1
    active[5, 40:, :] = np.nan  # no frames there, as after stitching
    return SlidingWindowFeature(active, SlidingWindow(start=0.0, duration=CHUNK_SECONDS, step=STEP_SECONDS))


@pytest.mark.parametrize("exclude_overlap", [True, False])
@pytest.mark.parametrize("network", ["demo_pipeline", "resnet_pipeline"])
def test_every_pair_has_the_embedding_that_pyannote_gives_it(
    network: str, exclude_overlap: bool, sound: torch.Tensor, request: pytest.FixtureRequest
) -> None:
    pipeline = request.getfixturevalue(network)
    # The sound ends within the last chunk, which is padded.
    file, segmentations = as_file(sound[:, : round(4.3 * SAMPLE_RATE)]), hand_made()
    pipeline.embedding_batch_size = 4
    stock = pipeline.get_embeddings(file, segmentations, exclude_overlap=exclude_overlap)
    stacked = Stacked(pipeline, Batches("diarization", 4))(file, segmentations, exclude_overlap=exclude_overlap)
    assert stacked.shape == stock.shape
    assert stacked.dtype == stock.dtype
    np.testing.assert_allclose(stacked, stock, **ROUNDING)


def test_embeddings_that_are_not_numbers_are_so_in_both(demo_pipeline: Any, sound: torch.Tensor) -> None:
    broken = sound.clone()
    broken[0, round(2.2 * SAMPLE_RATE)] = np.nan  # chunks 2 and 3
    segmentations = hand_made()
    segmentations.data[2:4, 10:50, 0] = 1
    demo_pipeline.embedding_batch_size = 4
    stock = demo_pipeline.get_embeddings(as_file(broken), segmentations, exclude_overlap=True)
    stacked = Stacked(demo_pipeline, Batches("diarization", 4))(as_file(broken), segmentations, exclude_overlap=True)
    assert np.isnan(stock).any()
    np.testing.assert_allclose(stacked, stock, **ROUNDING, equal_nan=True)


def test_the_whole_diarization_is_the_same(sound: torch.Tensor, demo_pipeline: Any) -> None:
    artifacts: dict[str, Any] = {}

    def hook(name: str, artifact: Any, **_: Any) -> None:
        if artifact is not None:
            artifacts[name] = artifact

    ours = demo()
    ours.get_embeddings = embeddings_of(ours, Batches("diarization", 16))
    assert isinstance(ours.get_embeddings, Stacked)
    found = ours(as_file(sound))
    demo_pipeline.embedding_batch_size = 16
    expected = demo_pipeline(as_file(sound), hook=hook)
    assert found.speaker_diarization == expected.speaker_diarization
    assert found.exclusive_speaker_diarization == expected.exclusive_speaker_diarization
    np.testing.assert_allclose(found.speaker_embeddings, expected.speaker_embeddings, **ROUNDING)
    # What the comparison is worth: several speakers, overlap, pairs and whole chunks without speech.
    active = np.nan_to_num(artifacts["segmentation"].data)
    assert len(expected.speaker_diarization.labels()) >= 2
    assert expected.speaker_diarization != expected.exclusive_speaker_diarization
    assert 0 < (active.sum(axis=1) == 0).mean() < 1
    assert (active.sum(axis=(1, 2)) == 0).any()


@pytest.mark.parametrize(("size", "fill_up"), [(1, False), (4, False), (4, True), (16, True)])
def test_the_batch_size_makes_no_difference(size: int, fill_up: bool, demo_pipeline: Any, sound: torch.Tensor) -> None:
    by_threes = Stacked(demo_pipeline, Batches("diarization", 3))(as_file(sound), hand_made())
    found = Stacked(demo_pipeline, Batches("diarization", size), fill_up=fill_up)(as_file(sound), hand_made())
    np.testing.assert_allclose(found, by_threes, **ROUNDING)


@pytest.mark.parametrize(("fill_up", "batches"), [(False, [2, 2, 1]), (True, [2, 2, 2])])
def test_one_pass_a_chunk_and_none_for_silence(
    fill_up: bool, batches: list[int], demo_pipeline: Any, sound: torch.Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    passes: list[int] = []
    calls: list[tuple[int, int]] = []
    network = demo_pipeline._embedding.model_
    handle = network.register_forward_pre_hook(lambda module, arguments: passes.append(len(arguments[0])))
    segmentations = hand_made()
    segmentations.data[2] = 0  # as chunk 3: one of the two is asked for what silence gives
    try:
        Stacked(demo_pipeline, Batches("diarization", 2), fill_up=fill_up)(
            as_file(sound), segmentations, hook=lambda *_, total, completed: calls.append((completed, total))
        )
    finally:
        handle.remove()
    assert passes == batches
    assert calls == [(2, 5), (4, 5), (5, 5)]


def test_the_masks_leave_out_overlap_unless_too_little_is_left() -> None:
    masks = used_masks(hand_made(), shortest=5)
    assert masks.shape == (6, 3, FRAMES)
    assert masks.dtype == np.float32
    assert [masks[0, speaker].sum() for speaker in range(3)] == [30, 20, 0]
    assert [masks[1, speaker].sum() for speaker in range(3)] == [FRAMES, FRAMES, 0]
    assert masks[5, 1].sum() == 35
    assert [used_masks(hand_made(), None)[0, speaker].sum() for speaker in range(3)] == [40, 30, 0]


class OneMaskAtATime(torch.nn.Module):
    """A network as some are: its pooling knows one mask a sound."""

    def __init__(self, network: Any, refuse: bool) -> None:
        super().__init__()
        self.network, self.refuse = network, refuse

    def forward(self, sounds: torch.Tensor, weights: torch.Tensor | None = None) -> torch.Tensor:
        if weights is not None and weights.dim() == 3:
            if self.refuse:
                raise ValueError("weights: (batch, frames) expected")
            weights = weights.amax(dim=1)
        return self.network(sounds, weights=weights)


@pytest.mark.parametrize("refuse", [True, False], ids=["which it refuses", "which it mixes"])
def test_a_network_for_one_mask_runs_as_pyannote_runs_it_and_that_is_told(refuse: bool, sound: torch.Tensor) -> None:
    pipeline = demo()
    assert takes_stacked_masks(pipeline._embedding)
    dimension = pipeline._embedding.dimension
    network = OneMaskAtATime(pipeline._embedding.model_, refuse)
    pipeline._embedding.model_ = network
    pipeline.embedding_batch_size = 4
    stock = pipeline.get_embeddings(as_file(sound), hand_made(), exclude_overlap=True)
    assert stock.shape == (6, 3, dimension)
    with capture_logs() as lines:
        found = embeddings_of(pipeline, Batches("diarization", 4))
    assert isinstance(found, OneByOne)
    assert [line["log_level"] for line in lines] == ["warning"]
    assert "runs once for each" in lines[0]["event"]
    np.testing.assert_array_equal(found(as_file(sound), hand_made(), exclude_overlap=True), stock)


def test_an_embedding_of_another_library_is_left_alone() -> None:
    assert not takes_stacked_masks(object())
