"""Odd media, one row each: how prepare ends, what it says, and that nothing is left half-written.

What is taken must be heard at the right time: the beep of `odd_media` is 2 s after the sound's beginning.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import odd_media as odd
import pytest
from odd_media import BEEP_AT, SECONDS, Make
from odd_run import files_of, plan_of, run_job, samples_of

from debate_core.reasons import Reason
from debate_core.store import open_store


@dataclass(frozen=True, slots=True)
class Taken:
    """Media that are decoded.

    beeps: when they are heard, in s of the media. seconds: of sound. Both None where damage decides. warnings: a
    pattern each, and no others.
    """

    name: str
    make: Make
    beeps: tuple[float, ...] | None = (BEEP_AT,)
    warnings: tuple[str, ...] = ()
    seconds: float | None = SECONDS


LANGUAGES = ("-metadata:s:a:0", "language=eng", "-metadata:s:a:1", "language=ces")
AS_JOINED = r"clock begins anew or jumps \(1 x\)"

TAKEN = [
    Taken("plain.mp4", odd.video()),
    Taken("8 kHz mono.wav", odd.sound("-ar", 8000, "-c:a", "pcm_mulaw")),
    Taken("5.1.mp4", odd.sound("-af", "pan=5.1|FC=c0")),
    Taken("16 channels.wav", odd.sound("-af", "pan=16c|c0=c0|c7=c0|c9=c0|c15=c0")),
    Taken("variable frame rate.mp4", odd.video("-vf", "select='not(mod(n,3))+between(n,20,60)'", "-fps_mode", "vfr")),
    # When things begin.
    Taken("sound 3 s late.mp4", odd.video(sound_late=3), beeps=(5.0,)),
    Taken("sound 3 s late.mkv", odd.video(sound_late=3), beeps=(5.0,)),
    Taken("sound 3 s late.ts", odd.video(sound_late=3), beeps=(5.0,)),
    Taken("picture 3 s late.mp4", odd.video(picture_late=3)),
    Taken("both late.mp4", odd.video("-avoid_negative_ts", "disabled", picture_late=1.5, sound_late=2), beeps=(4.0,)),
    Taken("below zero.mkv", odd.video("-avoid_negative_ts", "disabled", picture_late=-1, sound_late=-1)),
    Taken("edit list.mp4", odd.trimmed, beeps=(0.7,), seconds=SECONDS - 1.3),
    Taken("the clock wraps.ts", odd.video("-output_ts_offset", 95_438)),
    # Clocks and kinds that change within a file.
    Taken(
        "joined.ts", odd.joined(odd.sound(), odd.sound(), ".ts"), (2.0, 14.0), (AS_JOINED, "states 12.0 s"), 2 * SECONDS
    ),
    Taken(
        "joined.ogg", odd.joined(odd.sound(), odd.sound(), ".ogg"), (2.0, 14.0), (AS_JOINED, "states 12"), 2 * SECONDS
    ),
    Taken(
        "stereo, then mono.ts",
        odd.joined(odd.sound("-ac", 2), odd.sound("-ac", 1, "-output_ts_offset", SECONDS), ".ts"),
        (2.0, 14.0),
        seconds=2 * SECONDS,
    ),
    Taken("tracks appear.ts", odd.tracks_appear, (2.0, 14.0, 26.0), seconds=3 * SECONDS),
    # Names that lie.
    Taken("an mp3.mp4", odd.sound("-f", "mp3")),
    Taken("an opus.wav", odd.sound("-f", "opus")),
    Taken("a flac.mp3", odd.sound("-f", "flac")),
    Taken("a wav.webm", odd.sound("-f", "wav")),
    Taken("no extension", odd.video("-f", "mp4")),
    Taken("a cover.m4a", odd.cover),
    # Damage.
    Taken(
        "cut off.mp4",
        odd.after(odd.video("-movflags", "+faststart"), odd.cut_in_half, ".mp4"),
        beeps=None,
        warnings=("damaged packets", "states 12.0 s of sound"),
        seconds=None,
    ),
    Taken(
        "bits flipped.mp4",
        odd.after(odd.video("-movflags", "+faststart"), odd.flipped_sound, ".mp4"),
        beeps=None,
        warnings=("damaged packets", "sound are missing"),
    ),
    # Which of two tracks.
    Taken(
        "second is default.mkv",
        odd.tracks(*LANGUAGES, "-disposition:a:0", 0, "-disposition:a:1", "default"),
        warnings=(r"2 tracks of sound \(1 eng, 2 ces default\), and number 2 .*-map 0:a:0 ",),
    ),
    Taken(
        "first is default.mp4",
        odd.tracks(*LANGUAGES, "-b:a:1", "256k"),
        beeps=(),
        warnings=(r"2 tracks of sound \(1 eng default, 2 ces\), and number 1 .*-map 0:a:1 ",),
    ),
    Taken(
        "none is default.mkv",
        odd.tracks("-c:a", "aac", "-b:a:1", "256k", "-disposition:a:0", 0, "-disposition:a:1", 0),
        beeps=(),
        warnings=("number 1 was taken",),
    ),
    Taken(
        "the first is a commentary.mkv",
        odd.tracks("-disposition:a:0", "default+comment", "-disposition:a:1", 0),
        warnings=(r"1 und default comment, 2 und.*number 2 was taken",),
    ),
]


@pytest.mark.parametrize("row", TAKEN, ids=lambda row: row.name)
def test_taken(row: Taken, tmp_path: Path) -> None:
    media = tmp_path / row.name
    row.make(media)
    result = run_job({"file": row.name}, tmp_path)
    assert (result.exit_code, result.message) == (0, "")
    store = open_store(str(tmp_path / "store"))
    plan = plan_of(store)
    if row.seconds is not None:
        assert plan.audio.duration_seconds == pytest.approx(row.seconds, abs=0.15)
    if row.beeps is not None:
        heard = [beep + plan.audio.offset_seconds for beep in odd.beeps(samples_of(store))]
        assert heard == pytest.approx(list(row.beeps), abs=0.04)
    warnings = str(result.facts["warnings"]).splitlines()
    assert len(warnings) == len(row.warnings), warnings
    assert all(re.search(pattern, warning) for pattern, warning in zip(row.warnings, warnings, strict=True)), warnings
    assert store.get(str(result.facts["media_key"])) == media.read_bytes()
    assert files_of(tmp_path / "store") == {info.key for info in store.list("")}


@dataclass(frozen=True, slots=True)
class Refused:
    """Media that are not decoded: `says` is in the sentence of advice."""

    name: str
    make: Make
    says: str


HTML = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body>To go on, sign in.</body></html>\n"
SUBTITLES = b"1\n00:00:01,000 --> 00:00:04,000\nGood evening.\n\n"
KEY = "00112233445566778899aabbccddeeff"
PROTECTED = ("-encryption_scheme", "cenc-aes-ctr", "-encryption_key", KEY, "-encryption_kid", KEY)

UNDECODABLE = [
    Refused("empty.mp4", odd.content(b""), "it is empty: send the file again"),
    Refused("text.mp4", odd.content(b"Notes on the debate\n" * 100), "check that it plays, or convert it"),
    Refused("a page.mp4", odd.content(HTML), "check that it plays"),
    Refused("zeros.mp4", odd.content(bytes(100_000)), "check that it plays"),
    Refused("subtitles.mp4", odd.content(SUBTITLES), "give the audio or video file itself"),
    Refused(
        "a picture.mp4",
        lambda path: odd.ffmpeg("-f", "lavfi", "-i", odd.PICTURE, "-frames:v", 1, "-f", "image2", path),
        "give the audio or video file itself",
    ),
    Refused("index missing.mp4", odd.after(odd.video(), odd.cut_in_half, ".mp4"), "check that it plays"),
    Refused(
        "no sound.mp4", lambda path: odd.ffmpeg("-f", "lavfi", "-i", odd.PICTURE, path), "has no sound: choose the file"
    ),
    Refused("an empty track.mkv", odd.without_packets, "damaged or has an empty track; check that its sound plays"),
    Refused("copy protected.mp4", odd.video(*PROTECTED), "is copy protected (encrypted)"),
]


@pytest.mark.parametrize("row", UNDECODABLE, ids=lambda row: row.name)
def test_undecodable(row: Refused, tmp_path: Path) -> None:
    media = tmp_path / row.name
    row.make(media)
    result = run_job({"file": row.name}, tmp_path)
    assert (result.exit_code, result.reason) == (13, Reason.MEDIA_UNDECODABLE)
    assert row.says in result.message
    assert "\n" not in result.message
    # The claim and the whole media, under a name that a mended file may take; no plan, no PCM.
    store = open_store(str(tmp_path / "store"))
    kept = files_of(tmp_path / "store")
    assert {key.rpartition("/")[0] for key in kept} == {"jobs/odd", "jobs/odd/videos"}
    assert [store.get(key) for key in kept if "/videos/" in key] == [media.read_bytes()]


class Listener(HTTPServer):
    """An address that only this machine can reach; `asked`: what was asked of it."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.asked: list[str] = []


