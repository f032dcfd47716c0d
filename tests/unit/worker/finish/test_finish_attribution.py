"""Attribution: the covering turn, the nearest edge, islands and interjections, labels, and windows put together."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import groupby

import pytest
from finish_cases import Debate, a_debate, decoded, silences
from hypothesis import given, settings
from hypothesis import strategies as st

from debate_core.documents.transcript import UNKNOWN_SPEAKER
from debate_core.documents.window import WindowWord
from debate_worker.finish.attribution import Attribution, attribute, in_order, whole_annotation
from debate_worker.finish.linking import LocalWindow, link
from debate_worker.finish.parameters import Parameters
from debate_worker.finish.turns import Turn, cropped, merged

PARAMETERS = Parameters()


def speakers(found: Attribution) -> list[str]:
    return [word.speaker.removeprefix("SPEAKER_0") for word in found.words]


def by(words: list[WindowWord], exclusive: list[Turn], overlapping: list[Turn] | None = None) -> Attribution:
    return attribute(words, exclusive if overlapping is None else overlapping, exclusive, PARAMETERS)


@pytest.mark.parametrize(
    ("word", "owner"),
    [
        pytest.param((1000, 1400), "a", id="inside"),
        pytest.param((1800, 2300), "b", id="most of it lies with b"),
        pytest.param((1700, 2300), "a", id="half and half: the earlier turn"),
        pytest.param((2000, 2000), "a", id="no length, on the edge: the earlier turn"),
        pytest.param((2500, 2500), "b", id="no length, inside"),
        pytest.param((4100, 4400), "b", id="0.1 s after b's end"),
        pytest.param((4500, 4700), "b", id="0.5 s after b's end"),
        pytest.param((4501, 4700), None, id="farther than 0.5 s from either"),
        pytest.param((5200, 5600), "c", id="0.4 s before c"),
        pytest.param((4400, 5700), "c", id="in the gap, nearer to c"),
        pytest.param((7501, 8500), None, id="after all turns"),
        pytest.param((1500, 2900), "b", id="over an edge"),
    ],
)
def test_a_word_goes_to_the_turn_that_covers_it_or_lies_near(word: tuple[int, int], owner: str | None) -> None:
    turns = [Turn(0, 2000, "a"), Turn(2000, 4000, "b"), Turn(6000, 7000, "c")]
    found = by([decoded(*word)], turns)
    assert found.words[0].speaker == (UNKNOWN_SPEAKER if owner is None else "SPEAKER_00")
    if owner is not None:
        # The label of the first word is SPEAKER_00; the annotation says whose it is.
        (start,) = {turn.start for turn in found.exclusive if turn.speaker == "SPEAKER_00"}
        assert start == {"a": 0, "b": 2000, "c": 6000}[owner]


def test_parts_of_one_speaker_add_up() -> None:
    """A blip in the middle of a long word covers more than each half, less than both."""
    turns = [Turn(0, 1200, "a"), Turn(1200, 1500, "b"), Turn(1500, 3000, "a")]
    assert speakers(by([decoded(0, 400), decoded(1000, 1700), decoded(1700, 2000)], turns)) == ["0", "0", "0"]


def test_nobody_is_heard_without_turns() -> None:
    found = by([decoded(0, 400), decoded(500, 900)], [])
    assert [word.speaker for word in found.words] == [UNKNOWN_SPEAKER] * 2
    assert found.speakers == []


WORDS = [decoded(0, 400), decoded(500, 900), decoded(1000, 1300), decoded(1400, 1800), decoded(1900, 2300)]
BLIP = [Turn(0, 950, "a"), Turn(950, 1340, "b"), Turn(1340, 2500, "a")]


@pytest.mark.parametrize(
    ("words", "exclusive", "overlapping", "expected"),
    [
        pytest.param(WORDS, BLIP, BLIP, "00000", id="a blip, nobody else heard: given to the one around"),
        pytest.param(
            WORDS, BLIP, [Turn(0, 2500, "a"), Turn(950, 1340, "b")], "00100", id="two voices: an interjection stays"
        ),
        pytest.param(
            WORDS, BLIP, [*BLIP, Turn(1290, 1340, "c")], "00100", id="any second voice during it, however short"
        ),
        pytest.param(
            WORDS, BLIP, [*BLIP, Turn(1300, 1340, "a")], "00000", id="a second voice only once the word is over"
        ),
        pytest.param(
            WORDS,
            [Turn(0, 930, "a"), Turn(930, 1350, "b"), Turn(1350, 2500, "a")],
            None,
            "00100",
            id="heard alone for longer than an island",
        ),
        pytest.param(
            [*WORDS[:2], decoded(980, 1380), *WORDS[3:]], BLIP, None, "00100", id="a word of 0.4 s is no island"
        ),
        pytest.param(
            [*WORDS[:2], decoded(960, 1140), decoded(1150, 1330), *WORDS[3:]], BLIP, None, "000000", id="two words"
        ),
        pytest.param(
            [*WORDS[:2], decoded(960, 1080), decoded(1090, 1180), decoded(1190, 1300), *WORDS[3:]],
            BLIP,
            None,
            "0011100",
            id="three words are no island",
        ),
        pytest.param(
            WORDS,
            [Turn(0, 950, "a"), Turn(950, 1340, "b"), Turn(1340, 2500, "c")],
            None,
            "00122",
            id="between two others it is a turn",
        ),
        pytest.param(WORDS[2:], BLIP[1:], None, "011", id="at the beginning there is nobody around"),
        pytest.param(
            [*WORDS[:3], WORDS[4]], [Turn(0, 950, "a"), Turn(1010, 1290, "b")], None, "001U", id="nor next to nobody"
        ),
    ],
)
def test_islands(words: list[WindowWord], exclusive: list[Turn], overlapping: list[Turn] | None, expected: str) -> None:
    found = by(words, exclusive, overlapping)
    assert "".join(speaker[0] for speaker in speakers(found)) == expected
    assert found.smoothed == (len(words) - 4 if set(expected) == {"0"} else 0)


def test_labels_by_first_word_then_by_first_turn() -> None:
    turns = [Turn(0, 300, "cough"), Turn(1000, 2000, "b"), Turn(2000, 3000, "a"), Turn(100, 200, "mute")]
    found = attribute([decoded(1100, 1500), decoded(2100, 2500)], sorted(turns), sorted(turns), PARAMETERS)
    assert [(turn.start, turn.speaker) for turn in found.overlapping] == [
        (0, "SPEAKER_02"),
        (100, "SPEAKER_03"),
        (1000, "SPEAKER_00"),
        (2000, "SPEAKER_01"),
    ]
    assert found.speakers == ["SPEAKER_00", "SPEAKER_01"]


def test_of_each_window_only_its_own_part_counts_and_cut_turns_are_whole_again() -> None:
    truth = Debate(
        turns=[Turn(1000, 50_000, "0"), Turn(45_000, 60_000, "1"), Turn(70_000, 80_000, "0")],
        words=[(1000, 1300, " a"), (52_000, 52_400, " b")],
        duration=90_000,
        exclusive=[Turn(1000, 48_000, "0"), Turn(48_000, 60_000, "1"), Turn(70_000, 80_000, "0")],
    )
    plan, windows = truth.windows([30_000, 47_000, 75_000], reach=10_000)
    persons = link(
        [LocalWindow(frame, result.diarization) for frame, result in zip(plan.windows, windows, strict=True)],
        PARAMETERS,
    ).persons
    by_index = {window.index: window for window in windows}
    name = {turn.start: turn.speaker for turn in whole_annotation("overlapping", plan.windows, by_index, persons)}
    assert name[1000] == name[70_000] != name[45_000]
    for kind, turns in (("overlapping", truth.turns), ("exclusive", truth.exclusive)):
        assert whole_annotation(kind, plan.windows, by_index, persons) == [
            turn._replace(speaker=name[1000] if turn.speaker == "0" else name[45_000]) for turn in turns
        ]


# Properties

some_words = st.lists(
    st.builds(
        lambda start, size, text: decoded(start * 100, (start + size) * 100, text),
        st.integers(0, 200),
        st.integers(0, 9),
        st.sampled_from([" yes", " no", "a", " ", ""]),
    ),
    max_size=40,
).map(lambda words: sorted(words, key=lambda word: word.start))

some_turns = st.lists(
    st.builds(
        lambda start, size, who: Turn(start * 100, (start + size) * 100, who),
        st.integers(0, 200),
        st.integers(1, 40),
        st.sampled_from("abcd"),
    ),
    max_size=15,
).map(merged)


def exclusive_of(turns: list[Turn]) -> list[Turn]:
    """The earlier turn wins: some exclusive annotation of an overlapping one."""
    found: list[Turn] = []
    for turn in turns:
        start = max(turn.start, found[-1].end if found else 0)
        found += cropped([turn], start, turn.end)
    return found


@given(some_words, some_turns)
def test_every_word_once_and_in_order_whoever_says_it(words: list[WindowWord], turns: list[Turn]) -> None:
    found = attribute(words, turns, exclusive_of(turns), PARAMETERS)
    assert [(word.start, word.end, word.text, word.probability) for word in found.words] == [
        (round(word.start * 1000), round(word.end * 1000), word.text, word.probability) for word in words
    ]
    numbered = [word.speaker for word in found.words if word.speaker != UNKNOWN_SPEAKER]
    assert list(dict.fromkeys(numbered)) == [f"SPEAKER_{number:02d}" for number in range(len(set(numbered)))]


@given(some_words, some_turns)
def test_the_running_pointer_finds_what_a_full_search_finds(words: list[WindowWord], turns: list[Turn]) -> None:
    exclusive = exclusive_of(turns)
    found = attribute(words, turns, exclusive, Parameters(max_island_words=0))
    label = {}
    for before, after in zip(sorted(exclusive), found.exclusive, strict=True):
        label[before.speaker] = after.speaker
    for word, given_to in zip(words, found.words, strict=True):
        start, end = round(word.start * 1000), round(word.end * 1000)
        covered = {
            who: sum(max(0, min(end, turn.end) - max(start, turn.start)) for turn in exclusive if turn.speaker == who)
            for who in label
        }
        nearest = min((max(turn.start - end, start - turn.end, 0) for turn in exclusive), default=10**9)
        if given_to.speaker == UNKNOWN_SPEAKER:
            assert nearest > 500
            continue
        who = next(person for person, name in label.items() if name == given_to.speaker)
        assert covered[who] == max(covered.values())
        if not covered[who]:
            assert nearest == min(
                max(turn.start - end, start - turn.end, 0) for turn in exclusive if turn.speaker == who
            )


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10_000), st.sets(st.integers(0, 10), max_size=4), st.randoms(use_true_random=False))
def test_a_cut_debate_reads_like_the_whole_one(seed: int, cuts: set[int], rng: random.Random) -> None:
    debate = a_debate(seed)
    places = silences(debate)

    def read(at: list[int], reach: int) -> Attribution:
        plan, windows = debate.windows(at, reach, seed)
        rng.shuffle(windows)
        by_index = {window.index: window for window in windows}
        persons = link(
            [LocalWindow(frame, by_index[frame.index].diarization) for frame in plan.windows], PARAMETERS
        ).persons
        return attribute(
            in_order(windows),
            whole_annotation("overlapping", plan.windows, by_index, persons),
            whole_annotation("exclusive", plan.windows, by_index, persons),
            PARAMETERS,
        )

    assert read(sorted(places[cut] for cut in cuts), 8000) == read([], 0)


def talk(text: str, word_ms: int = 250) -> list[WindowWord]:
    """Words of the same length, back to back."""
    return [decoded(i * word_ms, (i + 1) * word_ms, f" {word}") for i, word in enumerate(text.split())]


@pytest.mark.parametrize(
    ("text", "change", "overlap", "expected"),
    [
        pytest.param("two minutes. Thank you, Miss.", 3, None, "aabbb", id="back to the sentence's begin"),
        pytest.param("welcome to the debate. We begin.", 3, None, "aaaabb", id="on to the sentence's end"),
        pytest.param("two minutes. Thank you very much.", 2, None, "aabbbb", id="at a sentence end it stays"),
        pytest.param("two minutes. I thank you, Miss.", 4, None, "aaaabb", id="two words are too much speech"),
        pytest.param("two minutes. Thank you, Miss.", 3, (600, 900), "aaabb", id="where two voices are heard it stays"),
        pytest.param("two minutes. Thank you, Miss.", 3, (0, 400), "aabbb", id="two voices elsewhere"),
        pytest.param("Thank you, Miss. Good night.", 1, None, "abbbb", id="never all of a run"),
        pytest.param("no end in sight here", 2, None, "aabbb", id="without sentences"),
    ],
)
def test_speakers_change_at_sentence_ends(
    text: str, change: int, overlap: tuple[int, int] | None, expected: str
) -> None:
    words = talk(text)
    exclusive = [Turn(0, change * 250, "a"), Turn(change * 250, len(words) * 250, "b")]
    overlapping = sorted([*exclusive, *([Turn(*overlap, "a"), Turn(*overlap, "b")] if overlap else [])])
    found = attribute(words, overlapping, exclusive, PARAMETERS)
    assert "".join("ab"[int(word.speaker[-1])] for word in found.words) == expected
    assert found.moved == sum(now != ("a" if i < change else "b") for i, now in enumerate(expected))


@pytest.mark.parametrize(
    ("heard", "expected"),
    [
        pytest.param((400, 2000), "aaaaabbb", id="both are heard: the sentence says whose words they are"),
        pytest.param((400, 1150), "aaabbbbb", id="a is not heard to the end of a's sentence"),
        pytest.param((900, 2000), "aaabbbbb", id="b is not heard at the begin of a's last words"),
        pytest.param((0, 2000), "aaaaabbb", id="both from the beginning on"),
    ],
)
def test_while_two_speak_the_sentence_decides(heard: tuple[int, int], expected: str) -> None:
    # b is louder from the fourth word on; half a second is more than a turn's edge may be wrong by.
    words = talk("we must cut taxes now. That is all.")
    exclusive = [Turn(0, 750, "a"), Turn(750, 2000, "b")]
    overlapping = sorted([Turn(0, max(750, heard[1]), "a"), Turn(min(750, heard[0]), 2000, "b")])
    if heard[0] > 750:
        overlapping = [Turn(0, 2000, "a"), Turn(heard[0], 2000, "b")]
    found = attribute(words, overlapping, exclusive, PARAMETERS)
    assert "".join("ab"[int(word.speaker[-1])] for word in found.words) == expected


def test_who_is_talked_over_for_a_moment_keeps_the_interjection() -> None:
    words = talk("taxes are No! low and fair.")
    exclusive = [Turn(0, 500, "a"), Turn(500, 750, "b"), Turn(750, 1500, "a")]
    found = attribute(words, [Turn(0, 1500, "a"), Turn(500, 750, "b")], exclusive, PARAMETERS)
    assert [word.speaker[-1] for word in found.words] == list("001000")


def test_a_run_that_gave_a_word_at_one_end_keeps_its_last_one() -> None:
    # b's two words: the first ends a's sentence; the second begins c's, and would leave b with nothing.
    words = talk("we welcome you all. Thank you, Miss.")
    exclusive = [Turn(0, 750, "a"), Turn(750, 1250, "b"), Turn(1250, 1750, "c")]
    found = attribute(words, exclusive, exclusive, PARAMETERS)
    assert [word.speaker[-1] for word in found.words] == list("0000122")


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from([" x", " y."])), min_size=1, max_size=40))
def test_nobody_loses_every_word_of_a_run_by_moving(spoken: list[tuple[str, str]]) -> None:
    words = [decoded(i * 450, (i + 1) * 450, text) for i, (_, text) in enumerate(spoken)]
    exclusive = [Turn(i * 450, (i + 1) * 450, person) for i, (person, _) in enumerate(spoken)]
    parameters = replace(PARAMETERS, max_shift_seconds=1.0)
    found = attribute(words, exclusive, exclusive, parameters)
    before = [person for person, _ in groupby(person for person, _ in spoken)]
    after = [label for label, _ in groupby(word.speaker for word in found.words)]
    assert len(after) == len(before)
    assert len(found.words) == len(words)


def test_a_change_in_a_pause_stays_where_it_is() -> None:
    words = [
        decoded(0, 400, " minutes."),
        decoded(450, 700, " Thank"),
        decoded(1000, 1250, " you,"),
        decoded(1250, 1500),
    ]
    exclusive = [Turn(0, 750, "a"), Turn(950, 1500, "b")]
    assert attribute(words, exclusive, exclusive, PARAMETERS).moved == 0
