"""Every number that decides what finish writes; together they are part of what a finished job is compared with."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass

from debate_core.documents.models_index import ModelEntry, ModelParameters
from debate_core.documents.plan import Plan

REVISION = 2
"""Of finish's own rules. Raise it when the same windows would give other documents: finished jobs are then redone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """Linking
    min_shared_seconds, min_shared_ratio: two local speakers of neighbouring windows are the same person where they
        speak together in the windows' overlap for so long, and for so much of the speech there of the one that
        speaks less. Two seconds are more than a turn's edges can be wrong by.
    similarity_threshold: cosine similarity of voices, averaged by speech, from which two groups of local speakers
        are taken for one person. The models index says it for its diarization model (`ModelParameters`).

    Attribution
    max_edge_seconds: how far from a turn's edge a word may lie and still belong to it; diarization and word times
        are each wrong by 0.1 to 0.2 s at turn changes.
    max_island_words, max_island_seconds: what may be an error rather than an interjection.
    max_shift_seconds: how much speech may be given to the neighbour so that the speaker changes at a sentence end;
        about one word. What both say at once has no such limit.
    change_pause_seconds: a change of the speaker in a pause of this length stays where it is.

    Utterances (DESIGN 5.2)
    max_pause_seconds: a longer pause ends the utterance.
    sentence_cut_seconds: beyond this length the next sentence end ends it.
    max_utterance_seconds: no utterance gets longer; it is cut at the longest pause after sentence_cut_seconds.

    Captions: what broadcasters' guidelines agree on.
    Report: min_gap_seconds of speech without a word are listed.
    """

    min_shared_seconds: float = 2.0
    min_shared_ratio: float = 0.5
    similarity_threshold: float = ModelParameters().similarity_threshold
    max_edge_seconds: float = 0.5
    max_island_words: int = 2
    max_island_seconds: float = 0.4
    max_shift_seconds: float = 0.4
    change_pause_seconds: float = 0.2
    max_pause_seconds: float = 1.0
    sentence_cut_seconds: float = 30.0
    max_utterance_seconds: float = 60.0
    caption_line_characters: int = 42
    caption_lines: int = 2
    caption_seconds: float = 7.0
    min_gap_seconds: float = 2.0

    @classmethod
    def of(cls, plan: Plan, index: Iterable[ModelEntry]) -> Parameters:
        """With what the models index says of the plan's diarization model, by content; defaults where it is gone."""
        digest = plan.diarization.model.digest if plan.diarization else None
        for entry in index:
            if entry.role == "diarization" and entry.digest == digest:
                return cls(similarity_threshold=entry.parameters.similarity_threshold)
        return cls()

    def fingerprint(self) -> dict[str, float | int]:
        """All of it, with the revision, for a hash."""
        return {"revision": REVISION} | asdict(self)
