"""What the figures depend on beside the debate: published with every one of them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Final

DEFINITIONS_VERSION: Final = 1
"""Grows with every change that alters a figure: statistics computed before it are computed again."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """The numbers in the definitions; their names are those in the document.

    turn_gap_s: silence, in seconds, that a turn survives. 1.0 is also where the transcript cuts utterances.
    insert_max_s, insert_max_words: what another speaker says inside a turn without taking the floor ("yes, yes")
        is at most this long, in seconds and in words.
    pace_min_speech_s: seconds of speech below which words a minute say nothing about a speaker.
    """

    turn_gap_s: float = 1.0
    insert_max_s: float = 1.0
    insert_max_words: int = 3
    pace_min_speech_s: float = 10.0

    def published(self) -> dict[str, float | int | str]:
        """As in the document's `parameters`, with the version of the definitions."""
        return {"definitions_version": DEFINITIONS_VERSION, **asdict(self)}
