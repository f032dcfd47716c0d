"""The published statistics as tables: what `debate-stats export` writes, whatever the format.

    debates        a row a debate: title, language, and every figure of `totals`; how many interruptions, null: unknown
    speakers       a row a speaker of a debate
    interruptions  a row an event: kind `interruption` or `butt_in`, by whom, of whom, when
    people         a row a person of people.json, over all debates; ratios of sums
    appearances    a row a person and debate; labels: with spaces between

Read from `statistics/` alone: what is not public is not exported.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, TypeVar, get_args

from pydantic import BaseModel

from debate_core import keys
from debate_core.documents.base import InvalidDocument
from debate_core.documents.statistics import (
    Appearance,
    DebateStatistics,
    PersonStatistics,
    SpeakerStatistics,
    StatisticsIndex,
    StatisticsSummary,
    Totals,
)
from debate_core.store import ObjectNotFound, ObjectStore, StoreError

Kind = Literal["text", "integer", "number", "time"]
Value = str | int | float | datetime | None
Row = Mapping[str, Value]
D = TypeVar("D", StatisticsIndex, StatisticsSummary)


class NothingToExport(StoreError):
    """The statistics are not there, or not readable by this release."""


@dataclass(frozen=True, slots=True)
class Table:
    """columns: name -> what its values are, in order. key: the columns that tell rows apart."""

    name: str
    columns: dict[str, Kind]
    key: tuple[str, ...]


def _figures(model: type[BaseModel], *, but: Iterable[str] = ()) -> dict[str, Kind]:
    kinds: dict[str, Kind] = {}
    for name, field in model.model_fields.items():
        types = get_args(field.annotation) or (field.annotation,)
        # `Seconds | None` holds an Annotated: its first argument is the type.
        plain = {(get_args(one) or (one,))[0] for one in types}
        if name not in but:
            kinds[name] = "integer" if int in plain else "number" if float in plain else "text"
    return kinds


TABLES: Final = (
    Table(
        "debates",
        {
            "job_id": "text",
            "title": "text",
            "source_url": "text",
            "language": "text",
            "completed_at": "time",
            "generated_at": "time",
            **_figures(Totals),
            "interruptions": "integer",
            "butt_ins": "integer",
        },
        ("job_id",),
    ),
    Table("speakers", {"job_id": "text", **_figures(SpeakerStatistics)}, ("job_id", "label")),
    Table(
        "interruptions",
        {
            "job_id": "text",
            "kind": "text",
            "number": "integer",
            "by_label": "text",
            "of_label": "text",
            "at_seconds": "number",
        },
        ("job_id", "kind", "number"),
    ),
    Table("people", _figures(PersonStatistics, but=["debates"]), ("person",)),
    Table(
        "appearances",
        {"person": "text", **_figures(Appearance, but=["title", "labels"]), "labels": "text"},
        ("person", "job_id"),
    ),
)


def read_tables(store: ObjectStore) -> dict[str, list[Row]]:
    """Table name -> rows, of everything that is public. Raises NothingToExport, and StoreError.

    A debate that is taken down while this reads is left out.
    """
    index = _read(store, keys.STAT_INDEX.key(), StatisticsIndex)
    summary = _read(store, keys.STAT_SUMMARY.key(), StatisticsSummary)
    rows: dict[str, list[Row]] = {table.name: [] for table in TABLES}
    there = set()
    for job in sorted(index.jobs, key=lambda job: job.job_id):
        try:
            statistics = DebateStatistics.from_json(store.get(keys.STAT_BY_JOB.key(job_id=job.job_id)))
        except ObjectNotFound:
            continue
        except InvalidDocument as error:
            raise NothingToExport(f"{job.job_id}: {error}. Run `debate-stats run` first.") from error
        there.add(job.job_id)
        rows["debates"].append(_debate(statistics, job.updated_at))
        rows["speakers"] += [{"job_id": job.job_id, **speaker.model_dump()} for speaker in statistics.speakers]
        rows["interruptions"] += _events(statistics)
    for person in sorted(summary.people, key=lambda person: person.person):
        appearances = [row for row in person.debates if row.job_id in there]
        if len(appearances) < len(person.debates):
            continue  # their sums are of debates that are being taken down
        rows["people"].append(person.model_dump(exclude={"debates"}))
        rows["appearances"] += [
            {
                "person": person.person,
                **row.model_dump(exclude={"title", "labels"}),
                "labels": " ".join(row.labels),
            }
            for row in appearances
        ]
    return rows


def _debate(statistics: DebateStatistics, completed_at: datetime) -> Row:
    return {
        "job_id": statistics.job_id,
        "title": statistics.title,
        "source_url": statistics.source_url,
        "language": statistics.language,
        "completed_at": completed_at,
        "generated_at": statistics.generated_at,
        **statistics.totals.model_dump(),
        "interruptions": _count(statistics.interruptions),
        "butt_ins": _count(statistics.butt_ins),
    }


def _count(pairs: list[Any] | None) -> int | None:
    return sum(pair.count for pair in pairs) if pairs is not None else None


def _events(statistics: DebateStatistics) -> list[Row]:
    rows: list[Row] = []
    for kind, pairs in (("interruption", statistics.interruptions), ("butt_in", statistics.butt_ins)):
        events = sorted((at, pair.by, pair.of) for pair in pairs or [] for at in pair.at)
        rows += [
            {
                "job_id": statistics.job_id,
                "kind": kind,
                "number": number,
                "by_label": by,
                "of_label": of,
                "at_seconds": at,
            }
            for number, (at, by, of) in enumerate(events, start=1)
        ]
    return rows


def _read(store: ObjectStore, key: str, kind: type[D]) -> D:
    try:
        return kind.from_json(store.get(key))
    except ObjectNotFound as error:
        raise NothingToExport(f"There is no {key} in {store.uri}: run `debate-stats run` first.") from error
    except InvalidDocument as error:
        raise NothingToExport(f"{key}: {error}. Run `debate-stats run` first.") from error
