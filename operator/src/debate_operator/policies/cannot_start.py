"""A pod that Kubernetes says cannot start: a missing Secret, an image name that is none, no such service account.

Waiting for the pending deadline would hide the cause for half an hour; a short grace leaves room for a Secret that is
made a moment after the job.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from debate_operator.facts import JobFacts

BROKEN = frozenset(
    {"CreateContainerConfigError", "CreateContainerError", "ErrImageNeverPull", "FailedMount", "InvalidImageName"}
)


def trouble(job: JobFacts) -> str | None:
    """What Kubernetes says, or None. A quota that is used up is no trouble: it frees itself, as a node does."""
    for pod in job.pods:
        if pod.waiting_reason in BROKEN and pod.started_at is None:
            return f"{pod.waiting_reason}: {pod.waiting_message or 'no details'}"
    if job.trouble and not job.pods and "exceeded quota" not in job.trouble:
        return job.trouble
    return None


def ends_at(job: JobFacts, grace_seconds: float) -> datetime:
    """Counted from the first pod, or from the Job where none could be made."""
    since = min((pod.created_at for pod in job.pods if pod.created_at), default=job.started_at or job.created_at)
    return since + timedelta(seconds=grace_seconds)
