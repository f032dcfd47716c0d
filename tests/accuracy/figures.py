"""What one debate came to, in figures that can be added up over debates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import scoring
from our_worker import Ours
from plain_models import Plain
from scoring import DiarizationErrors, Turn, Word, WordErrors
from unseen import Unseen


@dataclass(frozen=True)
class Counted:
    """`wrong` of `of`."""

    wrong: float
    of: float

    def __add__(self, other: Counted) -> Counted:
        return Counted(self.wrong + other.wrong, self.of + other.of)

    @property
    def share(self) -> float:
        """0 where there is nothing to be wrong in."""
        return self.wrong / self.of if self.of else 0.0


@dataclass(frozen=True)
class Figures:
    """Of one way of making a transcript; the sum of several debates' figures is that of all of them.

    words, by_speaker: plain word errors, and those where a word counts for its speaker alone (cpWER). speaker: words
    heard right with a wrong speaker. exact, forgiving: diarization errors with a collar of 0 and of 0.25 s.
    starts, ends: milliseconds. counts: debates with a wrong number of speakers. links: of the windows' local speakers.
    """

    words: WordErrors
    by_speaker: WordErrors
    speaker: Counted
    exact: DiarizationErrors
    forgiving: DiarizationErrors
    starts: list[float]
    ends: list[float]
    counts: Counted
    links: Counted

    def __add__(self, other: Figures) -> Figures:
        return Figures(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(Figures)))

    def boundaries(self, times: Sequence[float]) -> str:
        """Mean, median and 90th percentile."""
        return f"{np.mean(times):.0f} / {np.median(times):.0f} / {np.percentile(times, 90):.0f}"


def total(parts: Sequence[Figures]) -> Figures:
    """The sum; there must be one at least."""
    whole = parts[0]
    for part in parts[1:]:
        whole += part
    return whole


def scored(debate: Unseen, words: Sequence[Word], turns: Sequence[Turn], links: tuple[int, int] = (0, 0)) -> Figures:
    """What was heard of the debate against its truth."""
    starts, ends = scoring.boundary_errors(debate.words, words)
    exact, forgiving = (
        scoring.diarization_errors(debate.turns, turns, seconds=debate.seconds, collar_seconds=collar)
        for collar in (0.0, scoring.COLLAR_SECONDS)
    )
    return Figures(
        words=scoring.word_errors(debate.words, words),
        by_speaker=scoring.speaker_attributed_word_errors(debate.words, words),
        speaker=Counted(*scoring.wrong_speakers(debate.words, words)),
        exact=exact,
        forgiving=forgiving,
        starts=starts,
        ends=ends,
        counts=Counted(scoring.speaker_count(turns) != scoring.speaker_count(debate.turns), 1),
        links=Counted(*links),
    )


def of_ours(debate: Unseen, ours: Ours) -> Figures:
    """The worker's."""
    return scored(debate, ours.words.words, ours.turns, scoring.wrong_links(debate.turns, ours.nodes()))


def of_plain(debate: Unseen, plain: Plain) -> dict[str, Figures]:
    """Of each of the usual ways."""
    ways = {"by segment": plain.by_segment(), "by sentence": plain.by_sentence(), "by word": plain.by_word()}
    return {f"usual, {way}": scored(debate, words, plain.overlapping) for way, words in ways.items()}


def lost_speech(debate: Unseen, ours: Ours, least: float) -> list[tuple[float, float]]:
    """Stretches of `least` seconds and more in which somebody truly speaks, no word was written, and the report says
    neither that a gap is there nor that a clip was dropped."""
    said = scoring.union((turn.start, turn.end) for turn in debate.turns)
    known = [(word.start, word.end) for word in ours.words.words]
    known += [(gap.start, gap.end) for gap in ours.report.gaps]
    known += [(clip.start, clip.end) for clip in ours.report.decoding.dropped]
    return [(start, end) for start, end in scoring.without(said, scoring.union(known)) if end - start >= least]
