"""What holds for every debate, however odd its documents."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from typing import TypeVar

from hypothesis import example, given
from hypothesis import strategies as st
from pyannote.core import Segment, Timeline
from pydantic import BaseModel

from debate_core.documents.transcript import Transcript, Utterance, Word, Words
from debate_stats import overlap, quality, speaking_time
from debate_stats.debate import Debate, debate_from
from debate_stats.figures import Figures, compute
from debate_stats.intervals import Disjoint, duration, union
from debate_stats.parameters import Parameters
from debate_stats.rttm import Speech
from debate_stats.turns import find_turns

LABELS = ["SPEAKER_00", "SPEAKER_01", "SPEAKER_02", "UNKNOWN"]
# Tenths of a second: collisions (equal, touching and duplicated segments) are what goes wrong.
seconds = st.integers(0, 400).map(lambda tenths: tenths / 10)
labels = st.sampled_from(LABELS)
probabilities = st.sampled_from([0.0, 0.25, 1.0])
# Backwards, empty and past the end of the media, too.
spans = st.builds(Segment, seconds, seconds)
speech = st.lists(st.builds(Speech, spans, labels), max_size=25)
utterances = st.builds(
    Utterance,
    start=seconds,
    end=seconds,
    text=st.sampled_from(["", "Yes.", "a b c d e"]),
    speaker=labels,
    confidence=probabilities,
)
words = st.builds(
    Word,
    start=seconds,
    end=seconds,
    text=st.sampled_from(["word", "Why?", "So."]),
    probability=probabilities,
    speaker=labels,
)


@st.composite
def documents(draw: st.DrawFn) -> tuple[Transcript, Words | None, list[Speech] | None]:
    duration = draw(st.sampled_from([0.0, 12.3, 30.0, 60.0]))
    transcript = Transcript(duration=duration, speakers_count=0, transcription=draw(st.lists(utterances, max_size=12)))
    spoken = draw(st.none() | st.lists(words, max_size=30))
    return (
        transcript,
        None if spoken is None else Words(language="en", duration=duration, words=spoken),
        draw(st.none() | speech),
    )


debates = documents().map(lambda read: debate_from(*read))


@given(debates)
def test_shares_sum_to_one(debate: Debate) -> None:
    seconds = speaking_time.speaking_seconds(debate)
    if sum(seconds.values()) > 0:
        shares = speaking_time.shares(seconds)
        assert math.isclose(sum(share for share in shares.values() if share is not None), 1)


@given(debates)
def test_nobody_speaks_longer_than_the_debate(debate: Debate) -> None:
    speech = speaking_time.speech_seconds(debate)
    slack = 1e-6
    assert speech <= debate.duration + slack
    assert math.isclose(speech + speaking_time.silence_seconds(debate, speech), debate.duration, abs_tol=slack)
    for spoken in speaking_time.speaking_seconds(debate).values():
        assert spoken <= speech + slack


@given(debates)
def test_unknown_is_where_words_are_heard_and_no_known_voice(debate: Debate) -> None:
    known = Disjoint(union(debate.speech.itersegments()))
    alone = duration(debate.unknown) - known.common_seconds(Disjoint(debate.unknown))
    found = quality.unknown_seconds(debate, speaking_time.speech_seconds(debate))
    assert math.isclose(found, alone, abs_tol=1e-6)


@given(debates)
def test_overlap_is_what_speaking_times_count_twice(debate: Debate) -> None:
    """With two speakers: |A| + |B| - |A or B|, exactly. With more, overlap is at most that."""
    overlapping = overlap.overlap(debate)
    if overlapping is None:
        return
    total = overlap.overlap_seconds(overlapping) or 0.0
    surplus = sum(speaking_time.speaking_seconds(debate).values()) - speaking_time.known_seconds(debate)
    assert total <= surplus + 1e-6
    if len(debate.speech.labels()) <= 2:
        assert math.isclose(total, surplus, abs_tol=1e-6)


@given(speech)
def test_overlap_is_pyannotes(entries: list[Speech]) -> None:
    debate = debate_from(Transcript(duration=60, speakers_count=0, transcription=[]), None, entries)
    theirs = sum(segment.duration for segment in debate.speech.get_overlap())
    assert math.isclose(overlap.overlap_seconds(overlap.overlap(debate)) or 0.0, theirs, abs_tol=1e-6)


@given(st.lists(spans, max_size=30))
def test_union_is_pyannotes_support(segments: list[Segment]) -> None:
    assert union(segments) == list(Timeline([segment for segment in segments if segment]).support())


@given(st.lists(spans, max_size=20), spans)
def test_during_finds_what_shares_time(segments: list[Segment], window: Segment) -> None:
    disjoint = union(segments)
    assert Disjoint(disjoint).during(window) == [segment for segment in disjoint if segment & window]


@given(st.data(), documents())
def test_the_order_in_documents_means_nothing(
    data: st.DataObject, read: tuple[Transcript, Words | None, list[Speech] | None]
) -> None:
    transcript, spoken, entries = read
    lines = data.draw(st.permutations(transcript.transcription))
    shuffled = (
        transcript.model_copy(update={"transcription": lines}),
        None if spoken is None else spoken.model_copy(update={"words": data.draw(st.permutations(spoken.words))}),
        None if entries is None else data.draw(st.permutations(entries)),
    )
    assert _figures(debate_from(*shuffled)) == _figures(debate_from(*read))


@given(speech)
def test_a_segment_told_twice_counts_once(entries: list[Speech]) -> None:
    transcript = Transcript(duration=60, speakers_count=0, transcription=[])
    once, twice = debate_from(transcript, None, entries), debate_from(transcript, None, entries * 2)
    assert _figures(twice).totals == _figures(once).totals
    assert _figures(twice).speakers == _figures(once).speakers


@given(debates)
@example(debate_from(Transcript(duration=0, speakers_count=0, transcription=[]), None, None))
def test_every_figure_is_finite_or_null_with_a_note(debate: Debate) -> None:
    figures = _figures(debate)
    noted = {note.field for note in figures.notes}
    for field, value in _leaves("totals.", figures.totals):
        assert _is_known(value) or field in noted
    for row in figures.speakers:
        for field, value in _leaves("speakers[].", row):
            assert _is_known(value) or field in noted or field in ("speakers[].name", "speakers[].person")
    for share in (row.share_of_speech for row in figures.speakers):
        assert share is None or 0 <= share <= 1


@given(debates)
def test_unknown_is_never_a_speaker(debate: Debate) -> None:
    figures = _figures(debate)
    assert "UNKNOWN" not in {row.label for row in figures.speakers}
    assert figures.totals.speakers == len(figures.speakers)
    assert figures.totals.words >= sum(row.words for row in figures.speakers)


@given(debates)
def test_turns_hold_all_speech_but_inserts(debate: Debate) -> None:
    turns = find_turns(debate, Parameters())
    for segment, _, label in debate.speech.itertracks(yield_label=True):
        own = any(segment in turn.segment for turn in turns if turn.speaker == label)
        others = any(segment in turn.segment for turn in turns if turn.speaker != label)
        assert own or others
    for label in debate.speakers:
        mine = [turn.segment for turn in turns if turn.speaker == label]
        assert union(mine) == mine


@given(documents(), st.randoms(use_true_random=False))
def test_splitting_segments_changes_nothing(
    read: tuple[Transcript, Words | None, list[Speech] | None], rng: random.Random
) -> None:
    transcript, spoken, entries = read
    if entries is None:
        return
    parts = [entry for entry in entries if not entry.segment]
    for entry in (entry for entry in entries if entry.segment):
        start, end = entry.segment.start, entry.segment.end
        middle = round(start + (end - start) * rng.random(), 3)
        parts += [Speech(Segment(start, middle), entry.speaker), Speech(Segment(middle, end), entry.speaker)]
    whole, split = _figures(debate_from(*read)), _figures(debate_from(transcript, spoken, parts))
    assert (split.totals, split.speakers) == (whole.totals, whole.speakers)
    assert (split.interruptions, split.butt_ins, split.timeline) == (
        whole.interruptions,
        whole.butt_ins,
        whole.timeline,
    )
    assert split.share_windows == whole.share_windows


@given(documents(), st.permutations(LABELS[:-1]))
def test_names_mean_nothing(read: tuple[Transcript, Words | None, list[Speech] | None], others: list[str]) -> None:
    """Speakers with each other's labels have each other's figures, and the debate has the same."""
    called = dict(zip(LABELS[:-1], others, strict=True)) | {"UNKNOWN": "UNKNOWN"}
    transcript, spoken, entries = read
    renamed = debate_from(
        transcript.model_copy(update={"transcription": [_called(each, called) for each in transcript.transcription]}),
        None
        if spoken is None
        else spoken.model_copy(update={"words": [_called(each, called) for each in spoken.words]}),
        None if entries is None else [Speech(each.segment, called[each.speaker]) for each in entries],
    )
    before, after = _figures(debate_from(*read)), _figures(renamed)
    assert after.totals == before.totals
    rows = {row.label: row for row in after.speakers}
    assert [
        rows[called[row.label]].model_copy(update={"label": row.label}) for row in before.speakers
    ] == before.speakers
    for pairs, others_pairs in ((before.interruptions, after.interruptions), (before.butt_ins, after.butt_ins)):
        table = {(called[pair.by], called[pair.of]): pair.at for pair in pairs or []}
        assert (pairs is None) == (others_pairs is None)
        assert {(pair.by, pair.of): pair.at for pair in others_pairs or []} == table


@given(debates)
def test_shares_over_time_sum_to_one(debate: Debate) -> None:
    windows = _figures(debate).share_windows.windows
    for window in windows:
        assert window.shares is None or math.isclose(sum(window.shares), 1, abs_tol=1e-4 * len(window.shares))
        assert window.shares is None or len(window.shares) == len(debate.speakers)
    assert not windows or math.isclose(windows[-1].end, debate.duration, abs_tol=1e-3)


@given(debates)
def test_counts_of_the_debate_are_those_of_its_speakers(debate: Debate) -> None:
    figures = _figures(debate)
    assert figures.totals.turns == sum(row.turns for row in figures.speakers)
    assert sum(row.patience_count for row in figures.speakers) <= figures.totals.floor_transfers
    for pair in [*(figures.interruptions or []), *(figures.butt_ins or [])]:
        assert pair.count == len(pair.at) > 0
        assert pair.at == sorted(pair.at)
        assert pair.by != pair.of
        assert {pair.by, pair.of} <= set(debate.speakers)


def test_fifty_speakers_all_at_once() -> None:
    """Everybody for 30 s, each of them 60 words: nobody has more than another, and nobody takes the floor."""
    labels = [f"SPEAKER_{number:02d}" for number in range(50)]
    said = [
        Word(start=at / 2, end=at / 2, text="word", probability=1, speaker=label)
        for label in labels
        for at in range(60)
    ]
    debate = debate_from(
        Transcript(duration=30, speakers_count=50, transcription=[]),
        Words(language="en", duration=30, words=said),
        [Speech(Segment(0, 30), label) for label in labels],
    )
    figures = _figures(debate)
    totals = figures.totals
    assert (totals.speakers, totals.overlap_seconds, totals.overlap_ratio, totals.balance) == (50, 30, 1, 1)
    assert (totals.turns, totals.floor_transfers, figures.interruptions, figures.butt_ins) == (50, 0, [], [])
    assert {(row.share_of_speech, row.words_per_minute, row.turns) for row in figures.speakers} == {(0.02, 120, 1)}
    assert figures.share_windows.windows[0].shares == [0.02] * 50


def test_one_speaker_alone() -> None:
    figures = _figures(debate_from(Transcript(duration=30, speakers_count=1, transcription=[]), None, [
        Speech(Segment(0, 20), "SPEAKER_00"),
    ]))  # fmt: skip
    (row,) = figures.speakers
    assert (row.share_of_speech, row.turns, row.overlap_seconds, row.patience_count) == (1, 1, 0, 0)
    assert (figures.totals.balance, figures.totals.median_floor_transfer_seconds) == (None, None)


Spoken = TypeVar("Spoken", Utterance, Word)


def _called(entry: Spoken, called: dict[str, str]) -> Spoken:
    return entry.model_copy(update={"speaker": called[entry.speaker]})


def _figures(debate: Debate) -> Figures:
    return compute(debate, {}, Parameters())


def _leaves(prefix: str, part: BaseModel) -> Iterator[tuple[str, object]]:
    for field, value in part.model_dump().items():
        yield prefix + field, value


def _is_known(value: object) -> bool:
    return isinstance(value, str) or (isinstance(value, int | float) and math.isfinite(value))
