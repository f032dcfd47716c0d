"""The store's parts that need no store: part sizes, streams by range, waits, what an error means."""

from __future__ import annotations

import io
import itertools

import pytest
from botocore.exceptions import (
    ClientError,
    EndpointConnectionError,
    LoginTokenLoadError,
    NoAuthTokenError,
    NoCredentialsError,
    ParamValidationError,
    RefreshWithMFAUnsupportedError,
    UnauthorizedSSOTokenError,
)
from hypothesis import given
from hypothesis import strategies as st

from debate_core.store import RetryPolicy, StoreError, StoreUnreachable
from debate_core.store.s3_errors import is_transient, store_error
from debate_core.store.s3_reader import RangeReader
from debate_core.store.s3_upload import PART_BYTES, PARTS_MAX, part_bytes_for, read_full

TIB = 1 << 40


@given(st.integers(0, 5 * TIB))
def test_an_object_of_any_size_s3_allows_has_parts_that_s3_allows(size: int) -> None:
    part = part_bytes_for(size)
    assert PART_BYTES <= part <= 5 << 30
    assert -(-size // part) <= PARTS_MAX


def test_a_stream_of_unknown_length_has_the_smallest_parts() -> None:
    assert part_bytes_for(None) == PART_BYTES


class Dribble(io.BytesIO):
    """Gives three bytes at a time."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(min(3, 3 if size is None or size < 0 else size))


@given(st.binary(max_size=50), st.integers(1, 20))
def test_a_full_read_is_short_only_at_the_end(data: bytes, length: int) -> None:
    stream = Dribble(data)
    pieces = list(itertools.takewhile(bool, (read_full(stream, length) for _ in range(60))))
    assert b"".join(pieces) == data
    assert all(len(piece) == length for piece in pieces[:-1])


@given(st.binary(max_size=200), st.lists(st.tuples(st.integers(0, 250), st.integers(0, 250)), max_size=10))
def test_a_stream_by_range_reads_like_a_file(data: bytes, steps: list[tuple[int, int]]) -> None:
    stream = io.BufferedReader(RangeReader(lambda start, length: data[start : start + length], len(data)), 32)
    file = io.BytesIO(data)
    for position, length in steps:
        assert stream.seek(position) == file.seek(position)
        assert stream.read(length) == file.read(length)
        assert stream.tell() == file.tell()
    assert stream.read() == file.read()


def test_a_whole_stream_is_read_in_few_requests() -> None:
    requests = []

    def fetch(start: int, length: int) -> bytes:
        requests.append((start, length))
        return bytes(length)

    block = 8 << 20
    with io.BufferedReader(RangeReader(fetch, 2 * block + 1), block) as stream:
        assert len(stream.read()) == 2 * block + 1
    assert requests == [(0, block), (block, block), (2 * block, 1)]


def test_a_stream_cannot_be_sought_to_before_its_start() -> None:
    with pytest.raises(ValueError, match="before the object"):
        RangeReader(lambda start, length: b"", 10).seek(-1)


def test_waits_grow_within_their_limits_and_are_not_all_alike() -> None:
    runs = []
    for _ in range(50):
        waits: list[float] = []
        policy = RetryPolicy(attempts=6, first_wait_s=1.0, max_wait_s=5.0, sleep=waits.append)
        with pytest.raises(OSError, match="down"):
            policy.run(_down, again_if=lambda error: isinstance(error, OSError))
        runs.append(waits)
    for number, limit in enumerate([1.0, 2.0, 4.0, 5.0, 5.0]):
        of_call = [waits[number] for waits in runs]
        assert all(0 <= wait <= limit for wait in of_call)
        assert max(of_call) - min(of_call) > limit / 2  # full jitter: from nothing to the limit


def test_what_is_not_worth_it_is_not_tried_again() -> None:
    waits: list[float] = []
    with pytest.raises(OSError, match="down"):
        RetryPolicy(sleep=waits.append).run(_down, again_if=lambda error: isinstance(error, ValueError))
    assert waits == []


def _down() -> None:
    raise OSError("down")


def refused(status: int, code: str) -> ClientError:
    answer: dict[str, object] = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "GetObject")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("error", "transient"),
    [
        (refused(500, "InternalError"), True),
        (refused(503, "Whatever"), True),
        (refused(200, "InternalError"), True),  # CompleteMultipartUpload that failed after its headers
        (refused(409, "ConditionalRequestConflict"), True),
        (refused(409, "BucketNotEmpty"), False),
        (refused(400, "InvalidArgument"), False),
        (refused(403, "AccessDenied"), False),
        (refused(404, "NoSuchKey"), False),
        (refused(412, "PreconditionFailed"), False),
        (refused(501, "NotImplemented"), False),
        (EndpointConnectionError(endpoint_url="http://x"), True),
        (NoCredentialsError(), False),
        (ParamValidationError(report="x"), False),
        (KeyboardInterrupt(), False),
    ],
)
def test_which_errors_are_worth_another_try(error: BaseException, transient: bool) -> None:
    assert is_transient(error) is transient


@pytest.mark.parametrize(
    "error",
    [
        EndpointConnectionError(endpoint_url="http://x"),
        NoCredentialsError(),
        UnauthorizedSSOTokenError(),
        LoginTokenLoadError(error_msg="no token"),
        NoAuthTokenError(),
        RefreshWithMFAUnsupportedError(),
    ],
)
def test_errors_say_which_store_and_what_to_do(error: Exception) -> None:
    ours = store_error(error, store="s3://bucket/x", key="a")
    assert isinstance(ours, StoreUnreachable)
    assert "s3://bucket/x" in str(ours)


def test_a_request_that_was_never_made_is_no_outage() -> None:
    assert type(store_error(ParamValidationError(report="x"), store="s3://b", key="a")) is StoreError
