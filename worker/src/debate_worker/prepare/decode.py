"""Decode the sound of any media file to 16 kHz mono s16 PCM, in a stream: memory does not grow with the length."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer

from debate_core.documents.plan import SAMPLE_RATE
from debate_core.errors import MediaUndecodable

BYTES_PER_SAMPLE = 2
JUMP_S = 0.1
"""A step of the timestamps that is a hole or an overlap, and not rounding: players resynchronise at about this."""
LONGEST_HOLE_S = 3600.0
"""A larger step is a broken clock (MPEG-TS wraps after 26 h), not an hour of missing sound."""
LENIENT: dict[str, Any] = {} if int(av.__version__.partition(".")[0]) >= 19 else {"metadata_errors": "replace"}
"""Metadata that is not UTF-8 must not stop the decoding. PyAV 19 (Python 3.12 and later) sees to that by itself."""


@dataclass(frozen=True, slots=True)
class DecodedAudio:
    """What was decoded.

    samples: written to the PCM file. offset_seconds: first sample's time on the container's clock.
    container_seconds: length of the sound as the container states it, or None. warnings: for the report.
    """

    samples: int
    sha256: str
    offset_seconds: float
    container_seconds: float | None
    channels: int
    source_sample_rate: int
    warnings: list[str]

    @property
    def duration_seconds(self) -> float:
        """Whole milliseconds: the plan's unit."""
        return self.samples * 1000 // SAMPLE_RATE / 1000


@dataclass(slots=True)
class _PcmWriter:
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


def decode(source: Path, target: Path, progress: Callable[[float, float], None]) -> DecodedAudio:
    """Decode the best audio stream of `source` to raw PCM in `target`.

    Holes in the timestamps become silence and overlaps are left out, so that sample n is always heard at
    n / 16000 s after the first one. `progress(done_s, total_s)` is called about once a second of work.
    Raises MediaUndecodable where there is no sound that can be decoded.
    """
    with (
        _typed_errors(source),
        av.open(str(source), **LENIENT) as container,
        target.open("wb") as file,
    ):
        return _decode(container, _PcmWriter(file), progress)


def stated_seconds(source: Path) -> float | None:
    """The length of the sound as the container states it, or None; nothing is decoded.

    Raises MediaUndecodable for what is no media or has no sound.
    """
    with _typed_errors(source), av.open(str(source), **LENIENT) as container:
        seconds = _stated_seconds(container, _sound_of(container))
    return None if seconds is None else round(seconds, 3)


@contextmanager
def _typed_errors(source: Path) -> Iterator[None]:
    try:
        yield
    except av.error.FFmpegError as error:
        raise MediaUndecodable(
            f"{source.name} cannot be decoded ({error.strerror}): check that it plays, or convert it, "
            "for instance with `ffmpeg -i in -vn out.m4a`"
        ) from error


def _sound_of(container: InputContainer) -> AudioStream:
    stream = container.streams.best("audio")
    if not isinstance(stream, AudioStream):
        raise MediaUndecodable("the media has no sound: choose the file or the stream that has the debate's audio")
    return stream


def _decode(container: InputContainer, pcm: _PcmWriter, progress: Callable[[float, float], None]) -> DecodedAudio:
    stream = _sound_of(container)
    expected = _stated_seconds(container, stream)
    damaged = _Damage()
    timeline = _Timeline(pcm)
    next_report = 0.0
    for frame in _frames(container, stream, damaged):
        timeline.add(frame)
        done = pcm.written / SAMPLE_RATE
        if done >= next_report:
            next_report = done + 10.0
            progress(done, max(done, expected or done))
    timeline.flush()
    seconds = pcm.written / SAMPLE_RATE
    if not pcm.written:
        raise MediaUndecodable("not one frame of sound could be decoded: the file is empty, damaged or not media")
    warnings = [*damaged.warnings(), *timeline.warnings]
    if expected is not None and abs(expected - seconds) > max(2.0, 0.02 * expected):
        warnings.append(f"the container states {expected:.1f} s of sound, {seconds:.1f} s could be decoded")
    start = container.start_time
    container_start = start / av.time_base if start is not None else 0.0
    return DecodedAudio(
        samples=pcm.written,
        sha256=pcm.sha256.hexdigest(),
        offset_seconds=round((timeline.first_seconds or container_start) - container_start, 3) + 0.0,
        container_seconds=None if expected is None else round(expected, 3),
        channels=stream.codec_context.channels,
        source_sample_rate=stream.codec_context.sample_rate,
        warnings=warnings,
    )


def _stated_seconds(container: InputContainer, stream: AudioStream) -> float | None:
    if stream.duration is not None and stream.time_base is not None:
        return float(stream.duration * stream.time_base)
    if container.duration is not None:
        return container.duration / av.time_base
    return None


@dataclass(slots=True)
class _Damage:
    """Counts packets that cannot be decoded: a damaged second must not cost the whole debate."""

    packets: int = 0
    cut_off: bool = False

    def warnings(self) -> list[str]:
        found = [f"{self.packets} damaged packets of sound were left out"] if self.packets else []
        return found + (["the media ends in the middle: it is damaged or was cut off"] if self.cut_off else [])


def _frames(container: InputContainer, stream: AudioStream, damage: _Damage) -> Iterator[AudioFrame]:
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets)
        except StopIteration:
            return
        except av.error.FFmpegError:
            damage.cut_off = True
            return
        try:
            yield from packet.decode()
        except av.error.EOFError:
            return
        except av.error.FFmpegError:
            damage.packets += 1


class _Timeline:
    """Resamples frames and lays them where their timestamps say."""

    def __init__(self, pcm: _PcmWriter) -> None:
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
            # Not to_ndarray: it copies each of some 170,000 frames an hour through lists and vstack.
            self._pcm.write(np.frombuffer(memoryview(frame.planes[0]), np.int16, frame.samples))


def _new_resampler() -> AudioResampler:
    # libswresample mixes all channels down with normalised weights (both sides of a stereo file by half each).
    return AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE)
