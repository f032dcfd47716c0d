"""The mirror of `statistics/`: equal to the store after each sync, and at no time a link to what is not there."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from debate_core.store import FolderStore, ObjectInfo, StoreError, StoreUnreachable
from debate_stats.mirror import STATE_NAME, Changes, Mirror, keep
from debate_stats.selection import InvalidSelection


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "store")


@pytest.fixture
def page(tmp_path: Path) -> Path:
    return tmp_path / "page"


def shown(folder: Path) -> dict[str, bytes]:
    """What a web server shows: everything that is not hidden, but for the compressed twins."""
    files = (path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files if path.suffix != ".gz"}


def twins(folder: Path) -> dict[str, bytes]:
    """What those hear who take gzip. A moment earlier or later than the file itself while a sync is under way."""
    files = (path for path in folder.rglob("*.gz") if not path.name.startswith("."))
    return {path.relative_to(folder).with_suffix("").as_posix(): gzip.decompress(path.read_bytes()) for path in files}


def publish(store: FolderStore, *jobs: str, size: int = 1) -> None:
    """As `debate-stats run` does: a job's file, its document, last the list."""
    for job in jobs:
        store.put(f"statistics/files/{job}/a.txt", b"t" * size)
        store.put(f"statistics/by-job/{job}.json", json.dumps({"files": [f"files/{job}/a.txt"]}).encode())
    write_list(store)


def withdraw(store: FolderStore, job: str) -> None:
    store.delete(f"statistics/by-job/{job}.json")
    store.delete_prefix(f"statistics/files/{job}/")
    write_list(store)


def write_list(store: FolderStore) -> None:
    paths = [info.key.removeprefix("statistics/") for info in store.list("statistics/by-job/")]
    store.put("statistics/index.json", json.dumps({"paths": paths}).encode())


def dangling(folder: Path) -> set[str]:
    """What a document names and a reader would not find."""
    there = shown(folder)
    named = json.loads(there["index.json"])["paths"] if "index.json" in there else []
    for path, data in there.items():
        named += json.loads(data)["files"] if path.startswith("by-job/") else []
    return set(named) - there.keys()


def test_it_is_equal_after_adding_changing_and_removing(store: FolderStore, page: Path) -> None:
    publish(store, "a", "b")
    store.put("jobs/a/private.json", b"not the page's")
    mirror = Mirror(store, page)
    assert mirror.sync() == Changes(fetched=5)
    assert shown(page).keys() == {"index.json", "by-job/a.json", "by-job/b.json", "files/a/a.txt", "files/b/a.txt"}
    assert mirror.sync() == Changes()
    publish(store, "a", size=2)
    assert mirror.sync() == Changes(fetched=3)
    assert shown(page)["files/a/a.txt"] == b"tt"
    withdraw(store, "b")
    assert mirror.sync() == Changes(fetched=1, deleted=2)
    assert shown(page).keys() == {"index.json", "by-job/a.json", "files/a/a.txt"}
    assert twins(page) == shown(page)
    assert not (page / "files" / "b").exists()


def test_a_file_written_again_with_the_same_size_is_fetched(store: FolderStore, page: Path) -> None:
    publish(store, "a")
    mirror = Mirror(store, page)
    mirror.sync()
    store.put("statistics/files/a/a.txt", b"u")
    assert mirror.sync() == Changes(fetched=1)
    assert shown(page)["files/a/a.txt"] == b"u"


def test_a_restart_fetches_only_what_changed(store: FolderStore, page: Path) -> None:
    publish(store, "a")
    Mirror(store, page).sync()
    assert Mirror(store, page).sync() == Changes()
    (page / "by-job" / "a.json").unlink()
    assert Mirror(store, page).sync() == Changes(fetched=1)


@pytest.mark.parametrize("state", ["", "{", "[]", '{"store": 1}'])
def test_a_spoilt_memory_costs_a_fetch(store: FolderStore, page: Path, state: str) -> None:
    publish(store, "a")
    Mirror(store, page).sync()
    (page / STATE_NAME).write_text(state)
    assert Mirror(store, page).sync() == Changes(fetched=3)


