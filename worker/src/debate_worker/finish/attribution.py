"""Which speaker says each word.

A word belongs to the speaker whose exclusive turn covers most of it. Recognizer and diarizer disagree by 0.1 to 0.2 s
at turn changes, so single words fall on the wrong side: these islands are given back, but only where the overlapping
annotation hears no second voice. Laying whole sentences over the majority's speaker, as others do, would erase the
interruptions that a debate is about.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal, NamedTuple

from debate_core.documents.plan import PlannedWindow
from debate_core.documents.transcript import UNKNOWN_SPEAKER
from debate_core.documents.window import WindowResult, WindowWord
from debate_worker.finish.linking import Node, local_turns
from debate_worker.finish.parameters import Parameters
from debate_worker.finish.sentences import ends_sentence
from debate_worker.finish.turns import Span, Turn, cropped, merged, milliseconds, overlaps


class SpokenWord(NamedTuple):
    """A word of the debate, milliseconds. `text` is as decoded: with its leading space, where its language has one."""

    start: int
    end: int
    text: str
    probability: float
    speaker: str


@dataclass(frozen=True, slots=True)
class Attribution:
    """Every word once, in time order; both annotations of the whole debate under the same labels.

    smoothed: how many words were given to the speaker around them. moved: how many to the neighbour whose sentence
    they begin or end.
    """

    words: list[SpokenWord]
    overlapping: list[Turn]
    exclusive: list[Turn]
    smoothed: int
    moved: int

    @property
    def speakers(self) -> list[str]:
        """The labels that own words, sorted."""
        return sorted({word.speaker for word in self.words} - {UNKNOWN_SPEAKER})


def in_order(windows: Iterable[WindowResult]) -> list[WindowWord]:
    """The words of all windows by time; words that start together stay as they were decoded."""
    ordered = sorted(windows, key=lambda window: window.index)
    return sorted((word for window in ordered for word in window.words), key=lambda word: word.start)


def whole_annotation(
    kind: Literal["overlapping", "exclusive"],
    planned: Sequence[PlannedWindow],
    windows: Mapping[int, WindowResult],
    persons: Mapping[Node, str],
) -> list[Turn]:
    """One annotation of the debate. Of each window only its own part [start, end) counts: what it heard beyond served
    the linking. Turns that a boundary cut are whole again."""
    turns: list[Turn] = []
    for window in planned:
        diarization = windows[window.index].diarization
        if diarization is None:
            continue
        local = local_turns(diarization.overlapping if kind == "overlapping" else diarization.exclusive)
        own = cropped(local, milliseconds(window.start), milliseconds(window.end))
        turns += (turn._replace(speaker=persons[Node(window.index, turn.speaker)]) for turn in own)
    return merged(turns)


def attribute(
    words: Sequence[WindowWord], overlapping: Sequence[Turn], exclusive: Sequence[Turn], parameters: Parameters
) -> Attribution:
    """Give each word of `in_order` a speaker, and the speakers their labels: SPEAKER_00 says the first word.

    Who has turns but no words is numbered after those who have, by first turn.
    """
    turn_of = _turns_of_words(words, exclusive, milliseconds(parameters.max_edge_seconds))
    owners = [None if position is None else exclusive[position] for position in turn_of]
    second_voices = overlaps(overlapping)
    persons, smoothed = _without_islands(words, owners, second_voices, parameters)
    moved = _change_at_sentence_ends(words, persons, overlapping, second_voices, parameters)
    labels = _labels(persons, [*overlapping, *exclusive])
    return Attribution(
        words=[
            SpokenWord(
                milliseconds(word.start),
                milliseconds(word.end),
                word.text,
                word.probability,
                UNKNOWN_SPEAKER if person is None else labels[person],
            )
            for word, person in zip(words, persons, strict=True)
        ],
        overlapping=sorted(turn._replace(speaker=labels[turn.speaker]) for turn in overlapping),
        exclusive=sorted(turn._replace(speaker=labels[turn.speaker]) for turn in exclusive),
        smoothed=smoothed,
        moved=moved,
    )


def _turns_of_words(words: Sequence[WindowWord], turns: Sequence[Turn], reach: int) -> list[int | None]:
    """For each word the position of its turn, None where none is within reach. O(words + turns).

    turns: exclusive, by time. Where a speaker's turns cover a word in parts, their sum counts, so that a blip in the
    middle of a long word does not win it. Equal claims: the earlier turn has the word.
    """
    found: list[int | None] = []
    first = 0
    for word in words:
        start, end = milliseconds(word.start), milliseconds(word.end)
        # Words come by their start: a turn that is out of this word's reach is out of all later ones'.
        while first < len(turns) and turns[first].end < start - reach:
            first += 1
        covered: dict[str, int] = {}
        near: list[tuple[int, int, int]] = []  # milliseconds covered (negative: distance), -position, position
        position = first
        while position < len(turns) and turns[position].start <= end + reach:
            turn = turns[position]
            common = min(end, turn.end) - max(start, turn.start)
            if common >= -reach:
                near.append((common, -position, position))
                covered[turn.speaker] = covered.get(turn.speaker, 0) + max(common, 0)
            position += 1
        most = max(covered.values(), default=0)
        candidates = (claim for claim in near if covered[turns[claim[2]].speaker] == most)
        found.append(max(candidates)[2] if near else None)
    return found


def _without_islands(
    words: Sequence[WindowWord], owners: Sequence[Turn | None], overlap: Sequence[Span], parameters: Parameters
) -> tuple[list[str | None], int]:
    """The words' persons with islands given to the person around them, and how many words that were.

    An island is one or two words, shorter than max_island_seconds, between words of one other person. It is an
    interjection, and stays, where two voices are heard at once during it, or where its own turn is no blip: a person
    who was heard alone for longer than an island's length did speak.
    """
    longest = milliseconds(parameters.max_island_seconds)
    persons = [None if owner is None else owner.speaker for owner in owners]
    smoothed = 0
    first_overlap = 0
    runs = _runs(persons)
    for before, island, after in zip(runs, runs[1:], runs[2:], strict=False):
        around, inside = persons[before.start], persons[island.start]
        if around is None or inside is None or around != persons[after.start]:
            continue
        start = milliseconds(words[island.start].start)
        end = max(milliseconds(word.end) for word in words[island.start : island.end])
        if island.end - island.start > parameters.max_island_words or end - start >= longest:
            continue
        while first_overlap < len(overlap) and overlap[first_overlap].end <= start:
            first_overlap += 1
        second_voice = first_overlap < len(overlap) and overlap[first_overlap].start < max(end, start + 1)
        own_turns = {owner for owner in owners[island.start : island.end] if owner is not None}
        if second_voice or any(turn.end - turn.start >= longest for turn in own_turns):
            continue
        persons[island.start : island.end] = [around] * (island.end - island.start)
        smoothed += island.end - island.start
    return persons, smoothed


def _change_at_sentence_ends(
    words: Sequence[WindowWord],
    persons: list[str | None],
    overlapping: Sequence[Turn],
    overlap: Sequence[Span],
    parameters: Parameters,
) -> int:
    """Move changes of the speaker to a sentence end close by, in place; how many words got another person.

    People take the floor with a new sentence, and a turn's edge is wrong by 0.1 to 0.2 s: "two minutes. Thank | you,
    Miss Morgan" is such an edge. Words are moved where no second voice is heard, or where both persons are: while two
    speak at once the exclusive turns say who is louder, and the recognizer writes down whose sentence it is in. Nobody
    pauses at the change, so that who is interrupted in the middle of a sentence keeps it unfinished; and never all of
    a run is moved: who said something stays in the transcript.
    """
    pause = milliseconds(parameters.change_pause_seconds)
    doubtful = _Doubtful(words, overlapping, overlap, milliseconds(parameters.max_shift_seconds))
    moved = 0
    runs = _runs(persons)
    begin = 0  # of the run before the change, as the move at its own beginning left it
    for after in runs[1:]:
        change = after.start
        last, following = persons[change - 1], persons[change]
        first, end = _sentence_around(words, change, begin, after.end)
        moves = []
        silent = milliseconds(words[change].start) - milliseconds(words[change - 1].end)
        if last is not None and following is not None and silent < pause and not ends_sentence(words[change - 1].text):
            # Never all of a run.
            moves += [(first, change, following)] if first > begin else []
            moves += [(change, end, last)] if end < after.end else []
        begin = change
        for start, stop, person in sorted(moves, key=lambda move: _milliseconds_of(words, move[0], move[1])):
            if doubtful(start, stop, {last, following}):
                persons[start:stop] = [person] * (stop - start)
                begin = start if stop == change else stop
                moved += stop - start
                break
    return moved


class _Doubtful:
    """Whether the words [start, end) may as well be the other person's: see `_change_at_sentence_ends`."""

    def __init__(
        self, words: Sequence[WindowWord], overlapping: Sequence[Turn], overlap: Sequence[Span], reach: int
    ) -> None:
        self._words = words
        self._reach = reach
        self._overlap = overlap
        self._ends = [span.end for span in overlap]
        self._turns: dict[str, list[Turn]] = {}
        for turn in overlapping:
            self._turns.setdefault(turn.speaker, []).append(turn)

    def __call__(self, start: int, end: int, persons: set[str | None]) -> bool:
        low = milliseconds(self._words[start].start)
        high = low + _milliseconds_of(self._words, start, end)
        at = bisect_right(self._ends, low)
        if at == len(self._overlap) or self._overlap[at].start >= high:
            return high - low <= self._reach
        return all(self._hears(person, word) for person in persons for word in self._words[start:end])

    def _hears(self, person: str | None, word: WindowWord) -> bool:
        """Whether the person speaks during the whole word."""
        turns = self._turns.get(person or "", [])
        at = bisect_right(turns, milliseconds(word.start), key=lambda turn: turn.start) - 1
        return at >= 0 and turns[at].end >= milliseconds(word.end)


