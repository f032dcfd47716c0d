"""The finish step: reads what analyze left, writes everything that a person reads, and the manifest entry last.

Two objects say what is done. job.json, with the hash of all that decides the documents, is written once they are
complete; the manifest entry, by which everybody else finds them, after it. A run that is stopped in between goes on
from there, and a finished job costs a handful of look-ups. Where documents are written over others, job.json goes
first: until the last of them is new, no run may take the mixture for a result.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from debate_core import keys
from debate_core.documents.debatejob import DebateJob
from debate_core.documents.job import JobMedia, JobRecord, JobSource
from debate_core.documents.manifest import DocumentKeys, ManifestEntry
from debate_core.documents.models_index import ModelEntry
from debate_core.documents.plan import Plan
from debate_core.documents.step_result import StepResult
from debate_core.reasons import ExitCode
from debate_core.steps import FINISH
from debate_core.store import ObjectStore
from debate_worker.context import Context
from debate_worker.finish.documents import Documents, render
from debate_worker.finish.finished import documents_of, found_finished
from debate_worker.finish.parameters import Parameters
from debate_worker.finish.prepared import Prepared, WorkIncomplete
from debate_worker.finish.report import MediaFacts, model_notices
from debate_worker.finish.stored import (
    all_exist,
    document_keys,
    has_audio,
    put_audio,
    put_document,
    put_files,
    put_manifest_entry,
    read_document,
    read_windows,
)
from debate_worker.work import catalog_of, read_plan, read_result


def finish(context: Context) -> StepResult:
    """Finish the job; ends early where it is finished. Raises WorkIncomplete, Interrupted and what the store raises."""
    if (record := found_finished(context.store, context.job_id)) is not None:
        return enter(context.store, context.job, record, record.source.title)
    plan = read_plan(context.store, context.job_id)
    prepared = read_result(context.store, context.job_id, "prepare")
    if plan is None or prepared is None:
        raise WorkIncomplete(f"work/{context.job_id}/ has no plan and no result of prepare: run prepare again")

    def progress(done: float, total: float) -> None:
        context.stop.check()
        context.progress.update(FINISH.name, done, total)

    return finish_job(
        store=context.store,
        job=context.job,
        plan=plan,
        facts=prepared.facts,
        models=catalog_of(context).entries,
        now=context.clock,
        progress=progress,
        scratch=context.scratch,
    )


def finish_job(
    *,
    store: ObjectStore,
    job: DebateJob,
    plan: Plan,
    facts: Mapping[str, object],
    models: Sequence[ModelEntry],
    now: Callable[[], datetime],
    progress: Callable[[float, float], None],
    scratch: Path,
    parameters: Parameters | None = None,
) -> StepResult:
    """Do the step; the caller stores the result.

    facts: of prepare's result. models: entries of the models index, for their notices, and for the parameters where
    none are given. scratch: an existing folder, for the encoded sound. progress: is told (done, total) in seconds of
    audio, and may raise to stop; what is written then is complete, and the next run goes on.
    Raises WorkIncomplete where plan, windows and audio do not fit together, and what the store raises.
    """
    asked = _asked(plan, job, facts, models, parameters)
    documents = document_keys(plan)
    total = plan.audio.duration_seconds
    progress(0.0, total)

    record_key = keys.JOB.key(job_id=plan.job_id)
    record = read_document(store, record_key, JobRecord)
    if record is None or not _stands(store, record, asked, documents):
        rendered = render(
            plan, read_windows(store, plan), job.spec.diarization, asked.media, asked.notices, asked.parameters
        )
        if record is not None:
            store.delete(record_key)
        put_files(store, documents, rendered.files)
        if not has_audio(store, plan, record):
            put_audio(store, plan, scratch, lambda done: progress(min(done, total), total))
        record = _record(plan, asked.prepared, rendered, asked.sha256, now())
        put_document(store, record_key, record)

    result = enter(store, job, record, asked.prepared.title)
    progress(total, total)
    return result


def finished_before(
    store: ObjectStore, job: DebateJob, plan: Plan, facts: Mapping[str, object], models: Sequence[ModelEntry]
) -> StepResult | None:
    """What the step would report, where all its documents are what it would write; None where it has work to do.

    facts: of prepare's result. The manifest entry is written all the same: it alone may have to change.
    """
    record = read_document(store, keys.JOB.key(job_id=plan.job_id), JobRecord)
    if record is None:
        return None
    asked = _asked(plan, job, facts, models)
    if not _stands(store, record, asked, document_keys(plan)):
        return None
    return enter(store, job, record, asked.prepared.title)


def enter(store: ObjectStore, job: DebateJob, record: JobRecord, title: str) -> StepResult:
    """Write the manifest entry of a finished job; the result, from the record alone, is the same for every run."""
    documents = documents_of(record)
    while True:
        put_manifest_entry(
            store,
            ManifestEntry(
                job_id=record.job_id,
                title=title,
                source_url=job.spec.source.url,
                publish=job.spec.publish,
                completed_at=record.completed_at,
                documents=documents,
            ),
        )
        # Another process may have finished the same just now: the entry must be that of the record that stays.
        stays = read_document(store, keys.JOB.key(job_id=record.job_id), JobRecord)
        if stays is None or stays.inputs_sha256 != record.inputs_sha256 or stays == record:
            return _result(record, documents, job.spec.publish)
        record = stays


class _Asked(NamedTuple):
    """All that decides the documents of a job beside its windows; sha256: over that and the windows' hashes."""

    prepared: Prepared
    media: MediaFacts
    notices: list[str]
    parameters: Parameters
    sha256: str


