"""What every object store promises; each test runs on a folder and on a real S3 server."""

from __future__ import annotations

import hashlib
import io
import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.request import urlopen

import pytest

from debate_core.ids import InvalidName
from debate_core.store import (
    ObjectChanged,
    ObjectExists,
    ObjectNotFound,
    ObjectStore,
    StoreAddressInvalid,
    StoreError,
    open_store,
    require_write,
)

MIB = 1 << 20


def noise(size: int, seed: int = 0) -> bytes:
    return random.Random(seed).randbytes(size)


class Pipe(io.RawIOBase):
    """A stream that cannot be rewound and gives less than it is asked for, as a socket does."""

    def __init__(self, data: bytes, *, breaks_at: int | None = None) -> None:
        super().__init__()
        self._data = memoryview(data)
        self._breaks_at = breaks_at
        self._position = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if self._breaks_at is not None and self._position >= self._breaks_at:
            raise ConnectionResetError("the source broke off")
        piece = self._data[self._position : self._position + min(size if size >= 0 else MIB, 700_001)]
        self._position += len(piece)
        return bytes(piece)


def names(store: ObjectStore, prefix: str = "") -> list[str]:
    return [info.key for info in store.list(prefix)]


# --- one object, whole


@pytest.mark.parametrize("data", [b"", b"x", b"caf\xc3\xa9\r\n\x00\xff" * 1000], ids=["empty", "one byte", "bytes"])
def test_what_is_put_is_what_is_got(store: ObjectStore, data: bytes) -> None:
    put = store.put("jobs/a/job.json", data, content_type="application/json")
    found = store.stat("jobs/a/job.json")
    assert store.get("jobs/a/job.json") == data
    assert found is not None
    assert (found.key, found.size, found.etag) == ("jobs/a/job.json", len(data), put.etag)
    assert put.size == len(data)
    assert abs(found.last_modified - datetime.now(UTC)) < timedelta(minutes=5)
    assert abs(found.last_modified - put.last_modified) < timedelta(seconds=5)
    assert store.exists("jobs/a/job.json")


def test_another_content_has_another_etag(store: ObjectStore) -> None:
    etags = {store.put("a", bytes([number])).etag for number in range(20)}
    assert len(etags) == 20
    assert store.get("a") == bytes([19])


@pytest.mark.parametrize("kind", ["bytes", "seekable", "pipe"])
@pytest.mark.parametrize("size", [8 * MIB, 21 * MIB + 17], ids=["one full part", "several parts"])
def test_large_objects_arrive_whole_whatever_they_are_read_from(store: ObjectStore, kind: str, size: int) -> None:
    data = noise(size)
    sources: dict[str, Callable[[], object]] = {
        "bytes": lambda: data,
        "seekable": lambda: io.BytesIO(data),
        "pipe": lambda: Pipe(data),
    }
    info = store.put("large", sources[kind]())  # type: ignore[arg-type]
    assert info.size == size
    assert store.stat("large") is not None
    assert hashlib.sha256(store.get("large")).digest() == hashlib.sha256(data).digest()


def test_a_stream_is_read_from_where_it_stands(store: ObjectStore) -> None:
    stream = io.BytesIO(b"header and body")
    stream.seek(7)
    store.put("a", stream)
    assert store.get("a") == b"and body"


@pytest.mark.parametrize("size", [0, 5, 8 * MIB, 25 * MIB + 3])
def test_files_go_in_and_come_out(store: ObjectStore, tmp_path: Path, size: int) -> None:
    source, copy = tmp_path / "source.bin", tmp_path / "copies" / "copy.bin"
    source.write_bytes(noise(size))
    put = store.put_file("media.bin", source, content_type="video/mp4")
    copy.parent.mkdir()
    copy.write_bytes(b"an older file")
    got = store.download("media.bin", copy)
    assert copy.read_bytes() == source.read_bytes()
    assert (got.key, got.size, got.etag) == ("media.bin", size, put.etag)
    assert [path.name for path in copy.parent.iterdir()] == ["copy.bin"]


def test_a_local_path_where_there_is_one_is_the_object(store: ObjectStore) -> None:
    store.put("media.bin", b"abc")
    path = store.local_path("media.bin")
    assert path is None or path.read_bytes() == b"abc"
    assert (path is None) == store.uri.startswith("s3:")


