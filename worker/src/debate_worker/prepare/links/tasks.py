"""What the downloading process is asked, in this order. Here, so that whoever asks need not load yt-dlp."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Probe:
    """Task: look at the link. Answer: `Found`. language: the job's, or auto. max_height: lines of the picture."""

    url: str
    language: str
    max_height: int


@dataclass(frozen=True, slots=True)
class Sound:
    """Task: download the sound that the probe chose. Answer: its path."""


@dataclass(frozen=True, slots=True)
class Subtitles:
    """Task: download the subtitles in a language that the probe found. Answer: their path."""

    language: str


@dataclass(frozen=True, slots=True)
class Picture:
    """Task: download the picture alone. Answer: its path."""


Task = Probe | Sound | Subtitles | Picture
