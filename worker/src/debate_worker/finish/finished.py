"""A finished job that is run again when its work/ has expired: its record stands for all that was there.

prepare, which alone knows what is asked for, finds it and says so in its result; analyze and finish go by that.
Where work/ is still there the steps go their usual way, which ends early as well, and lets a release with other rules
write the documents anew.
"""

from __future__ import annotations

from debate_core import keys
from debate_core.documents.job import JobRecord
from debate_core.documents.manifest import DocumentKeys
from debate_core.documents.step_result import StepResult
from debate_core.reasons import ExitCode
from debate_core.steps import PREPARE
from debate_core.store import ObjectStore
from debate_worker.finish.stored import all_exist, documents_named, read_document
from debate_worker.work import read_result

FINISHED = "finished"
"""The fact of prepare's result."""


def documents_of(record: JobRecord) -> DocumentKeys:
    return documents_named(record.job_id, record.name, diarized=record.diarization_model is not None)


def finished(store: ObjectStore, job_id: str, request_hash: str) -> JobRecord | None:
    """The record of the job, where it was finished for this very request and every document is there; else None."""
    record = _record_of(store, job_id, request_hash)
    return record if record is not None and all_exist(store, documents_of(record)) else None


def result_of_prepare(record: JobRecord) -> StepResult:
    """What prepare tells of a job that is finished: nothing is left to do."""
    source, media = record.source, record.media
    return StepResult(
        step=PREPARE.name,
        exit_code=ExitCode.DONE,
        facts={
            FINISHED: True,
            "request_hash": record.request_hash,
            "source_kind": source.kind,
            "source_location": source.location,
            "source_etag": source.etag,
            "title": source.title,
            "media_key": media.key,
            "media_mime": media.mime,
            "media_bytes": media.bytes,
            "container_seconds": media.container_seconds,
            "windows": record.windows,
            "duration_seconds": media.audio_seconds,
        },
        outputs={"media": media.key},
    )


def found_finished(store: ObjectStore, job_id: str) -> JobRecord | None:
    """The record of a job that prepare found to be finished; None where there is work to do."""
    prepared = read_result(store, job_id, PREPARE.name)
    if prepared is None or prepared.facts.get(FINISHED) is not True:
        return None
    return _record_of(store, job_id, prepared.facts.get("request_hash"))


def _record_of(store: ObjectStore, job_id: str, request_hash: object) -> JobRecord | None:
    record = read_document(store, keys.JOB.key(job_id=job_id), JobRecord)
    return record if record is not None and record.request_hash == request_hash else None