def _sentence_around(words: Sequence[WindowWord], change: int, low: int, high: int) -> tuple[int, int]:
    """[first, end) of the sentence that holds words `change` - 1 and `change`, within [low, high)."""
    first, end = change - 1, change + 1
    while first > low and not ends_sentence(words[first - 1].text):
        first -= 1
    while end < high and not ends_sentence(words[end - 1].text):
        end += 1
    return first, end


def _milliseconds_of(words: Sequence[WindowWord], first: int, end: int) -> int:
    return max(milliseconds(word.end) for word in words[first:end]) - milliseconds(words[first].start)


def _runs(persons: Sequence[str | None]) -> list[Span]:
    """Positions [start, end) of words that follow each other with one person."""
    runs: list[Span] = []
    for _, group in groupby(persons):
        start = runs[-1].end if runs else 0
        runs.append(Span(start, start + sum(1 for _ in group)))
    return runs


def _labels(persons: Sequence[str | None], turns: Iterable[Turn]) -> dict[str, str]:
    """Person -> SPEAKER_nn, by first word, then by first turn."""
    by_word = dict.fromkeys(person for person in persons if person is not None)
    by_turn = dict.fromkeys(turn.speaker for turn in sorted(turns))
    return {person: f"SPEAKER_{number:02d}" for number, person in enumerate(by_word | by_turn)}
