"""Pace: how fast each speaks, and how fast the floor changes hands."""

from __future__ import annotations

from debate_stats.parameters import Parameters


def words_per_minute(words: int, speaking_seconds: float, parameters: Parameters) -> float | None:
    """Words for each minute of the speaker's own speaking time.

    Figures: speakers[].words_per_minute
    Name: Words a minute
    Formula: words / (t / 60)
    Unit: 1/min
    Parameters: pace_min_speech_s
    Null: the speaker has less than {pace_min_speech_s} s of speech, where a few words decide it
    """
    if speaking_seconds < parameters.pace_min_speech_s:
        return None
    return words / (speaking_seconds / 60)


def switches_per_minute(switches: int, speech_seconds: float, turns: int) -> float | None:
    """How often another speaker has the next turn, for each minute of speech.

    Turns are taken by their start. Two who have the very same turn count as one change. Gong's "interactivity" is of
    this kind; its formula is not published.

    Figures: totals.switches_per_minute
    Name: Switches a minute
    Formula: changes of speaker from one turn to the next / (speech / 60)
    Unit: 1/min
    Parameters: turn_gap_s, insert_max_s, insert_max_words, insert_words_max_s
    Null: no known speaker has a turn
    """
    return switches / (speech_seconds / 60) if turns and speech_seconds > 0 else None
