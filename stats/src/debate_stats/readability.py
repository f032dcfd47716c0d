"""Readability: how hard the sentences are to follow, by their length and the length of their words.

The formulas are made for written text; what is said aloud reads easier. Each language has its own constants, among the
parameters. Where none are published for a language, the figure is null: another language's formula is never used. Words
are tokens (runs of letters), so numbers in digits are left out. A sentence ends with a question or exclamation mark, or
with a full stop or an ellipsis that no small letter follows and that does not belong to a title or an initial ("Dr.",
"J."). Words of others between a speaker's own end no sentence. Syllables are counted by rules of the language.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from debate_stats.languages import GRADE, READING_EASE
from debate_stats.parameters import Parameters
from debate_stats.syllables import syllables
from debate_stats.text import sentence_ends


class Measures(NamedTuple):
    """Of a speaker's text; `words` and `sentences` are at least one."""

    words: int
    sentences: int
    syllables: int


def measures(
    texts: Sequence[str], said: Sequence[str], language: str | None, parameters: Parameters
) -> Measures | None:
    """What the formulas need of a speaker's words in order; `said`: their tokens.

    None where no formula is known for the language, where there are too few words, or no sentence is marked as ended.
    """
    if language not in READING_EASE or len(said) < parameters.readability_min_words:
        return None
    sentences = _sentences(texts)
    if sentences is None:
        return None
    return Measures(len(said), sentences, sum(syllables(token, language) for token in said))


def flesch_reading_ease(measured: Measures | None, language: str | None) -> float | None:
    """Flesch reading ease: around 100 is very easy, around 0 very hard. With the constants of the debate's language.

    Published constants are used for English, German and Czech. Values of different languages are not comparable.

    Figures: speakers[].flesch_reading_ease
    Name: Flesch reading ease
    Formula: with w = words / sentences and y = syllables / words: en 206.835 - 1.015 w - 84.6 y; de 180 - w - 58.5 y;
        cs 206.935 - 1.672 w - 62.18 y
    Unit: points
    Parameters: reading_ease_constants, readability_min_words
    Null: the language has no published constants, or the speaker has fewer than {readability_min_words} words, or no
        sentence punctuation
    Source: en: Flesch, "A new readability yardstick", Journal of Applied Psychology 32 (1948); de: Amstad, "Wie
        verständlich sind unsere Zeitungen?" (1978); cs: Bendová and Cinková, "Adaptation of classic readability
        metrics to Czech", TSD 2021
    """
    constants = READING_EASE.get(language or "")
    return constants.of(*measured) if measured and constants else None


def flesch_kincaid_grade(measured: Measures | None, language: str | None) -> float | None:
    """Flesch-Kincaid grade: the year of an American school in which such a text is understood.

    Published constants are used for English and Czech; the Czech ones give the grade of an English text as hard.

    Figures: speakers[].flesch_kincaid_grade
    Name: Flesch-Kincaid grade
    Formula: with w = words / sentences and y = syllables / words: en 0.39 w + 11.8 y - 15.59; cs 0.52 w + 9.133 y -
        16.393
    Unit: school year
    Parameters: grade_constants, readability_min_words
    Null: the language has no published constants, or the speaker has fewer than {readability_min_words} words, or no
        sentence punctuation
    Source: en: Kincaid, Fishburne, Rogers and Chissom, report 8-75, Naval Technical Training Command (1975); cs:
        Bendová and Cinková, "Adaptation of classic readability metrics to Czech", TSD 2021
    """
    constants = GRADE.get(language or "")
    return constants.of(*measured) if measured and constants else None


def _sentences(texts: Sequence[str]) -> int | None:
    """Sentences with at least one letter; words after the last end are one more. None where none is marked as ended."""
    ends = sentence_ends(texts)
    if not ends:
        return None
    starts = [0, *(end + 1 for end in ends)]
    return sum(_has_letter(texts[start:end]) for start, end in zip(starts, [*starts[1:], len(texts)], strict=True))


def _has_letter(texts: Sequence[str]) -> bool:
    return any(character.isalpha() for text in texts for character in text)
