"""Whether a store lets somebody write under a key, found out without writing: for checks that go before the work."""

from __future__ import annotations

from typing import Final

from debate_core.store.base import ObjectStore
from debate_core.store.errors import ObjectChanged, StoreError

_NO_ETAG: Final = "0" * 32


def require_write(store: ObjectStore, key: str) -> None:
    """Raise `StoreDenied` unless an object may be written under the key; nothing is.

    It asks to replace a version that nobody has: a store looks at rights first, and then at the condition. `key`
    should be one that no object has, for a server that knows no conditions would write it: then it is deleted
    again, and StoreError raised, for without conditions two writers may overwrite one another's results.
    """
    try:
        store.replace(key, b"", etag=_NO_ETAG)
    except ObjectChanged:
        return
    store.delete(key)
    raise StoreError(
        f"{store.uri} ignores the conditions of a write (If-Match): use S3, or a server that knows conditional writes."
    )
