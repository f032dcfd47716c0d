"""What becomes public under `statistics/`, and what must be gone from there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from debate_core import keys
from debate_core.documents.base import InvalidDocument
from debate_core.documents.statistics import DebateStatistics, Input
from debate_core.store import NoSuchStore, ObjectInfo, ObjectNotFound, ObjectStore
from debate_stats.document import AUDIO_MIME, public_keys
from debate_stats.inputs import BrokenJob, Sources
from debate_stats.published import Published

JSON: Final = "application/json"
_MIME: Final = {
    "transcript": JSON,
    "words": JSON,
    "report": JSON,
    "vtt": "text/vtt; charset=utf-8",
    "srt": "application/x-subrip; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
    "rttm": "text/plain; charset=utf-8",
    "audio": AUDIO_MIME,
}


@dataclass(slots=True)
class Copies:
    """What of one job is under `statistics/`. files: key -> object."""

    by_job: ObjectInfo | None = None
    files: dict[str, ObjectInfo] = field(default_factory=dict)


def present(output: ObjectStore) -> dict[str, Copies]:
    """Job id -> what of it is public now; nothing where the output does not exist yet."""
    return _copies(output, keys.STAT_PREFIX.key())


def present_of(output: ObjectStore, job_id: str) -> Copies:
    """What of one job is public now."""
    by_job = keys.STAT_BY_JOB.key(job_id=job_id)
    try:
        found = Copies(by_job=output.stat(by_job))
        files = output.list(keys.STAT_FILES_PREFIX.key(job_id=job_id))
        found.files = {info.key: info for info in files if keys.STAT_FILE.parse(info.key)}
    except NoSuchStore:
        return Copies()
    return found


def documents_present(output: ObjectStore) -> dict[str, ObjectInfo]:
    """Job id -> its statistics, of every job that has some."""
    copies = _copies(output, keys.STAT_BY_JOB_PREFIX.key())
    return {job_id: copy.by_job for job_id, copy in copies.items() if copy.by_job is not None}


def published(output: ObjectStore, job_id: str) -> Published | None:
    """The statistics that are public now; None where there are none, or none that this release can read."""
    try:
        return Published.from_json(output.get(keys.STAT_BY_JOB.key(job_id=job_id)))
    except (InvalidDocument, ObjectNotFound, NoSuchStore):
        # Not an error: it is about to be written anew.
        return None


def publish(
    store: ObjectStore,
    output: ObjectStore,
    sources: Sources,
    statistics: DebateStatistics,
    copies: Copies,
    copied: Iterable[Input],
) -> ObjectInfo:
    """Copy the job's files, then write its statistics, then delete copies that they no longer name; the statistics.

    In this order no reader ever follows a link to a file that is not there. copied: what the public files are copies
    of; one that is still the same is not copied again, for the sound of a long debate is large. Raises BrokenJob, and
    ObjectChanged where somebody else has written or deleted the statistics since `copies` was looked up: whatever was
    copied may then be older than theirs.
    """
    job_id = sources.entry.job_id
    targets = public_keys(sources)
    before = {item.key: item.etag for item in copied}
    for kind, info in sources.documents.items():
        target = copies.files.get(targets[kind])
        if target is not None and target.size == info.size and before.get(info.key) == info.etag:
            continue
        try:
            with store.open(info.key) as stream:
                output.put(targets[kind], stream, content_type=_MIME[kind])
        except ObjectNotFound as error:
            raise BrokenJob(f"{info.key} was deleted while it was read: run again.") from error
    etag = copies.by_job.etag if copies.by_job else None
    written = output.replace(keys.STAT_BY_JOB.key(job_id=job_id), statistics.to_json(), etag=etag, content_type=JSON)
    for key in sorted(copies.files.keys() - targets.values()):
        output.delete(key)
    return written


def withdraw(output: ObjectStore, job_id: str) -> None:
    """Delete everything of a job under `statistics/` but its row in the list, which must be gone before."""
    output.delete(keys.STAT_BY_JOB.key(job_id=job_id))
    output.delete_prefix(keys.STAT_FILES_PREFIX.key(job_id=job_id))


def _copies(output: ObjectStore, prefix: str) -> dict[str, Copies]:
    found: dict[str, Copies] = {}
    try:
        for info in output.list(prefix):
            if fields := keys.STAT_BY_JOB.parse(info.key):
                found.setdefault(fields["job_id"], Copies()).by_job = info
            elif fields := keys.STAT_FILE.parse(info.key):
                found.setdefault(fields["job_id"], Copies()).files[info.key] = info
    except NoSuchStore:
        return {}
    return found
