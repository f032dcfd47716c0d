"""Tables as files: CSV (RFC 4180, UTF-8) and Parquet, one file a table, in a folder or a bucket."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from debate_core.store import ObjectStore
from debate_stats.export_tables import TABLES, Row, Table, Value

_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n")


class NoParquet(Exception):
    """pyarrow is not installed; the message says how to install it."""


def write_csv(target: ObjectStore, tables: dict[str, list[Row]]) -> list[str]:
    """Write `<table>.csv` of every table; their names. A null is an empty cell."""
    for table in TABLES:
        target.put(f"{table.name}.csv", csv_bytes(table, tables[table.name]), content_type="text/csv; charset=utf-8")
    return [f"{table.name}.csv" for table in TABLES]


def csv_bytes(table: Table, rows: Sequence[Row]) -> bytes:
    """The table with a line of names. Times are ISO 8601.

    A text that a spreadsheet would take for a formula gets an apostrophe in front, as OWASP advises: titles and names
    come from outside ("=HYPERLINK(...)"). Numbers stay as they are; Parquet and PostgreSQL have the text unchanged.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(table.columns)
    writer.writerows([_cell(row[name]) for name in table.columns] for row in rows)
    return out.getvalue().encode()


def write_parquet(target: ObjectStore, tables: dict[str, list[Row]]) -> list[str]:
    """Write `<table>.parquet` of every table; their names. Raises NoParquet."""
    for table in TABLES:
        target.put(f"{table.name}.parquet", parquet_bytes(table, tables[table.name]))
    return [f"{table.name}.parquet" for table in TABLES]


def parquet_bytes(table: Table, rows: Sequence[Row]) -> bytes:
    """The table with its types, also where it has no row. Raises NoParquet."""
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise NoParquet(
            "Parquet needs pyarrow, which is not installed: pip install 'debate-stats[parquet]', or take --format csv."
        ) from error
    types = {
        "text": pyarrow.string(),
        "integer": pyarrow.int64(),
        "number": pyarrow.float64(),
        "time": pyarrow.timestamp("us", tz="UTC"),
    }
    schema = pyarrow.schema([(name, types[kind]) for name, kind in table.columns.items()])
    out = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist([dict(row) for row in rows], schema=schema), out)
    return out.getvalue()


def _cell(value: Value) -> Value:
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return f"'{value}"
    return value.isoformat() if isinstance(value, datetime) else value
