"""From any sound to the plan: what is heard is planned once, and a window's hash changes with its evidence alone."""

from __future__ import annotations

from itertools import groupby, pairwise
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from debate_core.documents.plan import Audio, Diarization, Plan, PlannedModel, PlannedWindow, Transcription
from debate_worker.prepare.planning import build_plan
from debate_worker.prepare.speech import SpeechParameters, frame_to_ms, speech_spans

DETECTOR = SpeechParameters()
MODELS = [PlannedModel(repo="a/b", revision=revision, digest=revision * 64) for revision in "01"]
FRAME_MS = frame_to_ms(1)


@st.composite
def sounds(draw: st.DrawFn) -> tuple[np.ndarray, int]:
    """Probabilities of speech, one a frame, in stretches of 1 frame to 40 s; and the duration in ms."""
    stretches = draw(
        st.lists(
            st.tuples(st.sampled_from([0.02, 0.3, 0.45, 0.6, 0.98]), st.integers(1, 1250)), min_size=1, max_size=25
        )
    )
    levels = np.repeat([level for level, _ in stretches], [frames for _, frames in stretches])
    noise = np.random.default_rng(draw(st.integers(0, 9))).uniform(-0.02, 0.02, len(levels))
    return (levels + noise).astype(np.float32), frame_to_ms(len(levels)) - draw(st.integers(0, FRAME_MS - 1))


def arguments(sound: tuple[np.ndarray, int], window_s: int, clip_s: float, overlap_s: int) -> dict[str, Any]:
    probabilities, duration = sound
    return {
        "job_id": "a",
        "name": "debate",
        "request_hash": "1" * 64,
        "audio": Audio(
            sha256="2" * 64, duration_seconds=duration / 1000, offset_seconds=0, channels=1, source_sample_rate=16_000
        ),
        "transcription": Transcription(
            model=MODELS[0], task="transcribe", language="en", hotwords=[], max_clip_seconds=clip_s, beam_size=5
        ),
        "diarization": Diarization(model=MODELS[0], max_speakers=None),
        "speech": speech_spans(probabilities, duration, DETECTOR),
        "probabilities": probabilities,
        "window_ms": window_s * 1000,
        "overlap_ms": overlap_s * 1000,
    }


plans = st.builds(arguments, sounds(), st.integers(10, 300), st.sampled_from([1.5, 7.25, 30.0]), st.integers(0, 60))


def ms(seconds: float) -> int:
    whole = round(seconds * 1000)
    assert abs(seconds * 1000 - whole) < 1e-6, f"{seconds} s is no whole number of milliseconds"
    return whole


@settings(deadline=None)
@given(plans)
def test_every_millisecond_of_speech_is_in_one_clip_of_one_window(given_: dict[str, Any]) -> None:
    plan = build_plan(**given_)
    duration = ms(plan.audio.duration_seconds)
    clip_ms = ms(plan.transcription.max_clip_seconds)
    edges = [ms(window.start) for window in plan.windows] + [duration]
    assert edges[0] == 0
    assert all(ms(window.end) == following for window, following in zip(plan.windows, edges[1:], strict=True))
    times_decoded = np.zeros(duration, np.int8)
    for window in plan.windows:
        start, end = ms(window.start), ms(window.end)
        assert 0 < end - start <= given_["window_ms"]
        assert (ms(window.diarize_start), ms(window.diarize_end)) == (
            max(0, start - given_["overlap_ms"]),
            min(duration, end + given_["overlap_ms"]),
        )
        clips = [(ms(clip.start), ms(clip.end)) for clip in window.clips]
        assert all(start <= first < last <= end and last - first <= clip_ms for first, last in clips)
        assert all(one[1] <= other[0] for one, other in pairwise(clips))
        for first, last in clips:
            times_decoded[first:last] += 1
    assert all((times_decoded[ms(span.start) : ms(span.end)] == 1).all() for span in plan.speech)
    assert times_decoded.max(initial=0) <= 1


