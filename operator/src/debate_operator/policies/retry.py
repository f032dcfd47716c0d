"""Retry: what follows an end. Attempts and interruptions have budgets of their own; waiting spends neither.

An attempt is spent by a failure of ours (a crash, out of memory), counted for each step. An interruption is a lost node
or an eviction, counted over all steps of a run. Exit codes 12 and 16 wait, until spec.deadlines.retrySeconds.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from debate_core.documents.debatejob import YEAR_SECONDS, DebateJobSpec
from debate_core.documents.debatejob_status import StepState, StepStatus
from debate_core.reasons import Reason
from debate_operator.facts import Event
from debate_operator.failures import End, Kind
from debate_operator.settings import Backoff, Settings
from debate_operator.status import whole


def after(
    end: End, step: StepStatus, interruptions: int, spec: DebateJobSpec, now: datetime, settings: Settings
) -> tuple[StepStatus, Event]:
    """The step after one of its Jobs has ended, and what is told. interruptions: of all steps so far, without this."""
    step = step.model_copy(
        update={
            "running_seconds": step.running_seconds + ran_seconds(step, now),
            "running_since": None,
            "reason": end.reason,
            "message": end.message or None,
        }
    )
    match end.kind:
        case Kind.DONE:
            return _done(end, step, now)
        case Kind.INTERRUPTION:
            return _interrupted(end, step, interruptions + 1, spec, now, settings.backoff)
        case Kind.WAITING:
            return _wait(end, step, spec, now, settings.backoff)
        case Kind.LARGER_GPU if settings.gpu.larger_node_selector and not step.larger_gpu:
            again = step.model_copy(
                update={"state": StepState.WAITING, "retry_at": now, "attempts": step.attempts - 1, "larger_gpu": True}
            )
            return again, Event("Warning", end.reason or "Failed", f"{end.message}: again on a larger GPU")
        case Kind.ATTEMPT:
            return _attempt_spent(end, step, spec, now, settings.backoff)
        case _:
            return fail(step, end.reason or Reason.INTERNAL_ERROR, end.message, now)


def fail(step: StepStatus, reason: Reason, message: str, now: datetime) -> tuple[StepStatus, Event]:
    """The step has failed for good."""
    failed = step.model_copy(
        update={
            "state": StepState.FAILED,
            "reason": reason,
            "message": message,
            "finished_at": now,
            "retry_at": None,
            "running_seconds": step.running_seconds + ran_seconds(step, now),
            "running_since": None,
        }
    )
    return failed, Event("Warning", reason, f"{step.name} failed: {message}")


def ran_seconds(step: StepStatus, now: datetime) -> int:
    """How long the current Job has been running, whole seconds."""
    return max(0, round((now - step.running_since).total_seconds())) if step.running_since else 0


def doubled(first_s: float, tries: int, maximum_s: float) -> float:
    """Seconds to wait after so many tries (from 1): first, twice that, and so on up to the maximum."""
    return min(maximum_s, first_s * 2.0 ** min(tries - 1, 30))


def _done(end: End, step: StepStatus, now: datetime) -> tuple[StepStatus, Event]:
    done = step.model_copy(
        update={
            "state": StepState.SUCCEEDED,
            "finished_at": now,
            "retry_at": None,
            "waits": 0,
            "waiting_since": None,
            "reason": None,
            "message": None,
            "windows": whole(end.result.facts.get("windows")) if end.result else None,
        }
    )
    return done, Event("Normal", "StepSucceeded", f"{step.name} is done")


def _interrupted(
    end: End, step: StepStatus, interruptions: int, spec: DebateJobSpec, now: datetime, backoff: Backoff
) -> tuple[StepStatus, Event]:
    step = step.model_copy(update={"attempts": step.attempts - 1, "interruptions": step.interruptions + 1})
    if interruptions > spec.retry.interruptions:
        message = (
            f"interrupted {interruptions} times, {spec.retry.interruptions} are allowed; last: {end.message}. "
            "What is done is kept: raise spec.run to go on"
        )
        return fail(step, Reason.INTERRUPTIONS_EXHAUSTED, message, now)
    delay_s = doubled(backoff.interruption_seconds, step.interruptions, backoff.interruption_max_seconds)
    message = f"{step.name} was interrupted, {end.message}: again in {delay_s:.0f} s, what is done is kept"
    return _again(step, now, delay_s), Event("Warning", "Interrupted", message)


def _wait(end: End, step: StepStatus, spec: DebateJobSpec, now: datetime, backoff: Backoff) -> tuple[StepStatus, Event]:
    since = step.waiting_since or now
    step = step.model_copy(update={"attempts": step.attempts - 1, "waits": step.waits + 1, "waiting_since": since})
    reason = end.reason or Reason.SOURCE_BUSY
    delay_s = end.retry_after_s
    if delay_s is None:
        delay_s = doubled(backoff.wait_seconds, step.waits, backoff.max_seconds)
    # Lengths, not dates: a worker's "again in 1e300 s", or a hand-edited time, is no date.
    delay_s = min(max(0.0, delay_s), YEAR_SECONDS)
    if (now - since).total_seconds() + delay_s > spec.deadlines.retry_seconds:
        message = f"{end.message} (tried for {spec.deadlines.retry_seconds} s: raise spec.run to try again)"
        return fail(step, reason, message, now)
    return _again(step, now, delay_s), Event("Warning", reason, f"{end.message}: {step.name} again in {delay_s:.0f} s")


def _attempt_spent(
    end: End, step: StepStatus, spec: DebateJobSpec, now: datetime, backoff: Backoff
) -> tuple[StepStatus, Event]:
    reason = end.reason or Reason.INTERNAL_ERROR
    if step.attempts >= spec.retry.attempts:
        message = f"{step.attempts} of {spec.retry.attempts} attempts failed; last: {end.message} ({reason})"
        return fail(step, Reason.ATTEMPTS_EXHAUSTED, message, now)
    delay_s = doubled(backoff.attempt_seconds, step.attempts, backoff.max_seconds)
    tries = f"attempt {step.attempts} of {spec.retry.attempts}"
    message = f"{step.name}, {tries}, failed: {end.message}; again in {delay_s:.0f} s"
    return _again(step, now, delay_s), Event("Warning", reason, message)


def _again(step: StepStatus, now: datetime, delay_s: float) -> StepStatus:
    return step.model_copy(update={"state": StepState.WAITING, "retry_at": now + timedelta(seconds=delay_s)})
