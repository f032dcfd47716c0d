"""Odd media, made by the real ffmpeg and PyAV, the same each time: what the tests of odd inputs send.

Where a time matters, the sound is silence with one beep of half a second, 2 s after its beginning.
"""

from __future__ import annotations

import random
import shutil
import subprocess
import wave
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from worker_process import ROOT

SECONDS = 12
BEEP_AT = 2.0
BEEP = f"aevalsrc='0.4*sin(2*PI*1000*t)*between(t,{BEEP_AT},{BEEP_AT + 0.5})':s=48000:d={SECONDS}"
HUM = f"aevalsrc=0.03*sin(2*PI*300*t):d={SECONDS}"
PICTURE = f"testsrc=size=64x64:rate=10:duration={SECONDS}"
SAMPLE = ROOT / "examples" / "sample-debate.mp4"
RATE = 16_000

Make = Callable[[Path], object]


def ffmpeg(*arguments: object) -> None:
    if shutil.which("ffmpeg") is None:
        pytest.fail("ffmpeg is missing: `make test` installs it, or install your system's package")
    command = ["ffmpeg", "-nostdin", "-loglevel", "error", "-y", *map(str, arguments)]
    subprocess.run(command, check=True, capture_output=True)


def sound(*options: object) -> Make:
    """The beep alone, as ffmpeg writes it with these options."""
    return lambda path: ffmpeg("-f", "lavfi", "-i", BEEP, *options, path)


def video(*options: object, picture_late: float = 0, sound_late: float = 0) -> Make:
    """A picture and the beep."""
    return lambda path: ffmpeg(
        *("-itsoffset", picture_late, "-f", "lavfi", "-i", PICTURE),
        *("-itsoffset", sound_late, "-f", "lavfi", "-i", BEEP, *options, path),
    )


def tracks(*options: object) -> Make:
    """A picture, and two tracks of sound: 0:a:0 hums softly, 0:a:1 beeps."""
    inputs = [part for source in (PICTURE, HUM, BEEP) for part in ("-f", "lavfi", "-i", source)]
    return lambda path: ffmpeg(*inputs, *("-map", 0, "-map", 1, "-map", 2), *options, path)


def content(data: bytes) -> Make:
    return lambda path: path.write_bytes(data)


def after(make: Make, change: Callable[[bytes], bytes], suffix: str) -> Make:
    """What another makes, as a `suffix` file, with its bytes changed."""

    def changed(path: Path) -> None:
        made = path.with_name(f"before {path.stem}{suffix}")
        make(made)
        path.write_bytes(change(made.read_bytes()))

    return changed


def joined(first: Make, second: Make, suffix: str) -> Make:
    """Two recordings, one behind the other in one file."""

    def both(path: Path) -> None:
        parts = [path.with_name(f"{n} {path.stem}{suffix}") for n in (1, 2)]
        for make, part in zip((first, second), parts, strict=True):
            make(part)
        path.write_bytes(b"".join(part.read_bytes() for part in parts))

    return both


def tracks_appear(path: Path) -> None:
    """A broadcast that has thirty more tracks of sound for a while in its middle."""
    many = [part for _ in range(30) for part in ("-map", 0)]
    parts = []
    for number, tracks in enumerate(([], many, [])):
        parts.append(path.with_name(f"{number}.ts"))
        sound(*tracks, "-output_ts_offset", number * SECONDS, "-b:a", "32k")(parts[-1])
    # More of nothing than is read at either end to find the tracks.
    nothing = 32_000 * (b"\x47\x1f\xff\x10" + bytes(184))
    path.write_bytes(nothing.join(part.read_bytes() for part in parts))


def without_packets(path: Path) -> None:
    """A picture, and a track of sound with nothing in it."""
    with av.open(str(path), "w") as container:
        picture, nothing = container.add_stream("mpeg4", rate=10), container.add_stream("aac", rate=48_000)
        picture.width = picture.height = 64
        nothing.layout = "mono"
        for index in range(20):
            frame = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")
            frame.pts, frame.time_base = index, Fraction(1, 10)
            container.mux(picture.encode(frame))
        container.mux(picture.encode(None))


def cover(path: Path) -> None:
    """Sound with a picture attached, as music shops sell it."""
    image = path.with_name("cover.jpg")
    ffmpeg("-f", "lavfi", "-i", PICTURE, "-frames:v", 1, image)
    attached = ("-map", 0, "-map", 1, "-c:v", "copy", "-disposition:v", "attached_pic")
    ffmpeg("-f", "lavfi", "-i", BEEP, "-i", image, *attached, path)


