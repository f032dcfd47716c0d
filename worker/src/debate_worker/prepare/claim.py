"""The claim on a job id: created once, so that two jobs never write into one another's results."""

from __future__ import annotations

from debate_core import keys
from debate_core.documents.debatejob import Metadata
from debate_core.documents.manifest import Owner
from debate_core.errors import JobIdTaken
from debate_core.store import ObjectExists, ObjectStore


def claim(store: ObjectStore, job_id: str, metadata: Metadata, source_hash: str) -> Owner:
    """Claim `job_id` for this source, or find it claimed for the same source. Raises JobIdTaken otherwise."""
    key = keys.OWNER.key(job_id=job_id)
    mine = Owner(namespace=metadata.namespace, name=metadata.name, uid=metadata.uid, source_hash=source_hash)
    try:
        store.put(key, mine.to_json(), content_type="application/json", create_only=True)
    except ObjectExists:
        found = Owner.from_json(store.get(key))
        if found.source_hash != source_hash:
            raise JobIdTaken(
                f"the job id {job_id} holds another source (claimed by {found.namespace}/{found.name}): choose another "
                f"metadata.name or spec.jobId, or delete it with `debate-worker delete --job-id {job_id}`"
            ) from None
        return found
    return mine
