"""What only the folder store promises: links, permissions, temporary files, empty folders."""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from debate_core.store import (
    FolderStore,
    NoSuchStore,
    ObjectNotFound,
    StoreDenied,
    StoreError,
    StoreUnreachable,
    open_store,
)
from debate_core.store.atomic import whole_file


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "store"
    folder.mkdir()
    return folder


@pytest.fixture
def store(root: Path) -> FolderStore:
    return FolderStore(root)


@pytest.mark.parametrize("link", ["a folder on the way", "the file itself"])
def test_a_link_out_of_the_store_is_never_followed(root: Path, store: FolderStore, tmp_path: Path, link: str) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_bytes(b"secret")
    if link == "the file itself":
        (root / "jobs").mkdir()
        (root / "jobs" / "secret").symlink_to(outside / "secret")
    else:
        (root / "jobs").symlink_to(outside)
    calls: list[Callable[[], object]] = [
        lambda: store.get("jobs/secret"),
        lambda: store.open("jobs/secret"),
        lambda: store.stat("jobs/secret"),
        lambda: store.put("jobs/secret", b"evil"),
        lambda: store.put("jobs/secret", b"evil", create_only=True),
        lambda: store.delete("jobs/secret"),
        lambda: store.local_path("jobs/secret"),
        lambda: store.presigned_url("jobs/secret", expires_s=1),
    ]
    for call in calls:
        with pytest.raises(StoreDenied, match="symbolic link"):
            call()
    assert list(store.list("")) == []
    assert (outside / "secret").read_bytes() == b"secret"


def test_delete_prefix_removes_a_link_not_what_it_points_to(root: Path, store: FolderStore, tmp_path: Path) -> None:
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "file").write_bytes(b"precious")
    store.put("jobs/a/x", b"")
    (root / "jobs" / "a" / "link").symlink_to(tmp_path / "precious")
    assert store.delete_prefix("jobs/a/") == 1
    assert not (root / "jobs").exists()
    assert (tmp_path / "precious" / "file").read_bytes() == b"precious"


def test_the_store_itself_may_be_a_link(root: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(root)
    open_store(str(tmp_path / "link")).put("a", b"abc")
    assert (root / "a").read_bytes() == b"abc"


def test_empty_folders_go_with_their_last_object(root: Path, store: FolderStore) -> None:
    store.put("jobs/a/videos/x.mp4", b"")
    store.put("jobs/b", b"")
    store.delete("jobs/a/videos/x.mp4")
    assert sorted(path.name for path in root.rglob("*")) == ["b", "jobs"]
    store.delete("jobs/b")
    assert list(root.iterdir()) == []


def test_what_a_killed_writer_left_is_not_listed_and_goes_with_its_prefix(root: Path, store: FolderStore) -> None:
    store.put("jobs/a/x", b"")
    (root / "jobs" / "a" / ".tmp-0123").write_bytes(b"half")
    (root / ".DS_Store").write_bytes(b"")
    assert [info.key for info in store.list("")] == ["jobs/a/x"]
    assert store.delete_prefix("jobs/a/") == 1
    assert [path.name for path in root.rglob("*")] == [".DS_Store"]


def test_writers_and_deleters_of_one_folder_do_not_disturb_each_other(root: Path, store: FolderStore) -> None:
    start = threading.Barrier(4)

    def write_and_delete(name: str) -> None:
        start.wait()
        for _ in range(100):
            store.put(f"jobs/a/{name}", name.encode())
            assert store.get(f"jobs/a/{name}") == name.encode()
            store.delete(f"jobs/a/{name}")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write_and_delete, "abcd"))
    assert list(root.iterdir()) == []


