"""Liveness fails for each way in which an operator can stand still, and for nothing else."""

from __future__ import annotations

import asyncio

import pytest
from kubernetes.aio.client import Configuration
from operator_builders import SETTINGS, job_facts
from operator_clock import Clock

from debate_operator.cache import Cache, Key
from debate_operator.health import Health
from debate_operator.kube import Kube
from debate_operator.metrics import Metrics
from debate_operator.parse import Seen
from debate_operator.queue import WorkQueue
from debate_operator.resync import Resync
from debate_operator.watchdog import Watchdog

KEY = ("debates", "debate")


class Parts:
    """An operator's parts on one clock, none of them started."""

    def __init__(self, kube: Kube) -> None:
        self.clock = Clock()
        self.queue: WorkQueue[Key] = WorkQueue(clock=self.clock)
        self.watchdog, cache = Watchdog(), Cache()
        self.resync = Resync(kube, cache, self.queue, self.watchdog, SETTINGS, clock=self.clock)
        self.health = Health(self.queue, self.resync, self.watchdog, Metrics(cache, self.queue), SETTINGS)


@pytest.fixture
def parts() -> Parts:
    async def make() -> Parts:
        return Parts(Kube(Configuration()))  # it is never asked

    return asyncio.run(make())


def test_an_idle_operator_is_well_however_long_it_waits_for_the_api_server(parts: Parts) -> None:
    parts.clock.now_s = 10_000
    assert parts.health.trouble() is None
    assert parts.health.ready is False


def test_a_pass_that_does_not_end_is_trouble(parts: Parts) -> None:
    parts.queue.add(KEY)
    parts.queue.take()
    parts.clock.now_s = SETTINGS.queue_stale_seconds
    assert parts.health.trouble() is None
    parts.clock.now_s += 1
    assert parts.health.trouble() == "a pass has been running for 121 s"
    parts.queue.done(KEY)
    assert parts.health.trouble() is None


def test_a_key_that_nobody_takes_is_trouble(parts: Parts) -> None:
    parts.queue.add_after(KEY, 30)
    parts.clock.now_s = 30 + SETTINGS.queue_stale_seconds
    assert parts.health.trouble() is None
    parts.clock.now_s += 1
    assert parts.health.trouble() == "a DebateJob has been waiting for a pass for 121 s"


def test_a_resync_that_is_three_times_overdue_is_trouble(parts: Parts) -> None:
    parts.resync.last = 0
    parts.clock.now_s = 3 * SETTINGS.resync_seconds
    assert parts.health.trouble() is None
    parts.clock.now_s += 1
    assert parts.health.trouble() == "the last resync was 901 s ago"


def test_a_deaf_watch_is_trouble(parts: Parts) -> None:
    listed = [Seen("debates", "job", "uid", 9, None, None, job_facts())]
    parts.watchdog.listed("jobs", "debates", listed, 0)
    parts.watchdog.listed("jobs", "debates", listed, 31)
    assert parts.health.trouble() == "the watch on jobs is deaf: a LIST shows what it has not delivered"
