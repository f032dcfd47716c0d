"""The voice detector in a stream, and its hysteresis."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from faster_whisper.vad import get_vad_model
from hypothesis import given
from hypothesis import strategies as st

from debate_worker.prepare import speech
from debate_worker.prepare.speech import SpeechParameters, frame_to_ms, speech_probabilities, speech_spans


def test_blocks_give_what_the_whole_file_gives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speech, "_FRAMES_PER_RUN", 7)
    noise = np.random.default_rng(1).normal(0, 3000, 16_000 * 3 + 77).astype("<i2")
    path = tmp_path / "a.s16"
    noise.tofile(path)
    in_blocks = speech_probabilities(path, len(noise), lambda done, total: None)
    whole = np.pad(noise.astype(np.float32) / 32768, (0, -len(noise) % 512))
    assert in_blocks.shape == (len(whole) // 512,)
    # But for the last frame: faster-whisper zeroes the last 64 samples of its input, through a view.
    np.testing.assert_allclose(in_blocks[:-1], get_vad_model()(whole).reshape(-1)[:-1], atol=1e-6)


def test_no_sound_at_all(tmp_path: Path) -> None:
    path = tmp_path / "a.s16"
    path.touch()
    assert len(speech_probabilities(path, 0, lambda done, total: None)) == 0
    assert speech_spans(np.zeros(0, np.float32), 0, SpeechParameters()) == []


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("." * 40, []),
        ("." * 10 + "#" * 10 + "." * 20, [(10 * 32 - 96, 20 * 32 + 96)]),
        # Two frames of speech are a click, three are speech.
        ("." * 10 + "##" + "." * 28, []),
        ("." * 10 + "###" + "." * 27, [(320 - 96, 13 * 32 + 96)]),
        # A dip between the thresholds, or a short one below, does not end speech.
        ("." * 10 + "####----####" + "." * 18, [(320 - 96, 22 * 32 + 96)]),
        ("." * 10 + "####.....####" + "." * 17, [(320 - 96, 23 * 32 + 96)]),
        # Speech from the first to the last frame.
        ("#" * 40, [(0, 1280)]),
    ],
)
def test_hysteresis(pattern: str, expected: list[tuple[int, int]]) -> None:
    probabilities = np.array([{"#": 0.9, "-": 0.4, ".": 0.1}[c] for c in pattern], np.float32)
    assert speech_spans(probabilities, frame_to_ms(len(pattern)), SpeechParameters()) == expected


@given(st.lists(st.floats(0, 1, width=32), max_size=300), st.integers(0, 31))
def test_spans_are_ordered_disjoint_and_inside(values: list[float], cut: int) -> None:
    duration = max(0, frame_to_ms(len(values)) - cut)
    spans = speech_spans(np.array(values, np.float32), duration, SpeechParameters())
    edges = [edge for span in spans for edge in span]
    assert edges == sorted(edges)
    assert all(end > start for start, end in spans)
    assert not edges or (edges[0] >= 0 and edges[-1] <= duration)
