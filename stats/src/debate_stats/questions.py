"""Questions: sentences that end in a question mark, as the transcription writes it."""

from __future__ import annotations

from collections.abc import Iterable

from debate_stats.debate import Debate, SpokenWord
from debate_stats.text import is_question, sentence_ends


def is_punctuated(debate: Debate) -> bool:
    """Whether any speaker's words end a sentence: else the transcription writes no punctuation, or there is no word."""
    texts: dict[str, list[str]] = {}
    for word in debate.words:
        texts.setdefault(word.speaker, []).append(word.text)
    return any(sentence_ends(said) for said in texts.values())


def questions(words: Iterable[SpokenWord], language: str | None, *, punctuated: bool) -> int | None:
    """Sentences that end in a question mark.

    Of the whole debate, those of unknown speakers count too. They depend on the punctuation that the transcription
    writes: a question that it hears as a statement is missed. Greek questions end in a semicolon.

    Figures: totals.questions, speakers[].questions
    Name: Questions
    Null: the words have no sentence punctuation at all, or there are no words
    """
    return sum(is_question(word.text, language) for word in words) if punctuated else None
