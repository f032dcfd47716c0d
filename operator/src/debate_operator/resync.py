"""The resync: a LIST of everything that replaces the cache, at the start and every few minutes.

What a watch has lost comes back here, and every DebateJob gets a pass, so that no mistake lasts longer than that.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import structlog

from debate_operator import parse
from debate_operator.cache import Cache, F, Key, Shelf
from debate_operator.kube import DEBATEJOBS, JOBS, OUR_LABEL, PODS, ApiError, ApiUnreachable, Kube, Raw, Resource
from debate_operator.parse import Seen
from debate_operator.queue import WorkQueue
from debate_operator.settings import Settings
from debate_operator.watchdog import CATCH_UP_S, Watchdog

AFTER_ERROR_S = 5


class Resync:
    """last: when the last one ended well, by the clock; None: none has yet. namespaces: those that it could list."""

    def __init__(
        self,
        kube: Kube,
        cache: Cache,
        queue: WorkQueue[Key],
        watchdog: Watchdog,
        settings: Settings,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._kube, self._cache, self._queue, self._watchdog = kube, cache, queue, watchdog
        self._settings, self._clock = settings, clock
        self._log = structlog.get_logger()
        self.last: float | None = None
        self.namespaces: list[str] = []

    async def first(self) -> None:
        """The first one, however long the API server takes to answer."""
        while not await self._tried():
            await asyncio.sleep(AFTER_ERROR_S)

    async def for_ever(self) -> None:
        """After the first. A watch that seems to be behind is looked at again after 30 s, not only at the next one."""
        while True:
            await asyncio.sleep(min(CATCH_UP_S, self._settings.resync_seconds))
            if self._watchdog.suspicious or self.age_s() >= self._settings.resync_seconds:
                while not await self._tried():
                    await asyncio.sleep(AFTER_ERROR_S)

    def age_s(self) -> float:
        return self._clock() - self.last if self.last is not None else 0.0

    async def _tried(self) -> bool:
        try:
            await self.once()
        except (ApiError, ApiUnreachable) as error:
            self._log.warning(f"resync failed, again in {AFTER_ERROR_S} s: {error}")
            return False
        return True

    async def once(self) -> None:
        """Raises ApiError, ApiUnreachable.

        A namespace that was deleted has taken our Role with it: it is refused for ever, and the others must go on.
        """
        started = self._clock()
        refused: dict[str, ApiError] = {}
        for namespace in self._settings.namespaces:
            try:
                await self._list(namespace)
            except ApiError as error:
                if error.status not in {403, 404}:
                    raise
                refused[namespace] = error
                self._log.warning(f"not listed: {error}", namespace=namespace)
        if len(refused) == len(self._settings.namespaces):
            raise next(iter(refused.values()))
        self.namespaces = [namespace for namespace in self._settings.namespaces if namespace not in refused]
        for seen in self._cache.debatejobs:
            self._queue.add((seen.namespace, seen.name))
        for key in self._cache.departed:
            self._queue.add(key)
        self.last = self._clock()
        self._log.info("resynced", debatejobs=len(self._cache.debatejobs), seconds=round(self.last - started, 3))

    async def _list(self, namespace: str) -> None:
        # Pods after Jobs: a Job that is listed as finished has its pods' last words in the later list.
        await self._replace(DEBATEJOBS, namespace, self._cache.debatejobs, parse.debatejob, None)
        await self._replace(JOBS, namespace, self._cache.jobs, parse.job, OUR_LABEL)
        await self._replace(PODS, namespace, self._cache.pods, parse.pod, OUR_LABEL)

    async def _replace(
        self, resource: Resource, namespace: str, shelf: Shelf[F], read: Callable[[Raw], Seen[F]], labels: str | None
    ) -> None:
        shelf.begin_list()
        listed, version = await self._kube.list(resource, namespace, read, labels=labels)
        shelf.replace(namespace, listed, version)
        self._watchdog.listed(resource.plural, namespace, listed, self._clock())
