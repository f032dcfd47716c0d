"""What becomes public under `statistics/`, and what must be gone from there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from debate_core import keys
from debate_core.documents.base import InvalidDocument
from debate_core.documents.statistics import DebateStatistics
from debate_core.store import NoSuchStore, ObjectNotFound, ObjectStore
from debate_stats.document import AUDIO_MIME, public_keys
from debate_stats.inputs import BrokenJob, Sources

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


def present(output: ObjectStore) -> set[str]:
    """The keys under `statistics/`; none where the output does not exist yet."""
    try:
        return {info.key for info in output.list(keys.STAT_PREFIX.key())}
    except NoSuchStore:
        return set()


def jobs_present(present: Iterable[str]) -> set[str]:
    """The ids of the jobs of which something is public."""
    ids = set()
    for key in present:
        fields = keys.STAT_BY_JOB.parse(key) or keys.STAT_FILE.parse(key)
        if fields:
            ids.add(fields["job_id"])
    return ids


def published(output: ObjectStore, job_id: str, present: set[str]) -> DebateStatistics | None:
    """The statistics that are public now; None where there are none, or none that this release can read."""
    key = keys.STAT_BY_JOB.key(job_id=job_id)
    if key not in present:
        return None
    try:
        return DebateStatistics.from_json(output.get(key))
    except (InvalidDocument, ObjectNotFound):
        # Not an error: it is about to be written anew.
        return None


def publish(
    store: ObjectStore,
    output: ObjectStore,
    sources: Sources,
    statistics: DebateStatistics,
    previous: DebateStatistics | None,
    present: set[str],
) -> None:
    """Copy the job's files, then write its statistics, then delete copies that they no longer name.

    In this order no reader ever follows a link to a file that is not there. A file that `previous` was made from, and
    that is still there, is not copied again: the sound of a long debate is large. Raises BrokenJob.
    """
    job_id = sources.entry.job_id
    targets = public_keys(sources)
    copied = {item.key: item.etag for item in previous.inputs} if previous else {}
    for kind, info in sources.documents.items():
        if copied.get(info.key) == info.etag and targets[kind] in present:
            continue
        try:
            with store.open(info.key) as stream:
                output.put(targets[kind], stream, content_type=_MIME[kind])
        except ObjectNotFound as error:
            raise BrokenJob(f"{info.key} was deleted while it was read: run again.") from error
    output.put(keys.STAT_BY_JOB.key(job_id=job_id), statistics.to_json(), content_type=JSON)
    files = keys.STAT_FILES_PREFIX.key(job_id=job_id)
    for key in sorted(present - set(targets.values())):
        if key.startswith(files):
            output.delete(key)


def withdraw(output: ObjectStore, job_id: str, present: set[str]) -> bool:
    """Delete everything of a job under `statistics/`; whether there was anything."""
    if job_id not in jobs_present(present):
        return False
    output.delete(keys.STAT_BY_JOB.key(job_id=job_id))
    output.delete_prefix(keys.STAT_FILES_PREFIX.key(job_id=job_id))
    return True
