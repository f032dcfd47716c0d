"""Sound and picture that a site keeps apart become one file; nothing is encoded anew."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import av
from av.container import InputContainer
from av.packet import Packet
from av.stream import Stream

from debate_core.errors import MediaUndecodable
from debate_worker.prepare.media import opened

_MP4 = {"h264", "hevc", "av1", "vp9", "mpeg4", "aac", "mp3", "opus", "flac", "ac3", "eac3", "alac"}
_WEBM = {"vp8", "vp9", "av1", "opus", "vorbis"}


def join(sound: Path, picture: Path, target: Path) -> Path:
    """Write the first sound of one file and the first picture of the other; the file has the extension that fits.

    sound and picture may be the same file. Raises MediaUndecodable, also where a stream is missing.
    """
    with ExitStack() as files:
        inputs = [files.enter_context(opened(path)) for path in (picture, sound)]
        streams = [_stream(container, kind) for container, kind in zip(inputs, ("video", "audio"), strict=True)]
        path = target.with_suffix(_suffix({stream.codec_context.name for stream in streams}))
        options = {"movflags": "faststart"} if path.suffix == ".mp4" else {}
        output = files.enter_context(av.open(str(path), "w", options=options))
        copies = {id(stream): output.add_stream_from_template(stream) for stream in streams}
        # Pieces of a transport stream begin at any time; a player would wait for it.
        start = min(container.start_time or 0 for container in inputs) / av.time_base
        for packet in heapq.merge(*map(_packets, streams), key=_time):
            shift = round(start / packet.time_base)
            packet.pts, packet.dts = (None if time is None else time - shift for time in (packet.pts, packet.dts))
            packet.stream = copies[id(packet.stream)]
            output.mux(packet)
    return path


def is_misnamed(path: Path) -> bool:
    """Whether pieces of a transport stream (HLS) were saved as .mp4 with a picture: no browser plays that."""
    if path.suffix != ".mp4":
        return False
    try:
        with opened(path) as container:
            return container.format.name == "mpegts" and bool(container.streams.video)
    except MediaUndecodable:
        return False  # decoding will tell


def _stream(container: InputContainer, kind: str) -> Stream:
    stream = next((one for one in container.streams if one.type == kind), None)
    if stream is None:
        raise MediaUndecodable(f"it has no {kind}")
    return stream


def _packets(stream: Stream) -> Iterator[Packet[Any]]:
    container = stream.container
    assert isinstance(container, InputContainer)
    # The last packet of a demuxer is an empty one that flushes a decoder.
    return (packet for packet in container.demux(stream) if packet.dts is not None)


def _time(packet: Packet[Any]) -> float:
    assert packet.dts is not None
    return float(packet.dts * packet.time_base)


def _suffix(codecs: set[str]) -> str:
    names = {name.removeprefix("lib").removeprefix("dav1d") for name in codecs}
    if names <= _MP4:
        return ".mp4"
    return ".webm" if names <= _WEBM else ".mkv"