def test_another_store_replaces_everything(store: FolderStore, page: Path, tmp_path: Path) -> None:
    publish(store, "a")
    Mirror(store, page).sync()
    other = FolderStore(tmp_path / "other")
    publish(other, "b")
    Mirror(other, page).sync()
    assert shown(page).keys() == {"index.json", "by-job/b.json", "files/b/a.txt"}


def test_leftovers_of_a_killed_mirror_go(store: FolderStore, page: Path) -> None:
    publish(store, "a")
    Mirror(store, page).sync()
    for name in (".incoming-index.json", "by-job/.tmp-0123"):
        (page / name).write_text("half")
    Mirror(store, page).sync()
    assert {path.name for path in page.rglob(".*")} == {STATE_NAME}


def test_a_folder_with_other_files_is_refused(store: FolderStore, page: Path) -> None:
    page.mkdir()
    (page / ".bashrc").write_text("mine")
    with pytest.raises(InvalidSelection, match="name an empty folder"):
        Mirror(store, page)
    assert (page / ".bashrc").read_text() == "mine"


def test_other_users_may_read(store: FolderStore, page: Path) -> None:
    publish(store, "a")
    before = os.umask(0o022)
    try:
        Mirror(store, page).sync()
    finally:
        os.umask(before)
    assert {path.stat().st_mode & 0o777 for path in page.rglob("[!.]*") if path.is_file()} == {0o644}


class Watched(FolderStore):
    """A store that somebody writes while the mirror reads: `meanwhile` has what they do after the nth look-up."""

    def __init__(self, root: Path, page: Path) -> None:
        super().__init__(root)
        self._page = page
        self._plain = FolderStore(root)
        self.meanwhile: list[str] = []

    def _act(self) -> None:
        assert dangling(self._page) == set()
        if self.meanwhile:
            act = self.meanwhile.pop(0)
            if act:
                publish(self._plain, act)

    def stat(self, key: str) -> ObjectInfo | None:
        found = super().stat(key)
        if key == "statistics/index.json":
            self._act()
        return found

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        for info in super().list(prefix):
            self._act()
            yield info

    def download(self, key: str, path: Path) -> ObjectInfo:
        self._act()
        return super().download(key, path)


@settings(max_examples=60)
@given(acts=st.lists(st.sampled_from(["", "", "a", "b", "c"]), max_size=12))
def test_whatever_is_published_meanwhile_no_link_leads_nowhere(
    tmp_path_factory: pytest.TempPathFactory, acts: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("watched")
    store = Watched(folder / "store", folder / "page")
    publish(FolderStore(folder / "store"), "a", "z")
    (folder / "page").mkdir()
    store.meanwhile = acts
    mirror = Mirror(store, folder / "page")
    while store.meanwhile:
        with suppress(StoreError):  # it changes faster than it can be read: the next one goes on
            mirror.sync()
        assert dangling(folder / "page") == set()
    mirror.sync()
    files = {info.key.removeprefix("statistics/"): store.get(info.key) for info in store.list("statistics/")}
    assert shown(folder / "page") == twins(folder / "page") == files


class Enough(Exception):
    """Ends a loop that never ends."""


def test_an_outage_keeps_what_is_there_and_waits_longer_each_time(
    store: FolderStore, page: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    publish(store, "a")
    mirror = Mirror(store, page)
    mirror.sync()
    before = shown(page)
    waits: list[float] = []

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 7:
            monkeypatch.undo()  # the store is back
        if len(waits) == 8:
            raise Enough

    def unreachable(*_: object) -> None:
        raise StoreUnreachable("no answer")

    monkeypatch.setattr(FolderStore, "stat", unreachable)
    with pytest.raises(Enough):
        keep(mirror, 10, sleep)
    assert waits == [10, 20, 40, 80, 160, 300, 300, 10]
    assert shown(page) == before


def test_a_store_that_is_not_there_yet_is_waited_for(store: FolderStore, page: Path) -> None:
    def sleep(_seconds: float) -> None:
        if shown(page):
            raise Enough
        publish(store, "a")

    with pytest.raises(Enough):
        keep(Mirror(store, page), 10, sleep)
    assert "index.json" in shown(page)
