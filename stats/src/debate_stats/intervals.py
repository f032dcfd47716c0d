"""Intervals of time: what pyannote.core leaves open for debates of many hours.

`Timeline.co_iter`, and with it `crop` and `get_overlap`, compares every segment with all that start before it: 5 s
for the 12,000 segments of ten hours. What is here needs the order of the segments only, and no sorted containers.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate
from math import fsum
from typing import Final

from pyannote.core import Segment

TOLERANCE_S: Final = 1e-6
"""Times are in milliseconds; the difference of two of them is off by some 1e-12 s."""


def by_time(segment: Segment) -> tuple[float, float]:
    """The order of segments: by start, then by end."""
    return segment.start, segment.end


def union(segments: Iterable[Segment]) -> list[Segment]:
    """The time that the segments cover together, as disjoint segments in time order (a timeline's support)."""
    joined: list[Segment] = []
    for segment in sorted(filter(None, segments), key=by_time):
        if joined and segment.start <= joined[-1].end:
            joined[-1] |= segment
        else:
            joined.append(segment)
    return joined


def duration(segments: Iterable[Segment]) -> float:
    """Seconds covered by the segments together, each moment counted once."""
    return fsum(segment.duration for segment in union(segments))


class Disjoint:
    """Disjoint segments in time order, to be asked what lies in a stretch of time."""

    def __init__(self, segments: Iterable[Segment]) -> None:
        self.segments: Sequence[Segment] = list(segments)
        self._ends = [segment.end for segment in self.segments]

    def during(self, window: Segment) -> list[Segment]:
        """The segments that share time with `window`, in time order, whole. O(log n + those found)."""
        found = []
        for i in range(bisect_right(self._ends, window.start), len(self.segments)):
            segment = self.segments[i]
            if segment.start >= window.end:
                break
            if segment & window:
                found.append(segment)
        return found

    def common_seconds(self, other: Disjoint) -> float:
        """Seconds that lie in both."""
        return fsum((mine & theirs).duration for mine in self.segments for theirs in other.during(mine))


class Elapsed:
    """Seconds of disjoint segments, summed up over time: how much of them lies before a moment. O(log n)."""

    def __init__(self, segments: Sequence[Segment]) -> None:
        """`segments`: disjoint, in time order."""
        self._segments = segments
        self._starts = [segment.start for segment in segments]
        self._sums = [0.0, *accumulate(segment.duration for segment in segments)]

    def before(self, moment: float) -> float:
        """Seconds of the segments that lie before the moment."""
        begun = bisect_right(self._starts, moment)
        if not begun:
            return 0.0
        return float(self._sums[begun] - max(0.0, self._segments[begun - 1].end - moment))

    def within(self, window: Segment) -> float:
        """Seconds of the segments that lie in the window; 0 where the difference is a rounding error."""
        seconds = self.before(window.end) - self.before(window.start)
        return seconds if seconds > TOLERANCE_S else 0.0
