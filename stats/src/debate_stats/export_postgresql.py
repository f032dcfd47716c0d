"""Tables in PostgreSQL, in the schema `debates`, which this module makes and keeps up to date.

One transaction brings all tables to what is published: rows that are new or differ are written, rows of what is not
public any more are deleted. Readers see it before or after.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

from pg8000.exceptions import DatabaseError, InterfaceError
from pg8000.native import Connection

from debate_stats.export_tables import TABLES, Row, Table
from debate_stats.selection import InvalidSelection

SCHEMA: Final = "debates"
URL_VARIABLE: Final = "DEBATE_POSTGRES_URL"
FILE_VARIABLE: Final = "DEBATE_POSTGRES_URL_FILE"

_LOCK: Final = 0x64656261746573  # "debates": two exports at once go one after the other
_CONNECT_TIMEOUT_S: Final = 30
_TYPES: Final = {"text": "text", "integer": "bigint", "number": "double precision", "time": "timestamptz"}

MIGRATIONS: Final = (
    """
    CREATE TABLE debates (
        job_id text PRIMARY KEY, title text NOT NULL, source_url text, language text,
        completed_at timestamptz NOT NULL, generated_at timestamptz NOT NULL,
        duration_seconds double precision, speech_seconds double precision, silence_seconds double precision,
        overlap_seconds double precision, overlap_ratio double precision, speakers bigint, segments bigint,
        words bigint, turns bigint, mean_turn_seconds double precision, median_turn_seconds double precision,
        longest_turn_seconds double precision, switches_per_minute double precision, floor_transfers bigint,
        median_floor_transfer_seconds double precision, questions bigint, balance double precision,
        unknown_seconds double precision, unknown_share double precision, mean_confidence double precision,
        low_confidence_seconds double precision, low_confidence_share double precision, untimed_segments bigint,
        interruptions bigint, butt_ins bigint
    );
    CREATE TABLE speakers (
        job_id text REFERENCES debates ON DELETE CASCADE, label text, name text, person text,
        speaking_seconds double precision, share_of_speech double precision, share_of_duration double precision,
        segments bigint, words bigint, share_of_words double precision, words_per_minute double precision,
        mean_confidence double precision, low_confidence_seconds double precision, turns bigint,
        mean_turn_seconds double precision, median_turn_seconds double precision,
        longest_turn_seconds double precision, median_patience_seconds double precision, patience_count bigint,
        questions bigint, fillers_per_100_words double precision, mtld double precision, hdd double precision,
        mattr double precision, flesch_reading_ease double precision, flesch_kincaid_grade double precision,
        overlap_seconds double precision, first_second double precision,
        PRIMARY KEY (job_id, label)
    );
    CREATE TABLE interruptions (
        job_id text REFERENCES debates ON DELETE CASCADE, kind text, number bigint,
        by_label text NOT NULL, of_label text NOT NULL, at_seconds double precision NOT NULL,
        PRIMARY KEY (job_id, kind, number)
    );
    CREATE TABLE people (
        person text PRIMARY KEY, name text NOT NULL, speaking_seconds double precision,
        share_of_speech double precision, words bigint, words_per_minute double precision, turns bigint,
        questions bigint, interruptions_made bigint, interruptions_received bigint
    );
    CREATE TABLE appearances (
        person text REFERENCES people ON DELETE CASCADE, job_id text REFERENCES debates ON DELETE CASCADE,
        speaking_seconds double precision, share_of_speech double precision, words bigint,
        words_per_minute double precision, turns bigint, questions bigint, interruptions_made bigint,
        interruptions_received bigint, first_second double precision, labels text NOT NULL,
        PRIMARY KEY (person, job_id)
    );
    """,
)
"""The schema's versions, from nothing to 1, from 1 to 2 and so on: one that was released never changes."""


class DatabaseFailed(Exception):
    """The database cannot be used; the message says why, without the password."""


class DatabaseUnreachable(DatabaseFailed):
    """It does not answer: later it may."""


