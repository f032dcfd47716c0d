"""Speech from text with the time of every word: espeak-ng by ctypes, flite by its command line.

Needs Debian's `espeak-ng` (or `libespeak-ng1` with its data) and `flite`.
"""

from __future__ import annotations

import ctypes
import random
import re
import subprocess
import tempfile
import wave
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.signal import resample_poly

from demo_models.voices import Delivery, Voice, deliver

SAMPLE_RATE = 16_000
SPEECH_RMS = 0.06
_FRAME = SAMPLE_RATE // 100

Audio = NDArray[np.float32]


class SynthesisError(RuntimeError):
    """A synthesiser is missing, does not know the voice, or answered what we cannot read."""


@dataclass(frozen=True)
class Utterance:
    """One spoken sentence: 16 kHz mono audio in -1..1, and each word's start and end in seconds."""

    text: str
    voice: str
    audio: Audio
    words: tuple[tuple[float, float], ...]

    @property
    def seconds(self) -> float:
        """Length of the audio."""
        return len(self.audio) / SAMPLE_RATE


def speak(text: str, voice: Voice, rng: random.Random, *, spread: float = 1.0) -> Utterance:
    """The sentence in the voice, trimmed to the speech and brought to `SPEECH_RMS`.

    Raises SynthesisError where the engine fails.
    """
    delivery = deliver(voice, rng, spread=spread)
    if voice.engine == "flite":
        audio, starts, ends = _flite(text, voice.name, delivery)
    else:
        audio, starts, ends = _espeak(text, voice.name, delivery)
    first, last = _speech_bounds(audio)
    audio = audio[round(first * SAMPLE_RATE) : round(last * SAMPLE_RATE)]
    words = _complete(_shift(starts, first), _shift(ends, first), audio)
    level = max(1e-4, float(np.sqrt(np.mean(audio**2))))
    audio = np.clip(audio / level * SPEECH_RMS, -1.0, 1.0).astype(np.float32)
    return Utterance(text, voice.label, audio, words)


def is_loud(audio: Audio) -> NDArray[np.bool_]:
    """For each whole 10 ms of clean speech: louder than 2 % of its loudest frame?"""
    count = len(audio) // _FRAME
    energy = np.sqrt((audio[: count * _FRAME].reshape(count, _FRAME) ** 2).mean(1) + 1e-12)
    return np.asarray(energy > max(float(energy.max(initial=0.0)) * 0.02, 1e-4))


