"""What was last seen of the cluster: trimmed facts, by kind. It says what exists, never what does not.

Three writers feed it: the watch, each LIST, and the answers to the operator's own writes. They arrive in any order;
the newer resource version wins, so that a late watch event never undoes what an own write has answered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Generic, TypeVar

from debate_operator.facts import DebateJobFacts, JobFacts, PodFacts
from debate_operator.parse import Seen

F = TypeVar("F", DebateJobFacts, JobFacts, PodFacts)
Key = tuple[str, str]
"""(namespace, name)"""


class Shelf(Generic[F]):
    """All objects of one kind."""

    def __init__(self, on_gone: Callable[[Seen[F]], None] | None = None) -> None:
        self._on_gone: Callable[[Seen[F]], None] | None = on_gone
        self._by_key: dict[Key, Seen[F]] = {}
        self._by_owner: dict[str, set[Key]] = {}
        # Uids that were deleted while a LIST was under way: it may still have them in an early page.
        self._buried: set[str] | None = None

    def __len__(self) -> int:
        return len(self._by_key)

    def __iter__(self) -> Iterator[Seen[F]]:
        return iter(self._by_key.values())

    def get(self, namespace: str, name: str) -> Seen[F] | None:
        return self._by_key.get((namespace, name))

    def of_owner(self, uid: str) -> list[Seen[F]]:
        """What this owner owns, by name."""
        return [self._by_key[key] for key in sorted(self._by_owner.get(uid, ()))]

    def put(self, seen: Seen[F]) -> bool:
        """Whether this is news: False where this version or a newer one is known."""
        key = seen.namespace, seen.name
        known = self._by_key.get(key)
        # Compared across uids too: of two objects of one name, the later has the larger version.
        if known is not None and known.version >= seen.version:
            return False
        if self._buried is not None and seen.uid in self._buried:
            return False
        self._drop(key)
        if known is not None and known.uid != seen.uid:
            self._tell_gone(known)  # it went, and another of its name came, before anybody told us
        self._by_key[key] = seen
        if seen.owner is not None:
            self._by_owner.setdefault(seen.owner, set()).add(key)
        return True

    def remove(self, namespace: str, name: str, uid: str) -> bool:
        """Somebody saw it go. Another object of the same name stays."""
        if self._buried is not None:
            self._buried.add(uid)
        known = self._by_key.get((namespace, name))
        if known is None or known.uid != uid:
            return False
        self._drop((namespace, name))
        self._tell_gone(known)
        return True

    def begin_list(self) -> None:
        """A LIST is under way."""
        self._buried = set()

    def replace(self, namespace: str, listed: Iterable[Seen[F]], version: int) -> None:
        """The LIST of a namespace as of `version`: what it lacks goes, unless it was seen later than that."""
        present = set()
        for seen in listed:
            self.put(seen)
            present.add((seen.namespace, seen.name))
        for key, known in list(self._by_key.items()):
            if key[0] == namespace and key not in present and known.version <= version:
                self._drop(key)
                self._tell_gone(known)
        self._buried = None

    def _tell_gone(self, seen: Seen[F]) -> None:
        if self._on_gone is not None:
            self._on_gone(seen)

    def _drop(self, key: Key) -> None:
        known = self._by_key.pop(key, None)
        if known is not None and known.owner is not None:
            siblings = self._by_owner[known.owner]
            siblings.discard(key)
            if not siblings:
                del self._by_owner[known.owner]


class Cache:
    """The three kinds that the operator looks at; departed: the last state of DebateJobs that were seen to go."""

    def __init__(self) -> None:
        self.departed: dict[Key, DebateJobFacts] = {}
        self.debatejobs: Shelf[DebateJobFacts] = Shelf(self._depart)
        self.jobs: Shelf[JobFacts] = Shelf()
        self.pods: Shelf[PodFacts] = Shelf()

    def _depart(self, seen: Seen[DebateJobFacts]) -> None:
        self.departed[seen.namespace, seen.name] = seen.facts
