"""Sees to it that the statistics follow a DebateJob that has succeeded: at once, and when its spec.publish changes.

Level-triggered like the pass before it: `status.publication` says what the manifest entry holds and whether the
statistics show it; until that is what the spec asks for, each look does the next thing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import structlog

from debate_core.documents.debatejob_status import DebateJobStatus, Publication
from debate_operator import parse
from debate_operator.cache import Cache, Key
from debate_operator.events import Recorder
from debate_operator.facts import DebateJobFacts, Event
from debate_operator.kube import CRONJOBS, JOBS, ApiError, Kube
from debate_operator.policies import publication
from debate_operator.settings import StatsSettings

WriteStatus = Callable[[DebateJobFacts, DebateJobStatus], Awaitable[None]]


class Publisher:
    """`await publisher(key)` after each pass; the result says when to look again. Raises ApiError, ApiUnreachable."""

    def __init__(
        self,
        kube: Kube,
        cache: Cache,
        recorder: Recorder,
        stats: StatsSettings | None,
        write: WriteStatus,
        now: Callable[[], datetime],
    ) -> None:
        self._kube, self._cache, self._recorder, self._stats = kube, cache, recorder, stats
        self._write, self._now = write, now
        # One at a time looks for runs and starts one: else two that end together would start two.
        self._starting = asyncio.Lock()
        self._log = structlog.get_logger()

    async def __call__(self, key: Key) -> float | None:
        seen = self._cache.debatejobs.get(*key)
        if self._stats is None or seen is None:
            return None
        job = seen.facts
        known = publication.known(job)
        if known is None:
            return None
        if known.publish != publication.wanted(job):
            return await self._change(job, self._stats)
        return await self._run(job, known, self._stats)

    async def _run(self, job: DebateJobFacts, known: Publication, stats: StatsSettings) -> float | None:
        """Wait for a run that began after the job's end; start one where none does."""
        if publication.is_late(job, self._now()):
            return None
        cron_job = await self._cron_job(stats)
        if cron_job is None:
            return None
        async with self._starting:
            labels = cron_job["spec"]["jobTemplate"]["metadata"]["labels"]
            selector = ",".join(f"{name}={value}" for name, value in sorted(labels.items()))
            seen, _ = await self._kube.list(JOBS, stats.namespace, parse.job, labels=selector)
            runs = [one.facts for one in seen]
            if publication.is_covered(job, runs):
                await self._done(job, known.publish)
                return None
            wait_s = publication.wait_s(job, runs, self._now())
            if wait_s is None:
                await self._create(stats, publication.run_manifest(cron_job, self._now()))
        return wait_s or publication.LOOK_S

    async def _change(self, job: DebateJobFacts, stats: StatsSettings) -> float | None:
        """Follow the Job of this generation's spec.publish; start it where it is not there."""
        name = publication.change_name(stats.cron_job, job)
        raw = await self._kube.get(JOBS, stats.namespace, name)
        if raw is None:
            cron_job = await self._cron_job(stats)
            if cron_job is None:
                return None
            await self._create(stats, publication.change_manifest(cron_job, job))
            return publication.LOOK_S
        found = parse.job(raw).facts
        if found.finished == "Complete":
            await self._done(job, publication.wanted(job))
            return None
        # A failed one goes by its ttl, and the next look makes it anew.
        return publication.LOOK_S if found.finished is None else publication.RETRY_S

    async def _done(self, job: DebateJobFacts, publish: bool) -> None:
        status = job.status.model_copy(update={"publication": Publication(publish=publish, current=True)})
        await self._write(job, status)
        told = (
            Event("Normal", "Published", "The statistics show this debate")
            if publish
            else Event("Normal", "Unpublished", "Nothing of this debate is public")
        )
        self._recorder.tell(job, (told,))

    async def _cron_job(self, stats: StatsSettings) -> dict[str, Any] | None:
        found = await self._kube.get(CRONJOBS, stats.namespace, stats.cron_job)
        if found is None:
            self._log.warning(f"no CronJob {stats.cron_job} in {stats.namespace}: statistics are not refreshed")
        return found

    async def _create(self, stats: StatsSettings, manifest: dict[str, Any]) -> None:
        name = manifest["metadata"]["name"]
        try:
            await self._kube.create(JOBS, stats.namespace, manifest)
        except ApiError as error:
            if error.status != 409:
                raise
        else:
            self._log.info("statistics started", kubernetes_job=name)