# --- a part of an object


@pytest.mark.parametrize(
    ("start", "length"),
    [(0, 1), (0, 1000), (300, 400), (990, 10), (990, 11), (999, 500), (1000, 1), (5000, 5), (0, 0), (5000, 0)],
)
def test_byte_ranges(store: ObjectStore, start: int, length: int) -> None:
    data = noise(1000)
    store.put("audio.s16", data)
    assert store.get_range("audio.s16", start, length) == data[start : start + length]


def test_a_range_of_an_empty_object_is_empty(store: ObjectStore) -> None:
    store.put("empty", b"")
    assert store.get_range("empty", 0, 10) == b""


@pytest.mark.parametrize(("start", "length"), [(-1, 5), (0, -1)])
def test_a_range_before_the_object_is_a_bug(store: ObjectStore, start: int, length: int) -> None:
    store.put("a", b"abc")
    with pytest.raises(ValueError, match="byte range"):
        store.get_range("a", start, length)


def test_a_stream_can_be_read_in_pieces_and_sought(store: ObjectStore) -> None:
    data = noise(20 * MIB + 5)
    store.put("large", data)
    with store.open("large") as stream:
        assert stream.read(3) == data[:3]
        assert stream.read(9 * MIB) == data[3 : 9 * MIB + 3]
        assert stream.seek(-10, io.SEEK_END) == len(data) - 10
        assert stream.read() == data[-10:]
        assert stream.read(1) == b""
        stream.seek(8 * MIB - 1)
        assert stream.read() == data[8 * MIB - 1 :]
    assert stream.closed


# --- what is not there


def test_what_is_not_there_is_not_found(store: ObjectStore, tmp_path: Path) -> None:
    store.put("jobs/a/job.json", b"{}")
    for key in ("b", "jobs/b/job.json", "jobs/a", "jobs/a/job.json.bak"):
        assert store.stat(key) is None
        assert not store.exists(key)
        calls: list[Callable[[str], object]] = [
            store.get,
            store.open,
            lambda key: store.get_range(key, 0, 1),
            lambda key: store.get_range(key, 0, 0),
            lambda key: store.download(key, tmp_path / "copy"),
        ]
        for call in calls:
            with pytest.raises(ObjectNotFound, match=key):
                call(key)
    assert not (tmp_path / "copy").exists()


# --- create-only


def test_a_create_only_put_leaves_what_is_there(store: ObjectStore, tmp_path: Path) -> None:
    (tmp_path / "new").write_bytes(b"new")
    assert store.put("owner.json", b"first", create_only=True).size == 5
    with pytest.raises(ObjectExists, match=r"owner\.json"):
        store.put("owner.json", b"second", create_only=True)
    with pytest.raises(ObjectExists, match=r"owner\.json"):
        store.put_file("owner.json", tmp_path / "new", create_only=True)
    assert store.get("owner.json") == b"first"
    store.put("owner.json", b"replaced")
    assert store.get("owner.json") == b"replaced"


@pytest.mark.parametrize("size", [20, 9 * MIB], ids=["one request", "multipart"])
def test_of_eight_who_create_exactly_one_wins(store: ObjectStore, size: int) -> None:
    contents = [bytes([number]) * size for number in range(8)]
    start = threading.Barrier(len(contents))

    def create(content: bytes) -> bool:
        start.wait()
        try:
            store.put("jobs/a/owner.json", content, create_only=True)
        except ObjectExists:
            return False
        return True

    with ThreadPoolExecutor(len(contents)) as pool:
        won = list(pool.map(create, contents))
    assert sum(won) == 1
    assert store.get("jobs/a/owner.json") == contents[won.index(True)]
    assert names(store) == ["jobs/a/owner.json"]


# --- replace


def test_only_the_object_that_is_meant_is_replaced(store: ObjectStore) -> None:
    first = store.replace("people.json", b"first", etag=None)
    with pytest.raises(ObjectChanged, match=r"people\.json"):
        store.replace("people.json", b"another", etag=None)
    second = store.replace("people.json", b"second", etag=first.etag)
    with pytest.raises(ObjectChanged, match=r"people\.json"):
        store.replace("people.json", b"another", etag=first.etag)
    assert store.get("people.json") == b"second"
    store.delete("people.json")
    with pytest.raises(ObjectChanged, match=r"people\.json"):
        store.replace("people.json", b"another", etag=second.etag)
    assert names(store) == []