@settings(deadline=None)
@given(sounds())
def test_speech_is_heard_and_silence_is_not(sound: tuple[np.ndarray, int]) -> None:
    probabilities, duration = sound
    heard = np.zeros(frame_to_ms(len(probabilities)), bool)
    for start, end in speech_spans(probabilities, duration, DETECTOR):
        assert (probabilities[start // FRAME_MS : -(-end // FRAME_MS)] >= DETECTOR.threshold).any()
        heard[start:end] = True
    kinds = np.where(probabilities >= DETECTOR.threshold, 1, np.where(probabilities < DETECTOR.end_threshold, -1, 0))
    first = 0
    for kind, run in groupby(kinds):
        last = first + sum(1 for _ in run)
        start, end = frame_to_ms(first), min(frame_to_ms(last), duration)
        if kind == 1 and end - start >= DETECTOR.min_speech_ms:
            assert heard[start:end].all()
        if kind == -1 and end - start > DETECTOR.min_silence_ms + FRAME_MS:
            assert not heard[start + DETECTOR.pad_ms : max(start, end - DETECTOR.pad_ms)].any()
        first = last


CHANGES: list[tuple[str, Any]] = [
    ("job_id", "another"),
    ("name", "another"),
    ("request_hash", "9" * 64),
    *(("audio", change) for change in ({"sha256": "3" * 64}, {"channels": 2}, {"offset_seconds": 0.02})),
    *(
        ("transcription", change)
        for change in (
            {"model": MODELS[1]},
            {"task": "translate"},
            {"language": "auto"},
            {"hotwords": ["NATO"]},
            {"beam_size": 1},
            {"max_clip_seconds": 9.0},
        )
    ),
    *(("diarization", change) for change in ({"model": MODELS[1]}, {"max_speakers": 2}, None)),
    *(("window_ms", length) for length in (11_000, 45_000)),
    *(("overlap_ms", length) for length in (0, 61_000)),
    *(("speech", number) for number in (0, 3)),  # the span that is not heard
]


@settings(deadline=None)
@given(plans, st.data())
def test_a_hash_changes_with_what_its_window_is_made_of_and_with_nothing_else(
    given_: dict[str, Any], data: st.DataObject
) -> None:
    changed = dict(given_)
    for number in data.draw(st.sets(st.sampled_from(range(len(CHANGES))), min_size=1, max_size=2), label="changed"):
        name, change = CHANGES[number]
        if name == "speech":
            changed["speech"] = [span for number, span in enumerate(given_["speech"]) if number != change]
        else:
            changed[name] = given_[name].model_copy(update=change) if isinstance(change, dict) else change
    one, other = build_plan(**given_), build_plan(**changed)
    names: dict[str, Any] = {}
    for plan in (one, other):
        assert Plan.from_json(plan.to_json()) == plan
        for window in plan.windows:
            evidence = _evidence(plan, window)
            assert names.setdefault(window.hash, evidence) == evidence
    # As many names as there is evidence: what is the same has one name in both plans.
    both = [_evidence(plan, window) for plan in (one, other) for window in plan.windows]
    assert len(names) == len({str(evidence) for evidence in both})


def _evidence(plan: Plan, window: PlannedWindow) -> dict[str, Any]:
    """All that analyze is given for a window."""
    body = window.model_dump(exclude={"index", "hash"})
    models = plan.model_dump(include={"transcription", "diarization"})
    return body | models | {"sound": plan.audio.sha256}


@settings(deadline=None, max_examples=30)
@given(plans)
def test_the_same_sound_gives_the_same_bytes(given_: dict[str, Any]) -> None:
    again = given_ | {"speech": tuple(given_["speech"]), "probabilities": given_["probabilities"].copy()}
    assert build_plan(**again).to_json() == build_plan(**given_).to_json()
