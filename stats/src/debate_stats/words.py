"""Words: how many each says, and how sure the transcription is of them."""

from __future__ import annotations

from collections.abc import Iterable

from debate_stats.debate import Debate, SpokenWord


def words_by_speaker(debate: Debate) -> dict[str, list[SpokenWord]]:
    """The words of each known speaker, in time order; those of the unknown belong to nobody."""
    words: dict[str, list[SpokenWord]] = {label: [] for label in debate.speakers}
    for word in debate.words:
        if word.speaker in words:
            words[word.speaker].append(word)
    return words


def mean_confidence(words: Iterable[SpokenWord]) -> float | None:
    """Mean of the words' probabilities (0 to 1), as the transcription model states them; None without words."""
    probabilities = [word.probability for word in words]
    return sum(probabilities) / len(probabilities) if probabilities else None
