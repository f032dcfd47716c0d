"""Pace: how fast each speaks, and how fast the floor changes hands."""

from __future__ import annotations

from debate_stats.parameters import Parameters


def words_per_minute(words: int, speaking_seconds: float, parameters: Parameters) -> float | None:
    """words / (speaking seconds / 60); None below `pace_min_speech_s` of speech, where a few words decide it."""
    if speaking_seconds < parameters.pace_min_speech_s:
        return None
    return words / (speaking_seconds / 60)


def switches_per_minute(switches: int, speech_seconds: float, turns: int) -> float | None:
    """Changes of speaker a minute of speech (Gong calls it interactivity): switches / (speech seconds / 60).

    None where no known speaker has a turn: who follows whom cannot be known then.
    """
    return switches / (speech_seconds / 60) if turns and speech_seconds > 0 else None
