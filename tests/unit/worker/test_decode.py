"""Decoding: any container to 16 kHz mono PCM whose sample n is heard n / 16000 s after the first."""

from __future__ import annotations

import hashlib
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from media import ffmpeg, tone

from debate_core.errors import MediaUndecodable
from debate_worker.prepare.decode import DecodedAudio, decode


def decoded(source: Path, tmp_path: Path) -> tuple[DecodedAudio, np.ndarray]:
    target = tmp_path / "out.s16"
    audio = decode(source, target, lambda done, total: None)
    return audio, np.fromfile(target, "<i2")


def dominant_hz(samples: np.ndarray) -> float:
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.argmax(spectrum) * 16_000 / len(samples))


def level(samples: np.ndarray) -> float:
    return float(np.sqrt(np.mean((samples / 32768) ** 2)))


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("a.wav", ()),
        ("a.flac", ()),
        ("a.mp3", ()),
        ("a.m4a", ()),
        ("a.ogg", ("-c:a", "libvorbis")),
        ("a.webm", ("-c:a", "libopus")),
        ("a.mkv", ("-c:a", "ac3", "-ac", "6")),
        ("8k.wav", ("-ar", "8000")),
        ("u8.wav", ("-c:a", "pcm_u8")),
        ("f32.wav", ("-c:a", "pcm_f32le", "-ac", "2")),
    ],
)
def test_every_common_format_becomes_the_same_tone(name: str, arguments: tuple[str, ...], tmp_path: Path) -> None:
    audio, samples = decoded(tone(tmp_path / name, 3, extra=arguments), tmp_path)
    assert audio.duration_seconds == pytest.approx(3, abs=0.1)
    assert dominant_hz(samples[4000:40_000]) == pytest.approx(440, abs=2)
    assert audio.sha256 == hashlib.sha256(samples.tobytes()).hexdigest()
    assert audio.samples == len(samples)
    assert audio.warnings == []


def test_stereo_is_mixed_with_equal_weights(tmp_path: Path) -> None:
    path = tmp_path / "s.wav"
    tones = "aevalsrc=0.5*sin(2*PI*300*t)|0.5*sin(2*PI*900*t):s=16000:d=2"
    ffmpeg("-f", "lavfi", "-i", tones, "-c:a", "pcm_s16le", path)
    audio, samples = decoded(path, tmp_path)
    spectrum = np.abs(np.fft.rfft(samples[:16_000])) / 8000 / 32768
    assert audio.channels == 2
    assert spectrum[300] == pytest.approx(0.25, abs=0.01)
    assert spectrum[900] == pytest.approx(0.25, abs=0.01)


def test_sound_that_starts_late_keeps_its_offset(tmp_path: Path) -> None:
    path = tmp_path / "late.mkv"
    picture, sound = "testsrc=size=64x64:rate=10:duration=6", "sine=frequency=440:duration=3"
    ffmpeg("-f", "lavfi", "-i", picture, "-itsoffset", "2.5", "-f", "lavfi", "-i", sound, path)
    audio, _ = decoded(path, tmp_path)
    assert audio.offset_seconds == pytest.approx(2.5, abs=0.05)
    assert audio.duration_seconds == pytest.approx(3, abs=0.1)


def test_a_hole_in_the_timestamps_becomes_silence(tmp_path: Path) -> None:
    path = tmp_path / "hole.mkv"
    # 1 s of tone, 2 s of nothing, 1 s of tone: the packets between are left out, the timestamps stay.
    dropped = "aselect='lt(t,1)+gte(t,3)'"
    ffmpeg("-f", "lavfi", "-i", "sine=frequency=440:sample_rate=16000:duration=4", "-af", dropped, "-c:a", "flac", path)
    audio, samples = decoded(path, tmp_path)
    assert audio.duration_seconds == pytest.approx(4, abs=0.1)
    assert level(samples[4000:12_000]) > 0.05
    assert level(samples[20_000:44_000]) == 0
    assert level(samples[52_000:60_000]) > 0.05


def test_a_cut_off_file_gives_what_there_is_and_says_so(tmp_path: Path) -> None:
    whole = tone(tmp_path / "whole.mp3", 60)
    cut = tmp_path / "cut.flac"
    ffmpeg("-i", whole, cut)
    cut.write_bytes(cut.read_bytes()[: cut.stat().st_size // 2])
    audio, _ = decoded(cut, tmp_path)
    assert 20 < audio.duration_seconds < 40
    assert "60.0 s of sound" in audio.warnings[-1]


@pytest.mark.parametrize(
    ("content", "advice"),
    [(b"", "cannot be decoded"), (b"this is no video\n" * 50, "cannot be decoded"), (bytes(5000), "cannot be decoded")],
)
def test_what_is_no_media_is_refused_with_advice(content: bytes, advice: str, tmp_path: Path) -> None:
    path = tmp_path / "broken.mp4"
    path.write_bytes(content)
    with pytest.raises(MediaUndecodable, match=advice):
        decoded(path, tmp_path)


def test_video_without_sound_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "silent.mp4"
    ffmpeg("-f", "lavfi", "-i", "testsrc=size=64x64:rate=10:duration=1", path)
    with pytest.raises(MediaUndecodable, match="no sound"):
        decoded(path, tmp_path)


def test_memory_does_not_grow_with_the_length(tmp_path: Path) -> None:
    # PyAV's own buffers are outside Python; this bounds what we keep: an hour would be 115 MB as PCM.
    path = tone(tmp_path / "long.flac", 1200, rate=16_000)
    tracemalloc.start()
    decode(path, tmp_path / "long.s16", lambda done, total: None)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 5_000_000
