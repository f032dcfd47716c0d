"""A debate as the figures see it: who is heard when, and who says which words. Built from the documents of a job."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import NamedTuple, TypeVar

from pyannote.core import Annotation, Segment

from debate_core.documents.statistics import Note
from debate_core.documents.transcript import UNKNOWN_SPEAKER, Transcript, Utterance, Words
from debate_stats import languages
from debate_stats.intervals import union
from debate_stats.rttm import Speech


class SpokenWord(NamedTuple):
    """A word: its time in seconds, its speaker, its text, its probability (0 to 1)."""

    start: float
    end: float
    speaker: str
    text: str
    probability: float

    @property
    def at(self) -> float:
        """The moment that stands for the word: the middle of its time."""
        return (self.start + self.end) / 2


Told = TypeVar("Told", SpokenWord, Utterance)


@dataclass(frozen=True, slots=True)
class Debate:
    """All times lie in [0, duration], in seconds.

    speech: the known speakers; of each, disjoint segments in time order. Different speakers' may overlap.
    unknown: where words are heard but no known speaker's; disjoint.
    hears_overlap: whether `speech` could tell two voices at once (it comes from the diarization, not the transcript).
    words: those of the unknown too, by start; in the document's order where times are equal.
    times_words: whether each word has its own time and probability (else those of the utterance, spread evenly).
    language: of the words, without a region ("en"); None where no document states it.
    utterances: how many of them each label has, UNKNOWN included.
    untimed: how many utterances have text and no length.
    speakers: the labels of all known speakers, in their order.
    notes: what was odd in the documents, and what was made of it.
    """

    duration: float
    speech: Annotation
    unknown: tuple[Segment, ...]
    hears_overlap: bool
    words: tuple[SpokenWord, ...]
    times_words: bool
    language: str | None
    utterances: dict[str, int]
    untimed: int
    speakers: tuple[str, ...]
    notes: tuple[Note, ...]

    def segments_of(self, label: str) -> list[Segment]:
        """When a known speaker speaks: disjoint segments in time order."""
        return list(self.speech.label_timeline(label, copy=False))


class WordTimes:
    """When each speaker says a word, to be asked how many fall into a stretch of time."""

    def __init__(self, debate: Debate) -> None:
        self._at: dict[str, list[float]] = {}
        for word in debate.words:
            self._at.setdefault(word.speaker, []).append((word.start + word.end) / 2)
        for moments in self._at.values():
            moments.sort()

    def count(self, speaker: str, stretch: Segment) -> int:
        """How many words of the speaker have their middle in the stretch, its ends included."""
        at = self._at.get(speaker, [])
        return bisect_right(at, stretch.end) - bisect_left(at, stretch.start)


def words_by_speaker(debate: Debate) -> dict[str, list[SpokenWord]]:
    """The words of each known speaker, in time order; those of the unknown belong to nobody."""
    words: dict[str, list[SpokenWord]] = {label: [] for label in debate.speakers}
    for word in debate.words:
        if word.speaker in words:
            words[word.speaker].append(word)
    return words


def debate_from(
    transcript: Transcript, words: Words | None, speech: Sequence[Speech] | None, language: str | None = None
) -> Debate:
    """The debate that a job's documents tell of; `words` and `speech` (the RTTM's lines) are None where a job has none.

    Without words, those of the utterances' text stand in, spread evenly over the utterance. Without RTTM, the
    utterances' times stand in: they say who speaks, but never two at once. `language`: where something knows it
    better than the words document does.
    """
    lines = _once(transcript.transcription)
    told = [Speech(Segment(line.start, line.end), line.speaker) for line in lines]
    heard = told if speech is None else [*speech, *(entry for entry in told if entry.speaker == UNKNOWN_SPEAKER)]
    said = list(_words_of(words) if words is not None else _words_of_text(lines))
    spoken = _once(said)
    duration, notes = _duration(transcript.duration, heard)
    pieces, odd = _within(heard, duration)
    annotation = Annotation()
    for label in sorted(pieces.keys() - {UNKNOWN_SPEAKER}):
        for segment in union(pieces[label]):
            annotation[segment, label] = label
    counts = Counter(line.speaker for line in lines)
    speakers = {label for label in pieces if pieces[label]} | {word.speaker for word in spoken} | counts.keys()
    return Debate(
        duration=duration,
        speech=annotation,
        unknown=tuple(union(pieces.get(UNKNOWN_SPEAKER, []))),
        hears_overlap=speech is not None,
        words=tuple(sorted(spoken, key=itemgetter(0, 1))),  # by start, then end
        times_words=words is not None,
        language=languages.base(language or (words.language if words is not None else None)),
        utterances=dict(counts),
        untimed=sum(line.end <= line.start and bool(line.text.strip()) for line in lines),
        speakers=tuple(sorted(speakers - {UNKNOWN_SPEAKER}, key=_label_order)),
        notes=(
            *notes,
            *odd,
            *_repeated("totals.segments", "utterances", len(transcript.transcription) - len(lines)),
            *_repeated("totals.words", "words", len(said) - len(spoken)),
            *_late(spoken, duration),
            *_missing(words, speech),
        ),
    )


def _words_of(words: Words) -> Iterator[SpokenWord]:
    for word in words.words:
        yield SpokenWord(word.start, word.end, word.speaker, word.text, word.probability)


def _words_of_text(lines: Iterable[Utterance]) -> Iterator[SpokenWord]:
    for line in lines:
        texts = line.text.split()
        step = (line.end - line.start) / len(texts) if texts else 0.0
        for i, text in enumerate(texts):
            yield SpokenWord(line.start + step * i, line.start + step * (i + 1), line.speaker, text, line.confidence)


def _once(told: Sequence[Told]) -> Sequence[Told]:
    """Without repetitions: nobody says the same at the same time twice. What has no length may be two of a kind."""
    if len(set(told)) == len(told):
        return told
    kept: dict[object, Told] = {}
    for i, entry in enumerate(told):
        kept.setdefault(entry if entry.end > entry.start else i, entry)
    return list(kept.values())


def _duration(stated: float, heard: list[Speech]) -> tuple[float, list[Note]]:
    """The media's length; where it is not stated, the end of the last segment."""
    if stated > 0 or not heard:
        return stated, []
    reason = "the transcript states no length; the end of the last segment stands in"
    return max(entry.segment.end for entry in heard), [Note(field="totals.duration_seconds", reason=reason)]


