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
from pyannote.core import Annotation, Segment, Timeline
from pyannote.metrics.diarization import DiarizationErrorRate
from scipy.optimize import linear_sum_assignment

COLLAR_SECONDS = 0.5
"""pyannote's collar is the whole width round a boundary: 0.5 forgives 0.25 s on either side."""
SAME_WORD_SECONDS = 1.0
"""Words of one text whose starts are further apart are two words."""


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
    """Counts of an alignment; the rate is errors over the words of the truth (it may exceed 1).

    The sum of the counts of several debates has the rate over all of them.
    """

    substitutions: int
    deletions: int
    insertions: int
    words: int

    @property
    def rate(self) -> float:
        """Word error rate: (S + D + I) / N."""
        return (self.substitutions + self.deletions + self.insertions) / self.words

    def __add__(self, other: WordErrors) -> WordErrors:
        return WordErrors(
            self.substitutions + other.substitutions,
            self.deletions + other.deletions,
            self.insertions + other.insertions,
            self.words + other.words,
        )


def word_errors(truth: Sequence[Word], heard: Sequence[Word]) -> WordErrors:
    """Word errors of all that was heard, in the order given.

    Raises ValueError where the truth has no words: no rate is defined then.
    """
    counts = _aligned(truth, heard)
    return WordErrors(counts.substitutions, counts.deletions, counts.insertions, len(normalised(truth)))


def speaker_attributed_word_errors(truth: Sequence[Word], heard: Sequence[Word]) -> WordErrors:
    """Word errors where a word counts for its speaker alone: cpWER, the concatenated minimum-permutation word errors.

    All words of each speaker, by time, are one text. Each true speaker is compared with at most one that was heard,
    in the pairing with the fewest errors; all words of a true speaker without one are deleted, all of a heard one
    without one are inserted. A word with the wrong speaker so costs two errors. Words that nobody was given
    (`UNKNOWN`) are one more heard speaker.
    Watanabe et al., CHiME-6 Challenge (2020), section 5.2; with numbers of speakers that differ as in von Neumann et
    al., MeetEval (2023).
    """
    said, got = _by_speaker(truth), _by_speaker(heard)
    if not said:
        raise ValueError("the truth has no words")
    size = max(len(said), len(got))
    pairs = [
        [_errors_between(one, other) for other in got + [[]] * (size - len(got))]
        for one in said + [[]] * (size - len(said))
    ]
    costs = np.array([[pair.substitutions + pair.deletions + pair.insertions for pair in row] for row in pairs])
    rows, columns = linear_sum_assignment(costs)
    return sum((pairs[row][column] for row, column in zip(rows, columns, strict=True)), WordErrors(0, 0, 0, 0))


def _by_speaker(words: Sequence[Word]) -> list[list[str]]:
    texts: dict[str, list[str]] = {}
    for text, speaker in normalised(sorted(words, key=lambda word: word.start)):
        texts.setdefault(speaker, []).append(text)
    return list(texts.values())


def _errors_between(truth: Sequence[str], heard: Sequence[str]) -> WordErrors:
    if not truth:
        return WordErrors(0, 0, len(heard), 0)
    counts = jiwer.process_words(" ".join(truth), " ".join(heard))
    return WordErrors(counts.substitutions, counts.deletions, counts.insertions, len(truth))


def heard_right(truth: Sequence[Word], heard: Sequence[Word]) -> list[tuple[Word, Word]]:
    """(as said, as heard) of the words that the alignment of `word_errors` takes for the same."""
    said, got = ([word for word in words if normalised([word])] for words in (truth, heard))
    return [
        (said[chunk.ref_start_idx + offset], got[chunk.hyp_start_idx + offset])
        for chunk in _aligned(truth, heard).alignments[0]
        if chunk.type == "equal"
        for offset in range(chunk.ref_end_idx - chunk.ref_start_idx)
    ]


def boundary_errors(truth: Sequence[Word], heard: Sequence[Word]) -> tuple[list[float], list[float]]:
    """Milliseconds by which the starts, and the ends, of the words heard right are wrong; no signs.

    Words more than `SAME_WORD_SECONDS` apart are left out: the alignment knows no times, and took one "the" for
    another.
    """
    pairs = [(said, got) for said, got in heard_right(truth, heard) if abs(said.start - got.start) <= SAME_WORD_SECONDS]
    return (
        [abs(said.start - got.start) * 1000 for said, got in pairs],
        [abs(said.end - got.end) * 1000 for said, got in pairs],
    )


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