def test_of_many_who_replace_no_update_is_lost(store: ObjectStore) -> None:
    store.put("people.json", b"")

    def add(number: int) -> None:
        while True:
            found = store.stat("people.json")
            assert found is not None
            before = store.get("people.json")
            try:
                store.replace("people.json", before + bytes([number]), etag=found.etag)
            except ObjectChanged:
                continue
            return

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(add, range(24)))
    assert sorted(store.get("people.json")) == [*range(24)]


# --- may it write?


def test_that_it_may_write_is_known_without_writing(store: ObjectStore) -> None:
    require_write(store, "manifest/probe")
    store.put("manifest/taken", b"kept")
    require_write(store, "manifest/taken")
    assert names(store) == ["manifest/taken"]
    assert store.get("manifest/taken") == b"kept"


def test_a_store_that_ignores_conditions_is_named_and_left_clean(
    store: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "replace", lambda key, data, **_condition: store.put(key, data))
    with pytest.raises(StoreError, match=r"ignores the conditions of a write \(If-Match\)"):
        require_write(store, "manifest/probe")
    assert names(store) == []


# --- never half


@pytest.mark.parametrize("breaks_at", [0, 9 * MIB], ids=["at once", "after a part"])
@pytest.mark.parametrize("before", [None, b"old"], ids=["new key", "taken key"])
def test_a_source_that_breaks_off_changes_nothing(store: ObjectStore, breaks_at: int, before: bytes | None) -> None:
    if before is not None:
        store.put("jobs/a/videos/x.mp4", before)
    with pytest.raises(ConnectionResetError, match="broke off"):
        store.put("jobs/a/videos/x.mp4", Pipe(noise(20 * MIB), breaks_at=breaks_at))  # type: ignore[arg-type]
    assert names(store) == ([] if before is None else ["jobs/a/videos/x.mp4"])
    if before is not None:
        assert store.get("jobs/a/videos/x.mp4") == before


def test_a_reader_sees_the_old_or_the_new_never_a_mixture(store: ObjectStore) -> None:
    versions = {bytes([number]) * (300_000 + number) for number in range(2)}
    store.put("index.json", min(versions))
    done = threading.Event()

    def write() -> None:
        try:
            for _ in range(20):
                for version in versions:
                    store.put("index.json", version)
        finally:
            done.set()

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write)
        seen = set()
        while not done.is_set():
            seen.add(store.get("index.json"))
        writing.result()
    assert seen <= versions


# --- lists


def test_lists_are_in_the_order_of_keys_and_of_whole_folders(store: ObjectStore) -> None:
    keys = ["a", "b-c", "b.c", "b/c", "b/d/e", "b0", "b_c", "jobs/a/x", "jobs/a-b/x", "jobs/ab/x", "z"]
    for key in reversed(keys):
        store.put(key, key.encode())
    assert names(store) == sorted(keys)
    assert names(store, "b/") == ["b/c", "b/d/e"]
    assert names(store, "jobs/a/") == ["jobs/a/x"]
    assert names(store, "jobs/none/") == []
    assert names(store, "a/") == []
    assert list(store.list("b/d/")) == [store.stat("b/d/e")]


def test_more_objects_than_one_page_holds(store: ObjectStore) -> None:
    keys = [f"work/a/windows/{number:04d}-0123abcd.json" for number in range(1100)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda key: store.put(key, b""), keys))
    store.put("work/b/plan.json", b"{}")
    assert names(store, "work/a/windows/") == keys
    assert store.delete_prefix("work/a/") == 1100
    assert names(store) == ["work/b/plan.json"]


# --- delete


def test_delete_is_idempotent_and_takes_one_object(store: ObjectStore) -> None:
    store.put("jobs/a/x", b"")
    store.put("jobs/a/x.bak", b"")
    store.delete("jobs/a/x")
    store.delete("jobs/a/x")
    store.delete("never/there")
    assert names(store) == ["jobs/a/x.bak"]


