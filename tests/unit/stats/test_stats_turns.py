"""Turns: what ends one, what does not, and what is none."""

from __future__ import annotations

import pytest
from pyannote.core import Segment
from stats_builders import Span, talk

from debate_stats.parameters import Parameters
from debate_stats.turns import (
    Turn,
    find_turns,
    floor_transfers,
    longest_turn_seconds,
    mean_turn_seconds,
    median_floor_transfer_seconds,
    median_patience_seconds,
    median_turn_seconds,
    switches,
    turn_count,
    turns_of,
    waits,
)

LENGTHS = {"mean": mean_turn_seconds, "median": median_turn_seconds, "longest": longest_turn_seconds}


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


@pytest.mark.parametrize(
    ("seconds", "words", "is_insert"),
    [
        (1, 0, True),
        (1, 9, True),
        (1.1, 4, False),
        (1.1, 3, True),
        (1.1, 1, True),
        (1.1, 0, False),
        (5, 3, True),
        (5.1, 3, False),
    ],
    ids=[
        "1 s without a recognised word", "1 s of many words", "longer, of four words", "longer, of three words",
        "longer, of one word", "longer, without a word", "three slow words", "words were missed",
    ],
)  # fmt: skip
def test_an_insert_is_of_one_second_or_of_three_words(seconds: float, words: int, *, is_insert: bool) -> None:
    spans = [(0, 5, "A"), (5, 5 + seconds, "B"), (5 + seconds, 20, "A")]
    said = [(5 + seconds * (n + 0.5) / words, "B") for n in range(words)]
    found = _spans(find_turns(talk(*spans, words=said), Parameters()))
    assert found == ([(0, 20, "A")] if is_insert else spans)


def test_the_parameters_are_what_they_say() -> None:
    spans = [(0, 5, "A"), (6, 9, "A"), (9, 10.5, "B"), (10.5, 12, "A")]
    strict = Parameters(turn_gap_s=0.5)
    assert _spans(find_turns(talk(*spans), strict)) == [(0, 5, "A"), (6, 9, "A"), (9, 10.5, "B"), (10.5, 12, "A")]
    patient = Parameters(insert_max_s=1.5)
    assert _spans(find_turns(talk(*spans), patient)) == [(0, 12, "A")]


def test_lengths_hold_the_pauses() -> None:
    turns = [Turn(Segment(0, 9), "A"), Turn(Segment(9, 12), "B"), Turn(Segment(12, 13), "A")]
    assert (turn_count(turns), turn_count(turns_of(turns, "A")), turn_count(turns_of(turns, "C"))) == (3, 2, 0)
    for name, whole, of_anna in (("mean", 13 / 3, 5), ("median", 3, 5), ("longest", 9, 9)):
        figure = LENGTHS[name]
        assert figure(turns) == pytest.approx(whole)
        assert figure(turns_of(turns, "A")) == of_anna
        assert figure([]) is None


@pytest.mark.parametrize(("speakers", "expected"), [("", 0), ("A", 0), ("AA", 0), ("ABAC", 3), ("AABBA", 2)])
def test_a_switch_is_a_next_turn_of_another_speaker(speakers: str, expected: int) -> None:
    turns = [Turn(Segment(i, i + 1), speaker) for i, speaker in enumerate(speakers)]
    assert switches(turns) == expected


@pytest.mark.parametrize(("others", "expected"), [([], 1), ([(2, 3, "A")], 1), ([(2, 3, "B")], 1), ([(2, 3, "C")], 2)])
def test_who_have_the_very_same_turn_are_taken_together(others: list[Span], expected: int) -> None:
    """Whatever they are called: A, B, A and B, A, A are the same debate under other labels."""
    turns = [Turn(Segment(start, end), speaker) for start, end, speaker in [(0, 1, "A"), (0, 1, "B"), *others]]
    assert switches(turns) == expected


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        pytest.param([(0, 5, "A"), (5.5, 9, "B")], [("B", 0.5)], id="after a silence"),
        pytest.param([(0, 5, "A"), (4.5, 9, "B")], [("B", -0.5)], id="before the other has ended"),
        pytest.param([(0, 5, "A"), (8, 9, "A")], [], id="the same speaker again"),
        pytest.param([(0, 20, "A"), (5, 8, "B"), (21, 25, "C")], [("C", 1)], id="from who held it, not who broke in"),
        pytest.param([(0, 20, "A"), (5, 8, "B"), (21, 25, "B")], [("B", 1)], id="who broke in takes it afterwards"),
        pytest.param([(0, 5, "A"), (0, 9, "B"), (10, 12, "A")], [("A", 1)], id="at once: with who goes on"),
        pytest.param([(0, 5, "A"), (0, 5, "B"), (6, 9, "A")], [], id="held together: one of both goes on"),
        pytest.param([(0, 5, "A"), (0, 5, "B"), (6, 9, "C")], [("C", 1)], id="held together, taken by a third"),
        pytest.param([(0, 5, "A"), (6, 9, "B"), (6, 9, "C")], [("B", 1), ("C", 1)], id="taken together"),
        pytest.param([], [], id="nobody"),
    ],
)
def test_the_floor_is_with_who_goes_on_longest(spans: list[Span], expected: list[tuple[str, float]]) -> None:
    transfers = floor_transfers([Turn(Segment(start, end), speaker) for start, end, speaker in spans])
    assert [(transfer.to, pytest.approx(transfer.offset)) for transfer in transfers] == expected


def test_patience_is_of_the_silences_alone() -> None:
    spans = [(0, 5, "A"), (5.4, 9, "B"), (8, 15, "A"), (17, 18, "B"), (18, 20, "A")]
    transfers = floor_transfers([Turn(Segment(start, end), speaker) for start, end, speaker in spans])
    assert median_floor_transfer_seconds(transfers) == pytest.approx(0.2)  # of 0.4, -1, 2, 0
    assert waits(transfers, "B") == [pytest.approx(0.4), 2]
    assert median_patience_seconds(waits(transfers, "B")) == pytest.approx(1.2)
    assert waits(transfers, "A") == []
    assert median_patience_seconds([]) is None
    assert median_floor_transfer_seconds([]) is None


def _spans(turns: list[Turn]) -> list[Span]:
    return [(turn.segment.start, turn.segment.end, turn.speaker) for turn in turns]
