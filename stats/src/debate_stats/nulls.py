"""Notes: for every figure that is null, why it is not known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from debate_core.documents.statistics import Note, SpeakerStatistics, Totals

_NO_DIARIZATION: Final = "no diarization: a transcript cannot tell two voices at once"
_NO_SPEECH: Final = "no speech of a known speaker is timed"
_NO_TURN: Final = "has no turn, only short remarks inside other speakers' turns"
_NOT_COMPUTED: Final = "not computed by this version"

_TOTALS: Final = {
    "overlap_seconds": _NO_DIARIZATION,
    "overlap_ratio": "no diarization, or no speech",
    "mean_turn_seconds": "no known speaker has a turn",
    "median_turn_seconds": _NOT_COMPUTED,
    "longest_turn_seconds": _NOT_COMPUTED,
    "median_floor_transfer_seconds": _NOT_COMPUTED,
    "questions": _NOT_COMPUTED,
    "unknown_share": _NOT_COMPUTED,
    "low_confidence_seconds": _NOT_COMPUTED,
    "low_confidence_share": _NOT_COMPUTED,
    "switches_per_minute": "no known speaker has a turn",
    "balance": "needs two known speakers who speak",
    "mean_confidence": "there are no words",
}
_SPEAKERS: Final = {
    "share_of_speech": _NO_SPEECH,
    "share_of_duration": "the length of the debate is not known",
    "share_of_words": "no known speaker has words",
    "words_per_minute": "too little speech (parameter pace_min_speech_s)",
    "mean_confidence": "has no words",
    "mean_turn_seconds": _NO_TURN,
    "low_confidence_seconds": _NOT_COMPUTED,
    "median_turn_seconds": _NOT_COMPUTED,
    "longest_turn_seconds": _NO_TURN,
    "median_patience_seconds": _NOT_COMPUTED,
    "questions": _NOT_COMPUTED,
    "fillers_per_100_words": _NOT_COMPUTED,
    "mtld": _NOT_COMPUTED,
    "hdd": _NOT_COMPUTED,
    "mattr": _NOT_COMPUTED,
    "flesch_reading_ease": _NOT_COMPUTED,
    "flesch_kincaid_grade": _NOT_COMPUTED,
    "overlap_seconds": _NO_DIARIZATION,
    "first_second": "no speech of this speaker is timed",
}
_PAIRS: Final = {"interruptions": _NOT_COMPUTED, "butt_ins": _NOT_COMPUTED}


def notes_on_nulls(totals: Totals, speakers: Iterable[SpeakerStatistics], pairs: dict[str, object]) -> list[Note]:
    """One note a null figure, in the order of the document; where it is null for some speakers only, it names them.

    pairs: `interruptions` and `butt_ins`. Raises KeyError for a null figure that has no reason here: that is a bug.
    """
    rows = list(speakers)
    notes = [Note(field=f"totals.{field}", reason=_TOTALS[field]) for field in _nulls(totals.model_dump())]
    labels: dict[str, list[str]] = {}
    for row in rows:
        # A missing name is no missing figure.
        for field in _nulls(row.model_dump(exclude={"name", "person"})):
            labels.setdefault(field, []).append(row.label)
    for field, concerned in labels.items():
        who = "" if len(concerned) == len(rows) else f"{', '.join(concerned)}: "
        notes.append(Note(field=f"speakers[].{field}", reason=who + _SPEAKERS[field]))
    return notes + [Note(field=field, reason=_PAIRS[field]) for field in _nulls(pairs)]


def _nulls(figures: dict[str, object]) -> Iterator[str]:
    return (field for field, value in figures.items() if value is None)
