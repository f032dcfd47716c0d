"""Where a GPU step looks for its node: on-demand after too many interruptions, a larger class after exit code 15."""

from __future__ import annotations

from debate_core.documents.debatejob import Retry
from debate_core.documents.debatejob_status import StepStatus
from debate_operator.settings import GpuSettings, Selector


def escalation(step: StepStatus, interruptions: int, retry: Retry, gpu: GpuSettings) -> Selector:
    """What goes over every other node selector of the step's next Job. interruptions: of all steps of this run."""
    larger = gpu.larger_node_selector if step.larger_gpu else {}
    return larger | (gpu.on_demand_node_selector if gives_up_spot(interruptions, retry) else {})


def gives_up_spot(interruptions: int, retry: Retry) -> bool:
    """0 means on-demand from the start."""
    return interruptions >= retry.on_demand_after
