"""Statistics of 10 hours: seconds for all figures, stage by stage, beside what pyannote.core does itself. `make bench`.

The debate is made up: six speakers, 60,000 words of a vocabulary as rare as Zipf says, some 6,000 segments of which
every sixth turn begins before the one before it has ended. pyannote.core has no turns, words or interruptions: compared
is what it has as well, crop and get_overlap. Ours is the best of three runs in one process, theirs of one.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import NamedTuple, TypeVar

from pyannote.core import Segment

from debate_core.documents.transcript import Transcript, Utterance, Word, Words
from debate_stats import balance, overlap, turns
from debate_stats.debate import Debate, debate_from
from debate_stats.figures import compute
from debate_stats.parameters import Parameters
from debate_stats.rttm import Speech
from support import made_up

GOAL_SECONDS = 1
TYPES = 8000
PARAMETERS = Parameters()

Result = TypeVar("Result")


class Documents(NamedTuple):
    transcript: Transcript
    words: Words
    speech: list[Speech]


def documents(hours: float) -> Documents:
    """As finish leaves them: a turn is two segments with a breath between, its words, and an utterance."""
    rng = random.Random(1)  # noqa: S311
    duration = hours * 3600
    vocabulary = [f"word{number}" for number in range(TYPES)]
    texts = rng.choices(
        vocabulary, [1 / (number + 1) for number in range(TYPES)], k=int(duration / made_up.WORD_SECONDS)
    )
    said = made_up.turns(duration)
    speech, lines, words = [], [], []
    for turn, following in zip(said, [*said[1:], None], strict=True):
        label = f"SPEAKER_{int(turn.speaker):02d}"
        middle = round((turn.start + turn.end) / 2, 3)
        speech += [Speech(Segment(turn.start, middle - 0.1), label), Speech(Segment(middle + 0.1, turn.end), label)]
        lines.append(Utterance(start=turn.start, end=turn.end, text="So.", speaker=label, confidence=0.9))
        until = turn.end if following is None else following.start
        for number in range(int(turn.start / made_up.WORD_SECONDS), int(until / made_up.WORD_SECONDS)):
            at = number * made_up.WORD_SECONDS
            text = texts[number] + (rng.choice(".?.") if number % 12 == 0 else "")
            probability = 1 - rng.random() ** 4
            words.append(Word(start=at, end=at + 0.4, text=text, probability=probability, speaker=label))
    return Documents(
        Transcript(duration=duration, speakers_count=made_up.SPEAKERS, transcription=lines),
        Words(language="en", duration=duration, words=words),
        speech,
    )


class Taken(NamedTuple):
    seconds: float
    cpu: float

    def __str__(self) -> str:
        return f"{self.seconds:.2f} | {self.cpu:.2f}"


def best(work: Callable[[], Result], runs: int = 3) -> tuple[Taken, Result]:
    """The fastest run, and what it gives."""
    taken, results = [], []
    for _ in range(runs):
        started, started_cpu = time.perf_counter(), time.process_time()
        results.append(work())
        taken.append(Taken(time.perf_counter() - started, time.process_time() - started_cpu))
    return min(taken), results[-1]


def theirs_overlap(debate: Debate) -> float:
    return float(sum(segment.duration for segment in debate.speech.get_overlap()))


def theirs_windows(debate: Debate) -> list[list[float]]:
    """Seconds of each speaker in each window, by crop."""
    windows = balance.share_windows(debate, PARAMETERS).windows
    cropped = (debate.speech.crop(Segment(window.start, window.end)) for window in windows)
    return [[float(part.label_duration(label)) for label in debate.speakers] for part in cropped]


def stages(hours: float) -> None:
    told = documents(hours)
    reading, debate = best(lambda: debate_from(*told))
    computing, figures = best(lambda: compute(debate, {}, PARAMETERS))
    finding, found = best(lambda: turns.find_turns(debate, PARAMETERS))
    overlapping, seconds = best(lambda: overlap.overlap_seconds(overlap.overlap(debate)))
    sharing, windows = best(lambda: balance.share_windows(debate, PARAMETERS).windows)
    their_overlapping, their_seconds = best(lambda: theirs_overlap(debate), runs=1)
    their_sharing, _ = best(lambda: theirs_windows(debate), runs=1)
    assert seconds is not None
    assert abs(seconds - their_seconds) < 1e-3, "both must have the same overlap"
    print(
        f"{hours:g} h: {len(told.speech):,} segments, {len(told.words.words):,} words, {figures.totals.turns:,} turns\n"
    )
    together = Taken(reading.seconds + computing.seconds, reading.cpu + computing.cpu)
    print("| stage | seconds | of it CPU | goal | pyannote.core | of it CPU |\n|---|---|---|---|---|---|")
    print(f"| documents -> debate | {reading} | | | |")
    print(f"| all figures | {computing} | | | |")
    print(f"| of it: {len(found):,} turns | {finding} | | | |")
    print(f"| of it: overlap | {overlapping} | | get_overlap: {their_overlapping} |")
    print(f"| of it: share in {len(windows):,} windows | {sharing} | | crop: {their_sharing} |")
    print(f"| together | {together} | < {GOAL_SECONDS} | | |", flush=True)


def main() -> None:
    print("## statistics\n")
    print(f"Goal: all figures of 10 h in < {GOAL_SECONDS} s.\n")
    stages(10)


if __name__ == "__main__":
    main()
