"""A debate with silence, noise and a loop put in, so that it is known exactly what a report must say of them."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from demo_models.debates import Placed, mix
from demo_models.grammar import sentence_of
from demo_models.synthesis import SAMPLE_RATE, speak
from demo_models.voices import DEBATERS, Voice
from unseen import Unseen, kept


@dataclass(frozen=True)
class Injected:
    """A debate with stretches of which is known exactly what they hold; (start, end) in seconds.

    debate: its truth has the words of all sentences, those of `loop` too. silence: nothing at all. noise: bursts of
    white noise as loud as speech. loop: one word again and again, of which the decoder may write some, and must name
    the rest.
    """

    debate: Unseen
    silence: tuple[float, float]
    noise: tuple[float, float]
    loop: tuple[float, float]


SILENCE_SECONDS, PAUSE_BETWEEN = 15.0, 2.5
NOISE_BURSTS, BURST_EVERY = 12, 0.35
LOOP = "No, no, no, no, no, no, no, no, no, no, no, no."


def injected_debate(folder: Path) -> Injected:
    """Two speakers with five sentences, a long silence, noise, and a loop between them; written into the folder."""
    rng = random.Random("injected")
    first, second = DEBATERS[1], DEBATERS[6]
    placed: list[Placed] = []
    time = 0.5

    def say(text: str, voice: Voice, pause: float) -> tuple[float, float]:
        nonlocal time
        utterance = speak(text, voice, rng)
        placed.append(Placed(voice.label, round(time, 2), utterance))
        start, end = placed[-1].start, placed[-1].start + utterance.seconds
        time = end + pause
        return start, end

    def sentence() -> str:
        return sentence_of(frozenset({"test"}), rng)

    say(sentence(), first, 0.4)
    before = say(sentence(), second, SILENCE_SECONDS)
    after = say(sentence(), first, PAUSE_BETWEEN)
    silence = (before[1], after[0])
    noise = (time, time + NOISE_BURSTS * BURST_EVERY)
    time = noise[1] + PAUSE_BETWEEN
    say(sentence(), second, PAUSE_BETWEEN)
    loop = say(LOOP, second, PAUSE_BETWEEN)
    say(sentence(), first, 0.0)

    debate = mix(placed)
    noises = np.random.default_rng(1)
    for burst in range(NOISE_BURSTS):
        at = round((noise[0] + BURST_EVERY * burst) * SAMPLE_RATE)
        debate.audio[at : at + SAMPLE_RATE // 5] += 0.08 * noises.standard_normal(SAMPLE_RATE // 5, dtype=np.float32)
    return Injected(kept(folder, "injected", lambda: debate), silence, noise, loop)
