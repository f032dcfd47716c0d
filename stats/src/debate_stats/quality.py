"""Quality: how far the figures can be trusted. Read them beside the numbers that they touch.

A word's probability is what the transcription model states. It is not the chance that the word is right, but where it
is low, mistakes are frequent. The quality report beside the transcript says more.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import fsum

from pyannote.core import Segment

from debate_stats.debate import Debate, SpokenWord
from debate_stats.intervals import duration
from debate_stats.parameters import Parameters
from debate_stats.speaking_time import known_seconds


def unknown_seconds(debate: Debate, speech: float) -> float:
    """Time with words of which the speaker is not known, and no known speaker beside.

    Figures: totals.unknown_seconds
    Name: Speech of nobody known
    Formula: speech - |union of all known speakers' segments|
    Unit: s
    """
    return max(0.0, speech - known_seconds(debate))


def unknown_share(unknown: float, speech: float) -> float | None:
    """How much of the speech is of nobody known: it is missing from every speaker's figures.

    Figures: totals.unknown_share
    Name: Share of nobody known
    Formula: unknown / speech
    Unit: 0-1
    Null: nobody speaks
    """
    return min(1.0, unknown / speech) if speech > 0 else None


def mean_confidence(words: Sequence[SpokenWord]) -> float | None:
    """Mean of the words' probabilities, as the transcription model states them.

    Figures: totals.mean_confidence, speakers[].mean_confidence
    Name: Mean confidence
    Formula: sum of probabilities / words
    Unit: 0-1
    Null: there are no words
    """
    return fsum(word.probability for word in words) / len(words) if words else None


def low_confidence_seconds(words: Sequence[SpokenWord], debate: Debate, parameters: Parameters) -> float | None:
    """Time of the words of which the transcription is not sure: their probability is below {low_confidence_below}.

    Each moment counts once.

    Figures: totals.low_confidence_seconds, speakers[].low_confidence_seconds
    Name: Doubtful speech
    Formula: |union of the times of words with a probability < {low_confidence_below}, within [0, T]|
    Unit: s
    Parameters: low_confidence_below
    Null: there are no words, or only the text of utterances, which has no times and probabilities of single words
    """
    if not words or not debate.times_words:
        return None
    return duration(
        Segment(word.start, min(word.end, debate.duration))
        for word in words
        if word.probability < parameters.low_confidence_below
    )


def low_confidence_share(low: float | None, speech: float) -> float | None:
    """Doubtful speech as a part of all speech.

    Figures: totals.low_confidence_share
    Name: Share of doubtful speech
    Formula: min(1, doubtful / speech)
    Unit: 0-1
    Parameters: low_confidence_below
    Null: doubtful speech is not known, or nobody speaks
    """
    return None if low is None or speech <= 0 else min(1.0, low / speech)


def untimed_segments(debate: Debate) -> int:
    """Utterances that have text and no length: their words count, their time does not.

    Figures: totals.untimed_segments
    Name: Utterances without time
    """
    return debate.untimed
