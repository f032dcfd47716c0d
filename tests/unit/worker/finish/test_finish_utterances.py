"""Utterances: one speaker, pauses of at most a second, sentence ends beyond 30 s, never beyond 60 s."""

from __future__ import annotations

from itertools import pairwise

import pytest
from finish_cases import said
from hypothesis import given
from hypothesis import strategies as st

from debate_worker.finish.attribution import SpokenWord
from debate_worker.finish.parameters import Parameters
from debate_worker.finish.sentences import ends_sentence
from debate_worker.finish.utterances import transcript, utterances, words_document

PARAMETERS = Parameters()


@pytest.mark.parametrize(
    "text",
    ["end.", " end?", "end!", 'end."', "end.”", "end.»)", "了。", "吗？", "好！」", "؟نعم؟", "है।", "…", "3.14."],  # noqa: RUF001
)
def test_sentence_ends_of_many_scripts(text: str) -> None:
    assert ends_sentence(text)


@pytest.mark.parametrize("text", ["and", "and,", "well;", "3.14", "U.S", '"', "", " ", ".so", "да", "—"])
def test_no_sentence_ends(text: str) -> None:
    assert not ends_sentence(text)


def lengths(words: list[SpokenWord]) -> list[int]:
    return [len(piece) for piece in utterances(words, PARAMETERS)]


def test_a_change_of_speaker_and_a_long_pause_end_it() -> None:
    words = [
        said(0, 400),
        said(1400, 1800),  # a pause of exactly 1 s
        said(2801, 3000),  # 1.001 s
        said(3000, 3400, speaker="SPEAKER_01"),
        said(3400, 3800, speaker="UNKNOWN"),
        said(3800, 4000, speaker="UNKNOWN"),
    ]
    assert lengths(words) == [2, 1, 1, 2]


def test_a_second_is_exact_where_floats_are_not() -> None:
    assert 4.4 - 3.4 > 1.0
    assert lengths([said(3000, 3400), said(4400, 4800)]) == [2]


def monologue(count: int, *, ends: set[int] = frozenset(), pauses: dict[int, int] | None = None) -> list[SpokenWord]:
    """A word a second; `ends` close a sentence; before a word of `pauses` there is so much more silence."""
    words, now = [], 0
    for number in range(count):
        now += (pauses or {}).get(number, 0)
        words.append(said(now, now + 900, " end." if number in ends else " word"))
        now += 1000
    return words


def test_the_first_sentence_end_beyond_30_s_ends_it() -> None:
    assert lengths(monologue(50, ends={5, 12, 29, 35, 38})) == [36, 14]
    assert lengths(monologue(31, ends={29})) == [31]  # 29.9 s


def test_without_a_sentence_end_the_longest_pause_after_30_s_does() -> None:
    assert lengths(monologue(100, pauses={10: 500, 40: 300, 45: 300, 50: 200})) == [45, 55]


def test_without_any_pause_it_is_cut_before_60_s() -> None:
    assert lengths(monologue(150)) == [60, 60, 30]


def test_the_text_keeps_the_spaces_it_was_decoded_with() -> None:
    words = [said(0, 100, " Good"), said(100, 200, " morning,"), said(200, 300, " all"), said(300, 400, "-in.")]
    chinese = [said(5000, 5100, "大家"), said(5100, 5200, "好。")]
    whole = transcript(utterances([*words, *chinese], PARAMETERS), 6.0)
    assert [entry.text for entry in whole.transcription] == ["Good morning, all-in.", "大家好。"]
    assert [word.text for word in words_document(words, "en", 6.0).words] == ["Good", "morning,", "all", "-in."]


def test_the_transcript_counts_speakers_and_means_probabilities() -> None:
    words = [said(0, 400, probability=0.5), said(400, 800, probability=1.0), said(900, 1000, speaker="UNKNOWN")]
    whole = transcript(utterances(words, PARAMETERS), 1.0)
    assert whole.speakers_count == 1
    assert [entry.confidence for entry in whole.transcription] == [0.75, 0.9]
    assert whole.to_json().startswith(b'{"duration":1.0,"speakers_count":1,"transcription":[{"start":0.0,"end":0.8,')


words = st.lists(
    st.tuples(
        st.integers(0, 4000), st.integers(0, 9000), st.sampled_from([" so", " end."]), st.sampled_from("abbbbbbbbbbb")
    ),
    max_size=120,
)


@given(words)
def test_the_rules_hold_for_any_words(steps: list[tuple[int, int, str, str]]) -> None:
    spoken, now = [], 0
    for step, size, text, who in steps:
        now += step
        spoken.append(said(now, now + size, text, who))
    pieces = utterances(spoken, PARAMETERS)
    assert [word for piece in pieces for word in piece] == spoken  # once, in order
    for piece in pieces:
        assert len({word.speaker for word in piece}) == 1
        reach = piece[0].end
        for word in piece[1:]:
            assert word.start - reach <= 1000
            reach = max(reach, word.end)
        length = reach - piece[0].start
        assert length <= 60_000 or len(piece) == 1
        # No sentence ended beyond 30 s and the utterance went on.
        over = [
            ends_sentence(word.text)
            for word in piece[:-1]
            if max(before.end for before in piece[: piece.index(word) + 1]) - piece[0].start > 30_000
        ]
        assert not any(over)
    for one, other in pairwise(pieces):
        reach = max(word.end for word in one)
        parted = one[0].speaker != other[0].speaker or other[0].start - reach > 1000
        assert parted or reach - one[0].start >= 30_000 or other[0].end - one[0].start > 60_000
