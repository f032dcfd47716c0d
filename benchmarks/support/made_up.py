"""Made-up debates as the models would hear them: six speakers, a word every 0.6 s, a turn in six overlapping the next,
windows that know only local speakers."""

from __future__ import annotations

import random
from functools import cache
from itertools import pairwise

from debate_core.documents.plan import PlannedWindow
from debate_core.documents.window import (
    Chunk,
    Language,
    LocalSpeaker,
    SpeakerTurn,
    WindowDiarization,
    WindowWord,
)

WORD_SECONDS = 0.6
SPEAKERS = 6
LANGUAGE = Language(code="en", probability=0.9, votes={"en": 4.5})


@cache
def turns(duration: float) -> list[SpeakerTurn]:
    """The whole debate: turns of 2 to 20 s, every sixth begins before the one before it ends."""
    rng = random.Random(1)  # noqa: S311
    found, now = [], 0.0
    while now < duration - 20:
        end = round(now + rng.uniform(2, 20), 3)
        found.append(SpeakerTurn(start=now, end=end, speaker=str(rng.randrange(SPEAKERS))))
        now = round(end + (rng.uniform(-1.5, -0.2) if rng.random() < 1 / 6 else rng.uniform(0.1, 1)), 3)
    return found


def words(planned: PlannedWindow) -> list[WindowWord]:
    rng = random.Random(planned.index)  # noqa: S311
    times = [planned.start + n * WORD_SECONDS for n in range(int((planned.end - planned.start) / WORD_SECONDS))]
    return [
        WindowWord(start=at, end=at + 0.4, text=rng.choice([" debate", " and", " so."]), probability=0.9)
        for at in times
    ]


def chunks(planned: PlannedWindow) -> list[Chunk]:
    return [
        Chunk(
            start=at,
            end=at + 28,
            decision="kept",
            why=[],
            average_log_probability=-0.2,
            compression_ratio=1.5,
            no_speech_probability=0.01,
            temperature=0,
        )
        for at in range(int(planned.start), int(planned.end), 30)
    ]


def diarization(planned: PlannedWindow, debate: list[SpeakerTurn]) -> WindowDiarization:
    rng = random.Random(planned.index)  # noqa: S311
    labels = [f"SPEAKER_{number:02d}" for number in range(SPEAKERS)]
    rng.shuffle(labels)

    def heard(until: dict[int, float]) -> list[SpeakerTurn]:
        return [
            SpeakerTurn(
                start=max(turn.start, planned.diarize_start),
                end=min(until.get(i, turn.end), planned.diarize_end),
                speaker=labels[int(turn.speaker)],
            )
            for i, turn in enumerate(debate)
            if turn.end > planned.diarize_start and turn.start < planned.diarize_end
        ]

    return WindowDiarization(
        overlapping=heard({}),
        exclusive=heard({i: min(one.end, other.start) for i, (one, other) in enumerate(pairwise(debate))}),
        speakers=[
            LocalSpeaker(
                label=labels[person],
                speech_seconds=300,
                centroid=[(1.0 if i == person else 0.0) + rng.uniform(-0.05, 0.05) for i in range(256)],
            )
            for person in range(SPEAKERS)
        ],
    )