def database_url(environ: Mapping[str, str]) -> str:
    """The URL in DEBATE_POSTGRES_URL, or in the file that DEBATE_POSTGRES_URL_FILE names. Raises InvalidSelection.

    Never an argument: it holds a password, and every user of a machine sees the arguments of its processes.
    """
    if url := environ.get(URL_VARIABLE, "").strip():
        return url
    if path := environ.get(FILE_VARIABLE, "").strip():
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise InvalidSelection(f"{FILE_VARIABLE}={path}: cannot be read ({type(error).__name__}).") from error
    raise InvalidSelection(
        f"PostgreSQL needs {URL_VARIABLE}=postgresql://user:password@host:5432/database, or {FILE_VARIABLE} with the "
        "path of a file that holds it."
    )


def export(url: str, tables: Mapping[str, Sequence[Row]]) -> dict[str, int]:
    """Make the database what the tables say; how many rows each has. Raises InvalidSelection, DatabaseFailed."""
    options = connection_options(url)
    try:
        connection = Connection(**options, timeout=_CONNECT_TIMEOUT_S, application_name="debate-stats")
    except (InterfaceError, OSError) as error:
        raise DatabaseUnreachable(f"PostgreSQL does not answer: {_said(error)}") from error
    except DatabaseError as error:
        raise DatabaseFailed(f"PostgreSQL refuses the connection: {_said(error)}") from error
    try:
        migrate(connection, MIGRATIONS)
        _write(connection, tables)
    except DatabaseError as error:
        raise DatabaseFailed(f"PostgreSQL refuses the export: {_said(error)}") from error
    except (InterfaceError, OSError) as error:
        raise DatabaseUnreachable(f"PostgreSQL broke off: {_said(error)}") from error
    finally:
        connection.close()
    return {table.name: len(tables[table.name]) for table in TABLES}


def connection_options(url: str) -> dict[str, Any]:
    """What pg8000 takes, of a `postgresql://user:password@host:port/database?sslmode=...`. Raises InvalidSelection.

    sslmode: `disable`, `prefer` (the default), `require` (encrypted, to whomever) or `verify-full` (certificate and
    host name, by the system's or by `sslrootcert`). host: instead of a host in front, the folder of a Unix socket.
    """
    try:
        parts = urlsplit(url)
        query = {name: values[-1] for name, values in parse_qs(parts.query, strict_parsing=bool(parts.query)).items()}
        port = parts.port or 5432
    except ValueError as error:
        raise InvalidSelection(
            "The PostgreSQL URL cannot be read: characters such as @ / # must be %-encoded."
        ) from error
    if parts.scheme not in ("postgresql", "postgres") or not parts.username or not parts.path.strip("/"):
        raise InvalidSelection("The PostgreSQL URL must be postgresql://user:password@host:5432/database.")
    unknown = query.keys() - {"sslmode", "sslrootcert", "host"}
    mode = query.get("sslmode", "prefer")
    if unknown or mode not in ("disable", "prefer", "require", "verify-full"):
        allowed = "sslmode=disable|prefer|require|verify-full, sslrootcert=FILE and host=FOLDER"
        raise InvalidSelection(f"The PostgreSQL URL has options that are unknown here; it may have {allowed}.")
    options: dict[str, Any] = {
        "user": unquote(parts.username),
        "password": unquote(parts.password) if parts.password is not None else None,
        "database": unquote(parts.path[1:]),
    }
    if folder := query.get("host"):
        return options | {"unix_sock": f"{folder}/.s.PGSQL.{port}", "ssl_context": False}
    return options | {"host": parts.hostname or "localhost", "port": port, "ssl_context": _ssl(mode, query)}


