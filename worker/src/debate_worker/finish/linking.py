"""Local speakers of all windows -> the speakers of the debate.

Each window was diarized alone, so its labels mean nothing elsewhere. The nodes are (window, local label). Two of one
window are never the same person. Two of neighbouring windows are where they speak together in the part that both
windows heard, unless both sound more like others there. What remains is clustered by voice: average linkage on the
cosine similarity of the centroids, weighted by speech, under these constraints. Nothing depends on the order of
windows or on what the labels are called.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from debate_core.documents.plan import PlannedWindow
from debate_core.documents.report import Linking
from debate_core.documents.window import SpeakerTurn, WindowDiarization
from debate_worker.finish.parameters import Parameters
from debate_worker.finish.turns import Span, Turn, cropped, intersection, length, merged, milliseconds, union

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]
Mask = NDArray[np.bool_]


class Node(NamedTuple):
    """A local speaker: the index of its window and its label there."""

    window: int
    label: str


class LocalWindow(NamedTuple):
    """A window as planned, and who spoke in it."""

    planned: PlannedWindow
    diarization: WindowDiarization


@dataclass(frozen=True, slots=True)
class LinkedSpeakers:
    """Node -> the name of its person, which is only good for comparing; labels are given once words have speakers."""

    persons: dict[Node, str]
    evidence: Linking


@dataclass(frozen=True, slots=True)
class _Voice:
    """A node, what it said, and its centroid at length 1, weighted by `speech` (milliseconds; 0: not usable)."""

    node: Node
    turns: list[Turn]
    speech: float
    direction: Vector


def link(
    windows: Iterable[LocalWindow],
    parameters: Parameters,
    *,
    min_speakers: int | None = None,
    max_speakers: int | None = None,
) -> LinkedSpeakers:
    """Say which local speakers are one person.

    max_speakers: go on joining below the threshold, the most similar first, while the constraints allow it.
    min_speakers: stop joining by voice there. Both count persons with a usable voice print: somebody who coughed in
    one window must not cost a debater the name. A local speaker without one (null, zero or not finite) is joined by
    the windows' overlap alone.
    """
    local = sorted(windows, key=lambda window: window.planned.index)
    voices_of = [_voices(window) for window in local]
    voices = [voice for window in voices_of for voice in window]
    joined = [
        pair
        for left, right, here, there in zip(local, local[1:], voices_of, voices_of[1:], strict=False)
        for pair in _same_in_overlap(left.planned, here, right.planned, there, parameters)
    ]
    clusters = _Clusters(voices)
    for one, other in joined:
        clusters.join_nodes(one, other)
    must_links = clusters.joins
    clusters.join_by_voice(parameters.similarity_threshold, min_speakers, max_speakers)
    return LinkedSpeakers(
        persons=clusters.persons(),
        evidence=Linking(
            windows=len(local),
            local_speakers=len(voices),
            must_links=must_links,
            similarity_links=clusters.joins - must_links,
            forced_links=clusters.forced,
            threshold=parameters.similarity_threshold,
            lowest_accepted=clusters.lowest_accepted,
            closest_rejected=clusters.closest(),
        ),
    )


def local_turns(turns: Iterable[SpeakerTurn]) -> list[Turn]:
    """The turns of a window document, one speaker's merged, in the order of time."""
    return merged(Turn(milliseconds(turn.start), milliseconds(turn.end), turn.speaker) for turn in turns)


def _voices(window: LocalWindow) -> list[_Voice]:
    """The local speakers that speak, in an order that does not depend on their labels."""
    said: dict[str, list[Turn]] = {}
    for turn in local_turns([*window.diarization.overlapping, *window.diarization.exclusive]):
        said.setdefault(turn.speaker, []).append(turn)
    known = {speaker.label: speaker for speaker in window.diarization.speakers}
    voices = []
    for label, turns in said.items():
        speaker = known.get(label)
        direction, speech = _unit(speaker.centroid if speaker else None), 0.0
        if speaker is not None and direction.size:
            # At least a millisecond: a usable voice takes part, however little it said.
            speech = max(1.0, speaker.speech_seconds * 1000)
        voices.append(_Voice(Node(window.planned.index, label), turns, speech, direction))
    return sorted(voices, key=_by_content)


def _by_content(voice: _Voice) -> tuple[list[tuple[int, int]], float, list[float], str]:
    times = [(turn.start, turn.end) for turn in voice.turns]
    return times, voice.speech, voice.direction.tolist(), voice.node.label


def _unit(centroid: Sequence[float] | None) -> Vector:
    """At length 1; empty where it says nothing (pyannote gives zeros or NaN for who spoke too little)."""
    vector = np.asarray(centroid if centroid is not None else [], dtype=np.float64)
    norm = float(np.linalg.norm(vector))
    return vector / norm if norm > 0 and np.isfinite(norm) else np.empty(0)


