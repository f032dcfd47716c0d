"""Judging a decoding: what is weak, what is dropped, which of two is kept."""

from __future__ import annotations

from dataclasses import replace

import pytest

from debate_worker.analyze.judging import Decoding, Thresholds, better, failures, longest_loop, must_drop

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
