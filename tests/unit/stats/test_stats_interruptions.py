"""Interruptions and butt-ins: each condition at its edge, by hand. A has the floor from 0 to 10."""

from __future__ import annotations

import pytest
from stats_builders import Span, talk

from debate_core.documents.statistics import Pair
from debate_stats.debate import Debate
from debate_stats.interruptions import attempts, butt_ins, interruptions
from debate_stats.parameters import Parameters
from debate_stats.turns import find_turns

DEFAULT = Parameters()
HOST = (0.0, 10.0, "A")


@pytest.mark.parametrize(
    ("span", "words", "expected"),
    [
        pytest.param((9.8, 13), 5, "interruption", id="0.2 s before the end"),
        pytest.param((9.81, 13), 5, None, id="0.19 s before the end"),
        pytest.param((10, 13), 5, None, id="in turn"),
        pytest.param((8, 13), 5, "interruption", id="the other stops after 2 s"),
        pytest.param((7.99, 13), 5, "butt-in", id="the other stops after 2.01 s"),
        pytest.param((9, 10.01), 5, "interruption", id="the other stops just before"),
        pytest.param((8.5, 10), 5, "butt-in", id="both stop at once"),
        pytest.param((3, 6), 5, "butt-in", id="inside the other's turn"),
        pytest.param((0, 13), 5, None, id="both begin at once"),
        pytest.param((9.8, 10.8), 5, "interruption", id="a turn of 1 s"),
        pytest.param((9.8, 10.79), 5, None, id="a turn of 0.99 s"),
        pytest.param((9.5, 13), 3, "interruption", id="three words"),
        pytest.param((9.5, 13), 2, None, id="two words"),
        pytest.param((9.5, 13), 0, None, id="no words"),
        pytest.param((5, 7), 3, None, id="a backchannel of three words"),
        pytest.param((5, 6), 9, None, id="a backchannel of one second"),
        pytest.param((5, 7), 4, "butt-in", id="four words are no backchannel"),
    ],
)
def test_one_attempt(span: tuple[float, float], words: int, expected: str | None) -> None:
    made, broke_in = found(debate(HOST, (*span, "B"), words=words))
    event = [Pair(by="B", of="A", count=1, at=[span[0]])]
    assert (made, broke_in) == (event if expected == "interruption" else [], event if expected == "butt-in" else [])


def test_events_of_a_pair_that_are_less_than_three_seconds_apart_are_one() -> None:
    """B breaks in on A at 2, at 4.9 (2.9 s later), and at 7.9 (3 s later)."""
    spans = [(0.0, 30.0, "A"), (2.0, 3.5, "B"), (4.9, 6.5, "B"), (7.9, 10.0, "B")]
    made, broke_in = found(debate(*spans, words=4))
    assert made == []
    assert broke_in == [Pair(by="B", of="A", count=2, at=[2.0, 7.9])]


def test_events_are_merged_by_the_one_before_not_by_the_first() -> None:
    spans = [(0.0, 30.0, "A"), (2.0, 3.2, "B"), (4.5, 5.7, "B"), (7.0, 8.2, "B")]
    assert found(debate(*spans, words=4))[1] == [Pair(by="B", of="A", count=1, at=[2.0])]


def test_pairs_are_directed_and_apart() -> None:
    """B takes the floor from A, C from B, A from C; then B speaks over both A and C."""
    spans = [(0.0, 10.0, "A"), (9.5, 20.0, "B"), (19.5, 30.0, "C"), (29.5, 40.0, "A"), (35.0, 50.0, "C"),
             (39.5, 60.0, "B")]  # fmt: skip
    made, broke_in = found(debate(*spans, words=6))
    assert made == [
        Pair(by="A", of="C", count=1, at=[29.5]),
        Pair(by="B", of="A", count=2, at=[9.5, 39.5]),
        Pair(by="C", of="B", count=1, at=[19.5]),
    ]
    assert broke_in == [Pair(by="B", of="C", count=1, at=[39.5]), Pair(by="C", of="A", count=1, at=[35.0])]


def test_who_breathes_has_not_stopped() -> None:
    """A pauses for 0.8 s at 10 and goes on: B, who began at 9, did not get the floor at 10."""
    spans = [(0.0, 10.0, "A"), (9.0, 9.9, "B"), (10.8, 20.0, "A")]
    assert found(debate(*spans, words=5)) == ([], [])
    talks_on = [(0.0, 10.0, "A"), (9.0, 12.0, "B"), (10.8, 20.0, "A")]
    assert found(debate(*talks_on, words=5))[0] == [
        Pair(by="A", of="B", count=1, at=[10.8]),
        Pair(by="B", of="A", count=1, at=[9.0]),
    ]


def test_nobody_interrupts_and_that_is_known() -> None:
    assert found(debate(HOST, (11.0, 15.0, "B"), words=5)) == ([], [])


@pytest.mark.parametrize("lacks", ["diarization", "words"])
def test_what_cannot_be_known_is_null(lacks: str) -> None:
    spans = [HOST, (9.0, 15.0, "B")]
    said = [] if lacks == "words" else [(1.0, "A"), (12.0, "B")]
    unheard = talk(*spans, words=said, diarized=lacks != "diarization")
    assert attempts(unheard, find_turns(unheard, DEFAULT), DEFAULT) is None
    assert interruptions(unheard, None, DEFAULT) is None
    assert butt_ins(unheard, None, DEFAULT) is None


def debate(*spans: Span, words: int) -> Debate:
    """A speaks a word a second; everybody else so many in each segment, spread over it."""
    said = []
    for start, end, speaker in spans:
        count = int(end - start) + 1 if speaker == spans[0][2] else words
        said += [(start + (end - start) * (n + 0.5) / count, speaker) for n in range(count)]
    return talk(*spans, words=said)


def found(heard: Debate) -> tuple[list[Pair] | None, list[Pair] | None]:
    events = attempts(heard, find_turns(heard, DEFAULT), DEFAULT)
    return interruptions(heard, events, DEFAULT), butt_ins(heard, events, DEFAULT)
