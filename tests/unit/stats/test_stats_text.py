"""Tokens, ends of sentences and questions, in the languages that debates are held in."""

from __future__ import annotations

import pytest
from stats_builders import word

from debate_core.documents.transcript import Transcript, Words
from debate_stats import questions
from debate_stats.debate import Debate, debate_from
from debate_stats.figures import compute
from debate_stats.parameters import Parameters
from debate_stats.text import is_question, sentence_ends, tokens


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Don't raise 5 tax-rates!", ["don't", "raise", "tax-rates"]),
        ("Don\u2019t", ["don't"]),
        ("Žluťoučký KŮŇ, prý…", ["žluťoučký", "kůň", "prý"]),
        ("e\u0301", ["é"]),  # a letter and its accent apart
        ("Straße über Ärger", ["straße", "über", "ärger"]),
        ("'quoted' -dashed- rock-'n'-roll", ["quoted", "dashed", "rock", "n", "roll"]),
        ("17 % 2026 G7", ["g"]),
        ("дебаты يا", ["дебаты", "يا"]),
        ("", []),
    ],
)
def test_tokens_are_runs_of_letters(text: str, expected: list[str]) -> None:
    assert tokens(text.split()) == expected


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("We go. They stay.", 2),
        ("Do we go? Yes! Now", 2),
        ("Dne 5. května, např. tady. Konec.", 2),
        ("Dr. Novák a J. Novák přišli. Ano.", 2),
        ("Er sagte: „Nein.“ Und ging.", 2),
        ('She said "no." And went.', 2),
        ("I… think… So. Yes", 2),
        ("I agree… But no.", 2),
        ("To je vše, Mgr.", 1),  # a title at the very end
        ("no marks at all", 0),
        ("Why ? Because .", 2),  # marks apart from words
        ("", 0),
    ],
)
def test_where_sentences_end(text: str, sentences: int) -> None:
    assert len(sentence_ends(text.split())) == sentences


@pytest.mark.parametrize(
    ("word", "language", "expected"),
    [
        ("why?", "en", True),
        ("why?!", "en", True),
        ("why?”", "en", True),
        ("(why?)", "en", True),
        ("?", "en", True),
        ("a?b", "en", False),
        ("why.", "en", False),
        ("why;", "en", False),
        ("γιατί;", "el", True),
        ("γιατί\u037e", "el", True),
        ("لماذا\u061f", "ar", True),
        ("吗\uff1f", "zh", True),
        ("", "en", False),
    ],
)
def test_what_a_question_is(word: str, language: str, *, expected: bool) -> None:
    assert is_question(word, language) is expected


def test_questions_are_counted_by_who_asks() -> None:
    debate = said(("A", "Why? Really?"), ("B", "Because."), ("UNKNOWN", "What?"))
    figures = compute(debate, {}, Parameters())
    assert [row.questions for row in figures.speakers] == [2, 0]
    assert figures.totals.questions == 3


def test_a_transcription_without_punctuation_has_no_number_of_questions() -> None:
    debate = said(("A", "why really"), ("B", "because of it"))
    assert not questions.is_punctuated(debate)
    figures = compute(debate, {}, Parameters())
    assert [row.questions for row in figures.speakers] == [None, None]
    assert figures.totals.questions is None
    reasons = {note.field: note.reason for note in figures.notes}
    assert reasons["totals.questions"] == "the transcription writes no sentence punctuation"


def test_words_keep_the_order_in_which_they_begin() -> None:
    """A long word does not slip behind a short one in it, and words of no length stay as they are written."""
    words = [word(1, "A", text="one"), word(1, "A", text="and"), word(1, "A", text="a")]
    debate = debate_from(Transcript(duration=9, speakers_count=1, transcription=[]), _document(words), [])
    assert [each.text for each in debate.words] == ["one", "and", "a"]


def said(*lines: tuple[str, str]) -> Debate:
    words = [(speaker, text) for speaker, line in lines for text in line.split()]
    spoken = [word(at, speaker, text=text) for at, (speaker, text) in enumerate(words)]
    return debate_from(Transcript(duration=99, speakers_count=2, transcription=[]), _document(spoken), [])


def _document(words: list[object]) -> Words:
    return Words.model_validate({"language": "en", "duration": 99, "words": words})
