"""Speaking time: who speaks how long and how much, and what share of the debate that is.

Segments are cut at the end of the media, those without a length are left out, and one speaker's own segments are joined
where they touch or overlap: each moment counts once.
"""

from __future__ import annotations

from collections.abc import Sized
from math import fsum

from debate_stats.debate import Debate
from debate_stats.intervals import duration


def duration_seconds(debate: Debate) -> float:
    """Length of the media, from its first sound to its end.

    Where the transcript states none, the end of the last segment stands in, which `notes` says.

    Figures: totals.duration_seconds
    Name: Length
    Formula: T
    Unit: s
    """
    return debate.duration


def speech_seconds(debate: Debate) -> float:
    """Time in which somebody speaks, known or not, each moment counted once.

    Figures: totals.speech_seconds
    Name: Speech
    Formula: |union of all segments|
    Unit: s
    """
    return duration([*debate.speech.itersegments(), *debate.unknown])


def silence_seconds(debate: Debate, speech: float) -> float:
    """Time in which nobody speaks; music and applause are silence here.

    Figures: totals.silence_seconds
    Name: Silence
    Formula: T - speech
    Unit: s
    """
    return max(0.0, debate.duration - speech)


def speaker_count(debate: Debate) -> int:
    """How many speakers are told apart. Words at which no voice was recognised belong to nobody, and add no speaker.

    Figures: totals.speakers
    Name: Speakers
    """
    return len(debate.speakers)


def segment_count(debate: Debate, label: str | None = None) -> int:
    """Utterances of the transcript: what one speaker says without a pause above 1 s.

    Of the whole debate, those of unknown speakers count too. An utterance that the transcript tells twice counts once.

    Figures: totals.segments, speakers[].segments
    Name: Utterances
    """
    return sum(debate.utterances.values()) if label is None else debate.utterances.get(label, 0)


def word_count(words: Sized) -> int:
    """Words as the transcription separates them.

    Of the whole debate, those of unknown speakers count too. Numbers are words. Without a words document they are
    counted in the text of the utterances. A word that is told twice at the same time counts once.

    Figures: totals.words, speakers[].words
    Name: Words
    Unit: words
    """
    return len(words)


def speaking_seconds(debate: Debate) -> dict[str, float]:
    """Time in which the speaker speaks, alone or not, each moment counted once.

    Never the sum of segments, which may overlap. A speaker of words without any segment has 0.

    Figures: speakers[].speaking_seconds
    Name: Speaking time
    Formula: t = |union of the speaker's segments|
    Unit: s
    """
    return {label: duration(debate.segments_of(label)) for label in debate.speakers}


def known_seconds(debate: Debate) -> float:
    """Seconds in which at least one known speaker speaks: |union of all known speakers' segments|."""
    return duration(debate.speech.itersegments())


def share_of_speech(seconds: dict[str, float]) -> dict[str, float | None]:
    """The speaker's part of all speaking time. The shares sum to 1; where two speak at once, the time counts for both.

    Figures: speakers[].share_of_speech
    Name: Share of speech
    Formula: t / sum of t over all known speakers
    Unit: 0-1
    Null: no known speaker speaks
    """
    return shares(seconds)


def share_of_duration(seconds: float, debate: Debate) -> float | None:
    """The speaker's speaking time as a part of the whole debate. The shares do not sum to 1: debates have silence.

    Figures: speakers[].share_of_duration
    Name: Share of the debate
    Formula: t / T
    Unit: 0-1
    Null: the debate has no length
    """
    return min(1.0, seconds / debate.duration) if debate.duration > 0 else None


def share_of_words(counts: dict[str, int]) -> dict[str, float | None]:
    """The speaker's part of the words of all known speakers. The shares sum to 1.

    Figures: speakers[].share_of_words
    Name: Share of words
    Formula: words / sum of words over all known speakers
    Unit: 0-1
    Null: no known speaker has words
    """
    return shares({label: float(count) for label, count in counts.items()})


def shares(amounts: dict[str, float]) -> dict[str, float | None]:
    """Each amount over the sum of all (0 to 1, together 1); None where the sum is 0."""
    total = fsum(amounts.values())
    return {label: amount / total if total > 0 else None for label, amount in amounts.items()}


def first_second(debate: Debate) -> dict[str, float | None]:
    """When the speaker is first heard.

    Figures: speakers[].first_second
    Name: First heard
    Formula: min of the starts of the speaker's segments
    Unit: s
    Null: no speech of this speaker is timed
    """
    return {
        label: next((float(segment.start) for segment in debate.segments_of(label)), None) for label in debate.speakers
    }
