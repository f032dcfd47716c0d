"""Balance: how evenly the speaking time is shared out."""

from __future__ import annotations

import math
from collections.abc import Iterable


def balance(seconds: Iterable[float]) -> float | None:
    """Normalised entropy of the shares of speech: -sum(p_s ln p_s) / ln n, over the n speakers who speak.

    1: all speak as long; towards 0: one speaks alone. None for fewer than two speakers, where there is nothing to
    balance. Source: Shannon's entropy over its maximum, Pielou's evenness (J. Theor. Biol. 13, 1966).
    """
    spoken = [amount for amount in seconds if amount > 0]
    if len(spoken) < 2:
        return None
    total = sum(spoken)
    entropy = -sum(amount / total * math.log(amount / total) for amount in spoken)
    return min(1.0, max(0.0, entropy / math.log(len(spoken))))
