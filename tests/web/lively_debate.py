"""A debate in which people talk at once, come in on each other, and change how much they speak."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from golden_statistics import SENTENCES, Golden, statistics_of

from debate_core.documents.statistics import DebateStatistics, Note, Pair, ShareWindow, ShareWindows, TimelineEntry
from debate_core.documents.transcript import Utterance

NAMES: dict[str, str | None] = {
    "SPEAKER_00": "Anna Novák",
    "SPEAKER_01": "Ben Carter",
    "SPEAKER_02": "Jiřina Šťastná-Nováková",
    "SPEAKER_03": None,
}
WINDOW_S = 150.0
STEP_S = 30.0
# How far before the end of an utterance somebody comes in.
EARLY_S = 0.8


def lively(
    job_id: str = "lively",
    *,
    names: dict[str, str | None] | None = None,
    utterances: int = 400,
    audio: bool = True,
    words: int | None = None,
) -> Golden:
    """About 6 s an utterance; every fifth begins before the one before it ends. `words`: at most so many in each."""
    chosen = NAMES if names is None else names
    draw = random.Random(7)
    return Golden(
        job_id=job_id,
        title="The budget debate of the city council",
        names=chosen,
        utterances=tuple(_utterances(list(chosen), utterances, draw, words)),
        audio=audio,
    )


def _utterances(labels: Sequence[str], count: int, draw: random.Random, words: int | None) -> list[Utterance]:
    start, speaker, made = 0.5, labels[0], []
    for i in range(count):
        text = " ".join(draw.choice(SENTENCES).split()[:words])
        end = start + 0.35 * len(text.split()) + draw.random()
        confidence = round(draw.uniform(0.7, 0.98), 2)
        made.append(
            Utterance(start=round(start, 3), end=round(end, 3), text=text, speaker=speaker, confidence=confidence)
        )
        weights = [1 + 2 * ((j + i * len(labels) // count) % len(labels) == 0) for j in range(len(labels))]
        follower = draw.choices(labels, weights)[0]
        early = follower != speaker and i % 5 == 4
        start = end - EARLY_S if early else end + draw.uniform(0.1, 0.9)
        speaker = follower
    return made


def statistics_of_lively(golden: Golden, *, pairs: bool = True) -> DebateStatistics:
    """As the statistics job would have it, near enough: overlaps, interruptions and shares are of the utterances."""
    plain = statistics_of(golden)
    spans = golden.utterances
    at: dict[tuple[str, str], list[float]] = {}
    overlap = 0.0
    for before, after in pairwise(spans):
        if after.start < before.end and after.speaker != before.speaker:
            at.setdefault((after.speaker, before.speaker), []).append(after.start)
            overlap += before.end - after.start
    found = [Pair(by=by, of=of, count=len(seconds), at=seconds) for (by, of), seconds in at.items()]
    butt_ins = [Pair(by=pair.of, of=pair.by, count=1, at=[pair.at[0] + 2]) for pair in found[:3]]
    speech = plain.totals.speech_seconds - overlap
    totals = plain.totals.model_copy(
        update={
            "overlap_seconds": overlap,
            "overlap_ratio": overlap / speech,
            "speech_seconds": speech,
            "silence_seconds": golden.duration - speech,
        }
    )
    measured = {"mtld": 74.32, "hdd": 0.8312, "mattr": 0.7741}
    known = {f"speakers[].{field}" for field in measured}
    return plain.model_copy(
        update={
            "totals": totals,
            "speakers": [speaker.model_copy(update=measured) for speaker in plain.speakers],
            "interruptions": found if pairs else None,
            "butt_ins": butt_ins if pairs else None,
            "share_windows": share_windows(golden),
            "timeline": [TimelineEntry(start=u.start, end=u.end, speaker=u.speaker) for u in spans],
            "notes": [note for note in plain.notes if note.field not in known]
            + ([] if pairs else [Note(field="interruptions", reason="There is no diarization with overlaps.")]),
        }
    )


def share_windows(golden: Golden) -> ShareWindows:
    windows = []
    for i in range(max(1, int((golden.duration - WINDOW_S) // STEP_S) + 1)):
        start = i * STEP_S
        end = min(golden.duration, start + WINDOW_S)
        spoken = dict.fromkeys(golden.names, 0.0)
        for u in golden.utterances:
            if u.end > start and u.start < end:
                spoken[u.speaker] += min(end, u.end) - max(start, u.start)
        total = sum(spoken.values())
        shares = [round(seconds / total, 4) for seconds in spoken.values()] if total else None
        windows.append(ShareWindow(start=start, end=end, shares=shares))
    return ShareWindows(window_seconds=WINDOW_S, step_seconds=STEP_S, windows=windows)


def overwrite(statistics_dir: Path, document: DebateStatistics) -> None:
    """Put `document` where its debate's figures are."""
    (statistics_dir / "by-job" / f"{document.job_id}.json").write_bytes(document.to_json())


def hostile(golden: Golden) -> Golden:
    """The same under names that want to be markup, another direction, or half a page."""
    names = ["<img src=x onerror=alert(1)>", "שרה כהן בן־דוד", '=HYPERLINK("http://x")', "Wort" * 60]
    return replace(golden, names=dict(zip(golden.names, names, strict=False)), title="<script>alert(1)</script> \u202e")
