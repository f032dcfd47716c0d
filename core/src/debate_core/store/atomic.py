"""A file that appears whole or not at all: written beside its place, synced, then renamed or linked into it."""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, Final
from uuid import uuid4

TEMPORARY_PREFIX: Final = ".tmp-"  # with a dot in front: no key can name such a file, no list shows it
_FOLDER_TRIES: Final = 100


@contextmanager
def whole_file(path: Path, *, create_only: bool = False, check: Callable[[], None] | None = None) -> Iterator[BinaryIO]:
    """A file to write into; at the end of the block it stands at `path`, after an exception nothing does.

    Missing folders are made, and what killed writers left beside the place is removed. Raises `OSError`.
    create_only: raise `FileExistsError` where `path` is taken; of several writers exactly one succeeds. That is a
    hard link, because a rename replaces and an exclusive create would show the file half-written.
    check: called right before the file gets its place; what it raises ends the writing. No other writer with a check
    can put a file there meanwhile, because the folder is locked; one without a check can, in that moment, and so can
    any where the file system has no locks.
    """
    temporary = path.with_name(f"{TEMPORARY_PREFIX}{uuid4().hex}")
    descriptor = _create(temporary)
    _remove_what_was_left(path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
            # Before it is closed: with its lock gone, another process would take the file for one that was left.
            with nullcontext() if check is None else _folder_locked(path.parent):
                if check is not None:
                    check()
                if create_only:
                    os.link(temporary, path)
                else:
                    temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    _sync_folder(path.parent)


def _create(path: Path) -> int:
    """A descriptor of a new file; makes its folder, again where somebody removes the empty folder in between."""
    for _ in range(_FOLDER_TRIES):
        with suppress(FileNotFoundError):
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
            except FileExistsError:
                # mkdir forgives an existing folder by looking again, and by then somebody may have removed it.
                if any(folder.exists() and not folder.is_dir() for folder in path.parents):
                    raise
                continue
            # Not tempfile: its files are 0600, and the page's web server may run as another user. The umask decides.
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
            _lock(descriptor)
            if os.fstat(descriptor).st_nlink:
                return descriptor
            os.close(descriptor)  # it was taken for one that was left, in the moment before it was locked
    raise FileNotFoundError(errno.ENOENT, "the folder is removed again and again", str(path.parent))


def _lock(descriptor: int) -> None:
    """Tell others that this file's writer lives. Not on file systems without locks: nothing is removed there."""
    with suppress(OSError):
        fcntl.flock(descriptor, fcntl.LOCK_EX)


@contextmanager
def _folder_locked(folder: Path) -> Iterator[None]:
    """Writers with a check get their places in a folder one after the other, over all processes and threads."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        _lock(descriptor)
        yield
    finally:
        os.close(descriptor)


@lru_cache(maxsize=1024)  # once a process: a scan for every file would cost what the folder is long
def _remove_what_was_left(folder: Path) -> None:
    """Remove the temporary files of writers that were killed, each as large as what it was to become."""
    for path in folder.glob(f"{TEMPORARY_PREFIX}*"):
        with suppress(OSError):  # BlockingIOError: its writer lives; FileNotFoundError: has just renamed it
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                path.unlink()
            finally:
                os.close(descriptor)


def _sync_folder(folder: Path) -> None:
    """Make the new name itself survive a power failure."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
