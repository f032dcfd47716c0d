"""The figures of time once more, from a grid of 10 ms and nothing else: slow, and without one interval.

A debate is a row of cells for each speaker. Turns are stretches of cells [first, end), as (first, end, speaker).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

CELLS_A_SECOND = 100
GAP = INSERT = MIN_TURN = 100
INSERT_WORDS = MIN_WORDS = 3
INSERT_WORDS_MAX = 500
OVERLAP, YIELD, MERGE = 20, 200, 300

Stretch = tuple[int, int]
GridTurn = tuple[int, int, str]


@dataclass(frozen=True)
class Grid:
    """cells: speaker -> whether heard, cell by cell. words: speaker -> the cells in which words are said."""

    cells: Mapping[str, Sequence[bool]]
    words: Mapping[str, Sequence[int]]
    length: int

    def heard(self, cell: int, *, besides: str = "") -> list[str]:
        return [speaker for speaker, row in self.cells.items() if row[cell] and speaker != besides]

    def seconds(self, cells: int) -> float:
        return cells / CELLS_A_SECOND

    def count_words(self, speaker: str, stretch: Stretch) -> int:
        return sum(stretch[0] <= cell < stretch[1] for cell in self.words[speaker])

    def runs(self, speaker: str) -> list[Stretch]:
        """Stretches in which the speaker is heard throughout."""
        found: list[Stretch] = []
        for cell, is_heard in enumerate(self.cells[speaker]):
            if is_heard and found and found[-1][1] == cell:
                found[-1] = (found[-1][0], cell + 1)
            elif is_heard:
                found.append((cell, cell + 1))
        return found

    def spurts(self, speaker: str) -> list[Stretch]:
        """What is said in one go: over own pauses of at most a second in which nobody else is heard."""

        def is_breath(first: int, end: int) -> bool:
            return end - first <= GAP and not any(self.heard(cell, besides=speaker) for cell in range(first, end))

        return _joined(self.runs(speaker), is_breath)

    def is_insert(self, spurt: Stretch, speaker: str) -> bool:
        length = spurt[1] - spurt[0]
        is_few_words = 1 <= self.count_words(speaker, spurt) <= INSERT_WORDS
        return length <= INSERT or (is_few_words and length <= INSERT_WORDS_MAX)

    def turns(self) -> list[GridTurn]:
        """By first cell, then end, then speaker."""
        spurts = {speaker: self.spurts(speaker) for speaker in self.cells}
        runs: list[GridTurn] = []
        for speaker in self.cells:

            def goes_on(first: int, end: int, speaker: str = speaker) -> bool:
                silent = 0
                for cell in range(first, end):
                    others = self.heard(cell, besides=speaker)
                    silent += not others
                    for other in others:
                        spurt = next(each for each in spurts[other] if each[0] <= cell < each[1])
                        if not self.is_insert(spurt, other):
                            return False
                return silent <= GAP

            runs += [(first, end, speaker) for first, end in _joined(self.runs(speaker), goes_on)]

        def has_only_inserts(turn: GridTurn) -> bool:
            said = [each for each in spurts[turn[2]] if each[0] < turn[1] and each[1] > turn[0]]
            return all(self.is_insert(each, turn[2]) for each in said)

        def is_backchannel(turn: GridTurn) -> bool:
            return has_only_inserts(turn) and any(
                host[2] != turn[2] and host[0] <= turn[0] and turn[1] <= host[1] and not has_only_inserts(host)
                for host in runs
            )

        return sorted(turn for turn in runs if not is_backchannel(turn))

    def attempts(self, turns: Sequence[GridTurn]) -> dict[bool, dict[tuple[str, str], list[int]]]:
        """Whether the other yields -> (by, of) -> first cells, those of one event merged."""
        found: dict[bool, dict[tuple[str, str], list[int]]] = {True: {}, False: {}}
        for first, end, by in turns:
            for host_first, host_end, of in turns:
                begins_inside = host_first < first and host_end - first >= OVERLAP
                is_long = end - first >= MIN_TURN and self.count_words(by, (first, end)) >= MIN_WORDS
                if by != of and begins_inside and is_long:
                    yields = host_end - first <= YIELD and host_end < end
                    found[yields].setdefault((by, of), []).append(first)
        return {
            yields: {pair: [at for i, at in enumerate(cells) if i == 0 or at - cells[i - 1] >= MERGE]
                     for pair, cells in pairs.items()}
            for yields, pairs in found.items()
        }  # fmt: skip

    def transfers(self, turns: Sequence[GridTurn]) -> list[tuple[str, int]]:
        """Who takes the floor, how many cells after the one who had it ended."""
        found = []
        for first, end, speaker in turns:
            before = [turn for turn in turns if turn[0] < first or (turn[0] == first and turn[1] > end)]
            if not before or any(turn[1] >= end for turn in before):
                continue
            last = max(turn[1] for turn in before)
            begun = min(turn[0] for turn in before if turn[1] == last)
            if speaker not in {turn[2] for turn in before if turn[:2] == (begun, last)}:
                found.append((speaker, first - last))
        return found

    def window_shares(self, first: int, end: int, order: Sequence[str]) -> list[float] | None:
        counts = [sum(self.cells[speaker][first:end]) for speaker in order]
        return [count / sum(counts) for count in counts] if sum(counts) else None


def median_seconds(cells: Sequence[int]) -> float | None:
    return median(cells) / CELLS_A_SECOND if cells else None


def _joined(stretches: Sequence[Stretch], goes_on: object) -> list[Stretch]:
    joined: list[Stretch] = []
    for first, end in stretches:
        if joined and goes_on(joined[-1][1], first):  # type: ignore[operator]
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((first, end))
    return joined
