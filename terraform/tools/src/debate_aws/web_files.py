"""The page in the bucket, below website/, where CloudFront reads it: what changed is put, what went is deleted."""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from botocore.exceptions import ClientError

from debate_aws.account import Account, error_code, explained
from debate_aws.say import Say, count

PREFIX: Final = "website/"
"""See terraform/modules/cdn/address.js. Nothing outside of it is written, listed or deleted."""

_FILES: Final = ("index.html", "icon.svg", "config.json")
_FOLDERS: Final = ("css/", "js/")
"""As web/nginx.conf names them; itself lies in the same folder."""

_CACHE: Final = "no-cache"
_TEXT: Final = ("text/css", "text/javascript", "application/json", "image/svg+xml", "text/html")


@dataclass(frozen=True)
class File:
    """One object of the page."""

    key: str
    body: bytes
    content_type: str

    @property
    def etag(self) -> str:
        """As S3 makes it of one part."""
        return f'"{hashlib.md5(self.body, usedforsecurity=False).hexdigest()}"'


def files(web: Path, config: Mapping[str, Any]) -> list[File]:
    """What belongs there. web: the folder web/. config: what the page says of itself.

    The page comes last: whoever loads it while it is being put must find what it names.
    """
    types = content_types((web / "nginx.conf").read_text(encoding="utf-8"))
    found = [
        File(PREFIX + name, _body(path, name, config), types[path.suffix.removeprefix(".")])
        for path in sorted(web.rglob("*"))
        if path.is_file() and _is_served(name := path.relative_to(web).as_posix(), path, types)
    ]
    return sorted(found, key=lambda file: file.key == f"{PREFIX}index.html")


def _is_served(name: str, path: Path, types: Mapping[str, str]) -> bool:
    """Not what editors and file managers leave beside: .DS_Store, index.html~."""
    known = not path.name.startswith(".") and path.suffix.removeprefix(".") in types
    return known and (name in _FILES or name.startswith(_FOLDERS))


def _body(path: Path, name: str, config: Mapping[str, Any]) -> bytes:
    if name == "config.json":
        return json.dumps(config, ensure_ascii=False, sort_keys=True).encode()
    return path.read_bytes()


def content_types(nginx: str) -> dict[str, str]:
    """Ending -> type with its charset, as nginx.conf has them: a browser that is told nosniff runs no other script."""
    block = re.search(r"types \{(.*?)\}", nginx, re.DOTALL)
    lines = re.findall(r"^\s*(\S+/\S+)\s+(.+?);", block.group(1) if block else "", re.MULTILINE)
    return {
        ending: f"{kind}; charset=utf-8" if kind in _TEXT else kind
        for kind, endings in lines
        for ending in endings.split()
    }


def publish(account: Account, bucket: str, distribution_id: str, wanted: list[File], say: Say) -> None:
    """Makes website/ that, and lets CloudFront forget what it kept. Raises AccountError."""
    s3 = account.client("s3")
    with explained(f"put the page into {bucket}"):
        there = set(_keys(s3, bucket))
        changed = [file for file in wanted if file.key not in there or not _is_so(s3, bucket, file)]
        gone = sorted(there - {file.key for file in wanted})
        for file in changed:
            s3.put_object(
                Bucket=bucket, Key=file.key, Body=file.body, ContentType=file.content_type, CacheControl=_CACHE
            )
        for key in gone:
            s3.delete_object(Bucket=bucket, Key=key)
    if not changed and not gone:
        say("page", f"{count(len(wanted), 'file')} in {bucket}/{PREFIX}: unchanged")
        return
    with explained(f"let CloudFront look again ({distribution_id})"):
        account.client("cloudfront").create_invalidation(
            DistributionId=distribution_id,
            InvalidationBatch={"Paths": {"Quantity": 1, "Items": ["/*"]}, "CallerReference": f"page-{time.time_ns()}"},
        )
    say("page", f"{len(changed)} of {count(len(wanted), 'file')} put into {bucket}/{PREFIX}, {len(gone)} deleted")


def _keys(s3: Any, bucket: str) -> Iterator[str]:
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=PREFIX):
        yield from (item["Key"] for item in page.get("Contents", []))


def _is_so(s3: Any, bucket: str, file: File) -> bool:
    try:
        head = s3.head_object(Bucket=bucket, Key=file.key)
    except ClientError as error:
        if error_code(error) in {"404", "NoSuchKey"}:
            return False
        raise
    return (head["ETag"], head.get("ContentType"), head.get("CacheControl")) == (file.etag, file.content_type, _CACHE)