class _Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, Listener)
        self.server.asked.append(self.path)
        self.send_error(404)

    def log_message(self, format: str, *args: object) -> None:
        """Silent."""


@pytest.fixture
def listener() -> Iterator[Listener]:
    with Listener() as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


DASH = (
    '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT6S" '
    'minBufferTime="PT1S" profiles="urn:mpeg:dash:profile:isoff-main:2011"><Period><AdaptationSet mimeType="audio/mp4">'
    '<Representation id="a" bandwidth="1000" codecs="mp4a.40.2"><BaseURL>{target}</BaseURL></Representation>'
    "</AdaptationSet></Period></MPD>"
)
HLS = "#EXTM3U\n#EXT-X-TARGETDURATION:20\n#EXTINF:12,\n{target}\n#EXT-X-ENDLIST\n"
SDP = "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio {port} RTP/AVP 0\n"


@pytest.mark.parametrize("name", ["list.m3u8", "list.mp4"])
@pytest.mark.parametrize(
    ("text", "target"),
    [
        (HLS, "file://{folder}/others/secret.ts"),
        (HLS, "http://127.0.0.1:{port}/secret.ts"),
        ("ffconcat version 1.0\nfile {target}\n", "others/secret.ts"),
        (DASH, "file://{folder}/others/secret.ts"),
        (SDP, ""),
    ],
    ids=["HLS", "HLS over HTTP", "concat", "DASH", "SDP"],
)
def test_a_list_of_other_media_opens_none_of_them(
    name: str, text: str, target: str, listener: Listener, tmp_path: Path
) -> None:
    others = tmp_path / "others"
    others.mkdir()
    odd.sound()(others / "secret.ts")
    read_before = (others / "secret.ts").stat().st_atime_ns
    address = target.format(folder=tmp_path, port=listener.server_port)
    (tmp_path / name).write_text(text.format(target=address, port=listener.server_port))
    result = run_job({"file": name}, tmp_path)
    assert result.exit_code == 13, result.facts
    assert result.message
    assert listener.asked == []
    assert (others / "secret.ts").stat().st_atime_ns == read_before
    assert not (tmp_path / "store" / "work").exists()


