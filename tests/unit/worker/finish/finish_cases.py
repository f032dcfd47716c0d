"""Debates made up for finish's tests: what was truly said, and the windows that a perfect analyze would leave."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from debate_core.documents.plan import Audio, Diarization, Plan, PlannedModel, PlannedWindow, Span, Transcription
from debate_core.documents.window import (
    Chunk,
    Language,
    LocalSpeaker,
    SpeakerTurn,
    WindowDiarization,
    WindowResult,
    WindowWord,
)
from debate_worker.finish.attribution import SpokenWord
from debate_worker.finish.turns import Turn, cropped, merged, milliseconds, seconds

ASR = PlannedModel(repo="lab/asr", revision="1", digest="a" * 64)
DIARIZATION = PlannedModel(repo="lab/diarization", revision="1", digest="b" * 64)


def said(
    start: int, end: int, text: str = " word", speaker: str = "SPEAKER_00", probability: float = 0.9
) -> SpokenWord:
    return SpokenWord(start, end, text, probability, speaker)


def decoded(start: int, end: int, text: str = " word", probability: float = 0.9) -> WindowWord:
    return WindowWord(start=seconds(start), end=seconds(end), text=text, probability=probability)


def speaker_turns(turns: Iterable[Turn]) -> list[SpeakerTurn]:
    return [SpeakerTurn(start=seconds(turn.start), end=seconds(turn.end), speaker=turn.speaker) for turn in turns]


def planned(index: int, start: int, end: int, reach: int = 0, duration: int | None = None) -> PlannedWindow:
    return PlannedWindow(
        index=index,
        start=seconds(start),
        end=seconds(end),
        diarize_start=seconds(max(0, start - reach)),
        diarize_end=seconds(end + reach if duration is None else min(duration, end + reach)),
        clips=[Span(start=seconds(start), end=seconds(end))],
        hash=f"{index:016x}",
    )


def plan_of(windows: Sequence[PlannedWindow], speech: Sequence[tuple[int, int]] = (), *, diarized: bool = True) -> Plan:
    return Plan(
        job_id="a-debate",
        name="debate",
        request_hash="d" * 64,
        audio=Audio(
            sha256="c" * 64,
            duration_seconds=windows[-1].end,
            offset_seconds=0.023,
            channels=2,
            source_sample_rate=44_100,
        ),
        transcription=Transcription(
            model=ASR, task="transcribe", language="auto", hotwords=[], max_clip_seconds=30.0, beam_size=5
        ),
        diarization=Diarization(model=DIARIZATION, max_speakers=None) if diarized else None,
        speech=[Span(start=seconds(start), end=seconds(end)) for start, end in speech],
        windows=list(windows),
    )


@dataclass(frozen=True)
class Debate:
    """The truth. turns: sorted, exclusive or not; words: (start, end, text) by start; who speaks is "0", "1", ...

    duration and all times: milliseconds.
    """

    turns: list[Turn]
    words: list[tuple[int, int, str]]
    duration: int
    exclusive: list[Turn] = field(default_factory=list)

    def windows(self, cuts: Sequence[int], reach: int, seed: int = 0) -> tuple[Plan, list[WindowResult]]:
        """What a perfect analyze makes of it, cut there; local labels are shuffled, voices a little noisy."""
        rng = random.Random(seed)
        edges = [0, *cuts, self.duration]
        frames = [planned(i, start, end, reach, self.duration) for i, (start, end) in enumerate(pairwise(edges))]
        plan = plan_of(frames, [(turn.start, turn.end) for turn in self.turns])
        return plan, [self._window(frame, rng) for frame in frames]

    def _window(self, frame: PlannedWindow, rng: random.Random) -> WindowResult:
        start, end = milliseconds(frame.diarize_start), milliseconds(frame.diarize_end)
        heard = cropped(self.turns, start, end)
        people = sorted({turn.speaker for turn in heard})
        labels = [f"SPEAKER_{number:02d}" for number in range(len(people))]
        rng.shuffle(labels)
        local = dict(zip(people, labels, strict=True))
        return WindowResult(
            index=frame.index,
            hash=frame.hash,
            language=Language(code="en", probability=0.9, votes={"en": 2.0, "cs": 0.5}),
            words=[
                decoded(at, to, text)
                for at, to, text in self.words
                if milliseconds(frame.start) <= at < milliseconds(frame.end)
            ],
            chunks=[
                Chunk(
                    start=frame.start,
                    end=frame.end,
                    decision="kept",
                    why=[],
                    average_log_probability=-0.2,
                    compression_ratio=1.3,
                    no_speech_probability=0.0,
                    temperature=0.0,
                )
            ],
            diarization=WindowDiarization(
                overlapping=speaker_turns(turn._replace(speaker=local[turn.speaker]) for turn in heard),
                exclusive=speaker_turns(
                    turn._replace(speaker=local[turn.speaker])
                    for turn in cropped(self.exclusive or self.turns, start, end)
                ),
                speakers=[
                    LocalSpeaker(
                        label=local[person],
                        speech_seconds=seconds(
                            sum(turn.end - turn.start for turn in merged(heard) if turn.speaker == person)
                        ),
                        centroid=voice(int(person), rng),
                    )
                    for person in people
                ],
            ),
        )


def voice(person: int, rng: random.Random, noise: float = 0.1, size: int = 16) -> list[float]:
    """An embedding: the person's own direction, of any length, with noise."""
    scale = rng.uniform(0.5, 20)
    return [scale * ((1.0 if i == person else 0.0) + rng.uniform(-noise, noise)) for i in range(size)]


def a_debate(seed: int, speakers: int = 3, turns: int = 12) -> Debate:
    """Turns of 1 to 12 s with pauses between them, a word every 400 ms; nobody overlaps."""
    rng = random.Random(seed)
    said_turns: list[Turn] = []
    words: list[tuple[int, int, str]] = []
    now = 0
    for _ in range(turns):
        now += rng.randrange(300, 1500)
        end = now + rng.randrange(1000, 12_000)
        said_turns.append(Turn(now, end, str(rng.randrange(speakers))))
        words += [
            (at, at + 300, f" {rng.choice(['yes', 'no', 'well', 'so.'])}") for at in range(now + 50, end - 300, 400)
        ]
        now = end
    return Debate(said_turns, words, now + 500)


def silences(debate: Debate) -> list[int]:
    """The middles of the pauses between turns: where a plan may cut."""
    return [(one.end + other.start) // 2 for one, other in pairwise(debate.turns)]
