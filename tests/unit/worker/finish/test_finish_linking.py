"""Linking: what joins local speakers, what keeps them apart, and that no order matters."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import replace

import pytest
from finish_cases import a_debate, planned, silences, speaker_turns, voice
from hypothesis import given, settings
from hypothesis import strategies as st

from debate_core.documents.window import LocalSpeaker, WindowDiarization
from debate_worker.finish.linking import LinkedSpeakers, LocalWindow, Node, link
from debate_worker.finish.parameters import Parameters
from debate_worker.finish.turns import Turn

PARAMETERS = Parameters()
WINDOW = 60_000
REACH = 10_000


def window(
    index: int,
    turns: Sequence[Turn],
    voices: dict[str, Sequence[float] | None],
    *,
    reach: int = REACH,
    speech: float = 10.0,
) -> LocalWindow:
    return LocalWindow(
        planned(index, index * WINDOW, (index + 1) * WINDOW, reach),
        WindowDiarization(
            overlapping=speaker_turns(turns),
            exclusive=speaker_turns(turns),
            speakers=[
                LocalSpeaker(label=label, speech_seconds=speech, centroid=None if voice is None else list(voice))
                for label, voice in voices.items()
            ],
        ),
    )


def groups(linked: LinkedSpeakers) -> set[frozenset[Node]]:
    found: dict[str, set[Node]] = {}
    for node, person in linked.persons.items():
        found.setdefault(person, set()).add(node)
    return {frozenset(group) for group in found.values()}


def together(linked: LinkedSpeakers, one: tuple[int, str], other: tuple[int, str]) -> bool:
    return linked.persons[Node(*one)] == linked.persons[Node(*other)]


EAST, NORTH = [1.0, 0.0], [0.0, 1.0]


def test_who_speaks_together_in_the_overlap_is_one_person_whatever_the_voices_say() -> None:
    linked = link(
        [
            window(
                0, [Turn(1000, 2000, "x"), Turn(52_000, 55_000, "a"), Turn(62_000, 66_000, "b")], dict.fromkeys("abx")
            ),
            window(1, [Turn(52_100, 55_200, "q"), Turn(62_000, 65_900, "p")], {"p": EAST, "q": EAST}),
        ],
        PARAMETERS,
    )
    assert groups(linked) == {
        frozenset({Node(0, "a"), Node(1, "q")}),
        frozenset({Node(0, "b"), Node(1, "p")}),
        frozenset({Node(0, "x")}),
    }
    assert linked.evidence.must_links == 2
    assert linked.evidence.similarity_links == 0
    assert linked.evidence.local_speakers == 5


@pytest.mark.parametrize(
    ("known", "together"),
    [
        # The first window took some of b's speech for a's; a is nearer to p, and b, whom it knows too, to q.
        pytest.param(True, {("a", "p"), ("b", "q")}, id="both sound more like others"),
        # b's voice in the first window is not known: q has nobody whom it sounds more like.
        pytest.param(False, {("a", "q")}, id="one side alone says little"),
    ],
)
def test_speaking_together_links_nobody_whom_both_voices_give_to_others(
    known: bool, together: set[tuple[str, str]]
) -> None:
    linked = link(
        [
            window(
                0,
                [Turn(1000, 20_000, "a"), Turn(30_000, 33_000, "b"), Turn(61_000, 66_000, "a")],
                {"a": [0.8, 0.6], "b": NORTH if known else None},
            ),
            window(1, [Turn(61_000, 66_000, "q"), Turn(80_000, 90_000, "p")], {"p": EAST, "q": NORTH}),
        ],
        replace(PARAMETERS, similarity_threshold=0.75),
    )
    pairs = {
        (one, other) for one in "ab" for other in "pq" if linked.persons[Node(0, one)] == linked.persons[Node(1, other)]
    }
    assert pairs == together
    assert linked.evidence.must_links == (0 if known else 1)


@pytest.mark.parametrize(
    ("left", "right", "linked"),
    [
        pytest.param((55_000, 58_000), (55_000, 57_000), True, id="2 s together, all of what the shorter says"),
        pytest.param((55_000, 58_000), (55_000, 56_999), False, id="less than 2 s"),
        pytest.param((51_000, 57_000), (55_000, 59_000), True, id="2 s of 4 s: half"),
        pytest.param((51_000, 57_000), (54_999, 59_100), False, id="2 s of more than 4 s"),
        pytest.param((40_000, 52_500), (45_000, 52_500), True, id="only what both windows heard counts"),
        pytest.param((40_000, 51_500), (45_000, 51_500), False, id="too little of it in what both windows heard"),
    ],
)
def test_enough_speech_together(left: tuple[int, int], right: tuple[int, int], linked: bool) -> None:
    result = link([window(0, [Turn(*left, "a")], {"a": None}), window(1, [Turn(*right, "b")], {"b": None})], PARAMETERS)
    assert together(result, (0, "a"), (1, "b")) == linked


def test_windows_without_overlap_are_linked_by_voice() -> None:
    linked = link(
        [
            window(0, [Turn(0, 9000, "a"), Turn(9000, 20_000, "b")], {"a": EAST, "b": NORTH}, reach=0),
            window(
                1, [Turn(60_000, 70_000, "a"), Turn(70_000, 90_000, "b")], {"a": [0.1, 3.0], "b": [5, 0.3]}, reach=0
            ),
        ],
        PARAMETERS,
    )
    assert together(linked, (0, "a"), (1, "b"))
    assert together(linked, (0, "b"), (1, "a"))
    assert linked.evidence.similarity_links == 2
    assert linked.evidence.forced_links == 0
    assert linked.evidence.closest_rejected is None  # the two persons were heard in one window
    assert linked.evidence.lowest_accepted == pytest.approx(0.998, abs=0.001)


def test_two_of_one_window_stay_apart_though_they_sound_the_same() -> None:
    linked = link(
        [
            window(0, [Turn(0, 9000, "a"), Turn(9000, 20_000, "b")], {"a": EAST, "b": EAST}),
            window(1, [Turn(90_000, 99_000, "c")], {"c": EAST}),
        ],
        PARAMETERS,
        max_speakers=1,
    )
    assert not together(linked, (0, "a"), (0, "b"))
    assert len(groups(linked)) == 2


@pytest.mark.parametrize("useless", [None, [0.0, 0.0], [math.nan, 1.0], [math.inf, 0.0]])
def test_a_voice_that_says_nothing_is_joined_by_overlap_alone(useless: list[float] | None) -> None:
    # A document cannot hold NaN or infinity; what calls `link` directly may.
    speaker = LocalSpeaker.model_construct(label="a", speech_seconds=5.0, centroid=useless)
    quiet = LocalWindow(
        planned(0, 0, WINDOW, REACH),
        WindowDiarization.model_construct(
            overlapping=speaker_turns([Turn(0, 5000, "a")]), exclusive=[], speakers=[speaker]
        ),
    )
    linked = link([quiet, window(1, [Turn(100_000, 110_000, "b")], {"b": EAST})], PARAMETERS, max_speakers=1)
    assert not together(linked, (0, "a"), (1, "b"))


def test_a_speaker_without_a_voice_costs_nobody_the_name() -> None:
    """Two debaters and a cough, at most two speakers: the debaters are not joined to make room for the cough."""
    linked = link(
        [
            window(0, [Turn(0, 9000, "a"), Turn(9000, 20_000, "b")], {"a": EAST, "b": NORTH}),
            window(1, [Turn(100_000, 100_300, "cough")], {"cough": None}),
            window(2, [Turn(150_000, 160_000, "c")], {"c": EAST}),
        ],
        PARAMETERS,
        max_speakers=2,
    )
    assert groups(linked) == {
        frozenset({Node(0, "a"), Node(2, "c")}),
        frozenset({Node(0, "b")}),
        frozenset({Node(1, "cough")}),
    }


def four_strangers() -> list[LocalWindow]:
    at_degrees = [0, 60, 130, 210]
    return [
        window(
            index,
            [Turn(index * WINDOW + 20_000, index * WINDOW + 30_000, "a")],
            {"a": [math.cos(math.radians(angle)), math.sin(math.radians(angle))]},
        )
        for index, angle in enumerate(at_degrees)
    ]


def test_a_maximum_goes_on_joining_the_most_similar_and_says_so() -> None:
    assert len(groups(link(four_strangers(), PARAMETERS))) == 4
    linked = link(four_strangers(), PARAMETERS, max_speakers=3)
    assert frozenset({Node(0, "a"), Node(1, "a")}) in groups(linked)
    assert len(groups(linked)) == 3
    assert linked.evidence.forced_links == 1
    assert linked.evidence.lowest_accepted == pytest.approx(0.5)


def test_a_minimum_stops_joining_by_voice() -> None:
    windows = [
        window(index, [Turn(index * WINDOW + 20_000, index * WINDOW + 30_000, "a")], {"a": EAST}) for index in range(4)
    ]
    assert len(groups(link(windows, PARAMETERS))) == 1
    linked = link(windows, PARAMETERS, min_speakers=2)
    assert len(groups(linked)) == 2
    assert linked.evidence.closest_rejected == pytest.approx(1.0)


def test_the_average_is_weighted_by_speech() -> None:
    """c is nearer to the group's long talker than to its short one: weighted it joins, unweighted it would not."""

    def at(degrees: float) -> list[float]:
        return [math.cos(math.radians(degrees)), math.sin(math.radians(degrees))]

    def strangers(seconds_of_b: float) -> list[LocalWindow]:
        return [
            window(0, [Turn(20_000, 30_000, "a")], {"a": at(0)}, speech=100.0),
            window(1, [Turn(80_000, 90_000, "b")], {"b": at(35)}, speech=seconds_of_b),
            window(2, [Turn(140_000, 150_000, "c")], {"c": at(-42)}, speech=100.0),
        ]

    assert len(groups(link(strangers(1.0), PARAMETERS))) == 1
    assert len(groups(link(strangers(100.0), PARAMETERS))) == 2


