"""A debate as the figures see it: who is heard when, and who says which words. Built from the documents of a job."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from pyannote.core import Annotation, Segment

from debate_core.documents.statistics import Note
from debate_core.documents.transcript import UNKNOWN_SPEAKER, Transcript, Utterance, Words
from debate_stats.intervals import union
from debate_stats.rttm import Speech


class SpokenWord(NamedTuple):
    """A word: the middle of its time in seconds, its speaker, its probability (0 to 1). In this order they sort."""

    at: float
    speaker: str
    probability: float


@dataclass(frozen=True, slots=True)
class Debate:
    """All times lie in [0, duration], in seconds.

    speech: the known speakers; of each, disjoint segments in time order. Different speakers' may overlap.
    unknown: where words are heard but no known speaker's; disjoint.
    hears_overlap: whether `speech` could tell two voices at once (it comes from the diarization, not the transcript).
    words: those of the unknown too, in time order.
    utterances: how many of them each label has, UNKNOWN included.
    speakers: the labels of all known speakers, in their order.
    notes: what was odd in the documents, and what was made of it.
    """

    duration: float
    speech: Annotation
    unknown: tuple[Segment, ...]
    hears_overlap: bool
    words: tuple[SpokenWord, ...]
    utterances: dict[str, int]
    speakers: tuple[str, ...]
    notes: tuple[Note, ...]

    def segments_of(self, label: str) -> list[Segment]:
        """When a known speaker speaks: disjoint segments in time order."""
        return list(self.speech.label_timeline(label, copy=False))


def debate_from(transcript: Transcript, words: Words | None, speech: Sequence[Speech] | None) -> Debate:
    """The debate that a job's documents tell of; `words` and `speech` (the RTTM's lines) are None where a job has none.

    Without words, those of the utterances' text stand in, spread evenly over the utterance. Without RTTM, the
    utterances' times stand in: they say who speaks, but never two at once.
    """
    lines = transcript.transcription
    told = [Speech(Segment(line.start, line.end), line.speaker) for line in lines]
    heard = told if speech is None else [*speech, *(entry for entry in told if entry.speaker == UNKNOWN_SPEAKER)]
    spoken = sorted(_words_of(words) if words is not None else _words_of_text(lines))
    duration, notes = _duration(transcript.duration, heard)
    pieces, odd = _within(heard, duration)
    annotation = Annotation()
    for label in sorted(pieces.keys() - {UNKNOWN_SPEAKER}):
        for segment in union(pieces[label]):
            annotation[segment, label] = label
    counts: dict[str, int] = {}
    for line in lines:
        counts[line.speaker] = counts.get(line.speaker, 0) + 1
    speakers = {label for label in pieces if pieces[label]} | {word.speaker for word in spoken} | counts.keys()
    return Debate(
        duration=duration,
        speech=annotation,
        unknown=tuple(union(pieces.get(UNKNOWN_SPEAKER, []))),
        hears_overlap=speech is not None,
        words=tuple(spoken),
        utterances=counts,
        speakers=tuple(sorted(speakers - {UNKNOWN_SPEAKER}, key=_label_order)),
        notes=(*notes, *odd, *_missing(words, speech)),
    )


def _words_of(words: Words) -> Iterator[SpokenWord]:
    for word in words.words:
        yield SpokenWord(at=(word.start + word.end) / 2, speaker=word.speaker, probability=word.probability)


def _words_of_text(lines: Iterable[Utterance]) -> Iterator[SpokenWord]:
    for line in lines:
        count = len(line.text.split())
        for i in range(count):
            at = line.start + (line.end - line.start) * (i + 0.5) / count
            yield SpokenWord(at=at, speaker=line.speaker, probability=line.confidence)


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
