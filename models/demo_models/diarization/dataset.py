"""Training material of the diarization: a bank of utterances by speaker, and chunks mixed from it.

python -m demo_models.diarization.dataset bank.npz --seed 1
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_closing
from scipy.signal import resample_poly

from demo_models.debates import PAUSE_SECONDS, coloured_noise
from demo_models.grammar import Split, phrases, sentence_of
from demo_models.synthesis import SAMPLE_RATE, Audio, is_loud, speak
from demo_models.voices import DEBATERS, OTHERS, Voice, espeak

HOP = SAMPLE_RATE // 100
"""Samples a label frame: 10 ms."""
CHUNK_SECONDS = 10.0
MAX_SPEAKERS = 3

# More timbres, so that the embedding learns what a voice is and not only who the debaters are.
STRANGERS = tuple(
    espeak(variant)
    for variant in phrases(
        """
        m5, m8, f5, adam, Alex, Alicia, Andrea, Annie, antonio, benjamin, caleb, david, Denis, ed, Gene,
        grandma, grandpa, Henrique, iven2, Jacky, klatt2, klatt4, Lee, Marco, max, Mike, Mario, norbert,
        pablo, quincy, rob, robert, sandro, shelby, steph2, travis, victor, zac
        """
    )
)
# Playing a voice faster or slower makes another speaker of it.
SPEEDS = (0.87, 1.15)

Activity = NDArray[np.bool_]


class Bank:
    """Utterances by speaker: audio as floats, and which 10 ms frames of it are speech."""

    def __init__(self, path: Path) -> None:
        with np.load(path) as file:
            self.names = [str(name) for name in file["names"]]
            self._audio: NDArray[np.int16] = file["audio"]
            self._offsets: NDArray[np.int64] = file["offsets"]
            speakers: NDArray[np.int64] = file["speakers"]
        self._of = [np.flatnonzero(speakers == index) for index in range(len(self.names))]
        debaters = {voice.label for voice in DEBATERS}
        self.debaters = np.array([index for index, name in enumerate(self.names) if name in debaters])

    def utterance(self, speaker: int, rng: np.random.Generator) -> tuple[Audio, Activity]:
        """A random utterance of the speaker."""
        index = rng.choice(self._of[speaker])
        audio = np.asarray(self._audio[self._offsets[index] : self._offsets[index + 1]] / 32768, np.float32)
        return audio, speech_frames(audio)

    def draw(self, count: int, rng: np.random.Generator, *, debater_share: float) -> NDArray[np.int64]:
        """`count` different speakers, all of them debaters with probability `debater_share`."""
        pool = self.debaters if rng.random() < debater_share else np.arange(len(self.names))
        return rng.choice(pool, count, replace=False)


def speech_frames(audio: Audio) -> Activity:
    """Which 10 ms frames of clean speech are speech, pauses of `PAUSE_SECONDS` closed."""
    pause = int(PAUSE_SECONDS * 100)
    return np.asarray(binary_closing(np.pad(is_loud(audio), pause), np.ones(pause))[pause:-pause])


def make_bank(path: Path, *, seed: int, debater_utterances: int, other_utterances: int) -> None:
    """Speak the bank and write it.

    Debaters speak in their own manner; the others also at other speeds, as further speakers.
    Sentences are those that may be trained on.
    """
    wanted: frozenset[Split] = frozenset({"train", "shared"})
    rng = random.Random(f"bank {seed}")
    recordings: dict[str, list[NDArray[np.int16]]] = {}

    def record(voice: Voice, count: int, speeds: Sequence[float]) -> None:
        for _ in range(count):
            audio = speak(sentence_of(wanted, rng, salad=0.1), voice, rng).audio
            for speed in (1.0, *speeds):
                name = voice.label if speed == 1.0 else f"{voice.label}@{speed}"
                changed = audio if speed == 1.0 else resample_poly(audio, 100, round(100 * speed))
                recordings.setdefault(name, []).append((np.clip(changed, -1, 1) * 32767).astype(np.int16))

    for voice in DEBATERS:
        record(voice, debater_utterances, ())
    for voice in (*OTHERS, *STRANGERS):
        record(voice, other_utterances, SPEEDS)
    pieces = [audio for group in recordings.values() for audio in group]
    np.savez(
        path,
        names=np.array(list(recordings)),
        speakers=np.repeat(np.arange(len(recordings)), [len(group) for group in recordings.values()]),
        offsets=np.cumsum([0, *(len(audio) for audio in pieces)]),
        audio=np.concatenate(pieces),
    )


def conversation(
    bank: Bank, speakers: NDArray[np.int64], seconds: float, rng: np.random.Generator
) -> tuple[Audio, Activity]:
    """Turns of the speakers for `seconds`: audio and (frames, speakers) activity at 100 Hz.

    Three turn changes in ten overlap: far more than in a debate, because overlap is what is rare
    and hard.
    """
    total = round(seconds * 100) * HOP
    audio = np.zeros(total + 20 * SAMPLE_RATE, np.float32)
    active = np.zeros((len(audio) // HOP + 2, len(speakers)), bool)
    gains = 10 ** (rng.uniform(-6, 3, len(speakers)) / 20)
    ends = [0] * len(speakers)
    overlap_end = 0
    position = int(rng.uniform(0, 1.5) * SAMPLE_RATE)
    current = int(rng.integers(len(speakers)))
    while position < total:
        for _ in range(rng.integers(1, 4)):
            speech, frames = bank.utterance(int(speakers[current]), rng)
            position = max(position, ends[current])
            position -= position % HOP
            audio[position : position + len(speech)] += speech * gains[current]
            active[position // HOP : position // HOP + len(frames), current] |= frames
            ends[current] = position + len(speech)
            position = ends[current] + int(rng.uniform(0.05, 0.6) * SAMPLE_RATE)
            if position >= total:
                break
        end = ends[current]
        if len(speakers) > 1:
            current = (current + 1 + int(rng.integers(len(speakers) - 1))) % len(speakers)
        if len(speakers) > 1 and rng.random() < 0.3:
            position, overlap_end = max(overlap_end, end - int(rng.uniform(0.2, 1.5) * SAMPLE_RATE)), end
        elif rng.random() < 0.9:
            position = end + int((rng.exponential(0.35) + 0.02) * SAMPLE_RATE)
        else:
            position = end + int(rng.uniform(1, 3) * SAMPLE_RATE)
    return audio[:total], active[: total // HOP]


def disturbed(audio: Audio, rng: np.random.Generator, *, clean_share: float = 0.35) -> Audio:
    """The audio at another level, mostly with noise 12 to 45 dB below it."""
    if rng.random() >= clean_share:
        level = float(np.sqrt(np.mean(audio**2) + 1e-9)) * 10 ** (-rng.uniform(12, 45) / 20)
        colour = rng.uniform(0.7, 0.98) if rng.random() < 0.6 else 0.0
        audio = audio + coloured_noise(len(audio), rng, colour=colour) * level
    return (audio * 10 ** (rng.uniform(-10, 6) / 20)).astype(np.float32)


def chunk(
    bank: Bank, rng: np.random.Generator, *, debater_share: float
) -> tuple[Audio, NDArray[np.float32], NDArray[np.int64]]:
    """One training chunk of the segmentation.

    Returns 10 s of audio, (1000, 3) activity at 100 Hz and the three columns' speakers
    (unused columns: speaker 0, never active).
    """
    count = int(rng.choice([1, 2, 3], p=[0.2, 0.5, 0.3]))
    speakers = bank.draw(count, rng, debater_share=debater_share)
    skip = int(rng.uniform(0, 6) * 100)  # so that chunks begin in the middle of turns too
    audio, active = conversation(bank, speakers, CHUNK_SECONDS + skip / 100, rng)
    labels = np.zeros((int(CHUNK_SECONDS * 100), MAX_SPEAKERS), np.float32)
    labels[:, :count] = active[skip:]
    columns = np.zeros(MAX_SPEAKERS, np.int64)
    columns[:count] = speakers
    return disturbed(audio[skip * HOP :], rng), labels, columns


def excerpt(bank: Bank, speaker: int, seconds: float, rng: np.random.Generator) -> tuple[Audio, NDArray[np.float32]]:
    """One training example of the embedding: audio with a speaker, and which frames are theirs alone.

    Four in ten hold a second voice, masked out or, quieter, underneath.
    """
    total = int(seconds * SAMPLE_RATE)
    while True:
        audio = np.zeros(total, np.float32)
        mask = np.zeros(total // HOP, np.float32)
        position = int(rng.uniform(0, 1.2) * SAMPLE_RATE) if rng.random() < 0.3 else 0
        while position < total:
            position -= position % HOP
            speech, _ = bank.utterance(speaker, rng)
            skip = int(rng.integers(0, max(1, len(speech) // 2)))
            speech = speech[skip - skip % HOP :]
            end = min(total, position + len(speech))
            audio[position:end] = speech[: end - position]
            frames = speech_frames(speech)[: (total - position) // HOP]
            mask[position // HOP : position // HOP + len(frames)] = frames
            position = end + int(rng.uniform(0.05, 0.4) * SAMPLE_RATE)
        audio *= 10 ** (rng.uniform(-6, 3) / 20)
        _intrude(bank, audio, mask, rng)
        if mask.sum() >= 60:
            return disturbed(audio, rng, clean_share=0.3), mask


def _intrude(bank: Bank, audio: Audio, mask: NDArray[np.float32], rng: np.random.Generator) -> None:
    """Put a second voice into the excerpt, in place; the mask excludes it where it replaces the first."""
    draw = rng.random()
    if draw >= 0.4:
        return
    speech, _ = bank.utterance(int(rng.integers(len(bank.names))), rng)
    length = min(len(speech), int(rng.uniform(0.4, 1.6) * SAMPLE_RATE))
    at = int(rng.integers(0, len(audio) - length))
    speech = speech[:length] * np.float32(10 ** (rng.uniform(-6, 3) / 20))
    if draw < 0.25:
        audio[at : at + length] = speech
        mask[at // HOP : (at + length) // HOP + 1] = 0
    else:
        audio[at : at + length] += speech * 0.5


def main() -> None:
    """Make the bank named on the command line."""
    parser = argparse.ArgumentParser(description="Speak the training bank of the diarization.")
    parser.add_argument("path", type=Path)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--debater-utterances", type=int, default=240)
    parser.add_argument("--other-utterances", type=int, default=24)
    arguments = parser.parse_args()
    make_bank(
        arguments.path,
        seed=arguments.seed,
        debater_utterances=arguments.debater_utterances,
        other_utterances=arguments.other_utterances,
    )


if __name__ == "__main__":
    main()
