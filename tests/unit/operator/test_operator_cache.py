"""The cache: whoever comes first, the newest version stays; what a LIST lacks goes, unless it is newer."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from operator_builders import job_facts

from debate_operator.cache import Shelf
from debate_operator.facts import JobFacts
from debate_operator.parse import Seen


def seen(
    name: str, version: int, *, uid: str = "", owner: str | None = "dj", namespace: str = "debates"
) -> Seen[JobFacts]:
    uid = uid or f"uid-{name}"
    return Seen(namespace, name, uid, version, owner, "debate", job_facts(name=name, uid=uid))


def test_only_a_newer_version_is_news() -> None:
    shelf: Shelf[JobFacts] = Shelf()
    assert shelf.put(seen("a", 5))
    assert not shelf.put(seen("a", 5))
    assert not shelf.put(seen("a", 4))
    assert shelf.put(seen("a", 6))


def test_a_late_event_does_not_undo_what_an_own_write_has_answered() -> None:
    shelf: Shelf[JobFacts] = Shelf()
    shelf.put(seen("a", 10))
    shelf.put(seen("a", 7))
    found = shelf.get("debates", "a")
    assert found is not None
    assert found.version == 10


def test_an_object_that_took_the_name_of_another_takes_its_place() -> None:
    shelf: Shelf[JobFacts] = Shelf()
    shelf.put(seen("a", 5, uid="old"))
    shelf.put(seen("a", 9, uid="new", owner="other"))
    assert not shelf.remove("debates", "a", "old")
    assert [one.uid for one in shelf.of_owner("other")] == ["new"]
    assert shelf.of_owner("dj") == []


def test_what_an_owner_owns_comes_by_name() -> None:
    shelf: Shelf[JobFacts] = Shelf()
    for name in ("c", "a", "b"):
        shelf.put(seen(name, 1))
    shelf.put(seen("d", 1, owner=None))
    assert [one.name for one in shelf.of_owner("dj")] == ["a", "b", "c"]


def test_a_list_replaces_its_namespace_and_no_other() -> None:
    shelf: Shelf[JobFacts] = Shelf()
    shelf.put(seen("gone", 3))
    shelf.put(seen("kept", 3))
    shelf.put(seen("elsewhere", 3, namespace="other"))
    shelf.begin_list()
    shelf.replace("debates", [seen("kept", 4), seen("new", 6)], 7)
    assert sorted(one.name for one in shelf) == ["elsewhere", "kept", "new"]


def test_what_was_created_while_the_list_was_read_stays() -> None:
    shelf: Shelf[JobFacts] = Shelf()
    shelf.begin_list()
    shelf.put(seen("just-created", 9))
    shelf.replace("debates", [], 8)
    assert len(shelf) == 1


def test_what_was_deleted_while_the_list_was_read_does_not_come_back() -> None:
    shelf: Shelf[JobFacts] = Shelf()
    shelf.put(seen("a", 3))
    shelf.begin_list()
    shelf.remove("debates", "a", "uid-a")
    shelf.replace("debates", [seen("a", 3)], 8)
    assert len(shelf) == 0
    # Only for that LIST: the next one is believed again.
    shelf.begin_list()
    shelf.replace("debates", [seen("a", 3)], 9)
    assert len(shelf) == 1


@given(st.permutations([seen("a", version) for version in range(1, 7)]))
def test_the_order_of_arrival_does_not_matter(arrivals: list[Seen[JobFacts]]) -> None:
    shelf: Shelf[JobFacts] = Shelf()
    for one in arrivals:
        shelf.put(one)
    assert [one.version for one in shelf] == [6]
    assert [one.version for one in shelf.of_owner("dj")] == [6]
