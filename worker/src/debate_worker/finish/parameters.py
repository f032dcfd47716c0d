"""Every number that decides what finish writes; together they are part of what a finished job is compared with."""

from __future__ import annotations

from dataclasses import asdict, dataclass

REVISION = 1
"""Of finish's own rules. Raise it when the same windows would give other documents: finished jobs are then redone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """Linking
    min_shared_seconds, min_shared_ratio: two local speakers of neighbouring windows are the same person where they
        speak together in the windows' overlap for so long, and for so much of the speech there of the one that
        speaks less. Two seconds are more than a turn's edges can be wrong by.
    similarity_threshold: cosine similarity of voices, averaged by speech, from which two groups of local speakers
        are taken for one person. It depends on the embedding model: pyannote 3.1 clustered single chunks at 0.75
        (0.7046 apart at length 1), minutes of speech are nearer to each other; the demo model gives 0.98 and more to
        one person and 0.63 and less to two. Nobody has published it for centroids: it wants tuning on recordings of
        the kind that is to be transcribed, for which the report shows the nearest values on both of its sides.

    Attribution
    max_edge_seconds: how far from a turn's edge a word may lie and still belong to it; diarization and word times
        are each wrong by 0.1 to 0.2 s at turn changes.
    max_island_words, max_island_seconds: what may be an error rather than an interjection.
    max_shift_seconds: how much speech may be given to the neighbour so that the speaker changes at a sentence end;
        about one word.
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
    similarity_threshold: float = 0.7
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

    def fingerprint(self) -> dict[str, float | int]:
        """All of it, with the revision, for a hash."""
        return {"revision": REVISION} | asdict(self)
