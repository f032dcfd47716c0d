"""Typed errors of the object store; each message is one sentence that says what to do.

The store knows no exit codes. Whoever runs a step maps them: `StoreUnreachable` is 16 (again later, no attempt
spent), `StoreDenied` 14 and `StoreAddressInvalid` 10 (final). `NoSuchStore`, `ObjectNotFound`, `ObjectExists`
and `ObjectChanged` mean what the caller makes of them.
"""

from __future__ import annotations


class StoreError(Exception):
    """The store refused or failed; raised itself only for answers that no subclass stands for."""


class StoreAddressInvalid(StoreError):
    """The text given as `--store` is no address of a store."""


class NoSuchStore(StoreError):
    """The bucket, or the folder that should be read, does not exist."""


class ObjectNotFound(StoreError):
    """No object has this key."""


class ObjectExists(StoreError):
    """A create-only put found that an object has this key already."""


class ObjectChanged(StoreError):
    """A replacing put found another object than the one it was to replace: somebody else wrote or deleted it."""


class StoreUnreachable(StoreError):
    """The store cannot be reached or used now, retries included: network, 5xx, throttling, credentials missing or
    expired, disk full. The same call may succeed later.
    """


class StoreDenied(StoreError):
    """The store knows who asks and says no, or does not accept the identity; the same call will not succeed."""
