"""Balance: how evenly the speaking time is shared out, over the whole debate and over time."""

from __future__ import annotations

from collections.abc import Iterable
from math import fsum, log
from typing import Final

from pyannote.core import Segment

from debate_core.documents.statistics import ShareWindow, ShareWindows
from debate_stats.debate import Debate
from debate_stats.intervals import TOLERANCE_S, Elapsed
from debate_stats.parameters import Parameters

LONGEST_S: Final = 7 * 24 * 3600.0
"""No debate takes a week: a document that says so is mistaken, and would have windows without end."""


def balance(seconds: Iterable[float]) -> float | None:
    """How evenly speaking time is shared out: 1 where all speak as long, towards 0 where one speaks alone.

    The entropy of the shares of speech p over its maximum, for the n speakers who speak.

    Figures: totals.balance
    Name: Balance
    Formula: -sum(p ln p) / ln n
    Unit: 0-1
    Null: fewer than two known speakers speak
    Source: Pielou, "The measurement of diversity in different types of biological collections", Journal of
        Theoretical Biology 13 (1966)
    """
    spoken = [amount for amount in seconds if amount > 0]
    if len(spoken) < 2:
        return None
    total = fsum(spoken)
    entropy = -fsum(amount / total * log(amount / total) for amount in spoken)
    return min(1.0, max(0.0, entropy / log(len(spoken))))


def share_windows(debate: Debate, parameters: Parameters) -> ShareWindows:
    """Each speaker's share of speech over time: in windows of {share_window_s} s that begin {share_step_s} s apart.

    The last window is the first that reaches the end of the debate, and is cut there. The shares are in the order of
    `speakers` and sum to 1; a window in which no known speaker speaks has none (null). ConvoKit's balance over time
    has the same window and step. A debate so long that it must be a mistake has no windows.

    Figures: share_windows
    Name: Share of speech over time
    Formula: seconds of the speaker in the window / sum of them over all known speakers
    Unit: 0-1
    Parameters: share_window_s, share_step_s
    Source: ConvoKit, TalkTimeSharing
    """
    spoken = [Elapsed(debate.segments_of(label)) for label in debate.speakers]
    return ShareWindows(
        window_seconds=parameters.share_window_s,
        step_seconds=parameters.share_step_s,
        windows=[
            ShareWindow(start=window.start, end=window.end, shares=_shares([each.within(window) for each in spoken]))
            for window in _windows(debate.duration, parameters)
        ],
    )


def _windows(duration: float, parameters: Parameters) -> list[Segment]:
    windows: list[Segment] = []
    while 0 < duration <= LONGEST_S and (not windows or windows[-1].end < duration - TOLERANCE_S):
        start = len(windows) * parameters.share_step_s
        windows.append(Segment(start, min(start + parameters.share_window_s, duration)))
    return windows


def _shares(seconds: list[float]) -> list[float] | None:
    total = fsum(seconds)
    return [each / total for each in seconds] if total > 0 else None
