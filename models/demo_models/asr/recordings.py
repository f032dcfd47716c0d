"""Spoken sentences to train the transcription on, and clips composed of them.

python -m demo_models.asr.recordings english.npz --count 10000 --seed 101
python -m demo_models.asr.recordings czech.npz --count 400 --seed 11 --czech
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.signal import fftconvolve

from demo_models.debates import coloured_noise
from demo_models.grammar import Split, czech_sentence, sentence_of
from demo_models.synthesis import SAMPLE_RATE, Audio, speak
from demo_models.voices import CZECH, DEBATERS, OTHERS

TRAINED: frozenset[Split] = frozenset({"train", "shared"})
SALAD_SHARE = 0.15
# Debaters are what the model will hear; a wide spread of pitch and rate keeps it from listening for one.
DEBATER_SHARE = 0.8
TRAINING_SPREAD = 2.0


class Recording(NamedTuple):
    """A spoken sentence: 16-bit audio, its words, their (count, 2) times in seconds, its language."""

    audio: NDArray[np.int16]
    words: list[str]
    times: NDArray[np.float32]
    czech: bool


class Recordings:
    """All recordings of some files, by language."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self.english: list[Recording] = []
        self.czech: list[Recording] = []
        for path in paths:
            with np.load(path) as file:
                audio, times = file["audio"], file["times"]
                samples, counts = file["sample_offsets"], file["word_offsets"]
                document = json.loads(str(file["document"]))
            into = self.czech if document["czech"] else self.english
            for index, text in enumerate(document["texts"]):
                sound = audio[samples[index] : samples[index + 1]]
                when = times[counts[index] : counts[index + 1]]
                into.append(Recording(sound, text.split(), when, document["czech"]))


def record(path: Path, *, count: int, seed: int, czech: bool) -> None:
    """Speak `count` sentences that may be trained on, and write them."""
    rng = random.Random(f"recordings {seed}")
    texts, sounds, times = [], [], []
    for _ in range(count):
        if czech:
            text, voice = czech_sentence(rng), rng.choice(CZECH)
        else:
            text = sentence_of(TRAINED, rng, salad=SALAD_SHARE)
            voice = rng.choice(DEBATERS if rng.random() < DEBATER_SHARE else OTHERS)
        utterance = speak(text, voice, rng, spread=TRAINING_SPREAD)
        texts.append(text)
        sounds.append((utterance.audio * 32767).astype(np.int16))
        times.append(np.array(utterance.words, np.float32))
    np.savez(
        path,
        audio=np.concatenate(sounds),
        sample_offsets=np.cumsum([0, *map(len, sounds)]),
        times=np.concatenate(times),
        word_offsets=np.cumsum([0, *map(len, times)]),
        document=json.dumps({"texts": texts, "czech": czech}),
    )


class Spoken(NamedTuple):
    """A sentence, or the rest of one, in a clip: start and end in seconds, words and their times."""

    start: float
    end: float
    words: list[str]
    times: NDArray[np.float32]


class Clip(NamedTuple):
    """Audio and what is said in it; what is said may reach beyond the audio's end."""

    audio: Audio
    spoken: list[Spoken]
    czech: bool


def compose(recordings: Recordings, rng: random.Random, seconds: float) -> Clip:
    """A random clip of that length: sentences of anyone with gaps of all kinds between, some overlapping.

    One in 25 holds no speech, one in five begins in the middle of a sentence, as windows do.
    """
    noise = np.random.default_rng(rng.getrandbits(32))
    total = int(seconds * SAMPLE_RATE)
    if rng.random() < 0.04:
        level = 0.0 if rng.random() < 0.3 else 10 ** rng.uniform(-4, -1.3)
        return Clip(coloured_noise(total, noise, colour=rng.uniform(0, 0.98)) * np.float32(level), [], czech=False)
    czech = rng.random() < 0.06
    source = recordings.czech if czech else recordings.english
    audio = np.zeros(total, np.float32)
    spoken = []
    time = rng.choice((0.0, rng.uniform(0, 0.3), rng.uniform(0.2, 0.6), rng.uniform(0, 1.5)))
    cut = rng.random() < 0.2
    longest_gap = rng.choice((0.15, 0.4, 0.8, 2.5))
    only_one = rng.random() < 0.08
    while time < seconds - 0.3:
        recording = rng.choice(source)
        skipped, begins = 0, 0.0
        if cut and len(recording.words) > 3:
            skipped = rng.randint(1, len(recording.words) - 2)
            begins, time = float(recording.times[skipped, 0]), 0.0
        cut = False
        speech = recording.audio[int(begins * SAMPLE_RATE) :].astype(np.float32) / 32768 * rng.uniform(0.6, 1.4)
        first = int(time * SAMPLE_RATE)
        fits = min(len(speech), total - first)
        audio[first : first + fits] += speech[:fits]
        length = len(speech) / SAMPLE_RATE
        times = recording.times[skipped:] - begins + time
        spoken.append(Spoken(time, time + length, recording.words[skipped:], times))
        overlap = rng.random() < 0.08
        time += length + (-rng.uniform(0.1, 0.7) * min(1, length) if overlap else rng.uniform(0.05, longest_gap))
        if only_one:
            break
    return Clip(_disturbed(audio, rng, noise), spoken, czech)


def _disturbed(audio: Audio, rng: random.Random, noise: np.random.Generator) -> Audio:
    """The clip in a room, with noise, at another level, clipped to 16 bits: each only sometimes."""
    if rng.random() < 0.12:
        length = SAMPLE_RATE // 4
        echo = noise.standard_normal(length) * np.exp(-np.arange(length) / SAMPLE_RATE / rng.uniform(0.02, 0.07))
        echo[0] = rng.uniform(3, 9)
        audio = fftconvolve(audio, echo / echo[0])[: len(audio)].astype(np.float32)
    if rng.random() < 0.45:
        level = 0.06 * 10 ** (-rng.uniform(12, 45) / 20)
        audio = audio + coloured_noise(len(audio), noise, colour=rng.choice((0.0, rng.uniform(0.5, 0.98)))) * level
    audio = audio * 10 ** (rng.uniform(-9, 9) / 20)
    if rng.random() < 0.5:
        audio = (np.round(np.clip(audio, -1, 1) * 32767) / 32767).astype(np.float32)
    return audio.astype(np.float32)


def main() -> None:
    """Make the recordings named on the command line."""
    parser = argparse.ArgumentParser(description="Speak the training sentences of the transcription.")
    parser.add_argument("path", type=Path)
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--czech", action="store_true")
    arguments = parser.parse_args()
    record(arguments.path, count=arguments.count, seed=arguments.seed, czech=arguments.czech)


if __name__ == "__main__":
    main()
