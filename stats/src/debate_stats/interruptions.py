"""Interruptions: who takes the floor from whom. Estimated from times and words alone: nobody asks what was meant.

Counts of interruptions differ with their definition; this is one, and its numbers are parameters. An attempt is a turn
of speaker i that begins while j has a turn: after j's turn began, and at least {interruption_overlap_s} s before it
ends. It lasts at least {interruption_min_s} s and has at least {interruption_min_words} words; backchannels are no
turns, so they are no attempts. j stops where j's turn ends. Each attempt is an interruption or a butt-in, never both;
one against two who speak at once counts against both. The end of a turn that the other would have ended anyway is
overlapped as well: not every interruption is rude, and none is proved.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from debate_core.documents.statistics import Pair
from debate_stats.debate import Debate, WordTimes
from debate_stats.intervals import TOLERANCE_S
from debate_stats.parameters import Parameters
from debate_stats.turns import Turn


class Attempt(NamedTuple):
    """`by` begins to speak at `at` (seconds) in the turn of `of`, who stops soon (`yields`) or keeps the floor."""

    by: str
    of: str
    at: float
    yields: bool


def attempts(debate: Debate, turns: Sequence[Turn], parameters: Parameters) -> list[Attempt] | None:
    """All attempts, by time; `turns` as `find_turns` gives them. None where overlap or words are not known."""
    if not debate.hears_overlap or not debate.words:
        return None
    words = WordTimes(debate)
    found: list[Attempt] = []
    begun: list[Turn] = []
    for turn in turns:
        begun = [host for host in begun if host.segment.end > turn.segment.start]
        if _is_long_enough(turn, words, parameters):
            found += [
                Attempt(turn.speaker, host.speaker, float(turn.segment.start), _yields(host, turn, parameters))
                for host in begun
                if _is_begun_inside(turn, host, parameters)
            ]
        begun.append(turn)
    return found


def interruptions(debate: Debate, found: Iterable[Attempt] | None, parameters: Parameters) -> list[Pair] | None:
    """One speaker (i) begins at least {interruption_overlap_s} s before the end of another's turn (j), in a turn of at
    least {interruption_min_s} s and {interruption_min_words} words; the other stops within {interruption_yield_s} s,
    and before the first. Estimated.

    A directed table: `by` (i) interrupts `of` (j), `count` times, at these moments. A pair's interruptions that begin
    less than {interruption_merge_s} s after the one before are one, at the first moment. Pairs without any are left
    out.

    Figures: interruptions
    Name: Interruptions (estimated)
    Formula: start(j) < start(i) <= end(j) - {interruption_overlap_s} s;
        end(j) - start(i) <= {interruption_yield_s} s;
        end(j) < end(i)
    Unit: count
    Parameters: turn_gap_s, insert_max_s, insert_max_words, insert_words_max_s, interruption_overlap_s,
        interruption_min_s, interruption_min_words, interruption_yield_s, interruption_merge_s
    Null: there is no diarization, which alone hears two at once, or there are no words
    """
    return None if found is None else _pairs(debate, (one for one in found if one.yields), parameters)


def butt_ins(debate: Debate, found: Iterable[Attempt] | None, parameters: Parameters) -> list[Pair] | None:
    """One speaker (i) begins as for an interruption, and the other (j) keeps the floor: talks on for more than
    {interruption_yield_s} s, or at least until the first stops. Estimated.

    The same table as that of interruptions: `by` (i) breaks in on `of` (j). Butt-ins and interruptions are not merged
    with each other.

    Figures: butt_ins
    Name: Butt-ins (estimated)
    Formula: start(j) < start(i) <= end(j) - {interruption_overlap_s} s;
        end(j) - start(i) > {interruption_yield_s} s or
        end(j) >= end(i)
    Unit: count
    Parameters: turn_gap_s, insert_max_s, insert_max_words, insert_words_max_s, interruption_overlap_s,
        interruption_min_s, interruption_min_words, interruption_yield_s, interruption_merge_s
    Null: there is no diarization, which alone hears two at once, or there are no words
    """
    return None if found is None else _pairs(debate, (one for one in found if not one.yields), parameters)


def _is_long_enough(turn: Turn, words: WordTimes, parameters: Parameters) -> bool:
    return (
        float(turn.segment.duration) >= parameters.interruption_min_s - TOLERANCE_S
        and words.count(turn.speaker, turn.segment) >= parameters.interruption_min_words
    )


def _is_begun_inside(turn: Turn, host: Turn, parameters: Parameters) -> bool:
    return (
        turn.speaker != host.speaker
        and bool(host.segment.start < turn.segment.start)
        and float(host.segment.end - turn.segment.start) >= parameters.interruption_overlap_s - TOLERANCE_S
    )


def _yields(host: Turn, turn: Turn, parameters: Parameters) -> bool:
    talks_on = float(host.segment.end - turn.segment.start)
    return talks_on <= parameters.interruption_yield_s + TOLERANCE_S and bool(host.segment.end < turn.segment.end)


def _pairs(debate: Debate, events: Iterable[Attempt], parameters: Parameters) -> list[Pair]:
    moments: dict[tuple[str, str], list[float]] = {}
    last: dict[tuple[str, str], float] = {}
    for event in events:
        pair = event.by, event.of
        if event.at - last.get(pair, float("-inf")) >= parameters.interruption_merge_s - TOLERANCE_S:
            moments.setdefault(pair, []).append(event.at)
        last[pair] = event.at
    place = {label: i for i, label in enumerate(debate.speakers)}
    return [
        Pair(by=by, of=of, count=len(at), at=at)
        for (by, of), at in sorted(moments.items(), key=lambda entry: (place[entry[0][0]], place[entry[0][1]]))
    ]
