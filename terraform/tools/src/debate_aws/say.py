"""What a person reads: one line a step, with its subject in front."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

Say = Callable[[str, str], None]
"""(subject, what is so)"""

_WIDTH: Final = 11


def say(subject: str, what: str) -> None:
    """On the terminal, at once. A second line of `what` stands below the first."""
    lines = what.splitlines() or [""]
    print(f"  {subject:<{_WIDTH}} {lines[0]}", flush=True)
    for line in lines[1:]:
        print(f"  {'':<{_WIDTH}} {line}", flush=True)


def count(number: int, thing: str) -> str:
    """ "1 node", "2 nodes"."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"
