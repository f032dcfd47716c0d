"""Which finished jobs may be public: `debate-stats publish`, `unpublish`, and older systems' transcripts taken in."""

from __future__ import annotations

from debate_core import keys
from debate_core.documents.base import InvalidDocument
from debate_core.documents.manifest import DocumentKeys, ManifestEntry
from debate_core.documents.transcript import Transcript
from debate_core.store import ObjectInfo, ObjectNotFound, ObjectStore
from debate_stats.edit import edit
from debate_stats.inputs import BrokenJob, look

_ENDING = "_transcription.json"


def set_publish(store: ObjectStore, job_id: str, *, publish: bool) -> None:
    """Say in a job's manifest entry, where it has one, whether its statistics are public.

    Raises BrokenJob for an entry that cannot be read.
    """
    key = keys.MANIFEST.key(job_id=job_id)

    def change(data: bytes | None) -> bytes | None:
        if data is None:
            return None
        try:
            entry = ManifestEntry.from_json(data)
        except InvalidDocument as error:
            raise BrokenJob(f"{key}: {error}") from error
        return None if entry.publish is publish else entry.model_copy(update={"publish": publish}).to_json()

    edit(store, key, change)


def adopt(store: ObjectStore, job_id: str) -> bool:
    """Write the manifest entry of a job that an older system left, which has none; False where there is one.

    Such a job has a transcript as its only document: the one `*_transcription.json` under `jobs/<id>/transcripts/`, or
    the one JSON file there. The title is the file's name, the time when it finished that of the file. From then on the
    entry is what counts, as for every job: `unpublish` takes it down, and no later run adopts it again.
    Raises BrokenJob where it has no or several such files or one that is no transcript, and for a job of this system,
    which finishes by itself and knows whether it may be public.
    """
    key = keys.MANIFEST.key(job_id=job_id)
    if store.exists(key):
        return False
    there = look(store, job_id)
    if keys.OWNER.key(job_id=job_id) in there or keys.JOB.key(job_id=job_id) in there:
        raise BrokenJob(f"Job {job_id} is none of an older system: it writes {key} itself when it finishes.")
    transcript = _only_transcript(there, job_id)
    try:
        Transcript.from_json(store.get(transcript.key))
    except (InvalidDocument, ObjectNotFound) as error:
        raise BrokenJob(f"{transcript.key}: {error}") from error
    entry = ManifestEntry(
        job_id=job_id,
        title=_title(transcript.key) or job_id,
        source_url=None,
        publish=True,
        completed_at=transcript.last_modified,
        documents=DocumentKeys(transcript=transcript.key),
    )
    # Only where there is still none: of a job that finished meanwhile, its own entry counts.
    return edit(store, key, lambda data: entry.to_json() if data is None else None)


def _only_transcript(there: dict[str, ObjectInfo], job_id: str) -> ObjectInfo:
    folder = keys.TRANSCRIPTS_PREFIX.key(job_id=job_id)
    found = [key for key in there if key.startswith(folder) and "/" not in key.removeprefix(folder)]
    named = [key for key in found if key.endswith(_ENDING)]
    candidates = named or [key for key in found if key.endswith(".json")]
    if len(candidates) != 1:
        what = f"has {len(candidates)} ({', '.join(candidates)[:300]})" if candidates else "has none"
        raise BrokenJob(f"An older system's job has one transcript in {folder}; {job_id} {what}.")
    return there[candidates[0]]


def _title(key: str) -> str:
    stem = key.rpartition("/")[2].removesuffix(".json").removesuffix("_transcription")
    return " ".join(stem.replace("_", " ").split())