def _same_in_overlap(
    left: PlannedWindow, here: list[_Voice], right: PlannedWindow, there: list[_Voice], parameters: Parameters
) -> list[tuple[Node, Node]]:
    """Who of `here` and who of `there` speak together in what both windows heard: the matching with most seconds."""
    start = milliseconds(max(left.diarize_start, right.diarize_start))
    end = milliseconds(min(left.diarize_end, right.diarize_end))
    if end <= start or not here or not there:
        return []
    # Here, because scipy takes half a second to import, and every process of the worker imports this module.
    from scipy.optimize import linear_sum_assignment

    said_here = [_spans(voice, start, end) for voice in here]
    said_there = [_spans(voice, start, end) for voice in there]
    shared = np.array([[length(intersection(one, other)) for other in said_there] for one in said_here])
    pairs = []
    for row, column in zip(*linear_sum_assignment(shared, maximize=True), strict=True):
        less = min(length(said_here[row]), length(said_there[column]))
        enough = max(milliseconds(parameters.min_shared_seconds), parameters.min_shared_ratio * less)
        if shared[row, column] >= enough and not _rather_others(here, row, there, column):
            pairs.append((here[row].node, there[column].node))
    return pairs


def _rather_others(here: list[_Voice], row: int, there: list[_Voice], column: int) -> bool:
    """Whether each of the two sounds more like somebody else of the other's window.

    A window that took two persons for one lets them speak together with either in the overlap: joined by that, the
    others of both windows could not be joined by voice any more, as two of one window never are. One side alone says
    little: of two windows' speakers the nearest ones need not be nearest both ways.
    """
    one, other = here[row], there[column]
    if not one.speech or not other.speech:
        return False
    together = one.direction @ other.direction
    return any(voice.speech and one.direction @ voice.direction > together for voice in there) and any(
        voice.speech and other.direction @ voice.direction > together for voice in here
    )


def _spans(voice: _Voice, start: int, end: int) -> list[Span]:
    return union(Span(turn.start, turn.end) for turn in cropped(voice.turns, start, end))


@dataclass(slots=True)
class _Clusters:
    """Groups of nodes, joined step by step; row i of each matrix belongs to the group that node i stands for.

    A joined group lives in the lower of the two rows, so that the result is the same for the same order of nodes.
    """

    voices: list[_Voice]
    joins: int = 0
    forced: int = 0
    lowest_accepted: float | None = None
    _group: list[int] = field(init=False)
    _weight: Vector = field(init=False)
    _similarity: Matrix = field(init=False)
    _apart: Mask = field(init=False)

    def __post_init__(self) -> None:
        count = len(self.voices)
        self._group = list(range(count))
        self._weight = np.array([voice.speech for voice in self.voices], dtype=np.float64)
        size = max((voice.direction.size for voice in self.voices), default=0)
        directions = np.zeros((count, size))
        for row, voice in enumerate(self.voices):
            directions[row, : voice.direction.size] = voice.direction
        self._similarity = np.clip(directions @ directions.T, -1, 1)
        windows = np.array([voice.node.window for voice in self.voices], dtype=np.int64)
        self._apart = windows[:, None] == windows[None, :]

    def join_nodes(self, one: Node, other: Node) -> None:
        """Join the groups of two nodes. One-to-one matches of neighbouring windows only ever form chains with one
        node a window, so this cannot put two speakers of a window together."""
        row = {voice.node: index for index, voice in enumerate(self.voices)}
        self._join(self._group[row[one]], self._group[row[other]])

    def join_by_voice(self, threshold: float, min_speakers: int | None, max_speakers: int | None) -> None:
        """Join the most similar groups that may be joined, while they are similar enough or too many."""
        while (best := self._best()) is not None:
            value, one, other = best
            persons = int(np.count_nonzero(self._alive() & (self._weight > 0)))
            too_many = max_speakers is not None and persons > max_speakers
            if value < threshold and not too_many:
                return
            if min_speakers is not None and persons <= min_speakers:
                return
            self._join(one, other)
            self.forced += value < threshold
            self.lowest_accepted = value if self.lowest_accepted is None else min(value, self.lowest_accepted)

    def closest(self) -> float | None:
        """The highest similarity of two groups that could have been joined and were not."""
        best = self._best()
        return None if best is None else best[0]

    def persons(self) -> dict[Node, str]:
        """Named by their first node in the order of windows and times."""
        rank = {group: number for number, group in enumerate(sorted(set(self._group)))}
        return {voice.node: f"person-{rank[group]:04d}" for voice, group in zip(self.voices, self._group, strict=True)}

    def _alive(self) -> Mask:
        alive = np.zeros(len(self._group), dtype=np.bool_)
        alive[list(set(self._group))] = True
        return alive

    def _best(self) -> tuple[float, int, int] | None:
        usable = self._alive() & (self._weight > 0)
        allowed = usable[:, None] & usable[None, :] & ~self._apart
        if not allowed.any():
            return None
        # argmax takes the first of equal values: the earliest nodes win.
        one, other = np.unravel_index(np.argmax(np.where(allowed, self._similarity, -np.inf)), allowed.shape)
        return float(self._similarity[one, other]), int(one), int(other)

    def _join(self, one: int, other: int) -> None:
        keep, gone = min(one, other), max(one, other)
        if keep == gone or self._apart[keep, gone]:
            raise AssertionError(f"groups {keep} and {gone} must not be joined")
        total = self._weight[keep] + self._weight[gone]
        if total > 0:
            # Average linkage (UPGMA), each pair weighted by the speech of both: Lance and Williams' update.
            row = (self._weight[keep] * self._similarity[keep] + self._weight[gone] * self._similarity[gone]) / total
            self._similarity[keep, :] = row
            self._similarity[:, keep] = row
        apart = self._apart[keep] | self._apart[gone]
        self._apart[keep, :] = apart
        self._apart[:, keep] = apart
        self._weight[keep] = total
        self._group = [keep if group == gone else group for group in self._group]
        self.joins += 1
