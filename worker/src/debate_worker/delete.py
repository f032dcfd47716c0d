"""`debate-worker delete`: everything that a job left in the store."""

from __future__ import annotations

from debate_core import keys
from debate_core.documents.manifest import Owner
from debate_core.errors import InvalidJob
from debate_core.ids import InvalidName, check_job_id
from debate_core.store import NoSuchStore, ObjectNotFound, ObjectStore


def delete_job(store: ObjectStore, job_id: str, *, owner_uid: str | None = None) -> int:
    """Delete all objects of a job; how many there were. Only a bucket that keeps versions can bring them back.

    owner_uid: delete nothing unless the claim is this DebateJob's. One that was refused the id (JobIdTaken) must not
    take the other's results with it when it goes.

    What points to the job goes first and its claim on the id last, so that an interruption leaves neither a link to
    nothing nor leftovers that another job could be taken to own: run it again to go on. statistics/index.json, which
    all jobs share, names the job until the next `debate-stats run` writes it again.
    Raises InvalidJob for what is no job id and where there is no store, and what the store raises.
    """
    try:
        check_job_id(job_id)
    except InvalidName as error:
        raise InvalidJob(str(error)) from error
    try:
        if owner_uid is not None and _owner_uid(store, job_id) != owner_uid:
            return 0
        deleted = sum(_delete(store, template.key(job_id=job_id)) for template in (keys.MANIFEST, keys.STAT_BY_JOB))
        deleted += store.delete_prefix(keys.STAT_FILES_PREFIX.key(job_id=job_id))
        deleted += store.delete_prefix(keys.WORK_PREFIX.key(job_id=job_id))
        prefix = keys.JOB_PREFIX.key(job_id=job_id)
        names = (info.key.removeprefix(prefix) for info in store.list(prefix))
        for folder in sorted({name.split("/")[0] for name in names if "/" in name}):
            deleted += store.delete_prefix(f"{prefix}{folder}/")
        return deleted + store.delete_prefix(prefix)
    except NoSuchStore as error:
        raise InvalidJob(str(error)) from error


def _owner_uid(store: ObjectStore, job_id: str) -> str | None:
    try:
        return Owner.from_json(store.get(keys.OWNER.key(job_id=job_id))).uid
    except ObjectNotFound:
        return None


def _delete(store: ObjectStore, key: str) -> int:
    if not store.exists(key):
        return 0
    store.delete(key)
    return 1
