"""A small debate with an interruption, a blip and a stranger, and every byte that finish makes of it."""

from __future__ import annotations

import json

from finish_cases import decoded, plan_of, planned, speaker_turns

from debate_core.documents.debatejob import DiarizationSpec
from debate_core.documents.window import Language, LocalSpeaker, WindowDiarization, WindowResult
from debate_worker.finish.documents import Documents, render
from debate_worker.finish.parameters import Parameters
from debate_worker.finish.report import MediaFacts
from debate_worker.finish.turns import Turn

PLAN = plan_of(
    [planned(0, 0, 10_000, 3000, 20_000), planned(1, 10_000, 20_000, 3000, 20_000)], [(0, 9500), (10_500, 18_000)]
)
EAST, NORTH = [2.0, 0.1], [0.2, 1.5]


def window(index: int, words: str, overlapping: list[Turn], exclusive: list[Turn], voices: dict) -> WindowResult:
    """words: `start-end text`, one a line."""
    parsed = []
    for line in words.strip().splitlines():
        times, text = line.strip().split(" ", 1)
        start, end = times.split("-")
        parsed.append(decoded(int(start), int(end), f" {text}", 0.8))
    return WindowResult(
        index=index,
        hash=f"{index:016x}",
        language=Language(code="en", probability=1.0, votes={"en": 3.0}),
        words=parsed,
        chunks=[],
        diarization=WindowDiarization(
            overlapping=speaker_turns(overlapping),
            exclusive=speaker_turns(exclusive),
            speakers=[LocalSpeaker(label=who, speech_seconds=5.0, centroid=voice) for who, voice in voices.items()],
        ),
    )


FIRST = window(
    0,
    """
    500-900 We
    900-1400 must
    1400-1700 act
    1750-2000 now,
    2000-2400 today.
    4000-4300 Taxes
    4350-4600 are
    4500-4750 No!
    4700-5100 low.
    8000-8400 Well,
    8500-9300 why?
    """,
    # b interrupts a (both are heard); at 1.7 s the diarizer errs for a moment.
    [
        Turn(400, 1740, "a"),
        Turn(1740, 2010, "b"),
        Turn(2010, 5200, "a"),
        Turn(4480, 4760, "b"),
        Turn(7900, 12_000, "b"),
    ],
    [
        Turn(400, 1740, "a"),
        Turn(1740, 2010, "b"),
        Turn(2010, 4480, "a"),
        Turn(4480, 4760, "b"),
        Turn(4760, 5200, "a"),
        Turn(7900, 12_000, "b"),
    ],
    {"a": EAST, "b": NORTH},
)
SECOND = window(
    1,
    """
    10600-11000 Nobody
    11000-11500 knows.
    14000-14400 I
    14400-15000 do.
    17000-17500 <music>
    """,
    [Turn(8100, 12_100, "x"), Turn(13_900, 15_100, "y")],
    [Turn(8100, 12_100, "x"), Turn(13_900, 15_100, "y")],
    {"x": None, "y": [1.0, 0.0]},
)


def rendered(*windows: WindowResult) -> Documents:
    return render(PLAN, windows, DiarizationSpec(), MediaFacts("video/mp4", 20.0, []), [], Parameters())


def test_the_transcript() -> None:
    whole = json.loads(rendered(FIRST, SECOND).files["transcript"])
    assert (whole["duration"], whole["speakers_count"]) == (20.0, 2)
    assert [tuple(entry.values()) for entry in whole["transcription"]] == [
        (0.5, 2.4, "We must act now, today.", "SPEAKER_00", 0.8),
        (4.0, 4.6, "Taxes are", "SPEAKER_00", 0.8),
        (4.5, 4.75, "No!", "SPEAKER_01", 0.8),
        (4.7, 5.1, "low.", "SPEAKER_00", 0.8),
        (8.0, 9.3, "Well, why?", "SPEAKER_01", 0.8),
        (10.6, 11.5, "Nobody knows.", "SPEAKER_01", 0.8),
        (14.0, 15.0, "I do.", "SPEAKER_00", 0.8),
        (17.0, 17.5, "<music>", "UNKNOWN", 0.8),
    ]


def test_the_captions() -> None:
    assert (
        rendered(FIRST, SECOND).files["vtt"].decode()
        == """\
WEBVTT

00:00:00.500 --> 00:00:02.400
<v SPEAKER_00>We must act now, today.

00:00:04.000 --> 00:00:04.500
<v SPEAKER_00>Taxes are

00:00:04.500 --> 00:00:04.700
<v SPEAKER_01>No!

00:00:04.700 --> 00:00:05.100
<v SPEAKER_00>low.

00:00:08.000 --> 00:00:09.300
<v SPEAKER_01>Well, why?

00:00:10.600 --> 00:00:11.500
<v SPEAKER_01>Nobody knows.

00:00:14.000 --> 00:00:15.000
<v SPEAKER_00>I do.

00:00:17.000 --> 00:00:17.500
<v UNKNOWN>&lt;music&gt;
"""
    )


def test_the_rttm_keeps_the_overlap_and_joins_the_turn_that_the_windows_cut() -> None:
    assert (
        rendered(FIRST, SECOND).files["rttm"].decode()
        == """\
SPEAKER debate 1 0.400 1.340 <NA> <NA> SPEAKER_00 <NA> <NA>
SPEAKER debate 1 1.740 0.270 <NA> <NA> SPEAKER_01 <NA> <NA>
SPEAKER debate 1 2.010 3.190 <NA> <NA> SPEAKER_00 <NA> <NA>
SPEAKER debate 1 4.480 0.280 <NA> <NA> SPEAKER_01 <NA> <NA>
SPEAKER debate 1 7.900 4.200 <NA> <NA> SPEAKER_01 <NA> <NA>
SPEAKER debate 1 13.900 1.200 <NA> <NA> SPEAKER_00 <NA> <NA>
"""
    )


def test_the_report() -> None:
    report = json.loads(rendered(FIRST, SECOND).files["report"])
    assert report["attribution"] == {
        "words": 16,
        "unattributed_words": 1,
        "smoothed_words": 1,
        "moved_words": 0,
        "speakers": 2,
        "overlap_seconds": 0.28,
    }
    assert report["linking"] == {
        "windows": 2,
        "local_speakers": 4,
        "must_links": 1,
        "similarity_links": 1,
        "forced_links": 0,
        "threshold": 0.7,
        "lowest_accepted": 0.9988,
        "closest_rejected": None,
    }
    assert report["gaps"] == [{"start": 5.1, "end": 8.0}, {"start": 11.5, "end": 14.0}, {"start": 15.0, "end": 17.0}]


def test_the_order_of_the_windows_changes_no_byte() -> None:
    assert rendered(SECOND, FIRST).files == rendered(FIRST, SECOND).files


def test_the_words_of_a_translation_are_english() -> None:
    """Statistics go by it: English words must not be counted, or read, as Czech ones."""
    transcription = PLAN.transcription.model_copy(update={"task": "translate", "language": "cs"})
    plan = PLAN.model_copy(update={"transcription": transcription})
    media = MediaFacts("video/mp4", 20.0, [])
    documents = render(plan, [FIRST, SECOND], DiarizationSpec(), media, [], Parameters())
    assert json.loads(documents.files["words"])["language"] == "en"
    assert json.loads(documents.files["report"])["language"]["code"] == "cs"
    assert documents.language == "cs"
