"""Progress: how fast one may speak, and what is kept of what is said. (The endpoint: tests/cluster.)"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from operator_clock import Clock

from debate_core.documents.step_result import Progress
from debate_operator.progress import Buckets, ProgressBoard


def said(job_uid: str, done_seconds: float, shard: int = 0) -> Progress:
    return Progress(job_uid=job_uid, step="analyze", shard=shard, done_seconds=done_seconds, total_seconds=60)


def test_five_at_once_then_one_a_second() -> None:
    clock = Clock()
    pods = Buckets(1, 5, clock)
    assert [pods.take("pod") for _ in range(5)] == [0] * 5
    assert pods.take("pod") == 1
    clock.now_s = 0.25
    assert pods.take("pod") == 0.75
    clock.now_s = 1
    assert pods.take("pod") == 0
    assert pods.take("pod") == 1


def test_one_that_speaks_too_much_silences_no_other() -> None:
    pods = Buckets(1, 5, Clock())
    while pods.take("loud") == 0:
        pass
    assert pods.take("quiet") == 0


def test_buckets_of_pods_that_are_silent_are_forgotten() -> None:
    clock = Clock()
    pods = Buckets(1, 5, clock)
    for number in range(1100):
        pods.take(f"pod-{number}")
    clock.now_s = 10
    pods.take("pod")
    assert len(pods) == 1


@given(st.lists(st.floats(0, 3), max_size=60))
def test_never_more_than_the_burst_and_what_time_has_brought(pauses: list[float]) -> None:
    clock = Clock()
    pods = Buckets(1, 5, clock)
    granted = 0
    for pause in pauses:
        clock.now_s += pause
        granted += pods.take("pod") == 0
        assert granted <= 5 + clock.now_s + 1e-6


def test_the_newest_word_of_each_shard_is_kept() -> None:
    board = ProgressBoard()
    board.put(said("a", 10), {"a"})
    board.put(said("a", 20), {"a"})
    board.put(said("a", 5, shard=1), {"a"})
    assert {shard: progress.done_seconds for shard, progress in board.of("a").items()} == {0: 20, 1: 5}
    assert board.of("b") == {}


def test_what_was_said_of_a_job_that_is_gone_is_dropped_when_the_next_job_speaks() -> None:
    board = ProgressBoard()
    board.put(said("a", 10), {"a"})
    board.put(said("b", 10), {"b"})
    assert board.of("a") == {}
    assert len(board) == 1
