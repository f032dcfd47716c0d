"""Whole debates: real output of the pipeline against figures that were looked through, a Czech one worked by hand."""

from __future__ import annotations

import json
from dataclasses import asdict
from math import log
from pathlib import Path
from typing import Any

import pytest

from debate_core.documents.statistics import Pair
from debate_core.documents.transcript import Transcript, Words
from debate_stats.debate import Debate, debate_from
from debate_stats.figures import Figures, compute
from debate_stats.parameters import Parameters
from debate_stats.rttm import parse
from debate_stats.turns import find_turns

DATA = Path(__file__).parents[2] / "data" / "statistics"
GOLDEN = DATA / "sample-debate.figures.json"


def read(name: str) -> Debate:
    return debate_from(
        Transcript.from_json((DATA / f"{name}_transcription.json").read_bytes()),
        Words.from_json((DATA / f"{name}.words.json").read_bytes()),
        parse((DATA / f"{name}.rttm").read_bytes()),
    )


def figures_of(name: str) -> Figures:
    return compute(read(name), {}, Parameters())


def plain(figures: Figures) -> Any:
    """As JSON has it, without the timeline, which is the RTTM once more."""
    parts = {key: value for key, value in asdict(figures).items() if key != "timeline"}
    return json.loads(json.dumps(parts, default=lambda part: part.model_dump(mode="json")))


def test_the_sample_debate_has_the_figures_that_were_looked_through() -> None:
    """To write them anew: `python tests/unit/stats/test_stats_golden.py`, then look through the difference."""
    assert plain(figures_of("sample-debate")) == json.loads(GOLDEN.read_text(encoding="utf-8"))


def test_the_sample_debate_is_as_it_was_written() -> None:
    """Against examples/sample-debate.truth.json: who was to speak how long, and where one was to break in."""
    truth = json.loads((DATA.parents[2] / "examples" / "sample-debate.truth.json").read_text(encoding="utf-8"))
    spoken: dict[str, float] = {}
    for turn in truth["turns"]:
        spoken[turn["speaker"]] = spoken.get(turn["speaker"], 0.0) + turn["end"] - turn["start"]
    figures = figures_of("sample-debate")
    for row, name in zip(figures.speakers, ("Morgan", "Parker", "Rivera"), strict=True):
        assert row.speaking_seconds == pytest.approx(spoken[name], rel=0.06)
    # Written: Rivera breaks in on Parker at 111.9, Parker on Rivera at 151.3. The third is of the diarization, which
    # hears Rivera a second early; two more that were written are too short by the words that were recognised.
    assert figures.interruptions == [
        Pair(by="SPEAKER_01", of="SPEAKER_02", count=1, at=[151.389]),
        Pair(by="SPEAKER_02", of="SPEAKER_00", count=1, at=[33.973]),
        Pair(by="SPEAKER_02", of="SPEAKER_01", count=1, at=[111.902]),
    ]


# The Czech debate, 100 s. Everybody speaks two words a second, each word 0.4 s long:
#   SPEAKER_00   0.0 -  6.0  12 words, 1 question
#   SPEAKER_01   6.5 - 60.0  107 words, 1 question, "ehm" and "hmm"
#   SPEAKER_02  30.0 - 31.5  3 words: a backchannel
#   SPEAKER_02  40.0 - 43.0  6 words, 1 question: SPEAKER_01 talks on
#   SPEAKER_02  59.0 - 75.0  32 words, 2 questions: SPEAKER_01 stops at 60
#   SPEAKER_00  76.2 - 78.2  4 words
#   SPEAKER_01  79.0 - 84.0  10 words, "ehm"
#   UNKNOWN     90.0 - 91.0  2 words


