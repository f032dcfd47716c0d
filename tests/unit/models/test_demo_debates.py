"""Debates: the truth says what is on the track, and a seed decides all of it."""

from itertools import pairwise

import numpy as np
import pytest
from demo_models.debates import PAUSE_SECONDS, Debate, Placed, Word, make_debate, mix, with_noise
from demo_models.synthesis import SAMPLE_RATE, Utterance
from demo_models.voices import DEBATERS
from hypothesis import given, settings
from hypothesis import strategies as st


def spoken(seconds: float) -> Utterance:
    """An utterance of two words that is loud from its first to its last sample."""
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    audio = (0.1 * np.sin(2 * np.pi * 220 * time)).astype(np.float32)
    return Utterance("Yes, no.", "test", audio, ((0.0, seconds / 2), (seconds / 2, seconds)))


placings = st.lists(
    st.tuples(
        st.sampled_from("ABC"),
        st.integers(0, 2_000).map(lambda t: t / 100),
        st.integers(30, 300).map(lambda t: t / 100),
    ),
    min_size=1,
    max_size=12,
)


def staged(placing: list[tuple[str, float, float]]) -> Debate:
    return mix([Placed(speaker, start, spoken(seconds)) for speaker, start, seconds in placing])


@given(placings)
@settings(deadline=None)
def test_every_word_lies_in_a_turn_of_its_speaker(placing: list[tuple[str, float, float]]) -> None:
    debate = staged(placing)
    assert len(debate.words) == 2 * len(placing)
    for word in debate.words:
        turns = [turn for turn in debate.turns if turn.speaker == word.speaker]
        assert any(turn.start <= word.start + 0.02 and word.end - 0.02 <= turn.end for turn in turns)


@given(placings)
@settings(deadline=None)
def test_a_speakers_turns_are_apart_and_in_order(placing: list[tuple[str, float, float]]) -> None:
    debate = staged(placing)
    assert [turn.start for turn in debate.turns] == sorted(turn.start for turn in debate.turns)
    for speaker in debate.speakers:
        own = [turn for turn in debate.turns if turn.speaker == speaker]
        assert all(turn.start < turn.end <= debate.seconds for turn in own)
        assert all(after.start - before.end >= PAUSE_SECONDS - 0.011 for before, after in pairwise(own))


@given(placings)
@settings(deadline=None)
def test_where_nobody_speaks_the_track_is_silent(placing: list[tuple[str, float, float]]) -> None:
    debate = staged(placing)
    silent = np.ones(len(debate.audio), bool)
    for turn in debate.turns:
        first = max(0, int((turn.start - 0.02) * SAMPLE_RATE))
        silent[first : int((turn.end + 0.02) * SAMPLE_RATE)] = False
    assert not debate.audio[silent].any()


def test_overlapping_speech_gives_overlapping_turns() -> None:
    first, second = staged([("A", 0.0, 2.0), ("B", 1.5, 2.0)]).turns
    assert (first.speaker, second.speaker) == ("A", "B")
    assert second.start < first.end


def test_a_pause_shorter_than_the_limit_belongs_to_the_turn() -> None:
    assert len(staged([("A", 0.0, 1.0), ("A", 1.0 + PAUSE_SECONDS - 0.1, 1.0)]).turns) == 1
    assert len(staged([("A", 0.0, 1.0), ("A", 1.0 + PAUSE_SECONDS + 0.1, 1.0)]).turns) == 2


def test_noise_has_the_level_that_was_asked_for_and_leaves_the_truth() -> None:
    clean = staged([("A", 0.0, 3.0)])
    noisy = with_noise(clean, 20.0, np.random.default_rng(1))
    power = float(np.mean(clean.audio**2)) / float(np.mean((noisy.audio - clean.audio) ** 2))
    assert 10 * np.log10(power) == pytest.approx(20.0, abs=0.1)
    assert (noisy.words, noisy.turns) == (clean.words, clean.turns)


def test_the_truth_is_a_document_of_all_words_and_turns() -> None:
    debate = staged([("A", 0.0, 1.0), ("B", 2.0, 1.0)])
    truth = debate.truth()
    assert truth["speakers"] == ["A", "B"]
    assert tuple(Word(**word) for word in truth["words"]) == debate.words
    assert truth["duration"] == round(debate.seconds, 3)


def test_a_seed_decides_a_spoken_debate() -> None:
    def made(seed: int) -> Debate:
        return make_debate(seed, seconds=12, voices=DEBATERS[:3], sentences=frozenset({"test"}), overlap_share=0.5)

    first, again, other = made(1), made(1), made(2)
    assert first.words == again.words
    assert np.array_equal(first.audio, again.audio)
    assert first.words != other.words
    assert set(first.speakers) == {voice.label for voice in DEBATERS[:3]}
    assert np.abs(first.audio).max() <= 1.0
