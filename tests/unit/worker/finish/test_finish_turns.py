"""The algebra of turns and spans, against counting every millisecond."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from debate_worker.finish.turns import (
    Span,
    Turn,
    cropped,
    difference,
    intersection,
    length,
    merged,
    milliseconds,
    overlaps,
    seconds,
    union,
)

spans = st.lists(
    st.builds(lambda start, size: Span(start, start + size), st.integers(0, 60), st.integers(0, 15)), max_size=12
)
turns = st.lists(
    st.builds(
        lambda start, size, who: Turn(start, start + size, who),
        st.integers(0, 60),
        st.integers(1, 15),
        st.sampled_from("abc"),
    ),
    max_size=12,
)


def instants(of: list[Span]) -> set[int]:
    return {time for span in of for time in range(span.start, span.end)}


def apart(of: list[Span]) -> bool:
    return all(one.start < one.end < other.start < other.end for one, other in pairwise(of))


@given(spans)
def test_union_covers_the_same_time_in_spans_that_do_not_touch(some: list[Span]) -> None:
    assert instants(union(some)) == instants(some)
    assert apart(union(some))
    assert length(union(some)) == len(instants(some))


@given(spans, spans)
def test_intersection_and_difference_are_those_of_sets(one: list[Span], other: list[Span]) -> None:
    first, second = union(one), union(other)
    assert instants(intersection(first, second)) == instants(one) & instants(other)
    assert instants(difference(first, second)) == instants(one) - instants(other)
    assert apart(difference(first, second))


@given(turns)
def test_merged_keeps_who_speaks_when_and_nobody_overlaps_himself(some: list[Turn]) -> None:
    for who in "abc":
        before = [Span(turn.start, turn.end) for turn in some if turn.speaker == who]
        after = [Span(turn.start, turn.end) for turn in merged(some) if turn.speaker == who]
        assert after == union(before)
    assert merged(some) == sorted(merged(some), key=lambda turn: turn.start)


@given(turns)
def test_overlaps_are_where_two_speak(some: list[Turn]) -> None:
    speaking = [{turn.speaker for turn in some if turn.start <= time < turn.end} for time in range(80)]
    assert instants(overlaps(merged(some))) == {time for time, who in enumerate(speaking) if len(who) > 1}
    assert apart(overlaps(merged(some)))


@given(turns, st.integers(0, 70), st.integers(0, 70))
def test_cropped_is_what_lies_inside(some: list[Turn], start: int, end: int) -> None:
    for who in "abc":
        inside = [Span(turn.start, turn.end) for turn in cropped(some, start, end) if turn.speaker == who]
        whole = [Span(turn.start, turn.end) for turn in some if turn.speaker == who]
        assert instants(inside) == {time for time in instants(whole) if start <= time < end}


@given(st.integers(0, 100_000_000))
def test_seconds_of_documents_are_exact_milliseconds(time: int) -> None:
    assert milliseconds(round(seconds(time), 3)) == time
