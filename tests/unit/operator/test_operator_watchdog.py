"""The watchdog: deaf is a watch of which two LISTs, 30 s apart, show an object that it has not delivered."""

from __future__ import annotations

from operator_builders import job_facts

from debate_operator.facts import JobFacts
from debate_operator.parse import Seen
from debate_operator.watchdog import Watchdog


def seen(name: str, version: int) -> Seen[JobFacts]:
    return Seen("debates", name, name, version, None, None, job_facts(name=name))


def test_a_watch_that_delivers_is_well() -> None:
    dog = Watchdog()
    dog.listed("jobs", "debates", [seen("a", 5)], 0)
    assert dog.suspicious
    dog.delivered("jobs", "debates", "a", 5, 1)
    assert not dog.suspicious
    dog.listed("jobs", "debates", [seen("a", 5)], 300)
    assert not dog.suspicious
    assert dog.deaf() is None


def test_a_watch_that_stays_behind_for_two_lists_is_deaf() -> None:
    dog = Watchdog()
    dog.delivered("jobs", "debates", "a", 5, 1)
    dog.listed("jobs", "debates", [seen("a", 9)], 300)
    assert dog.deaf() is None
    dog.delivered("jobs", "debates", "a", 8, 301)  # on its way, but not there
    dog.listed("jobs", "debates", [seen("a", 11)], 329)
    assert dog.deaf() is None
    dog.listed("jobs", "debates", [seen("a", 11)], 332)
    assert dog.deaf() == "jobs"
    dog.delivered("jobs", "debates", "a", 9, 332)
    assert dog.deaf() is None


def test_a_watch_that_is_slow_but_delivers_is_not_deaf() -> None:
    dog = Watchdog()
    dog.listed("jobs", "debates", [seen("a", 9), seen("b", 10)], 0)
    dog.delivered("jobs", "debates", "a", 9, 29)
    dog.listed("jobs", "debates", [seen("a", 9), seen("b", 10)], 40)
    assert dog.suspicious
    assert dog.deaf() is None
    dog.listed("jobs", "debates", [seen("a", 9), seen("b", 10)], 60)
    assert dog.deaf() == "jobs"


def test_time_alone_makes_no_watch_deaf() -> None:
    """The object may have been deleted since: only a second LIST that still shows it proves anything."""
    dog = Watchdog()
    dog.listed("jobs", "debates", [seen("a", 9)], 0)
    dog.listed("jobs", "debates", [], 60)
    assert not dog.suspicious
    assert dog.deaf() is None


def test_a_deletion_that_was_heard_settles_it() -> None:
    dog = Watchdog()
    dog.listed("jobs", "debates", [seen("a", 9)], 0)
    dog.gone("jobs", "a")
    assert not dog.suspicious


def test_kinds_and_namespaces_are_told_apart() -> None:
    dog = Watchdog()
    dog.listed("jobs", "debates", [seen("a", 9)], 0)
    dog.listed("pods", "debates", [], 31)
    dog.listed("jobs", "other", [], 31)
    assert dog.suspicious
    dog.delivered("pods", "debates", "a", 9, 32)
    assert dog.suspicious
