"""Run a job's steps in this process, and turn every end into a StepResult and an exit code."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import structlog

from debate_core import keys
from debate_core.documents.debatejob import DebateJob
from debate_core.documents.step_result import StepResult
from debate_core.errors import InvalidJob, StepError
from debate_core.reasons import ExitCode
from debate_core.steps import ANALYZE, FINISH, PREPARE, STEPS_OF_MODE, Step
from debate_core.store import ObjectStore, StoreError
from debate_worker.analyze.step import analyze
from debate_worker.context import Context
from debate_worker.ending import bug, failure, leave_last_words, scratch_errors, typed_errors
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
            with typed_errors(), scratch_errors(context.settings.cache):
                context.stop.check()
                result = RUNNERS[step.name](context, shard, shards)
                _keep(context.store, context.job_id, result)
        except StepError as error:
            result = failure(error, step.name, own_shard)
            _keep_failure(context, result)
            return result
        except Exception:
            log.exception(f"{step.name} failed: this is a bug in Debate Analyzer, please report it")
            result = bug(step.name, own_shard)
            _keep_failure(context, result)
            return result
        log.info(summary(step.name, time.monotonic() - started, result.facts))
    return result


def _keep(store: ObjectStore, job_id: str, result: StepResult) -> None:
    """The result into the store, and where Kubernetes reads a pod's last words."""
    store.put(keys.STEP_RESULT.key(job_id=job_id, step=result.step, shard=result.shard), result.to_json())
    leave_last_words(result)


def _keep_failure(context: Context, result: StepResult) -> None:
    """As `_keep`, but a failure never hides behind another: an unreachable store must not cost the message."""
    leave_last_words(result)
    if result.step == PREPARE.name:
        return  # prepare's result carries the facts that finish needs; a failed rerun must not overwrite them
    try:
        context.store.put(
            keys.STEP_RESULT.key(job_id=context.job_id, step=result.step, shard=result.shard), result.to_json()
        )
    except StoreError as error:
        structlog.get_logger().warning(f"the result could not be stored: {error}")
