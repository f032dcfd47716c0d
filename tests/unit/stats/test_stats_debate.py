"""From documents to a debate: what is cut, left out or stands in, and that it is said."""

from __future__ import annotations

import math

import pytest
from pyannote.core import Segment
from pydantic import ValidationError
from stats_builders import heard, talk, utterance, word

from debate_core.documents.transcript import Transcript, Word, Words
from debate_stats.debate import debate_from
from debate_stats.rttm import InvalidRttm, Speech, parse


def test_segments_are_cut_at_the_end_of_the_media_and_it_is_noted() -> None:
    debate = talk((50, 70, "A"), (80, 90, "B"), duration=60)
    assert debate.segments_of("A") == [Segment(50, 60)]
    assert debate.speakers == ("A",)
    assert [note.reason for note in debate.notes if note.field == "timeline"] == [
        "2 segments that end after the media were cut there"
    ]


def test_segments_without_a_length_are_left_out_and_it_is_noted() -> None:
    debate = talk((3, 3, "A"), (5, 4, "A"), (6, 7, "A"))
    assert debate.segments_of("A") == [Segment(6, 7)]
    assert "2 segments without a length were left out" in [note.reason for note in debate.notes]


def test_without_a_stated_length_the_last_segment_ends_the_debate() -> None:
    debate = talk((0, 7.5, "A"), duration=0)
    assert debate.duration == 7.5
    assert "totals.duration_seconds" in {note.field for note in debate.notes}


def test_a_transcript_alone_is_enough() -> None:
    lines = [utterance(0, 4, "A", "one two three four"), utterance(4, 6, "UNKNOWN", "five")]
    debate = debate_from(Transcript(duration=10, speakers_count=1, transcription=lines), None, None)
    assert debate.segments_of("A") == [Segment(0, 4)]
    assert debate.unknown == (Segment(4, 6),)
    assert [(spoken.at, spoken.speaker) for spoken in debate.words] == [
        (0.5, "A"), (1.5, "A"), (2.5, "A"), (3.5, "A"), (5.0, "UNKNOWN"),
    ]  # fmt: skip
    assert not debate.hears_overlap
    assert {note.field for note in debate.notes} == {"totals.words", "timeline"}


def test_without_diarization_all_words_are_nobodys() -> None:
    lines = [utterance(0, 4, "UNKNOWN", "one two")]
    words = Words(language="en", duration=10, words=[word(1, "UNKNOWN"), word(2, "UNKNOWN")])
    debate = debate_from(Transcript(duration=10, speakers_count=0, transcription=lines), words, None)
    assert debate.speakers == ()
    assert len(debate.words) == 2
    assert debate.unknown == (Segment(0, 4),)


def test_a_speaker_of_words_alone_is_a_speaker() -> None:
    debate = talk((0, 4, "A"), words=[(1, "A"), (2, "B")])
    assert debate.speakers == ("A", "B")
    assert debate.segments_of("B") == []


def test_speakers_are_in_the_order_of_their_numbers() -> None:
    debate = talk((0, 1, "SPEAKER_100"), (1, 2, "SPEAKER_99"), (2, 3, "SPEAKER_02"))
    assert debate.speakers == ("SPEAKER_02", "SPEAKER_99", "SPEAKER_100")


def test_rttm_lines_are_read_and_others_passed_over() -> None:
    text = (
        ";; a comment\n"
        "\n"
        "SPKR-INFO clip 1 <NA> <NA> <NA> unknown A <NA> <NA>\n"
        "SPEAKER clip 1 0.100 0.200 <NA> <NA> A <NA> <NA>\n"
        "SPEAKER clip 1 1e1 2 <NA> <NA> B\n"
    )
    assert parse(text.encode()) == heard([(0.1, 0.3, "A"), (10, 12, "B")])
    assert parse(b"") == []


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"SPEAKER clip 1 0.1 0.2\n", "line 1: 5 fields"),
        (b"\nSPEAKER clip 1 x 0.2 <NA> <NA> A\n", "line 2: 'x' is no time"),
        (b"SPEAKER clip 1 nan 0.2 <NA> <NA> A\n", "'nan' is no time"),
        (b"SPEAKER clip 1 0 inf <NA> <NA> A\n", "'inf' is no time"),
        (b"SPEAKER clip 1 0 -1 <NA> <NA> A\n", "'-1' is no time"),
        (b"SPEAKER \xff 1 0 1 <NA> <NA> A\n", "not UTF-8"),
    ],
)
def test_an_rttm_that_cannot_be_read_names_the_line(data: bytes, message: str) -> None:
    with pytest.raises(InvalidRttm, match=message):
        parse(data)


def test_rttm_from_our_own_writer_keeps_milliseconds() -> None:
    (entry,) = parse(b"SPEAKER clip 1 0.100 0.200 <NA> <NA> A <NA> <NA>\n")
    assert entry == Speech(Segment(0.1, 0.3), "A")  # 0.1 + 0.2 is 0.30000000000000004


def test_what_is_told_twice_counts_once_and_it_is_noted() -> None:
    lines = [utterance(0, 4, "A", "one two"), utterance(0, 4, "A", "one two"), utterance(0, 4, "B", "one two")]
    debate = debate_from(Transcript(duration=10, speakers_count=2, transcription=lines), None, None)
    assert debate.utterances == {"A": 1, "B": 1}
    assert [(spoken.text, spoken.speaker) for spoken in debate.words].count(("one", "A")) == 1
    assert "1 utterances that were told twice count once" in [note.reason for note in debate.notes]


def test_words_that_are_told_twice_count_once() -> None:
    told = Word(start=1, end=2, text="no", probability=0.9, speaker="A")
    untimed = word(3, "A", text="no")  # two of no length may be two words
    words = Words(language="en", duration=10, words=[told, told, untimed, untimed])
    debate = debate_from(Transcript(duration=10, speakers_count=1, transcription=[]), words, [])
    assert len(debate.words) == 3
    assert "1 words that were told twice count once" in [note.reason for note in debate.notes]


def test_words_after_the_end_are_counted_and_it_is_noted() -> None:
    words = Words(language="en", duration=10, words=[word(9, "A"), word(10, "A"), word(11, "A")])
    debate = debate_from(Transcript(duration=10, speakers_count=1, transcription=[]), words, [])
    assert len(debate.words) == 3
    assert "2 words begin after the end of the media; they are counted" in [note.reason for note in debate.notes]


@pytest.mark.parametrize("wrong", [math.nan, math.inf, -math.inf, -1.0])
def test_no_document_holds_a_time_that_is_none(wrong: float) -> None:
    """So none reaches the figures: each of these is refused where documents are read."""
    with pytest.raises(ValidationError):
        utterance(wrong, 4, "A")
    with pytest.raises(ValidationError):
        utterance(0, wrong, "A")
    with pytest.raises(ValidationError):
        utterance(0, 4, "A", confidence=wrong)
    with pytest.raises(ValidationError):
        word(wrong, "A")
    with pytest.raises(ValidationError):
        word(1, "A", probability=wrong)
    with pytest.raises(ValidationError):
        Transcript(duration=wrong, speakers_count=0, transcription=[])


def test_times_before_the_start_are_cut() -> None:
    """No document has them, and a caller who has gets what lies in the media."""
    assert talk((-3, 2, "A"), (-2, -1, "B"), duration=10).segments_of("A") == [Segment(0, 2)]
