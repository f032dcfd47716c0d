"""Which jobs `--manifest` and `--job-id` mean."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from stats_builders import finish_job

from debate_core.store import open_store
from debate_stats.selection import InvalidSelection, checked, parse_manifest, read_manifest


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
