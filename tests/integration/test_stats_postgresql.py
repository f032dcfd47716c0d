"""`debate-stats export --format postgresql` into a real PostgreSQL: schema, upsert, takedown, and what goes wrong."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

import pytest
from pg8000.native import Connection
from postgresql import NoPostgreSQL, PostgreSQL
from stats_exported import exported_store, unpublish

from debate_core.store import ObjectStore
from debate_stats import export_postgresql
from debate_stats.export_postgresql import DatabaseFailed, DatabaseUnreachable, connection_options, export, migrate
from debate_stats.export_tables import TABLES, read_tables

COMMAND = Path(sys.executable).with_name("debate-stats")
KINDS = {"text": "text", "bigint": "integer", "double precision": "number", "timestamp with time zone": "time"}


@pytest.fixture(scope="module")
def server() -> Iterator[PostgreSQL]:
    try:
        server = PostgreSQL()
    except NoPostgreSQL as missing:
        pytest.fail(str(missing))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def url(server: PostgreSQL) -> str:
    """An empty database, by TCP and password."""
    name = f"test_{uuid4().hex}"
    password = quote(server.password, safe="")
    with Connection(**connection_options(f"postgresql://owner:{password}@127.0.0.1:{server.port}/postgres")) as owner:
        owner.run(f"CREATE DATABASE {name}")
    return f"postgresql://owner:{password}@127.0.0.1:{server.port}/{name}"


@pytest.fixture
def store(tmp_path: Path) -> ObjectStore:
    return exported_store(tmp_path / "store")


def ask(url: str, sql: str) -> list[list[object]]:
    with Connection(**connection_options(url)) as connection:
        connection.run(f"SET search_path TO {export_postgresql.SCHEMA}")
        rows: list[list[object]] = connection.run(sql)
        return rows


def contents(url: str) -> dict[str, list[list[object]]]:
    return {
        table.name: ask(url, f"SELECT {', '.join(table.columns)} FROM {table.name} ORDER BY {', '.join(table.key)}")
        for table in TABLES
    }


def _without_nul(value: object) -> object:
    """PostgreSQL's text has none; and a time is a time, whoever made it."""
    return value.replace("\0", "") if isinstance(value, str) else value


def test_the_database_has_what_is_published(store: ObjectStore, url: str) -> None:
    tables = read_tables(store)
    assert export(url, tables) == {table.name: len(tables[table.name]) for table in TABLES}
    found = contents(url)
    for table in TABLES:
        rows = [[_without_nul(row[name]) for name in table.columns] for row in tables[table.name]]
        assert found[table.name] == sorted(
            rows, key=lambda row: [row[list(table.columns).index(name)] for name in table.key]
        )
        assert rows
    assert ask(url, "SELECT version FROM schema_version") == [[len(export_postgresql.MIGRATIONS)]]


def test_the_schema_has_the_tables_columns(store: ObjectStore, url: str) -> None:
    export(url, read_tables(store))
    for table in TABLES:
        found = ask(
            url,
            "SELECT column_name, data_type FROM information_schema.columns "
            f"WHERE table_schema = 'debates' AND table_name = '{table.name}'",
        )
        assert {str(name): KINDS[str(kind)] for name, kind in found} == table.columns


def test_the_same_again_writes_no_row(store: ObjectStore, url: str) -> None:
    export(url, read_tables(store))
    before = {table.name: ask(url, f"SELECT xmin, ctid FROM {table.name}") for table in TABLES}
    export(url, read_tables(store))
    assert before == {table.name: ask(url, f"SELECT xmin, ctid FROM {table.name}") for table in TABLES}


def test_what_changed_is_updated_and_what_was_withdrawn_is_deleted(store: ObjectStore, url: str) -> None:
    export(url, read_tables(store))
    unpublish(store, "council")
    export(url, read_tables(store))
    found = contents(url)
    assert [row[0] for row in found["debates"]] == ["other"]
    assert not [row for rows in found.values() for row in rows if "council" in row]
    unpublish(store, "other")
    export(url, read_tables(store))
    assert contents(url) == {table.name: [] for table in TABLES}


def test_two_exports_at_once_end_right(store: ObjectStore, url: str) -> None:
    tables = read_tables(store)
    failed: list[BaseException] = []

    def work() -> None:
        try:
            export(url, tables)
        except BaseException as error:  # noqa: BLE001 - told to the test below
            failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert len(contents(url)["debates"]) == 2


def test_a_later_version_adds_to_what_is_there(store: ObjectStore, url: str) -> None:
    export(url, read_tables(store))
    before = contents(url)
    with Connection(**connection_options(url)) as connection:
        migrate(connection, [*export_postgresql.MIGRATIONS, "ALTER TABLE debates ADD COLUMN place text"])
    assert ask(url, "SELECT version FROM schema_version ORDER BY version") == [[1], [2]]
    assert contents(url) == before
    with pytest.raises(DatabaseFailed, match="version 2, made by a later release"):
        export(url, read_tables(store))


def test_a_version_that_fails_leaves_the_schema_as_it_was(store: ObjectStore, url: str) -> None:
    export(url, read_tables(store))
    broken = "ALTER TABLE debates ADD COLUMN place text; ALTER TABLE nothing ADD COLUMN x text"
    with Connection(**connection_options(url)) as connection:
        with pytest.raises(Exception, match="nothing"):
            migrate(connection, [*export_postgresql.MIGRATIONS, broken])
        migrate(connection, export_postgresql.MIGRATIONS)
    assert ask(url, "SELECT version FROM schema_version") == [[1]]


def test_by_the_socket(store: ObjectStore, url: str, server: PostgreSQL) -> None:
    assert export(f"{url}?host={quote(str(server.folder))}", read_tables(store))["debates"] == 2


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (lambda url: url.replace("owner:", "owner:wrong"), DatabaseFailed, "password authentication failed"),
        (lambda url: url + "x", DatabaseFailed, "does not exist"),
        (lambda url: url + "?sslmode=require", DatabaseUnreachable, "refuses SSL"),
        (lambda url: url.replace("127.0.0.1:", "127.0.0.1:1"), DatabaseUnreachable, "does not answer"),
    ],
    ids=["password", "database", "no encryption", "port"],
)
def test_what_is_wrong_is_said_without_the_password(
    url: str, server: PostgreSQL, change: Callable[[str], str], error: type[Exception], message: str
) -> None:
    if "127.0.0.1:1" in change(url):
        url = f"postgresql://owner:{quote(server.password, safe='')}@127.0.0.1:1/x"
        change = str
    with pytest.raises(error, match=message) as caught:
        export(change(url), {})
    assert server.password not in str(caught.value)
    assert quote(server.password, safe="") not in str(caught.value)


def test_the_command_reads_the_address_from_a_variable_or_a_file(store: ObjectStore, url: str, tmp_path: Path) -> None:
    (tmp_path / "url").write_text(url + "\n")
    command = [COMMAND, "export", "--store", store.uri, "--format", "postgresql"]
    plain = {name: value for name, value in os.environ.items() if not name.startswith("DEBATE_")}
    for variables in ({"DEBATE_POSTGRES_URL": url}, {"DEBATE_POSTGRES_URL_FILE": str(tmp_path / "url")}):
        done = subprocess.run(command, env=plain | variables, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr.splitlines()[-1][:21]) == (0, "Exported: 2 debates, ")
    done = subprocess.run(command, env=plain, capture_output=True, text=True, check=False)
    assert done.returncode == 10
    assert "DEBATE_POSTGRES_URL" in done.stderr
