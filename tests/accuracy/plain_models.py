"""The usual way with the same models: faster-whisper and pyannote as they come, then a speaker for each piece of text.

faster-whisper's batched pipeline with its own voice detector and its defaults, pyannote over the whole file, and the
speaker who overlaps most, for each segment (as most scripts do), each sentence, or each word (as whisperX does both).
Made fair: the language is given, the beam is ours, clips are as short as the model wants them, and a piece of text
that overlaps nobody gets the nearest speaker, where scripts leave it without one.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

os.environ["PYANNOTE_METRICS_ENABLED"] = "0"
os.environ["HF_HUB_OFFLINE"] = "1"

from demo_models.debates import Turn, Word
from faster_whisper import BatchedInferencePipeline, WhisperModel
from pyannote.audio import Pipeline

SAMPLE_RATE = 16_000
MAX_CLIP_SECONDS = 10
BEAM_SIZE = 5
BATCH_SIZE = 8

Piece = Sequence[Word]


@dataclass(frozen=True)
class Plain:
    """What the models heard. segments: the words of each, without speakers; the annotations as pyannote gives them."""

    segments: list[list[Word]]
    overlapping: list[Turn]
    exclusive: list[Turn]

    def by_segment(self) -> list[Word]:
        """Each of faster-whisper's segments with one speaker."""
        return _attributed(self.segments, self.overlapping)

    def by_sentence(self) -> list[Word]:
        """Each sentence with one speaker."""
        return _attributed([sentence for words in self.segments for sentence in _sentences(words)], self.overlapping)

    def by_word(self) -> list[Word]:
        """Each word with its own speaker, from the annotation with one voice at a time that pyannote makes for this."""
        return _attributed([[word] for words in self.segments for word in words], self.exclusive)


class PlainModels:
    """Both models, loaded once."""

    def __init__(self, models: Path, *, threads: int = 1) -> None:
        torch.set_num_threads(threads)
        folder = models / "debate-analyzer"
        whisper = WhisperModel(
            str(folder / "whisper-demo@1"),
            device="cpu",
            compute_type="int8",
            cpu_threads=threads,
            local_files_only=True,
        )
        self._batched = BatchedInferencePipeline(whisper)
        self._pipeline = Pipeline.from_pretrained(str(folder / "diarization-demo@1"))

    def hear(self, audio: np.ndarray[Any, np.dtype[np.float32]]) -> Plain:
        """audio: 16 kHz mono, -1..1."""
        segments, _ = self._batched.transcribe(
            audio,
            language="en",
            beam_size=BEAM_SIZE,
            batch_size=BATCH_SIZE,
            chunk_length=MAX_CLIP_SECONDS,
            word_timestamps=True,
        )
        heard = [[Word(word.start, word.end, word.word, "") for word in segment.words or ()] for segment in segments]
        diarized = self._pipeline({"waveform": torch.from_numpy(audio)[None], "sample_rate": SAMPLE_RATE})
        return Plain(heard, _turns(diarized.speaker_diarization), _turns(diarized.exclusive_speaker_diarization))


def _sentences(words: Sequence[Word]) -> list[list[Word]]:
    found: list[list[Word]] = [[]]
    for word in words:
        found[-1].append(word)
        if re.search(r"[.?!]$", word.text):
            found.append([])
    return found


def _attributed(pieces: Sequence[Piece], turns: Sequence[Turn]) -> list[Word]:
    """All words of each piece with the speaker whose turns cover most of it, or one of which lies nearest."""
    words: list[Word] = []
    for piece in pieces:
        if not piece:
            continue
        start, end = piece[0].start, piece[-1].end
        covered: dict[str, float] = {}
        for turn in turns:
            common = min(turn.end, end) - max(turn.start, start)
            if common > 0:
                covered[turn.speaker] = covered.get(turn.speaker, 0.0) + common
        nearest = max(turns, key=lambda turn: min(turn.end, end) - max(turn.start, start), default=None)
        most = max(covered, key=lambda speaker: covered[speaker], default=nearest.speaker if nearest else "UNKNOWN")
        words += [Word(word.start, word.end, word.text, most) for word in piece]
    return words


def _turns(annotation: Any) -> list[Turn]:
    return [Turn(segment.start, segment.end, label) for segment, _, label in annotation.itertracks(yield_label=True)]
