"""The interval algebra against a grid of 10 ms: random debates, an independent and slow implementation."""

from __future__ import annotations

import random
from collections.abc import Iterable

import pytest
from pyannote.core import Segment
from stats_builders import heard
from stats_grid import CELLS_A_SECOND, Grid, median_seconds

from debate_core.documents.statistics import Pair
from debate_core.documents.transcript import Transcript, Word, Words
from debate_stats.debate import Debate, debate_from
from debate_stats.figures import Figures, compute
from debate_stats.parameters import Parameters
from debate_stats.rttm import Speech
from debate_stats.turns import find_turns

SEEDS = range(120)
PARAMETERS = Parameters(share_window_s=6.0, share_step_s=1.5)


def made_up(seed: int) -> tuple[Debate, Grid]:
    """20 to 40 s; 1 to 4 speakers who talk, fall silent, break in, say one word, all at once at times."""
    rng = random.Random(seed)
    length = rng.choice([2000, 3000, 4000])
    speakers = [f"SPEAKER_{number:02d}" for number in range(rng.randint(1, 4))]
    # Lengths around every limit: a second, three seconds, 0.2 s before the end.
    lengths = rng.choice([[20, 60, 99, 100, 101, 150], [80, 100, 200, 300, 500], [50, 100, 400, 900]])
    gaps = rng.choice([[0, 1, 20, 50], [50, 99, 100, 101], [100, 200, 400, 800]])
    cells = {speaker: [False] * length for speaker in speakers}
    words: dict[str, list[int]] = {speaker: [] for speaker in speakers}
    spans = []
    for speaker in speakers:
        at = rng.randint(0, 300)
        while at < length:
            end = min(length, at + rng.choice(lengths) + rng.choice([0, 0, 1, 7]))
            spans.append((at / CELLS_A_SECOND, end / CELLS_A_SECOND, speaker))
            cells[speaker][at:end] = [True] * (end - at)
            words[speaker] += [rng.randrange(at, end) for _ in range(rng.choice([0, 1, 3, 4, 8]))]
            at = end + rng.choice(gaps)
    rng.shuffle(spans)
    said = [
        Word(start=moment, end=moment, text="word", probability=0.9, speaker=speaker)
        for speaker, where in words.items()
        # In the middle of its cell, so that no edge of a segment is where the word is.
        for moment in ((cell + 0.5) / CELLS_A_SECOND for cell in where)
    ]
    duration = length / CELLS_A_SECOND
    transcript = Transcript(duration=duration, speakers_count=0, transcription=[])
    debate = debate_from(transcript, Words(language="en", duration=duration, words=said), heard(spans))
    return debate, Grid(cells=cells, words=words, length=length)


@pytest.fixture(params=SEEDS)
def pair(request: pytest.FixtureRequest) -> tuple[Debate, Figures, Grid]:
    debate, grid = made_up(request.param)
    return debate, compute(debate, {}, PARAMETERS), grid


def test_the_figures_are_those_of_the_grid(pair: tuple[Debate, Figures, Grid]) -> None:
    debate, figures, grid = pair
    cells = range(grid.length)
    totals = figures.totals
    assert totals.speech_seconds == grid.seconds(sum(bool(grid.heard(cell)) for cell in cells))
    assert totals.silence_seconds == grid.seconds(sum(not grid.heard(cell) for cell in cells))
    assert totals.overlap_seconds == grid.seconds(sum(len(grid.heard(cell)) > 1 for cell in cells))
    for row in figures.speakers:
        own = [cell for cell in cells if grid.cells[row.label][cell]]
        assert row.speaking_seconds == grid.seconds(len(own))
        assert row.overlap_seconds == grid.seconds(sum(len(grid.heard(cell)) > 1 for cell in own))
        assert row.first_second == grid.seconds(own[0])
    for window in figures.share_windows.windows:
        first, end = round(window.start * CELLS_A_SECOND), round(window.end * CELLS_A_SECOND)
        expected = grid.window_shares(first, end, debate.speakers)
        assert window.shares == (None if expected is None else pytest.approx(expected, abs=6e-5))

    turns = grid.turns()
    found = find_turns(debate, PARAMETERS)
    assert [(turn.segment.start, turn.segment.end, turn.speaker) for turn in found] == [
        (first / CELLS_A_SECOND, end / CELLS_A_SECOND, speaker) for first, end, speaker in turns
    ]
    lengths = [end - first for first, end, _ in turns]
    assert totals.median_turn_seconds == pytest.approx(median_seconds(lengths), abs=6e-4)
    assert totals.longest_turn_seconds == pytest.approx(max(lengths) / CELLS_A_SECOND)

    attempts = grid.attempts(turns)
    assert _table(figures.interruptions) == attempts[True] if debate.words else figures.interruptions is None
    assert _table(figures.butt_ins) == attempts[False] if debate.words else figures.butt_ins is None

    transfers = grid.transfers(turns)
    assert totals.floor_transfers == len(transfers)
    expected_offset = median_seconds([offset for _, offset in transfers])
    assert totals.median_floor_transfer_seconds == (
        None if expected_offset is None else pytest.approx(expected_offset, abs=6e-4)
    )
    for row in figures.speakers:
        waited = [offset for speaker, offset in transfers if speaker == row.label and offset > 0]
        assert row.patience_count == len(waited)
        assert row.median_patience_seconds == (None if not waited else pytest.approx(median_seconds(waited), abs=6e-4))


@pytest.mark.parametrize("seed", SEEDS[:40])
def test_other_labels_give_the_same_table_under_other_labels(seed: int) -> None:
    """With interruptions in it, which debates of a few random segments rarely have."""
    debate, _ = made_up(seed)
    called = dict(zip(debate.speakers, reversed(debate.speakers), strict=True))
    speech = [
        Speech(segment, called[label])
        for label in debate.speakers
        for whole in debate.segments_of(label)
        for segment in (Segment(whole.start, whole.middle), Segment(whole.middle, whole.end))
    ]
    words = [
        Word(start=word.start, end=word.end, text=word.text, probability=word.probability, speaker=called[word.speaker])
        for word in debate.words
    ]
    transcript = Transcript(duration=debate.duration, speakers_count=0, transcription=[])
    renamed = debate_from(transcript, Words(language="en", duration=debate.duration, words=words), speech)
    before, after = compute(debate, {}, PARAMETERS), compute(renamed, {}, PARAMETERS)
    assert after.totals == before.totals
    for pairs, others in ((before.interruptions, after.interruptions), (before.butt_ins, after.butt_ins)):
        assert {(called[by], called[of]): at for (by, of), at in _table(pairs).items()} == _table(others)


def test_the_debates_hold_what_is_to_be_compared() -> None:
    """Random debates prove nothing about what does not occur in them."""
    all_figures = [compute(made_up(seed)[0], {}, PARAMETERS) for seed in SEEDS]
    assert sum(bool(figures.interruptions) for figures in all_figures) > 20
    assert sum(bool(figures.butt_ins) for figures in all_figures) > 20
    assert sum(figures.totals.floor_transfers > 1 for figures in all_figures) > 50
    assert sum(len(grid.turns()) < sum(len(grid.runs(speaker)) for speaker in grid.cells)
               for grid in (made_up(seed)[1] for seed in SEEDS)) > 50  # fmt: skip


def _table(pairs: Iterable[Pair] | None) -> dict[tuple[str, str], list[int]]:
    table = {(pair.by, pair.of): [round(at * CELLS_A_SECOND) for at in pair.at] for pair in pairs or ()}
    assert all(pair.count == len(pair.at) for pair in pairs or ())
    return table
