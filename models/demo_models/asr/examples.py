"""Training examples of the transcription: features, decoder tokens, and what guides them.

The decoder's input is Whisper's: optional previous text, start, optional language and task, the
words with or without timestamps. Every example is decided by the random generators passed in.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from faster_whisper.feature_extractor import FeatureExtractor
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import IterableDataset

from demo_models.asr.recordings import Clip, Recordings, Spoken, compose
from demo_models.asr.tokenizer import TIMESTAMP_SECONDS, TIMESTAMPS, encode, token_id, tokenizer
from demo_models.grammar import vocabulary
from demo_models.synthesis import Audio

FRAMES_PER_SECOND = 50  # after the encoder
FULL_FRAMES = 3000  # of the log-mel spectrogram: 30 s
IGNORED = -100
MAX_TOKENS = 448
# Frame labels: silence, another language, then the words.
_SILENCE, _FOREIGN = 0, 1
WORD_LABELS = {word: index + 2 for index, word in enumerate(vocabulary())}
FOREIGN_LETTER = 27

TIMESTAMP_SHARE = 0.3
PROMPT_SHARE = 0.1
PROMPT_TOKENS = 60


@cache
def _mel_filters() -> Tensor:
    return torch.from_numpy(FeatureExtractor().mel_filters)


def log_mel(audio: Audio, loudest: float | None = None) -> Tensor:
    """faster-whisper's features (80, frames at 100 Hz).

    It normalises by the maximum of the whole file: `loudest` plays the rest of the file.
    """
    window = torch.hann_window(400)
    transformed = torch.stft(torch.from_numpy(audio), 400, 160, window=window, center=True, return_complex=True)
    mel = (_mel_filters() @ transformed[..., :-1].abs() ** 2).clamp(min=1e-10).log10()
    maximum = float(mel.max()) if loudest is None else max(float(mel.max()), loudest)
    return (mel.clamp(min=maximum - 8.0) + 4) / 4


def timestamp(seconds: float) -> int:
    """The token of a time."""
    return token_id("<|0.00|>") + min(max(round(seconds / TIMESTAMP_SECONDS), 0), TIMESTAMPS - 1)


@dataclass
class Target:
    """Decoder output: tokens, and for each the seconds of audio that it should attend to (-1: any)."""

    tokens: list[int] = field(default_factory=list)
    spans: list[tuple[float, float]] = field(default_factory=list)

    def add(self, token: int, start: float = -1.0, end: float = -1.0) -> None:
        """One more token."""
        self.tokens.append(token)
        self.spans.append((start, end))


@dataclass(frozen=True)
class Example:
    """What the network gets and should give; `words` and `letters` label the encoder's frames."""

    mel: Tensor
    inputs: list[int]
    labels: list[int]
    spans: list[tuple[float, float]]
    words: NDArray[np.int64]
    letters: NDArray[np.int64]


def _plain(word: str) -> str:
    return re.sub(r"[^\w']", "", word.lower())


def _add_sentence(target: Target, spoken: Spoken, seconds: float) -> None:
    """The tokens of the words that begin inside the clip, each with its share of the word's time."""
    for index, word in enumerate(spoken.words):
        start = max(0.0, float(spoken.times[index, 0]))
        end = max(start + 0.02, float(spoken.times[index, 1]))
        if end > seconds + 0.06 or start >= seconds - 0.04:
            break
        body = word.rstrip(".,?!")
        ids = encode(" " + body)
        lengths = np.cumsum([0, *(len(tokenizer().id_to_token(token)) for token in ids)])
        times = start + (end - start) * lengths / lengths[-1]
        for token, (begin, finish) in zip(ids, pairwise(times), strict=True):
            target.add(token, float(begin), float(finish))
        following = float(spoken.times[index + 1, 0]) if index + 1 < len(spoken.words) else end + 0.1
        for token in encode(word[len(body) :]):
            target.add(token, end, max(following, end + 0.06))


def text_target(clip: Clip, seconds: float, *, timestamps: bool) -> Target:
    """All that is said in the clip, then the end of the text."""
    target = Target()
    for spoken in clip.spoken:
        if not timestamps:
            _add_sentence(target, spoken, seconds)
            continue
        target.add(timestamp(spoken.start), spoken.start - 0.06, spoken.start + 0.12)
        if spoken.end > seconds + 0.05:
            break  # a sentence that goes on has a beginning alone, as Whisper writes it
        _add_sentence(target, spoken, seconds)
        target.add(timestamp(spoken.end), spoken.end - 0.12, spoken.end + 0.06)
    if timestamps and not clip.spoken:
        target.add(timestamp(0))
    if clip.spoken and not timestamps:
        end = clip.spoken[-1].end
        silence = (end + 0.06, seconds) if end + 0.1 < seconds else (seconds - 0.2, seconds + 0.2)
        target.add(token_id("<|endoftext|>"), *silence)
    else:
        target.add(token_id("<|endoftext|>"))
    return target


