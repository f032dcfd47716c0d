"""Each figure against values computed by hand."""

from __future__ import annotations

import math

import pytest
from stats_builders import heard, talk, utterance, word

from debate_core.documents.manifest import Person
from debate_core.documents.transcript import Transcript, Word, Words
from debate_stats import balance, overlap, pace, quality, speaking_time
from debate_stats.debate import debate_from, words_by_speaker
from debate_stats.figures import compute
from debate_stats.parameters import Parameters

DEFAULT = Parameters()


def test_speaking_time_is_the_union_of_a_speakers_segments_never_their_sum() -> None:
    debate = talk((0, 10, "A"), (5, 12, "A"), (5, 12, "A"), (20, 21, "A"), (11, 14, "B"))
    assert speaking_time.speaking_seconds(debate) == {"A": 13, "B": 3}
    assert speaking_time.known_seconds(debate) == 15
    assert speaking_time.speech_seconds(debate) == 15
    assert speaking_time.silence_seconds(debate, 15) == 85


def test_shares_count_overlapping_speech_for_each_who_speaks() -> None:
    assert speaking_time.shares({"A": 30.0, "B": 10.0}) == {"A": 0.75, "B": 0.25}
    assert speaking_time.shares({"A": 0.0, "B": 0.0}) == {"A": None, "B": None}
    assert speaking_time.shares({}) == {}


def test_share_of_duration_is_of_the_whole_debate_silence_included() -> None:
    assert speaking_time.share_of_duration(25, talk(duration=100)) == 0.25
    assert speaking_time.share_of_duration(0, talk(duration=0)) is None


def test_unknown_speech_is_speech_but_nobodys() -> None:
    debate = debate_from(
        Transcript(
            duration=60,
            speakers_count=1,
            transcription=[utterance(0, 10, "A"), utterance(8, 14, "UNKNOWN"), utterance(30, 31, "UNKNOWN")],
        ),
        None,
        heard([(0, 10, "A")]),
    )
    speech = speaking_time.speech_seconds(debate)
    assert speech == 15
    assert quality.unknown_seconds(debate, speech) == 5
    assert debate.speakers == ("A",)


def test_first_second_is_when_a_speaker_is_first_heard() -> None:
    assert speaking_time.first_second(talk((7, 9, "B"), (3, 4, "A"), (1.5, 2, "A"))) == {"A": 1.5, "B": 7}


@pytest.mark.parametrize(
    ("spans", "seconds", "by_speaker"),
    [
        ([(0, 10, "A"), (8, 12, "B")], 2, {"A": 2, "B": 2}),
        ([(0, 10, "A"), (0, 10, "B")], 10, {"A": 10, "B": 10}),
        ([(0, 10, "A"), (2, 4, "B"), (3, 5, "C")], 3, {"A": 3, "B": 2, "C": 2}),
        ([(0, 10, "A"), (2, 4, "B"), (12, 14, "C"), (13, 15, "B")], 3, {"A": 2, "B": 3, "C": 1}),
        ([(0, 5, "A"), (5, 9, "B")], 0, {"A": 0, "B": 0}),
        ([(0, 5, "A"), (3, 8, "A")], 0, {"A": 0}),
    ],
    ids=["partial", "equal segments", "three at once", "twice", "touching", "one speaker's own"],
)
def test_overlap_counts_each_moment_once(
    spans: list[tuple[float, float, str]], seconds: float, by_speaker: dict[str, float]
) -> None:
    debate = talk(*spans)
    overlapping = overlap.overlap(debate)
    assert overlap.overlap_seconds(overlapping) == seconds
    assert overlap.overlap_by_speaker(debate, overlapping) == by_speaker


def test_overlap_is_unknown_without_diarization_not_zero() -> None:
    debate = talk((0, 10, "A"), (10, 20, "B"), diarized=False)
    overlapping = overlap.overlap(debate)
    assert overlapping is None
    assert overlap.overlap_seconds(overlapping) is None
    assert overlap.overlap_ratio(None, 20) is None
    assert overlap.overlap_by_speaker(debate, overlapping) == {"A": None, "B": None}


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        ([10, 10], 1),
        ([10, 10, 10], 1),
        ([30, 10], 0.8112781244591328),  # the binary entropy of 1/4
        ([10, 10, 0], 1),  # who never speaks has no part in the balance
        ([10], None),
        ([], None),
        ([0, 0], None),
    ],
)
def test_balance_is_normalised_entropy(seconds: list[float], expected: float | None) -> None:
    assert balance.balance(seconds) == (expected if expected is None else pytest.approx(expected))


@pytest.mark.parametrize(
    ("count", "seconds", "expected"), [(30, 15, 120), (3, 10, 18), (3, 9.999, None), (0, 60, 0), (5, 0, None)]
)
def test_words_a_minute_need_ten_seconds(count: int, seconds: float, expected: float | None) -> None:
    assert pace.words_per_minute(count, seconds, DEFAULT) == expected


