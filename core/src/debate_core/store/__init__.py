"""Object store: one interface, two back ends (a folder, S3), chosen by the store's address."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from debate_core.store.base import ObjectInfo, ObjectStore
from debate_core.store.errors import (
    NoSuchStore,
    ObjectChanged,
    ObjectExists,
    ObjectNotFound,
    StoreAddressInvalid,
    StoreDenied,
    StoreError,
    StoreUnreachable,
)
from debate_core.store.folder import FolderStore
from debate_core.store.retry import RetryPolicy
from debate_core.store.rights import require_write
from debate_core.store.s3 import S3Store
from debate_core.store.s3_client import S3Settings

__all__ = [
    "FolderStore",
    "NoSuchStore",
    "ObjectChanged",
    "ObjectExists",
    "ObjectInfo",
    "ObjectNotFound",
    "ObjectStore",
    "RetryPolicy",
    "S3Settings",
    "S3Store",
    "StoreAddressInvalid",
    "StoreDenied",
    "StoreError",
    "StoreUnreachable",
    "open_store",
    "require_write",
]


def open_store(uri: str, *, settings: S3Settings | None = None) -> ObjectStore:
    """The store at `s3://bucket[/prefix]`, `file:///dir`, `./dir` or `dir`. Nothing is read or written yet.

    settings: of the S3 back end; without them, what the standard AWS variables and files say.
    Raises `StoreAddressInvalid` for any other text.
    """
    try:
        return _opened(uri, settings or S3Settings())
    except ValueError as error:  # of urlsplit ("http://[") and of paths (NUL)
        raise StoreAddressInvalid(
            f"The store address {uri!a} is none ({error}): give s3://bucket/prefix or a folder."
        ) from error


def _opened(uri: str, settings: S3Settings) -> ObjectStore:
    if "://" not in uri and not uri.startswith("file:"):
        if not uri.strip():
            raise StoreAddressInvalid("The store address is empty: give s3://bucket/prefix or a folder.")
        return FolderStore(Path(uri))
    parts = urlsplit(uri)
    if parts.query or parts.fragment:
        raise StoreAddressInvalid(f"The store address {uri!a} must end with its path, without '?' and '#'.")
    if parts.scheme == "s3":
        return S3Store(parts.netloc, parts.path.strip("/"), settings=settings)
    if parts.scheme == "file":
        if parts.netloc not in ("", "localhost") or not parts.path.startswith("/"):
            raise StoreAddressInvalid(f"The store address {uri!a} must be file:///absolute/folder.")
        return FolderStore(Path(url2pathname(parts.path)))
    raise StoreAddressInvalid(f"The store address {uri!a} is unknown: give s3://bucket/prefix or a folder.")
