"""`<name>.report.json`: how far the transcript can be trusted, in figures that can be checked against it."""

from __future__ import annotations

from pydantic import Field

from debate_core.documents.base import Document, Figure, Part, Probability, Seconds
from debate_core.documents.plan import PlannedModel, Span
from debate_core.documents.window import Chunk


class Coverage(Part):
    """speech: heard by the voice detector. transcribed: of that, what lies in clips whose text was kept, without the
    parts of them that were dropped; `gaps` are not taken off."""

    duration_seconds: Seconds
    speech_seconds: Seconds
    transcribed_seconds: Seconds
    transcribed_ratio: Probability | None = Field(description="transcribed / speech; null without speech")


class Decoding(Part):
    """Clips by what was made of them; `dropped` lists each with its text and the reason."""

    clips: int
    kept: int
    redecoded: int
    dropped: list[Chunk]


class Attribution(Part):
    """How the words got their speakers."""

    words: int
    unattributed_words: int = Field(description="words with the speaker UNKNOWN")
    smoothed_words: int = Field(description="words of an island given to the speaker around it")
    moved_words: int = Field(0, description="words given to the neighbour whose sentence they begin or end")
    speakers: int = Field(description="speakers that own words")
    overlap_seconds: Seconds | None = Field(description="two or more speakers at once; null without diarization")


class Linking(Part):
    """How the local speakers of the windows became the speakers of the debate.

    must_links, similarity_links: joins by the overlap of the windows, and by voice. forced_links: of the latter, those
        below the threshold, because there were more speakers than maxSpeakers.
    lowest_accepted: the lowest similarity of two groups that were joined by voice; closest_rejected: the highest of two
        that could have been and were kept apart. Near the threshold it was close; null where there was none.
    """

    windows: int
    local_speakers: int
    must_links: int
    similarity_links: int
    forced_links: int = 0
    threshold: Figure
    lowest_accepted: Figure | None = None
    closest_rejected: Figure | None


class LanguageEvidence(Part):
    """`votes`: language -> summed probability over all clips that were asked."""

    code: str
    given: bool
    votes: dict[str, Figure]


class MediaCheck(Part):
    """The decoded length against what the container says."""

    mime: str
    container_seconds: Seconds | None
    decoded_seconds: Seconds
    offset_seconds: float
    warnings: list[str]


class QualityReport(Document):
    """Statistics read language, media and notes from here."""

    schema_version: int = 1
    language: LanguageEvidence
    media: MediaCheck
    coverage: Coverage
    decoding: Decoding
    attribution: Attribution
    linking: Linking | None
    gaps: list[Span] = Field(description="speech of 2 s and more without a word")
    models: list[PlannedModel]
    notices: list[str] = Field(description="what a reader must know, such as a demo model's limits")