def test_switches_a_minute_of_speech() -> None:
    assert pace.switches_per_minute(3, 90, 4) == 2
    assert pace.switches_per_minute(0, 90, 0) is None
    assert pace.switches_per_minute(0, 0, 0) is None


def test_mean_confidence_is_over_words() -> None:
    debate = debate_from(
        Transcript(duration=10, speakers_count=1, transcription=[]),
        Words(language="en", duration=10, words=[word(1, "A", 0.5), word(2, "A", 1.0), word(3, "UNKNOWN", 0.3)]),
        [],
    )
    assert quality.mean_confidence(words_by_speaker(debate)["A"]) == 0.75
    assert quality.mean_confidence(debate.words) == pytest.approx(0.6)
    assert quality.mean_confidence([]) is None


def test_one_debate_by_hand() -> None:
    """60 s. A 0-20 and 30-36, B 18-30: 2 s of both; A's second turn starts where B stops. Silence from 36 on."""
    debate = debate_from(
        Transcript(
            duration=60,
            speakers_count=2,
            transcription=[utterance(0, 20, "A"), utterance(20, 30, "B"), utterance(30, 36, "A")],
        ),
        Words(
            language="en",
            duration=60,
            words=[word(at, "A", 0.8) for at in (1, 2, 3, 31)] + [word(at, "B", 0.5) for at in (21, 22)],
        ),
        heard([(0, 20, "A"), (18, 30, "B"), (30, 36, "A")]),
    )
    figures = compute(debate, {"A": Person(name="Anna")}, DEFAULT)
    totals = figures.totals
    assert totals.model_dump() == {
        "duration_seconds": 60,
        "speech_seconds": 36,
        "silence_seconds": 24,
        "overlap_seconds": 2,
        "overlap_ratio": 0.0556,
        "speakers": 2,
        "segments": 3,
        "words": 6,
        "turns": 3,
        "mean_turn_seconds": 12.667,
        "median_turn_seconds": 12,
        "longest_turn_seconds": 20,
        "switches_per_minute": 3.3333,
        "floor_transfers": 2,
        "median_floor_transfer_seconds": -1,
        "questions": None,
        "balance": round(-(26 / 38 * math.log2(26 / 38) + 12 / 38 * math.log2(12 / 38)), 4),
        "unknown_seconds": 0,
        "unknown_share": 0,
        "mean_confidence": 0.7,
        "low_confidence_seconds": 0,
        "low_confidence_share": 0,
        "untimed_segments": 0,
    }
    anna, ben = figures.speakers
    assert (anna.label, anna.name, ben.label, ben.name) == ("A", "Anna", "B", None)
    assert (anna.speaking_seconds, anna.share_of_speech, anna.share_of_duration) == (26, 0.6842, 0.4333)
    assert (anna.segments, anna.words, anna.share_of_words, anna.words_per_minute) == (2, 4, 0.6667, 9.2308)
    assert (anna.turns, anna.mean_turn_seconds, anna.longest_turn_seconds) == (2, 13, 20)
    assert (anna.mean_confidence, anna.overlap_seconds, anna.first_second) == (0.8, 2, 0)
    assert (ben.speaking_seconds, ben.words_per_minute, ben.first_second) == (12, 10, 18)
    assert [(entry.start, entry.end, entry.speaker) for entry in figures.timeline] == [
        (0, 20, "A"),
        (18, 30, "B"),
        (30, 36, "A"),
    ]


def test_what_cannot_be_known_is_null_and_says_why() -> None:
    figures = compute(talk((0, 20, "A"), (20, 40, "B"), diarized=False), {}, DEFAULT)
    reasons = {note.field: note.reason for note in figures.notes}
    assert figures.interruptions is None
    assert figures.butt_ins is None
    assert figures.totals.overlap_seconds is None
    for field in ("interruptions", "butt_ins", "totals.overlap_seconds", "speakers[].overlap_seconds"):
        assert reasons[field] == "no diarization: a transcript cannot tell two voices at once"
    assert reasons["totals.questions"] == reasons["totals.mean_confidence"] == "there are no words"
    assert reasons["speakers[].mtld"].startswith("too few words")
    assert reasons["speakers[].median_patience_seconds"] == "never takes the floor from another after a silence"


def test_a_note_names_the_speakers_it_is_about() -> None:
    figures = compute(talk((0, 20, "A"), (20, 29, "B"), words=[(1, "A"), (21, "B")]), {}, DEFAULT)
    (note,) = [note for note in figures.notes if note.field == "speakers[].words_per_minute"]
    assert note.reason.startswith("B: ")


def test_an_empty_debate_has_figures_and_reasons() -> None:
    figures = compute(talk(duration=0), {}, DEFAULT)
    assert figures.totals.duration_seconds == 0
    assert figures.totals.overlap_seconds == 0
    assert figures.totals.balance is None
    assert figures.speakers == []
    assert figures.timeline == []
    assert {"totals.balance", "totals.switches_per_minute"} <= {note.field for note in figures.notes}


