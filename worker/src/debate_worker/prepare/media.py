"""Open a media file: which kinds of files are opened at all, and which of its tracks of sound is the debate's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.stream import Disposition

from debate_core.errors import MediaUndecodable
from debate_worker.ending import one_line

KINDS = (
    "3gp aac ac3 aiff amr ape asf au avi caf dsf dss dts dtshd dv eac3 flac flv gsm gxf iff ivf loas matroska mov mp3 "
    "mpc mpc8 mpeg mpegts mpegvideo mxf nut ogg oma qcp rm shn tak truehd tta voc w64 wav wtv wv xwma"
)
"""ffmpeg's readers of recordings. The rest stays closed: a playlist (HLS, DASH, concat) opens what it names, which
would be other people's files, or addresses that only this machine can reach; and a text would be read as pictures."""

OPTIONS: dict[str, str] = {"format_whitelist": KINDS.replace(" ", ","), "protocol_whitelist": "file"}
LENIENT: dict[str, Any] = {} if int(av.__version__.partition(".")[0]) >= 19 else {"metadata_errors": "replace"}
"""Metadata that is not UTF-8 must not stop the decoding. PyAV 19 (Python 3.12 and later) sees to that by itself."""

ASIDE = (
    Disposition.comment
    | Disposition.dub
    | Disposition.karaoke
    | Disposition.hearing_impaired
    | Disposition.visual_impaired
    | Disposition.clean_effects
    | Disposition.descriptions
)
"""What a track is marked with that is not the debate itself, but something beside it."""
NAMED_TRACKS = 8
LONGEST_TITLE = 40


@contextmanager
def opened(source: Path) -> Iterator[InputContainer]:
    """The file, open for reading. Raises MediaUndecodable where it is no media, also within the block."""
    try:
        # `file:`, because ffmpeg takes what stands before a colon in a path for a protocol.
        with av.open(f"file:{source}", options=OPTIONS, **LENIENT) as container:
            yield container
    except av.error.FFmpegError as error:
        raise MediaUndecodable(_advice(source, error)) from error


def _advice(source: Path, error: av.error.FFmpegError) -> str:
    if not source.stat().st_size:
        return f"{source.name} cannot be decoded, it is empty: send the file again, its copy or upload broke off"
    if isinstance(error, av.error.ArgumentError):  # what ffmpeg says of a kind that is not among KINDS
        return (
            f"{source.name} is no recording, but a playlist, a picture or a text: give the audio or video file itself"
        )
    return (
        f"{source.name} cannot be decoded ({error.strerror}): check that it plays, or convert it, "
        "for instance with `ffmpeg -i in -vn out.m4a`"
    )


def choose_track(container: InputContainer) -> tuple[AudioStream, list[str]]:
    """The track of sound to transcribe, and a warning where there was a choice.

    The first that is marked as the default; without one the first; those marked as something else than the main
    sound (a commentary, a dub, a description for the blind) only where there is no other.
    Raises MediaUndecodable where there is none that can be decoded.
    """
    tracks = list(container.streams.audio)
    if not tracks:
        raise MediaUndecodable("the media has no sound: choose the file or the stream that has the debate's audio")
    # ffmpeg has no decoder for some; PyAV's types do not say so.
    usable = [track for track in tracks if getattr(track, "codec_context", None) is not None]
    if not usable:
        raise MediaUndecodable("the media's sound has a codec that is not known: convert it, for instance to m4a")
    # Not ffmpeg's own choice, which prefers the higher bit rate, so a 5.1 dub to the stereo original.
    chosen = max(
        usable, key=lambda track: (not track.disposition & ASIDE, bool(track.disposition & Disposition.default))
    )
    if len(tracks) == 1:
        return chosen, []
    number = tracks.index(chosen)
    named = ", ".join(f"{index + 1} {_described(track)}" for index, track in enumerate(tracks[:NAMED_TRACKS]))
    more = ", ..." if len(tracks) > NAMED_TRACKS else ""
    return chosen, [
        f"the media has {len(tracks)} tracks of sound ({named}{more}), and number {number + 1} was taken: for another "
        f"one, bring it as a file of its own, made for instance with `ffmpeg -i in -map 0:a:{0 if number else 1} "
        "-c copy out.mka`"
    ]


def _described(track: AudioStream) -> str:
    flags = [str(flag.name) for flag in Disposition if track.disposition & flag]
    title = one_line(track.metadata.get("title", ""))[:LONGEST_TITLE]
    return " ".join(filter(None, [track.language or "und", *flags, title]))