def _asked(
    plan: Plan,
    job: DebateJob,
    facts: Mapping[str, object],
    models: Sequence[ModelEntry],
    parameters: Parameters | None = None,
) -> _Asked:
    parameters = parameters or Parameters.of(plan, models)
    prepared = Prepared.of(facts)
    media = MediaFacts(prepared.media_mime, prepared.container_seconds, prepared.warnings.splitlines())
    notices = model_notices(plan, models)
    return _Asked(prepared, media, notices, parameters, _inputs_sha256(plan, job, media, notices, parameters))


def _stands(store: ObjectStore, record: JobRecord, asked: _Asked, documents: DocumentKeys) -> bool:
    """Whether the record and all documents are what this job would write."""
    return record.inputs_sha256 == asked.sha256 and all_exist(store, documents)


def _inputs_sha256(plan: Plan, job: DebateJob, media: MediaFacts, notices: list[str], parameters: Parameters) -> str:
    """Over all that decides the documents. The windows are in it by the hashes that the plan gives them."""
    inputs = {
        "plan": hashlib.sha256(plan.to_json()).hexdigest(),
        "speakers": [job.spec.diarization.min_speakers, job.spec.diarization.max_speakers],
        "media": [media.mime, media.container_seconds, media.warnings],
        "notices": notices,
        "parameters": parameters.fingerprint(),
    }
    return hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()


def _record(plan: Plan, prepared: Prepared, rendered: Documents, inputs: str, completed_at: datetime) -> JobRecord:
    return JobRecord(
        job_id=plan.job_id,
        name=plan.name,
        request_hash=plan.request_hash,
        source=JobSource(
            kind=prepared.source_kind,
            location=prepared.source_location,
            etag=prepared.source_etag,
            title=prepared.title,
        ),
        media=JobMedia(
            key=prepared.media_key,
            mime=prepared.media_mime,
            bytes=prepared.media_bytes,
            container_seconds=prepared.container_seconds,
            audio_seconds=plan.audio.duration_seconds,
            audio_offset_seconds=plan.audio.offset_seconds,
            audio_sha256=plan.audio.sha256,
        ),
        language=rendered.language,
        transcription_model=plan.transcription.model,
        diarization_model=plan.diarization.model if plan.diarization else None,
        windows=len(plan.windows),
        speakers=rendered.speakers,
        words=rendered.words,
        inputs_sha256=inputs,
        versions={package: version(package) for package in ("debate-core", "debate-worker")},
        completed_at=completed_at,
    )


def _result(record: JobRecord, documents: DocumentKeys, publish: bool) -> StepResult:
    outputs = {
        "transcript": documents.transcript,
        "words": documents.words,
        "captions": documents.vtt,
        "rttm": documents.rttm,
        "report": documents.report,
    }
    return StepResult(
        step=FINISH.name,
        exit_code=ExitCode.DONE,
        facts={
            "windows": record.windows,
            "duration_seconds": record.media.audio_seconds,
            "speakers": record.speakers,
            "words": record.words,
            "language": record.language,
            "publish": publish,
        },
        outputs={name: key for name, key in outputs.items() if key is not None},
    )
