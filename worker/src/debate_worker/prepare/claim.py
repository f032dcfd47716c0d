"""The claim on a job id: created once, so that two jobs never write into one another's results."""

from __future__ import annotations

from debate_core import keys
from debate_core.documents.debatejob import Metadata
from debate_core.documents.manifest import Owner
from debate_core.errors import JobIdTaken
from debate_core.store import ObjectExists, ObjectStore


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
            return found
        made = (keys.PLAN.key(job_id=job_id), keys.JOB.key(job_id=job_id))
        if found != mine.model_copy(update={"source_hash": found.source_hash}) or any(map(store.exists, made)):
            raise JobIdTaken(
                f"the job id {job_id} holds another source (claimed by {found.namespace}/{found.name}): choose another "
                f"metadata.name or spec.jobId, or delete it with `debate-worker delete --job-id {job_id}`"
            ) from None
        store.delete_prefix(keys.MEDIA_PREFIX.key(job_id=job_id))
        store.put(key, mine.to_json(), content_type="application/json")
    return mine