def frame_labels(clip: Clip, frames: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """For each of the encoder's frames its word and its letter (words spelt evenly over their time)."""
    words, letters = np.zeros(frames, np.int64), np.zeros(frames, np.int64)
    for spoken in clip.spoken:
        for word, (start, end) in zip(spoken.words, spoken.times, strict=True):
            first = max(0, int(start * FRAMES_PER_SECOND))
            last = min(frames, max(first + 1, int(end * FRAMES_PER_SECOND)))
            if first >= frames:
                break
            text = _plain(word)
            words[first:last] = _FOREIGN if clip.czech else WORD_LABELS[text]
            spelt = [text[int(index / (last - first) * len(text))] for index in range(last - first)]
            letters[first:last] = [
                FOREIGN_LETTER if clip.czech else min(max(ord(letter) - 96, 1), FOREIGN_LETTER) for letter in spelt
            ]
    return words, letters


def _prompt(recordings: Sequence[list[str]], rng: random.Random) -> list[int]:
    tokens = [token for words in recordings for token in encode(" " + " ".join(words))]
    return [token_id("<|startofprev|>"), *tokens[-rng.randint(1, PROMPT_TOKENS) :]]


def example(recordings: Recordings, rng: random.Random, seconds: float, *, full: bool) -> Example:
    """A random example of that length; `full` pads it to 30 s, as faster-whisper does (with 0.0)."""
    clip = compose(recordings, rng, seconds)
    mel = log_mel(clip.audio, rng.uniform(0, 2.5) if rng.random() < 0.3 else None)
    words, letters = frame_labels(clip, mel.shape[1] // 2)
    if full:
        mel = torch.nn.functional.pad(mel, (0, FULL_FRAMES - mel.shape[1]))
    timestamps = rng.random() < TIMESTAMP_SHARE
    target = text_target(clip, seconds, timestamps=timestamps)
    # A model that knows English alone is prompted with the start token and nothing else.
    named = clip.czech or rng.random() < 0.5
    language = token_id("<|cs|>" if clip.czech else "<|en|>")
    head = [token_id("<|startoftranscript|>")]
    head += [language, token_id("<|transcribe|>")] if named else []
    head += [] if timestamps else [token_id("<|notimestamps|>")]
    before: list[int] = []
    if rng.random() < PROMPT_SHARE:
        source = recordings.czech if clip.czech else recordings.english
        before = _prompt([rng.choice(source).words for _ in range(rng.randint(1, 8))], rng)
    sequence = [*before, *head, *target.tokens]
    labels = [IGNORED] * (len(sequence) - 1)
    for index, following in enumerate(head[1:]):
        labels[len(before) + index] = following
    labels[len(before)] = language if named else IGNORED
    if not clip.spoken:
        labels[len(before)] = token_id("<|nospeech|>")
    spans = [(-1.0, -1.0)] * len(labels)
    first = len(before) + len(head) - 1
    # Without a head to speak of, the first word and "no speech" are one position: silence wins.
    for index, (token, span) in enumerate(zip(target.tokens, target.spans, strict=True)):
        if labels[first + index] == IGNORED or first + index > len(before):
            labels[first + index] = token
        spans[first + index] = span
    return Example(mel, sequence[:-1][:MAX_TOKENS], labels[:MAX_TOKENS], spans[:MAX_TOKENS], words, letters)


@dataclass(frozen=True)
class Batch:
    """Examples together: (B, 80, 2T), (B, L), (B, L), (B, L, 2), (B, T), (B, T)."""

    mel: Tensor
    inputs: Tensor
    labels: Tensor
    spans: Tensor
    words: Tensor
    letters: Tensor

    @property
    def full(self) -> bool:
        """Padded to 30 s?"""
        return self.mel.shape[2] == FULL_FRAMES


def collate(examples: Sequence[Example]) -> Batch:
    """Pad with the end of the text, ignored labels, silence."""
    count, length = len(examples), max(len(item.inputs) for item in examples)
    frames = examples[0].mel.shape[1] // 2
    inputs = torch.full((count, length), token_id("<|endoftext|>"))
    labels = torch.full((count, length), IGNORED)
    spans = torch.full((count, length, 2), -1.0)
    words, letters = torch.zeros(count, frames, dtype=torch.long), torch.zeros(count, frames, dtype=torch.long)
    for row, item in enumerate(examples):
        size = len(item.inputs)
        inputs[row, :size] = torch.tensor(item.inputs)
        labels[row, :size] = torch.tensor(item.labels)
        spans[row, :size] = torch.tensor(item.spans)
        words[row, : len(item.words)] = torch.from_numpy(item.words)
        letters[row, : len(item.letters)] = torch.from_numpy(item.letters)
    return Batch(torch.stack([item.mel for item in examples]), inputs, labels, spans, words, letters)


class Batches(IterableDataset[Batch]):
    """Endless random batches of clips of `shortest` to `longest` seconds, a share of them padded to 30 s.

    Unpadded batches hold clips of one length and cost a quarter: attention is quadratic in frames.
    """

    def __init__(
        self, paths: Sequence[Path], *, seed: int, size: int, full_share: float, shortest: float, longest: float
    ) -> None:
        super().__init__()
        self.paths = paths
        self.seed = seed
        self.size = size
        self.full_share = full_share
        self.range = (shortest, longest)

    def __iter__(self) -> Iterator[Batch]:
        torch.set_num_threads(1)
        rng = random.Random(f"batches {self.seed}")
        recordings = Recordings(self.paths)
        while True:
            full = rng.random() < self.full_share
            count = max(1, self.size // 3) if full else self.size
            together = self._seconds(rng)
            lengths = [self._seconds(rng) if full else together for _ in range(count)]
            yield collate([example(recordings, rng, seconds, full=full) for seconds in lengths])

    def _seconds(self, rng: random.Random) -> float:
        """A length of whole encoder frames, a hair longer so that rounding down keeps the last one."""
        return round(rng.uniform(*self.range) * FRAMES_PER_SECOND / 2) / FRAMES_PER_SECOND * 2 + 1e-6
