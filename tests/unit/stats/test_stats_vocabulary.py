"""Lexical diversity against lexicalrichness 0.5.1, which others compute it with; fillers by language."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from lexicalrichness import LexicalRichness

from debate_core.documents.transcript import Words
from debate_stats import vocabulary
from debate_stats.parameters import Parameters
from debate_stats.text import tokens

DEFAULT = Parameters()
DATA = Path(__file__).parents[2] / "data" / "statistics"


def made_up(seed: int) -> list[str]:
    """Words as rare as Zipf says, of a vocabulary small or large."""
    rng = random.Random(seed)
    vocabulary_size = rng.choice([5, 30, 200, 5000])
    types = [f"word{n}" for n in range(vocabulary_size)]
    return rng.choices(types, [1 / (n + 1) for n in range(vocabulary_size)], k=rng.choice([100, 101, 137, 500, 2000]))


def spoken(name: str) -> list[str]:
    words = Words.from_json((DATA / f"{name}.words.json").read_bytes())
    return tokens(word.text for word in words.words)


TEXTS = [
    *(pytest.param(made_up(seed), id=f"made up {seed}") for seed in range(25)),
    pytest.param(spoken("sample-debate"), id="English"),
    pytest.param(spoken("rozpocet"), id="Czech"),
    pytest.param([f"word{n}" for n in range(150)], id="no word twice"),
    pytest.param(["word"] * 150, id="one word"),
    pytest.param(["one", "two"] * 75, id="two words"),
]


@pytest.mark.parametrize("text", TEXTS)
def test_the_figures_are_those_of_lexicalrichness(text: list[str]) -> None:
    theirs = LexicalRichness(list(text), preprocessor=None, tokenizer=None)
    assert vocabulary.mtld(text, DEFAULT) == pytest.approx(theirs.mtld(threshold=0.72), rel=1e-12)
    assert vocabulary.hdd(text, DEFAULT) == pytest.approx(theirs.hdd(draws=42), rel=1e-9)
    assert vocabulary.mattr(text, DEFAULT) == pytest.approx(theirs.mattr(window_size=50), rel=1e-12)


@pytest.mark.parametrize("figure", [vocabulary.mtld, vocabulary.hdd, vocabulary.mattr])
def test_too_few_words_say_nothing(figure: object) -> None:
    assert callable(figure)
    assert figure(["word"] * 99, DEFAULT) is None
    assert figure([], DEFAULT) is None
    assert figure(["word"] * 100, DEFAULT) is not None


def test_a_short_limit_does_not_draw_more_than_there_is() -> None:
    short = Parameters(vocabulary_min_tokens=10)
    assert vocabulary.hdd(["word"] * 41, short) is None
    assert vocabulary.mattr(["word"] * 49, short) is None


@pytest.mark.parametrize(
    ("language", "said", "expected"),
    [
        ("en", "Um, I uh think, er, so.", 50.0),
        ("en", "We like you, you know, like that.", 0.0),
        ("cs", "Ehm, no tak hmm to jako prostě nevím.", 25.0),
        ("cs", "Má um a rozum.", 0.0),  # "um" is a Czech word
        ("de", "Ähm, um acht Uhr, äh, geht es um alles.", 200 / 9),
        ("sk", "Hm, ehm, to je pravda.", 40.0),
        ("pl", "Yyy, nie wiem.", None),
        (None, "Um.", None),
    ],
)
def test_only_hesitations_are_fillers(language: str | None, said: str, expected: float | None) -> None:
    words = said.split()
    found = vocabulary.fillers_per_100_words(tokens(words), len(words), language)
    assert found == (None if expected is None else pytest.approx(expected))


def test_who_says_nothing_has_no_rate_of_fillers() -> None:
    assert vocabulary.fillers_per_100_words([], 0, "en") is None
