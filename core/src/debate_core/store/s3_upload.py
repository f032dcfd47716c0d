"""One object of any size into S3: a single PUT where it fits, else a multipart upload of parts held in memory.

Not s3transfer: it cannot make a multipart upload create-only (it knows no IfNoneMatch for CompleteMultipartUpload)
and tells no ETag. A part is read into memory before it is sent, so each can be sent again, whatever the source was.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Any, BinaryIO, Final, Protocol, TypeVar

from debate_core.store.errors import StoreError
from debate_core.store.s3_errors import S3_ERRORS

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef

T = TypeVar("T")

PART_BYTES: Final = 8 << 20
PARTS_MAX: Final = 10_000  # S3's limit
_PARALLEL: Final = 4  # parts in flight: at most 5 x PART_BYTES in memory for objects up to 78 GiB


class Again(Protocol):
    """Runs a request, again while that makes sense."""

    def __call__(self, call: Callable[[], T], /) -> T: ...


def part_bytes_for(size: int | None) -> int:
    """The size of a part such that an object of `size` bytes (None: unknown) has at most 10,000 of them."""
    return max(PART_BYTES, -(-(size or 0) // PARTS_MAX))


def read_full(source: BinaryIO, length: int) -> bytes:
    """`length` bytes, fewer only at the end: a pipe or a response may give less at a time."""
    data = source.read(length)
    if len(data) == length or not data:
        return data
    pieces = [data]
    missing = length - len(data)
    while missing and (data := source.read(missing)):
        pieces.append(data)
        missing -= len(data)
    return b"".join(pieces)


def upload_parts(
    client: S3Client,
    again: Again,
    *,
    bucket: str,
    key: str,
    first: bytes,
    source: BinaryIO,
    create_args: dict[str, Any],
    complete_args: dict[str, Any],
) -> tuple[dict[str, Any], int]:
    """Upload `first` and the rest of `source` in parts as large as `first`; S3's answer and the object's bytes.

    Raises what `again` raises. On any exception the upload is aborted, so that its parts do not stay and cost.
    """
    # With each part's checksum in the final request, S3 verifies the whole; as s3transfer does it.
    checked = client.meta.config.request_checksum_calculation == "when_supported"  # type: ignore[attr-defined]
    algorithm: dict[str, Any] = {"ChecksumAlgorithm": "CRC32"} if checked else {}
    target: dict[str, Any] = {"Bucket": bucket, "Key": key}
    target["UploadId"] = again(lambda: client.create_multipart_upload(**target, **algorithm, **create_args))["UploadId"]
    size = 0

    def send(number: int, data: bytes) -> CompletedPartTypeDef:
        sent = again(lambda: client.upload_part(**target, PartNumber=number, Body=data, **algorithm))
        part: CompletedPartTypeDef = {"PartNumber": number, "ETag": sent["ETag"]}
        if checksum := sent.get("ChecksumCRC32"):
            part["ChecksumCRC32"] = checksum
        return part

    try:
        parts: list[CompletedPartTypeDef] = []
        in_flight: deque[Future[CompletedPartTypeDef]] = deque()
        with ThreadPoolExecutor(_PARALLEL, thread_name_prefix="upload") as pool:
            for number, data in enumerate(_parts(first, source), start=1):
                if number > PARTS_MAX:
                    raise StoreError(f"{key} is a stream of more than {size} bytes: write it to a file first.")
                if len(in_flight) == _PARALLEL:
                    parts.append(in_flight.popleft().result())
                in_flight.append(pool.submit(send, number, data))
                size += len(data)
            parts += [future.result() for future in in_flight]
        done = again(
            lambda: client.complete_multipart_upload(**target, MultipartUpload={"Parts": parts}, **complete_args)
        )
    except BaseException:
        # Not tried again: the reason to abort may be that the store is gone. The bucket's rule for unfinished
        # uploads ends what this leaves.
        with suppress(*S3_ERRORS):
            client.abort_multipart_upload(**target)
        raise
    return dict(done), size


def _parts(first: bytes, source: BinaryIO) -> Iterator[bytes]:
    data = first
    while data:
        yield data
        data = read_full(source, len(first))