def _speech_bounds(audio: Audio) -> tuple[float, float]:
    """Seconds between which there is speech, with a little margin."""
    loud = np.flatnonzero(is_loud(audio))
    if not len(loud):
        raise SynthesisError("the synthesiser returned silence")
    return max(0, int(loud[0]) - 2) / 100, min(len(audio) // _FRAME, int(loud[-1]) + 3) / 100


def _shift(times: Sequence[float | None], by: float) -> list[float | None]:
    return [None if time is None else time - by for time in times]


def _complete(
    starts: Sequence[float | None], ends: Sequence[float | None], audio: Audio
) -> tuple[tuple[float, float], ...]:
    """Word times inside the audio, in order.

    Unknown starts share the gap between known ones. A word ends where its sound does, so that the
    pause at a comma belongs to no word.
    """
    duration = len(audio) / SAMPLE_RATE
    known = [(index, min(max(time, 0.0), duration)) for index, time in enumerate(starts) if time is not None]
    if not known or known[0][0] > 0:
        known.insert(0, (0, 0.0))
    points = [*known, (len(starts), duration)]
    filled = np.interp(range(len(starts) + 1), [index for index, _ in points], [time for _, time in points])
    filled = np.maximum.accumulate(filled)
    loud = is_loud(audio)
    result = []
    for start, following, own in zip(filled[:-1], filled[1:], ends, strict=True):
        end = float(following) if own is None else min(max(own, 0.0), float(following))
        heard = np.flatnonzero(loud[int(start * 100) : round(end * 100)])
        if len(heard):
            end = min(end, (int(start * 100) + int(heard[-1]) + 1) / 100)
        result.append((float(start), max(end, min(duration, float(start) + 0.02))))
    return tuple(result)


# espeak-ng ------------------------------------------------------------------------------------

_ESPEAK_SYNCHRONOUS = 2
_ESPEAK_EVENT_END, _ESPEAK_EVENT_WORD = 0, 1
_ESPEAK_RATE, _ESPEAK_PITCH, _ESPEAK_RANGE = 1, 3, 4
_ESPEAK_UTF8, _ESPEAK_BY_CHARACTER = 1, 1


class _Event(ctypes.Structure):
    """espeak_EVENT of speak_lib.h; `id` is a union whose widest member has 8 bytes."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", ctypes.c_char * 8),
    )


class _Espeak:
    """The espeak-ng library in retrieval mode: one process has one, and it is not thread-safe."""

    def __init__(self) -> None:
        try:
            self._library = ctypes.CDLL("libespeak-ng.so.1")
        except OSError as error:
            raise SynthesisError("libespeak-ng.so.1 is not installed: apt-get install espeak-ng") from error
        self._chunks: list[NDArray[np.int16]] = []
        self._words: list[tuple[int, float]] = []
        # SYNCHRONOUS hands the samples to the callback and plays nothing.
        self._rate: int = self._library.espeak_Initialize(_ESPEAK_SYNCHRONOUS, 0, None, 0)
        if self._rate <= 0:
            raise SynthesisError("espeak-ng cannot find its voice data")
        signature = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))
        self._callback = signature(self._receive)  # kept: the library holds a bare pointer to it
        self._library.espeak_SetSynthCallback(self._callback)

    def _receive(self, samples, count, events) -> int:  # type: ignore[no-untyped-def]
        if samples and count > 0:
            self._chunks.append(np.ctypeslib.as_array(samples, (count,)).copy())
        index = 0
        while events[index].type != _ESPEAK_EVENT_END:
            event = events[index]
            if event.type == _ESPEAK_EVENT_WORD:
                self._words.append((event.text_position - 1, event.audio_position / 1000))
            index += 1
        return 0

    def say(self, text: str, voice: str, delivery: Delivery) -> tuple[Audio, list[tuple[int, float]]]:
        """16 kHz audio and (character position, start in seconds) of the words that were reported."""
        self._chunks.clear()
        self._words.clear()
        if self._library.espeak_SetVoiceByName(voice.encode()) != 0:
            raise SynthesisError(f"espeak-ng has no voice {voice}")
        for parameter, value in (
            (_ESPEAK_RATE, delivery.rate),
            (_ESPEAK_PITCH, delivery.pitch),
            (_ESPEAK_RANGE, delivery.pitch_range),
        ):
            self._library.espeak_SetParameter(parameter, int(value or 0), 0)
        data = text.encode() + b"\0"
        self._library.espeak_Synth(data, len(data), 0, _ESPEAK_BY_CHARACTER, 0, _ESPEAK_UTF8, None, None)
        self._library.espeak_Synchronize()
        if not self._chunks:
            raise SynthesisError(f"espeak-ng said nothing for {text!r}")
        audio = np.concatenate(self._chunks).astype(np.float32) / 32768
        return resample_poly(audio, SAMPLE_RATE, self._rate).astype(np.float32), list(self._words)


@cache
def _library() -> _Espeak:
    return _Espeak()


def _espeak(text: str, voice: str, delivery: Delivery) -> tuple[Audio, list[float | None], list[float | None]]:
    audio, reported = _library().say(text, voice, delivery)
    positions = [match.start() for match in re.finditer(r"\S+", text)]
    starts: list[float | None] = [None] * len(positions)
    for position, time in reported:
        word = max((i for i, at in enumerate(positions) if at <= position), default=None)
        if word is not None:
            starts[word] = time
    return audio, starts, [None] * len(positions)


# flite ----------------------------------------------------------------------------------------

Phone = tuple[str, float, float]


def _run_flite(arguments: Sequence[str]) -> str:
    try:
        done = subprocess.run(["flite", *arguments], capture_output=True, text=True, check=True)
    except FileNotFoundError as error:
        raise SynthesisError("flite is not installed: apt-get install flite") from error
    except subprocess.CalledProcessError as error:
        raise SynthesisError(f"flite failed: {error.stderr.strip()}") from error
    return done.stdout


def _flite(text: str, voice: str, delivery: Delivery) -> tuple[Audio, list[float | None], list[float | None]]:
    setting = [f"duration_stretch={delivery.rate}"]
    if delivery.pitch is not None:
        setting.append(f"int_f0_target_mean={delivery.pitch}")
    options = [word for value in setting for word in ("--setf", value)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "speech.wav"
        # The closing space makes flite read the whole text as text, not as the name of a file.
        printed = _run_flite(["-voice", voice, *options, "-psdur", "-t", text + " ", "-o", str(path)])
        with wave.open(str(path)) as file:
            rate = file.getframerate()
            audio = np.asarray(np.frombuffer(file.readframes(file.getnframes()), np.int16) / 32768, np.float32)
    if rate != SAMPLE_RATE:
        raise SynthesisError(f"flite voice {voice} speaks at {rate} Hz, not {SAMPLE_RATE} Hz")
    starts, ends = _word_times(text, _spoken_phones(printed))
    return audio, starts, ends


def _spoken_phones(printed: str) -> list[Phone]:
    """flite's `phone:end ...` line as (phone, start, end), pauses left out."""
    phones: list[Phone] = []
    start = 0.0
    for item in printed.split():
        name, _, end = item.partition(":")
        if name != "pau":
            phones.append((name, start, float(end)))
        start = float(end)
    return phones


@cache
def _dictionary_phones(word: str) -> tuple[str, ...]:
    printed = _run_flite(["-voice", "kal", "-ps", "-t", word + " ", "-o", "none"])
    return tuple(phone for phone in printed.split() if phone != "pau")


def _word_times(text: str, spoken: Sequence[Phone]) -> tuple[list[float | None], list[float | None]]:
    """Start and end of each word: its dictionary phones aligned to the phones that were spoken."""
    tokens = text.split()
    expected = [
        (phone, index)
        for index, token in enumerate(tokens)
        for phone in _dictionary_phones(re.sub(r"[^A-Za-z']", "", token).lower())
    ]
    starts: list[float | None] = [None] * len(tokens)
    ends: list[float | None] = [None] * len(tokens)
    for row, column in _align([phone for phone, _ in expected], [phone for phone, _, _ in spoken]):
        word = expected[row][1]
        _, start, end = spoken[column]
        starts[word] = start if starts[word] is None else starts[word]
        ends[word] = end
    return starts, ends


def _align(expected: Sequence[str], spoken: Sequence[str]) -> list[tuple[int, int]]:
    """Index pairs of an edit-distance alignment; substituting costs less than a gap on both sides."""
    substitution = 0.9
    rows, columns = len(expected), len(spoken)
    cost = np.zeros((rows + 1, columns + 1))
    cost[:, 0] = np.arange(rows + 1)
    cost[0] = np.arange(columns + 1)
    different = np.array([[substitution * (a != b) for b in spoken] for a in expected])
    for i in range(1, rows + 1):
        for j in range(1, columns + 1):
            cost[i, j] = min(cost[i - 1, j - 1] + different[i - 1, j - 1], cost[i - 1, j] + 1, cost[i, j - 1] + 1)
    pairs = []
    i, j = rows, columns
    while i and j:
        if cost[i, j] == cost[i - 1, j - 1] + different[i - 1, j - 1]:
            i, j = i - 1, j - 1
            pairs.append((i, j))
        elif cost[i, j] == cost[i - 1, j] + 1:
            i -= 1
        else:
            j -= 1
    return pairs[::-1]
