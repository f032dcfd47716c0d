"""Debates made of utterances, with the truth of who said which word when.

`mix` lays utterances on one track; `make_debate` draws a debate from the grammar and the voices,
all of it decided by one seed.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from scipy.ndimage import binary_closing
from scipy.signal import lfilter

from demo_models.grammar import Split, sentence_of
from demo_models.synthesis import SAMPLE_RATE, Audio, Utterance, is_loud, speak
from demo_models.voices import DEBATERS, Voice

# Pauses shorter than this belong to the turn; the segmentation model learns the same.
PAUSE_SECONDS = 0.3
_FRAMES = 100  # a second


@dataclass(frozen=True)
class Word:
    """A word as it was spoken; times in seconds from the start of the track."""

    start: float
    end: float
    text: str
    speaker: str


@dataclass(frozen=True)
class Turn:
    """A stretch of one speaker's speech without a pause of `PAUSE_SECONDS`; turns may overlap."""

    start: float
    end: float
    speaker: str


@dataclass(frozen=True)
class Debate:
    """A track (16 kHz mono, -1..1) and its truth, words and turns in order of their starts."""

    audio: Audio
    words: tuple[Word, ...]
    turns: tuple[Turn, ...]

    @property
    def seconds(self) -> float:
        """Length of the track."""
        return len(self.audio) / SAMPLE_RATE

    @property
    def speakers(self) -> list[str]:
        """Everyone who speaks, in order of their first turn."""
        return list(dict.fromkeys(turn.speaker for turn in self.turns))

    def truth(self) -> dict[str, Any]:
        """The truth as a JSON document: `duration`, `speakers`, `words`, `turns`."""
        return {
            "duration": round(self.seconds, 3),
            "speakers": self.speakers,
            "words": [asdict(word) for word in self.words],
            "turns": [asdict(turn) for turn in self.turns],
        }


@dataclass(frozen=True)
class Placed:
    """An utterance of a speaker, and its start in seconds on the track."""

    speaker: str
    start: float
    utterance: Utterance
    gain: float = 1.0


def mix(placed: Sequence[Placed], *, tail_seconds: float = 1.0) -> Debate:
    """All utterances on one track, with the words' and turns' truth; no noise yet."""
    end = max(item.start + item.utterance.seconds for item in placed) + tail_seconds
    audio = np.zeros(int(end * SAMPLE_RATE), np.float32)
    active = {item.speaker: np.zeros(int(end * _FRAMES) + 1, bool) for item in placed}
    words = []
    for item in placed:
        first = round(item.start * SAMPLE_RATE)
        audio[first : first + len(item.utterance.audio)] += item.utterance.audio * item.gain
        loud = is_loud(item.utterance.audio)
        frame = round(item.start * _FRAMES)
        active[item.speaker][frame : frame + len(loud)] |= loud
        for text, (start, stop) in zip(item.utterance.text.split(), item.utterance.words, strict=True):
            words.append(Word(round(item.start + start, 3), round(item.start + stop, 3), text, item.speaker))
    turns = [Turn(start, stop, who) for who, frames in active.items() for start, stop in _stretches(frames)]
    return Debate(
        audio,
        tuple(sorted(words, key=lambda word: (word.start, word.end))),
        tuple(sorted(turns, key=lambda turn: (turn.start, turn.end))),
    )


def _stretches(active: np.ndarray[Any, np.dtype[np.bool_]]) -> list[tuple[float, float]]:
    """Start and end in seconds of each run of true frames, short pauses closed."""
    pause = int(PAUSE_SECONDS * _FRAMES)
    padded = np.pad(active, pause + 1)
    closed = binary_closing(padded, np.ones(pause))[pause:-pause].astype(np.int8)
    edges = np.diff(closed)
    return [
        (float(start) / _FRAMES, float(stop) / _FRAMES)
        for start, stop in zip(np.flatnonzero(edges == 1), np.flatnonzero(edges == -1), strict=True)
    ]


def coloured_noise(samples: int, rng: np.random.Generator, *, colour: float) -> Audio:
    """Noise of unit power; `colour` 0 is white, towards 1 ever lower rumble."""
    noise = lfilter([1.0], [1.0, -colour], rng.standard_normal(samples))
    return np.asarray(noise / (noise.std() + 1e-9), np.float32)


def with_noise(debate: Debate, snr_db: float, rng: np.random.Generator) -> Debate:
    """The debate with room noise `snr_db` below its mean power."""
    level = float(np.sqrt(np.mean(debate.audio**2))) * 10 ** (-snr_db / 20)
    noise = coloured_noise(len(debate.audio), rng, colour=0.9) * level
    return Debate(np.clip(debate.audio + noise, -1, 1).astype(np.float32), debate.words, debate.turns)


def make_debate(
    seed: int,
    *,
    seconds: float,
    voices: Sequence[Voice],
    sentences: frozenset[Split],
    overlap_share: float = 0.12,
    salad: float = 0.0,
) -> Debate:
    """A random debate of about `seconds` between all the voices, the same for the same arguments.

    Turns are of one to three sentences. A share of the turn changes overlaps by 0.2 to 0.8 s;
    the others leave a pause. Every second debate or so has room noise at 25 to 40 dB.
    """
    rng = random.Random(f"debate {seed}")
    gains = {voice.label: 10 ** (rng.uniform(-3, 3) / 20) for voice in voices}
    # Everyone speaks once, in random order, before chance decides.
    waiting = rng.sample(list(voices), len(voices))
    placed: list[Placed] = []
    speaker: Voice | None = None
    time = rng.uniform(0.3, 1.2)
    end = earliest = 0.0  # a second overlap inside the first would make three speak at once
    while time < seconds or waiting:
        speaker = waiting.pop() if waiting else rng.choice([voice for voice in voices if voice != speaker])
        for _ in range(rng.randint(1, 3)):
            utterance = speak(sentence_of(sentences, rng, salad=salad), speaker, rng)
            placed.append(Placed(speaker.label, round(time, 2), utterance, gains[speaker.label]))
            end = max(end, placed[-1].start + utterance.seconds)
            time = end + rng.uniform(0.15, 0.6)
        if rng.random() < overlap_share:
            time, earliest = max(earliest, end - rng.uniform(0.2, 0.8)), end
        else:
            time = end + 0.1 + rng.expovariate(1 / 0.4)
    debate = mix(placed)
    if rng.random() < 0.5:
        return debate
    return with_noise(debate, rng.uniform(25, 40), np.random.default_rng(rng.getrandbits(32)))


def draw_voices(rng: random.Random, *, least: int = 2, most: int = 4) -> list[Voice]:
    """A debate's speakers: some of `DEBATERS`, all different."""
    return rng.sample(DEBATERS, rng.randint(least, most))
