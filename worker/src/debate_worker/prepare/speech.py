"""Find speech with Silero VAD (the model that faster-whisper ships), in a stream over the PCM file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from faster_whisper.vad import get_vad_model

from debate_core.documents.plan import SAMPLE_RATE

FRAME_SAMPLES = 512
"""Silero's step: one probability for each 32 ms."""
_CONTEXT_SAMPLES = 64
_FRAMES_PER_RUN = 4000
"""About two minutes of sound, 9 MB, in one call of the model."""


@dataclass(frozen=True, slots=True)
class SpeechParameters:
    """Silero's usual thresholds; pauses of 0.2 s and more split, for the clips are cut in them."""

    threshold: float = 0.5
    end_threshold: float = 0.35
    min_speech_ms: int = 96
    min_silence_ms: int = 192
    pad_ms: int = 96


def speech_probabilities(pcm: Path, samples: int, progress: Callable[[float, float], None]) -> np.ndarray:
    """Probability of speech for each 512 samples of `pcm`: float32, shape (ceil(samples / 512),).

    The same as faster-whisper's own pass over the whole file, with the model's state carried from block to block,
    so that memory does not grow with the length.
    """
    session = get_vad_model().session
    state_h = np.zeros((1, 1, 128), np.float32)
    state_c = np.zeros((1, 1, 128), np.float32)
    context: np.ndarray = np.zeros(_CONTEXT_SAMPLES, np.float32)
    total = samples / SAMPLE_RATE
    found: list[np.ndarray] = []
    with pcm.open("rb") as file:
        while block := file.read(2 * FRAME_SAMPLES * _FRAMES_PER_RUN):
            sound = np.frombuffer(block, "<i2").astype(np.float32) / 32768
            sound = np.pad(sound, (0, -len(sound) % FRAME_SAMPLES))
            frames = sound.reshape(-1, FRAME_SAMPLES)
            before = np.vstack([context, frames[:-1, -_CONTEXT_SAMPLES:]])
            context = frames[-1, -_CONTEXT_SAMPLES:]
            output, state_h, state_c = session.run(
                None, {"input": np.hstack([before, frames]), "h": state_h, "c": state_c}
            )
            found.append(output.reshape(-1))
            progress(min(total, sum(map(len, found)) * FRAME_SAMPLES / SAMPLE_RATE), total)
    return np.concatenate(found) if found else np.zeros(0, np.float32)


def speech_spans(probabilities: np.ndarray, duration_ms: int, parameters: SpeechParameters) -> list[tuple[int, int]]:
    """Speech as [start, end) in ms: ordered, disjoint, within the duration.

    Hysteresis: speech begins above `threshold` and ends where it stays below `end_threshold` for `min_silence_ms`.
    """
    raw: list[tuple[int, int]] = []
    start: int | None = None
    quiet_from: int | None = None
    for index, probability in enumerate(probabilities):
        now = frame_to_ms(index)
        if probability >= parameters.threshold:
            quiet_from = None
            start = now if start is None else start
        elif start is not None and probability < parameters.end_threshold:
            quiet_from = now if quiet_from is None else quiet_from
            if now - quiet_from >= parameters.min_silence_ms:
                raw.append((start, quiet_from))
                start = quiet_from = None
    if start is not None:
        raw.append((start, duration_ms))
    kept = [span for span in raw if span[1] - span[0] >= parameters.min_speech_ms]
    return _padded(kept, duration_ms, parameters.pad_ms)


def frame_to_ms(index: int) -> int:
    """Start of a VAD frame in ms: a frame is exactly 32 ms."""
    return index * FRAME_SAMPLES * 1000 // SAMPLE_RATE


def _padded(spans: list[tuple[int, int]], duration_ms: int, pad_ms: int) -> list[tuple[int, int]]:
    padded: list[tuple[int, int]] = []
    for index, (start, end) in enumerate(spans):
        # A pause shorter than two pads is shared, so that spans never overlap.
        before = spans[index - 1][1] if index else 0
        after = spans[index + 1][0] if index + 1 < len(spans) else duration_ms
        left = start - min(pad_ms, (start - before) // 2 if index else start - before)
        right = end + min(pad_ms, (after - end) // 2 if index + 1 < len(spans) else after - end)
        padded.append((left, min(right, duration_ms)))
    return [span for span in padded if span[1] > span[0]]
