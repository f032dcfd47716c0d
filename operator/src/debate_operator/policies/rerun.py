"""Re-run: a larger spec.run starts again with fresh budgets; the steps find what is done in the store."""

from __future__ import annotations

from collections.abc import Sequence

from debate_core.documents.debatejob import DebateJobSpec
from debate_core.documents.debatejob_status import DebateJobStatus, StepStatus
from debate_core.steps import Step


def is_new_run(status: DebateJobStatus, spec: DebateJobSpec) -> bool:
    """True for the first run, too."""
    return status.observed_run is None or spec.run > status.observed_run


def fresh_steps(status: DebateJobStatus, rows: Sequence[Step]) -> list[StepStatus]:
    """All steps from the start. The names of the last Jobs stay, because their numbers only grow."""
    before = {step.name: step.job for step in status.steps}
    return [StepStatus(name=row.name, job=before.get(row.name)) for row in rows]
