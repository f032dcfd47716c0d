"""Which jobs a run is for: `--job-id` and `--manifest`, or the variables that older systems set."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from debate_core import keys
from debate_core.ids import InvalidName, check_job_id
from debate_core.store import NoSuchStore, ObjectNotFound, StoreAddressInvalid, open_store


class InvalidSelection(ValueError):
    """The jobs asked for cannot be understood; the message says what to give."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What a run is for. job_ids, manifest: as `--job-id` and `--manifest`; output: as `--output`."""

    job_ids: list[str]
    manifest: str | None
    output: str | None


def with_older_variables(given: Selection, environ: Mapping[str, str]) -> Selection:
    """What was given, and where nothing was, what `JOB_IDS`, `MANIFEST_S3_URI` and `STATS_OUTPUT_S3_URI` say.

    JOB_IDS: ids with commas or spaces between. The output may be given with `statistics/` at its end, as the place
    where the files lie, or without. A variable that is empty says nothing.
    """
    job_ids, manifest, output = given.job_ids, given.manifest, given.output
    if not job_ids and not manifest:
        job_ids = [job_id for job_id in re.split(r"[,\s]+", environ.get("JOB_IDS", "")) if job_id]
        manifest = environ.get("MANIFEST_S3_URI", "").strip() or None
    if not output and (older := environ.get("STATS_OUTPUT_S3_URI", "").strip()):
        output = older.rstrip("/").removesuffix(f"/{keys.STAT_PREFIX.key().rstrip('/')}")
    return Selection(job_ids, manifest, output)


def read_manifest(uri: str) -> list[str]:
    """The ids in the JSON list at `s3://bucket/key`, `file:///path` or a path.

    Raises InvalidSelection where there is no such list, StoreError where the store cannot be used.
    """
    try:
        data = _read(uri)
    except (ObjectNotFound, NoSuchStore, OSError) as error:
        raise InvalidSelection(f"--manifest {uri}: cannot be read ({error}).") from error
    except (InvalidName, StoreAddressInvalid, ValueError) as error:  # ValueError: of urlsplit ("http://[")
        raise InvalidSelection(f"--manifest {uri}: {error}") from error
    try:
        return parse_manifest(data)
    except InvalidSelection as error:
        raise InvalidSelection(f"--manifest {uri}: {error}") from error


def parse_manifest(data: bytes) -> list[str]:
    """The ids in a JSON list of job ids, `jobs/<id>/` prefixes, `manifest/<id>.json` keys or manifest entries.

    Of an entry only its `job_id` counts: what may be public is decided by the entry in the store, which may be newer.
    Raises InvalidSelection.
    """
    try:
        items = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise InvalidSelection(f"not JSON ({error}).") from error
    if not isinstance(items, list):
        raise InvalidSelection("must be a JSON list of job ids, jobs/<id>/ prefixes or manifest entries.")
    return [_job_id(item, number) for number, item in enumerate(items, start=1)]


def checked(job_ids: list[str]) -> list[str]:
    """The ids, if all may name a job. Raises InvalidSelection."""
    try:
        return [check_job_id(job_id) for job_id in job_ids]
    except InvalidName as error:
        raise InvalidSelection(str(error)) from error


def _read(uri: str) -> bytes:
    parts = urlsplit(uri)
    if parts.scheme == "s3":
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        return open_store(f"s3://{bucket}").get(key)
    if parts.scheme == "file":
        return Path(url2pathname(parts.path)).read_bytes()
    return Path(uri).read_bytes()


def _job_id(item: object, number: int) -> str:
    text = item.get("job_id") if isinstance(item, dict) else item
    if not isinstance(text, str):
        raise InvalidSelection(f"item {number} is neither a job id, nor a jobs/<id>/ prefix, nor a manifest entry.")
    fields = keys.JOB_PREFIX.parse(text) or keys.MANIFEST.parse(text)
    try:
        return fields["job_id"] if fields else check_job_id(text)
    except InvalidName as error:
        raise InvalidSelection(f"item {number}: {error}") from error
