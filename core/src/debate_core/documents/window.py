"""The result of one window (`work/<id>/windows/<nnn>-<hash>.json`). All times count from the start of the audio."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from debate_core.documents.base import Document, Figure, Part, Probability, Seconds


class WindowWord(Part):
    """A word as decoded. `text` keeps its leading space, for languages that have none."""

    start: Seconds
    end: Seconds
    text: str
    probability: Probability


class Chunk(Part):
    """How one clip was decoded, and what was made of it.

    decision: kept at the first decoding, kept after decoding it again, or dropped.
    why: the judgements that failed (at the first decoding where it was decoded again). A part of a clip that was
        decoded again alone, because it was speech without a word, is a chunk of its own, with missed_speech.
    text: what was dropped, so that a person can check; empty where it was kept.
    """

    start: Seconds
    end: Seconds
    decision: Literal["kept", "redecoded", "dropped"]
    why: list[Literal["compression_ratio", "log_probability", "no_speech", "repetition", "missed_speech"]]
    average_log_probability: Figure
    compression_ratio: Figure
    no_speech_probability: Probability
    temperature: Figure
    text: str = ""


class Language(Part):
    """`votes`: language -> summed probability over the clips that were asked; empty where it was given."""

    code: str
    probability: Probability
    votes: dict[str, Annotated[Figure, Field(ge=0, le=1e6)]] = {}


class SpeakerTurn(Part):
    """A local speaker speaks from start to end."""

    start: Seconds
    end: Seconds
    speaker: str


class LocalSpeaker(Part):
    """A speaker of this window. `centroid`: embedding, or null where it is not usable."""

    label: str
    speech_seconds: Seconds
    centroid: list[Annotated[float, Field(allow_inf_nan=False)]] | None


class WindowDiarization(Part):
    """`overlapping` says who speaks when, several at once; `exclusive` has one speaker at a time."""

    overlapping: list[SpeakerTurn]
    exclusive: list[SpeakerTurn]
    speakers: list[LocalSpeaker]


class WindowResult(Document):
    """Byte-stable: it holds no time of day and nothing about the machine that made it."""

    schema_version: int = 1
    index: Annotated[int, Field(ge=0)]
    hash: str
    language: Language
    words: list[WindowWord]
    chunks: list[Chunk]
    diarization: WindowDiarization | None