BEFORE_ANYTHING = [
    ("a folder", lambda path: path.mkdir(), None, 10, "is a folder: source.file takes one media file"),
    ("a pipe", os.mkfifo, None, 10, "is a pipe or a device: save what comes out of it"),
    ("a device", None, "/dev/zero", 10, "is a pipe or a device"),
    ("a NUL", None, "a\0b.mp4", 10, "cannot be a path"),
    ("nobody's home", None, "~no-such-user/x.mp4", 10, "cannot be a path"),
    ("missing", None, None, 11, "cannot be read (No such file or directory): check source.file"),
    ("a link that leads nowhere", lambda path: path.symlink_to("nowhere"), None, 11, "No such file"),
    ("a name that is too long", None, "a" * 300, 11, "File name too long"),
    ("line\nbreak\x1b[31m", None, None, 11, "line break [31m cannot be read"),
]


@pytest.mark.parametrize(("name", "make", "given", "code", "says"), BEFORE_ANYTHING, ids=lambda value: str(value)[:30])
def test_no_file_at_all_is_refused_before_anything_is_written(
    name: str, make: Callable[[Path], object] | None, given: str | None, code: int, says: str, tmp_path: Path
) -> None:
    if make is not None:
        make(tmp_path / name)
    result = run_job({"file": given or name}, tmp_path)
    assert (result.exit_code, result.facts) == (code, {})
    assert says in result.message
    assert result.message.isprintable()
    assert not (tmp_path / "store").exists()


def test_a_link_is_followed_and_gives_the_media_its_name(tmp_path: Path) -> None:
    odd.video("-f", "mp4")(tmp_path / "5f3a9c")
    (tmp_path / "debate.mp4").symlink_to("5f3a9c")
    result = run_job({"file": "debate.mp4"}, tmp_path)
    assert (result.exit_code, result.facts["media_key"]) == (0, "jobs/odd/videos/debate.mp4")


def test_a_folder_whose_name_is_no_text(tmp_path: Path) -> None:
    folder = tmp_path / os.fsdecode(b"d\xe9bats")
    folder.mkdir()
    odd.video()(folder / "debate.mp4")
    result = run_job({"file": "debate.mp4"}, folder)
    assert (result.exit_code, result.facts["source_location"]) == (0, f"{tmp_path}/d\ufffdbats/debate.mp4")
