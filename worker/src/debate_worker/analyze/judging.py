"""Judge how a clip was decoded, and choose between two decodings. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from debate_core.documents.plan import Span
from debate_core.documents.window import WindowWord

Failure = Literal["compression_ratio", "log_probability", "no_speech", "repetition", "missed_speech"]


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Whisper's own (openai/whisper, transcribe.py), a bound on loops, and when speech counts as missed.

    A text that gzip shrinks by more than `compression_ratio` repeats itself. `log_probability`: mean over the tokens.
    Above `no_speech` and below `log_probability` there is no speech. `repeats`: how often a run of 1 to 6 words may
    follow itself.
    Between two words, `missed_seconds` of speech were missed. What is heard there alone is taken only above
    `sure_log_probability` and below `sure_no_speech`: Whisper likes to put "Thank you." into a short noise.
    """

    compression_ratio: float = 2.4
    log_probability: float = -1.0
    no_speech: float = 0.6
    repeats: int = 4
    missed_seconds: float = 1.5
    sure_log_probability: float = -0.7
    sure_no_speech: float = 0.8


@dataclass(frozen=True, slots=True)
class Decoding:
    """One decoding of one clip; words in seconds from the start of the audio."""

    text: str
    words: list[WindowWord]
    average_log_probability: float
    compression_ratio: float
    no_speech_probability: float
    temperature: float


def failures(decoding: Decoding, thresholds: Thresholds) -> list[Failure]:
    """What speaks against a decoding; empty: it is good."""
    found: list[Failure] = []
    if decoding.compression_ratio > thresholds.compression_ratio:
        found.append("compression_ratio")
    if decoding.average_log_probability < thresholds.log_probability:
        found.append("log_probability")
        if decoding.no_speech_probability > thresholds.no_speech:
            found.append("no_speech")
    if longest_loop(decoding.text) > thresholds.repeats:
        found.append("repetition")
    return found


def must_drop(found: Sequence[Failure]) -> bool:
    """True for text that was invented: in silence, or by a loop. A low probability alone is kept, as low confidence."""
    return "no_speech" in found or "repetition" in found or "compression_ratio" in found


def better(first: Decoding, second: Decoding, thresholds: Thresholds) -> Decoding:
    """The one with fewer failures; of two equal ones, the more probable."""
    return min((first, second), key=lambda d: (len(failures(d, thresholds)), -d.average_log_probability))


def is_sure(decoding: Decoding, thresholds: Thresholds) -> bool:
    """Whether what was heard in missed speech may be added."""
    return (
        not failures(decoding, thresholds)
        and decoding.average_log_probability > thresholds.sure_log_probability
        and decoding.no_speech_probability < thresholds.sure_no_speech
    )


def missed_speech(
    speech: Sequence[Span], clip: Span, words: Sequence[WindowWord], thresholds: Thresholds
) -> list[Span]:
    """The stretches of a clip between two words (or its edges) that hold too much speech for no word.

    Each from where speech begins to where it ends. speech: of the voice detector, in order; words: the clip's, too.
    """
    found: list[Span] = []
    edges = [clip.start, *(edge for word in words for edge in (word.start, word.end)), clip.end]
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        heard = [(max(s.start, start), min(s.end, end)) for s in speech if s.end > start and s.start < end]
        if sum(b - a for a, b in heard) >= thresholds.missed_seconds:
            found.append(Span(start=heard[0][0], end=heard[-1][1]))
    return found


def longest_loop(text: str) -> int:
    """How often, at most, a run of 1 to 6 words follows itself: "no no no" is 3, "a b a b" is 2."""
    words = re.findall(r"\w+", text.lower())
    longest = 1 if words else 0
    for size in range(1, 7):
        matching = 0
        for word, earlier in zip(words[size:], words, strict=False):
            matching = matching + 1 if word == earlier else 0
            longest = max(longest, 1 + matching // size)
    return longest
