"""Progress: a line now and then where there is no terminal, bars where there is one."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from debate_core import logs
from debate_worker.reporting import Bars, Lines, reporter, summary


def test_lines_come_every_fifth_and_with_every_new_note(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(json=False)
    with Lines() as lines:
        for done in range(101):
            lines.update("analyze", done, 100, "window 1 of 2" if done < 50 else "window 2 of 2")
    assert capsys.readouterr().err.splitlines() == [
        "analyze    0%  window 1 of 2",
        "analyze   20%  window 1 of 2",
        "analyze   40%  window 1 of 2",
        "analyze   50%  window 2 of 2",
        "analyze   60%  window 2 of 2",
        "analyze   80%  window 2 of 2",
        "analyze  100%  window 2 of 2",
    ]


def test_bars_are_for_terminals() -> None:
    terminal = Console(file=io.StringIO(), force_terminal=True, width=120)
    assert isinstance(reporter(terminal), Bars)
    assert isinstance(reporter(Console(file=io.StringIO())), Lines)
    with Bars(terminal) as bars:
        bars.update("prepare", 5, 10, "decoding")
    shown = terminal.file
    assert isinstance(shown, io.StringIO)
    assert "prepare" in shown.getvalue()
    assert "50%" in shown.getvalue()


def test_the_summary_counts_like_a_person() -> None:
    assert summary("finish", 1.24, {"windows": 1, "speakers": 3, "words": 0}) == (
        "finish   done in 1.2 s: 1 window, 3 speakers, 0 words"
    )
    assert summary("prepare", 0.5, {}) == "prepare  done in 0.5 s"
