"""Voice prints: the embedding of each (chunk, speaker) pair, with one pass a chunk for all of its speakers.

pyannote.audio 4.0.7 gives every chunk to the network once for each of its speakers, although only the pooling at the
network's end differs between them. The results are the same up to the rounding of floats.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import structlog
import torch
from pyannote.audio.pipelines import SpeakerDiarization
from pyannote.audio.pipelines.speaker_verification import PyannoteAudioPretrainedSpeakerEmbedding
from pyannote.core import SlidingWindowFeature

from debate_worker.analyze.device import Batches

Embeddings = Callable[..., np.ndarray]
"""pyannote's `get_embeddings(file, binary_segmentations, exclude_overlap, hook)` -> (chunks, speakers, dimension)."""
PROBE_SECONDS = 2
TOLERANCE = 1e-4
"""Relative: floats are added in another order in other batches; what is wrong is wrong by far more."""


def embeddings_of(pipeline: SpeakerDiarization, batches: Batches, *, fill_up: bool = False) -> Embeddings:
    """What replaces the pipeline's `get_embeddings`: stacked where its network takes that, else pyannote's own.

    The latter is told: it takes two to three times as long. fill_up: see `Stacked`.
    """
    if takes_stacked_masks(pipeline._embedding):
        return Stacked(pipeline, batches, fill_up=fill_up)
    structlog.get_logger().warning(
        "the diarization model's embedding does not take the masks of several speakers at once: it runs once for each"
    )
    return OneByOne(pipeline, batches)


def takes_stacked_masks(embedding: Any) -> bool:
    """Try it: with stacked masks it gives each speaker what it gives them alone, and silence the same for any sound."""
    if not isinstance(embedding, PyannoteAudioPretrainedSpeakerEmbedding):
        return False
    samples = PROBE_SECONDS * embedding.sample_rate
    sounds = torch.randn(2, 1, samples, generator=torch.Generator().manual_seed(0))
    masks = torch.zeros(2, 3, 100)
    masks[:, 0, :40] = masks[:, 1, 30:] = 1
    try:
        stacked = embedding(sounds, masks=masks)
    except (RuntimeError, ValueError, IndexError):
        return False
    alone = np.stack([embedding(sounds, masks=masks[:, speaker]) for speaker in range(3)], axis=1)
    return bool(
        stacked.shape == alone.shape
        and np.allclose(stacked, alone, rtol=TOLERANCE, atol=TOLERANCE * np.abs(alone).max())
        and np.array_equal(stacked[0, 2], stacked[1, 2])
    )


class Stacked:
    """One pass a chunk, with the masks of all its speakers; none for chunks in which nobody speaks.

    fill_up: the last batch to the size of the others. For another shape cuDNN may choose another way, with gigabytes of
    workspace (pyannote/pyannote-audio#1963).
    """

    def __init__(self, pipeline: SpeakerDiarization, batches: Batches, *, fill_up: bool = False) -> None:
        self._pipeline = pipeline
        self._batches = batches
        self._fill_up = fill_up

    def __call__(
        self,
        file: Any,
        binary_segmentations: SlidingWindowFeature,
        exclude_overlap: bool = False,
        hook: Callable[..., None] | None = None,
    ) -> np.ndarray:
        """As pyannote's. Chunks are read from the file with its own `crop`, so that the last one is padded alike."""
        masks = used_masks(binary_segmentations, self._shortest(binary_segmentations) if exclude_overlap else None)
        chunks, speakers, _ = masks.shape
        spoken = masks.any(axis=(1, 2))
        # What the network gives for an empty mask is the same for every sound: one silent chunk stands for all.
        silent = np.flatnonzero(~spoken)
        asked = sorted([*np.flatnonzero(spoken).tolist(), *silent[:1].tolist()])
        embeddings = np.empty((chunks, speakers, self._pipeline._embedding.dimension), np.float32)
        done = 0

        def embedded(part: Sequence[int]) -> tuple[Sequence[int], np.ndarray]:
            return part, self._embedded(file, binary_segmentations, masks, part)

        for part, found in self._batches.over(asked, embedded):
            embeddings[part] = found
            done += len(part)
            if hook is not None:
                hook("embeddings", None, total=len(asked), completed=done)
        embeddings[silent] = embeddings[silent[:1]]
        return embeddings

    def _embedded(
        self, file: Any, segmentations: SlidingWindowFeature, masks: np.ndarray, part: Sequence[int]
    ) -> np.ndarray:
        places = segmentations.sliding_window
        sounds = torch.stack([self._pipeline._audio.crop(file, places[chunk], mode="pad")[0] for chunk in part])
        weights = torch.from_numpy(masks[part])
        if self._fill_up:
            missing = (0, 0, 0, 0, 0, self._batches.size - len(part))
            sounds, weights = torch.nn.functional.pad(sounds, missing), torch.nn.functional.pad(weights, missing)
        found: np.ndarray = self._pipeline._embedding(sounds, masks=weights)
        return found[: len(part)]

    def _shortest(self, segmentations: SlidingWindowFeature) -> int:
        """Frames that an embedding needs at least."""
        embedding = self._pipeline._embedding
        samples: float = segmentations.sliding_window.duration * embedding.sample_rate
        shortest: float = segmentations.data.shape[1] * embedding.min_num_samples / samples
        return math.ceil(shortest)


class OneByOne:
    """pyannote's own, one pass a (chunk, speaker) pair, begun again with smaller batches where memory runs out."""

    def __init__(self, pipeline: SpeakerDiarization, batches: Batches) -> None:
        self._pipeline = pipeline
        self._stock = pipeline.get_embeddings
        self._batches = batches

    def __call__(self, *arguments: Any, **options: Any) -> np.ndarray:
        """As pyannote's."""

        def embedded(size: int) -> np.ndarray:
            self._pipeline.embedding_batch_size = size
            found: np.ndarray = self._stock(*arguments, **options)
            return found

        return self._batches.run(embedded)


def used_masks(segmentations: SlidingWindowFeature, shortest: int | None) -> np.ndarray:
    """Where each speaker's voice is taken from: float32 (chunks, speakers, frames), 0 or 1.

    shortest: leave out where several speak, unless no more than so many frames are left; None: take everything.
    """
    active: np.ndarray = segmentations.data  # (chunks, frames, speakers), NaN where a stitched chunk has no frame
    used = active
    if shortest is not None:
        clean = active * (1.0 * (np.sum(active, axis=2, keepdims=True) < 2))
        long_enough = np.sum(np.nan_to_num(clean), axis=1, keepdims=True) > shortest
        used = np.where(long_enough, clean, active)
    masks: np.ndarray = np.nan_to_num(used).astype(np.float32).transpose(0, 2, 1)
    return np.ascontiguousarray(masks)
