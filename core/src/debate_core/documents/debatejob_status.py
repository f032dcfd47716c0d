"""The status of a DebateJob (DESIGN 5.1): written by the operator alone, read by whoever wants to know where it stands.

Everything has a default, so that the status of a job that nobody has looked at yet is `DebateJobStatus()`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from debate_core.reasons import Reason


class Phase(StrEnum):
    """Where a job stands, in one word.

    Pending: accepted or about to be, or waiting for the next try. Queued: a queue holds its Job back.
    Provisioning: its pod waits for a node or an image. Running: its pod runs. Suspended: by spec.suspend.
    """

    PENDING = "Pending"
    QUEUED = "Queued"
    PROVISIONING = "Provisioning"
    RUNNING = "Running"
    SUSPENDED = "Suspended"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"

    @property
    def is_terminal(self) -> bool:
        return self in {Phase.SUCCEEDED, Phase.FAILED}


class StepState(StrEnum):
    """Where one step stands. Waiting: its last Job has ended, the next one starts at `retryAt`."""

    PENDING = "Pending"
    QUEUED = "Queued"
    PROVISIONING = "Provisioning"
    RUNNING = "Running"
    WAITING = "Waiting"
    SUSPENDED = "Suspended"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"

    @property
    def has_job(self) -> bool:
        """Whether `job` names a Job whose end has not been counted yet."""
        return self in {StepState.QUEUED, StepState.PROVISIONING, StepState.RUNNING}


class _Part(BaseModel):
    # Unknown fields are ignored: a newer operator's status can be read by an older program.
    model_config = ConfigDict(extra="ignore", frozen=True, alias_generator=to_camel, populate_by_name=True)


class StepStatus(_Part):
    """One step of the current run.

    job: the Job of the last try; its trailing number only grows, over runs too. attempts: tries that count against
    spec.retry.attempts, the running one included. interruptions: tries that a lost node or an eviction ended.
    waits: tries that a busy source or an unreachable store ended, since the last that went further.
    waiting_since: the first of them. running_since: when a pod of the current Job was first seen to run.
    running_seconds: of the tries that have ended. retry_at: when the next Job starts. larger_gpu: the next Jobs ask for
    the larger class. windows: of the plan, as the step reported them.
    """

    name: str
    state: StepState = StepState.PENDING
    attempts: int = 0
    interruptions: int = 0
    waits: int = 0
    job: str | None = None
    started_at: AwareDatetime | None = None
    finished_at: AwareDatetime | None = None
    waiting_since: AwareDatetime | None = None
    retry_at: AwareDatetime | None = None
    running_since: AwareDatetime | None = None
    running_seconds: int = 0
    larger_gpu: bool = False
    windows: int | None = None
    reason: Reason | None = None
    message: str | None = None


class Display(_Part):
    """For the columns of `kubectl get` only: `62%`, `21s`, `4m02s`."""

    progress: str | None = None
    eta: str | None = None
    duration: str | None = None


class Outputs(_Part):
    """Keys in the store."""

    transcript: str | None = None
    words: str | None = None
    captions: str | None = None
    rttm: str | None = None
    report: str | None = None


class Result(_Part):
    """What the debate is."""

    duration_seconds: float | None = None
    speakers: int | None = None
    words: int | None = None
    language: str | None = None


class Publication(_Part):
    """What is public. publish: as in the manifest entry, which decides it. current: the statistics show that."""

    publish: bool
    current: bool = False


class Condition(_Part):
    """As metav1.Condition. type: Accepted, Running, Succeeded, Failed, Finished."""

    type: str
    status: str
    reason: str
    message: str = ""
    last_transition_time: AwareDatetime
    observed_generation: int | None = None


class DebateJobStatus(_Part):
    """DESIGN 5.1. attempts: the most that any step has used; interruptions: of all steps together."""

    phase: Phase | None = None
    step: str | None = None
    progress: int | None = None
    eta_seconds: int | None = None
    display: Display = Display()
    steps: list[StepStatus] = []
    job_id: str | None = None
    attempts: int = 0
    interruptions: int = 0
    observed_generation: int | None = None
    observed_run: int | None = None
    start_time: AwareDatetime | None = None
    completion_time: AwareDatetime | None = None
    reason: Reason | None = None
    message: str | None = None
    outputs: Outputs | None = None
    result: Result | None = None
    publication: Publication | None = None
    conditions: list[Condition] = Field(default=[])

    @classmethod
    def from_resource(cls, status: dict[str, Any] | None) -> Self:
        """What the API server has; a status that somebody made unreadable counts as none, and is written anew."""
        try:
            return cls.model_validate(status or {})
        except ValueError:
            return cls()

    def to_resource(self) -> dict[str, Any]:
        """As it is written: camelCase, times in UTC with `Z`, what is not known left out."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)

    def condition(self, kind: str) -> Condition | None:
        return next((condition for condition in self.conditions if condition.type == kind), None)

    @property
    def is_finished(self) -> bool:
        """At either end, by both of its signs: a phase alone that somebody edited by hand is no end."""
        finished = self.condition("Finished")
        return self.phase is not None and self.phase.is_terminal and finished is not None and finished.status == "True"
