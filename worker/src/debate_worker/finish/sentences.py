"""Where sentences end, in many scripts."""

from __future__ import annotations

import unicodedata

SENTENCE_ENDS = frozenset(".?!…。．？！｡؟۔।॥։።፧។၏")  # noqa: RUF001
"""Full stops, question and exclamation marks of Latin, CJK, Arabic, Urdu, Indic, Armenian, Ethiopic, Khmer, Burmese.
Not Greek's question mark: it is a semicolon everywhere else."""


def ends_sentence(text: str) -> bool:
    """Whether a word closes a sentence, quotes and brackets behind the mark set aside."""
    for char in reversed(text):
        if char in SENTENCE_ENDS:
            return True
        if not (char.isspace() or char in "\"'" or unicodedata.category(char) in {"Pe", "Pf", "Pi"}):
            return False
    return False
