"""The plan of a job (`work/<id>/plan.json`): windows, and all that decides their result.

Every time in a plan is a whole number of milliseconds, which at 16 kHz is a whole number of samples.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator

from debate_core.documents.base import Document, Part, Seconds
from debate_core.documents.models_index import Sha256

SAMPLE_RATE = 16_000
"""Hz, of `audio.s16`: mono, signed 16 bit, little endian."""


class Audio(Part):
    """The decoded sound. `offset_seconds`: when it starts on the container's clock, to be added for the video."""

    sha256: Sha256
    duration_seconds: Seconds
    offset_seconds: Annotated[float, Field(allow_inf_nan=False)]
    channels: int
    source_sample_rate: int


class PlannedModel(Part):
    """Which weights, by content."""

    repo: str
    revision: str
    digest: Sha256


class Span(Part):
    """[start, end) in seconds."""

    start: Seconds
    end: Seconds


class Transcription(Part):
    """Everything about the transcription that changes its result."""

    model: PlannedModel
    task: Literal["transcribe", "translate"]
    language: str
    hotwords: list[str]
    max_clip_seconds: Seconds
    beam_size: int


class Diarization(Part):
    """Everything about the diarization that changes its result; the bounds on the speakers hold in each window."""

    model: PlannedModel
    max_speakers: int | None


class PlannedWindow(Part):
    """One unit of work and of checkpoint.

    start, end: the part that is transcribed here; windows follow each other without gap or overlap.
    diarize_start, diarize_end: the part that is diarized here; it overlaps the neighbours', so that their
        speakers can be linked.
    clips: what is given to the decoder, each within [start, end) and at most max_clip_seconds long.
    hash: sha256 (first 16 hex digits) over all that decides the result.
    """

    index: Annotated[int, Field(ge=0)]
    start: Seconds
    end: Seconds
    diarize_start: Seconds
    diarize_end: Seconds
    clips: list[Span]
    hash: Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]


class Plan(Document):
    """The same plan, to the byte, for the same audio, models and parameters.

    request_hash: sha256 over what was asked for (source, models, parameters), known before any work is done:
    where it is unchanged, a step that is run again can end early.
    """

    schema_version: int = 1
    job_id: str
    name: str
    request_hash: Sha256
    audio: Audio
    transcription: Transcription
    diarization: Diarization | None
    speech: list[Span]
    windows: Annotated[list[PlannedWindow], Field(min_length=1)]

    @field_validator("windows")
    @classmethod
    def _numbered_from_0(cls, windows: list[PlannedWindow]) -> list[PlannedWindow]:
        # Everything after goes by the number: two windows of one would be taken for each other.
        if [window.index for window in windows] != list(range(len(windows))):
            raise ValueError("the windows are not numbered from 0 in their order")
        return windows
