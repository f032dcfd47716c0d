"""What prepare finds done of the steps after it, so that nobody starts a pod, or buys a GPU, to find out.

Each looks itself, too, and ends early: a result of prepare that was not read costs pods, never a wrong result.
"""

from __future__ import annotations

from debate_core import keys
from debate_core.documents.job import JobRecord
from debate_core.documents.plan import Plan
from debate_core.documents.step_result import DoneStep, StepResult
from debate_core.steps import ANALYZE
from debate_worker.context import Context
from debate_worker.finish.step import enter, finished_before
from debate_worker.work import catalog_of, window_key


def all_done(context: Context, record: JobRecord) -> list[DoneStep]:
    """Of a finished job whose work/ has expired. Brings its manifest entry up to date, as finish does."""
    analyzed = _analyzed(context, record.windows, record.media.audio_seconds)
    return [analyzed, _done(enter(context.store, context.job, record, record.source.title))]


def done_of(context: Context, plan: Plan, told: StepResult) -> list[DoneStep]:
    """Of a job with a plan; told: prepare's result.

    A job that finish would leave as it is is done, whether its windows are still there or not.
    """
    finished = finished_before(context.store, context.job, plan, told.facts, catalog_of(context).entries)
    # Of a new job the first look-up ends it.
    if finished is None and not all(context.store.exists(window_key(plan.job_id, one)) for one in plan.windows):
        return []
    analyzed = _analyzed(context, len(plan.windows), plan.audio.duration_seconds)
    return [analyzed] if finished is None else [analyzed, _done(finished)]


def _analyzed(context: Context, windows: int, seconds: float) -> DoneStep:
    return DoneStep(
        step=ANALYZE.name,
        facts={"windows": windows, "windows_done_here": 0, "duration_seconds": seconds},
        outputs={"windows": keys.WINDOWS_PREFIX.key(job_id=context.job_id)},
    )


def _done(result: StepResult) -> DoneStep:
    return DoneStep(step=result.step, facts=result.facts, outputs=result.outputs)
