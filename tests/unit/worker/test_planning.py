"""The plan: windows that tile the audio, clips that fit the decoder, hashes that change when a result would."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from debate_core.documents.plan import Audio, Diarization, Plan, PlannedModel, Transcription
from debate_worker.prepare.planning import build_plan, clipped, cut_windows, group_clips

MODEL = PlannedModel(repo="a/b", revision="1", digest="0" * 64)
AUDIO = Audio(sha256="2" * 64, duration_seconds=100, offset_seconds=0, channels=2, source_sample_rate=48_000)


@st.composite
def speeches(draw: st.DrawFn) -> tuple[int, list[tuple[int, int]]]:
    """A duration in ms and ordered, disjoint spans of speech in it."""
    lengths = draw(st.lists(st.tuples(st.integers(1, 5000), st.integers(1, 40_000)), max_size=60))
    spans, now = [], 0
    for pause, length in lengths:
        spans.append((now + pause, now + pause + length))
        now += pause + length
    return now + draw(st.integers(1, 5000)), spans


def probabilities_for(duration: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).random(duration // 32 + 1).astype(np.float32)


@settings(deadline=None)
@given(speeches(), st.integers(10_000, 120_000))
def test_windows_tile_the_audio_and_keep_the_limit(case: tuple[int, list[tuple[int, int]]], limit: int) -> None:
    duration, speech = case
    windows = cut_windows(duration, speech, probabilities_for(duration), limit)
    assert windows[0][0] == 0
    assert windows[-1][1] == duration
    assert all(a[1] == b[0] for a, b in pairwise(windows))
    assert all(0 < end - start <= limit for start, end in windows)


@settings(deadline=None)
@given(speeches(), st.integers(2_000, 30_000))
def test_clips_hold_all_speech_once_and_keep_the_limit(case: tuple[int, list[tuple[int, int]]], limit: int) -> None:
    duration, speech = case
    clips = group_clips(speech, probabilities_for(duration), limit)
    assert all(0 < end - start <= limit for start, end in clips)
    assert all(a[1] <= b[0] for a, b in pairwise(clips))
    spoken = sum(end - start for start, end in speech)
    assert sum(end - start for clip in clips for start, end in clipped(speech, *clip)) == spoken


def test_a_window_is_cut_in_the_longest_silence_near_the_target() -> None:
    speech = [(0, 580_000), (584_000, 600_000), (600_500, 1_200_000)]
    assert cut_windows(1_200_000, speech, probabilities_for(1_200_000), 900_000) == [(0, 582_000), (582_000, 1_200_000)]


def test_without_silence_a_window_is_cut_where_it_sounds_least_like_speech() -> None:
    probabilities = np.ones(1_200_000 // 32 + 1, np.float32)
    probabilities[610_000 // 32 : 610_000 // 32 + 3] = 0.2
    (first, _) = cut_windows(1_200_000, [(0, 1_200_000)], probabilities, 900_000)
    assert first[1] == pytest.approx(610_000, abs=64)


def test_clips_are_cut_in_the_long_pauses() -> None:
    # Greedy filling would cut in the pause of 0.1 s, where the third span no longer fits.
    speech = [(0, 4000), (4600, 8000), (8100, 12_000), (12_700, 15_000)]
    assert group_clips(speech, probabilities_for(15_000), 10_500) == [(0, 4000), (4600, 15_000)]


def test_a_long_pause_ends_a_clip() -> None:
    assert group_clips([(0, 1000), (3500, 4500)], probabilities_for(5000), 30_000) == [(0, 1000), (3500, 4500)]


def plan(**changes: Any) -> Plan:
    arguments: dict[str, Any] = {
        "job_id": "a",
        "name": "debate",
        "request_hash": "1" * 64,
        "audio": AUDIO,
        "transcription": Transcription(
            model=MODEL, task="transcribe", language="en", hotwords=[], max_clip_seconds=30, beam_size=5
        ),
        "diarization": Diarization(model=MODEL, max_speakers=None),
        "speech": [(1000, 40_000), (41_000, 99_000)],
        "probabilities": probabilities_for(100_000),
        "window_ms": 60_000,
        "overlap_ms": 10_000,
    }
    return build_plan(**(arguments | changes))


def test_the_same_arguments_give_the_same_bytes() -> None:
    assert plan().to_json() == plan().to_json()
    assert Plan.from_json(plan().to_json()) == plan()


def test_diarization_reaches_into_the_neighbours_and_never_past_the_audio() -> None:
    first, middle, last = plan().windows
    assert (first.diarize_start, last.diarize_end) == (0, 100)
    assert middle.start - middle.diarize_start == pytest.approx(10)
    assert middle.diarize_end - middle.end == pytest.approx(10)


@pytest.mark.parametrize(
    "change",
    [
        {"overlap_ms": 5000},
        {"diarization": None},
        {"diarization": Diarization(model=MODEL, max_speakers=3)},
        {"speech": [(1000, 40_000), (41_000, 98_000)]},
        {
            "audio": Audio(
                sha256="3" * 64, duration_seconds=100, offset_seconds=0, channels=2, source_sample_rate=48_000
            )
        },
        {
            "transcription": Transcription(
                model=MODEL, task="transcribe", language="auto", hotwords=["x"], max_clip_seconds=30, beam_size=5
            )
        },
    ],
    ids=["overlap", "no diarization", "speakers", "speech", "audio", "transcription"],
)
def test_what_changes_a_result_changes_its_hash(change: dict[str, Any]) -> None:
    assert plan(**change).windows[-1].hash != plan().windows[-1].hash


def test_what_changes_no_result_changes_no_hash() -> None:
    same = plan(job_id="other", name="x", request_hash="9" * 64)
    assert [w.hash for w in same.windows] == [w.hash for w in plan().windows]