def test_delete_prefix_takes_the_folder_and_not_its_neighbours(store: ObjectStore) -> None:
    for key in ("jobs/a/owner.json", "jobs/a/videos/x.mp4", "jobs/ab/owner.json", "jobs/a.b/x", "jobs/a-b/x"):
        store.put(key, b"")
    assert store.delete_prefix("jobs/a/") == 2
    assert names(store) == ["jobs/a-b/x", "jobs/a.b/x", "jobs/ab/owner.json"]
    assert store.delete_prefix("jobs/a/") == 0


@pytest.mark.parametrize("prefix", ["", "jobs/a", "/", "../", "jobs/../"])
def test_delete_prefix_refuses_what_could_mean_more(store: ObjectStore, prefix: str) -> None:
    store.put("jobs/ab/owner.json", b"")
    with pytest.raises(InvalidName):
        store.delete_prefix(prefix)
    assert names(store) == ["jobs/ab/owner.json"]


# --- keys


@pytest.mark.parametrize(
    "key", ["My Debate (1).mp4", "débat/дебаты 討論.mp4", "100 % sure+a=b&c.mp4", "a" * 255, "a..b"]
)
def test_keys_of_any_script_and_with_spaces(store: ObjectStore, key: str, tmp_path: Path) -> None:
    store.put(key, b"abc")
    assert store.get(key) == b"abc"
    assert names(store) == [key]
    assert store.download(key, tmp_path / "copy").key == key
    store.delete(key)
    assert names(store) == []


@pytest.mark.parametrize(
    "key",
    [
        "",
        ".",
        "..",
        "../x",
        "a/../../x",
        "/etc/passwd",
        "a//b",
        "a/",
        "./a",
        "a\\..\\x",
        "..%2fx",
        "a\x00",
        "a\n",
        ".x",
    ],
)
def test_a_key_that_could_leave_the_store_is_refused_by_every_call(
    store: ObjectStore, key: str, tmp_path: Path
) -> None:
    (tmp_path / "x").write_bytes(b"outside")
    calls: list[Callable[[], object]] = [
        lambda: store.put(key, b"evil"),
        lambda: store.put(key, b"evil", create_only=True),
        lambda: store.put_file(key, tmp_path / "x"),
        lambda: store.get(key),
        lambda: store.get_range(key, 0, 1),
        lambda: store.open(key),
        lambda: store.download(key, tmp_path / "copy"),
        lambda: store.stat(key),
        lambda: store.delete(key),
        lambda: store.list(f"{key}/"),
        lambda: store.delete_prefix(f"{key}/"),
        lambda: store.presigned_url(key, expires_s=60),
        lambda: store.local_path(key),
    ]
    for call in calls:
        with pytest.raises(InvalidName):
            call()
    assert names(store) == []
    assert (tmp_path / "x").read_bytes() == b"outside"


# --- addresses


def test_a_presigned_url_gives_the_object_to_a_plain_client(store: ObjectStore) -> None:
    store.put("jobs/a/videos/my debate é.mp4", b"picture and sound")
    with urlopen(store.presigned_url("jobs/a/videos/my debate é.mp4", expires_s=60), timeout=10) as answer:
        assert answer.read() == b"picture and sound"


@pytest.mark.parametrize("expires_s", [0, -1, 604_801])
def test_a_presigned_url_lives_as_long_as_s3_allows(store: ObjectStore, expires_s: int) -> None:
    with pytest.raises(ValueError, match="604800"):
        store.presigned_url("a", expires_s=expires_s)


def test_a_store_is_opened_again_by_its_address(store: ObjectStore) -> None:
    store.put("a", b"abc")
    again = open_store(store.uri)
    assert again.uri == store.uri
    assert again.get("a") == b"abc"
    deeper = open_store(f"{store.uri}/deeper/")
    deeper.put("b", b"")
    assert names(store) == ["a", "deeper/b"]
    assert deeper.uri == f"{store.uri}/deeper"


@pytest.mark.parametrize(
    "uri",
    ["", "  ", "gs://bucket/a", "http://x/y", "s3://", "s3://A_b/x", "s3://bucket/../x", "file://host/x", "file:x"],
)
def test_an_address_that_names_no_store_is_refused(uri: str) -> None:
    with pytest.raises(StoreAddressInvalid):
        open_store(uri)
