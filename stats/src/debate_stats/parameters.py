"""What the figures depend on beside the debate: published with every one of them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Final

from debate_stats import languages

DEFINITIONS_VERSION: Final = 2
"""Grows with every change that alters a figure: statistics computed before it are computed again."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """The numbers in the definitions; their names are those in the document.

    turn_gap_s: seconds of silence that a turn survives. 1.0 is also where the transcript cuts utterances.
    insert_max_s: seconds up to which what another says inside a turn takes no floor, however many words it is.
    insert_max_words: words up to which it takes none, if it is not longer than insert_words_max_s.
    insert_words_max_s: seconds beyond which so few words mean that words were missed, not that little was said.
    interruption_overlap_s: seconds before the end of the other's turn at which an interruption begins, at least.
    interruption_min_s: seconds that the turn of who interrupts lasts, at least.
    interruption_min_words: words that it has, at least.
    interruption_yield_s: seconds within which the other stops, or else keeps the floor.
    interruption_merge_s: seconds from one start to the next below which a pair's events are one.
    pace_min_speech_s: seconds of speech below which words a minute say nothing about a speaker.
    share_window_s: seconds over which the share of speech is taken, to show it over time.
    share_step_s: seconds from the start of one such window to the start of the next.
    vocabulary_min_tokens: tokens below which lexical diversity is not computed.
    mtld_threshold: type-token ratio at which a factor of MTLD is complete.
    hdd_draws: tokens that are drawn for HD-D.
    mattr_window: tokens in a window of MATTR.
    readability_min_words: words below which readability is not computed.
    low_confidence_below: probability below which a word counts as doubtful.
    """

    turn_gap_s: float = 1.0
    insert_max_s: float = 1.0
    insert_max_words: int = 3
    insert_words_max_s: float = 5.0
    interruption_overlap_s: float = 0.2
    interruption_min_s: float = 1.0
    interruption_min_words: int = 3
    interruption_yield_s: float = 2.0
    interruption_merge_s: float = 3.0
    pace_min_speech_s: float = 10.0
    share_window_s: float = 150.0
    share_step_s: float = 30.0
    vocabulary_min_tokens: int = 100
    mtld_threshold: float = 0.72
    hdd_draws: int = 42
    mattr_window: int = 50
    readability_min_words: int = 100
    low_confidence_below: float = 0.5

    def published(self) -> dict[str, float | int | str]:
        """As in the document's `parameters`, with the tables of languages and the version of the definitions."""
        return {"definitions_version": DEFINITIONS_VERSION, **asdict(self), **languages.published()}
