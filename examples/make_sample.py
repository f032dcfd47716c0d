"""Make the sample debate: a video of four minutes, its truth, and nothing that anyone else recorded.

    PYTHONPATH=models python examples/make_sample.py

Three synthesised voices speak `sample-debate.script.txt`; the picture shows who is speaking. Writes
`sample-debate.mp4` and `sample-debate.truth.json` beside this file. Needs espeak-ng and flite.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path

import av
import numpy as np
from demo_models.debates import Debate, Placed, mix, with_noise
from demo_models.synthesis import SAMPLE_RATE, Audio, speak
from demo_models.voices import Voice, espeak, flite
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from scipy.signal import resample_poly

FOLDER = Path(__file__).parent
SEED = 3
WIDTH, HEIGHT, FRAMES_PER_SECOND = 640, 360, 12
AUDIO_RATE = 48_000
NOISE_DB = 38.0
TITLE = "The third debate"
CAPTION = "Synthesised voices, invented people"

Pixels = NDArray[np.uint8]
Mouths = tuple[int, ...]


@dataclass(frozen=True)
class Person:
    """A speaker: the name in the script, the name in the picture, voice, colour and place (-1 left .. 1 right)."""

    name: str
    shown: str
    voice: Voice
    colour: str
    place: float


PEOPLE = (
    Person("Parker", "Governor Parker", flite("rms"), "#2f6db5", -1.0),
    Person("Morgan", "Miss Morgan", flite("slt"), "#7a5aa8", 0.0),
    Person("Rivera", "Mayor Rivera", espeak("Andy"), "#b5532f", 1.0),
)


@dataclass(frozen=True)
class Line:
    """One sentence of the script; `interrupts` begins before the other has finished."""

    speaker: str
    text: str
    interrupts: bool


def read_script(text: str) -> list[Line]:
    """The lines of a script. Raises ValueError for a line that is neither a comment nor speech."""
    lines = []
    for row in text.splitlines():
        if not row.strip() or row.startswith("#"):
            continue
        speaker, mark, sentence = row.partition("> ") if "> " in row else row.partition(": ")
        if not mark:
            raise ValueError(f"not a line of a script: {row!r}")
        lines.append(Line(speaker, sentence, mark == "> "))
    return lines


def stage(lines: Sequence[Line]) -> Debate:
    """The script spoken: longer pauses between speakers than between sentences, some overlaps."""
    rng = random.Random(SEED)  # noqa: S311 - to be repeatable, not secret
    voices = {person.name: person.voice for person in PEOPLE}
    placed: list[Placed] = []
    end = 1.0
    for line in lines:
        utterance = speak(line.text, voices[line.speaker], rng)
        if line.interrupts:
            start = end - rng.uniform(0.2, 0.4)
        elif placed and placed[-1].speaker == line.speaker:
            start = end + rng.uniform(0.4, 0.8)
        else:
            start = end + rng.uniform(0.6, 1.2)
        placed.append(Placed(line.speaker, round(start, 2), utterance))
        end = placed[-1].start + utterance.seconds
    return with_noise(mix(placed, tail_seconds=2.0), NOISE_DB, np.random.default_rng(SEED))


def mouths(debate: Debate, at: float) -> Mouths:
    """For each person how far the mouth is open, 0..3, and 0 for those who are silent."""
    speaking = {turn.speaker for turn in debate.turns if turn.start <= at < turn.end}
    first = int(at * SAMPLE_RATE)
    sound = debate.audio[first : first + SAMPLE_RATE // FRAMES_PER_SECOND]
    level = float(np.sqrt(np.mean(sound**2))) if len(sound) else 0.0
    return tuple(min(3, 1 + int(level / 0.04)) if person.name in speaking else 0 for person in PEOPLE)


@cache
def picture(opened: Mouths) -> Pixels:
    """One frame, (height, width, 3): a panel for each person, the speaking ones lit."""
    image = Image.new("RGB", (WIDTH, HEIGHT), "#10151c")
    draw = ImageDraw.Draw(image)
    draw.text((WIDTH / 2, 26), TITLE, "#e8edf2", ImageFont.load_default(22), anchor="mm")
    draw.text((WIDTH / 2, HEIGHT - 18), CAPTION, "#8a97a6", ImageFont.load_default(12), anchor="mm")
    for index, (person, opening) in enumerate(zip(PEOPLE, opened, strict=True)):
        left = 20 + index * 204
        _draw_person(draw, person, left=left, opening=opening)
    return np.asarray(image)


def _draw_person(draw: ImageDraw.ImageDraw, person: Person, *, left: int, opening: int) -> None:
    speaking = opening > 0
    panel = (left, 52, left + 192, 320)
    outline = "#f2c14e" if speaking else "#2b3644"
    draw.rounded_rectangle(panel, 14, "#1e2732" if speaking else "#171e27", outline, 4 if speaking else 1)
    middle = left + 96
    colour = person.colour if speaking else "#46525f"
    draw.pieslice((middle - 62, 196, middle + 62, 348), 180, 360, colour)
    draw.ellipse((middle - 42, 92, middle + 42, 188), "#e3c3a5" if speaking else "#8d8277")
    for eye in (-16, 16):
        draw.ellipse((middle + eye - 4, 126, middle + eye + 4, 134), "#2a2320")
    height = 1 + 4 * opening
    draw.ellipse((middle - 14, 160 - height, middle + 14, 160 + height), "#7c2f2a" if speaking else "#5b4f48")
    draw.rectangle((left + 8, 282, left + 184, 312), "#10151c")
    draw.text((middle, 297), person.shown, "#e8edf2", ImageFont.load_default(18), anchor="mm")


def stereo(debate: Debate) -> Audio:
    """The track at 48 kHz, (2, samples): everyone a little to the side where the picture shows them."""
    audio = resample_poly(debate.audio, AUDIO_RATE // SAMPLE_RATE, 1).astype(np.float32)
    times = np.arange(len(audio)) / AUDIO_RATE
    pan = np.zeros(len(audio), np.float32)
    place = {person.name: person.place for person in PEOPLE}
    for turn in debate.turns:
        inside = slice(*np.searchsorted(times, (turn.start, turn.end)))
        pan[inside] = place[turn.speaker]
    smooth = np.convolve(pan, np.ones(2401, np.float32) / 2401, mode="same")
    return np.stack([audio * (1 - 0.3 * smooth), audio * (1 + 0.3 * smooth)]).clip(-1, 1)


def audio_frames(samples: Audio) -> Iterator[av.AudioFrame]:
    """The track in frames of 1024 samples, as AAC wants them."""
    for first in range(0, samples.shape[1], 1024):
        block = np.ascontiguousarray(samples[:, first : first + 1024])
        frame = av.AudioFrame.from_ndarray(block, format="fltp", layout="stereo")
        frame.sample_rate = AUDIO_RATE
        frame.pts = first
        frame.time_base = Fraction(1, AUDIO_RATE)
        yield frame


def write_video(debate: Debate, path: Path) -> None:
    """H.264 and AAC in an MP4 whose index comes first, so that a page can play it while it loads."""
    with av.open(str(path), "w", options={"movflags": "+faststart"}) as container:
        video = container.add_stream("libx264", rate=FRAMES_PER_SECOND, options={"crf": "30", "preset": "slow"})
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        # One thread: with several, x264 need not write the same bytes twice.
        video.thread_count = 1
        sound = container.add_stream("aac", rate=AUDIO_RATE, layout="stereo", bit_rate=72_000)
        frames = audio_frames(stereo(debate))
        heard = 0.0
        for index in range(int(debate.seconds * FRAMES_PER_SECOND)):
            at = index / FRAMES_PER_SECOND
            while heard <= at and (frame := next(frames, None)):
                container.mux(sound.encode(frame))
                heard += frame.samples / AUDIO_RATE
            shown = av.VideoFrame.from_ndarray(picture(mouths(debate, at)), format="rgb24")
            shown.pts = index
            shown.time_base = Fraction(1, FRAMES_PER_SECOND)
            container.mux(video.encode(shown))
        for frame in frames:
            container.mux(sound.encode(frame))
        container.mux(video.encode(None))
        container.mux(sound.encode(None))


def main() -> None:
    """Write the video and its truth."""
    script = read_script((FOLDER / "sample-debate.script.txt").read_text(encoding="utf-8"))
    debate = stage(script)
    write_video(debate, FOLDER / "sample-debate.mp4")
    truth = {**debate.truth(), "names": {person.name: person.shown for person in PEOPLE}}
    text = json.dumps(truth, ensure_ascii=False) + "\n"
    (FOLDER / "sample-debate.truth.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