def migrate(connection: Connection, migrations: Sequence[str]) -> None:
    """Bring the schema to the last version, each step in a transaction of its own.

    Raises DatabaseFailed where the schema is of a later release.
    """
    for version in range(len(migrations) + 1):
        connection.run("BEGIN")
        try:
            connection.run("SELECT pg_advisory_xact_lock(:lock)", lock=_LOCK)
            if version == 0:
                connection.run(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
                connection.run(
                    f"CREATE TABLE IF NOT EXISTS {SCHEMA}.schema_version "
                    "(version bigint PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())"
                )
            rows = connection.run(f"SELECT coalesce(max(version), 0) FROM {SCHEMA}.schema_version")  # noqa: S608
            now = int(rows[0][0])
            if now > len(migrations):
                raise DatabaseFailed(
                    f"{SCHEMA} is of version {now}, made by a later release (this one knows up to {len(migrations)}): "
                    "upgrade debate-stats."
                )
            if version == now + 1:
                connection.run(f"SET LOCAL search_path TO {SCHEMA}")
                for statement in migrations[version - 1].split(";"):
                    if statement.strip():
                        connection.run(statement)
                connection.run(f"INSERT INTO {SCHEMA}.schema_version (version) VALUES (:v)", v=version)  # noqa: S608
            connection.run("COMMIT")
        except BaseException:
            _roll_back(connection)
            raise


def _write(connection: Connection, tables: Mapping[str, Sequence[Row]]) -> None:
    connection.run("BEGIN")
    try:
        connection.run("SELECT pg_advisory_xact_lock(:lock)", lock=_LOCK)
        connection.run(f"SET LOCAL search_path TO {SCHEMA}")
        for table in TABLES:  # in this order: what is referred to comes first
            rows = _json(tables[table.name])
            connection.run(_upsert(table), rows=rows)
            connection.run(_delete_others(table), rows=rows)
        connection.run("COMMIT")
    except BaseException:
        _roll_back(connection)
        raise


def _roll_back(connection: Connection) -> None:
    with suppress(InterfaceError, OSError):  # the connection broke off: PostgreSQL does it by itself
        connection.run("ROLLBACK")


def _upsert(table: Table) -> str:
    """Rows that are as they were are not written again: readers' snapshots and triggers see real changes alone."""
    names = ", ".join(table.columns)
    others = [name for name in table.columns if name not in table.key]
    return (
        f"INSERT INTO {table.name} ({names}) SELECT {names} FROM {_recordset(table)} "  # noqa: S608
        f"ON CONFLICT ({', '.join(table.key)}) "
        f"DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in others)} "
        f"WHERE ({', '.join(f'{table.name}.{name}' for name in others)}) "
        f"IS DISTINCT FROM ({', '.join(f'excluded.{name}' for name in others)})"
    )


def _delete_others(table: Table) -> str:
    same = " AND ".join(f"given.{name} = {table.name}.{name}" for name in table.key)
    return f"DELETE FROM {table.name} WHERE NOT EXISTS (SELECT FROM {_recordset(table)} WHERE {same})"  # noqa: S608


def _recordset(table: Table) -> str:
    columns = ", ".join(f"{name} {_TYPES[kind]}" for name, kind in table.columns.items())
    return f"jsonb_to_recordset(CAST(:rows AS jsonb)) AS given({columns})"


def _json(rows: Sequence[Row]) -> str:
    """Without NUL characters, which PostgreSQL's text cannot hold."""

    def plain(value: object) -> object:
        if isinstance(value, str):
            return value.replace("\x00", "")
        return value.isoformat() if isinstance(value, datetime) else value

    return json.dumps([{name: plain(value) for name, value in row.items()} for row in rows], allow_nan=False)


def _ssl(mode: str, query: Mapping[str, str]) -> ssl.SSLContext | bool | None:
    if mode == "verify-full":
        try:
            return ssl.create_default_context(cafile=query.get("sslrootcert"))
        except OSError as error:
            raise InvalidSelection(f"sslrootcert={query.get('sslrootcert')} cannot be read.") from error
    return {"disable": False, "prefer": None, "require": True}[mode]


def _said(error: Exception) -> str:
    """PostgreSQL's own words: pg8000 gives its answer as a dictionary of fields."""
    answer = error.args[0] if error.args else ""
    return str(answer.get("M", answer)) if isinstance(answer, dict) else str(answer)
