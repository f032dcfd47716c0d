"""`debate-stats mirror`: a folder that stays equal to `statistics/` of a store, for the page's web server.

The page must never follow a link to what is not there: files come before the documents that name them, the list of
debates comes last, and what vanished is deleted when the list no longer names it. Every file appears by a rename.
"""

from __future__ import annotations

import gzip
import json
import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn

import structlog

from debate_core import keys
from debate_core.store import ObjectInfo, ObjectNotFound, ObjectStore, StoreError
from debate_stats.selection import InvalidSelection

STATE_NAME: Final = ".mirror.json"
LONGEST_WAIT_S: Final = 300.0

_PREFIX: Final = keys.STAT_PREFIX.key()
_INDEX: Final = keys.STAT_INDEX.key()
_INCOMING: Final = ".incoming-"
_PARALLEL: Final = 4
_TWIN: Final = ".gz"
_COMPRESSED: Final = frozenset({".json", ".vtt", ".srt", ".txt", ".rttm"})
_LOOKS: Final = 3  # in one sync, at a store that is being written


@dataclass(frozen=True, slots=True)
class Changes:
    """How many files one sync fetched and deleted."""

    fetched: int = 0
    deleted: int = 0


class _Moved(Exception):
    """The store was written while it was read."""


class Mirror:
    """One folder, which is this mirror's alone: whatever else is in it is deleted. Hidden files are copies in progress.

    What it fetched it remembers there by ETag, so that a restart fetches only what changed.
    """

    def __init__(self, store: ObjectStore, folder: Path) -> None:
        """Takes the folder over. Raises InvalidSelection for one with somebody's files in it, and OSError."""
        self._store = store
        self._folder = folder
        self._state = folder / STATE_NAME
        folder.mkdir(parents=True, exist_ok=True)
        others = [entry.name for entry in folder.iterdir() if not entry.name.startswith(_INCOMING)]
        if others and STATE_NAME not in others:
            raise InvalidSelection(f"{folder} has other files, which a mirror would delete: name an empty folder.")
        self._etags = self._remembered()
        self._remember()

    def sync(self) -> Changes:
        """Make the folder equal to the store. Raises StoreError and OSError; what is there then stays."""
        fetched = 0
        for _ in range(_LOOKS):
            with suppress(_Moved, ObjectNotFound):
                listed = self._look()
                fetched += self._fetch_all(listed)
                return Changes(fetched, self._delete_all_but(listed))
        raise StoreError(f"{self._store.uri} changes faster than it can be read: try again later.")

    def _look(self) -> dict[str, ObjectInfo]:
        """What is in the store. A list that is older than the look at the rest names nothing that the look missed."""
        index = self._store.stat(_INDEX)
        listed = {info.key: info for info in self._store.list(_PREFIX)}
        if (index.etag if index else None) != (listed[_INDEX].etag if _INDEX in listed else None):
            raise _Moved
        return listed

    def _fetch_all(self, listed: dict[str, ObjectInfo]) -> int:
        count = 0
        wanted = [info for info in listed.values() if not self._has(info)]
        try:
            with ThreadPoolExecutor(_PARALLEL, "mirror") as pool:
                for rank in sorted({_rank(info.key) for info in wanted}):
                    count += len(list(pool.map(self._fetch, [info for info in wanted if _rank(info.key) == rank])))
        finally:
            if wanted:
                self._remember()
        return count

    def _fetch(self, info: ObjectInfo) -> None:
        path = self._path(info.key)
        incoming = path.with_name(f"{_INCOMING}{path.name}")
        found = self._store.download(info.key, incoming)
        if found.etag != info.etag:
            incoming.unlink()
            raise _Moved
        if path.suffix in _COMPRESSED:
            _compress(incoming, incoming.with_name(incoming.name + _TWIN)).replace(_twin(path))
        incoming.replace(path)
        self._etags[info.key] = info.etag

    def _delete_all_but(self, listed: Iterable[str]) -> int:
        # A twin goes with its file.
        files = (path for path in _files(self._folder) if path.suffix != _TWIN or not path.with_suffix("").exists())
        here = {_PREFIX + path.relative_to(self._folder).as_posix() for path in files}
        gone = here.difference(listed, [_PREFIX + STATE_NAME])
        for key in sorted(gone, key=_rank, reverse=True):
            path = self._path(key)
            _twin(path).unlink(missing_ok=True)  # first: nginx sends a twin even where its file is gone
            path.unlink(missing_ok=True)
            self._etags.pop(key, None)
            with suppress(OSError):  # not empty
                os.removedirs(path.parent)
        if gone:
            self._remember()
        return len(gone)

    def _has(self, info: ObjectInfo) -> bool:
        if self._etags.get(info.key) != info.etag:
            return False
        try:
            return self._path(info.key).stat().st_size == info.size
        except FileNotFoundError:
            return False

    def _path(self, key: str) -> Path:
        return self._folder / key.removeprefix(_PREFIX)

    def _remembered(self) -> dict[str, str]:
        """Nothing where the folder showed another store before: its ETags say nothing about this one."""
        try:
            state = json.loads(self._state.read_text(encoding="utf-8"))
            return dict(state["etags"]) if state["store"] == self._store.uri else {}
        except (FileNotFoundError, ValueError, KeyError, TypeError, RecursionError):
            return {}

    def _remember(self) -> None:
        incoming = self._state.with_name(f"{_INCOMING}state")
        incoming.write_text(json.dumps({"store": self._store.uri, "etags": self._etags}), encoding="utf-8")
        incoming.replace(self._state)


def keep(mirror: Mirror, every_s: float, sleep: Callable[[float], None] = time.sleep) -> NoReturn:
    """Sync for ever, `every_s` seconds apart; while that fails, what is there stays and the waits double."""
    log = structlog.get_logger()
    failures = 0
    while True:
        wait = every_s
        try:
            say(mirror.sync())
            if failures:
                log.info("the store can be read again")
            failures = 0
        except (StoreError, OSError) as error:
            wait = min(every_s * 2 ** min(failures, 16), max(LONGEST_WAIT_S, every_s))
            failures += 1
            log.error(f"what is here stays as it is, again in {wait:.0f} s: {error}")
        sleep(wait)


def say(changes: Changes) -> None:
    """A log line where something changed."""
    if changes != Changes():
        structlog.get_logger().info(f"statistics mirrored: {changes.fetched} fetched, {changes.deleted} deleted")


def _rank(key: str) -> int:
    """What is named by others comes before them: a debate's files, then the documents, then the list."""
    if keys.STAT_FILE.parse(key):
        return 0
    return 2 if key == _INDEX else 1


def _twin(path: Path) -> Path:
    """What nginx sends instead of the file, to whoever takes gzip: compressed once, not for each reader."""
    return path.with_name(path.name + _TWIN)


def _compress(source: Path, target: Path) -> Path:
    with source.open("rb") as plain, target.open("wb") as file, gzip.GzipFile("", "wb", 6, file, mtime=0) as packed:
        shutil.copyfileobj(plain, packed)
    return target


def _files(folder: Path) -> Iterator[Path]:
    for parent, _, names in os.walk(folder):
        yield from (Path(parent) / name for name in names)
