"""`debate-worker undelete`: a deleted job, back from the older versions that its bucket keeps."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from debate_core import keys
from debate_core.documents.manifest import Owner
from debate_core.errors import InvalidJob
from debate_core.ids import InvalidName, check_job_id
from debate_core.store import ObjectStore, S3Store

_A_DELETE: Final = timedelta(hours=1)
"""The longest that one delete takes, from its first object to the claim."""


def undelete_job(store: ObjectStore, job_id: str, *, since: datetime | None = None) -> int:
    """Bring back a job's outputs, work and manifest entry; how many objects.

    since: only what was deleted from then on. None: what the last delete took, which ended with the claim; else an
    entry that was deleted before, to take the debate down, would make it public, and files of a job that had the id
    before would lie among this one's.

    The claim on the id comes last: until then the id may be taken, and an interrupted undelete can be run again.
    statistics/ is not brought back: the next `debate-stats run` writes it, where the manifest entry is public.
    Raises InvalidJob for what is no job id, a folder, and an id that is in use, and what the store raises.
    """
    try:
        check_job_id(job_id)
    except InvalidName as error:
        raise InvalidJob(str(error)) from error
    if not isinstance(store, S3Store):
        raise InvalidJob(f"{store.uri} is a folder, which keeps no versions: bring it back from your backup")
    claim = keys.OWNER.key(job_id=job_id)
    if store.exists(claim):
        owner = Owner.from_json(store.get(claim))
        raise InvalidJob(
            f"the job id {job_id} is in use (claimed by {owner.namespace}/{owner.name}): nothing was brought back; if "
            f"what is there now may go, delete it first with `debate-worker delete --job-id {job_id}`, and give --since"
        )
    places = [keys.JOB_PREFIX.key(job_id=job_id), keys.WORK_PREFIX.key(job_id=job_id)]
    before = _count(store, places)
    entry = keys.MANIFEST.key(job_id=job_id)
    entered = store.exists(entry)
    if since is None and (ended := store.deleted_at(claim)) is not None:
        since = ended - _A_DELETE
    for place in places:
        store.undelete(place, since=since, leave={claim})
    store.undelete(entry, since=since)
    store.undelete(claim, since=since)
    return _count(store, places) - before + (store.exists(entry) and not entered)


def _count(store: ObjectStore, places: list[str]) -> int:
    return sum(1 for place in places for _ in store.list(place))
