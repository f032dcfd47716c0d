"""Turns: what ends one, what does not, and what is none."""

from __future__ import annotations

import pytest
from pyannote.core import Segment
from stats_builders import Span, talk

from debate_stats.parameters import Parameters
from debate_stats.turns import (
    Turn,
    find_turns,
    longest_turn_seconds,
    mean_turn_seconds,
    switches,
    turn_count,
)


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        pytest.param([(0, 5, "A"), (6, 9, "A")], [(0, 9, "A")], id="silence of 1 s goes on"),
        pytest.param([(0, 5, "A"), (6.001, 9, "A")], [(0, 5, "A"), (6.001, 9, "A")], id="silence above 1 s ends"),
        pytest.param([(0, 5, "A"), (5, 9, "B"), (9, 12, "A")], [(0, 5, "A"), (5, 9, "B"), (9, 12, "A")], id="in turn"),
        pytest.param(
            [(0, 5, "A"), (5.2, 6, "B"), (6.4, 9, "A")], [(0, 9, "A")], id="an insert in a pause ends no turn, is none"
        ),
        pytest.param(
            [(0, 5, "A"), (5.9, 6.5, "B"), (7.5, 9, "A")],
            [(0, 5, "A"), (5.9, 6.5, "B"), (7.5, 9, "A")],
            id="an insert with too much silence around it",
        ),
        pytest.param(
            [(0, 5, "A"), (5.0, 6.1, "B"), (6.1, 9, "A")],
            [(0, 5, "A"), (5.0, 6.1, "B"), (6.1, 9, "A")],
            id="1.1 s is no insert",
        ),
        pytest.param([(0, 9, "A"), (4, 4.8, "B")], [(0, 9, "A")], id="an insert during speech"),
        pytest.param(
            [(0, 9, "A"), (4, 6, "B")], [(0, 9, "A"), (4, 6, "B")], id="who talks on keeps the turn, both have one"
        ),
        pytest.param(
            [(0, 5, "A"), (4, 7, "B"), (5.5, 9, "A")],
            [(0, 5, "A"), (4, 7, "B"), (5.5, 9, "A")],
            id="another holds the floor in the pause",
        ),
        pytest.param(
            [(0, 5, "A"), (5.5, 6, "B"), (6.5, 9, "C")],
            [(0, 5, "A"), (5.5, 6, "B"), (6.5, 9, "C")],
            id="a short word between two others is a turn",
        ),
        pytest.param(
            [(0, 5, "A"), (5.2, 5.6, "B"), (5.7, 6.3, "C"), (6.5, 9, "A")], [(0, 9, "A")], id="two inserts in one pause"
        ),
        pytest.param(
            [(0, 3, "A"), (3.1, 3.4, "B"), (3.5, 4.1, "A"), (4.2, 4.6, "B"), (4.7, 9, "A")],
            [(0, 9, "A")],
            id="inserts a moment apart stay inserts",
        ),
        pytest.param(
            [(0, 0.8, "A"), (0.9, 1.7, "B"), (1.8, 2.5, "A"), (2.6, 3.3, "B")],
            [(0, 2.5, "A"), (0.9, 3.3, "B")],
            id="inserts alone, neither inside the other",
        ),
        pytest.param(
            [(0, 5, "A"), (3, 5, "B"), (5.5, 9, "A"), (5.5, 7, "B")],
            [(0, 9, "A"), (3, 7, "B")],
            id="both pause at once and go on",
        ),
        pytest.param([(0, 0.8, "A"), (0, 0.8, "B")], [(0, 0.8, "A"), (0, 0.8, "B")], id="two short ones at once"),
        pytest.param([(0, 0.5, "A")], [(0, 0.5, "A")], id="alone, short is a turn"),
        pytest.param([], [], id="nobody"),
    ],
)
def test_turns(spans: list[Span], expected: list[Span]) -> None:
    assert _spans(find_turns(talk(*spans), Parameters())) == expected


def test_an_insert_has_at_most_three_words() -> None:
    spans = [(0, 5, "A"), (5, 6, "B"), (6, 9, "A")]
    three = [(at, "B") for at in (5.1, 5.4, 5.7)]
    assert _spans(find_turns(talk(*spans, words=three), Parameters())) == [(0, 9, "A")]
    assert _spans(find_turns(talk(*spans, words=[*three, (5.9, "B")]), Parameters())) == spans


def test_the_parameters_are_what_they_say() -> None:
    spans = [(0, 5, "A"), (6, 9, "A"), (9, 10.5, "B"), (10.5, 12, "A")]
    strict = Parameters(turn_gap_s=0.5)
    assert _spans(find_turns(talk(*spans), strict)) == [(0, 5, "A"), (6, 9, "A"), (9, 10.5, "B"), (10.5, 12, "A")]
    patient = Parameters(insert_max_s=1.5)
    assert _spans(find_turns(talk(*spans), patient)) == [(0, 12, "A")]


def test_lengths_hold_the_pauses() -> None:
    turns = [Turn(Segment(0, 9), "A"), Turn(Segment(9, 12), "B"), Turn(Segment(12, 13), "A")]
    assert turn_count(turns, "A") == 2
    assert mean_turn_seconds(turns, "A") == 5
    assert longest_turn_seconds(turns, "A") == 9
    assert mean_turn_seconds(turns, "C") is None
    assert longest_turn_seconds(turns, "C") is None


@pytest.mark.parametrize(("speakers", "expected"), [("", 0), ("A", 0), ("AA", 0), ("ABAC", 3), ("AABBA", 2)])
def test_a_switch_is_a_next_turn_of_another_speaker(speakers: str, expected: int) -> None:
    turns = [Turn(Segment(i, i + 1), speaker) for i, speaker in enumerate(speakers)]
    assert switches(turns) == expected


def _spans(turns: list[Turn]) -> list[Span]:
    return [(turn.segment.start, turn.segment.end, turn.speaker) for turn in turns]