def trimmed(path: Path) -> None:
    """The first 1.3 s cut away without encoding again: an edit list hides what stands before."""
    whole = path.with_name(f"whole {path.name}")
    video("-g", 25)(whole)
    ffmpeg("-ss", 1.3, "-i", whole, "-c", "copy", path)


def cut_in_half(data: bytes) -> bytes:
    return data[: len(data) // 2]


def flipped_sound(data: bytes) -> bytes:
    """200 bits of the sound and the picture turned over, none of the index."""
    changed, dice = bytearray(data), random.Random(1)
    for _ in range(200):
        changed[dice.randrange(data.index(b"mdat") + 8, len(data))] ^= 1 << dice.randrange(8)
    return bytes(changed)


def write_wav(path: Path, samples: np.ndarray) -> None:
    """samples: float in -1 .. 1, at 16 kHz."""
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())


def speech(*options: object, seconds: float = SECONDS, start: float = 0) -> Make:
    """The beginning of the sample debate: two sentences, the first one from 1.9 s on."""
    return lambda path: ffmpeg("-ss", start, "-t", seconds, "-i", SAMPLE, "-vn", *options, path)


def late_speech(late: float) -> Make:
    """A picture, and the speech that begins `late` s after it."""
    sample = ("-itsoffset", late, "-t", SECONDS, "-i", SAMPLE, "-map", "0:v", "-map", "1:a")
    return lambda path: ffmpeg("-f", "lavfi", "-i", PICTURE, *sample, path)


def silence(path: Path) -> None:
    write_wav(path, np.zeros(20 * RATE))


def noise(path: Path) -> None:
    write_wav(path, 0.15 * np.random.default_rng(7).standard_normal(20 * RATE))


def music(path: Path) -> None:
    """A band without a singer: chords, a tune over them, a drum; 20 s."""
    dice, mixed = np.random.default_rng(5), np.zeros(20 * RATE)
    for second in range(20):
        chord = [(220, 261.6, 329.6), (174.6, 220, 261.6), (130.8, 164.8, 196), (196, 246.9, 293.7)][second // 2 % 4]
        for pitch in chord:
            _play(mixed, second, _string(pitch, 1.0, decay=2), 0.3)
        for quarter in range(4):
            _play(mixed, second + quarter / 4, _string(2 * chord[dice.integers(3)], 0.25, decay=5), 0.5)
        for half in range(2):
            hit = dice.standard_normal(RATE // 10) * np.exp(-np.arange(RATE // 10) / RATE * 40)
            _play(mixed, second + half / 2, hit, 0.6)
    write_wav(path, 0.5 * mixed / np.abs(mixed).max())


def _string(pitch: float, seconds: float, decay: float) -> np.ndarray:
    t = np.arange(round(seconds * RATE)) / RATE
    tone = sum(np.sin(2 * np.pi * pitch * n * t) / n for n in range(1, 8))
    return np.asarray(tone * np.exp(-decay * t) * np.minimum(1, t / 0.01))


def _play(mixed: np.ndarray, at: float, sound: np.ndarray, loudness: float) -> None:
    first = round(at * RATE)
    sound = sound[: len(mixed) - first]
    mixed[first : first + len(sound)] += loudness * sound


DAY_S = 86_400
PERIOD_S = 600


def day(path: Path, seconds: int = DAY_S) -> None:
    """Ten minutes (12 s of speech, then silence) again and again. The packets are copied, nothing is encoded."""
    part = path.with_name("ten-minutes.flac")
    lengthened = f"apad=whole_dur={PERIOD_S},atrim=end={PERIOD_S}"
    ffmpeg("-t", SECONDS, "-i", SAMPLE, "-vn", "-ac", 1, "-ar", RATE, "-af", lengthened, "-frame_size", 32_000, part)
    with av.open(str(part)) as source, av.open(str(path), "w") as target:
        stream = target.add_stream_from_template(source.streams.audio[0])
        packets = [(bytes(packet), packet.duration) for packet in source.demux(audio=0) if packet.size]
        time = 0
        for _ in range(seconds // PERIOD_S):
            for data, duration in packets:
                packet = av.Packet(data)
                packet.stream, packet.time_base = stream, Fraction(1, RATE)
                packet.pts = packet.dts = time
                packet.duration = duration
                target.mux(packet)
                time += duration


def beeps(samples: np.ndarray) -> list[float]:
    """When the beeps begin, in s: s16 samples at 16 kHz."""
    loud = np.flatnonzero(np.abs(samples.astype(int)) > 2000)
    first = [int(loud[0])] if len(loud) else []
    return [start / RATE for start in first + [int(b) for a, b in pairwise(loud) if b - a > RATE // 2]]
