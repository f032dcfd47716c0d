"""StepResult and Progress (DESIGN 5.4, 5.5): what a step tells the one who started it."""

from __future__ import annotations

from debate_core.documents.base import Document, Part, Seconds
from debate_core.reasons import Reason

TERMINATION_MESSAGE_BYTES = 3_500
"""Kubernetes keeps 4,096 bytes of a termination message, shared by the pod's containers."""


Facts = dict[str, str | int | float | bool | None]

_LONG_TEXT = 200
"""Characters of a fact: a link or a warning, which nobody but a later step reads, and that one in the store."""


class DoneStep(Part):
    """A later step that has nothing left to do, and what it would report."""

    step: str
    facts: Facts = {}
    outputs: dict[str, str] = {}


class StepResult(Document):
    """`work/<id>/results/<step>-<shard>.json`, and the same as the pod's termination message.

    done: of prepare, the steps after it that it found done, in their order. Who starts the steps need not start those.
    """

    schema_version: int = 1
    step: str
    shard: int = 0
    exit_code: int
    reason: Reason | None = None
    message: str = ""
    retry_after_seconds: float | None = None
    facts: Facts = {}
    outputs: dict[str, str] = {}
    done: list[DoneStep] = []

    def termination_message(self) -> bytes:
        """At most 3,500 bytes: the message is cut first, then long facts go, then all else that the store has too.

        Without `done` the steps after run, and find for themselves that they are done.
        """
        short = {
            name: fact for name, fact in self.facts.items() if not isinstance(fact, str) or len(fact) <= _LONG_TEXT
        }
        for smaller in (
            self,
            self.model_copy(update={"message": self.message[:500]}),
            self.model_copy(update={"message": self.message[:500], "facts": short}),
            self.model_copy(update={"message": self.message[:500], "facts": {}, "outputs": {}, "done": []}),
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
