"""Overlap: two or more known speakers at once.

Only the diarization hears it; a transcript has one speaker a moment. Overlap judges nobody: both have it, whoever
began.
"""

from __future__ import annotations

from pyannote.core import Segment

from debate_stats.debate import Debate
from debate_stats.intervals import Disjoint, duration, union


def overlap(debate: Debate) -> list[Segment] | None:
    """When at least two known speakers speak: disjoint segments. None where no diarization could tell.

    What a segment shares with the time covered by those that started before it is what is heard twice there.
    """
    if not debate.hears_overlap:
        return None
    twice: list[Segment] = []
    heard = Segment()
    # Tracks, not segments: where two speakers have the same segment, `itersegments` gives it once.
    for segment, _ in debate.speech.itertracks():
        if shared := segment & heard:
            twice.append(shared)
        heard |= segment
    return union(twice)


def overlap_seconds(overlapping: list[Segment] | None) -> float | None:
    """Time in which two or more known speakers speak, each moment counted once.

    Figures: totals.overlap_seconds
    Name: Overlap
    Formula: |moments with at least two speakers|
    Unit: s
    Null: there is no diarization
    """
    return None if overlapping is None else duration(overlapping)


def overlap_ratio(overlapping: float | None, speech: float) -> float | None:
    """How much of the speech is two or more at once.

    Figures: totals.overlap_ratio
    Name: Share of overlap
    Formula: overlap / speech
    Unit: 0-1
    Null: there is no diarization, or no speech
    """
    return None if overlapping is None or speech <= 0 else min(1.0, overlapping / speech)


def overlap_by_speaker(debate: Debate, overlapping: list[Segment] | None) -> dict[str, float | None]:
    """Time in which the speaker speaks while another known speaker does.

    Revenue.io calls the share of it in the call "interruption %"; here it says nothing about who began.

    Figures: speakers[].overlap_seconds
    Name: Speaking over others
    Formula: |the speaker's segments and moments with at least two speakers|
    Unit: s
    Null: there is no diarization
    """
    if overlapping is None:
        return dict.fromkeys(debate.speakers)
    twice = Disjoint(overlapping)
    return {label: Disjoint(debate.segments_of(label)).common_seconds(twice) for label in debate.speakers}
