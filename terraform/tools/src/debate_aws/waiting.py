"""Waiting for something to become true, with an end."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol


class Clock(Protocol):
    """Passed in, so that no test waits."""

    def now(self) -> float:
        """Seconds, from any beginning."""

    def sleep(self, seconds: float) -> None:
        """Comes back later."""


class SystemClock:
    """The machine's."""

    def now(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


def wait_until(is_so: Callable[[], bool], *, within_s: float, every_s: float, clock: Clock) -> bool:
    """Whether it became so within that time. Asked at once, and once more at the end."""
    end = clock.now() + within_s
    while not is_so():
        left = end - clock.now()
        if left <= 0:
            return False
        clock.sleep(min(every_s, left))
    return True
