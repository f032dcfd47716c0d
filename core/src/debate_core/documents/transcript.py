"""The transcript (DESIGN 5.2), in the shape that existing readers know, and the words beside it."""

from __future__ import annotations

from debate_core.documents.base import Document, Part, Probability, Seconds

UNKNOWN_SPEAKER = "UNKNOWN"
"""The label where no speaker is heard."""


class Utterance(Part):
    """What one speaker says without a gap above 1 s. `confidence`: mean word probability."""

    start: Seconds
    end: Seconds
    text: str
    speaker: str
    confidence: Probability


class Transcript(Document):
    """`jobs/<id>/transcripts/<name>_transcription.json`. No schema_version: nothing is added to this shape."""

    duration: Seconds
    speakers_count: int
    transcription: list[Utterance]


class Word(Part):
    """A word with its speaker. `text` has no surrounding space."""

    start: Seconds
    end: Seconds
    text: str
    probability: Probability
    speaker: str


class Words(Document):
    """`<name>.words.json`: every word once, in time order."""

    schema_version: int = 1
    language: str
    duration: Seconds
    words: list[Word]
