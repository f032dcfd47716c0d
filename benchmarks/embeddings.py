"""Voice prints: one pass a chunk for all its speakers, beside pyannote's own, one for each. `make bench` prints it.

A minute of the sample debate, on one CPU thread, the same segmentation for all: with the demo's small network, and with
community-1's (ResNet34, in its size, random weights). Seconds are of `get_embeddings` alone.
"""

from __future__ import annotations

import os

os.environ["PYANNOTE_METRICS_ENABLED"] = "0"  # read at import: figures of usage would be posted

import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from pyannote.audio import Pipeline
from pyannote.audio.models.embedding import WeSpeakerResNet34

from debate_worker.analyze.device import Batches
from debate_worker.analyze.embedding import embeddings_of
from debate_worker.prepare.decode import decode

EXAMPLES = Path(__file__).parents[1] / "examples"
BATCH = 16
SECONDS = 60


def timed(work: Callable[[], np.ndarray]) -> tuple[np.ndarray, float]:
    began = time.perf_counter()
    return work(), time.perf_counter() - began


def row(name: str, pipeline: Any, file: dict[str, Any], segmentations: Any) -> None:
    """Both ways, after a look at the shortest sound that the network takes, which is asked once a process."""
    _ = pipeline._embedding.min_num_samples
    pipeline.embedding_batch_size = BATCH
    ours = embeddings_of(pipeline, Batches("diarization", BATCH))
    stock, before = timed(lambda: pipeline.get_embeddings(file, segmentations, exclude_overlap=True))
    stacked, after = timed(lambda: ours(file, segmentations, exclude_overlap=True))
    difference = float(np.abs(stacked - stock).max() / np.abs(stock).max())
    print(f"| {name} | {before:.1f} | {after:.1f} | {before / after:.2f} | {difference:.0e} |", flush=True)


def main() -> None:
    """Print the table."""
    warnings.filterwarnings("ignore")
    torch.set_num_threads(1)
    pipeline: Any = Pipeline.from_pretrained(str(EXAMPLES / "models/debate-analyzer/diarization-demo@1"))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sample.s16"
        decode(EXAMPLES / "sample-debate.mp4", path, lambda done, total: None)
        pcm = np.fromfile(path, "<i2")[: SECONDS * 16_000]
    file = {"waveform": torch.from_numpy(pcm.astype(np.float32) / 32768)[None], "sample_rate": 16_000, "uri": "sample"}
    segmentations = pipeline.get_segmentations(file)
    chunks, _, speakers = segmentations.data.shape
    print(f"Voice prints, {SECONDS} s, {chunks} chunks of {speakers} speakers, one thread")
    print("\n| network | pyannote's, s | one pass a chunk, s | times as fast | largest relative difference |")
    print("|---|---|---|---|---|")
    row("the demo's", pipeline, file, segmentations)
    torch.manual_seed(0)
    pipeline._embedding.model_ = WeSpeakerResNet34().eval()
    for known in ("dimension", "min_num_samples"):
        pipeline._embedding.__dict__.pop(known, None)
    row("community-1's", pipeline, file, segmentations)


if __name__ == "__main__":
    main()
