"""Text as the figures count it: tokens and ends of sentences, in any language that writes them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Final

from debate_stats.languages import TITLES

_TOKEN: Final = re.compile(r"[^\W\d_]+(?:['\-][^\W\d_]+)*")
_APOSTROPHES_AND_HYPHENS: Final = str.maketrans("\u2019\u02bc\u2010\u2011", "''--")
_CLOSING: Final = "\"'\u201d\u2019\u201c»«)]}"
_QUESTION_MARKS: Final = "?\uff1f\u061f"  # full-width and Arabic too
_ALWAYS_END: Final = _QUESTION_MARKS + "!\uff01\u3002"
_MARKS: Final = _ALWAYS_END + ".…"
_GREEK_QUESTION_MARKS: Final = "?;\u037e"


def tokens(texts: Iterable[str]) -> list[str]:
    """Runs of letters, lower-cased, with the apostrophes and hyphens inside them; numbers are none.

    "Don't raise 5 tax-rates!" has three: don't, raise, tax-rates.
    """
    text = unicodedata.normalize("NFC", " ".join(texts)).translate(_APOSTROPHES_AND_HYPHENS)
    return _TOKEN.findall(text.lower())


def is_question(word: str, language: str | None) -> bool:
    """Whether a question ends with this word: its closing punctuation has a question mark ("What?!" too)."""
    if word[-1:].isalnum():
        return False  # most words; the rest of this is ten times slower
    marks = _GREEK_QUESTION_MARKS if language == "el" else _QUESTION_MARKS
    if not any(mark in word for mark in marks):
        return False
    closing = word[len(word.rstrip(_CLOSING + _MARKS + marks)) :]
    return any(mark in closing for mark in marks)


def sentence_ends(words: Sequence[str]) -> list[int]:
    """Which of a speaker's words end a sentence.

    Those that close with a question or exclamation mark; those with a full stop or an ellipsis, unless the next word
    begins with a small letter ("5. května", "e.g. this"), or the word is a title or an initial ("Dr.", "J.").
    """
    return [
        i
        for i, word in enumerate(words)
        if not word[-1:].isalnum()
        and (bare := word.rstrip(_CLOSING))
        and bare[-1] in _MARKS
        and _ends(bare, words[i + 1 : i + 2])
    ]


def _ends(bare: str, following: Sequence[str]) -> bool:
    before = bare.rstrip(_MARKS)
    if any(mark in bare[len(before) :] for mark in _ALWAYS_END):
        return True
    if following and following[0][:1].islower():
        return False
    letters = before.lstrip(_CLOSING + "„(")
    is_initial = len(letters) == 1 and letters.isupper() and bool(following)
    return not (is_initial or (letters.lower() in TITLES and following))
