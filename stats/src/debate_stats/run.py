"""`debate-stats run`: from the manifest's jobs to everything under `statistics/`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from debate_core import keys
from debate_core.documents import schemas
from debate_core.documents.statistics import DebateStatistics
from debate_core.store import ObjectInfo, ObjectStore
from debate_stats import publish, site
from debate_stats.document import public_keys, statistics_document
from debate_stats.inputs import BrokenJob, Sources, find_sources, read_documents, read_entry
from debate_stats.parameters import Parameters


class State(StrEnum):
    """What was made of a job."""

    COMPUTED = "computed"
    UNCHANGED = "unchanged"
    PRIVATE = "private"
    NO_TRANSCRIPT = "no transcript"
    REMOVED = "removed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Outcome:
    """message: for a person; empty where the state says it all. listed: of a job that has public statistics."""

    job_id: str
    state: State
    message: str = ""
    listed: site.Listed | None = None


def run(
    store: ObjectStore,
    output: ObjectStore,
    *,
    job_ids: Iterable[str] | None,
    now: datetime,
    parameters: Parameters | None = None,
    on_outcome: Callable[[Outcome], None] = lambda outcome: None,
) -> list[Outcome]:
    """Bring `statistics/` of `output` up to date with the finished jobs of `store`; what was made of each job.

    job_ids: only these; None: every job of the manifest, and what is public of others is removed. Only jobs whose
    inputs changed are computed. A job that cannot be computed fails alone, and what was public of it stays.
    Raises StoreError where a store cannot be used at all.
    """
    publisher = _Publisher(store, output, parameters or Parameters(), now)
    outcomes = []
    for outcome in publisher.all_jobs() if job_ids is None else publisher.named_jobs(job_ids):
        on_outcome(outcome)
        outcomes.append(outcome)
    publisher.write_site(outcomes)
    return outcomes


class _Publisher:
    def __init__(self, store: ObjectStore, output: ObjectStore, parameters: Parameters, now: datetime) -> None:
        self._store = store
        self._output = output
        self._parameters = parameters
        self._now = now
        self._present = publish.present(output)

    def all_jobs(self) -> Iterator[Outcome]:
        found: dict[str, ObjectInfo] = {}
        for info in self._store.list(keys.MANIFEST_PREFIX.key()):
            fields = keys.MANIFEST.parse(info.key)
            if fields is None:
                yield Outcome(info.key, State.FAILED, f"{info.key} is no manifest entry: its name is no job id.")
            else:
                found[fields["job_id"]] = info
        for job_id in sorted(publish.jobs_present(self._present) - found.keys()):
            yield self._withdrawn(job_id, State.REMOVED, "its manifest entry is gone")
        for job_id, info in found.items():
            yield self._one(job_id, info)

    def named_jobs(self, job_ids: Iterable[str]) -> Iterator[Outcome]:
        for job_id in dict.fromkeys(job_ids):
            key = keys.MANIFEST.key(job_id=job_id)
            info = self._store.stat(key)
            if info is None:
                self._withdraw(job_id)
                yield Outcome(job_id, State.FAILED, f"There is no {key}: no job of this id has finished.")
            else:
                yield self._one(job_id, info)

    def write_site(self, outcomes: Iterable[Outcome]) -> None:
        """The list, the totals and the schema, from every job with public statistics."""
        debates = {outcome.job_id: outcome.listed for outcome in outcomes if outcome.listed}
        for job_id in sorted(publish.jobs_present(publish.present(self._output)) - debates.keys()):
            if debate := self._listed_before(job_id):
                debates[job_id] = debate
        index = site.index(debates.values(), self._now)
        summary = site.summary(debates.values(), self._now)
        self._output.put(keys.STAT_SCHEMA.key(), schemas.schema("statistics").encode(), content_type=publish.JSON)
        self._output.put(keys.STAT_SUMMARY.key(), summary.to_json(), content_type=publish.JSON)
        self._output.put(keys.STAT_INDEX.key(), index.to_json(), content_type=publish.JSON)

    def _one(self, job_id: str, info: ObjectInfo) -> Outcome:
        try:
            entry = read_entry(self._store, info, job_id)
            if not entry.publish:
                return self._withdrawn(job_id, State.PRIVATE, "publish is false")
            if entry.documents.transcript is None:
                return self._withdrawn(job_id, State.NO_TRANSCRIPT, "the job has no transcript")
            return self._published(find_sources(self._store, entry, info))
        except BrokenJob as error:
            return Outcome(job_id, State.FAILED, str(error))

    def _published(self, sources: Sources) -> Outcome:
        entry = sources.entry
        before = publish.published(self._output, entry.job_id, self._present)
        if before and self._is_current(before, sources):
            return Outcome(entry.job_id, State.UNCHANGED, listed=site.listed(before, entry))
        documents = read_documents(self._store, sources)
        statistics = statistics_document(sources, documents, self._parameters, self._now)
        publish.publish(self._store, self._output, sources, statistics, before, self._present)
        return Outcome(entry.job_id, State.COMPUTED, listed=site.listed(statistics, entry))

    def _is_current(self, before: DebateStatistics, sources: Sources) -> bool:
        return (
            before.inputs == sources.inputs
            and before.parameters == self._parameters.published()
            and self._present.issuperset(public_keys(sources).values())
        )

    def _withdrawn(self, job_id: str, state: State, why: str) -> Outcome:
        return Outcome(job_id, state, f"{why}: its public copies were deleted" if self._withdraw(job_id) else why)

    def _withdraw(self, job_id: str) -> bool:
        return publish.withdraw(self._output, job_id, self._present)

    def _listed_before(self, job_id: str) -> site.Listed | None:
        """A job that this run did not touch, or could not compute: listed as before, if it may still be public."""
        info = self._store.stat(keys.MANIFEST.key(job_id=job_id))
        statistics = publish.published(self._output, job_id, {keys.STAT_BY_JOB.key(job_id=job_id)})
        if info is None or statistics is None:
            return None
        try:
            entry = read_entry(self._store, info, job_id)
        except BrokenJob:
            # Whether it may be public is not known. Where this run was to compute it, its outcome says so.
            return None
        return site.listed(statistics, entry) if entry.publish else None
