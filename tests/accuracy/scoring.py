"""Error rates of a transcript against a known script: pure functions, no models.

Times are seconds. A word is anything with `start`, `end`, `text`, `speaker`; a turn anything with
`start`, `end`, `speaker`, so that the truth of a synthesised debate and our own documents both fit.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import jiwer
import numpy as np
from pyannote.core import Annotation, Segment
from pyannote.metrics.diarization import DiarizationErrorRate
from scipy.optimize import linear_sum_assignment

COLLAR_SECONDS = 0.5
"""pyannote's collar is the whole width round a boundary: 0.5 forgives 0.25 s on either side."""


class Word(Protocol):
    """A word with its time and speaker."""

    @property
    def start(self) -> float: ...
    @property
    def end(self) -> float: ...
    @property
    def text(self) -> str: ...
    @property
    def speaker(self) -> str: ...


class Turn(Protocol):
    """A stretch of one speaker's speech; turns may overlap."""

    @property
    def start(self) -> float: ...
    @property
    def end(self) -> float: ...
    @property
    def speaker(self) -> str: ...


def normalised(words: Iterable[Word]) -> list[tuple[str, str]]:
    """(text, speaker) of each word: lower case, no punctuation but the apostrophe, no empty words."""
    cleaned = ((re.sub(r"[^\w']", "", word.text.lower()), word.speaker) for word in words)
    return [(text, speaker) for text, speaker in cleaned if text]


@dataclass(frozen=True)
class WordErrors:
    """Counts of an alignment; the rate is errors over the words of the truth (it may exceed 1)."""

    substitutions: int
    deletions: int
    insertions: int
    words: int

    @property
    def rate(self) -> float:
        """Word error rate: (S + D + I) / N."""
        return (self.substitutions + self.deletions + self.insertions) / self.words


def word_errors(truth: Sequence[Word], heard: Sequence[Word]) -> WordErrors:
    """Word errors of all that was heard, in the order given.

    Raises ValueError where the truth has no words: no rate is defined then.
    """
    counts = _aligned(truth, heard)
    return WordErrors(counts.substitutions, counts.deletions, counts.insertions, len(normalised(truth)))


def _aligned(truth: Sequence[Word], heard: Sequence[Word]) -> jiwer.WordOutput:
    reference = " ".join(text for text, _ in normalised(truth))
    if not reference:
        raise ValueError("the truth has no words")
    return jiwer.process_words(reference, " ".join(text for text, _ in normalised(heard)))


def annotation(turns: Iterable[Turn]) -> Annotation:
    """The turns as pyannote's annotation, overlaps kept."""
    result = Annotation()
    for index, turn in enumerate(turns):
        result[Segment(turn.start, turn.end), index] = turn.speaker
    return result


def diarization_error(
    truth: Sequence[Turn], heard: Sequence[Turn], *, seconds: float, collar_seconds: float = COLLAR_SECONDS
) -> float:
    """Diarization error rate over 0..`seconds`, overlapped speech scored, speakers mapped at best.

    (missed + false alarm + confused) / speech, by pyannote.metrics; `collar_seconds` in its sense.
    """
    metric = DiarizationErrorRate(collar=collar_seconds, skip_overlap=False)
    uem = Segment(0.0, seconds)
    return float(metric(annotation(truth), annotation(heard), uem=uem))


def wrong_speaker_share(truth: Sequence[Word], heard: Sequence[Word]) -> float:
    """Share of the correctly heard words whose speaker is wrong, 0..1, speakers mapped at best.

    Only words aligned as equal count: what was misheard has no speaker to be right about.
    Raises ValueError where no word was heard correctly.
    """
    said, got = normalised(truth), normalised(heard)
    pairs = [
        (said[chunk.ref_start_idx + offset][1], got[chunk.hyp_start_idx + offset][1])
        for chunk in _aligned(truth, heard).alignments[0]
        if chunk.type == "equal"
        for offset in range(chunk.ref_end_idx - chunk.ref_start_idx)
    ]
    if not pairs:
        raise ValueError("no word was heard correctly")
    true_labels = sorted({true for true, _ in pairs})
    heard_labels = sorted({label for _, label in pairs})
    matches = np.zeros((len(true_labels), len(heard_labels)), int)
    for true, label in pairs:
        matches[true_labels.index(true), heard_labels.index(label)] += 1
    right = matches[linear_sum_assignment(matches, maximize=True)].sum()
    return 1.0 - float(right) / len(pairs)


def speaker_count(turns: Iterable[Turn]) -> int:
    """How many different speakers have turns."""
    return len({turn.speaker for turn in turns})
