"""The object store as every part of the project sees it: bytes under keys, whatever holds them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final, Literal

PRESIGNED_MAX_S: Final = 604_800  # 7 days, the limit of AWS signature version 4


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    """What is known of an object without reading it.

    size: bytes. etag: opaque, without quotes; another one means that the object was written again (not that its
    content differs). last_modified: UTC, by the store's clock; of a put, when S3 answered it, which `stat` may say
    otherwise by the upload's length.
    """

    key: str
    size: int
    etag: str
    last_modified: datetime


class ObjectStore(ABC):
    """Objects under keys. A reader sees an object whole, old or new, never half-written.

    Every method may be called from several threads. Keys and prefixes are checked (`keys.check_key`,
    `keys.check_prefix`): `InvalidName` for what could leave the store. Every method raises `StoreUnreachable` after
    bounded retries, `StoreDenied`, and `NoSuchStore` where the bucket (or, on reading, the folder) does not exist.
    """

    @property
    @abstractmethod
    def uri(self) -> str:
        """The store's address, such that `open_store(store.uri)` is the same store."""

    @abstractmethod
    def put(
        self,
        key: str,
        data: bytes | BinaryIO,
        *,
        content_type: str | None = None,
        create_only: bool = False,
    ) -> ObjectInfo:
        """Write an object of any size; a stream is read once, from where it stands to its end. An exception of
        its own is raised as it is, and nothing is written.

        create_only: raise `ObjectExists` where the key is taken; of several writers exactly one succeeds.
        content_type: for those who fetch the object by URL; the folder store has no place for it.
        """

    @abstractmethod
    def replace(self, key: str, data: bytes, *, etag: str | None, content_type: str | None = None) -> ObjectInfo:
        """Write an object only over the one that has this ETag, or, with None, only where there is none.

        Of several writers that read the same object exactly one succeeds; the others get `ObjectChanged`, and read
        it again: so no update is lost.
        """

    @abstractmethod
    def put_file(
        self, key: str, path: Path, *, content_type: str | None = None, create_only: bool = False
    ) -> ObjectInfo:
        """`put` of a local file; raises `OSError` where the file cannot be read."""

    @abstractmethod
    def get(self, key: str) -> bytes:
        """The whole object. Raises `ObjectNotFound`."""

    @abstractmethod
    def get_range(self, key: str, start: int, length: int) -> bytes:
        """`length` bytes from byte `start`: fewer at the object's end, none past it. Raises `ObjectNotFound`."""

    @abstractmethod
    def download(self, key: str, path: Path) -> ObjectInfo:
        """Write the object to the file `path`, complete or not at all. Raises `ObjectNotFound`, `OSError`."""

    @abstractmethod
    def open(self, key: str) -> BinaryIO:
        """A seekable stream over the object, to be closed (use `with`). Raises `ObjectNotFound`."""

    @abstractmethod
    def stat(self, key: str) -> ObjectInfo | None:
        """What is known of the object, None where there is none."""

    def exists(self, key: str) -> bool:
        """Whether an object has this key."""
        return self.stat(key) is not None

    @abstractmethod
    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        """The objects under a prefix ('' or ending in '/'), in the order of their keys.

        Objects whose key `check_key` refuses, which none of us wrote, are passed over.
        """

    @abstractmethod
    def delete(self, key: str) -> None:
        """Delete the object; nothing happens where there is none."""

    @abstractmethod
    def delete_prefix(self, prefix: str) -> int:
        """Delete every object under a prefix that ends in '/'; the number of those deleted."""

    @abstractmethod
    def presigned_url(self, key: str, *, expires_s: int, method: Literal["GET", "PUT"] = "GET") -> str:
        """A URL that needs no credentials to read or write the object for `expires_s` seconds (1 .. 604,800).

        The folder store gives a `file://` URL, which does not expire.
        """

    @abstractmethod
    def local_path(self, key: str) -> Path | None:
        """The file that holds the object, where it is one on this machine; None where it must be downloaded.

        To read, so that big media are not copied; never to write. Raises `ObjectNotFound` on a store that has files.
        """


def check_range(start: int, length: int) -> None:
    """Raise `ValueError` for a byte range that no object can have."""
    if start < 0 or length < 0:
        raise ValueError(f"a byte range starts at 0 or later and is not negative, got {start}, {length}")


def check_expiry(expires_s: int) -> None:
    """Raise `ValueError` for a life of a URL that S3 would not sign."""
    if not 1 <= expires_s <= PRESIGNED_MAX_S:
        raise ValueError(f"a presigned URL lives 1 .. {PRESIGNED_MAX_S} s, got {expires_s}")
