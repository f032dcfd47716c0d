"""Find the clustering's parameters on validation debates.

    python -m demo_models.diarization.tune FOLDER [--debates N]

Prints, for each setting, the diarization error (+-0.25 s, overlap scored) and in how many debates
the number of speakers is right; first with the true clusters, which is what segmentation alone costs.
Segmentation and embedding run once, clustering for each setting.
"""

from __future__ import annotations

import argparse
import itertools
import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch

os.environ["PYANNOTE_METRICS_ENABLED"] = "0"

from pyannote.audio import Pipeline
from pyannote.audio.pipelines.clustering import OracleClustering, VBxClustering
from pyannote.core import Annotation, Segment
from pyannote.metrics.diarization import DiarizationErrorRate

from demo_models.debates import Debate, draw_voices, make_debate
from demo_models.synthesis import SAMPLE_RATE

FIRST_SEED = 5_000
THRESHOLDS = (0.5, 0.6, 0.7)
FA = (0.03, 0.07, 0.2)
FB = (0.4, 0.8, 2.0)
SEGMENTATION = {"min_duration_off": 0.0}


def validation_debate(seed: int) -> Debate:
    """A debate of validation sentences; no figure for the outside comes from it."""
    rng = random.Random(f"validation {seed}")
    return make_debate(seed, seconds=rng.uniform(60, 90), voices=draw_voices(rng), sentences=frozenset({"validation"}))


def as_file(seed: int, debate: Debate) -> dict[str, Any]:
    """What a pyannote pipeline takes, with the truth that its oracle wants."""
    truth = Annotation(uri=str(seed))
    for index, turn in enumerate(debate.turns):
        truth[Segment(turn.start, turn.end), index] = turn.speaker
    waveform = torch.from_numpy(np.ascontiguousarray(debate.audio))[None]
    return {"waveform": waveform, "sample_rate": SAMPLE_RATE, "uri": str(seed), "annotation": truth}


def remember(pipeline: Any, files: list[dict[str, Any]]) -> None:
    """Compute segmentation and embeddings of all files, and let the pipeline answer from memory."""
    segmentations = {file["uri"]: pipeline.get_segmentations(file) for file in files}
    embeddings = {
        file["uri"]: pipeline.get_embeddings(file, segmentations[file["uri"]], exclude_overlap=True) for file in files
    }
    pipeline.get_segmentations = lambda file, hook=None: segmentations[file["uri"]]
    pipeline.get_embeddings = lambda file, *_, **__: embeddings[file["uri"]].copy()


def error(pipeline: Any, files: list[dict[str, Any]]) -> tuple[float, int]:
    """Diarization error over all files, and how many have the right number of speakers."""
    metric = DiarizationErrorRate(collar=0.5)
    right = 0
    for file in files:
        heard, truth = pipeline(file).speaker_diarization, file["annotation"]
        metric(truth, heard)
        right += len(heard.labels()) == len(truth.labels())
    return abs(metric), right


def settings() -> Iterator[dict[str, float]]:
    """The grid."""
    for threshold, fa, fb in itertools.product(THRESHOLDS, FA, FB):
        yield {"threshold": threshold, "Fa": fa, "Fb": fb}


def main() -> None:
    """Read the command line and search."""
    parser = argparse.ArgumentParser(description="Tune the clustering of the demo diarization.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--debates", type=int, default=10)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    seeds = range(FIRST_SEED, FIRST_SEED + arguments.debates)
    files = [as_file(seed, validation_debate(seed)) for seed in seeds]
    pipeline = Pipeline.from_pretrained(str(arguments.folder))
    plda = pipeline.clustering.plda
    remember(pipeline, files)
    pipeline.klustering, pipeline.clustering = "OracleClustering", OracleClustering()
    pipeline.instantiate({"segmentation": SEGMENTATION})
    print("true clusters: {:.4f}, {} right".format(*error(pipeline, files)))
    pipeline.klustering, pipeline.clustering = "VBxClustering", VBxClustering(plda)
    for setting in settings():
        pipeline.instantiate({"segmentation": SEGMENTATION, "clustering": setting})
        print(setting, "{:.4f}, {} right".format(*error(pipeline, files)), flush=True)


if __name__ == "__main__":
    main()
