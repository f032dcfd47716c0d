"""The one table of steps. Operator and worker read it, so that a new step is a new row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a job.

    name: as in `--step` and in `status.steps`. after: the step whose result it needs.
    image: target of Dockerfile.worker. accelerator: what the pod asks for.
    fatal: False where failing it must not change the job's phase.
    share: percent of a job's time that it typically takes, for a progress over all steps; of all rows together 100.
    """

    name: str
    after: str | None
    image: Literal["cpu", "gpu"]
    accelerator: Literal["none", "gpu", "any"]
    fatal: bool
    share: int


PREPARE = Step("prepare", after=None, image="cpu", accelerator="none", fatal=True, share=10)
ANALYZE = Step("analyze", after="prepare", image="gpu", accelerator="gpu", fatal=True, share=85)
FINISH = Step("finish", after="analyze", image="cpu", accelerator="none", fatal=True, share=5)

STEPS: tuple[Step, ...] = (PREPARE, ANALYZE, FINISH)
BY_NAME: dict[str, Step] = {step.name: step for step in STEPS}

STEPS_OF_MODE: dict[str, tuple[Step, ...]] = {
    "Full": STEPS,
    "DownloadOnly": (PREPARE,),
    "TranscribeOnly": STEPS,
}
