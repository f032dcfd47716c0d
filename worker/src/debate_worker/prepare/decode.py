"""Decode the sound of any media file to 16 kHz mono s16 PCM, in a stream: memory does not grow with the length."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer

from debate_core.documents.plan import SAMPLE_RATE
from debate_core.errors import MediaUndecodable
from debate_worker.prepare.media import choose_track, opened
from debate_worker.prepare.timeline import PcmWriter, Timeline


@dataclass(frozen=True, slots=True)
class DecodedAudio:
    """What was decoded.

    samples: written to the PCM file. offset_seconds: when the first one is heard, from the media's start on.
    container_seconds: length of the sound as the container states it, or else its own, or None.
    warnings: for the report, a sentence each.
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


def decode(source: Path, target: Path, progress: Callable[[float, float], None]) -> DecodedAudio:
    """Decode the sound of `source` (see `choose_track`) to raw PCM in `target`.

    Holes in the timestamps become silence and overlaps are left out, so that sample n is always heard at
    n / 16000 s after the first one. `progress(done_s, total_s)` is called about once a second of work.
    Raises MediaUndecodable where there is no sound that can be decoded, OSError where `target` cannot be written.
    """
    with opened(source) as container, target.open("wb") as file:
        return _decode(container, PcmWriter(file), progress)


def stated_seconds(source: Path) -> float | None:
    """The length of the sound as the container states it, or None; nothing is decoded.

    Raises MediaUndecodable for what is no media or has no sound.
    """
    with opened(source) as container:
        stream, _ = choose_track(container)
        seconds = _stated_seconds(container, stream)
    return None if seconds is None else round(seconds, 3)


def _decode(container: InputContainer, pcm: PcmWriter, progress: Callable[[float, float], None]) -> DecodedAudio:
    stream, choice = choose_track(container)
    expected = _stated_seconds(container, stream)
    damaged = _Damage()
    timeline = Timeline(pcm)
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
        raise MediaUndecodable(
            "not one frame of its sound could be decoded: the file is damaged or has an empty track; "
            "check that its sound plays, and export it again"
        )
    start = container.start_time / av.time_base if container.start_time is not None else 0.0
    offset = 0.0 if timeline.first_seconds is None else timeline.first_seconds - start
    warnings = [*choice, *damaged.warnings(), *timeline.warnings]
    tolerated = max(2.0, 0.02 * (expected or 0.0))
    if _length(stream) is not None and expected is not None and abs(expected - seconds) > tolerated:
        warnings.append(f"the container states {expected:.1f} s of sound, {seconds:.1f} s could be decoded")
    elif _length(stream) is None and expected is not None and expected - offset - seconds > tolerated:
        warnings.append(f"the media is {expected:.1f} s long, its sound ends after {offset + seconds:.1f} s")
    return DecodedAudio(
        samples=pcm.written,
        sha256=pcm.sha256.hexdigest(),
        offset_seconds=round(offset, 3) + 0.0,
        container_seconds=None if expected is None else round(expected, 3),
        channels=stream.codec_context.channels,
        source_sample_rate=stream.codec_context.sample_rate,
        warnings=warnings,
    )


def _stated_seconds(container: InputContainer, stream: AudioStream) -> float | None:
    if (seconds := _length(stream)) is not None:
        return seconds
    # Damaged containers state lengths below zero.
    return container.duration / av.time_base if container.duration is not None and container.duration > 0 else None


def _length(stream: AudioStream) -> float | None:
    if stream.duration is None or stream.time_base is None or stream.duration <= 0:
        return None
    return float(stream.duration * stream.time_base)


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
        except (StopIteration, IndexError):
            # IndexError: at the end PyAV also flushes tracks that appeared while it read, which it does not know.
            # Ours comes before them. (Broadcasts have such tracks, and damaged files.)
            return
        except av.error.FFmpegError:
            damage.cut_off = True
            return
        if packet.has_sidedata("encryption_info"):
            # Without the key it is noise, of which a decoder takes some packets for sound.
            raise MediaUndecodable("its sound is copy protected (encrypted): give a file without protection")
        try:
            yield from packet.decode()
        except av.error.EOFError:
            return
        except av.error.FFmpegError:
            damage.packets += 1
