"""`index.json` and `summary.json`, written from what is public in the moment, by any number of runs at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol, TypeVar

from debate_core import keys
from debate_core.documents.base import Document
from debate_core.documents.statistics import Input
from debate_core.store import NoSuchStore, ObjectChanged, ObjectInfo, ObjectStore, StoreError
from debate_stats import publish, site
from debate_stats.inputs import BrokenJob, read_entry, read_people
from debate_stats.parameters import Parameters
from debate_stats.published import Published

T = TypeVar("T")
R = TypeVar("R")

_TRIES: Final = 100


class Map(Protocol):
    """As the built-in `map`, perhaps in several threads."""

    def __call__(self, function: Callable[[T], R], items: Iterable[T], /) -> Iterator[R]: ...


@dataclass(frozen=True, slots=True)
class _Row:
    """A job's part, and the ETags of what it comes from."""

    document: str
    manifest: str
    listed: site.Listed


class Listing:
    """The list and the totals of one output. It remembers the parts of jobs that did not change since."""

    def __init__(
        self, store: ObjectStore, output: ObjectStore, parameters: Parameters, now: datetime, map_: Map
    ) -> None:
        self._store = store
        self._output = output
        self._parameters = parameters
        self._now = now
        self._map = map_
        self._rows: dict[str, _Row] = {}

    def remember(
        self, document: ObjectInfo, manifest: ObjectInfo, statistics: Published, completed_at: datetime
    ) -> None:
        """The part of a job whose statistics are at hand: they need not be read again."""
        listed = site.listed(statistics, completed_at, self._parameters)
        self._rows[statistics.job_id] = _Row(document.etag, manifest.etag, listed)

    def write(self, *, without: Collection[str] = ()) -> dict[str, ObjectInfo]:
        """Write both for all public jobs but these; the manifest's entries as they were read for it.

        Of two who write at once one finds the list changed, and looks again. The totals are written first, over what
        was read before the list: so the last list and the last totals are always those of one and the same look.
        Raises StoreError where others write it all the time.
        """
        for _ in range(_TRIES):
            summary, index = (self._etag(template.key()) for template in (keys.STAT_SUMMARY, keys.STAT_INDEX))
            entries, _ = read_manifest(self._store)
            debates = self._debates(entries, without)
            try:
                known = read_people(self._store)
            except BrokenJob:
                known = None  # who runs reports it
            totals = site.summary(debates, known, self._now, self._parameters)
            try:
                self._replace(keys.STAT_SUMMARY.key(), totals, summary)
                self._replace(keys.STAT_INDEX.key(), site.index(debates, self._now), index)
            except ObjectChanged:
                continue
            return entries
        raise StoreError(f"{keys.STAT_INDEX.key()} is written by others all the time: try again later.")

    def _debates(self, entries: dict[str, ObjectInfo], without: Collection[str]) -> list[site.Listed]:
        documents = publish.documents_present(self._output)
        ids = sorted((entries.keys() & documents.keys()).difference(without))
        rows = self._map(lambda job_id: self._row(job_id, documents[job_id], entries[job_id]), ids)
        return [row for row in rows if row is not None]

    def _row(self, job_id: str, document: ObjectInfo, manifest: ObjectInfo) -> site.Listed | None:
        """None for a job that may not be public, or not any more: then its statistics are about to be deleted."""
        row = self._rows.get(job_id)
        if row is not None and (row.document, row.manifest) == (document.etag, manifest.etag):
            return row.listed
        statistics = publish.published(self._output, job_id)
        if statistics is None:
            return None
        completed_at = statistics.completed_at
        if completed_at is None or Input(key=manifest.key, etag=manifest.etag) not in statistics.inputs:
            try:
                entry = read_entry(self._store, manifest, job_id)
            except BrokenJob:
                # Whether it may be public is not known. Where this run was to compute it, its outcome says so.
                return None
            if not entry.publish:
                return None
            completed_at = entry.completed_at
        self.remember(document, manifest, statistics, completed_at)
        return self._rows[job_id].listed

    def _etag(self, key: str) -> str | None:
        try:
            info = self._output.stat(key)
        except NoSuchStore:
            return None
        return info.etag if info else None

    def _replace(self, key: str, document: Document, etag: str | None) -> None:
        self._output.replace(key, document.to_json(), etag=etag, content_type=publish.JSON)


def read_manifest(store: ObjectStore) -> tuple[dict[str, ObjectInfo], list[str]]:
    """Job id -> manifest entry, of all finished jobs; and the keys among them that name no job."""
    entries, strangers = {}, []
    for info in store.list(keys.MANIFEST_PREFIX.key()):
        if fields := keys.MANIFEST.parse(info.key):
            entries[fields["job_id"]] = info
        else:
            strangers.append(info.key)
    return entries, strangers
