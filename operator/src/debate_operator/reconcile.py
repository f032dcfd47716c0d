"""One pass over one DebateJob: look, decide, do. Level-triggered: it may stop anywhere and begin anew.

The order makes a crash between any two deeds harmless. Deletes and the creation come first: both can be done twice (a
uid precondition, a name that the same try always has). The status, written once and only over the version that was
decided on, comes after them; what is told comes last, so that nothing is told that did not happen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

import structlog

from debate_core.documents.debatejob import API_VERSION, KIND
from debate_core.documents.debatejob_status import DebateJobStatus
from debate_operator import parse
from debate_operator.cache import Cache, Key
from debate_operator.events import Recorder
from debate_operator.facts import DebateJobFacts, Event, JobFacts, Observed, Plan
from debate_operator.kube import DEBATEJOBS, JOBS, ApiError, Kube
from debate_operator.metrics import Metrics
from debate_operator.observe import Observer
from debate_operator.settings import Settings

Decide = Callable[[DebateJobFacts, Observed, datetime, Settings], Plan]

LOOKS: Final = 5
"""How often a pass begins anew (a conflict, a name taken) before it counts as failed and waits its backoff."""


class Unsettled(Exception):
    """The object changed under each of several looks; the next try comes with backoff."""


class Reconciler:
    """`await reconciler(key)` makes one pass; the result says when to look again, None: when something happens."""

    def __init__(
        self,
        kube: Kube,
        cache: Cache,
        observer: Observer,
        recorder: Recorder,
        decide: Decide,
        settings: Settings,
        metrics: Metrics,
        now: Callable[[], datetime],
    ) -> None:
        self._kube, self._cache, self._observer, self._recorder = kube, cache, observer, recorder
        self._decide = decide
        self._settings, self._metrics, self._now = settings, metrics, now
        self._forbidden: set[str] = set()  # uids of DebateJobs that were told so
        self._log = structlog.get_logger()

    async def __call__(self, key: Key) -> float | None:
        foreign: frozenset[str] = frozenset()
        refused: str | None = None
        for _ in range(LOOKS):
            seen = self._cache.debatejobs.get(*key)
            if seen is None:
                return None  # deleted: its Jobs go by their ownerReferences
            try:
                return await self._look_decide_do(seen.facts, foreign, refused)
            except _NameTaken as taken:
                foreign |= {taken.name}
            except _Refused as error:
                refused = error.message
            except _LookAgain:
                continue
            except _Dropped as dropped:
                self._log.info(f"left alone: {dropped}")
                return None
        raise Unsettled(f"{LOOKS} looks, and each time something had changed")

    async def _look_decide_do(self, job: DebateJobFacts, foreign: frozenset[str], refused: str | None) -> float | None:
        now = self._now()
        sight = await self._observer.look(job, now)
        observed = replace(sight.observed, foreign=foreign, refused=refused)
        plan = self._decide(job, observed, now, self._settings)
        for gone in plan.delete:
            await self._delete(job.namespace, gone)
        if plan.create is not None:
            await self._create(job, plan.create)
        if plan.status.to_resource() != job.status.to_resource():
            await self._write(job, plan.status)
            self._recorder.tell(job, plan.events)
        if plan.delete_self:
            await self._kube.delete(DEBATEJOBS, job.namespace, job.name, job.uid)
        waits = [wait for wait in (plan.requeue_after_s, sight.look_again_s) if wait is not None]
        return min(waits, default=None)

    async def _delete(self, namespace: str, gone: JobFacts) -> None:
        if not gone.deleting:
            await self._kube.delete(JOBS, namespace, gone.name, gone.uid)
            self._log.info("job deleted", kubernetes_job=gone.name)

    async def _create(self, job: DebateJobFacts, manifest: dict[str, Any]) -> None:
        """Create the Job, or find it: an operator that died a moment ago may have created it already."""
        name = manifest["metadata"]["name"]
        try:
            raw = await self._kube.create(JOBS, job.namespace, manifest)
        except ApiError as error:
            if error.status == 409 and error.reason == "AlreadyExists":
                await self._meet(job, name)
            if error.status in {400, 422}:
                raise _Refused(error.message) from error
            if error.status == 404 or "NamespaceTerminating" in error.causes:
                raise _Dropped("its namespace is being deleted") from error
            if error.status == 403 and job.uid not in self._forbidden:
                # A quota that is used up, or a right that lacks: both may come, so it is tried again, with backoff.
                self._forbidden.add(job.uid)
                told = Event(
                    "Warning", "CreateForbidden", f"Kubernetes does not let Job {name} be made: {error.message}"
                )
                self._recorder.tell(job, (told,))
            raise
        self._forbidden.discard(job.uid)
        self._cache.jobs.put(parse.job(raw))
        self._log.info("job created", kubernetes_job=name)

    async def _meet(self, job: DebateJobFacts, name: str) -> None:
        """Whose is the Job that has the name already? Always raises: the answer is decided on anew."""
        raw = await self._kube.get(JOBS, job.namespace, name)
        if raw is not None:
            found = parse.job(raw)
            if found.owner != job.uid:
                raise _NameTaken(name)
            self._cache.jobs.put(found)
        raise _LookAgain

    async def write(self, job: DebateJobFacts, status: DebateJobStatus) -> None:
        """Another part's status for a job that has ended. One that changed meanwhile is looked at again, later."""
        try:
            await self._write(job, status)
        except _LookAgain as error:
            raise Unsettled("the DebateJob changed while its status was written") from error

    async def _write(self, job: DebateJobFacts, status: DebateJobStatus) -> None:
        body = {
            "apiVersion": API_VERSION,
            "kind": KIND,
            "metadata": {
                "name": job.name,
                "namespace": job.namespace,
                "uid": job.uid,
                "resourceVersion": job.resource_version,
            },
            "status": status.to_resource(),
        }
        try:
            raw = await self._kube.replace_status(job.namespace, job.name, body)
        except ApiError as error:
            if error.status not in {404, 409}:
                raise
            await self._refetch(job)
            raise _LookAgain from error
        written = parse.debatejob(raw)
        # So that the next pass does not decide on the status before this one; an older watch event cannot undo it.
        self._cache.debatejobs.put(written)
        self._metrics.status_changed(job.status, written.facts.status)
        self._log.info("status written", phase=written.facts.status.phase, step=written.facts.status.step)

    async def _refetch(self, job: DebateJobFacts) -> None:
        raw = await self._kube.get(DEBATEJOBS, job.namespace, job.name)
        if raw is None:
            self._cache.debatejobs.remove(job.namespace, job.name, job.uid)
        else:
            self._cache.debatejobs.put(parse.debatejob(raw))


class _LookAgain(Exception):
    """What the plan rested on is no longer so."""


class _NameTaken(_LookAgain):
    """A Job that is not ours has the name of the one to create."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class _Refused(_LookAgain):
    """The API server will not have the Job as it is."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class _Dropped(Exception):
    """There is nothing left to do for this DebateJob."""
