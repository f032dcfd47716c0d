"""Run a job's steps in this process, and turn every end into a StepResult and an exit code."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import structlog

from debate_core import keys
from debate_core.documents.base import InvalidDocument
from debate_core.documents.debatejob import DebateJob
from debate_core.documents.step_result import StepResult
from debate_core.errors import InvalidJob, Misconfigured, StepError, StoreNotReachable
from debate_core.ids import InvalidName
from debate_core.reasons import ExitCode, Reason
from debate_core.steps import ANALYZE, FINISH, PREPARE, STEPS_OF_MODE, Step
from debate_core.store import NoSuchStore, ObjectStore, StoreAddressInvalid, StoreDenied, StoreError, StoreUnreachable
from debate_worker.analyze.step import analyze
from debate_worker.context import Context
from debate_worker.finish.step import finish
from debate_worker.prepare.step import prepare
from debate_worker.reporting import summary

RUNNERS: dict[str, Callable[[Context, int, int], StepResult]] = {
    PREPARE.name: lambda context, _shard, _shards: prepare(context),
    ANALYZE.name: analyze,
    FINISH.name: lambda context, _shard, _shards: finish(context),
}


def steps_to_run(job: DebateJob, only: str | None) -> Sequence[Step]:
    """The steps of the job's mode, or the one that was asked for. Raises InvalidJob for one that it has not."""
    steps = STEPS_OF_MODE[job.spec.mode]
    if only is None:
        return steps
    chosen = [step for step in steps if step.name == only]
    if not chosen:
        names = ", ".join(step.name for step in steps)
        raise InvalidJob(f"--step {only}: a job of mode {job.spec.mode} has the steps {names}")
    return chosen


def run_steps(context: Context, steps: Sequence[Step], shard: int, shards: int) -> StepResult:
    """Run the steps in order; the result of the last one, or of the one that failed. Raises no Exception."""
    log = structlog.get_logger()
    result = StepResult(step=steps[0].name, exit_code=ExitCode.DONE)
    for step in steps:
        started = time.monotonic()
        own_shard = shard if step is ANALYZE else 0
        try:
            with typed_errors():
                context.stop.check()
                result = RUNNERS[step.name](context, shard, shards)
                _keep(context.store, context.job_id, result)
        except StepError as error:
            result = failure(error, step.name, own_shard)
            _keep_failure(context, result)
            return result
        except Exception:
            log.exception(f"{step.name} failed: this is a bug in Debate Analyzer, please report it")
            result = StepResult(
                step=step.name,
                shard=own_shard,
                exit_code=ExitCode.INTERNAL_ERROR,
                reason=Reason.INTERNAL_ERROR,
                message=f"{step.name} failed by a bug: see the log of this run",
            )
            _keep_failure(context, result)
            return result
        log.info(summary(step.name, time.monotonic() - started, result.facts))
    return result


def failure(error: StepError, step: str, shard: int = 0) -> StepResult:
    """The result of a step that raised."""
    return StepResult(
        step=step,
        shard=shard,
        exit_code=error.exit_code,
        reason=error.reason,
        message=error.message,
        retry_after_seconds=error.retry_after_seconds,
    )


@contextmanager
def typed_errors() -> Iterator[None]:
    """What the store and the documents raise, as the StepError that says how the step ends."""
    try:
        yield
    except StoreUnreachable as error:
        raise StoreNotReachable(str(error)) from error
    except (StoreDenied, NoSuchStore) as error:
        raise Misconfigured(str(error)) from error
    except (StoreAddressInvalid, InvalidName) as error:
        raise InvalidJob(str(error)) from error
    except InvalidDocument as error:
        raise Misconfigured(f"a document in the store cannot be read: {error}") from error


def _keep(store: ObjectStore, job_id: str, result: StepResult) -> None:
    """The result into the store, and where Kubernetes reads a pod's last words."""
    store.put(keys.STEP_RESULT.key(job_id=job_id, step=result.step, shard=result.shard), result.to_json())
    if path := os.environ.get("DEBATE_TERMINATION_LOG"):
        Path(path).write_bytes(result.termination_message())


def _keep_failure(context: Context, result: StepResult) -> None:
    """As `_keep`, but a failure never hides behind another: an unreachable store must not cost the message."""
    if path := os.environ.get("DEBATE_TERMINATION_LOG"):
        Path(path).write_bytes(result.termination_message())
    if result.step == PREPARE.name:
        return  # prepare's result carries the facts that finish needs; a failed rerun must not overwrite them
    try:
        context.store.put(
            keys.STEP_RESULT.key(job_id=context.job_id, step=result.step, shard=result.shard), result.to_json()
        )
    except StoreError as error:
        structlog.get_logger().warning(f"the result could not be stored: {error}")
