"""Which jobs `--manifest` and `--job-id` mean."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from stats_builders import finish_job

from debate_core.store import open_store
from debate_stats.selection import (
    InvalidSelection,
    Selection,
    checked,
    parse_manifest,
    read_manifest,
    with_older_variables,
)


def test_a_manifest_holds_ids_prefixes_keys_and_entries(tmp_path: Path) -> None:
    entry = json.loads(finish_job(open_store(str(tmp_path)), "d").to_json())
    items = ["a", "jobs/b/", "manifest/c.json", entry]
    assert parse_manifest(json.dumps(items).encode()) == ["a", "b", "c", "d"]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"{", "not JSON"),
        (b"\xff", "not JSON"),
        (b"{}", "must be a JSON list"),
        (b"[1]", "item 1 is neither"),
        (b'["a", null]', "item 2 is neither"),
        (b'[{"id": "a"}]', "item 1 is neither"),
        (b'["jobs/../a/"]', "item 1: .* is no job id"),
        (b'["a", "A"]', "item 2: 'A' is no job id"),
    ],
)
def test_a_manifest_that_cannot_be_read_says_why(data: bytes, message: str) -> None:
    with pytest.raises(InvalidSelection, match=message):
        parse_manifest(data)


def test_a_manifest_is_read_from_a_path_and_a_uri(tmp_path: Path) -> None:
    path = tmp_path / "list.json"
    path.write_text('["a"]')
    assert read_manifest(str(path)) == ["a"]
    assert read_manifest(path.as_uri()) == ["a"]


@pytest.mark.parametrize("name", ["missing.json", ".", "file:///nonexistent/list.json", "s3:///x"])
def test_a_manifest_that_is_not_there_is_named(tmp_path: Path, name: str) -> None:
    uri = name if ":" in name else str(tmp_path / name)
    with pytest.raises(InvalidSelection, match="--manifest"):
        read_manifest(uri)


def test_ids_are_checked() -> None:
    assert checked(["a", "b-1"]) == ["a", "b-1"]
    with pytest.raises(InvalidSelection, match="no job id"):
        checked(["../a"])


NOTHING = Selection([], None, None)


@pytest.mark.parametrize(
    ("given", "environ", "expected"),
    [
        (NOTHING, {}, NOTHING),
        (NOTHING, {"JOB_IDS": "a, b  c,,d"}, Selection(["a", "b", "c", "d"], None, None)),
        (NOTHING, {"JOB_IDS": " , ", "MANIFEST_S3_URI": " ", "STATS_OUTPUT_S3_URI": ""}, NOTHING),
        (NOTHING, {"MANIFEST_S3_URI": "s3://b/m.json", "JOB_IDS": "a"}, Selection(["a"], "s3://b/m.json", None)),
        (Selection(["x"], None, None), {"JOB_IDS": "a", "MANIFEST_S3_URI": "s3://b/m"}, Selection(["x"], None, None)),
        (Selection([], "m.json", None), {"JOB_IDS": "a"}, Selection([], "m.json", None)),
        (NOTHING, {"STATS_OUTPUT_S3_URI": "s3://b/p"}, Selection([], None, "s3://b/p")),
        (NOTHING, {"STATS_OUTPUT_S3_URI": "s3://b/p/statistics/"}, Selection([], None, "s3://b/p")),
        (NOTHING, {"STATS_OUTPUT_S3_URI": "s3://b/statistics"}, Selection([], None, "s3://b")),
        (NOTHING, {"STATS_OUTPUT_S3_URI": "s3://b/my-statistics"}, Selection([], None, "s3://b/my-statistics")),
        (Selection([], None, "./x"), {"STATS_OUTPUT_S3_URI": "s3://b/p"}, Selection([], None, "./x")),
    ],
)
def test_older_variables_say_what_nothing_else_says(
    given: Selection, environ: dict[str, str], expected: Selection
) -> None:
    assert with_older_variables(given, environ) == expected