def test_a_czech_debate_by_hand_in_total() -> None:
    figures = figures_of("rozpocet")
    shares = [8 / 87, 58.5 / 87, 20.5 / 87]
    assert figures.totals.model_dump() == {
        "duration_seconds": 100,
        "speech_seconds": 82.5,  # 8 + 58.5 + 20.5 - 5.5 of overlap + 1 of the unknown
        "silence_seconds": 17.5,
        "overlap_seconds": 5.5,  # 1.5 + 3 + 1
        "overlap_ratio": 0.0667,
        "speakers": 3,
        "segments": 8,
        "words": 176,
        "turns": 6,  # of 6, 53.5, 3, 16, 2 and 5 s; the backchannel is none
        "mean_turn_seconds": 14.25,
        "median_turn_seconds": 5.5,
        "longest_turn_seconds": 53.5,
        "switches_per_minute": 2.9091,  # 0>1, 1>2, 2>0, 0>1: 4 in 82.5 s
        "floor_transfers": 4,  # +0.5, -1.0 (the butt-in took no floor), +1.2, +0.8
        "median_floor_transfer_seconds": 0.65,
        "questions": 5,
        "balance": round(-sum(share * log(share) for share in shares) / log(3), 4),
        "unknown_seconds": 1,
        "unknown_share": 0.0121,
        "mean_confidence": 0.942,  # (174 * 0.95 + 2 * 0.25) / 176
        "low_confidence_seconds": 0.8,
        "low_confidence_share": 0.0097,
        "untimed_segments": 0,
    }
    assert figures.interruptions == [Pair(by="SPEAKER_02", of="SPEAKER_01", count=1, at=[59])]
    assert figures.butt_ins == [Pair(by="SPEAKER_02", of="SPEAKER_01", count=1, at=[40])]
    assert [window.shares for window in figures.share_windows.windows] == [[0.092, 0.6724, 0.2356]]


def test_a_czech_debate_by_hand_speaker_by_speaker() -> None:
    host, minister, opposition = figures_of("rozpocet").speakers
    assert [row.speaking_seconds for row in (host, minister, opposition)] == [8, 58.5, 20.5]
    assert [row.share_of_duration for row in (host, minister, opposition)] == [0.08, 0.585, 0.205]
    assert [row.share_of_words for row in (host, minister, opposition)] == [0.092, 0.6724, 0.2356]  # of 174
    assert [row.words_per_minute for row in (host, minister, opposition)] == [None, 120, 120]  # 8 s are too few
    assert [row.questions for row in (host, minister, opposition)] == [1, 1, 3]
    assert [row.turns for row in (host, minister, opposition)] == [2, 2, 2]
    assert [row.median_turn_seconds for row in (host, minister, opposition)] == [4, 29.25, 9.5]
    assert [row.patience_count for row in (host, minister, opposition)] == [1, 2, 0]
    assert [row.median_patience_seconds for row in (host, minister, opposition)] == [1.2, 0.65, None]
    assert [row.overlap_seconds for row in (host, minister, opposition)] == [0, 5.5, 5.5]
    assert [row.low_confidence_seconds for row in (host, minister, opposition)] == [0, 0.8, 0]
    assert [row.fillers_per_100_words for row in (host, minister, opposition)] == [0, 2.5641, 0]  # 3 of 117
    assert [row.mtld is None for row in (host, minister, opposition)] == [True, False, True]
    # 117 words in 13 sentences, of 13, 21, 22, 24, 19, 18, 13, 25, 24, 11, 17, 13 and 22 syllables: 242.
    assert minister.flesch_reading_ease == round(206.935 - 1.672 * 9 - 62.18 * 242 / 117, 4)
    assert minister.flesch_kincaid_grade == round(0.52 * 9 + 9.133 * 242 / 117 - 16.393, 4)
    assert host.flesch_reading_ease is None


def test_the_czech_turns_are_those_that_were_written() -> None:
    found = find_turns(read("rozpocet"), Parameters())
    assert [(turn.segment.start, turn.segment.end, turn.speaker[-1]) for turn in found] == [
        (0, 6, "0"), (6.5, 60, "1"), (40, 43, "2"), (59, 75, "2"), (76.2, 78.2, "0"), (79, 84, "1"),
    ]  # fmt: skip


def test_without_the_diarization_the_same_debate_has_no_interruptions() -> None:
    """As of older systems: a transcript and nothing else."""
    transcript = Transcript.from_json((DATA / "rozpocet_transcription.json").read_bytes())
    figures = compute(debate_from(transcript, None, None), {}, Parameters())
    assert (figures.interruptions, figures.butt_ins, figures.totals.overlap_seconds) == (None, None, None)
    assert (figures.totals.words, figures.totals.questions, figures.totals.low_confidence_seconds) == (176, 5, None)
    # Only the words document states the language here: without it, there are no fillers and no readability.
    assert {row.fillers_per_100_words for row in figures.speakers} == {None}
    assert {row.flesch_reading_ease for row in figures.speakers} == {None}


if __name__ == "__main__":
    GOLDEN.write_text(json.dumps(plain(figures_of("sample-debate")), indent=1, sort_keys=True) + "\n", encoding="utf-8")