# Properties

voices = st.one_of(
    st.none(),
    st.builds(lambda person, seed: voice(person, random.Random(seed), 0.4, 6), st.integers(0, 4), st.integers(0, 9)),
)


@st.composite
def any_windows(draw: st.DrawFn) -> list[LocalWindow]:
    found = []
    for index in range(draw(st.integers(1, 4))):
        turns, heard = [], {}
        for number in range(draw(st.integers(0, 4))):
            label = f"SPEAKER_{number:02d}"
            first = max(0, index * WINDOW - REACH) + number  # no two say exactly the same
            times = draw(st.lists(st.tuples(st.integers(0, 79), st.integers(1, 15)), min_size=1, max_size=5))
            turns += [Turn(first + at * 1000, first + (at + size) * 1000, label) for at, size in times]
            heard[label] = draw(voices)
        found.append(window(index, turns, heard, speech=draw(st.floats(0, 100))))
    return found


@settings(deadline=None)
@given(any_windows(), st.one_of(st.none(), st.integers(1, 4)), st.one_of(st.none(), st.integers(1, 4)))
def test_never_two_of_one_window(windows: list[LocalWindow], least: int | None, most: int | None) -> None:
    linked = link(windows, PARAMETERS, min_speakers=least, max_speakers=most)
    assert set(linked.persons) == {
        Node(local.planned.index, turn.speaker) for local in windows for turn in local.diarization.overlapping
    }
    for group in groups(linked):
        assert len({node.window for node in group}) == len(group)
    assert len(groups(linked)) == (
        linked.evidence.local_speakers - linked.evidence.must_links - linked.evidence.similarity_links
    )


