"""finish: reads what analyze left, writes everything that a person reads, and the manifest entry last.

Two objects say what is done. job.json, with the hash of all that decides the documents, is written once they are
complete; the manifest entry, by which everybody else finds them, after it. A run that is stopped in between goes on
from there, and a finished job costs a handful of look-ups.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar

from debate_core import keys, steps
from debate_core.documents.base import Document, InvalidDocument
from debate_core.documents.debatejob import DebateJob
from debate_core.documents.job import JobMedia, JobRecord, JobSource
from debate_core.documents.manifest import DocumentKeys, ManifestEntry
from debate_core.documents.models_index import ModelEntry
from debate_core.documents.plan import Plan, PlannedWindow
from debate_core.documents.step_result import StepResult
from debate_core.documents.window import WindowResult
from debate_core.reasons import ExitCode
from debate_core.store import ObjectNotFound, ObjectStore
from debate_worker.finish.audio import encode_m4a
from debate_worker.finish.documents import render
from debate_worker.finish.parameters import Parameters
from debate_worker.finish.prepared import Prepared, WorkIncomplete
from debate_worker.finish.report import MediaFacts

Progress = Callable[[float, float], None]
"""Told (done, total), in seconds of audio."""

CONTENT_TYPES = {
    "transcript": "application/json",
    "words": "application/json",
    "report": "application/json",
    "vtt": "text/vtt; charset=utf-8",
    "srt": "application/x-subrip; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
    "rttm": "text/plain; charset=utf-8",
    "audio": "audio/mp4",
}

_PCM_PART_BYTES = 1 << 20  # 33 s of audio

AnyDocument = TypeVar("AnyDocument", bound=Document)


def finish(
    *,
    store: ObjectStore,
    job: DebateJob,
    job_id: str,
    plan: Plan,
    facts: Mapping[str, object],
    models: Sequence[ModelEntry],
    now: Callable[[], datetime],
    progress: Progress,
    scratch: Path,
    parameters: Parameters | None = None,
) -> StepResult:
    """Do the step; the caller stores the result.

    facts: of prepare's step result. models: entries of the models index, for their notices. scratch: an existing
    folder, for the encoded sound. progress may raise, to stop; nothing half is left then.
    Raises WorkIncomplete where plan, windows or audio do not fit together, and what the store raises.
    """
    parameters = parameters or Parameters()
    prepared = Prepared.of(facts)
    media = MediaFacts(prepared.media_mime, prepared.container_seconds, prepared.warnings.splitlines())
    documents = document_keys(plan)
    total = plan.audio.duration_seconds
    progress(0.0, total)

    inputs = _inputs_sha256(plan, job, media, models, parameters)
    record = _read(store, keys.JOB.key(job_id=job_id), JobRecord)
    if record is None or record.inputs_sha256 != inputs or not _all_exist(store, documents):
        windows = read_windows(store, plan)
        rendered = render(plan, windows, job.spec.diarization, media, models, parameters)
        for field, data in rendered.files.items():
            store.put(getattr(documents, field), data, content_type=CONTENT_TYPES[field])
        if not _has_audio(store, documents, record, plan):
            _put_audio(store, plan, documents, scratch, progress)
        record = JobRecord(
            job_id=job_id,
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
                audio_seconds=total,
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
            completed_at=now(),
        )
        _put_document(store, keys.JOB.key(job_id=job_id), record)

    _publish(
        store,
        ManifestEntry(
            job_id=job_id,
            title=prepared.title,
            source_url=job.spec.source.url,
            publish=job.spec.publish,
            completed_at=record.completed_at,
            documents=documents,
        ),
    )
    progress(total, total)
    return _result(record, documents)


def document_keys(plan: Plan) -> DocumentKeys:
    """The keys of all documents that a finished job of this plan has."""
    of = {"job_id": plan.job_id, "name": plan.name}
    return DocumentKeys(
        transcript=keys.TRANSCRIPT.key(**of),
        words=keys.WORDS.key(**of),
        vtt=keys.VTT.key(**of),
        srt=keys.SRT.key(**of),
        txt=keys.TXT.key(**of),
        rttm=keys.RTTM.key(**of) if plan.diarization else None,
        report=keys.REPORT.key(**of),
        audio=keys.AUDIO.key(**of),
    )


def read_windows(store: ObjectStore, plan: Plan) -> list[WindowResult]:
    """The result of every window of the plan; raises WorkIncomplete naming all that are missing or do not fit."""
    results: list[WindowResult] = []
    missing: list[str] = []
    for window in plan.windows:
        key = keys.WINDOW.key(job_id=plan.job_id, index=window.index, hash=window.hash)
        try:
            result = WindowResult.from_json(store.get(key))
        except ObjectNotFound:
            missing.append(key)
            continue
        except InvalidDocument as error:
            raise WorkIncomplete(f"{key} cannot be read ({error}): delete it and run analyze again") from error
        if not _fits(result, window, plan):
            raise WorkIncomplete(f"{key} is not the result of its window: delete it and run analyze again")
        results.append(result)
    if missing:
        named = ", ".join(missing[:10]) + (", ..." if len(missing) > 10 else "")
        raise WorkIncomplete(f"{len(missing)} of {len(plan.windows)} windows are missing ({named}): run analyze again")
    return results


def _fits(result: WindowResult, window: PlannedWindow, plan: Plan) -> bool:
    diarized_as_planned = (result.diarization is None) == (plan.diarization is None)
    return result.index == window.index and result.hash == window.hash and diarized_as_planned


def _inputs_sha256(
    plan: Plan, job: DebateJob, media: MediaFacts, models: Iterable[ModelEntry], parameters: Parameters
) -> str:
    """Over all that decides the documents. The windows are in it by the hashes that the plan gives them."""
    inputs = {
        "plan": hashlib.sha256(plan.to_json()).hexdigest(),
        "speakers": [job.spec.diarization.min_speakers, job.spec.diarization.max_speakers],
        "media": [media.mime, media.container_seconds, media.warnings],
        "notices": sorted([model.digest, model.notice] for model in models if model.notice),
        "parameters": parameters.fingerprint(),
    }
    return hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()


def _read(store: ObjectStore, key: str, kind: type[AnyDocument]) -> AnyDocument | None:
    """The document, None where there is none, or none that this release can read: it is then written anew."""
    try:
        return kind.from_json(store.get(key))
    except (ObjectNotFound, InvalidDocument):
        return None


def _put_document(store: ObjectStore, key: str, document: Document) -> None:
    store.put(key, document.to_json(), content_type="application/json")


def _all_exist(store: ObjectStore, documents: DocumentKeys) -> bool:
    return all(store.exists(key) for key in documents.model_dump().values() if key is not None)


def _has_audio(store: ObjectStore, documents: DocumentKeys, record: JobRecord | None, plan: Plan) -> bool:
    """Whether the sound was encoded already: it does not change with the rules of finish, and takes the longest."""
    same = record is not None and record.media.audio_sha256 == plan.audio.sha256
    return same and documents.audio is not None and store.exists(documents.audio)


def _put_audio(store: ObjectStore, plan: Plan, documents: DocumentKeys, scratch: Path, progress: Progress) -> None:
    path = scratch / "audio.m4a"
    key = keys.WORK_AUDIO.key(job_id=plan.job_id)
    total = plan.audio.duration_seconds
    try:
        encode_m4a(_pcm(store, key), path, progress=lambda done: progress(min(done, total), total))
    except ObjectNotFound as error:
        raise WorkIncomplete(f"{key} is missing: run prepare again") from error
    assert documents.audio is not None
    store.put_file(documents.audio, path, content_type=CONTENT_TYPES["audio"])
    path.unlink()


def _pcm(store: ObjectStore, key: str) -> Iterator[bytes]:
    with store.open(key) as stream:
        while part := stream.read(_PCM_PART_BYTES):
            yield part


def _publish(store: ObjectStore, entry: ManifestEntry) -> None:
    """Write the entry unless it stands there already: readers tell by its ETag whether anything is new."""
    key = keys.MANIFEST.key(job_id=entry.job_id)
    if _read(store, key, ManifestEntry) != entry:
        _put_document(store, key, entry)


def _result(record: JobRecord, documents: DocumentKeys) -> StepResult:
    """From the record alone, so that a run that finds everything done tells the same."""
    outputs = {
        "transcript": documents.transcript,
        "words": documents.words,
        "captions": documents.vtt,
        "rttm": documents.rttm,
        "report": documents.report,
    }
    return StepResult(
        step=steps.FINISH.name,
        exit_code=ExitCode.DONE,
        message=f"{record.words} words of {record.speakers} speakers.",
        facts={
            "windows": record.windows,
            "duration_seconds": record.media.audio_seconds,
            "speakers": record.speakers,
            "words": record.words,
            "language": record.language,
        },
        outputs={name: key for name, key in outputs.items() if key is not None},
    )
