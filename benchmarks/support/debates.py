"""Debates of any length: the sample's sound, over and over."""

from __future__ import annotations

from pathlib import Path

import av

SAMPLE = Path(__file__).parents[2] / "examples/sample-debate.mp4"


def long_debate(path: Path, seconds: float) -> None:
    """An m4a of about so many seconds. Nothing is encoded: the sample's packets are written again and again."""
    with av.open(str(SAMPLE)) as source, av.open(str(path), "w", format="ipod") as target:
        sound = source.streams.audio[0]
        stream = target.add_stream_from_template(sound)
        assert sound.time_base is not None
        packets = [
            (bytes(packet), packet.duration)
            for packet in source.demux(sound)
            if packet.size and packet.duration is not None
        ]
        at, end = 0, seconds / float(sound.time_base)
        while at < end:
            for data, duration in packets:
                packet = av.Packet(data)
                packet.stream, packet.time_base = stream, sound.time_base
                packet.pts = packet.dts = at
                packet.duration = duration
                target.mux(packet)
                at += duration
