"""Judging a decoding: what is weak, what is dropped, which of two is kept."""

from __future__ import annotations

from dataclasses import replace

import pytest

from debate_core.documents.plan import Span
from debate_core.documents.window import WindowWord
from debate_worker.analyze.judging import (
    Decoding,
    Thresholds,
    better,
    failures,
    is_sure,
    longest_loop,
    missed_speech,
    must_drop,
)

T = Thresholds()
GOOD = Decoding("we will cut taxes", [], -0.2, 1.1, 0.01, 0.0)


@pytest.mark.parametrize(
    ("change", "expected", "dropped"),
    [
        ({}, [], False),
        ({"compression_ratio": 2.5}, ["compression_ratio"], True),
        ({"average_log_probability": -1.2}, ["log_probability"], False),
        ({"no_speech_probability": 0.9}, [], False),
        ({"average_log_probability": -1.2, "no_speech_probability": 0.9}, ["log_probability", "no_speech"], True),
        ({"text": "no " * 5}, ["repetition"], True),
        ({"text": "no " * 4}, [], False),
    ],
)
def test_failures(change: dict[str, object], expected: list[str], dropped: bool) -> None:
    found = failures(replace(GOOD, **change), T)  # type: ignore[arg-type]
    assert found == expected
    assert must_drop(found) is dropped


def test_fewer_failures_win_before_a_higher_probability() -> None:
    loop = replace(GOOD, text="no " * 9, average_log_probability=-0.01)
    weak = replace(GOOD, average_log_probability=-0.9)
    assert better(loop, weak, T) is weak
    assert better(weak, GOOD, T) is GOOD


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", 0),
        ("yes", 1),
        ("No, no. NO!", 3),
        ("a b a b", 2),
        ("x a b c a b c a b c y", 3),
        ("the cat sat on the mat", 1),
        ("děkuji děkuji", 2),
    ],
)
def test_longest_loop(text: str, expected: int) -> None:
    assert longest_loop(text) == expected


@pytest.mark.parametrize(
    ("speech", "words", "expected"),
    [
        ([(0, 10)], [(0, 5), (5, 10)], []),
        ([(0, 10)], [(0, 5)], [(5, 10)]),
        ([(0, 10)], [(2, 4), (5, 10)], [(0, 2)]),
        ([(0, 10)], [], [(0, 10)]),
        # Pauses are no speech: 1.4 s of it is too little, wherever it lies.
        ([(0, 2), (4, 4.7), (6, 6.7)], [(0, 2)], []),
        ([(0, 2), (4, 4.8), (6, 6.8), (9, 9.1)], [(0, 2)], [(4, 9.1)]),
        ([(2, 20)], [(2, 9)], []),
    ],
)
def test_missed_speech(
    speech: list[tuple[float, float]], words: list[tuple[float, float]], expected: list[tuple[float, float]]
) -> None:
    heard = [WindowWord(start=a, end=b, text=" x", probability=1) for a, b in words]
    found = missed_speech([Span(start=a, end=b) for a, b in speech], Span(start=0, end=10), heard, T)
    assert [(part.start, part.end) for part in found] == expected


@pytest.mark.parametrize(
    ("change", "expected"),
    [({}, True), ({"average_log_probability": -0.8}, False), ({"no_speech_probability": 0.85}, False)],
)
def test_only_what_is_sure_is_added(change: dict[str, object], expected: bool) -> None:
    assert is_sure(replace(GOOD, **change), T) is expected  # type: ignore[arg-type]
