"""One debate's evidence cut into any windows: finish writes the same documents.

A cut changes nothing that a reader of the debate sees: transcript, words, captions, text and RTTM are the same to the
byte, whether the cut falls into silence or through somebody's turn, and under whatever labels each window knows the
speakers. In the report it changes what tells of the windows themselves and nothing else: `linking` (how many windows
and local speakers there were, how they were joined), the number of clips, and the votes on the language, of which each
window gives its own.
"""

from __future__ import annotations

import json
import random
from typing import Any

import numpy as np
from finish_cases import Debate
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from debate_core.documents.debatejob import DiarizationSpec
from debate_worker.finish.documents import Documents, render
from debate_worker.finish.parameters import Parameters
from debate_worker.finish.report import MediaFacts
from debate_worker.finish.turns import Span, Turn, cropped, merged, union
from debate_worker.prepare.planning import cut_windows

OF_THE_WINDOWS = ("linking", "decoding", "language")


@st.composite
def debates(draw: st.DrawFn) -> Debate:
    """Some minutes of two to four people: pauses, quick answers, interruptions, both talking, words over each other."""
    rng = random.Random(draw(st.integers(0, 999)))
    people = [str(number) for number in range(draw(st.integers(2, 4)))]
    turns: list[Turn] = []
    words: list[tuple[int, int, str]] = []
    now = 0
    for number in range(draw(st.integers(2, 14))):
        # From an interruption of 2 s to a pause of 3 s. Of two who begin at once, who is first would be a toss-up.
        begin = max(now + draw(st.sampled_from([-2000, -700, 0, 40, 300, 900, 1500, 3000])), 0) + number
        end = begin + draw(st.integers(400, 25_000))
        turns.append(Turn(begin, end, draw(st.sampled_from(people))))
        at = begin + rng.randrange(0, 200)
        while at < end:
            size = rng.randrange(60, 600)
            words.append((at, at + size, rng.choice([" yes", " no,", " well.", " why?", "-in", " 好"])))
            at += size + rng.choice([0, 20, 100, 100, 700])
        now = max(now, end)
    assume(len({turn.start for turn in turns}) == len(turns))
    return Debate(merged(turns), sorted(words, key=lambda word: word[0]), now + 700, _exclusive(merged(turns)))


def _exclusive(turns: list[Turn]) -> list[Turn]:
    """Who speaks last has the floor: the others' turns are cut around it."""
    found: list[Turn] = []
    for turn in sorted(turns):
        found = [part for one in found for part in _outside(one, turn)] + [turn]
    return sorted(found)


def _outside(turn: Turn, other: Turn) -> list[Turn]:
    return cropped([turn], turn.start, other.start) + cropped([turn], other.end, turn.end)


def documents(debate: Debate, cuts: list[int], reach: int, seed: int) -> Documents:
    plan, windows = debate.windows(cuts, reach, seed)
    random.Random(seed).shuffle(windows)
    return render(plan, windows, DiarizationSpec(), MediaFacts("video/mp4", None, []), [], Parameters())


def report(found: Documents) -> dict[str, Any]:
    return {name: part for name, part in json.loads(found.files["report"]).items() if name not in OF_THE_WINDOWS}


def same(one: Documents, other: Documents) -> None:
    assert one.files.keys() == other.files.keys()
    for name in one.files.keys() - {"report"}:
        assert one.files[name].decode() == other.files[name].decode()
    assert report(one) == report(other)
    assert (one.language, one.speakers, one.words) == (other.language, other.speakers, other.words)


@settings(deadline=None)
@given(debates(), st.integers(10, 90), st.sampled_from([0, 3000, 15_000, 30_000]), st.integers(0, 99))
def test_cut_where_the_planner_cuts(debate: Debate, window_s: int, reach: int, seed: int) -> None:
    speech = [(span.start, span.end) for span in union(Span(turn.start, turn.end) for turn in debate.turns)]
    quiet = np.zeros(debate.duration // 32 + 1, np.float32)  # without a pause it cuts through speech
    windows = cut_windows(debate.duration, speech, quiet, window_s * 1000)
    same(documents(debate, [start for start, _ in windows[1:]], reach, seed), documents(debate, [], 0, 0))


@settings(deadline=None)
@given(debates(), st.data(), st.sampled_from([0, 3000, 15_000]), st.integers(0, 99))
def test_cut_anywhere(debate: Debate, data: st.DataObject, reach: int, seed: int) -> None:
    """Through turns, overlaps and words too: a word belongs to the window in which it begins."""
    cuts = data.draw(st.sets(st.integers(1, debate.duration - 1), max_size=5), label="cuts")
    same(documents(debate, sorted(cuts), reach, seed), documents(debate, [], 0, 0))


@settings(deadline=None)
@given(debates(), st.integers(0, 99), st.integers(0, 99))
def test_two_analyses_under_other_labels_are_one(debate: Debate, one: int, other: int) -> None:
    cuts = [debate.duration // 3, debate.duration * 2 // 3]
    same(documents(debate, cuts, 5000, one), documents(debate, cuts, 5000, other))
