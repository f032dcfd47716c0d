"""Notes: for every figure that is null, why it is not known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from debate_core.documents.statistics import Note, SpeakerStatistics, Totals
from debate_stats.balance import LONGEST_S
from debate_stats.debate import Debate
from debate_stats.languages import FILLERS, GRADE, READING_EASE

_NO_DIARIZATION: Final = "no diarization: a transcript cannot tell two voices at once"
_NO_WORDS: Final = "there are no words"
_NO_SINGLE_WORDS: Final = "no words document: times and probabilities of single words are not known"
_NO_KNOWN_TURN: Final = "no known speaker has a turn"
_NO_SPEECH: Final = "no speech of a known speaker is timed"
_NO_TURN: Final = "has no turn, only short remarks inside other speakers' turns"
_NO_PUNCTUATION: Final = "the transcription writes no sentence punctuation"
_FEW_TOKENS: Final = "too few words (parameter vocabulary_min_tokens)"

_TOTALS: Final = {
    "overlap_seconds": _NO_DIARIZATION,
    "overlap_ratio": "no diarization, or no speech",
    "mean_turn_seconds": _NO_KNOWN_TURN,
    "median_turn_seconds": _NO_KNOWN_TURN,
    "longest_turn_seconds": _NO_KNOWN_TURN,
    "median_floor_transfer_seconds": "the floor never goes from one known speaker to another",
    "switches_per_minute": _NO_KNOWN_TURN,
    "balance": "needs two known speakers who speak",
    "unknown_share": "nobody speaks",
    "mean_confidence": _NO_WORDS,
}
_SPEAKERS: Final = {
    "share_of_speech": _NO_SPEECH,
    "share_of_duration": "the length of the debate is not known",
    "share_of_words": "no known speaker has words",
    "words_per_minute": "too little speech (parameter pace_min_speech_s)",
    "mean_confidence": "has no words",
    "mean_turn_seconds": _NO_TURN,
    "median_turn_seconds": _NO_TURN,
    "longest_turn_seconds": _NO_TURN,
    "median_patience_seconds": "never takes the floor from another after a silence",
    "mtld": _FEW_TOKENS,
    "hdd": _FEW_TOKENS,
    "mattr": _FEW_TOKENS,
    "overlap_seconds": _NO_DIARIZATION,
    "first_second": "no speech of this speaker is timed",
}


def notes_on_nulls(
    debate: Debate, totals: Totals, speakers: Iterable[SpeakerStatistics], pairs: Mapping[str, object]
) -> list[Note]:
    """One note a null figure, in the order of the document; where it is null for some speakers only, it names them.

    pairs: `interruptions` and `butt_ins`. Raises KeyError for a null figure that has no reason here: that is a bug.
    """
    of_totals, of_speakers, of_pairs = _reasons(debate)
    rows = list(speakers)
    notes = [Note(field=f"totals.{field}", reason=of_totals[field]) for field in _nulls(totals.model_dump())]
    labels: dict[str, list[str]] = {}
    for row in rows:
        # A missing name is no missing figure.
        for field in _nulls(row.model_dump(exclude={"name", "person"})):
            labels.setdefault(field, []).append(row.label)
    for field, concerned in labels.items():
        who = "" if len(concerned) == len(rows) else f"{', '.join(concerned)}: "
        notes.append(Note(field=f"speakers[].{field}", reason=who + of_speakers[field]))
    notes += [Note(field=field, reason=of_pairs) for field in _nulls(pairs)]
    if debate.duration > LONGEST_S:
        notes.append(Note(field="share_windows", reason="no debate takes more than a week: the length is a mistake"))
    return notes


def _reasons(debate: Debate) -> tuple[dict[str, str], dict[str, str], str]:
    """Why a figure of the totals, one of a speaker, and the tables of pairs are null in this debate."""
    doubtful = _NO_WORDS if not debate.words else _NO_SINGLE_WORDS
    totals = _TOTALS | {
        "questions": _NO_PUNCTUATION if debate.words else _NO_WORDS,
        "low_confidence_seconds": doubtful,
        "low_confidence_share": "nobody speaks" if debate.words and debate.times_words else doubtful,
    }
    few_words = "too few words (parameter readability_min_words), or no sentence punctuation"
    speakers = _SPEAKERS | {
        "questions": totals["questions"],
        "low_confidence_seconds": "has no words" if debate.times_words else _NO_SINGLE_WORDS,
        "fillers_per_100_words": _of_language(debate, FILLERS, "is no list of fillers", "has no words"),
        "flesch_reading_ease": _of_language(debate, READING_EASE, "are no published constants", few_words),
        "flesch_kincaid_grade": _of_language(debate, GRADE, "are no published constants", few_words),
    }
    return totals, speakers, _NO_WORDS if debate.hears_overlap else _NO_DIARIZATION


def _of_language(debate: Debate, table: Mapping[str, object], lacks: str, otherwise: str) -> str:
    if debate.language is None:
        return "the language is not known"
    return otherwise if debate.language in table else f"there {lacks} for the language {debate.language}"


def _nulls(figures: Mapping[str, object]) -> Iterator[str]:
    return (field for field, value in figures.items() if value is None)
