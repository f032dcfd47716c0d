"""StepResult and Progress (DESIGN 5.4, 5.5): what a step tells the one who started it."""

from __future__ import annotations

from debate_core.documents.base import Document, Seconds
from debate_core.reasons import Reason

TERMINATION_MESSAGE_BYTES = 3_500
"""Kubernetes keeps 4,096 bytes of a termination message, shared by the pod's containers."""


class StepResult(Document):
    """`work/<id>/results/<step>-<shard>.json`, and the same as the pod's termination message."""

    schema_version: int = 1
    step: str
    shard: int = 0
    exit_code: int
    reason: Reason | None = None
    message: str = ""
    retry_after_seconds: float | None = None
    facts: dict[str, str | int | float | bool | None] = {}
    outputs: dict[str, str] = {}

    def termination_message(self) -> bytes:
        """At most 3,500 bytes: the message is cut first, then facts are left out; outputs can be read in the store."""
        for smaller in (
            self,
            self.model_copy(update={"message": self.message[:500]}),
            self.model_copy(update={"message": self.message[:500], "facts": {}, "outputs": {}}),
        ):
            data = smaller.to_json()
            if len(data) <= TERMINATION_MESSAGE_BYTES:
                return data
        raise AssertionError("a result without facts and outputs is always small")


class Progress(Document):
    """The body of `POST /progress`: absolute values, so that a lost one costs nothing."""

    job_uid: str
    step: str
    shard: int = 0
    done_seconds: Seconds
    total_seconds: Seconds
    eta_seconds: Seconds | None = None
