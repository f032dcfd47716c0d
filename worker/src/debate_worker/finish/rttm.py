"""RTTM: who speaks when, several at once, in the format that diarization tools read."""

from __future__ import annotations

from collections.abc import Iterable

from debate_worker.finish.turns import Turn


def rttm(turns: Iterable[Turn], name: str) -> str:
    """One SPEAKER line a turn, by time. `name` and the labels hold no spaces: they separate the fields."""
    return "".join(
        f"SPEAKER {name} 1 {_seconds(start)} {_seconds(end - start)} <NA> <NA> {speaker} <NA> <NA>\n"
        for start, end, speaker in sorted(turns)
    )


def _seconds(milliseconds: int) -> str:
    return f"{milliseconds // 1000}.{milliseconds % 1000:03d}"
