"""RTTM: who speaks when, several at once, as the diarization heard it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from pyannote.core import Segment

_FIELDS: Final = 8  # type, file, channel, start, duration, and after two unused ones the speaker


class InvalidRttm(ValueError):
    """A line of an RTTM document cannot be read; the message names the line."""


@dataclass(frozen=True, slots=True)
class Speech:
    """`speaker` is heard in `segment` (seconds, in milliseconds' precision)."""

    segment: Segment
    speaker: str


def parse(data: bytes) -> list[Speech]:
    """The SPEAKER lines of an RTTM document, in its order; lines of other types and comments are passed over.

    Format: NIST RT-09 evaluation plan, appendix A. Raises InvalidRttm.
    """
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise InvalidRttm(f"RTTM: not UTF-8 text ({error.reason} at byte {error.start})") from error
    return list(_speech(text))


def _speech(text: str) -> Iterator[Speech]:
    for number, line in enumerate(text.splitlines(), start=1):
        fields = line.split()
        if not fields or fields[0] != "SPEAKER":
            continue
        if len(fields) < _FIELDS:
            raise InvalidRttm(f"RTTM, line {number}: {len(fields)} fields, a SPEAKER line has at least {_FIELDS}")
        start, length = _seconds(fields[3], number), _seconds(fields[4], number)
        yield Speech(Segment(round(start, 3), round(start + length, 3)), fields[7])


def _seconds(text: str, number: int) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value >= 0):
        raise InvalidRttm(f"RTTM, line {number}: {text!a} is no time in seconds")
    return value
