"""What finish reads from the store and writes to it, one function an object or kind of object."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from debate_core import keys
from debate_core.documents.base import Document, InvalidDocument
from debate_core.documents.job import JobRecord
from debate_core.documents.manifest import DocumentKeys, ManifestEntry
from debate_core.documents.plan import Plan, PlannedWindow
from debate_core.documents.window import WindowResult
from debate_core.store import ObjectNotFound, ObjectStore
from debate_worker.finish.audio import encode_m4a
from debate_worker.finish.prepared import WorkIncomplete

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
"""By the fields of DocumentKeys: browsers are given presigned URLs and copies of these objects."""

_PCM_PART_BYTES = 1 << 20  # 33 s of audio

AnyDocument = TypeVar("AnyDocument", bound=Document)


def document_keys(plan: Plan) -> DocumentKeys:
    """The keys of all documents that a finished job of this plan has."""
    return documents_named(plan.job_id, plan.name, diarized=plan.diarization is not None)


def documents_named(job_id: str, name: str, *, diarized: bool) -> DocumentKeys:
    """The same, of a job whose plan is gone."""
    of = {"job_id": job_id, "name": name}
    return DocumentKeys(
        transcript=keys.TRANSCRIPT.key(**of),
        words=keys.WORDS.key(**of),
        vtt=keys.VTT.key(**of),
        srt=keys.SRT.key(**of),
        txt=keys.TXT.key(**of),
        rttm=keys.RTTM.key(**of) if diarized else None,
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


def read_document(store: ObjectStore, key: str, kind: type[AnyDocument]) -> AnyDocument | None:
    """The document; None where there is none, or none that this release can read: it is then written anew."""
    try:
        return kind.from_json(store.get(key))
    except (ObjectNotFound, InvalidDocument):
        return None


def put_document(store: ObjectStore, key: str, document: Document) -> None:
    store.put(key, document.to_json(), content_type="application/json")


def put_files(store: ObjectStore, documents: DocumentKeys, files: dict[str, bytes]) -> None:
    """files: by the fields of DocumentKeys."""
    for field, data in files.items():
        store.put(getattr(documents, field), data, content_type=CONTENT_TYPES[field])


def put_manifest_entry(store: ObjectStore, entry: ManifestEntry) -> None:
    """Write the entry unless it stands there already: readers tell by its ETag whether anything is new."""
    key = keys.MANIFEST.key(job_id=entry.job_id)
    if read_document(store, key, ManifestEntry) != entry:
        put_document(store, key, entry)


def all_exist(store: ObjectStore, documents: DocumentKeys) -> bool:
    return all(store.exists(key) for key in documents.model_dump().values() if key is not None)


def has_audio(store: ObjectStore, plan: Plan, record: JobRecord | None) -> bool:
    """Whether the sound was encoded before: it does not change with the rules of finish, and takes the longest."""
    same = record is not None and record.media.audio_sha256 == plan.audio.sha256
    return same and store.exists(keys.AUDIO.key(job_id=plan.job_id, name=plan.name))


def put_audio(store: ObjectStore, plan: Plan, scratch: Path, progress: Callable[[float], None]) -> None:
    """Encode the job's sound and store it; progress is told the seconds done. Raises WorkIncomplete without it."""
    path = scratch / "audio.m4a"
    source = keys.WORK_AUDIO.key(job_id=plan.job_id)
    try:
        encode_m4a(_pcm(store, source), path, progress=progress)
    except ObjectNotFound as error:
        raise WorkIncomplete(f"{source} is missing: run prepare again") from error
    store.put_file(keys.AUDIO.key(job_id=plan.job_id, name=plan.name), path, content_type=CONTENT_TYPES["audio"])
    path.unlink()


def _fits(result: WindowResult, window: PlannedWindow, plan: Plan) -> bool:
    diarized_as_planned = (result.diarization is None) == (plan.diarization is None)
    return result.index == window.index and result.hash == window.hash and diarized_as_planned


def _pcm(store: ObjectStore, key: str) -> Iterator[bytes]:
    with store.open(key) as stream:
        while part := stream.read(_PCM_PART_BYTES):
            yield part
