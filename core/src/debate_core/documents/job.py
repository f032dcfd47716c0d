"""`jobs/<id>/job.json`: what was done, by what. Written by finish alone."""

from __future__ import annotations

from typing import Literal

from pydantic import AwareDatetime

from debate_core.documents.base import Document, Part, Seconds
from debate_core.documents.models_index import Sha256
from debate_core.documents.plan import PlannedModel


class JobSource(Part):
    """Where the media came from, and what it was called there."""

    kind: Literal["file", "object", "url"]
    location: str
    etag: str | None = None
    title: str


class JobMedia(Part):
    """The media object in the store and what is in it. `audio_sha256`: of the decoded sound."""

    key: str
    mime: str
    bytes: int
    container_seconds: Seconds | None
    audio_seconds: Seconds
    audio_offset_seconds: float
    audio_sha256: Sha256


class JobRecord(Document):
    """Holds times of day and versions, so it is not byte-stable over reruns.

    request_hash: as in the plan. inputs_sha256: of all that decides the documents of the job; where it is what a
        rerun would compute, they are done.
    speakers, words: as in the transcript, for whoever needs no more.
    """

    schema_version: int = 1
    job_id: str
    name: str
    request_hash: Sha256
    source: JobSource
    media: JobMedia
    language: str
    transcription_model: PlannedModel
    diarization_model: PlannedModel | None
    windows: int
    speakers: int
    words: int
    inputs_sha256: Sha256
    versions: dict[str, str]
    completed_at: AwareDatetime
