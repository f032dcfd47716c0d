"""What lies under work/<id>/ between the steps, and the models that it was made with."""

from __future__ import annotations

from faster_whisper.tokenizer import _LANGUAGE_CODES

from debate_core import keys
from debate_core.documents.base import InvalidDocument
from debate_core.documents.debatejob import DebateJob
from debate_core.documents.models_index import ModelEntry
from debate_core.documents.plan import Diarization, Plan, PlannedModel, PlannedWindow, Transcription
from debate_core.documents.step_result import StepResult
from debate_core.errors import InvalidJob
from debate_core.steps import ANALYZE, STEPS_OF_MODE
from debate_core.store import ObjectNotFound, ObjectStore
from debate_worker.context import Context
from debate_worker.models import ModelCatalog

BEAM_SIZE = 5
"""Whisper's own default for its reported results."""


def needs_models(job: DebateJob) -> bool:
    """Whether anything of the job is analyzed: mode DownloadOnly is not."""
    return ANALYZE in STEPS_OF_MODE[job.spec.mode]


def catalog_of(context: Context) -> ModelCatalog:
    """The models of a job that needs them."""
    assert context.catalog is not None
    return context.catalog


def planned_models(context: Context) -> tuple[Transcription, Diarization | None]:
    """The models that the job asks for, by content.

    Raises Misconfigured where the catalogue lacks one, InvalidJob for a language that Whisper does not have.
    """
    spec = context.job.spec
    if spec.language not in ("auto", *_LANGUAGE_CODES):
        raise InvalidJob(f"language {spec.language}: Whisper does not know it; give a code such as en or cs, or auto")
    model = catalog_of(context).transcription(spec.transcription.model)
    transcription = Transcription(
        model=_planned(model),
        task=spec.transcription.task,
        language=spec.language,
        hotwords=spec.transcription.hotwords,
        max_clip_seconds=model.parameters.max_clip_seconds,
        beam_size=BEAM_SIZE,
    )
    if not spec.diarization.enabled:
        return transcription, None
    entry = catalog_of(context).diarization()
    return transcription, Diarization(model=_planned(entry), max_speakers=spec.diarization.max_speakers)


def require_models(context: Context) -> None:
    """Look that the files of the job's models are where its index says, without reading them. Raises Misconfigured."""
    catalog, spec = catalog_of(context), context.job.spec
    catalog.require(catalog.transcription(spec.transcription.model))
    if spec.diarization.enabled:
        catalog.require(catalog.diarization())


def _planned(entry: ModelEntry) -> PlannedModel:
    return PlannedModel(repo=entry.repo, revision=entry.revision, digest=entry.digest)


def read_plan(store: ObjectStore, job_id: str) -> Plan | None:
    """The plan in the store; None where there is none, or one that this release cannot read and must make anew."""
    try:
        return Plan.from_json(store.get(keys.PLAN.key(job_id=job_id)))
    except (ObjectNotFound, InvalidDocument):
        return None


def window_key(job_id: str, window: PlannedWindow) -> str:
    """Where its document is, as soon as the window is done."""
    return keys.WINDOW.key(job_id=job_id, index=window.index, hash=window.hash)


def read_result(store: ObjectStore, job_id: str, step: str) -> StepResult | None:
    """What a step reported (shard 0); None where there is nothing to read."""
    try:
        return StepResult.from_json(store.get(keys.STEP_RESULT.key(job_id=job_id, step=step, shard=0)))
    except (ObjectNotFound, InvalidDocument):
        return None
