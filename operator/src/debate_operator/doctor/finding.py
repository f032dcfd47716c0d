"""What a check found: well, wrong, or not looked at; and what to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """The value is what a line begins with."""

    OK = "ok  "
    FAIL = "FAIL"
    UNKNOWN = "----"
    """Not checked: no failure, for what was not looked at may be well."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One check. what: its subject, a colon, what was found. fix: where it is not ok, what to do about it."""

    state: State
    what: str
    fix: str = ""

    def __str__(self) -> str:
        return f"{self.state} {self.what}" + (f"\n     -> {self.fix}" if self.fix else "")

    @property
    def ok(self) -> bool:
        """Whether nothing is known to be wrong."""
        return self.state is not State.FAIL


def well(what: str) -> Finding:
    return Finding(State.OK, what)


def wrong(what: str, fix: str) -> Finding:
    return Finding(State.FAIL, what, fix)


def not_checked(what: str, how: str) -> Finding:
    """what: with the reason. how: to have it checked."""
    return Finding(State.UNKNOWN, what, how)


def summary(findings: Iterable[Finding]) -> str:
    """`12 checks: 10 ok, 1 failed, 1 not checked`."""
    counts = Counter(finding.state for finding in findings)
    return (
        f"{counts.total()} checks: {counts[State.OK]} ok, {counts[State.FAIL]} failed, "
        f"{counts[State.UNKNOWN]} not checked"
    )
