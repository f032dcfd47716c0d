"""All figures of one debate, put together: the middle of the statistics document. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from pyannote.core import Segment

from debate_core.documents.manifest import Person
from debate_core.documents.statistics import Note, Pair, ShareWindows, SpeakerStatistics, TimelineEntry, Totals
from debate_core.documents.transcript import UNKNOWN_SPEAKER
from debate_stats import (
    balance,
    interruptions,
    overlap,
    pace,
    quality,
    questions,
    readability,
    speaking_time,
    turns,
    vocabulary,
)
from debate_stats.debate import Debate, words_by_speaker
from debate_stats.nulls import notes_on_nulls
from debate_stats.parameters import Parameters
from debate_stats.text import tokens


@dataclass(frozen=True, slots=True)
class Figures:
    """As in `statistics/by-job/<id>.json`. `notes` gives a reason for each figure that is null."""

    totals: Totals
    speakers: list[SpeakerStatistics]
    interruptions: list[Pair] | None
    butt_ins: list[Pair] | None
    timeline: list[TimelineEntry]
    share_windows: ShareWindows
    notes: list[Note]


@dataclass(frozen=True, slots=True)
class _Found:
    """What several figures are made of."""

    seconds: dict[str, float]
    overlapping: list[Segment] | None
    all_turns: list[turns.Turn]
    transfers: list[turns.FloorTransfer]
    punctuated: bool


def compute(debate: Debate, names: dict[str, Person], parameters: Parameters) -> Figures:
    """Every figure of the debate; `names`: label -> person, for those who are known."""
    found_turns = turns.find_turns(debate, parameters)
    found = _Found(
        seconds=speaking_time.speaking_seconds(debate),
        overlapping=overlap.overlap(debate),
        all_turns=found_turns,
        transfers=turns.floor_transfers(found_turns),
        punctuated=questions.is_punctuated(debate),
    )
    attempts = interruptions.attempts(debate, found.all_turns, parameters)
    pairs = {
        "interruptions": interruptions.interruptions(debate, attempts, parameters),
        "butt_ins": interruptions.butt_ins(debate, attempts, parameters),
    }
    totals = _totals(debate, found, parameters)
    speakers = _speakers(debate, found, names, parameters)
    return Figures(
        totals=totals,
        speakers=speakers,
        **pairs,
        timeline=timeline(debate),
        share_windows=balance.share_windows(debate, parameters),
        notes=[*debate.notes, *notes_on_nulls(debate, totals, speakers, pairs)],
    )


def _totals(debate: Debate, found: _Found, parameters: Parameters) -> Totals:
    speech = speaking_time.speech_seconds(debate)
    overlap_seconds = overlap.overlap_seconds(found.overlapping)
    unknown = quality.unknown_seconds(debate, speech)
    doubtful = quality.low_confidence_seconds(debate.words, debate, parameters)
    return Totals(
        duration_seconds=speaking_time.duration_seconds(debate),
        speech_seconds=speech,
        silence_seconds=speaking_time.silence_seconds(debate, speech),
        overlap_seconds=overlap_seconds,
        overlap_ratio=overlap.overlap_ratio(overlap_seconds, speech),
        speakers=speaking_time.speaker_count(debate),
        segments=speaking_time.segment_count(debate),
        words=speaking_time.word_count(debate.words),
        turns=turns.turn_count(found.all_turns),
        mean_turn_seconds=turns.mean_turn_seconds(found.all_turns),
        median_turn_seconds=turns.median_turn_seconds(found.all_turns),
        longest_turn_seconds=turns.longest_turn_seconds(found.all_turns),
        switches_per_minute=pace.switches_per_minute(turns.switches(found.all_turns), speech, len(found.all_turns)),
        floor_transfers=turns.transfer_count(found.transfers),
        median_floor_transfer_seconds=turns.median_floor_transfer_seconds(found.transfers),
        questions=questions.questions(debate.words, debate.language, punctuated=found.punctuated),
        balance=balance.balance(found.seconds.values()),
        unknown_seconds=unknown,
        unknown_share=quality.unknown_share(unknown, speech),
        mean_confidence=quality.mean_confidence(debate.words),
        low_confidence_seconds=doubtful,
        low_confidence_share=quality.low_confidence_share(doubtful, speech),
        untimed_segments=quality.untimed_segments(debate),
    )


def _speakers(
    debate: Debate, found: _Found, names: dict[str, Person], parameters: Parameters
) -> list[SpeakerStatistics]:
    seconds = found.seconds
    first = speaking_time.first_second(debate)
    overlapped = overlap.overlap_by_speaker(debate, found.overlapping)
    said = words_by_speaker(debate)
    share_of_speech = speaking_time.share_of_speech(seconds)
    share_of_words = speaking_time.share_of_words({label: len(spoken) for label, spoken in said.items()})
    rows = []
    for label in debate.speakers:
        words = said[label]
        texts = [word.text for word in words]
        own_tokens = tokens(texts)
        own_turns = turns.turns_of(found.all_turns, label)
        waits = turns.waits(found.transfers, label)
        measured = readability.measures(texts, own_tokens, debate.language, parameters)
        rows.append(
            SpeakerStatistics(
                label=label,
                name=names[label].name if label in names else None,
                person=names[label].person if label in names else None,
                speaking_seconds=seconds[label],
                share_of_speech=share_of_speech[label],
                share_of_duration=speaking_time.share_of_duration(seconds[label], debate),
                segments=speaking_time.segment_count(debate, label),
                words=speaking_time.word_count(words),
                share_of_words=share_of_words[label],
                words_per_minute=pace.words_per_minute(len(words), seconds[label], parameters),
                mean_confidence=quality.mean_confidence(words),
                low_confidence_seconds=quality.low_confidence_seconds(words, debate, parameters),
                turns=turns.turn_count(own_turns),
                mean_turn_seconds=turns.mean_turn_seconds(own_turns),
                median_turn_seconds=turns.median_turn_seconds(own_turns),
                longest_turn_seconds=turns.longest_turn_seconds(own_turns),
                median_patience_seconds=turns.median_patience_seconds(waits),
                patience_count=turns.patience_count(waits),
                questions=questions.questions(words, debate.language, punctuated=found.punctuated),
                fillers_per_100_words=vocabulary.fillers_per_100_words(own_tokens, len(words), debate.language),
                mtld=vocabulary.mtld(own_tokens, parameters),
                hdd=vocabulary.hdd(own_tokens, parameters),
                mattr=vocabulary.mattr(own_tokens, parameters),
                flesch_reading_ease=readability.flesch_reading_ease(measured, debate.language),
                flesch_kincaid_grade=readability.flesch_kincaid_grade(measured, debate.language),
                overlap_seconds=overlapped[label],
                first_second=first[label],
            )
        )
    return rows


def timeline(debate: Debate) -> list[TimelineEntry]:
    """Who is heard from when to when, by start; several at once where the diarization hears them.

    Unknown speakers are in it under the label UNKNOWN: somebody speaks.

    Figures: timeline
    Name: Timeline
    Unit: s
    """
    heard: list[tuple[Segment, str]] = [
        *((segment, label) for segment, _, label in debate.speech.itertracks(yield_label=True)),
        *((segment, UNKNOWN_SPEAKER) for segment in debate.unknown),
    ]
    return [
        TimelineEntry(start=segment.start, end=segment.end, speaker=label)
        for segment, label in sorted(heard, key=lambda entry: (entry[0].start, entry[0].end, entry[1]))
    ]
