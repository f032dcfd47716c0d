"""Debates that no model was trained on: made on first use, the same on every machine.

Sentences come from the grammar's "test" split alone, which no training and no choice of weights or parameters has
seen; the seeds are of this file alone. Needs espeak-ng and flite.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import wave
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache as remember
from pathlib import Path
from uuid import uuid4

import demo_models.debates
import demo_models.grammar
import demo_models.synthesis
import demo_models.voices
import numpy as np
from demo_models.debates import Debate, Placed, Turn, Word, draw_voices, make_debate, mix, with_noise
from demo_models.grammar import Split, sentence_of
from demo_models.synthesis import SAMPLE_RATE, speak
from demo_models.voices import DEBATERS

COUNT = 10
FIRST_SEED = 9_000
SECONDS = (60.0, 90.0)
OVERLAP_SHARE = 0.12

OVERLAP_SECONDS = (0.4, 2.0)
"""Of one change of the speaker, where `Condition.overlap` asks for any."""


@dataclass(frozen=True)
class Unseen:
    """A debate on disk and its truth."""

    name: str
    wav: Path
    seconds: float
    words: tuple[Word, ...]
    turns: tuple[Turn, ...]


@dataclass(frozen=True)
class Condition:
    """What a debate is like.

    overlap: about the share, 0..1, of the speech during which two speak. snr_db: of room noise; None: none at all.
    split: which sentences; "validation" for the debates that parameters are chosen on.
    """

    speakers: int
    overlap: float
    snr_db: float | None
    seed: int
    seconds: float = 90.0
    split: Split = "test"

    @property
    def name(self) -> str:
        """Good for a file and for a DebateJob."""
        noise = "clean" if self.snr_db is None else f"{self.snr_db:.0f}db"
        return f"{self.split}-{self.seed}-{self.speakers}s-{self.overlap:.2f}-{noise}".replace(".", "")


def conditions(*, split: Split = "test", seed: int = 9_500, seconds: float = 90.0) -> list[Condition]:
    """Twelve debates: each number of speakers with each overlap, and with each noise; and each overlap with each noise.

    So the debates that share one value of a factor differ evenly in the others, and can be compared with the rest.
    """
    overlaps, noises = (0.0, 0.05, 0.15), (None, 20.0, 10.0)
    return [
        Condition(speakers, overlap, noises[(row + column) % 3], seed + 3 * row + column, seconds, split)
        for row, speakers in enumerate((2, 3, 4, 5))
        for column, overlap in enumerate(overlaps)
    ]


def cache_folder() -> Path:
    """Where made debates are kept: the project's cache, by the code that makes them."""
    base = Path(os.environ.get("DEBATE_CACHE") or Path.home() / ".cache/debate-analyzer").expanduser()
    return base / "unseen-debates" / _fingerprint()


def unseen_debates(cache: Path, *, count: int = COUNT) -> list[Unseen]:
    """The debates, from the cache folder where they are there already."""
    return [
        kept(cache, f"unseen-{seed}", lambda seed=seed: _drawn(seed)) for seed in range(FIRST_SEED, FIRST_SEED + count)
    ]


def debates_of(wanted: Iterable[Condition], cache: Path) -> list[Unseen]:
    """A debate for each condition, from the cache folder where it is there already."""
    return [kept(cache, condition.name, lambda condition=condition: made(condition)) for condition in wanted]


def kept(cache: Path, name: str, make: Callable[[], Debate]) -> Unseen:
    """The debate of that name in the folder; made where it is not there."""
    cache.mkdir(parents=True, exist_ok=True)
    wav, truth = cache / f"{name}.wav", cache / f"{name}.truth.json"
    # The truth is renamed last: where it exists, the sound is whole, whoever else is making it.
    if not truth.exists():
        debate = make()
        building = cache / f".{name}.{uuid4().hex}"
        write_wav(building, debate)
        building.rename(wav)
        building.write_text(json.dumps(debate.truth()), encoding="utf-8")
        building.rename(truth)
    document = json.loads(truth.read_text(encoding="utf-8"))
    return Unseen(
        name,
        wav,
        document["duration"],
        tuple(Word(**word) for word in document["words"]),
        tuple(Turn(**turn) for turn in document["turns"]),
    )


def made(condition: Condition) -> Debate:
    """The debate of a condition: turns of one to three sentences; everybody speaks before chance decides."""
    rng = random.Random(f"condition {condition.name}")
    voices = rng.sample(DEBATERS, condition.speakers)
    gains = {voice.label: 10 ** (rng.uniform(-3, 3) / 20) for voice in voices}
    waiting = rng.sample(voices, len(voices))
    placed: list[Placed] = []
    speaker = None
    time = rng.uniform(0.3, 1.2)
    end = earliest = 0.0  # a second overlap inside the first would make three speak at once
    spoken = twice = 0.0
    while time < condition.seconds or waiting:
        speaker = waiting.pop() if waiting else rng.choice([voice for voice in voices if voice != speaker])
        for _ in range(rng.randint(1, 3)):
            utterance = speak(sentence_of(frozenset({condition.split}), rng), speaker, rng)
            placed.append(Placed(speaker.label, round(time, 2), utterance, gains[speaker.label]))
            end = max(end, placed[-1].start + utterance.seconds)
            spoken += utterance.seconds
            time = end + rng.uniform(0.15, 0.6)
        if twice < condition.overlap * (spoken - twice):
            time, earliest = max(earliest, end - rng.uniform(*OVERLAP_SECONDS)), end
            twice += end - time
        else:
            time = end + 0.1 + rng.expovariate(1 / 0.4)
    debate = mix(placed)
    if condition.snr_db is None:
        return debate
    return with_noise(debate, condition.snr_db, np.random.default_rng(rng.getrandbits(32)))


def write_wav(path: Path, debate: Debate) -> None:
    """16-bit mono PCM."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes((np.clip(debate.audio, -1, 1) * 32767).astype("<i2").tobytes())


def _drawn(seed: int) -> Debate:
    rng = random.Random(f"unseen {seed}")
    return make_debate(
        seed,
        seconds=rng.uniform(*SECONDS),
        voices=draw_voices(rng),
        sentences=frozenset({"test"}),
        overlap_share=OVERLAP_SHARE,
    )


@remember
def _fingerprint() -> str:
    modules = (demo_models.debates, demo_models.grammar, demo_models.synthesis, demo_models.voices)
    sources = [Path(str(module.__file__)) for module in modules] + [Path(__file__)]
    return hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:12]
