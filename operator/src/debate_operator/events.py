"""Kubernetes Events on a DebateJob, for `kubectl describe`: posted in the background, one after the other.

A pass does not wait for them: in a burst of new DebateJobs they would double the time until the last Job is created.
They are a courtesy: one that cannot be posted is logged, and those that are too many are dropped.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, Final

import structlog

from debate_core.documents.debatejob import API_VERSION, KIND
from debate_operator import names
from debate_operator.facts import DebateJobFacts, Event
from debate_operator.kube import EVENTS, ApiError, ApiUnreachable, Kube

WAITING: Final = 5_000
MESSAGE_CHARS: Final = 1_024


class Recorder:
    """`tell` at any time; `run` posts for ever; `posted` waits until all that was told is posted or dropped."""

    def __init__(self, kube: Kube, now: Callable[[], datetime]) -> None:
        self._kube, self._now = kube, now
        self._waiting: asyncio.Queue[tuple[DebateJobFacts, Event, datetime]] = asyncio.Queue(WAITING)
        self._log = structlog.get_logger()

    def tell(self, job: DebateJobFacts, events: Iterable[Event]) -> None:
        for event in events:
            try:
                self._waiting.put_nowait((job, event, self._now()))
            except asyncio.QueueFull:
                self._log.warning(f"event dropped, {WAITING} wait already", reason=event.reason)

    async def run(self) -> None:
        while True:
            job, event, at = await self._waiting.get()
            try:
                await self._kube.create(EVENTS, job.namespace, event_body(job, event, at))
            except (ApiError, ApiUnreachable) as error:
                self._log.warning(f"event not posted: {error}", debatejob=job.name, reason=event.reason)
            finally:
                self._waiting.task_done()

    async def posted(self) -> None:
        await self._waiting.join()


def event_body(job: DebateJobFacts, event: Event, now: datetime) -> dict[str, Any]:
    """A core/v1 Event, as `kubectl describe` shows it."""
    at = now.strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"generateName": f"{job.name}.", "namespace": job.namespace},
        "involvedObject": {
            "apiVersion": API_VERSION,
            "kind": KIND,
            "name": job.name,
            "namespace": job.namespace,
            "uid": job.uid,
            "resourceVersion": job.resource_version,
        },
        "type": event.type,
        "reason": event.reason,
        "message": event.message[:MESSAGE_CHARS],
        "action": event.reason,
        "reportingComponent": names.MANAGER,
        "reportingInstance": names.MANAGER,
        "source": {"component": names.MANAGER},
        "firstTimestamp": at,
        "lastTimestamp": at,
        "count": 1,
    }