def test_share_over_time_is_of_the_speech_in_each_window() -> None:
    """Windows of 4 s every 2 s over 9 s: the last is the first that reaches the end, and is cut there."""
    debate = talk((0, 3, "A"), (2, 3, "B"), (8, 9, "B"), duration=9)
    windows = balance.share_windows(debate, Parameters(share_window_s=4, share_step_s=2))
    assert (windows.window_seconds, windows.step_seconds) == (4, 2)
    assert [(window.start, window.end, window.shares) for window in windows.windows] == [
        (0, 4, [0.75, 0.25]),
        (2, 6, [0.5, 0.5]),
        (4, 8, None),
        (6, 9, [0, 1]),
    ]


@pytest.mark.parametrize(
    ("duration", "windows"),
    [(0, []), (100, [(0, 100)]), (150, [(0, 150)]), (151, [(0, 150), (30, 151)]), (1e10, [])],
    ids=["no length", "shorter than a window", "one window", "a second more", "a mistake"],
)
def test_windows_cover_the_debate(duration: float, windows: list[tuple[float, float]]) -> None:
    found = balance.share_windows(talk(duration=duration), DEFAULT).windows
    assert [(window.start, window.end) for window in found] == windows


def test_a_length_that_must_be_a_mistake_is_noted() -> None:
    figures = compute(talk((0, 20, "A"), duration=1e10), {}, DEFAULT)
    assert "share_windows" in {note.field for note in figures.notes}


def test_doubtful_speech_is_the_union_of_the_times_of_doubtful_words() -> None:
    """A: 1-3 and 2-4 overlap; B 3.5-5 overlaps A, and 9-12 is cut at the end of the media; 0.5 is not below 0.5."""
    times = [(1, 3, "A", 0.4), (2, 4, "A", 0.1), (5, 6, "A", 0.5), (3.5, 5, "B", 0.3), (9, 12, "B", 0.0)]
    words = [Word(start=s, end=e, speaker=who, probability=p, text="word") for s, e, who, p in times]
    debate = debate_from(
        Transcript(duration=10, speakers_count=2, transcription=[]),
        Words(language="en", duration=10, words=words),
        heard([(0, 8, "A"), (3, 10, "B")]),
    )
    figures = compute(debate, {}, DEFAULT)
    assert [row.low_confidence_seconds for row in figures.speakers] == [3, 2.5]
    assert (figures.totals.low_confidence_seconds, figures.totals.low_confidence_share) == (5, 0.5)


def test_doubtful_speech_is_unknown_without_single_words() -> None:
    lines = [utterance(0, 4, "A", "one two", confidence=0.1)]
    figures = compute(
        debate_from(Transcript(duration=9, speakers_count=1, transcription=lines), None, None), {}, DEFAULT
    )
    assert figures.totals.low_confidence_seconds is None
    assert figures.totals.low_confidence_share is None
    reasons = {note.field: note.reason for note in figures.notes}
    assert reasons["totals.low_confidence_share"].startswith("no words document")
    assert reasons["speakers[].low_confidence_seconds"].startswith("no words document")


def test_text_without_time_is_counted_and_named() -> None:
    lines = [utterance(1, 1, "A", "Untimed words."), utterance(2, 2, "A", " "), utterance(3, 4, "A", "Timed.")]
    figures = compute(
        debate_from(Transcript(duration=9, speakers_count=1, transcription=lines), None, None), {}, DEFAULT
    )
    assert (figures.totals.untimed_segments, figures.totals.segments, figures.totals.words) == (1, 3, 3)


def test_a_czech_debate_gets_no_english_formula() -> None:
    """The same words, said to be of other languages: another number, or none."""
    text = ("Musíme stavět dobré školy dnes. " * 20).split()
    words = [word(at / 10, "A", text=each) for at, each in enumerate(text)]

    def ease(language: str) -> float | None:
        transcript = Transcript(duration=60, speakers_count=1, transcription=[])
        debate = debate_from(transcript, Words(language=language, duration=60, words=words), heard([(0, 60, "A")]))
        return compute(debate, {}, DEFAULT).speakers[0].flesch_reading_ease

    # 5 words and 10 syllables a sentence: mu-sí-me sta-vět dob-ré ško-ly dnes.
    assert ease("cs") == pytest.approx(206.935 - 1.672 * 5 - 62.18 * 2, abs=1e-4)
    assert ease("sk") is None
    assert ease("en") != ease("cs")
    assert ease("cs-CZ") == ease("cs")


def test_the_language_that_the_report_states_goes_before_the_words() -> None:
    transcript = Transcript(duration=9, speakers_count=1, transcription=[])
    words = Words(language="en", duration=9, words=[word(1, "A", text="Um.")])
    assert debate_from(transcript, words, []).language == "en"
    assert debate_from(transcript, words, [], "cs").language == "cs"
    assert debate_from(transcript, None, []).language is None
