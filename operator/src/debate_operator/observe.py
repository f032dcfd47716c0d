"""What a decision may rest on: the cache, and a look at the cluster itself wherever the cache cannot know.

The cache says what exists. That a Job is gone, that a finished Job's pod has left no word, or why no pod appears, is
asked of the API server before `decide` hears of it: a watch may be late, and one kind's watch later than another's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from debate_core.documents.debatejob_status import DebateJobStatus
from debate_core.documents.step_result import Progress
from debate_operator import parse
from debate_operator.cache import Cache
from debate_operator.facts import DebateJobFacts, JobFacts, Observed
from debate_operator.kube import EVENTS, JOBS, PODS, Kube
from debate_operator.parse import Seen

NO_POD_S: Final = 5
"""A Job without a pod for so long has a reason, which its events tell."""

NO_START_S: Final = 10
"""A container that is being created for so long may have one too: a volume that cannot be mounted."""

EVENT_IS_NEWS_S: Final = 180
"""The kubelet repeats a failed mount at least every two minutes: an older event tells of what has been put right."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What was observed, and when to look again because nothing will tell us (None: no need)."""

    observed: Observed
    look_again_s: float | None


class Observer:
    """Builds Observed. progress: what the pods of a Job (by uid) said last, by shard."""

    def __init__(self, kube: Kube, cache: Cache, progress: Callable[[str], Mapping[int, Progress]]) -> None:
        self._kube, self._cache, self._progress = kube, cache, progress

    async def look(self, job: DebateJobFacts, now: datetime) -> Sight:
        await self._confirm_absent(job)
        found, waits = [], []
        for seen in self._cache.jobs.of_owner(job.uid):
            if seen.facts.finished is not None and uncounted(seen.facts, job.status):
                await self._confirm_pods(seen)
            facts = replace(seen.facts, pods=tuple(pod.facts for pod in self._cache.pods.of_owner(seen.uid)))
            if facts.finished is None and not facts.deleting and not facts.suspended:
                facts, wait_s = await self._with_trouble(job.namespace, facts, now)
                waits += [wait_s] if wait_s is not None else []
            found.append(facts)
        progress = {
            (facts.uid, shard): said
            for facts in found
            if facts.finished is None
            for shard, said in self._progress(facts.uid).items()
        }
        return Sight(Observed(jobs=tuple(found), progress=progress), min(waits, default=None))

    async def _confirm_absent(self, job: DebateJobFacts) -> None:
        """A Job that the status is waiting for and the cache lacks: ask by name. It counts by its owner's uid.

        One that somebody stripped of our labels is found here too, though no watch will tell of it.
        """
        for step in job.status.steps:
            if step.job is None or not step.state.has_job or self._cache.jobs.get(job.namespace, step.job):
                continue
            raw = await self._kube.get(JOBS, job.namespace, step.job)
            if raw is not None:
                self._cache.jobs.put(parse.job(raw))

    async def _confirm_pods(self, seen: Seen[JobFacts]) -> None:
        """The Job's end may be known before its pods': what they left decides what the end means."""
        mine = f"batch.kubernetes.io/controller-uid={seen.uid}"
        pods, version = await self._kube.list(PODS, seen.namespace, parse.pod, labels=mine)
        for pod in pods:
            self._cache.pods.put(pod)
        listed = {pod.uid for pod in pods}
        for known in self._cache.pods.of_owner(seen.uid):
            if known.uid not in listed and known.version <= version:
                self._cache.pods.remove(known.namespace, known.name, known.uid)

    async def _with_trouble(self, namespace: str, job: JobFacts, now: datetime) -> tuple[JobFacts, float | None]:
        """The Job with why it has no pod, or why its pod does not start; and when to ask again.

        Events are not watched: there are many, and few matter. They are asked for at 5, 10, 20, 40 s ... instead.
        """
        if not job.pods:
            age_s = (now - (job.started_at or job.created_at)).total_seconds()
            if age_s < NO_POD_S:
                return job, NO_POD_S - age_s
            return replace(job, trouble=await self._said(namespace, job.uid, "FailedCreate", now)), age_s
        waits, pods = [], []
        for pod in job.pods:
            if pod.phase == "Pending" and pod.node and pod.waiting_reason in {None, "ContainerCreating"}:
                age_s = (now - (pod.created_at or now)).total_seconds()
                waits.append(max(NO_START_S - age_s, age_s, 1.0))
                said = await self._said(namespace, pod.uid, "FailedMount", now) if age_s >= NO_START_S else None
                pod = replace(pod, waiting_reason="FailedMount", waiting_message=said) if said else pod
            pods.append(pod)
        return replace(job, pods=tuple(pods)), min(waits, default=None)

    async def _said(self, namespace: str, uid: str, reason: str, now: datetime) -> str | None:
        about = f"involvedObject.uid={uid},reason={reason}"
        told, _ = await self._kube.list(EVENTS, namespace, parse.told, fields=about)
        at, message = max(told, default=(parse.EPOCH, ""))
        return message or reason if (now - at).total_seconds() <= EVENT_IS_NEWS_S else None


def uncounted(job: JobFacts, status: DebateJobStatus) -> bool:
    """Whether the end of this Job may still be news to the status."""
    if status.is_finished and job.run <= (status.observed_run or 0):
        return False
    step = next((step for step in status.steps if step.name == job.step), None)
    if step is None or step.job is None:
        return True
    if step.job == job.name:
        return step.state.has_job
    # A Job before the one that the status names was counted when that one was made.
    number = step.job.rpartition("-")[2]
    return not number.isdecimal() or job.number > int(number)
