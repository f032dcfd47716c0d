"""All figures of one debate, put together: the middle of the statistics document. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from pyannote.core import Segment

from debate_core.documents.statistics import Note, ShareWindows, SpeakerStatistics, TimelineEntry, Totals
from debate_core.documents.transcript import UNKNOWN_SPEAKER
from debate_stats import balance, overlap, pace, speaking_time, turns, words
from debate_stats.debate import Debate
from debate_stats.nulls import notes_on_nulls
from debate_stats.parameters import Parameters

NO_WINDOWS = ShareWindows(window_seconds=150.0, step_seconds=30.0, windows=[])


@dataclass(frozen=True, slots=True)
class Figures:
    """As in `statistics/by-job/<id>.json`. `notes` gives a reason for each figure that is null."""

    totals: Totals
    speakers: list[SpeakerStatistics]
    timeline: list[TimelineEntry]
    share_windows: ShareWindows
    notes: list[Note]


def compute(debate: Debate, names: dict[str, str], parameters: Parameters) -> Figures:
    """Every figure of the debate; `names`: label -> person, for those who are known."""
    overlapping = overlap.overlap(debate)
    found = turns.find_turns(debate, parameters)
    seconds = speaking_time.speaking_seconds(debate)
    totals = _totals(debate, seconds, overlapping, found)
    speakers = _speakers(debate, seconds, overlapping, found, names, parameters)
    notes = [*debate.notes, *notes_on_nulls(totals, speakers, {"interruptions": None, "butt_ins": None})]
    return Figures(totals=totals, speakers=speakers, timeline=_timeline(debate), share_windows=NO_WINDOWS, notes=notes)


def _totals(
    debate: Debate, seconds: dict[str, float], overlapping: list[Segment] | None, found: list[turns.Turn]
) -> Totals:
    speech = speaking_time.speech_seconds(debate)
    overlap_seconds = overlap.overlap_seconds(overlapping)
    return Totals(
        duration_seconds=debate.duration,
        speech_seconds=speech,
        silence_seconds=speaking_time.silence_seconds(debate, speech),
        overlap_seconds=overlap_seconds,
        overlap_ratio=overlap.overlap_ratio(overlap_seconds, speech),
        speakers=len(debate.speakers),
        segments=sum(debate.utterances.values()),
        words=len(debate.words),
        turns=len(found),
        mean_turn_seconds=None,
        median_turn_seconds=None,
        longest_turn_seconds=None,
        switches_per_minute=pace.switches_per_minute(turns.switches(found), speech, len(found)),
        floor_transfers=0,
        median_floor_transfer_seconds=None,
        questions=None,
        balance=balance.balance(seconds.values()),
        unknown_seconds=speaking_time.unknown_seconds(debate, speech),
        unknown_share=None,
        mean_confidence=words.mean_confidence(debate.words),
        low_confidence_seconds=None,
        low_confidence_share=None,
        untimed_segments=0,
    )


def _speakers(
    debate: Debate,
    seconds: dict[str, float],
    overlapping: list[Segment] | None,
    found: list[turns.Turn],
    names: dict[str, str],
    parameters: Parameters,
) -> list[SpeakerStatistics]:
    first = speaking_time.first_second(debate)
    overlapped = overlap.overlap_by_speaker(debate, overlapping)
    said = words.words_by_speaker(debate)
    share_of_speech = speaking_time.shares(seconds)
    share_of_words = speaking_time.shares({label: float(len(spoken)) for label, spoken in said.items()})
    return [
        SpeakerStatistics(
            label=label,
            name=names.get(label),
            person=None,
            speaking_seconds=seconds[label],
            share_of_speech=share_of_speech[label],
            share_of_duration=speaking_time.share_of_duration(seconds[label], debate),
            segments=debate.utterances.get(label, 0),
            words=len(said[label]),
            share_of_words=share_of_words[label],
            words_per_minute=pace.words_per_minute(len(said[label]), seconds[label], parameters),
            mean_confidence=words.mean_confidence(said[label]),
            low_confidence_seconds=None,
            turns=turns.turn_count(found, label),
            mean_turn_seconds=turns.mean_turn_seconds(found, label),
            median_turn_seconds=None,
            longest_turn_seconds=turns.longest_turn_seconds(found, label),
            median_patience_seconds=None,
            patience_count=0,
            questions=None,
            fillers_per_100_words=None,
            mtld=None,
            hdd=None,
            mattr=None,
            flesch_reading_ease=None,
            flesch_kincaid_grade=None,
            overlap_seconds=overlapped[label],
            first_second=first[label],
        )
        for label in debate.speakers
    ]


def _timeline(debate: Debate) -> list[TimelineEntry]:
    """Who is heard when, by start; the unknown too, under their own label: the page shows that somebody speaks."""
    heard: list[tuple[Segment, str]] = [
        *((segment, label) for segment, _, label in debate.speech.itertracks(yield_label=True)),
        *((segment, UNKNOWN_SPEAKER) for segment in debate.unknown),
    ]
    return [
        TimelineEntry(start=segment.start, end=segment.end, speaker=label)
        for segment, label in sorted(heard, key=lambda entry: (entry[0].start, entry[0].end, entry[1]))
    ]
