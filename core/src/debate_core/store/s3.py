"""The object store in an S3 bucket, AWS's or any server that speaks S3."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Callable, Container, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final, Literal, TypeVar, cast
from uuid import uuid4

from botocore.exceptions import ClientError

from debate_core.ids import InvalidName
from debate_core.keys import check_key, check_key_or_prefix, check_prefix
from debate_core.store.atomic import whole_file
from debate_core.store.base import ObjectInfo, ObjectStore, check_expiry, check_range
from debate_core.store.errors import (
    ObjectChanged,
    ObjectExists,
    ObjectNotFound,
    StoreAddressInvalid,
)
from debate_core.store.s3_client import S3Settings, connect
from debate_core.store.s3_errors import S3_ERRORS, code_of, denied_to_node, is_transient, status_of, store_error
from debate_core.store.s3_reader import BLOCK_BYTES, RangeReader
from debate_core.store.s3_upload import part_bytes_for, read_full, upload_parts

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import DeleteMarkerEntryTypeDef, HeadObjectOutputTypeDef

T = TypeVar("T")

_BUCKET: Final = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_PUT_ID: Final = "put-id"  # metadata that tells a writer its own object
_DELETE_MAX: Final = 1000  # keys in one DeleteObjects
_PARALLEL_BLOCKS: Final = 4  # of one download


class S3Store(ObjectStore):
    """Objects below `prefix` of a bucket. A reader without s3:ListBucket gets 403, not 404, for what is not there:
    the policy must grant it, else a missing object is `StoreDenied`.
    """

    def __init__(self, bucket: str, prefix: str, *, settings: S3Settings) -> None:
        if not _BUCKET.fullmatch(bucket):
            raise StoreAddressInvalid(f"{bucket[:80]!a} is no bucket name: give s3://bucket/prefix.")
        try:
            self._prefix: Final = f"{check_key(prefix)}/" if prefix else ""
        except InvalidName as error:
            raise StoreAddressInvalid(f"s3://{bucket}/... names no place for a store: {error}") from error
        self._bucket: Final = bucket
        self._client, self._as_node = connect(settings, store=self.uri)
        self._retry: Final = settings.retry
        self._bucket_seen = False

    @property
    def uri(self) -> str:
        return f"s3://{self._bucket}/{self._prefix}".rstrip("/")

    def put(
        self,
        key: str,
        data: bytes | BinaryIO,
        *,
        content_type: str | None = None,
        create_only: bool = False,
    ) -> ObjectInfo:
        if isinstance(data, bytes):
            return self._upload(key, io.BytesIO(data), len(data), content_type, create_only)
        return self._upload(key, data, None, content_type, create_only)

    def replace(self, key: str, data: bytes, *, etag: str | None, content_type: str | None = None) -> ObjectInfo:
        try:
            return self._upload(key, io.BytesIO(data), len(data), content_type, etag is None, if_match=etag)
        except (ObjectExists, ObjectNotFound) as error:  # AWS answers 404 where the object to replace is gone
            raise _changed(key) from error

    def put_file(
        self, key: str, path: Path, *, content_type: str | None = None, create_only: bool = False
    ) -> ObjectInfo:
        with path.open("rb") as source:
            size = os.fstat(source.fileno()).st_size
            return self._upload(key, source, size, content_type, create_only)

    def get(self, key: str) -> bytes:
        target = self._target(key)
        with self._typed_errors(key):
            return self._again(lambda: self._client.get_object(**target)["Body"].read())

    def get_range(self, key: str, start: int, length: int) -> bytes:
        check_range(start, length)
        if not length:
            self._head(key)
            return b""
        return self._get_range(key, start, length)

    def download(self, key: str, path: Path) -> ObjectInfo:
        info = self._info(key, self._head(key))

        def fetch(start: int) -> bytes:
            return self._get_range(key, start, BLOCK_BYTES, etag=info.etag)

        starts = iter(range(0, info.size, BLOCK_BYTES))
        with whole_file(path) as file, ThreadPoolExecutor(_PARALLEL_BLOCKS, "download") as pool:
            # In groups, not all at once: what is fetched and not yet written is held in memory.
            while group := [start for _, start in zip(range(_PARALLEL_BLOCKS), starts, strict=False)]:
                file.writelines(pool.map(fetch, group))
        return info

    def open(self, key: str) -> BinaryIO:
        info = self._info(key, self._head(key))
        raw = RangeReader(lambda start, length: self._get_range(key, start, length, etag=info.etag), info.size)
        return cast(BinaryIO, io.BufferedReader(raw, BLOCK_BYTES))

    def stat(self, key: str) -> ObjectInfo | None:
        try:
            return self._info(key, self._head(key))
        except ObjectNotFound:
            return None

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        check_prefix(prefix)
        return (info for page in self._pages(prefix) for info in page if _is_ours(info.key))

    def delete(self, key: str) -> None:
        target = self._target(key)
        with self._typed_errors(key):
            self._again(lambda: self._client.delete_object(**target))

    def delete_prefix(self, prefix: str) -> int:
        if not check_prefix(prefix):
            raise InvalidName("The empty prefix is refused: it would delete the whole store.")
        count = 0
        for page in self._pages(prefix):
            delete = partial(self._delete_all, [info.key for info in page])
            with self._typed_errors(prefix):
                self._again(delete)
            count += sum(_is_ours(info.key) for info in page)
        return count

    def deleted_at(self, key: str) -> datetime | None:
        """When an object was deleted that is deleted now; None without versions. Needs s3:ListBucketVersions."""
        full = self._prefix + check_key(key)
        return next((marker["LastModified"] for marker in self._delete_markers(key) if marker["Key"] == full), None)

    def undelete(self, key_or_prefix: str, *, since: datetime | None = None, leave: Container[str] = ()) -> None:
        """Bring back what was deleted: a key, or all under a prefix but the keys to leave. Only S3 has it, no folder.

        The delete markers are taken away, so that each object is again what it was, to its ETag and its time. since:
        only what was deleted then or later. Without versions there is nothing to bring back. Needs
        s3:ListBucketVersions and s3:DeleteObjectVersion, which no identity of ours has.
        """
        check_key_or_prefix(key_or_prefix)
        while markers := [
            marker
            for marker in self._delete_markers(key_or_prefix)
            if (key_or_prefix.endswith("/") or marker["Key"] == self._prefix + key_or_prefix)
            and marker["Key"].removeprefix(self._prefix) not in leave
            and (since is None or marker["LastModified"] >= since)
        ]:  # what was deleted twice has two of them
            for first in range(0, len(markers), _DELETE_MAX):
                batch = [
                    {"Key": marker["Key"], "VersionId": marker["VersionId"]}
                    for marker in markers[first : first + _DELETE_MAX]
                ]
                with self._typed_errors(key_or_prefix):
                    self._again(partial(self._delete_objects, batch))

    def presigned_url(self, key: str, *, expires_s: int, method: Literal["GET", "PUT"] = "GET") -> str:
        check_expiry(expires_s)
        target = self._target(key)
        operation: Literal["get_object", "put_object"] = "put_object" if method == "PUT" else "get_object"
        with self._typed_errors(key):
            return self._again(
                lambda: self._client.generate_presigned_url(operation, Params=target, ExpiresIn=expires_s)
            )

    def local_path(self, key: str) -> Path | None:
        check_key(key)
        return None

    def _target(self, key: str) -> dict[str, Any]:
        return {"Bucket": self._bucket, "Key": self._prefix + check_key(key)}

    def _again(self, call: Callable[[], T], /) -> T:
        return self._retry.run(call, again_if=is_transient)

    @contextmanager
    def _typed_errors(self, key: str) -> Iterator[None]:
        try:
            yield
        except S3_ERRORS as error:
            if self._as_node and status_of(error) in (401, 403):
                raise denied_to_node(error, store=self.uri) from error
            raise store_error(error, store=self.uri, key=key) from error

    def _upload(
        self,
        key: str,
        source: BinaryIO,
        size: int | None,
        content_type: str | None,
        create_only: bool,
        *,
        if_match: str | None = None,
    ) -> ObjectInfo:
        put_id = uuid4().hex
        create: dict[str, Any] = {"Metadata": {_PUT_ID: put_id}}
        if content_type:
            create["ContentType"] = content_type
        complete: dict[str, Any] = {"IfNoneMatch": "*"} if create_only else {}
        if if_match is not None:
            complete["IfMatch"] = f'"{if_match}"'
        target = self._target(key)
        part_bytes = part_bytes_for(size)
        first = read_full(source, part_bytes)
        fits = len(first) < part_bytes
        if create_only and not fits and self.exists(key):  # the last request decides; this spares the sending
            raise _exists(key)
        with self._typed_errors(key):
            try:
                if fits:
                    done: Any = self._again(lambda: self._client.put_object(**target, **create, **complete, Body=first))
                    size = len(first)
                else:
                    done, size = upload_parts(
                        self._client,
                        self._again,
                        bucket=target["Bucket"],
                        key=target["Key"],
                        first=first,
                        source=source,
                        create_args=create,
                        complete_args=complete,
                    )
            except ClientError as error:
                return self._settle(key, put_id, error)
        date = done["ResponseMetadata"]["HTTPHeaders"]["date"]
        return ObjectInfo(key, size, _plain_etag(done["ETag"]), parsedate_to_datetime(date))

    def _settle(self, key: str, put_id: str, error: ClientError) -> ObjectInfo:
        """The object of a put that was refused, if that very put has written it; else raise what the refusal means.

        A put may succeed and its answer be lost. The same request again then finds the key taken (412), or its
        upload gone (404): by itself.
        """
        taken = status_of(error) == 412
        if not taken and code_of(error) != "NoSuchUpload":
            raise error
        try:
            head = self._head(key)
        except ObjectNotFound:
            raise error from None
        if head["Metadata"].get(_PUT_ID) == put_id:
            return self._info(key, head)
        if taken:
            raise _exists(key) from error
        raise error

    def _head(self, key: str) -> HeadObjectOutputTypeDef:
        target = self._target(key)

        def call() -> HeadObjectOutputTypeDef:
            try:
                return self._client.head_object(**target)
            except ClientError as error:
                if status_of(error) in (400, 403):
                    # The answer to HEAD has no body to say why (expired credentials are a 400): ask by a request
                    # whose answer has one.
                    self._client.list_objects_v2(Bucket=self._bucket, Prefix=target["Key"], MaxKeys=1)
                raise

        try:
            with self._typed_errors(key):
                return self._again(call)
        except ObjectNotFound:
            self._require_bucket()
            raise

    def _info(self, key: str, head: HeadObjectOutputTypeDef) -> ObjectInfo:
        return ObjectInfo(key, head["ContentLength"], _plain_etag(head["ETag"]), head["LastModified"].astimezone(UTC))

    def _get_range(self, key: str, start: int, length: int, *, etag: str | None = None) -> bytes:
        """`etag`: of the only version that is meant; another one raises `StoreUnreachable`."""
        target = self._target(key) | {"Range": f"bytes={start}-{start + length - 1}"}
        if etag:
            target["IfMatch"] = f'"{etag}"'
        with self._typed_errors(key):
            try:
                return self._again(lambda: self._client.get_object(**target)["Body"].read())
            except ClientError as error:
                if status_of(error) == 416:  # it starts at or past the end
                    return b""
                raise

    def _pages(self, prefix: str) -> Iterator[Sequence[ObjectInfo]]:
        """All objects under the prefix, also those with keys that are not ours, up to 1,000 at a time."""
        request: dict[str, Any] = {"Bucket": self._bucket, "Prefix": self._prefix + prefix}
        while True:
            with self._typed_errors(""):
                page = self._again(lambda: self._client.list_objects_v2(**request))
            yield [
                ObjectInfo(
                    entry["Key"].removeprefix(self._prefix),
                    entry["Size"],
                    _plain_etag(entry["ETag"]),
                    entry["LastModified"].astimezone(UTC),
                )
                for entry in page.get("Contents", [])
            ]
            if not page["IsTruncated"]:
                return
            request["ContinuationToken"] = page["NextContinuationToken"]

    def _delete_markers(self, prefix: str) -> Iterator[DeleteMarkerEntryTypeDef]:
        """The latest of each key that has been deleted."""
        request: dict[str, Any] = {"Bucket": self._bucket, "Prefix": self._prefix + prefix}
        while True:
            with self._typed_errors(prefix):
                page = self._again(partial(self._client.list_object_versions, **request))
            yield from (marker for marker in page.get("DeleteMarkers", []) if marker["IsLatest"])
            if not page["IsTruncated"]:
                return
            request |= {"KeyMarker": page["NextKeyMarker"], "VersionIdMarker": page["NextVersionIdMarker"]}

    def _delete_all(self, keys: Sequence[str]) -> None:
        if keys:
            self._delete_objects([{"Key": self._prefix + key} for key in keys])

    def _delete_objects(self, objects: Any) -> None:
        done = self._client.delete_objects(Bucket=self._bucket, Delete={"Objects": objects, "Quiet": True})
        for failed in done.get("Errors", []):
            # One of the keys failed inside an answer that is a 200: give it the form of any other refusal.
            error: Any = {"Error": failed, "ResponseMetadata": {"HTTPStatusCode": 403}}
            raise ClientError(error, "DeleteObjects")

    def _require_bucket(self) -> None:
        """Raise `NoSuchStore` where a 404 meant the bucket: the answer to HEAD does not tell which."""
        if not self._bucket_seen:
            with self._typed_errors(""):
                self._again(lambda: self._client.head_bucket(Bucket=self._bucket))
            self._bucket_seen = True


def _is_ours(key: str) -> bool:
    try:
        check_key(key)
    except InvalidName:
        return False
    return True


def _plain_etag(etag: str) -> str:
    return etag.strip('"')


def _changed(key: str) -> ObjectChanged:
    return ObjectChanged(f"{key} was written or deleted by somebody else meanwhile: read it again.")


def _exists(key: str) -> ObjectExists:
    return ObjectExists(f"There is already an object {key} in the store.")
