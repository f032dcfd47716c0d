"""Speaking time: who speaks how long, and what share of the debate that is."""

from __future__ import annotations

from debate_stats.debate import Debate
from debate_stats.intervals import duration


def speaking_seconds(debate: Debate) -> dict[str, float]:
    """Seconds that each known speaker speaks: the length of the union of the speaker's segments.

    Never their sum: a speaker's own segments may overlap. A speaker of words without any segment has 0.
    """
    return {label: duration(debate.segments_of(label)) for label in debate.speakers}


def known_seconds(debate: Debate) -> float:
    """Seconds in which at least one known speaker speaks: |union of all known speakers' segments|."""
    return duration(debate.speech.itersegments())


def speech_seconds(debate: Debate) -> float:
    """Seconds in which somebody speaks, known or not: |union of all segments|, at most the duration."""
    return duration([*debate.speech.itersegments(), *debate.unknown])


def silence_seconds(debate: Debate, speech: float) -> float:
    """Seconds in which nobody speaks: duration - speech. Music and applause are silence here."""
    return max(0.0, debate.duration - speech)


def unknown_seconds(debate: Debate, speech: float) -> float:
    """Seconds with words of which the speaker is not known, and no known speaker beside: speech - known."""
    return max(0.0, speech - known_seconds(debate))


def shares(amounts: dict[str, float]) -> dict[str, float | None]:
    """Each amount over the sum of all (0 to 1, together 1); None where the sum is 0.

    Of speaking seconds: `share_of_speech` = t_s / sum of t, where overlapping speech counts for each who speaks.
    Of words: `share_of_words`. The unknown are in neither.
    """
    total = sum(amounts.values())
    return {label: amount / total if total > 0 else None for label, amount in amounts.items()}


def share_of_duration(seconds: float, debate: Debate) -> float | None:
    """t_s / duration (0 to 1); does not sum to 1, as debates have silence and overlap. None for a debate of 0 s."""
    return min(1.0, seconds / debate.duration) if debate.duration > 0 else None


def first_second(debate: Debate) -> dict[str, float | None]:
    """When each known speaker is first heard, in seconds; None for a speaker of words without any segment."""
    return {
        label: next((float(segment.start) for segment in debate.segments_of(label)), None) for label in debate.speakers
    }
