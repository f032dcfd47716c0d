"""Everything that Kubernetes left in the account is deleted, in the order in which it can go, and waited for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from debate_aws.account import Account, explained
from debate_aws.leftovers import AFTER, Kind, Leftover, delete
from debate_aws.say import Say
from debate_aws.waiting import Clock, wait_until

WITHIN_S: Final = 600.0
"""Of one kind: a machine takes a minute to end, the interfaces of a load balancer some five."""
POLL_S: Final = 10.0


def find(account: Account, name: str, kinds: Sequence[Kind] = AFTER) -> list[Leftover]:
    """All that is there. Raises AccountError."""
    with explained(f"list what the cluster {name} left"):
        return [found for kind in kinds for found in kind.find(account, name)]


def sweep(account: Account, name: str, kinds: Sequence[Kind], say: Say, clock: Clock) -> list[Leftover]:
    """Deletes it, and tells what could not be. Raises AccountError."""
    return [left for kind in kinds for left in _sweep(account, name, kind, say, clock)]


def _sweep(account: Account, name: str, kind: Kind, say: Say, clock: Clock) -> list[Leftover]:
    with explained(f"delete what the cluster {name} left"):
        told: set[Leftover] = set()

        def nothing_left() -> bool:
            """One pass. What was held by another is tried again in the next."""
            here = list(kind.find(account, name))
            for found in here:
                if delete(account, name, kind, found) and found not in told:
                    say("swept", str(found))
                    told.add(found)
            return not here or not (kind.slow or set(here) - told)

        if wait_until(nothing_left, within_s=WITHIN_S, every_s=POLL_S, clock=clock):
            return []
        left = list(kind.find(account, name))
    for found in left:
        say("held", f"{found} could not be deleted within {WITHIN_S / 60:.0f} minutes")
    return left
