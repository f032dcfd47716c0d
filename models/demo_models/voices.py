"""The voices: who can speak in a debate, and how much each may vary from sentence to sentence."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Literal

Engine = Literal["espeak", "flite"]


@dataclass(frozen=True)
class Voice:
    """One speaker.

    `pitch` is espeak-ng's 0..100, or for flite's diphone voice (`kal16`) the mean fundamental
    frequency in hertz; None leaves the pitch that a voice was recorded with.
    `rate` is words per minute for espeak-ng, a duration factor for flite.
    """

    engine: Engine
    name: str
    pitch: int | None = 50
    rate: float = 160.0

    @property
    def label(self) -> str:
        """`engine:name`, the same for all of a speaker's sentences."""
        return f"{self.engine}:{self.name}"


def espeak(variant: str, pitch: int = 50) -> Voice:
    """An American English espeak-ng voice with one of its variants."""
    return Voice("espeak", f"en-us+{variant}", pitch=pitch)


def flite(name: str, pitch: int | None = None) -> Voice:
    """One of the voices that flite carries."""
    return Voice("flite", name, pitch=pitch, rate=1.0)


# The speakers that debates are made of: the acoustically most distinct of those trained on.
DEBATERS = (
    flite("slt"),
    flite("rms"),
    flite("awb"),
    flite("kal16", pitch=105),
    espeak("m3"),
    espeak("m7"),
    espeak("f2"),
    espeak("f4"),
    espeak("Andy"),
    espeak("steph"),
)
# Heard in training only, so that neither model ties a word or a voice too closely to a debater.
OTHERS = tuple(espeak(variant) for variant in ("m1", "m2", "m4", "m6", "f1", "f3", "linda"))
CZECH = tuple(Voice("espeak", f"cs+{variant}") for variant in ("m1", "m3", "m4", "f1", "f2", "f3", "f4"))


@dataclass(frozen=True)
class Delivery:
    """How one sentence is spoken: a voice's own manner, moved a little."""

    pitch: int | None
    rate: float
    pitch_range: int


def deliver(voice: Voice, rng: random.Random, *, spread: float = 1.0) -> Delivery:
    """A random delivery; `spread` 1 is a speaker from sentence to sentence, 3 what training hears."""
    if voice.engine == "flite":
        pitch = None if voice.pitch is None else round(voice.pitch + spread * rng.uniform(-6, 6))
        return Delivery(pitch, round(voice.rate + spread * rng.uniform(-0.05, 0.05), 3), 0)
    assert voice.pitch is not None
    return Delivery(
        round(voice.pitch + spread * rng.uniform(-5, 5)),
        round(voice.rate + spread * rng.uniform(-9, 9)),
        round(50 + spread * rng.uniform(-7, 7)),
    )
