"""The work queue on an injected clock: nothing is lost, nothing runs twice at once, errors wait longer each time."""

from __future__ import annotations

import asyncio

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule
from operator_clock import Clock

from debate_operator.queue import WorkQueue


def queue(clock: Clock) -> WorkQueue[str]:
    return WorkQueue(clock=clock, first_backoff_s=0.5, max_backoff_s=60)


def taken(work: WorkQueue[str]) -> list[str]:
    """All that can be taken now."""
    keys = []
    while (key := work.take()) is not None:
        keys.append(key)
    return keys


def test_a_key_is_taken_once_however_often_it_is_added() -> None:
    work = queue(Clock())
    for key in ("a", "b", "a", "a"):
        work.add(key)
    assert taken(work) == ["a", "b"]


def test_a_key_added_while_a_worker_has_it_runs_again_afterwards_and_not_before() -> None:
    work = queue(Clock())
    work.add("a")
    assert work.take() == "a"
    work.add("a")
    assert work.take() is None
    work.done("a")
    assert work.take() == "a"
    work.done("a")
    assert work.take() is None


def test_of_two_times_the_sooner_wins() -> None:
    for first, second in ((5, 9), (9, 5)):
        clock = Clock()
        work = queue(clock)
        work.add_after("a", first)
        work.add_after("a", second)
        clock.now_s = 4.9
        assert work.take() is None
        clock.now_s = 5
        assert taken(work) == ["a"]
        clock.now_s = 20
        work.done("a")
        assert work.take() is None


def test_an_add_makes_a_later_time_unnecessary() -> None:
    clock = Clock()
    work = queue(clock)
    work.add_after("a", 5)
    work.add("a")
    assert taken(work) == ["a"]
    work.done("a")
    clock.now_s = 10
    assert work.take() is None


def test_errors_wait_twice_as_long_each_time_up_to_a_minute_until_a_pass_ends_well() -> None:
    clock = Clock()
    work = queue(clock)
    work.add("a")
    waits = []
    for _ in range(9):
        assert work.take() == "a"
        waits.append(work.failed("a"))
        assert work.take() is None
        clock.now_s += waits[-1]
    assert waits == [0.5, 1, 2, 4, 8, 16, 32, 60, 60]
    assert work.take() == "a"
    work.done("a")
    work.add("a")
    assert work.take() == "a"
    assert work.failed("a") == 0.5


def test_one_key_that_fails_holds_up_no_other() -> None:
    work = queue(Clock())
    work.add("a")
    work.add("b")
    assert work.take() == "a"
    work.failed("a")
    assert work.take() == "b"


def test_depth_and_ages_tell_how_far_behind_the_workers_are() -> None:
    clock = Clock()
    work = queue(clock)
    assert (work.depth, work.oldest_ready_s(), work.longest_running_s()) == (0, 0, 0)
    work.add("a")
    work.add_after("b", 3)
    clock.now_s = 2
    assert (work.depth, work.oldest_ready_s()) == (1, 2)
    clock.now_s = 10
    assert work.take() == "a"
    clock.now_s = 11
    # b has been waiting since it was due, though nobody looked.
    assert (work.depth, work.oldest_ready_s(), work.longest_running_s()) == (1, 8, 1)


def test_a_closed_queue_gives_nothing_out_and_is_drained_when_the_last_pass_has_ended() -> None:
    async def scenario() -> None:
        work: WorkQueue[str] = WorkQueue()
        work.add("a")
        work.add("b")
        assert await work.get() == "a"
        work.close()
        assert await work.get() is None
        drained = asyncio.create_task(work.drained())
        await asyncio.sleep(0)
        assert not drained.done()
        work.done("a")
        await drained

    asyncio.run(scenario())


def test_who_waits_gets_what_is_added_later() -> None:
    async def scenario() -> None:
        work: WorkQueue[str] = WorkQueue()
        waiting = asyncio.create_task(work.get())
        await asyncio.sleep(0)
        work.add_after("a", 0.001)
        assert await waiting == "a"

    asyncio.run(scenario())


@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 100)), min_size=1))
def test_every_key_comes_when_its_soonest_time_has_come(wishes: list[tuple[str, float]]) -> None:
    clock = Clock()
    work = queue(clock)
    soonest: dict[str, float] = {}
    for key, seconds in wishes:
        work.add_after(key, seconds)
        soonest[key] = min(seconds, soonest.get(key, seconds))
    came: dict[str, float] = {}
    for due in sorted(set(soonest.values())):
        clock.now_s = due
        came |= dict.fromkeys(taken(work), due)
    assert came == soonest


class Workers(RuleBasedStateMachine):
    """Whatever the order of events: each wish is answered by a pass that begins after it, one worker a key."""

    held = Bundle("held")

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.work = queue(self.clock)
        self.running: set[str] = set()
        self.wished: set[str] = set()

    @rule(key=st.sampled_from("abcd"))
    def add(self, key: str) -> None:
        self.work.add(key)
        self.wished.add(key)

    @rule(key=st.sampled_from("abcd"), seconds=st.floats(0, 50))
    def add_after(self, key: str, seconds: float) -> None:
        self.work.add_after(key, seconds)

    @rule(seconds=st.floats(0, 100))
    def time_passes(self, seconds: float) -> None:
        self.clock.now_s += seconds

    @rule(target=held)
    def take(self) -> str | None:
        key = self.work.take()
        if key is None:
            assert self.wished <= self.running
            return None
        assert key not in self.running
        self.running.add(key)
        self.wished.discard(key)
        return key

    @rule(key=consumes(held), well=st.booleans())
    def end(self, key: str | None, well: bool) -> None:
        if key is None:
            return
        self.running.discard(key)
        if well:
            self.work.done(key)
        else:
            self.work.failed(key)

    @invariant()
    def nothing_is_lost(self) -> None:
        assert self.work.depth >= len(self.wished)


TestWorkers = Workers.TestCase