@dataclass(frozen=True)
class DiarizationErrors:
    """Seconds; the rate is what is wrong over the speech of the truth, each speaker's counted."""

    missed: float
    false_alarm: float
    confused: float
    speech: float

    @property
    def rate(self) -> float:
        """Diarization error rate: (missed + false alarm + confused) / speech."""
        return (self.missed + self.false_alarm + self.confused) / self.speech

    def __add__(self, other: DiarizationErrors) -> DiarizationErrors:
        return DiarizationErrors(
            self.missed + other.missed,
            self.false_alarm + other.false_alarm,
            self.confused + other.confused,
            self.speech + other.speech,
        )


def diarization_errors(
    truth: Sequence[Turn], heard: Sequence[Turn], *, seconds: float, collar_seconds: float = COLLAR_SECONDS
) -> DiarizationErrors:
    """Over 0..`seconds`, overlapped speech scored, speakers mapped at best; by pyannote.metrics, and the collar in its
    sense."""
    metric = DiarizationErrorRate(collar=collar_seconds, skip_overlap=False)
    parts = metric(annotation(truth), annotation(heard), uem=Segment(0.0, seconds), detailed=True)
    return DiarizationErrors(parts["missed detection"], parts["false alarm"], parts["confusion"], parts["total"])


def diarization_error(
    truth: Sequence[Turn], heard: Sequence[Turn], *, seconds: float, collar_seconds: float = COLLAR_SECONDS
) -> float:
    """The rate of `diarization_errors`."""
    return diarization_errors(truth, heard, seconds=seconds, collar_seconds=collar_seconds).rate


def wrong_speakers(truth: Sequence[Word], heard: Sequence[Word]) -> tuple[int, int]:
    """How many of the correctly heard words have a wrong speaker, and how many these words are; mapped at best.

    Only words aligned as equal count: what was misheard has no speaker to be right about.
    """
    pairs = [(said.speaker, got.speaker) for said, got in heard_right(truth, heard)]
    return len(pairs) - _right_at_best(pairs), len(pairs)


def wrong_speaker_share(truth: Sequence[Word], heard: Sequence[Word]) -> float:
    """`wrong_speakers` as a share, 0..1. Raises ValueError where no word was heard correctly."""
    wrong, words = wrong_speakers(truth, heard)
    if not words:
        raise ValueError("no word was heard correctly")
    return wrong / words


def _right_at_best(pairs: Sequence[tuple[str, str]]) -> int:
    """How many of the (true, heard) pairs fit the one-to-one mapping of labels that most of them fit."""
    true_labels, heard_labels = (sorted({pair[side] for pair in pairs}) for side in (0, 1))
    matches = np.zeros((len(true_labels), len(heard_labels)), int)
    for true, label in pairs:
        matches[true_labels.index(true), heard_labels.index(label)] += 1
    return int(matches[linear_sum_assignment(matches, maximize=True)].sum())


def wrong_links(truth: Sequence[Turn], nodes: Sequence[tuple[Sequence[Turn], str]]) -> tuple[int, int]:
    """How many local speakers of windows were given to a wrong person, and how many there are.

    nodes: the turns of each local speaker, on the debate's clock, and the person whom linking made of it. Whose voice
    it truly is: of the true speaker who speaks most during its turns; one who speaks when nobody does is not counted.
    Persons are mapped to true speakers at best, one to one: of a person in two parts the smaller part is wrong.
    """
    pairs = []
    for turns, person in nodes:
        shared: dict[str, float] = {}
        for turn in turns:
            for true in truth:
                common = min(turn.end, true.end) - max(turn.start, true.start)
                if common > 0:
                    shared[true.speaker] = shared.get(true.speaker, 0.0) + common
        if shared:
            pairs.append((max(sorted(shared), key=lambda speaker: shared[speaker]), person))
    return len(pairs) - _right_at_best(pairs), len(pairs)


def speaker_count(turns: Iterable[Turn]) -> int:
    """How many different speakers have turns."""
    return len({turn.speaker for turn in turns})


def spoken_seconds(turns: Iterable[Turn]) -> tuple[float, float]:
    """Seconds during which somebody speaks, and during which two or more do."""
    known = annotation(turns)
    return known.get_timeline().support().duration(), known.get_overlap().duration()


def union(spans: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """The same time in spans that do not touch, in order."""
    return [(segment.start, segment.end) for segment in Timeline(Segment(*span) for span in spans).support()]


def without(spans: Iterable[tuple[float, float]], others: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """What lies in the spans and not in the others."""
    whole, taken = (Timeline(Segment(*span) for span in each) for each in (spans, others))
    return [(segment.start, segment.end) for segment in whole.extrude(taken)]