def relabelled(local: LocalWindow, names: dict[str, str]) -> LocalWindow:
    def renamed(parts: list) -> list:
        return [part.model_copy(update={"speaker": names[part.speaker]}) for part in parts]

    diarization = local.diarization
    return LocalWindow(
        local.planned,
        WindowDiarization(
            overlapping=renamed(diarization.overlapping)[::-1],
            exclusive=renamed(diarization.exclusive),
            speakers=[
                speaker.model_copy(update={"label": names[speaker.label]}) for speaker in diarization.speakers[::-1]
            ],
        ),
    )


@settings(deadline=None)
@given(any_windows(), st.one_of(st.none(), st.integers(1, 4)), st.randoms(use_true_random=False))
def test_neither_the_order_of_windows_nor_the_labels_matter(
    windows: list[LocalWindow], most: int | None, rng: random.Random
) -> None:
    shuffled, back = [], {}
    for local in windows:
        labels = sorted(speaker.label for speaker in local.diarization.speakers)
        others = [f"other-{number}" for number in range(len(labels))]
        rng.shuffle(others)
        shuffled.append(relabelled(local, dict(zip(labels, others, strict=True))))
        back |= {
            Node(local.planned.index, other): Node(local.planned.index, label)
            for label, other in zip(labels, others, strict=True)
        }
    rng.shuffle(shuffled)
    expected = link(windows, PARAMETERS, max_speakers=most)
    found = link(shuffled, PARAMETERS, max_speakers=most)
    assert {back[node]: person for node, person in found.persons.items()} == expected.persons
    assert found.evidence == expected.evidence


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 10_000), st.sets(st.integers(0, 10), max_size=4), st.sampled_from([0, 3000, 15_000]))
def test_clear_voices_are_found_however_the_debate_is_cut(seed: int, cuts: set[int], reach: int) -> None:
    debate = a_debate(seed)
    places = silences(debate)
    plan, windows = debate.windows(sorted(places[cut] for cut in cuts), reach, seed)
    linked = link(
        [LocalWindow(frame, result.diarization) for frame, result in zip(plan.windows, windows, strict=True)],
        PARAMETERS,
    )
    assert len(groups(linked)) == len({turn.speaker for turn in debate.turns})
