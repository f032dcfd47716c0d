"""Turns: who has the floor, from when to when.

What a speaker says in one go (a spurt) is an insert where it is short: at most `insert_max_s` and `insert_max_words`.
A turn is a run of one speaker's segments. It goes on over a pause while the silence in it is at most `turn_gap_s` and
all that others say in it are inserts. Inserts inside another speaker's turn are no turn of their own ("backchannel":
Yuan, Liberman and Cieri, ICPhS 2007). A speaker who talks on while another does keeps the turn, and both have one:
turns may overlap. Speech of unknown speakers ends no turn.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from pyannote.core import Segment

from debate_stats.debate import Debate
from debate_stats.intervals import Disjoint, by_time, duration
from debate_stats.parameters import Parameters

_TOLERANCE_S: Final = 1e-6
"""Times are in milliseconds; the difference of two of them is off by some 1e-12 s."""


@dataclass(frozen=True, slots=True)
class Turn:
    """`speaker` has the floor in `segment` (seconds), pauses included."""

    segment: Segment
    speaker: str


def find_turns(debate: Debate, parameters: Parameters) -> list[Turn]:
    """All turns of the known speakers, by start, then end, then label."""
    floor = _Floor(debate, parameters)
    turns = [Turn(segment, label) for label in debate.speakers for segment in floor.runs_of(label)]
    hosts = _Hosts(turn for turn in turns if not floor.has_only_inserts(turn))
    kept = [turn for turn in turns if not (floor.has_only_inserts(turn) and hosts.contain(turn))]
    return sorted(kept, key=lambda turn: (*by_time(turn.segment), turn.speaker))


def turn_count(turns: Iterable[Turn], speaker: str) -> int:
    """How many turns a speaker has."""
    return len(_lengths(turns, speaker))


def mean_turn_seconds(turns: Iterable[Turn], speaker: str) -> float | None:
    """Mean of (end - start) over a speaker's turns, pauses included; None without a turn."""
    lengths = _lengths(turns, speaker)
    return sum(lengths) / len(lengths) if lengths else None


def longest_turn_seconds(turns: Iterable[Turn], speaker: str) -> float | None:
    """Largest (end - start) of a speaker's turns, pauses included ("longest monologue"); None without a turn."""
    return max(_lengths(turns, speaker), default=None)


def switches(turns: Iterable[Turn]) -> int:
    """How often the next turn, by start, is another speaker's."""
    speakers = [turn.speaker for turn in turns]
    return sum(one != other for one, other in pairwise(speakers))


def _lengths(turns: Iterable[Turn], speaker: str) -> list[float]:
    return [float(turn.segment.duration) for turn in turns if turn.speaker == speaker]


class _Floor:
    """Each known speaker's segments, spurts and words, to be asked what happens in a pause."""

    def __init__(self, debate: Debate, parameters: Parameters) -> None:
        self._parameters = parameters
        self._words: dict[str, list[float]] = {label: [] for label in debate.speakers}
        for word in debate.words:
            if word.speaker in self._words:
                self._words[word.speaker].append(word.at)
        self._segments = {label: Disjoint(debate.speech.label_timeline(label, copy=False)) for label in debate.speakers}
        self._spurts = {label: Disjoint(self._spurts_of(label)) for label in debate.speakers}

    def has_only_inserts(self, turn: Turn) -> bool:
        """Whether nothing that is said in the turn would be more than an insert in another's."""
        return all(self._is_insert(spurt, turn.speaker) for spurt in self._spurts[turn.speaker].during(turn.segment))

    def runs_of(self, label: str) -> list[Segment]:
        """The speaker's segments, joined over the pauses that do not end a turn."""
        return _joined(self._segments[label], lambda pause: self._keeps_floor(pause, label))

    def _spurts_of(self, label: str) -> list[Segment]:
        """What is said in one go: segments joined over pauses of at most `turn_gap_s` in which nobody else speaks."""
        return _joined(self._segments[label], lambda pause: self._is_breath(pause, label))

    def _is_breath(self, pause: Segment, label: str) -> bool:
        return pause.duration <= self._parameters.turn_gap_s + _TOLERANCE_S and not any(
            others.during(pause) for other, others in self._segments.items() if other != label
        )

    def _keeps_floor(self, pause: Segment, label: str) -> bool:
        inserts: list[Segment] = []
        for other, segments in self._segments.items():
            if other == label:
                continue
            for segment in segments.during(pause):
                (spurt,) = self._spurts[other].during(segment)
                if not self._is_insert(spurt, other):
                    return False
                inserts.append(segment & pause)
        return float(pause.duration) - duration(inserts) <= self._parameters.turn_gap_s + _TOLERANCE_S

    def _is_insert(self, spurt: Segment, label: str) -> bool:
        at = self._words[label]
        words = bisect_right(at, spurt.end) - bisect_left(at, spurt.start)
        limit = self._parameters
        return words <= limit.insert_max_words and float(spurt.duration) <= limit.insert_max_s + _TOLERANCE_S


def _joined(pieces: Disjoint, goes_on: Callable[[Segment], bool]) -> list[Segment]:
    """Neighbours joined wherever `goes_on` says so of the pause between them."""
    joined: list[Segment] = []
    for segment in pieces.segments:
        if joined and goes_on(Segment(joined[-1].end, segment.start)):
            joined[-1] |= segment
        else:
            joined.append(segment)
    return joined


class _Hosts:
    """Turns that can hold another speaker's insert."""

    def __init__(self, turns: Iterable[Turn]) -> None:
        by_speaker: dict[str, list[Segment]] = {}
        for turn in turns:
            by_speaker.setdefault(turn.speaker, []).append(turn.segment)
        self._turns = {speaker: Disjoint(segments) for speaker, segments in by_speaker.items()}

    def contain(self, insert: Turn) -> bool:
        """Whether the insert lies wholly inside one turn of another speaker."""
        return any(
            insert.segment in host
            for speaker, turns in self._turns.items()
            if speaker != insert.speaker
            for host in turns.during(insert.segment)
        )
