"""deletionPolicy DeleteOutputs: when a DebateJob is deleted, what it made in the store goes too.

There is no finalizer that could block a deletion: the operator that sees the job go creates the Job that deletes. Where
no operator runs at that moment, the outputs stay: they are never lost by mistake. A ttl never deletes outputs.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from debate_core.documents.debatejob import DebateJob
from debate_core.errors import InvalidJob
from debate_operator.facts import DebateJobFacts
from debate_operator.manifests import deletion_manifest
from debate_operator.policies import ttl
from debate_operator.settings import Settings


def job_for(
    gone: DebateJobFacts, others: Iterable[DebateJobFacts], now: datetime, settings: Settings
) -> dict[str, Any] | None:
    """The Job that deletes the outputs of a DebateJob that is gone; None where they stay.

    They stay if the spec says so or never ran, if its ttl was up, and if one of the others has the same job id by now.
    """
    if gone.spec.get("deletionPolicy") != "DeleteOutputs" or gone.status.job_id is None:
        return None
    if any(other.status.job_id == gone.status.job_id for other in others):
        return None
    try:
        spec = DebateJob.from_resource({"metadata": {"name": gone.name, "uid": gone.uid}, "spec": gone.spec}).spec
    except InvalidJob:
        return None
    if gone.status.is_finished:
        left_s = ttl.remaining_s(gone.status, spec.ttl, now)
        if left_s is not None and left_s <= 0:
            return None
    return deletion_manifest(gone, spec, gone.status.job_id, settings)
