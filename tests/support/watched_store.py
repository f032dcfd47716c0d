"""A store that tells of every operation before it happens: to record, to interrupt, to let others in between."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, Literal

from debate_core.store import ObjectInfo, ObjectStore


class WatchedStore(ObjectStore):
    """`on_call` gets the operation's name and its key or prefix; what it raises, the caller gets."""

    def __init__(self, store: ObjectStore, on_call: Callable[[str, str], None]) -> None:
        self._store = store
        self._on_call = on_call

    @property
    def uri(self) -> str:
        return self._store.uri

    def put(
        self, key: str, data: bytes | BinaryIO, *, content_type: str | None = None, create_only: bool = False
    ) -> ObjectInfo:
        self._on_call("put", key)
        return self._store.put(key, data, content_type=content_type, create_only=create_only)

    def replace(self, key: str, data: bytes, *, etag: str | None, content_type: str | None = None) -> ObjectInfo:
        self._on_call("replace", key)
        return self._store.replace(key, data, etag=etag, content_type=content_type)

    def put_file(
        self, key: str, path: Path, *, content_type: str | None = None, create_only: bool = False
    ) -> ObjectInfo:
        self._on_call("put", key)
        return self._store.put_file(key, path, content_type=content_type, create_only=create_only)

    def get(self, key: str) -> bytes:
        self._on_call("get", key)
        return self._store.get(key)

    def get_range(self, key: str, start: int, length: int) -> bytes:
        self._on_call("get", key)
        return self._store.get_range(key, start, length)

    def download(self, key: str, path: Path) -> ObjectInfo:
        self._on_call("get", key)
        return self._store.download(key, path)

    def open(self, key: str) -> BinaryIO:
        self._on_call("get", key)
        return self._store.open(key)

    def stat(self, key: str) -> ObjectInfo | None:
        self._on_call("stat", key)
        return self._store.stat(key)

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        self._on_call("list", prefix)
        return iter([*self._store.list(prefix)])

    def delete(self, key: str) -> None:
        self._on_call("delete", key)
        self._store.delete(key)

    def delete_prefix(self, prefix: str) -> int:
        self._on_call("delete", prefix)
        return self._store.delete_prefix(prefix)

    def presigned_url(self, key: str, *, expires_s: int, method: Literal["GET", "PUT"] = "GET") -> str:
        return self._store.presigned_url(key, expires_s=expires_s, method=method)

    def local_path(self, key: str) -> Path | None:
        return self._store.local_path(key)


class Turns:
    """Lets some who work at once do one operation at a time, in an order that a seed decides."""

    def __init__(self, names: list[str], seed: int) -> None:
        self._random = random.Random(seed)
        self._active = list(names)
        self._moved = threading.Condition()
        self._next = self._random.choice(self._active)

    def wait(self, name: str) -> None:
        """Return when it is the turn of `name`, and give the next one to whom chance says."""
        with self._moved:
            assert self._moved.wait_for(lambda: self._next == name, timeout=60), f"{name} waits for {self._next}"
            self._next = self._random.choice(self._active)
            self._moved.notify_all()

    def leave(self, name: str) -> None:
        """`name` is done."""
        with self._moved:
            self._active.remove(name)
            if self._active:
                self._next = self._random.choice(self._active)
            self._moved.notify_all()
