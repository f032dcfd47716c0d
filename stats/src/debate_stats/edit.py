"""Changing one small object of a store that others may change too: read, change, write only over what was read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from debate_core.store import NoSuchStore, ObjectChanged, ObjectNotFound, ObjectStore, StoreError

_TRIES: Final = 100


def edit(store: ObjectStore, key: str, change: Callable[[bytes | None], bytes | None]) -> bool:
    """Write what `change` makes of the object (None: there is none); whether anything was written.

    change: returns None to leave the object as it is; called again where somebody else was faster, so that no update is
    lost. What it raises is raised. Raises StoreError where others change the object all the time.
    """
    for _ in range(_TRIES):
        try:
            info = store.stat(key)
        except NoSuchStore:
            info = None
        try:
            data = change(store.get(key) if info else None)
            if data is not None:
                store.replace(key, data, etag=info.etag if info else None, content_type="application/json")
        except (ObjectChanged, ObjectNotFound):
            continue
        return data is not None
    raise StoreError(f"{key} is changed by others all the time: try again later.")
