"""What the operator knows of the cluster, as plain data: the vocabulary between what is read, decided and done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from debate_core.documents.debatejob_status import DebateJobStatus
from debate_core.documents.step_result import Progress


@dataclass(frozen=True, slots=True)
class DebateJobFacts:
    """A DebateJob as the API server has it. spec: raw, not validated. generation: grows when the spec changes."""

    namespace: str
    name: str
    uid: str
    resource_version: str
    generation: int
    created_at: datetime
    spec: dict[str, Any]
    status: DebateJobStatus
    deleting: bool = False
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PodFacts:
    """The last known state of one pod of a Job.

    index: of an Indexed Job, else 0. started_at, finished_at: of the worker's container, None while not so.
    exit_code: of the container. terminated_reason: its `terminated.reason` (Completed, Error, OOMKilled ...).
    message: the termination message, raw. status_reason: `status.reason` (Evicted, NodeLost, Shutdown ...).
    disrupted: has the condition DisruptionTarget. deleting: has a deletionTimestamp.
    waiting_reason, waiting_message: why the container has not started (ImagePullBackOff, CreateContainerConfigError).
    unschedulable: what the scheduler says, None where the pod has a node.
    """

    name: str
    uid: str
    phase: Literal["Pending", "Running", "Succeeded", "Failed", "Unknown"]
    index: int = 0
    node: str | None = None
    created_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    exit_code: int | None = None
    terminated_reason: str | None = None
    message: str | None = None
    status_reason: str | None = None
    disrupted: bool = False
    deleting: bool = False
    waiting_reason: str | None = None
    waiting_message: str | None = None
    unschedulable: str | None = None


@dataclass(frozen=True, slots=True)
class JobFacts:
    """A Kubernetes Job that this DebateJob owns (its ownerReference has our uid).

    step, run, number: from labels, or from the name where somebody removed the labels. suspended: spec.suspend.
    finished: Complete, Failed, or None while neither. failure_reason: of the Failed condition (PodFailurePolicy,
    DeadlineExceeded, BackoffLimitExceeded, FailedIndexes ...). trouble: what Kubernetes says where it could not make
    a pod (the last FailedCreate event), or None. started_at: `status.startTime`, reset when a suspended Job resumes.
    """

    name: str
    uid: str
    step: str
    run: int
    number: int
    created_at: datetime
    started_at: datetime | None = None
    suspended: bool = False
    finished: Literal["Complete", "Failed"] | None = None
    failure_reason: str | None = None
    failure_message: str | None = None
    deleting: bool = False
    completions: int = 1
    pods: tuple[PodFacts, ...] = ()
    trouble: str | None = None


@dataclass(frozen=True, slots=True)
class Observed:
    """The cluster around one DebateJob at one moment.

    jobs: all Jobs that it owns. foreign: names of Jobs that stand where one of ours would, and are not ours.
    refused: what the API server said when it would not have the Job that the last decision asked for (422, 403).
    progress: what the worker's pods of a Job said last, by (job uid, shard).
    """

    jobs: tuple[JobFacts, ...] = ()
    foreign: frozenset[str] = frozenset()
    refused: str | None = None
    progress: dict[tuple[str, int], Progress] = field(default_factory=dict)

    def job(self, name: str | None) -> JobFacts | None:
        return next((job for job in self.jobs if job.name == name), None)

    @property
    def live(self) -> tuple[JobFacts, ...]:
        """Those that neither have ended nor are on their way out."""
        return tuple(job for job in self.jobs if job.finished is None and not job.deleting)


@dataclass(frozen=True, slots=True)
class Event:
    """What is told on the DebateJob (`kubectl describe`). reason: CamelCase; message: what happened, and what to do."""

    type: Literal["Normal", "Warning"]
    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What one pass does, in this order: deletes, then the creation, then one status write, then the events.

    create: the manifest of at most one Job. delete: Jobs, each with its uid as a precondition, Foreground.
    delete_self: the DebateJob itself (ttl). requeue_after_s: look again then, even if nothing is heard.
    """

    status: DebateJobStatus
    create: dict[str, Any] | None = None
    delete: tuple[JobFacts, ...] = ()
    events: tuple[Event, ...] = ()
    delete_self: bool = False
    requeue_after_s: float | None = None
