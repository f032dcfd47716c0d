"""The plan: where to cut windows and clips, and the hashes that name their results. Pure: all times in ms."""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from debate_core.documents.plan import Audio, Diarization, Plan, PlannedWindow, Span, Transcription
from debate_worker.prepare.speech import frame_to_ms

ANALYSIS_REVISION = 2
"""Part of every window's hash: raised when a change of analyze changes its results."""

CUT_SEARCH_MS = 60_000
"""How far from its target a window may be cut, to find the longest silence."""
SHORTEST_CUT_SILENCE_MS = 300
LONGEST_PAUSE_IN_CLIP_MS = 2_000
"""A longer pause ends a clip: Whisper invents text in silence."""
GOOD_PAUSE_MS = 500
"""Cutting a clip in a pause of this length costs nothing."""

Ms = tuple[int, int]


def digest(value: Any) -> str:
    """sha256 over canonical JSON."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def build_plan(
    *,
    job_id: str,
    name: str,
    request_hash: str,
    audio: Audio,
    transcription: Transcription,
    diarization: Diarization | None,
    speech: Sequence[Ms],
    probabilities: np.ndarray,
    window_ms: int,
    overlap_ms: int,
) -> Plan:
    """The plan of a job; the same to the byte for the same arguments.

    speech: spans in ms, ordered and disjoint. probabilities: of speech, one for each 32 ms.
    """
    duration_ms = round(audio.duration_seconds * 1000)
    evidence = {
        "revision": ANALYSIS_REVISION,
        "audio": audio.sha256,
        "transcription": transcription.model_dump(mode="json"),
        "diarization": diarization.model_dump(mode="json") if diarization else None,
    }
    max_clip_ms = round(transcription.max_clip_seconds * 1000)
    windows = []
    for index, (start, end) in enumerate(cut_windows(duration_ms, speech, probabilities, window_ms)):
        body = {
            "start": start / 1000,
            "end": end / 1000,
            "diarize_start": max(0, start - overlap_ms) / 1000,
            "diarize_end": min(duration_ms, end + overlap_ms) / 1000,
            "clips": [
                {"start": a / 1000, "end": b / 1000}
                for a, b in group_clips(clipped(speech, start, end), probabilities, max_clip_ms)
            ],
        }
        windows.append(PlannedWindow.model_validate({"index": index, "hash": digest(evidence | body)[:16], **body}))
    return Plan(
        job_id=job_id,
        name=name,
        request_hash=request_hash,
        audio=audio,
        transcription=transcription,
        diarization=diarization,
        speech=[Span(start=a / 1000, end=b / 1000) for a, b in speech],
        windows=windows,
    )


def cut_windows(duration_ms: int, speech: Sequence[Ms], probabilities: np.ndarray, window_ms: int) -> list[Ms]:
    """Consecutive windows of at most `window_ms` that cover [0, duration).

    Each cut lies in the middle of the longest silence near its target; where there is no silence, at the frame that
    sounds least like speech.
    """
    if duration_ms <= window_ms:
        return [(0, duration_ms)]
    # A cut moves by at most `search`: windows planned shorter by twice that never exceed the limit. Targets are at
    # least half a window apart, so that cuts never meet.
    search = min(CUT_SEARCH_MS, window_ms // 8)
    count = -(-duration_ms // (window_ms - 2 * search))
    cuts = [_best_cut(duration_ms * k // count, search, speech, probabilities) for k in range(1, count)]
    edges = [0, *cuts, duration_ms]
    return list(pairwise(edges))


def _best_cut(target: int, search: int, speech: Sequence[Ms], probabilities: np.ndarray) -> int:
    low, high = target - search, target + search
    silences = [(max(a, low), min(b, high)) for a, b in _silences(speech, low, high) if min(b, high) - max(a, low) > 0]
    longest = max(silences, key=lambda s: (s[1] - s[0], -abs(sum(s) // 2 - target)), default=None)
    if longest and longest[1] - longest[0] >= SHORTEST_CUT_SILENCE_MS:
        return sum(longest) // 2
    return _quietest(low, high, probabilities)


def _silences(speech: Sequence[Ms], low: int, high: int) -> list[Ms]:
    """The pauses between speech in [low, high]."""
    near = clipped(speech, low, high)
    edges = [low, *(edge for span in near for edge in span), high]
    return [(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True) if b > a]


def _quietest(low: int, high: int, probabilities: np.ndarray) -> int:
    """The middle of the 96 ms in [low, high] that sound least like speech."""
    frame_ms = frame_to_ms(1)
    first, last = low // frame_ms, min(len(probabilities), high // frame_ms)
    if last - first < 3:
        return (low + high) // 2
    smooth = np.convolve(probabilities[first:last], np.ones(3) / 3, mode="valid")
    return min(high, max(low, frame_to_ms(first + 1 + int(np.argmin(smooth))) + frame_ms // 2))


def clipped(speech: Sequence[Ms], start: int, end: int) -> list[Ms]:
    """The parts of `speech` within [start, end)."""
    first = max(0, bisect_left(speech, (start, start)) - 1)
    parts: list[Ms] = []
    for a, b in speech[first:]:
        if a >= end:
            break
        if b > start:
            parts.append((max(a, start), min(b, end)))
    return parts


def group_clips(speech: Sequence[Ms], probabilities: np.ndarray, max_clip_ms: int) -> list[Ms]:
    """Group speech into clips of at most `max_clip_ms` for the batched decoder.

    Few clips, cut in long pauses: the grouping of least cost, where a clip costs 1 and a cut in a pause shorter
    than GOOD_PAUSE_MS costs up to 1 more. Dynamic programming over the pauses.
    """
    pieces = [part for span in speech for part in _split_long(span, probabilities, max_clip_ms)]
    cost = [0.0] + [float("inf")] * len(pieces)
    begin = [0] * (len(pieces) + 1)
    for last in range(len(pieces)):
        first = last
        while first >= 0 and pieces[last][1] - pieces[first][0] <= max_clip_ms:
            if first < last and pieces[first + 1][0] - pieces[first][1] > LONGEST_PAUSE_IN_CLIP_MS:
                break
            pause = pieces[first][0] - pieces[first - 1][1] if first else GOOD_PAUSE_MS
            price = cost[first] + 1 + max(0.0, 1 - pause / GOOD_PAUSE_MS)
            if price < cost[last + 1]:
                cost[last + 1], begin[last + 1] = price, first
            first -= 1
    clips: list[Ms] = []
    end = len(pieces)
    while end:
        clips.append((pieces[begin[end]][0], pieces[end - 1][1]))
        end = begin[end]
    return clips[::-1]


def _split_long(span: Ms, probabilities: np.ndarray, max_clip_ms: int) -> list[Ms]:
    """Cut speech without a pause where it sounds least like speech, in the second half of what fits."""
    start, end = span
    parts: list[Ms] = []
    while end - start > max_clip_ms:
        cut = _quietest(start + max_clip_ms // 2, start + max_clip_ms, probabilities)
        parts.append((start, cut))
        start = cut
    return [*parts, (start, end)]
