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
LARGE_STEP_S = 10.0
"""Back by more than this the clock began anew (joined recordings), and no sound came twice: ffmpeg's own limit."""
LONGEST_HOLE_S = 3600.0
"""Forward by more than this it is a broken clock (MPEG-TS wraps after 26 h), not an hour of missing sound."""
BELIEVED_AFTER_S = 1.0
"""A large step counts once it has held so long: one damaged timestamp must not move the rest of a debate."""


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
    """Resamples frames and lays them where their timestamps say; `flush` after the last one.

    first_seconds: the time of the first frame that has one. warnings: holes, overlaps and clocks that began anew.
    """

    def __init__(self, pcm: PcmWriter) -> None:
        self._pcm = pcm
        self._resampler = _new_resampler()
        self._format: tuple[str, str, int] | None = None
        self._origin: float | None = None
        self._in_seconds = 0.0
        self._waiting: list[AudioFrame] = []
        self._missing_s = self._double_s = 0.0
        self._restarts = 0
        self.first_seconds: float | None = None

    @property
    def warnings(self) -> list[str]:
        found = []
        if self._missing_s:
            found.append(
                f"{self._missing_s:.1f} s of sound are missing in the media, by its clock: silence stands there"
            )
        if self._double_s:
            found.append(f"{self._double_s:.1f} s of sound came twice, by the media's clock: the first is used")
        if self._restarts:
            found.append(
                f"the media's clock begins anew or jumps ({self._restarts} x), as in joined recordings: "
                "the sound was joined there, and times count on"
            )
        return found

    def add(self, frame: AudioFrame) -> None:
        """Take one frame; after a large step of the clock it waits for the next ones."""
        self._waiting.append(frame)
        latest = self._step(-1)
        if len(self._waiting) == 1 and (latest is None or abs(latest) <= LARGE_STEP_S):
            self._release(believed=True)
        elif latest is not None and abs(latest) <= LARGE_STEP_S:
            self._release(believed=False)  # the clock is back: the timestamps of those that waited were wrong
        elif _seconds(self._waiting) >= BELIEVED_AFTER_S:
            first = self._step(0)
            agree = first is not None and latest is not None and abs(latest - first) <= BELIEVED_AFTER_S
            self._release(believed=agree)

    def flush(self) -> None:
        """The end: what still waits, and what the resampler holds."""
        self._release(believed=False)
        self._write(self._resampler.resample(None))

    def _step(self, index: int) -> float | None:
        """By how much the clock of a waiting frame differs from where its sound comes, in s; None without a clock."""
        time = self._waiting[index].time
        if time is None or self._origin is None:
            return None
        return time - self._origin - self._in_seconds - _seconds(self._waiting[:index])

    def _release(self, *, believed: bool) -> None:
        waiting, self._waiting = self._waiting, []
        for frame in waiting:
            self._place(frame, frame.time if believed else None)

    def _place(self, frame: AudioFrame, time: float | None) -> None:
        """Resample one frame, after closing a hole or dropping what is already there."""
        if time is not None:
            if self._origin is None:
                self._origin = self.first_seconds = time - self._in_seconds
            step = time - self._origin - self._in_seconds
            if step < -LARGE_STEP_S or step > LONGEST_HOLE_S:
                self._restarts += 1
                self._origin += step
            elif abs(step) > JUMP_S:
                self._jump(step)
        self._in_seconds += frame.samples / frame.sample_rate
        # The clock is kept here: the resampler's own would refuse frames whose timestamps step back.
        frame.pts = None
        self._fit(frame)
        self._write(self._resampler.resample(frame))

    def _fit(self, frame: AudioFrame) -> None:
        """A resampler takes one kind of frames: broadcasts change from stereo to 5.1 and back within a recording."""
        kind = (frame.format.name, frame.layout.name, frame.sample_rate)
        if self._format not in (None, kind):
            self._write(self._resampler.resample(None))
            self._resampler = _new_resampler()
        self._format = kind

    def _jump(self, seconds: float) -> None:
        self._write(self._resampler.resample(None))
        self._resampler = _new_resampler()
        self._in_seconds += seconds
        # Measured from the origin, so that the resampler's rounding never adds up.
        missing = round(self._in_seconds * SAMPLE_RATE) - self._pcm.written
        if missing > 0:
            self._missing_s += seconds
            self._pcm.write_silence(missing)
        else:
            self._double_s -= seconds
            self._pcm.skip = -missing

    def _write(self, frames: list[AudioFrame]) -> None:
        for frame in frames:
            # Not to_ndarray: it copies each of some 170,000 frames an hour through lists and vstack.
            self._pcm.write(np.frombuffer(memoryview(frame.planes[0]), np.int16, frame.samples))


def _seconds(frames: list[AudioFrame]) -> float:
    return sum(frame.samples / frame.sample_rate for frame in frames)


def _new_resampler() -> AudioResampler:
    # libswresample mixes all channels down with normalised weights (both sides of a stereo file by half each).
    return AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE)
