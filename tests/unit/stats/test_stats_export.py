"""The tables of an export, and the files they become."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pyarrow.parquet
import pytest
from stats_exported import HOSTILE, exported_store, unpublish

from debate_core import keys
from debate_core.documents.statistics import SpeakerStatistics, Totals
from debate_core.store import FolderStore, ObjectStore
from debate_stats.export_files import csv_bytes, parquet_bytes, write_csv
from debate_stats.export_postgresql import connection_options, database_url
from debate_stats.export_tables import TABLES, NothingToExport, read_tables
from debate_stats.selection import InvalidSelection


@pytest.fixture
def store(tmp_path: Path) -> ObjectStore:
    return exported_store(tmp_path / "store")


def test_every_figure_has_a_column() -> None:
    columns = {table.name: table.columns for table in TABLES}
    assert columns["debates"].keys() > set(Totals.model_fields)
    assert columns["speakers"].keys() > set(SpeakerStatistics.model_fields)
    assert columns["debates"]["overlap_seconds"] == "number"
    assert columns["debates"]["questions"] == "integer"
    assert columns["speakers"]["first_second"] == "number"
    assert columns["speakers"]["patience_count"] == "integer"
    assert columns["speakers"]["person"] == "text"


def test_rows_are_what_is_published(store: ObjectStore) -> None:
    tables = read_tables(store)
    for table in TABLES:
        assert tables[table.name]
        for row in tables[table.name]:
            assert list(row) == list(table.columns)
    assert [row["job_id"] for row in tables["debates"]] == ["council", "other"]
    assert [row["interruptions"] for row in tables["debates"]] == [2, None]
    assert [(row["number"], row["by_label"], row["at_seconds"]) for row in tables["interruptions"]] == [
        (1, "SPEAKER_00", 1.5),
        (2, "SPEAKER_00", 12.25),
    ]
    assert [(row["person"], row["speaking_seconds"]) for row in tables["people"]] == [("ada", 40)]
    assert [(row["job_id"], row["labels"]) for row in tables["appearances"]] == [
        ("council", "SPEAKER_00"),
        ("other", "SPEAKER_00"),
    ]


def test_a_debate_that_vanishes_meanwhile_is_left_out_with_those_sums(store: ObjectStore) -> None:
    store.delete(keys.STAT_BY_JOB.key(job_id="council"))
    tables = read_tables(store)
    assert [row["job_id"] for row in tables["debates"]] == ["other"]
    assert (tables["people"], tables["appearances"]) == ([], [])


def test_what_is_taken_down_is_not_exported(store: ObjectStore) -> None:
    unpublish(store, "council")
    assert not [row for rows in read_tables(store).values() for row in rows if "council" in row.values()]


def test_what_cannot_be_read_is_said(store: ObjectStore, tmp_path: Path) -> None:
    store.put(keys.STAT_BY_JOB.key(job_id="council"), b"{")
    with pytest.raises(NothingToExport, match="council: "):
        read_tables(store)
    store.put(keys.STAT_INDEX.key(), b"{")
    with pytest.raises(NothingToExport, match=r"statistics/index\.json: "):
        read_tables(store)


def test_csv_has_a_line_a_row_and_nothing_that_a_spreadsheet_runs(store: ObjectStore, tmp_path: Path) -> None:
    tables = read_tables(store)
    write_csv(FolderStore(tmp_path / "csv"), tables)
    for table in TABLES:
        data = (tmp_path / "csv" / f"{table.name}.csv").read_bytes()
        lines = list(csv.reader(io.StringIO(data.decode(), newline="")))
        assert lines[0] == list(table.columns)
        assert len(lines) == len(tables[table.name]) + 1
        for cell in (cell for line in lines for cell in line if cell):
            assert cell[0] not in "=+@\t\r\n" and (cell[0] != "-" or float(cell) < 0)  # noqa: PT018
    debates = list(csv.DictReader(io.StringIO((tmp_path / "csv/debates.csv").read_bytes().decode(), newline="")))
    assert [row["title"] for row in debates] == [f"'{HOSTILE}", "Žluťoučký kůň"]
    assert debates[0]["completed_at"] == "2026-11-22T12:00:00+00:00"
    assert debates[1]["overlap_seconds"] == ""


def test_parquet_has_the_values_and_their_types(store: ObjectStore) -> None:
    tables = read_tables(store)
    for table in TABLES:
        read = pyarrow.parquet.read_table(io.BytesIO(parquet_bytes(table, tables[table.name])))
        assert read.to_pylist() == [dict(row) for row in tables[table.name]]
        empty = pyarrow.parquet.read_table(io.BytesIO(parquet_bytes(table, [])))
        assert (empty.schema, empty.num_rows) == (read.schema, 0)
        assert csv_bytes(table, []).decode() == ",".join(table.columns) + "\r\n"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql://u:p%40%2F@h:1/d", {"user": "u", "password": "p@/", "host": "h", "port": 1, "ssl_context": None}),
        ("postgres://u@h/d?sslmode=disable", {"password": None, "port": 5432, "ssl_context": False}),
        ("postgresql://u@h/d?sslmode=require", {"ssl_context": True}),
        ("postgresql://u@/d?host=/run/pg", {"unix_sock": "/run/pg/.s.PGSQL.5432", "database": "d"}),
    ],
)
def test_an_address_is_understood(url: str, expected: dict[str, object]) -> None:
    options = connection_options(url)
    assert {name: options[name] for name in expected} == expected


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mysql://u:secret@h/d",
        "postgresql://h/d",
        "postgresql://u:secret@h",
        "postgresql://u:secret@h:port/d",
        "postgresql://u:se#cret@h/d",
        "postgresql://u:secret@h/d?sslmode=maybe",
        "postgresql://u:secret@h/d?other=1",
        "postgresql://u:secret@h/d?sslmode=verify-full&sslrootcert=/nowhere",
    ],
)
def test_an_address_that_cannot_be_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(InvalidSelection) as caught:
        connection_options(url)
    assert "secret" not in str(caught.value)


def test_the_address_comes_from_a_variable_or_a_file(tmp_path: Path) -> None:
    (tmp_path / "url").write_text("postgresql://u@h/file\n")
    named = {"DEBATE_POSTGRES_URL_FILE": str(tmp_path / "url")}
    assert database_url(named) == "postgresql://u@h/file"
    assert database_url(named | {"DEBATE_POSTGRES_URL": "postgresql://u@h/variable"}) == "postgresql://u@h/variable"
    for environ in ({}, {"DEBATE_POSTGRES_URL_FILE": str(tmp_path / "missing")}):
        with pytest.raises(InvalidSelection, match="DEBATE_POSTGRES_URL"):
            database_url(environ)
