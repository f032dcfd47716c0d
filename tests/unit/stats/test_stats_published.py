"""What is published: strict JSON with sorted keys, valid by its schema, with all that the figures depend on."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from stats_builders import NOW, finish_job

from debate_core.documents import schemas
from debate_core.store import FolderStore, ObjectStore
from debate_stats.parameters import Parameters
from debate_stats.run import run


@pytest.fixture
def store(tmp_path: Path) -> ObjectStore:
    store = FolderStore(tmp_path)
    finish_job(store)
    run(store, store, job_ids=None, now=NOW)
    return store


@pytest.mark.parametrize(
    ("key", "schema"),
    [
        ("statistics/by-job/council.json", "statistics"),
        ("statistics/index.json", "statistics-index"),
        ("statistics/summary.json", "statistics-summary"),
    ],
)
def test_a_document_is_of_its_schema_and_its_keys_are_sorted(store: ObjectStore, key: str, schema: str) -> None:
    text = store.get(key).decode()
    document = json.loads(text, parse_constant=_refuse)
    jsonschema.Draft202012Validator(json.loads(schemas.schema(schema))).validate(document)
    assert text == json.dumps(document, ensure_ascii=False, separators=(",", ":"), sort_keys=True) + "\n"


def test_everything_that_the_figures_depend_on_is_in_them(store: ObjectStore) -> None:
    document = json.loads(store.get("statistics/by-job/council.json"))
    assert document["parameters"] == Parameters().published()
    assert document["inputs"]
    assert all(item["etag"] for item in document["inputs"])


def test_the_language_of_the_report_decides_the_formulas(store: ObjectStore) -> None:
    """The job's words say English, its report Czech, which knows better."""
    document = json.loads(store.get("statistics/by-job/council.json"))
    assert document["language"] == "cs"
    assert [row["fillers_per_100_words"] for row in document["speakers"]] == [0, 0]
    assert document["interruptions"] == document["butt_ins"] == []


def _refuse(constant: str) -> None:
    raise AssertionError(f"{constant} is no JSON")
