"""The worker's steps in this process: many odd inputs in little time, with their exit codes and last words."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from worker_process import ROOT

from debate_core import keys
from debate_core.documents.debatejob import DebateJob
from debate_core.documents.plan import Plan
from debate_core.documents.step_result import StepResult
from debate_core.errors import StepError
from debate_core.store import ObjectStore, open_store
from debate_worker.context import Context, Settings
from debate_worker.ending import failure, typed_errors
from debate_worker.models import ModelCatalog
from debate_worker.run import run_steps, steps_to_run

MODELS = ROOT / "examples" / "models"


class Unseen:
    """Nobody looks on."""

    def update(self, step: str, done: float, total: float, note: str = "") -> None:
        pass


def run_job(
    source: Mapping[str, object],
    folder: Path,
    *,
    job_id: str = "odd",
    store: ObjectStore | None = None,
    models: str = str(MODELS),
    step: str | None = "prepare",
    **more: object,
) -> StepResult:
    """Run a job as `debate-worker run` would, with store, scratch and cache in `folder`; how it ended."""
    spec = {"source": source, "transcription": {"model": "whisper-demo"}} | more
    job = DebateJob.model_validate({"metadata": {"name": job_id}, "spec": spec})
    try:
        with typed_errors():
            catalog = ModelCatalog.open(models)
    except StepError as error:
        return failure(error, "run")
    scratch = folder / "cache" / "scratch"
    scratch.mkdir(parents=True, exist_ok=True)
    context = Context(
        job=job,
        job_id=job_id,
        store=store or open_store(str(folder / "store")),
        catalog=catalog,
        settings=Settings(cache=folder / "cache"),
        base=folder,
        scratch=scratch,
        progress=Unseen(),
    )
    return run_steps(context, steps_to_run(job, step), 0, 1)


def plan_of(store: ObjectStore, job_id: str = "odd") -> Plan:
    return Plan.from_json(store.get(keys.PLAN.key(job_id=job_id)))


def samples_of(store: ObjectStore, job_id: str = "odd") -> np.ndarray:
    return np.frombuffer(store.get(keys.WORK_AUDIO.key(job_id=job_id)), "<i2")


def files_of(folder: Path) -> set[str]:
    """Every file below a store's folder, those that no key can name among them: what a writer left half-done."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}
