"""The object store in a folder: a laptop's store, and the one that tests and `make demo` use."""

from __future__ import annotations

import errno
import io
import os
import shutil
import stat as modes
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Final, Literal

from debate_core.ids import InvalidName
from debate_core.keys import check_key, check_prefix
from debate_core.store.atomic import whole_file
from debate_core.store.base import ObjectInfo, ObjectStore, check_expiry, check_range
from debate_core.store.errors import (
    NoSuchStore,
    ObjectChanged,
    ObjectExists,
    ObjectNotFound,
    StoreDenied,
    StoreError,
    StoreUnreachable,
)

_COPY_BYTES: Final = 1 << 20
_NO_HARD_LINKS: Final = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS)


class FolderStore(ObjectStore):
    """Objects as files below one folder: key `jobs/a/job.json` is the file `<root>/jobs/a/job.json`.

    Symbolic links below the root are never followed: one could lead out of it. Unlike on S3, no key can be another
    key's folder (`a` beside `a/b`); our templates never ask for that. The first put makes the folder.
    """

    def __init__(self, root: Path) -> None:
        self._root: Final = root.resolve()

    @property
    def uri(self) -> str:
        return self._root.as_uri()

    def put(
        self,
        key: str,
        data: bytes | BinaryIO,
        *,
        content_type: str | None = None,
        create_only: bool = False,
    ) -> ObjectInfo:
        return self._put(key, io.BytesIO(data) if isinstance(data, bytes) else data, create_only=create_only)

    def replace(self, key: str, data: bytes, *, etag: str | None, content_type: str | None = None) -> ObjectInfo:
        try:
            return self._put(key, io.BytesIO(data), create_only=etag is None, replaces=etag)
        except ObjectExists as error:
            raise _changed(key) from error

    def _put(self, key: str, source: BinaryIO, *, create_only: bool = False, replaces: str | None = None) -> ObjectInfo:
        """replaces: the ETag of the only object that may be overwritten."""
        path = self._path(key)

        def is_still_there() -> None:
            found = self.stat(key)
            if found is None or found.etag != replaces:
                raise _changed(key)

        # A writer without a condition waits for nobody: one that is stopped in the middle must not stop the others.
        check = None if replaces is None else is_still_there
        if create_only and os.path.lexists(path):  # the link decides; this spares the copying
            raise _exists(key)
        try:
            with self._os_errors(key), whole_file(path, create_only=create_only, check=check) as file:
                _copy(source, file)
                file.flush()
                return _info(key, os.fstat(file.fileno()))
        except BaseException as error:
            self._remove_empty_folders(path.parent)  # which this put may have made
            if isinstance(error, _SourceFailed):
                raise error.reason from None
            if create_only and isinstance(error.__cause__, FileExistsError) and path.is_file():
                raise _exists(key) from error
            raise

    def put_file(
        self, key: str, path: Path, *, content_type: str | None = None, create_only: bool = False
    ) -> ObjectInfo:
        with path.open("rb") as source:
            return self.put(key, source, content_type=content_type, create_only=create_only)

    def get(self, key: str) -> bytes:
        with self.open(key) as file, self._os_errors(key):
            return file.read()

    def get_range(self, key: str, start: int, length: int) -> bytes:
        check_range(start, length)
        with self.open(key) as file, self._os_errors(key):
            file.seek(start)
            return file.read(length)

    def download(self, key: str, path: Path) -> ObjectInfo:
        with self.open(key) as source, whole_file(path) as file:
            shutil.copyfileobj(source, file, _COPY_BYTES)
            return _info(key, os.fstat(source.fileno()))

    def open(self, key: str) -> BinaryIO:
        path = self.local_path(key)
        with self._os_errors(key):
            try:
                return os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "rb")
            except FileNotFoundError:  # deleted since local_path looked
                raise _not_found(key) from None

    def stat(self, key: str) -> ObjectInfo | None:
        path = self._path(key)
        self._require_root()
        with self._os_errors(key):
            try:
                status = path.lstat()
            except (FileNotFoundError, NotADirectoryError):
                return None
        return _info(key, status) if modes.S_ISREG(status.st_mode) else None

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        folder = self._path(check_prefix(prefix).rstrip("/")) if prefix else self._root
        self._require_root()
        return self._walk(folder, prefix)

    def delete(self, key: str) -> None:
        path = self._path(key)
        if self.stat(key) is None:
            return
        with self._os_errors(key):
            with suppress(FileNotFoundError):
                path.unlink()
            self._remove_empty_folders(path.parent)

    def delete_prefix(self, prefix: str) -> int:
        if not prefix:
            raise InvalidName("The empty prefix is refused: it would delete the whole store.")
        count = sum(1 for _ in self.list(prefix))
        folder = self._path(prefix.rstrip("/"))
        with self._os_errors(prefix):
            # Also what a killed writer left behind. A writer at work finds its file gone and fails, as it should.
            if folder.is_dir():
                shutil.rmtree(folder)
                self._remove_empty_folders(folder.parent)
        return count

    def presigned_url(self, key: str, *, expires_s: int, method: Literal["GET", "PUT"] = "GET") -> str:
        check_expiry(expires_s)
        return self._path(key).as_uri()

    def local_path(self, key: str) -> Path:
        if self.stat(key) is None:
            raise _not_found(key)
        return self._path(key)

    def _path(self, key: str) -> Path:
        """The file of a key; refuses a way that leads over a symbolic link."""
        path = self._root
        with self._os_errors(key):
            for segment in check_key(key).split("/"):
                path = path / segment
                if path.is_symlink():
                    raise StoreDenied(
                        f"{path} is a symbolic link, which the store never follows: put the file itself there."
                    )
        return path

    def _require_root(self) -> None:
        with self._os_errors("anything"):
            if self._root.is_dir():
                return
        raise NoSuchStore(f"There is no folder {self._root}: check --store, or run a job into it first.")

    def _walk(self, folder: Path, prefix: str) -> Iterator[ObjectInfo]:
        """The files below a folder in the order of their keys: a folder sorts as its name with '/' behind it."""
        with self._os_errors(prefix):
            try:
                with os.scandir(folder) as entries:
                    found = [(f"{e.name}/" if e.is_dir(follow_symlinks=False) else e.name, e) for e in entries]
            except (FileNotFoundError, NotADirectoryError):
                return
        for name, entry in sorted(found, key=lambda pair: pair[0]):
            if name.endswith("/"):
                if not name.startswith("."):
                    yield from self._walk(folder / entry.name, prefix + name)
            elif info := self._listed(prefix + name, entry):
                yield info

    def _listed(self, key: str, entry: os.DirEntry[str]) -> ObjectInfo | None:
        try:
            check_key(key)
            status = entry.stat(follow_symlinks=False)
        except (InvalidName, FileNotFoundError):  # not ours, or deleted since the folder was read
            return None
        return _info(key, status) if modes.S_ISREG(status.st_mode) else None

    def _remove_empty_folders(self, folder: Path) -> None:
        """Remove a folder and those above it, below the root, as far as they are empty."""
        while folder != self._root:
            try:
                folder.rmdir()
            except FileNotFoundError:
                pass
            except OSError:  # not empty, most often because somebody has just put something there
                return
            folder = folder.parent

    @contextmanager
    def _os_errors(self, key: str) -> Iterator[None]:
        try:
            yield
        except (FileExistsError, IsADirectoryError, NotADirectoryError) as error:
            raise StoreError(f"{self._root} has {key} both as a file and as a folder: choose another key.") from error
        except OSError as error:
            if error.errno in _NO_HARD_LINKS and error.filename2 is not None:
                raise StoreDenied(
                    f"The file system of {self._root} has no hard links, which claims need: use another folder."
                ) from error
            if isinstance(error, PermissionError) or error.errno == errno.EROFS:
                raise StoreDenied(
                    f"{self._root} does not let this user use {key} ({error.strerror}): check its permissions."
                ) from error
            raise StoreUnreachable(
                f"{self._root} cannot be used for {key} now ({error.strerror}): check disk and mount."
            ) from error


