"""Debates that no model was trained on: made on first use, the same on every machine.

Sentences come from the grammar's "test" split alone, which no training and no choice of weights
has seen; the seeds are of this file alone. Needs espeak-ng and flite.
"""

from __future__ import annotations

import json
import random
import wave
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from demo_models.debates import Debate, Turn, Word, draw_voices, make_debate
from demo_models.synthesis import SAMPLE_RATE

COUNT = 10
FIRST_SEED = 9_000
SECONDS = (60.0, 90.0)
OVERLAP_SHARE = 0.12


@dataclass(frozen=True)
class Unseen:
    """A debate on disk and its truth."""

    name: str
    wav: Path
    seconds: float
    words: tuple[Word, ...]
    turns: tuple[Turn, ...]


def unseen_debates(cache: Path, *, count: int = COUNT) -> list[Unseen]:
    """The debates, from the cache folder where they are there already."""
    cache.mkdir(parents=True, exist_ok=True)
    return [_debate(cache, FIRST_SEED + index) for index in range(count)]


def _debate(cache: Path, seed: int) -> Unseen:
    name = f"unseen-{seed}"
    wav, truth = cache / f"{name}.wav", cache / f"{name}.truth.json"
    # The truth is written last: where it exists, the sound is whole.
    if not truth.exists():
        rng = random.Random(f"unseen {seed}")
        debate = make_debate(
            seed,
            seconds=rng.uniform(*SECONDS),
            voices=draw_voices(rng),
            sentences=frozenset({"test"}),
            overlap_share=OVERLAP_SHARE,
        )
        write_wav(wav, debate)
        truth.write_text(json.dumps(debate.truth()), encoding="utf-8")
    document = json.loads(truth.read_text(encoding="utf-8"))
    return Unseen(
        name,
        wav,
        document["duration"],
        tuple(Word(**word) for word in document["words"]),
        tuple(Turn(**turn) for turn in document["turns"]),
    )


def write_wav(path: Path, debate: Debate) -> None:
    """16-bit mono PCM."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes((np.clip(debate.audio, -1, 1) * 32767).astype("<i2").tobytes())
