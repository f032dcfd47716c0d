"""The claim on a job id: created once, so that two jobs never write into one another's results. And the order kept."""

from __future__ import annotations

import json

from debate_core import keys
from debate_core.documents.debatejob import DebateJob, Metadata
from debate_core.documents.manifest import Owner
from debate_core.errors import JobIdTaken
from debate_core.store import ObjectExists, ObjectNotFound, ObjectStore


def claim(store: ObjectStore, job_id: str, metadata: Metadata, source_hash: str) -> Owner:
    """Claim `job_id` for this source, or find it claimed for the same source.

    The same owner may come with another source while nothing was made of the first: a file that could not be decoded
    is mended, and sent again under its name. Raises JobIdTaken otherwise.
    """
    key = keys.OWNER.key(job_id=job_id)
    mine = Owner(namespace=metadata.namespace, name=metadata.name, uid=metadata.uid, source_hash=source_hash)
    try:
        store.put(key, mine.to_json(), content_type="application/json", create_only=True)
    except ObjectExists:
        found = Owner.from_json(store.get(key))
        if found.source_hash == source_hash:
            if (found.namespace, found.name) != (mine.namespace, mine.name) or found.uid == mine.uid:
                return found
            # The DebateJob made again, so the one before is gone: what is deleted with it must know it as the owner.
            store.put(key, mine.to_json(), content_type="application/json")
            return mine
        made = (keys.PLAN.key(job_id=job_id), keys.JOB.key(job_id=job_id))
        if found != mine.model_copy(update={"source_hash": found.source_hash}) or any(map(store.exists, made)):
            raise JobIdTaken(
                f"the job id {job_id} holds another source (claimed by {found.namespace}/{found.name}): choose another "
                f"metadata.name or spec.jobId, or delete it with `debate-worker delete --job-id {job_id}`"
            ) from None
        store.delete_prefix(keys.MEDIA_PREFIX.key(job_id=job_id))
        store.put(key, mine.to_json(), content_type="application/json")
    return mine


def keep_order(store: ObjectStore, job_id: str, job: DebateJob) -> None:
    """Keep what the DebateJob asks for beside its claim, so that `debate-operator restore` can make it anew.

    Of a cluster's alone, which has a uid: a manifest on somebody's disk is not lost with a cluster. Written when it
    has changed, so that its time says since when it is so.
    """
    if not job.metadata.uid:
        return
    key = keys.ORDER.key(job_id=job_id)
    data = json.dumps(job.order(), ensure_ascii=False, indent=2, sort_keys=True).encode() + b"\n"
    try:
        kept = store.get(key)
    except ObjectNotFound:
        kept = None
    if kept != data:
        store.put(key, data, content_type="application/json")
