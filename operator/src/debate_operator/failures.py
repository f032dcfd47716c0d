"""How a Job ended, from typed facts: exit codes, conditions, reasons of the API. No text of another program decides.

DESIGN 7: a lost or deleted pod, an eviction, a DisruptionTarget and exit code 75 are interruptions; exit codes 12
and 16 wait; 10, 11, 13, 14 are final, and the Job's own reason PodFailurePolicy proves it where the pod is gone; 15
asks for a larger GPU; all else is a failed attempt.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from debate_core.documents.base import InvalidDocument
from debate_core.documents.step_result import StepResult
from debate_core.reasons import ExitCode, Reason
from debate_operator.facts import JobFacts, PodFacts

LOST_POD: Final = frozenset(
    {"Evicted", "NodeLost", "NodeShutdown", "NodeAffinity", "Preempting", "Shutdown", "Terminated"}
)
"""`status.reason` of a pod that its node, not its program, ended."""
LOST_CONTAINER: Final = "ContainerStatusUnknown"
"""A container's reason where its node came back, after a restart, and knew it no more; its exit code is 137 then."""

SIGKILL: Final = 137
SIGNALS: Final = frozenset({None, SIGKILL, 143})
"""Exit codes of a container that SIGKILL or SIGTERM ended, or that never started."""

MORE_MEMORY: Final = "give it a larger spec.podOverrides.resources.limits.memory"

_REASONS: Final = {
    ExitCode.INVALID_JOB: Reason.INVALID_SPEC,
    ExitCode.SOURCE_UNAVAILABLE: Reason.SOURCE_UNAVAILABLE,
    ExitCode.SOURCE_BUSY: Reason.SOURCE_BUSY,
    ExitCode.MEDIA_UNDECODABLE: Reason.MEDIA_UNDECODABLE,
    ExitCode.MISCONFIGURED: Reason.MISCONFIGURED,
    ExitCode.GPU_OUT_OF_MEMORY: Reason.GPU_OUT_OF_MEMORY,
    ExitCode.STORE_UNREACHABLE: Reason.STORE_UNREACHABLE,
}


class Kind(IntEnum):
    """What an end means; of several pods' ends the highest is the Job's."""

    DONE = 0
    INTERRUPTION = 1
    WAITING = 2
    ATTEMPT = 3
    LARGER_GPU = 4
    FINAL = 5


@dataclass(frozen=True, slots=True)
class End:
    """The end of one Job. result: what the step reported, where it could be read."""

    kind: Kind
    reason: Reason | None = None
    message: str = ""
    retry_after_s: float | None = None
    result: StepResult | None = None


def classify(job: JobFacts | None) -> End:
    """The end of a Job that is finished, or gone (None)."""
    if job is None:
        return End(Kind.INTERRUPTION, message="its Job is gone: somebody deleted it")
    if job.finished == "Complete":
        return _complete(job)
    ends = [pod_end(pod) for pod in job.pods if pod.phase != "Succeeded"]
    worst = max(ends, key=lambda end: end.kind, default=None)
    if job.failure_reason == "PodFailurePolicy":
        return worst if worst is not None and worst.kind is Kind.FINAL else _final_without_pod(job)
    if job.failure_reason == "DeadlineExceeded":
        return End(Kind.FINAL, Reason.DEADLINE_EXCEEDED, "its Job ran into activeDeadlineSeconds")
    return worst or End(Kind.INTERRUPTION, message="its pod is gone: the node was lost, or somebody deleted it")


def pod_end(pod: PodFacts) -> End:
    """The end of a pod that did not succeed."""
    code = pod.exit_code
    if pod.terminated_reason == "OOMKilled":
        return End(
            Kind.ATTEMPT,
            Reason.OUT_OF_MEMORY,
            f"the pod ran out of memory: {MORE_MEMORY}",
        )
    lost = pod.status_reason in LOST_POD or pod.terminated_reason == LOST_CONTAINER
    if code in (0, *SIGNALS) and (pod.disrupted or pod.deleting or lost or code is None):
        return End(Kind.INTERRUPTION, message=_lost(pod))
    if code == ExitCode.INTERRUPTED:
        return End(Kind.INTERRUPTION, message=_lost(pod))
    result = read_result(pod)
    known = _known(code)
    reason = _REASONS.get(known, Reason.INTERNAL_ERROR)
    if result is not None and result.exit_code == code:
        # JobIdTaken is the one reason that is finer than its exit code.
        reason = result.reason or reason
        message, after = result.message, result.retry_after_seconds
    else:
        result, after = None, None
        message = _without_words(pod)
    if known.is_final:
        return End(Kind.FINAL, reason, message)
    if known.is_waiting:
        return End(Kind.WAITING, reason, message, retry_after_s=after)
    if known is ExitCode.GPU_OUT_OF_MEMORY:
        return End(Kind.LARGER_GPU, reason, message)
    return End(Kind.ATTEMPT, reason, message)


def _without_words(pod: PodFacts) -> str:
    """What there is to say of a container that left no message."""
    if pod.exit_code == SIGKILL:
        # containerd may miss the kernel's notice (containerd/containerd#8893), and says Error then.
        return f"the container was killed, most likely because it ran out of memory: {MORE_MEMORY}"
    return f"the container ended with exit code {pod.exit_code} and left no message: see `kubectl logs {pod.name}`"


def read_result(pod: PodFacts) -> StepResult | None:
    """The StepResult that a pod left as its termination message; None where it cannot be read."""
    try:
        return StepResult.from_json(pod.message) if pod.message else None
    except InvalidDocument:
        return None


def _complete(job: JobFacts) -> End:
    results = [result for pod in job.pods if (result := read_result(pod)) is not None and result.exit_code == 0]
    if results:
        return End(Kind.DONE, result=min(results, key=lambda result: result.shard))
    if not job.pods:
        return End(Kind.INTERRUPTION, message="it is done, but its pod is gone and its result with it: asked again")
    return End(
        Kind.ATTEMPT, Reason.INTERNAL_ERROR, f"it ended well but left no result: see `kubectl logs job/{job.name}`"
    )


def _final_without_pod(job: JobFacts) -> End:
    """That it is final is proven by the reason; which of the four it was stands in the Job's message alone."""
    match = re.search(r"exit code (\d+)", job.failure_message or "")
    reason = _REASONS.get(_known(int(match[1]) if match else None), Reason.INTERNAL_ERROR)
    return End(Kind.FINAL, reason, "it failed for good and its pod is gone with the details: raise spec.run")


def _known(code: int | None) -> ExitCode:
    """The exit code as one of ours; what no step says itself (a signal's, a shell's) counts as a bug's."""
    return ExitCode(code) if code in set(ExitCode) else ExitCode.INTERNAL_ERROR


def _lost(pod: PodFacts) -> str:
    why = pod.status_reason or ("disrupted" if pod.disrupted else "stopped")
    return f"its pod on {pod.node or 'no node'} was lost ({why})"
