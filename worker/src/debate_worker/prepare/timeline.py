"""Lay decoded frames where their timestamps say: sample n of the PCM is heard n / 16000 s after the first one."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import BinaryIO

import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler

from debate_core.documents.plan import SAMPLE_RATE

JUMP_S = 0.1
"""A step of the timestamps that is a hole or an overlap, and not rounding: players resynchronise at about this."""
LONGEST_HOLE_S = 3600.0
"""A larger step is a broken clock (MPEG-TS wraps after 26 h), not an hour of missing sound."""


@dataclass(slots=True)
class PcmWriter:
    """Writes samples, knows how many, hashes them; can leave out samples that are already there."""

    file: BinaryIO
    written: int = 0
    skip: int = 0
    sha256: hashlib._Hash = field(default_factory=hashlib.sha256)

    def write(self, samples: np.ndarray) -> None:
        if self.skip:
            dropped = min(self.skip, len(samples))
            self.skip -= dropped
            samples = samples[dropped:]
        data = samples.astype("<i2", copy=False).tobytes()
        self.file.write(data)
        self.sha256.update(data)
        self.written += len(samples)

    def write_silence(self, count: int) -> None:
        while count > 0:
            part = min(count, SAMPLE_RATE)
            self.write(np.zeros(part, np.int16))
            count -= part


class Timeline:
    """Resamples frames and lays them where their timestamps say."""

    def __init__(self, pcm: PcmWriter) -> None:
        self._pcm = pcm
        self._resampler = _new_resampler()
        self._origin: float | None = None
        self._in_seconds = 0.0
        self._broken_clock = False
        self.first_seconds: float | None = None

    @property
    def warnings(self) -> list[str]:
        return ["the timestamps jump by more than an hour; the sound was joined there"] if self._broken_clock else []

    def add(self, frame: AudioFrame) -> None:
        """Resample one frame, after closing a hole or dropping what is already there."""
        if frame.time is not None:
            if self._origin is None:
                self._origin = self.first_seconds = frame.time
            jump = frame.time - self._origin - self._in_seconds
            if abs(jump) > LONGEST_HOLE_S:
                self._broken_clock = True
                self._origin += jump
            elif abs(jump) > JUMP_S:
                self._jump(jump)
        self._in_seconds += frame.samples / frame.sample_rate
        # The clock is kept here: the resampler's own would refuse frames whose timestamps step back.
        frame.pts = None
        self._write(self._resampler.resample(frame))

    def flush(self) -> None:
        self._write(self._resampler.resample(None))

    def _jump(self, seconds: float) -> None:
        self.flush()
        self._resampler = _new_resampler()
        self._in_seconds += seconds
        # Measured from the origin, so that the resampler's rounding never adds up.
        missing = round(self._in_seconds * SAMPLE_RATE) - self._pcm.written
        if missing > 0:
            self._pcm.write_silence(missing)
        else:
            self._pcm.skip = -missing

    def _write(self, frames: list[AudioFrame]) -> None:
        for frame in frames:
            self._pcm.write(frame.to_ndarray()[0])


def _new_resampler() -> AudioResampler:
    # libswresample mixes all channels down with normalised weights (both sides of a stereo file by half each).
    return AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE)
