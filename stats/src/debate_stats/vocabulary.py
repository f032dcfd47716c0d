"""Vocabulary: how varied the words are, and how many of them are hesitations.

Tokens are runs of letters, lower-cased, with the apostrophes and hyphens inside them; numbers are none. Inflected forms
are tokens of their own: compare speakers of one language only. The plain type-token ratio is not published, as it
falls with the length of the text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from math import comb

from debate_stats.languages import FILLERS
from debate_stats.parameters import Parameters


def mtld(tokens: Sequence[str], parameters: Parameters) -> float | None:
    """Measure of textual lexical diversity: how many tokens in a row keep a type-token ratio above {mtld_threshold}.

    The text is cut into factors, each complete when the ratio falls to the threshold; the last one counts in
    proportion. The mean of reading forwards and backwards.

    Figures: speakers[].mtld
    Name: MTLD
    Formula: mean of (tokens / factors) over both directions
    Unit: tokens
    Parameters: mtld_threshold, vocabulary_min_tokens
    Null: the speaker has fewer than {vocabulary_min_tokens} tokens
    Source: McCarthy and Jarvis, "MTLD, vocd-D, and HD-D", Behavior Research Methods 42 (2010)
    """
    if len(tokens) < parameters.vocabulary_min_tokens:
        return None
    backwards = list(reversed(tokens))
    return (_tokens_a_factor(tokens, parameters) + _tokens_a_factor(backwards, parameters)) / 2


def _tokens_a_factor(tokens: Sequence[str], parameters: Parameters) -> float:
    threshold = parameters.mtld_threshold
    types: set[str] = set()
    factors, length, ratio = 0.0, 0, 1.0
    for token in tokens:
        types.add(token)
        length += 1
        ratio = len(types) / length
        if ratio <= threshold:
            factors += 1
            types, length = set(), 0
    if length:
        factors += (1 - ratio) / (1 - threshold)
    # Not one token was said twice: the whole text is one factor.
    return len(tokens) / (factors or 1.0)


def hdd(tokens: Sequence[str], parameters: Parameters) -> float | None:
    """Hypergeometric distribution diversity: the type-token ratio to expect of {hdd_draws} tokens drawn at random.

    Figures: speakers[].hdd
    Name: HD-D
    Formula: sum over types of P(drawn at least once in {hdd_draws} draws) / {hdd_draws}
    Unit: 0-1
    Parameters: hdd_draws, vocabulary_min_tokens
    Null: the speaker has fewer than {vocabulary_min_tokens} tokens
    Source: McCarthy and Jarvis, "vocd: a theoretical and empirical evaluation", Language Testing 24 (2007)
    """
    draws = parameters.hdd_draws
    if len(tokens) < max(parameters.vocabulary_min_tokens, draws):
        return None
    total = len(tokens)
    # Exact, in whole numbers; types of the same frequency have the same chance.
    samples = comb(total, draws)
    frequencies = Counter(Counter(tokens).values())
    return sum(
        types * (1 - comb(total - frequency, draws) / samples) / draws for frequency, types in frequencies.items()
    )


def mattr(tokens: Sequence[str], parameters: Parameters) -> float | None:
    """Moving-average type-token ratio: the mean ratio of all windows of {mattr_window} tokens in a row.

    Figures: speakers[].mattr
    Name: MATTR
    Formula: mean of (types / {mattr_window}) over all windows
    Unit: 0-1
    Parameters: mattr_window, vocabulary_min_tokens
    Null: the speaker has fewer than {vocabulary_min_tokens} tokens
    Source: Covington and McFall, "Cutting the Gordian knot", J. Quantitative Linguistics 17 (2010)
    """
    width = parameters.mattr_window
    if len(tokens) < max(parameters.vocabulary_min_tokens, width):
        return None
    inside = Counter(tokens[:width])
    types = all_types = len(inside)
    for left, entered in zip(tokens, tokens[width:], strict=False):
        inside[left] -= 1
        types -= not inside[left]
        types += not inside[entered]
        inside[entered] += 1
        all_types += types
    return all_types / width / (len(tokens) - width + 1)


def fillers_per_100_words(tokens: Iterable[str], words: int, language: str | None) -> float | None:
    """Hesitations ("um", "ehm") for each 100 words: at least so many, as speech recognition leaves many of them out.

    Only sounds that are no word of the language count, from the list of the language among the parameters.

    Figures: speakers[].fillers_per_100_words
    Name: Fillers per 100 words
    Formula: 100 * hesitations / words
    Unit: per 100 words, at least
    Parameters: fillers
    Null: there is no list for the language, or the speaker has no words
    """
    listed = FILLERS.get(language or "")
    if listed is None or not words:
        return None
    return 100 * sum(token in listed for token in tokens) / words
