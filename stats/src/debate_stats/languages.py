"""What is known of single languages: hesitations, constants of readability, abbreviations. Data, and where it is from.

A language that is missing from a table has no such figure: a formula of another language is never used in its place.
"""

from __future__ import annotations

from typing import Final, NamedTuple

FILLERS: Final = {
    "cs": frozenset(["eh", "ehh", "ehm", "ehmm", "é", "éé", "ééé", "em", "emm", "hm", "hmm", "hmmm", "mmm"]),
    "de": frozenset(["äh", "ähh", "ähm", "ähmm", "ehm", "hm", "hmm", "hmmm", "mmm", "öh", "öhm"]),
    "en": frozenset(["er", "erm", "hm", "hmm", "hmmm", "mmm", "uh", "uhh", "uhm", "um", "umm"]),
    "sk": frozenset(["eh", "ehh", "ehm", "ehmm", "é", "éé", "ééé", "em", "emm", "hm", "hmm", "hmmm", "mmm"]),
}
"""Hesitations by language, lower-cased. None is a word of its language: "um" is one in Czech, Slovak and German, "eh"
in German and English; "like", "jako" and "halt" mostly are. Backchannels ("mhm", "uh-huh") say yes: they are none."""


class Linear(NamedTuple):
    """base + per_word * (words / sentences) + per_syllable * (syllables / words)."""

    base: float
    per_word: float
    per_syllable: float

    def of(self, words: int, sentences: int, syllables: int) -> float:
        """The value for a text of at least one word."""
        return self.base + self.per_word * words / sentences + self.per_syllable * syllables / words


READING_EASE: Final = {
    "cs": Linear(206.935, -1.672, -62.18),
    "de": Linear(180.0, -1.0, -58.5),
    "en": Linear(206.835, -1.015, -84.6),
}
"""Flesch reading ease. en: Flesch, "A new readability yardstick", J. Applied Psychology 32 (1948). de: Amstad, "Wie
verständlich sind unsere Zeitungen?" (1978). cs: Bendová and Cinková, "Adaptation of classic readability metrics to
Czech", TSD 2021, LNAI 12848, as their R package ReadabilityCzech computes it."""

GRADE: Final = {
    "cs": Linear(-16.393, 0.52, 9.133),
    "en": Linear(-15.59, 0.39, 11.8),
}
"""Flesch-Kincaid grade. en: Kincaid et al., Naval Technical Training Command report 8-75 (1975). cs: as above, to be
read as the grade of an English text of the same difficulty."""

TITLES: Final = frozenset(
    ["bc", "doc", "dr", "fr", "hr", "ing", "jr", "judr", "mgr", "mr", "mrs", "ms", "mudr", "phdr", "prof", "rndr", "sr"]
)
"""Abbreviations that a name follows: their full stop ends no sentence."""


def base(language: str | None) -> str | None:
    """The language without its region: "en" of "en-GB"; None where it is not known."""
    return language.replace("_", "-").partition("-")[0].lower() or None if language else None


def published() -> dict[str, str]:
    """The tables as a person reads them, for the document's `parameters`."""
    return {
        "fillers": "; ".join(f"{code}: {' '.join(sorted(words))}" for code, words in sorted(FILLERS.items())),
        "reading_ease_constants": _constants(READING_EASE),
        "grade_constants": _constants(GRADE),
    }


def _constants(table: dict[str, Linear]) -> str:
    return "; ".join(f"{code}: {' '.join(f'{number:g}' for number in line)}" for code, line in sorted(table.items()))
