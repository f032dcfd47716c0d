"""Whether the watches hear: a LIST shows what they should have delivered by now. Pure.

An operator whose watch has died silently looks healthy and does nothing (kopf#698, #980, #1145, #1276).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from debate_operator.facts import DebateJobFacts, JobFacts, PodFacts
from debate_operator.parse import Seen

CATCH_UP_S: Final = 30


@dataclass(slots=True)
class _Behind:
    namespace: str
    version: int
    since: float
    confirmed: float


class Watchdog:
    """Compares versions: those that LISTs show with those that watches deliver, by kind and uid."""

    def __init__(self) -> None:
        self._delivered: dict[tuple[str, str], int] = {}
        self._behind: dict[tuple[str, str], _Behind] = {}
        self._heard: dict[tuple[str, str], float] = {}

    def delivered(self, kind: str, namespace: str, uid: str, version: int, now: float) -> None:
        """The watch has brought this version of an object."""
        self._heard[kind, namespace] = now
        self._delivered[kind, uid] = version
        behind = self._behind.get((kind, uid))
        if behind is not None and version >= behind.version:
            del self._behind[kind, uid]

    def gone(self, kind: str, uid: str) -> None:
        """The watch has said that the object was deleted."""
        self._delivered.pop((kind, uid), None)
        self._behind.pop((kind, uid), None)

    def listed(
        self,
        kind: str,
        namespace: str,
        objects: Iterable[Seen[DebateJobFacts] | Seen[JobFacts] | Seen[PodFacts]],
        now: float,
    ) -> None:
        """A LIST shows these. What it shows newer than delivered is behind, until the watch catches up."""
        present = set()
        for seen in objects:
            key = kind, seen.uid
            present.add(key)
            if key in self._behind:
                self._behind[key].confirmed = now
            elif seen.version > self._delivered.get(key, 0):
                self._behind[key] = _Behind(namespace, seen.version, now, now)
        for key, behind in list(self._behind.items()):
            if key[0] == kind and behind.namespace == namespace and key not in present:
                self.gone(*key)  # its deletion may be what the watch has missed; the next object will tell

    @property
    def suspicious(self) -> bool:
        """Something is behind: a second LIST soon tells whether it still is."""
        return bool(self._behind)

    def deaf(self) -> str | None:
        """The kind whose watch is deaf, or None.

        Two LISTs 30 s apart showed an object that it has not delivered, and it has not delivered anything since: a
        watch that is only slow, behind thousands of events, is not to be killed for it.
        """
        for (kind, _), behind in self._behind.items():
            if behind.confirmed - max(behind.since, self._heard.get((kind, behind.namespace), 0.0)) >= CATCH_UP_S:
                return kind
        return None
