"""Pending deadline: a Job whose pods have not started within spec.deadlines.pendingSeconds ends the debate.

It counts while Kubernetes looks for a node and pulls images, not while a queue holds the Job back.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from debate_core.reasons import Reason
from debate_operator.facts import JobFacts

NO_IMAGE = frozenset({"ImagePullBackOff", "ErrImagePull"})


def is_pending(job: JobFacts) -> bool:
    """Nobody holds it back, and none of its pods has ever started."""
    return not job.suspended and all(pod.started_at is None for pod in job.pods)


def ends_at(job: JobFacts, pending_seconds: int) -> datetime:
    """started_at of a Job is when it was created, or released by its queue."""
    return (job.started_at or job.created_at) + timedelta(seconds=pending_seconds)


def waiting_for(job: JobFacts) -> str:
    """What it waits for, in the words of the one who knows: the scheduler, the kubelet, the Job controller."""
    for pod in job.pods:
        if pod.unschedulable:
            return f"no node yet: {pod.unschedulable}"
        if pod.waiting_reason and pod.waiting_reason != "ContainerCreating":
            return f"{pod.waiting_reason}: {pod.waiting_message or 'no details'}"
        if pod.node:
            return f"the image is being fetched on {pod.node}"
    return job.trouble or "its pod is being made"


def verdict(job: JobFacts, pending_seconds: int) -> tuple[Reason, str]:
    """Why it failed, once the deadline has passed."""
    no_image = any(pod.waiting_reason in NO_IMAGE for pod in job.pods)
    return (
        Reason.MISCONFIGURED if no_image else Reason.NO_CAPACITY,
        f"no pod started within {pending_seconds} s ({waiting_for(job)}): "
        + (
            "correct the image in the operator's settings"
            if no_image
            else "make room or raise spec.deadlines.pendingSeconds, then raise spec.run"
        ),
    )
