"""Turns: who has the floor, from when to when.

What a speaker says in one go (over own pauses of at most {turn_gap_s} s in which nobody else speaks) is an *insert*
where it is short: at most {insert_max_s} s long, or at most {insert_max_words} words ("yes, yes"). Words decide only
up to {insert_words_max_s} s, and only where some were recognised: beyond, few words mean missed words. A turn is a run
of one speaker's segments. It goes on over a pause while the silence in it is at most {turn_gap_s} s and all that
others say in it are inserts. Inserts inside another's turn are backchannels, no turns of their own (Yuan, Liberman and
Cieri, ICPhS 2007). Who talks on while another does keeps the turn, and both have one: turns may overlap. Unknown
speech ends no turn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import fsum
from statistics import median
from typing import NamedTuple

from pyannote.core import Segment

from debate_stats.debate import Debate, WordTimes
from debate_stats.intervals import TOLERANCE_S, Disjoint, by_time, duration
from debate_stats.parameters import Parameters


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


class FloorTransfer(NamedTuple):
    """`to` takes the floor `offset` seconds after another's turn ended; negative where it began before that."""

    to: str
    offset: float


def turns_of(turns: Iterable[Turn], speaker: str) -> list[Turn]:
    """Those of one speaker, in the same order."""
    return [turn for turn in turns if turn.speaker == speaker]


def turn_count(turns: Sequence[Turn]) -> int:
    """How often a speaker has the floor; short remarks inside another's turn are none.

    Figures: totals.turns, speakers[].turns
    Name: Turns
    Parameters: turn_gap_s, insert_max_s, insert_max_words, insert_words_max_s
    """
    return len(turns)


def mean_turn_seconds(turns: Sequence[Turn]) -> float | None:
    """Mean length of a turn, pauses included.

    Figures: totals.mean_turn_seconds, speakers[].mean_turn_seconds
    Name: Mean turn
    Formula: mean of (end - start) over the turns
    Unit: s
    Parameters: turn_gap_s, insert_max_s, insert_max_words, insert_words_max_s
    Null: there is no turn
    """
    return fsum(_lengths(turns)) / len(turns) if turns else None


def median_turn_seconds(turns: Sequence[Turn]) -> float | None:
    """Median length of a turn, pauses included: half of the turns are longer.

    Figures: totals.median_turn_seconds, speakers[].median_turn_seconds
    Name: Median turn
    Formula: median of (end - start) over the turns
    Unit: s
    Parameters: turn_gap_s, insert_max_s, insert_max_words, insert_words_max_s
    Null: there is no turn
    """
    return median(_lengths(turns)) if turns else None


def longest_turn_seconds(turns: Sequence[Turn]) -> float | None:
    """Length of the longest turn ("longest monologue"), pauses included.

    Figures: totals.longest_turn_seconds, speakers[].longest_turn_seconds
    Name: Longest turn
    Formula: max of (end - start) over the turns
    Unit: s
    Parameters: turn_gap_s, insert_max_s, insert_max_words, insert_words_max_s
    Null: there is no turn
    """
    return max(_lengths(turns), default=None)


def switches(turns: Iterable[Turn]) -> int:
    """How often the next turn, by start, is another speaker's; who have the very same turn are taken together."""
    changes = 0
    before: set[str] | None = None
    for _, together in groupby(turns, key=lambda turn: by_time(turn.segment)):
        speakers = {turn.speaker for turn in together}
        changes += len(speakers) - 1 if before is None else len(speakers - before)
        before = speakers
    return changes


def floor_transfers(turns: Iterable[Turn]) -> list[FloorTransfer]:
    """Each time the floor goes from one speaker to another.

    The floor is with the turn that ends last of those begun so far; those who have the very same turn hold it together,
    and take it together.
    """
    transfers: list[FloorTransfer] = []
    holders: set[str] = set()
    held_until = 0.0
    in_order = sorted(turns, key=lambda turn: (turn.segment.start, -turn.segment.end))
    for (start, end), together in groupby(in_order, key=lambda turn: by_time(turn.segment)):
        speakers = {turn.speaker for turn in together}
        if holders and end <= held_until:
            continue
        if holders:
            transfers += [FloorTransfer(speaker, start - held_until) for speaker in sorted(speakers - holders)]
        holders, held_until = speakers, end
    return transfers


def transfer_count(transfers: Sequence[FloorTransfer]) -> int:
    """How often the floor goes from one speaker to another: of so many offsets the median is.

    The floor is with the turn that ends last of those begun so far. A turn that ends no later than the one that holds
    the floor takes none: what it says, it says inside another's turn.

    Figures: totals.floor_transfers
    Name: Floor transfers
    Parameters: turn_gap_s, insert_max_s, insert_max_words, insert_words_max_s
    """
    return len(transfers)


def median_floor_transfer_seconds(transfers: Sequence[FloorTransfer]) -> float | None:
    """Median time from the end of one speaker's turn to the start of the next speaker's; negative where they overlap.

    In conversation it is around 0.2 s.

    Figures: totals.median_floor_transfer_seconds
    Name: Median floor-transfer offset
    Formula: median of (start of the next turn - end of the turn before) over the floor transfers
    Unit: s
    Parameters: turn_gap_s, insert_max_s, insert_max_words, insert_words_max_s
    Null: the floor never goes from one known speaker to another
    Source: Heldner and Edlund, "Pauses, gaps and overlaps in conversations", J. Phonetics 38 (2010)
    """
    return median(transfer.offset for transfer in transfers) if transfers else None


def waits(transfers: Iterable[FloorTransfer], speaker: str) -> list[float]:
    """The silences after which the speaker takes the floor, in seconds."""
    return [transfer.offset for transfer in transfers if transfer.to == speaker and transfer.offset > TOLERANCE_S]


def patience_count(waited: Sequence[float]) -> int:
    """How often the speaker takes the floor after a silence: of so many offsets the patience is the median.

    Figures: speakers[].patience_count
    Name: Floor taken after a silence
    Parameters: turn_gap_s, insert_max_s, insert_max_words, insert_words_max_s
    """
    return len(waited)


def median_patience_seconds(waited: Sequence[float]) -> float | None:
    """How long the speaker lets it be silent before taking the floor from another, as a median.

    Only positive offsets count: who begins before the other has ended does not wait. Read it with its count.

    Figures: speakers[].median_patience_seconds
    Name: Patience
    Formula: median of the positive floor-transfer offsets at which the speaker takes the floor
    Unit: s
    Parameters: turn_gap_s, insert_max_s, insert_max_words, insert_words_max_s
    Null: the speaker never takes the floor after a silence
    """
    return median(waited) if waited else None


def _lengths(turns: Iterable[Turn]) -> list[float]:
    return [float(turn.segment.duration) for turn in turns]


class _Floor:
    """Each known speaker's segments, spurts and words, to be asked what happens in a pause."""

    def __init__(self, debate: Debate, parameters: Parameters) -> None:
        self._parameters = parameters
        self._words = WordTimes(debate)
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
        return pause.duration <= self._parameters.turn_gap_s + TOLERANCE_S and not any(
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
        return float(pause.duration) - duration(inserts) <= self._parameters.turn_gap_s + TOLERANCE_S

    def _is_insert(self, spurt: Segment, label: str) -> bool:
        limit = self._parameters
        seconds = float(spurt.duration)
        if seconds <= limit.insert_max_s + TOLERANCE_S:
            return True
        if seconds > limit.insert_words_max_s + TOLERANCE_S:
            return False
        return 0 < self._words.count(label, spurt) <= limit.insert_max_words


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
