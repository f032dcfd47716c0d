"""Syllables of a word by rules, for the languages that have a readability formula here.

Counted are nuclei: vowels, diphthongs as one, in Czech also r and l between consonants or after one at the end.
Spelling does not tell all (English "hundred", Czech "nauka"): there are rules for what is frequent, and exceptions.
Hyphenation patterns would be no better: they say where a line may break, and leave out syllables of one letter.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

_CS_VOWELS: Final = "aáeéěiíoóuúůyýäëöü"
_CS_HIATUS: Final = re.compile(
    r"^(?:ne)?po(?=uč|už[ií]|uk[aá]|upra|ust)"  # po-užít; but pou-ze
    r"|^(?:ne)?(?:na|za)(?=u(?!t))"  # na-učit; but nau-tika
    r"|^(?:nej)?ne(?=u)(?!utr[áao]|uro)"  # ne-určitý; but neu-trální
)
_CS_NUCLEUS: Final = re.compile(
    rf"ou|au|eu|[{_CS_VOWELS}]|(?<=[^\W{_CS_VOWELS}])[rl](?![{_CS_VOWELS}rl])|(?:(?<=sed)|(?<=os))m(?![{_CS_VOWELS}])"
)

_DE_HIATUS: Final = re.compile(
    r"(?:famil|lin|ser|stud|akt|fol|präm|mater)i(?=e$)"  # Famili-e; but Energie
    r"|(?<=.)[aeiouäöü].*[^aeou]i(?=en$)"  # Feri-en; but Wien
    r"|^[bg]e(?=u[nr])"  # be-urteilen
)
_DE_NUCLEUS: Final = re.compile(r"[ae]i|[ae]y|au|äu|eu|aa|ee|oo|ie|[aeiouyäöüéèàáó]")

_EN_NUCLEUS: Final = re.compile(r"[aeiouy]+")
_EN_SILENT: Final = re.compile(
    r"(?<=[^aeiouyl])e$|(?<=[aeiouy]l)e$|(?<=rl)e$"  # plan(e), whil(e); but ta-ble
    r"|(?<=[^aeioucgsxz])(?<!ch)(?<!sh)e(?=s$)(?<![^aeiouy]le)"  # mak(e)s; but pri-ces, ta-bles
    r"|(?<=[^aeioudt])e(?=d$)"  # ask(e)d; but nee-ded
    r"|(?<=[^aeiouyl])e(?=ments?$|ly$|less$|ful$|ness$)"  # stat(e)ment; but el-e-ment
)
_EN_HIATUS: Final = re.compile(
    r"(?<![tcsglnx])i(?=a(?!g)|o|u)"  # me-di-a, se-ri-ous; but na-tion, so-cial
    r"|(?<![tcfr])i(?=e[nt])|ri(?=enc|et)|^sci(?=en)|soci(?=et)"  # sci-ence, qui-et; but pa-tient, friend
    r"|(?<![gq])u(?=a)"  # ac-tu-al; but lan-guage
    r"|[aeiouy](?=ing$)"  # be-ing, try-ing
    r"|cre(?=at)|o(?=e[mt])|(?<=[aeiouy][^aeiouy])e(?=a$)"  # cre-ate, po-et, i-de-a
)
_EN_GLIDE: Final = re.compile(r"(?:^|(?<=[aeiou]))y(?=[aeiou])")  # be-yond
_EN_EXCEPTIONS: Final = {
    "business": 2, "every": 2, "everybody": 4, "everyone": 3, "everything": 3, "evening": 2, "hundred": 2,
    "hundreds": 2, "sometimes": 2, "somebody": 3, "someone": 2, "something": 2, "therefore": 2,
}  # fmt: skip


@lru_cache(maxsize=50_000)
def syllables(token: str, language: str) -> int:
    """How many syllables a token has (lower-case letters, as `text.tokens` gives them), at least one.

    Raises KeyError for a language without rules.
    """
    count = _RULES[language]
    return sum(max(1, count(part)) for part in token.replace("'", "").split("-"))


def _czech(word: str) -> int:
    return len(_CS_NUCLEUS.findall(_CS_HIATUS.sub(r"\g<0>|", word)))


def _german(word: str) -> int:
    return len(_DE_NUCLEUS.findall(_DE_HIATUS.sub(r"\g<0>|", word.replace("qu", "q"))))


def _english(word: str) -> int:
    if word in _EN_EXCEPTIONS:
        return _EN_EXCEPTIONS[word]
    sounded = _EN_GLIDE.sub("j", word)
    # What is silent goes last: "raised" has one group of vowels and a silent one.
    return len(_EN_NUCLEUS.findall(_EN_SILENT.sub("'", _EN_HIATUS.sub(r"\g<0>|", sounded))))


_RULES: Final = {"cs": _czech, "de": _german, "en": _english}
