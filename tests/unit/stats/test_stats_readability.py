"""Readability: syllables of common words, the published formulas, and null wherever no formula is known."""

from __future__ import annotations

import pytest

from debate_stats.languages import GRADE, READING_EASE, base
from debate_stats.parameters import Parameters
from debate_stats.readability import Measures, flesch_kincaid_grade, flesch_reading_ease, measures
from debate_stats.syllables import syllables
from debate_stats.text import tokens

DEFAULT = Parameters()

SYLLABLES = {
    "cs": """dobrý 2 vlk 1 vítr 2 srdce 2 jablko 3 řekl 2 sedm 2 osmdesát 4 auto 2 evropa 3 euro 2 mouka 2 použít 3
        pouze 2 naučit 3 neurčitý 4 neutrální 3 biologie 5 zdravotnictví 4 prezident 3 ministryně 4 debata 3 republika 4
        rty 1 lhát 1 ekonomika 5 rozpočet 3 čtvrt 1 petr 2 miliarda 4 jsme 1 k 1 otázka 3 restaurace 4 poslanec 3
        důchody 3 zvyšování 4 proč 1 mlha 2 osmička 3 prst 1 společně 3""",
    "de": """haus 1 schule 2 regierung 3 familie 4 familien 4 energie 3 wien 1 ferien 3 nation 3 quelle 2 bäume 2
        europa 3 arbeitsplätze 4 beurteilen 4 gesundheit 3 wir 1 müssen 2 zeitungen 3 verständlich 3 neue 2 bauen 2
        see 1 idee 2 politiker 4 wirtschaft 2 nie 1 sieben 2 steuern 2 million 3 millionen 4 theater 3 medien 3
        beeinflussen 4 geeignet 3 freiheit 2 bundestag 3""",
    "en": """the 1 people 2 table 2 government 3 education 4 hospital 3 believe 2 created 3 raised 1 prices 2 makes 1
        needed 2 million 2 hundred 2 idea 3 media 3 serious 3 science 2 patient 2 being 2 trying 2 beyond 2 language 2
        statement 2 element 3 business 2 society 4 question 2 answer 2 economy 4 policy 3 quality 3 experience 4
        taxes 2 schools 1 something 2 while 1 actual 3 social 2 national 3 because 2 their 1 area 3 period 3
        responsibility 6 agreement 3 completely 3 voted 2 employees 3 world 1 governor 3 tables 2 rural 2 voices 2
        don't 1 well-known 2""",
}  # fmt: skip


def measured(texts: list[str], language: str | None) -> Measures | None:
    return measures(texts, tokens(texts), language, DEFAULT)


def expected_syllables() -> list[tuple[str, str, int]]:
    rows = []
    for language, text in SYLLABLES.items():
        items = text.split()
        rows += [(language, word, int(count)) for word, count in zip(items[::2], items[1::2], strict=True)]
    return rows


@pytest.mark.parametrize(("language", "word", "count"), expected_syllables())
def test_syllables(language: str, word: str, count: int) -> None:
    assert syllables(word, language) == count


def test_a_formula_has_syllables_of_its_language() -> None:
    for language in READING_EASE | GRADE:
        assert syllables("ano", language) == 2
    with pytest.raises(KeyError):
        syllables("ano", "sk")


@pytest.mark.parametrize(
    ("language", "said", "ease", "grade"),
    [
        # Of 100 words in 5 sentences with 140 syllables, by hand: 206.835 - 1.015 * 20 - 84.6 * 1.4, and so on.
        ("en", Measures(100, 5, 140), 68.095, 8.73),
        ("de", Measures(100, 5, 180), 54.7, None),
        # The example of ReadabilityCzech, the authors' package: 69 sentences of 11 words, 1.936759 syllables a word.
        ("cs", Measures(759, 69, 1470), 68.11533, 7.015419),
        ("sk", Measures(100, 5, 140), None, None),
        (None, Measures(100, 5, 140), None, None),
    ],
)
def test_each_language_has_its_own_constants(
    language: str | None, said: Measures, ease: float | None, grade: float | None
) -> None:
    found = flesch_reading_ease(said, language), flesch_kincaid_grade(said, language)
    assert found[0] == (None if ease is None else pytest.approx(ease, abs=1e-4))
    assert found[1] == (None if grade is None else pytest.approx(grade, abs=1e-4))


def test_what_the_formulas_need_of_a_text() -> None:
    text = ("We must build good schools. " * 20).split()
    assert measured(text, "en") == Measures(words=100, sentences=20, syllables=100)
    # What follows the last mark is a sentence of its own; numbers and lone marks are neither words nor sentences.
    assert measured([*text, "And", "17", "roads"], "en") == Measures(102, 21, 102)
    assert measured([*text, "."], "en") == Measures(100, 20, 100)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("We must build good schools. " * 19, "en"),
        ("we must build good schools " * 20, "en"),
        ("Musíme stavať dobré školy teraz. " * 20, "sk"),
        ("We must build good schools. " * 20, None),
        ("We must build good schools. " * 20, "cy"),
    ],
    ids=["under 100 words", "no punctuation", "no formula", "no language", "another language"],
)
def test_no_number_where_none_is_known(text: str, language: str | None) -> None:
    assert measured(text.split(), language) is None
    assert flesch_reading_ease(None, language) is None
    assert flesch_kincaid_grade(None, language) is None


@pytest.mark.parametrize(
    ("code", "expected"), [("cs", "cs"), ("en-GB", "en"), ("de_AT", "de"), ("EN", "en"), ("", None), (None, None)]
)
def test_a_region_does_not_make_another_language(code: str | None, expected: str | None) -> None:
    assert base(code) == expected
