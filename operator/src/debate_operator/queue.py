"""The work queue: which keys wait, which run, which are due later. One worker a key, backoff a key.

Everything is decided by synchronous methods on an injected clock; `get` alone waits.
"""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import itertools
import time
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)


class WorkQueue(Generic[K]):
    """Keys to work on.

    A key is in it once, however often it is added. One that is added while a worker has it runs again afterwards,
    so that nothing that happens during a pass is missed, and no two workers ever have the same key.
    """

    def __init__(
        self, *, clock: Callable[[], float] = time.monotonic, first_backoff_s: float = 0.5, max_backoff_s: float = 60
    ) -> None:
        self._clock = clock
        self._first_backoff_s, self._max_backoff_s = first_backoff_s, max_backoff_s
        self._ready: dict[K, float] = {}  # since when; in the order of arrival
        self._running: dict[K, float] = {}
        self._again: dict[K, float] = {}  # added while running, since when
        self._later: dict[K, float] = {}  # due when
        self._due: list[tuple[float, int, K]] = []  # a heap over _later; entries that differ from it are stale
        self._serial = itertools.count()  # so that the heap never compares keys
        self._failures: dict[K, int] = {}
        self._closed = False
        self._changed = asyncio.Event()

    def add(self, key: K) -> None:
        """Work on it as soon as possible."""
        self._later.pop(key, None)  # the pass that comes now says itself when to look again
        waiting = self._again if key in self._running else self._ready
        waiting.setdefault(key, self._clock())
        self._changed.set()

    def add_after(self, key: K, seconds: float) -> None:
        """Work on it then; of two such wishes the sooner wins, and `add` before both."""
        if key in self._ready or key in self._again:
            return
        due = self._clock() + max(0.0, seconds)
        if due < self._later.get(key, float("inf")):
            self._later[key] = due
            heapq.heappush(self._due, (due, next(self._serial), key))
            self._changed.set()

    def take(self) -> K | None:
        """The key that has been ready longest, now given to the caller until `done` or `failed`; None: none is."""
        if self._closed:
            return None
        now = self._clock()
        while (due := self._next_due()) is not None and due <= now:
            key = heapq.heappop(self._due)[2]
            # Its wait began when it was due, not when somebody looked.
            (self._again if key in self._running else self._ready).setdefault(key, self._later.pop(key))
        if not self._ready:
            return None
        key = next(iter(self._ready))
        del self._ready[key]
        self._running[key] = now
        return key

    async def get(self) -> K | None:
        """Wait for a key; None: the queue is closed."""
        while True:
            key = self.take()
            if key is not None or self._closed:
                return key
            self._changed.clear()
            due = self._next_due()
            wait_s = None if due is None else max(0.0, due - self._clock())
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), wait_s)

    def done(self, key: K) -> None:
        """The pass ended well."""
        self._failures.pop(key, None)
        self._release(key)

    def failed(self, key: K) -> float:
        """The pass ended with an error: again after 0.5, 1, 2 ... 60 s. Returns the seconds."""
        failures = self._failures[key] = self._failures.get(key, 0) + 1
        self._release(key)
        delay_s = min(self._max_backoff_s, self._first_backoff_s * 2.0 ** min(failures - 1, 30))
        self.add_after(key, delay_s)
        return delay_s

    def _release(self, key: K) -> None:
        del self._running[key]
        if key in self._again:
            self._ready[key] = self._again.pop(key)
        self._changed.set()

    def _next_due(self) -> float | None:
        while self._due and self._later.get(self._due[0][2]) != self._due[0][0]:
            heapq.heappop(self._due)
        return self._due[0][0] if self._due else None

    def close(self) -> None:
        """No key is given out any more; those that are out may finish."""
        self._closed = True
        self._changed.set()

    async def drained(self) -> None:
        """Wait until no worker has a key."""
        while self._running:
            self._changed.clear()
            await self._changed.wait()

    @property
    def depth(self) -> int:
        """Keys that could be worked on now."""
        now = self._clock()
        return len(self._ready) + len(self._again) + sum(due <= now for due in self._later.values())

    @property
    def idle(self) -> bool:
        return not self._running and not self.depth

    def oldest_ready_s(self) -> float:
        """How long the key that waits longest has been waiting; 0: none waits."""
        now = self._clock()
        since = [*self._ready.values(), *self._again.values(), *(due for due in self._later.values() if due <= now)]
        return now - min(since) if since else 0.0

    def longest_running_s(self) -> float:
        """How long the oldest pass has been running; 0: none runs."""
        return self._clock() - min(self._running.values()) if self._running else 0.0