def test_a_folder_that_is_removed_before_its_first_file_is_made_again(
    store: FolderStore, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real_open = os.open
    removed = []

    def open_late(path: Path, *args: int) -> int:
        if not removed:
            removed.append(path.parent)
            path.parent.rmdir()  # as a deleter of the folder's last object would
        return real_open(path, *args)

    monkeypatch.setattr("debate_core.store.atomic.os.open", open_late)
    store.put("jobs/a/x", b"abc")
    assert removed == [root / "jobs" / "a"]
    assert store.get("jobs/a/x") == b"abc"


def test_a_new_file_has_the_rights_that_the_umask_leaves(root: Path, store: FolderStore) -> None:
    before = os.umask(0o027)
    try:
        store.put("a", b"")
    finally:
        os.umask(before)
    assert (root / "a").stat().st_mode & 0o777 == 0o640


def test_a_reader_keeps_what_it_opened(store: FolderStore) -> None:
    store.put("a", b"old")
    with store.open("a") as stream:
        store.put("a", b"new")
        store.delete("a")
        assert stream.read() == b"old"


def test_a_store_that_is_not_there_is_made_by_the_first_put_alone(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "not" / "yet")
    calls: list[Callable[[], object]] = [
        lambda: store.get("a"),
        lambda: store.stat("a"),
        lambda: store.list(""),
        lambda: store.delete("a"),
        lambda: store.delete_prefix("a/"),
    ]
    for call in calls:
        with pytest.raises(NoSuchStore, match="not/yet"):
            call()
    store.put("a", b"abc")
    assert store.get("a") == b"abc"


def test_a_key_cannot_be_another_keys_folder(store: FolderStore) -> None:
    store.put("a/b", b"")
    for key in ("a", "a/b/c"):
        with pytest.raises(StoreError, match="both as a file and as a folder"):
            store.put(key, b"")
        with pytest.raises(ObjectNotFound):
            store.get(key)
    assert [info.key for info in store.list("")] == ["a/b"]


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (PermissionError(13, "Permission denied"), StoreDenied),
        (OSError(30, "Read-only file system"), StoreDenied),
        (OSError(28, "No space left on device"), StoreUnreachable),
        (OSError(5, "Input/output error"), StoreUnreachable),
    ],
)
def test_what_the_disk_says_is_told_in_our_errors(
    store: FolderStore, root: Path, monkeypatch: pytest.MonkeyPatch, error: OSError, expected: type[StoreError]
) -> None:
    def fail(descriptor: int) -> None:
        raise error

    monkeypatch.setattr("debate_core.store.atomic.os.fsync", fail)  # a full disk cannot be had in a test
    with pytest.raises(expected, match=error.strerror or ""):
        store.put("jobs/a/x", b"abc")
    assert list(root.iterdir()) == []


def test_a_file_system_without_hard_links_cannot_hold_claims(
    store: FolderStore, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(source: Path, target: Path) -> None:
        raise PermissionError(1, "Operation not permitted", str(source), None, str(target))

    monkeypatch.setattr("debate_core.store.atomic.os.link", fail)
    with pytest.raises(StoreDenied, match="no hard links"):
        store.put("jobs/a/owner.json", b"{}", create_only=True)
    assert list(root.iterdir()) == []


@pytest.mark.parametrize("uri", ["{}", "file://{}", "file://localhost{}", "{}/", "{}/./x/.."])
def test_ways_to_write_the_address_of_a_folder(root: Path, uri: str) -> None:
    assert open_store(uri.format(root)).uri == root.as_uri()


def test_a_relative_folder_stays_where_it_was_when_it_was_opened(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root)
    store = open_store("./my store")
    monkeypatch.chdir(tmp_path)
    store.put("a", b"abc")
    assert (root / "my store" / "a").read_bytes() == b"abc"
    assert open_store(store.uri).get("a") == b"abc"


def test_a_folder_that_is_removed_while_it_is_looked_at_is_made_again(
    root: Path, store: FolderStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = Path.mkdir
    lost = [root / "jobs" / "a"]

    def mkdir(folder: Path, *arguments: Any, **options: Any) -> None:
        if folder in lost:
            # What os.mkdir says of a folder that is there, and gone when pathlib looks whether it is one.
            lost.remove(folder)
            raise FileExistsError(errno.EEXIST, "File exists", str(folder))
        make(folder, *arguments, **options)

    monkeypatch.setattr(Path, "mkdir", mkdir)
    store.put("jobs/a/b", b"x")
    assert lost == []
    assert store.get("jobs/a/b") == b"x"


PUT = """
import os, signal, sys
from pathlib import Path
from debate_core.store import FolderStore
if sys.argv[2] == "killed":
    os.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
FolderStore(Path(sys.argv[1])).put("jobs/a/x", sys.argv[2].encode())
"""


def put_by_another_process(root: Path, word: str) -> int:
    return subprocess.run([sys.executable, "-c", PUT, root, word], check=False).returncode


def test_what_a_killed_writer_left_is_removed_by_the_next_process_and_nothing_else(root: Path) -> None:
    folder = root / "jobs" / "a"
    with whole_file(folder / "other") as living:
        living.write(b"whole")
        assert put_by_another_process(root, "killed") == -signal.SIGKILL
        assert not (folder / "x").exists()
        assert len(list(folder.glob(".tmp-*"))) == 2
        assert put_by_another_process(root, "written") == 0
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {"x": b"written", "other": b"whole"}


def test_a_new_file_that_was_taken_for_a_left_one_is_made_again(
    store: FolderStore, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real_lock = fcntl.flock
    taken: list[Path] = []

    def lock_late(descriptor: int, operation: int) -> None:
        if not taken:
            taken.extend(root.rglob(".tmp-*"))
            taken[0].unlink()  # as another process would that got the lock first
        real_lock(descriptor, operation)

    monkeypatch.setattr("debate_core.store.atomic.fcntl.flock", lock_late)
    store.put("a", b"abc")
    assert len(taken) == 1
    assert store.get("a") == b"abc"