class _SourceFailed(Exception):
    """Carries an error of the stream that is put past `_os_errors`, which would take it for one of the folder's."""

    def __init__(self, reason: OSError) -> None:
        super().__init__(reason)
        self.reason = reason


def _copy(source: BinaryIO, file: BinaryIO) -> None:
    while True:
        try:
            data = source.read(_COPY_BYTES)
        except OSError as error:
            raise _SourceFailed(error) from error
        if not data:
            return
        file.write(data)


def _info(key: str, status: os.stat_result) -> ObjectInfo:
    """The ETag says that a file was written again, at the price of one stat: a hash would read every byte.

    Each put makes a new file, so the inode tells apart two puts of one size within one tick of the clock.
    """
    return ObjectInfo(
        key=key,
        size=status.st_size,
        etag=f"{status.st_mtime_ns:x}-{status.st_size:x}-{status.st_ino:x}",
        last_modified=datetime.fromtimestamp(status.st_mtime_ns / 1e9, UTC),
    )


def _not_found(key: str) -> ObjectNotFound:
    return ObjectNotFound(f"There is no object {key} in the store.")


def _changed(key: str) -> ObjectChanged:
    return ObjectChanged(f"{key} was written or deleted by somebody else meanwhile: read it again.")


def _exists(key: str) -> ObjectExists:
    return ObjectExists(f"There is already an object {key} in the store.")