def _within(heard: list[Speech], duration: float) -> tuple[dict[str, list[Segment]], list[Note]]:
    """Segments by label, cut at the media's end; those without a length say nothing about time and are left out."""
    media = Segment(0.0, duration)
    pieces: dict[str, list[Segment]] = {}
    empty = cut = 0
    for entry in heard:
        if not entry.segment:
            empty += 1
            continue
        cut += entry.segment.end > duration
        piece = entry.segment & media
        # pyannote.core has no empty intersection: it gives a segment that ends before it starts, which is falsy.
        if piece:
            pieces.setdefault(entry.speaker, []).append(piece)
    notes = []
    if empty:
        notes.append(Note(field="timeline", reason=f"{empty} segments without a length were left out"))
    if cut:
        notes.append(Note(field="timeline", reason=f"{cut} segments that end after the media were cut there"))
    return pieces, notes


def _repeated(field: str, what: str, count: int) -> Iterator[Note]:
    if count:
        yield Note(field=field, reason=f"{count} {what} that were told twice count once")


def _late(words: Iterable[SpokenWord], duration: float) -> Iterator[Note]:
    if count := sum(word.start >= duration for word in words):
        yield Note(field="totals.words", reason=f"{count} words begin after the end of the media; they are counted")


def _missing(words: Words | None, speech: Sequence[Speech] | None) -> Iterator[Note]:
    if words is None:
        reason = "no words document: words are counted in the text of the utterances, spread evenly over their time"
        yield Note(field="totals.words", reason=reason)
    if speech is None:
        reason = "no diarization: times are those of the utterances, of which each has one speaker"
        yield Note(field="timeline", reason=reason)


def _label_order(label: str) -> tuple[int, str]:
    # SPEAKER_100 after SPEAKER_99.
    return len(label), label
