"""Time that passes when the test says so."""

from __future__ import annotations


class Clock:
    """Seconds from 0."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s
