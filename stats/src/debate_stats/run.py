"""`debate-stats run`: from the manifest's jobs to everything under `statistics/`.

Several runs may work at once, while people change manifest entries, names and documents. What holds it together: a
job's statistics and the list are written only over what was read before (`ObjectStore.replace`), so that whoever has
the older view looks again; and the manifest is read once more after the last write to a job, so that whoever published
what has been made private since takes it down again. A run that is killed leaves nothing that the next does not find.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from pydantic import ValidationError

from debate_core import keys
from debate_core.documents import schemas
from debate_core.documents.base import explain
from debate_core.documents.manifest import People
from debate_core.store import ObjectChanged, ObjectInfo, ObjectStore, StoreError
from debate_stats import publish
from debate_stats.document import statistics_document
from debate_stats.freshness import is_current
from debate_stats.inputs import BrokenJob, Sources, find_sources, look, read_documents, read_entry, read_people
from debate_stats.listing import Listing, read_manifest
from debate_stats.parameters import Parameters
from debate_stats.published import Published
from debate_stats.visibility import adopt

PARALLEL: Final = 8
"""Requests to the store at once."""

_ROUNDS: Final = 20


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
    """message: for a person; empty where the state says it all."""

    job_id: str
    state: State
    message: str = ""


@dataclass(frozen=True, slots=True)
class _Withdrawal:
    """A job of which something is public, and may not be."""

    outcome: Outcome


@dataclass(frozen=True, slots=True)
class _Job:
    """A job that is to be published. previous: the statistics of it that are public."""

    sources: Sources
    copies: publish.Copies
    previous: Published | None


_Found = Outcome | _Withdrawal | _Job


def run(
    store: ObjectStore,
    output: ObjectStore,
    *,
    job_ids: Iterable[str] | None,
    now: datetime,
    parameters: Parameters | None = None,
    on_outcome: Callable[[Outcome], None] = lambda outcome: None,
    must_exist: bool = True,
    parallel: int = PARALLEL,
) -> list[Outcome]:
    """Bring `statistics/` of `output` up to date with the finished jobs of `store`; what was made of each job.

    job_ids: only these; None: every job of the manifest, and what is public of others is removed. Only jobs whose
    inputs changed are computed. A job that cannot be computed fails alone, and what was public of it stays.
    must_exist: whether a job of `job_ids` that has no manifest entry is a failure. What is public of it is removed
    either way. on_outcome: called as soon as a job is done, and once more where it changed meanwhile.
    Raises StoreError where a store cannot be used at all, or changes faster than it can be read.
    """
    todo = None if job_ids is None else list(dict.fromkeys(job_ids))
    with _threads(parallel) as pool:
        work = _Run(
            store, output, parameters or Parameters(), now, on_outcome, pool, must_exist=must_exist and todo is not None
        )
        for _ in range(_ROUNDS):
            todo = work.round(todo)
            if not todo:
                return list(work.outcomes.values())
    raise StoreError(f"These jobs change faster than they can be read: {', '.join(todo or ())}. Try again later.")


def adopt_all(store: ObjectStore, job_ids: Iterable[str]) -> list[Outcome]:
    """Write the manifest entries of those of these jobs that an older system left; those that cannot have one."""
    failed = []
    for job_id in dict.fromkeys(job_ids):
        try:
            adopt(store, job_id)
        except BrokenJob as error:
            failed.append(Outcome(job_id, State.FAILED, str(error)))
    return failed


class _Run:
    def __init__(
        self,
        store: ObjectStore,
        output: ObjectStore,
        parameters: Parameters,
        now: datetime,
        on_outcome: Callable[[Outcome], None],
        pool: ThreadPoolExecutor,
        *,
        must_exist: bool,
    ) -> None:
        self._store = store
        self._output = output
        self._parameters = parameters
        self._now = now
        self._on_outcome = on_outcome
        self._pool = pool
        self._must_exist = must_exist
        self._listing = Listing(store, output, parameters, now, pool.map)
        self._contested: set[str] = set()
        self._people: People | None = None
        self.outcomes: dict[str, Outcome] = {}

    def round(self, job_ids: list[str] | None) -> list[str]:
        """Do these jobs, or all of them; the ids of those that changed meanwhile and are to be done again."""
        # The manifest first: what others publish after this look at it, they look at the manifest again for.
        entries, strangers = read_manifest(self._store)
        public = publish.present(self._output) if job_ids is None else None
        people = self._read_people()
        ids = sorted(entries.keys() | (public or {}).keys()) if job_ids is None else job_ids
        contested = self._contested.copy()
        self._contested.clear()

        def find(job_id: str) -> _Found:
            copies = publish.present_of(self._output, job_id) if public is None else public.get(job_id)
            found = copies or publish.Copies()
            return self._find(job_id, entries.get(job_id), found, people, trusts=job_id not in contested)

        plan = list(self._pool.map(find, ids))
        self._withdraw([one.outcome for one in plan if isinstance(one, _Withdrawal)])
        if job_ids is None:
            self._report_all(
                Outcome(key, State.FAILED, f"{key} is no manifest entry: its name is no job id.") for key in strangers
            )
        self._report_all(one for one in plan if isinstance(one, Outcome))
        jobs = [one for one in plan if isinstance(one, _Job)]
        self._report_all(self._pool.map(lambda job: self._publish(job, people), jobs))
        self._output.put(keys.STAT_SCHEMA.key(), schemas.schema("statistics").encode(), content_type=publish.JSON)
        after = self._listing.write()
        looked_at = entries.keys() | after.keys() if job_ids is None else set(ids)
        changed = {job_id for job_id in looked_at if _etag(entries.get(job_id)) != _etag(after.get(job_id))}
        return sorted(changed | self._contested)

    def _find(
        self,
        job_id: str,
        manifest: ObjectInfo | None,
        copies: publish.Copies,
        people: People | None,
        *,
        trusts: bool,
    ) -> _Found:
        """What is to be done with a job. trusts: whether what is public of it is what its statistics say it is."""
        is_public = copies.by_job is not None or bool(copies.files)
        if manifest is None:
            return _withdrawn(self._missing(job_id), is_public)
        previous = publish.published(self._output, job_id) if copies.by_job and trusts else None
        there = look(self._store, job_id)
        if copies.by_job and previous and previous.completed_at:
            parameters = self._parameters
            if is_current(
                previous, manifest=manifest, there=there, people=people, copies=copies, parameters=parameters
            ):
                self._listing.remember(copies.by_job, manifest, previous, previous.completed_at)
                return Outcome(job_id, State.UNCHANGED)
        try:
            entry = read_entry(self._store, manifest, job_id)
            if not entry.publish:
                return _withdrawn(Outcome(job_id, State.PRIVATE, "publish is false"), is_public)
            if entry.documents.transcript is None:
                return _withdrawn(Outcome(job_id, State.NO_TRANSCRIPT, "the job has no transcript"), is_public)
            return _Job(find_sources(entry, manifest, there), copies, previous)
        except BrokenJob as error:
            return Outcome(job_id, State.FAILED, str(error))

    def _missing(self, job_id: str) -> Outcome:
        if self._must_exist:
            key = keys.MANIFEST.key(job_id=job_id)
            why = f"There is no {key}: no job of this id has finished (--adopt takes in what older systems left)."
            return Outcome(job_id, State.FAILED, why)
        return Outcome(job_id, State.REMOVED, "its manifest entry is gone")

    def _withdraw(self, outcomes: list[Outcome]) -> None:
        """The rows of the list go first, so that nothing leads to what is being deleted."""
        if not outcomes:
            return
        self._listing.write(without={outcome.job_id for outcome in outcomes})
        for _ in self._pool.map(lambda outcome: publish.withdraw(self._output, outcome.job_id), outcomes):
            pass
        self._report_all(outcomes)

    def _publish(self, job: _Job, people: People | None) -> Outcome | None:
        """None where another run wrote the job's statistics meanwhile: this one is to look again."""
        entry, manifest = job.sources.entry, job.sources.manifest
        try:
            documents = read_documents(self._store, job.sources, people)
            figures = statistics_document(job.sources, documents, self._parameters, self._now)
            statistics = figures.model_copy(
                update={
                    "completed_at": entry.completed_at,
                    "inputs": [*figures.inputs, *documents.identities.inputs],
                    "notes": [*documents.identities.notes, *figures.notes],
                }
            )
            copied = job.previous.inputs if job.previous else []
            written = publish.publish(self._store, self._output, job.sources, statistics, job.copies, copied)
        except BrokenJob as error:
            return Outcome(entry.job_id, State.FAILED, str(error))
        except ValidationError as error:
            reason = f"its figures cannot be published: {explain(error)}"
            return Outcome(entry.job_id, State.FAILED, reason)
        except ObjectChanged:
            self._contested.add(entry.job_id)
            return None
        self._listing.remember(written, manifest, Published.of(statistics), entry.completed_at)
        return Outcome(entry.job_id, State.COMPUTED)

    def _read_people(self) -> People | None:
        try:
            return read_people(self._store)
        except BrokenJob as error:
            self._report_all([Outcome(keys.PEOPLE.key(), State.FAILED, str(error))])
            return None

    def _report_all(self, outcomes: Iterable[Outcome | None]) -> None:
        for outcome in outcomes:
            if outcome is not None:
                self.outcomes[outcome.job_id] = outcome
                self._on_outcome(outcome)


def _withdrawn(outcome: Outcome, is_public: bool) -> _Found:
    """The same, and that what is public is to be deleted."""
    if not is_public:
        return outcome
    if outcome.state is State.FAILED:
        return _Withdrawal(outcome)
    return _Withdrawal(replace(outcome, message=f"{outcome.message}: its public copies were deleted"))


def _etag(info: ObjectInfo | None) -> str | None:
    return info.etag if info else None


@contextmanager
def _threads(parallel: int) -> Iterator[ThreadPoolExecutor]:
    """A pool that starts nothing more once its user fails or is interrupted."""
    pool = ThreadPoolExecutor(parallel, "statistics")
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)
