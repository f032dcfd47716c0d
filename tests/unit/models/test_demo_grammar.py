"""The demo grammar: its words are closed, its sentences split by their text alone."""

import importlib.util
import random
import sys
from pathlib import Path
from types import ModuleType

import pytest
from demo_models import grammar
from hypothesis import given
from hypothesis import strategies as st

EXAMPLES = Path(__file__).parents[3] / "examples"
RANDOM = st.integers(0, 2**32).map(random.Random)


@given(RANDOM, st.floats(0, 1))
def test_every_sentence_is_of_known_words(rng: random.Random, salad: float) -> None:
    assert set(grammar.words(grammar.sentence(rng, salad=salad))) <= set(grammar.vocabulary())


@given(RANDOM)
def test_a_sentence_begins_in_upper_case_and_ends_with_a_stop(rng: random.Random) -> None:
    sentence = grammar.sentence(rng, salad=0.2)
    assert sentence[0].isupper()
    assert sentence[-1] in ".?"


@given(RANDOM, st.sampled_from(["shared", "train", "validation", "test"]))
def test_sentences_come_from_the_set_that_was_asked_for(rng: random.Random, wanted: grammar.Split) -> None:
    assert grammar.split(grammar.sentence_of(frozenset({wanted}), rng)) == wanted


@given(RANDOM)
def test_only_short_sentences_are_shared(rng: random.Random) -> None:
    sentence = grammar.sentence(rng)
    assert (grammar.split(sentence) == "shared") == (len(sentence.split()) <= grammar.SHARED_WORDS)


def test_a_tenth_of_the_long_sentences_is_held_out_in_equal_parts() -> None:
    rng = random.Random(1)
    splits = [grammar.split(grammar.sentence(rng)) for _ in range(20_000)]
    long = [split for split in splits if split != "shared"]
    assert splits.count("train") / len(long) == pytest.approx(0.9, abs=0.02)
    assert splits.count("test") / len(long) == pytest.approx(0.05, abs=0.01)


def test_czech_shares_no_word_with_english() -> None:
    rng = random.Random(2)
    czech = {word for _ in range(500) for word in grammar.czech_sentence(rng).lower().strip(".").split()}
    assert not czech & set(grammar.vocabulary()) - {"a"}


@pytest.fixture(scope="module")
def make_sample() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_sample", EXAMPLES / "make_sample.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # dataclasses look their own module up while the class is made
    sys.modules["make_sample"] = module
    spec.loader.exec_module(module)
    return module


def test_no_sentence_of_the_sample_may_be_trained_on(make_sample: ModuleType) -> None:
    lines = make_sample.read_script((EXAMPLES / "sample-debate.script.txt").read_text(encoding="utf-8"))
    assert [line.text for line in lines if grammar.split(line.text) == "train"] == []
    assert len(lines) > 60


def test_the_sample_speaks_the_grammars_words_with_three_voices(make_sample: ModuleType) -> None:
    lines = make_sample.read_script((EXAMPLES / "sample-debate.script.txt").read_text(encoding="utf-8"))
    assert {word for line in lines for word in grammar.words(line.text)} <= set(grammar.vocabulary())
    assert {line.speaker for line in lines} == {person.name for person in make_sample.PEOPLE}
    assert sum(line.interrupts for line in lines) >= 5


def test_a_line_that_is_no_speech_is_refused(make_sample: ModuleType) -> None:
    with pytest.raises(ValueError, match="not a line of a script"):
        make_sample.read_script("Morgan says nothing")
