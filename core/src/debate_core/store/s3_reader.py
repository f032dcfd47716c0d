"""A seekable stream over an S3 object, read in blocks by byte range, so that each block can be asked for again."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

BLOCK_BYTES: Final = 8 << 20


class RangeReader(io.RawIOBase):
    """The raw half; wrap it in `io.BufferedReader` with a buffer of BLOCK_BYTES, or every small read is a request.

    fetch: (start, length) -> bytes of the object, all of the same version of it. size: of the object, bytes.
    """

    def __init__(self, fetch: Callable[[int, int], bytes], size: int) -> None:
        super().__init__()
        self._fetch = fetch
        self._size = size
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._size}[whence]
        if start + offset < 0:
            raise ValueError(f"cannot seek to {start + offset}, before the object")
        self._position = start + offset
        return self._position

    def tell(self) -> int:
        return self._position

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer).cast("B")
        length = min(len(view), max(0, self._size - self._position), BLOCK_BYTES)
        if not length:
            return 0
        data = self._fetch(self._position, length)
        view[: len(data)] = data
        self._position += len(data)
        return len(data)

    def readall(self) -> bytes:
        # The inherited one reads a few KiB at a time: thousands of requests.
        pieces = []
        while data := self.read(BLOCK_BYTES):
            pieces.append(data)
        return b"".join(pieces)
