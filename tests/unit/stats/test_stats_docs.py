"""docs/statistics.md and the page's definitions are what the docstrings say, and every public figure has one."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from debate_core.documents.statistics import (
    Appearance,
    DebateStatistics,
    PersonStatistics,
    SpeakerStatistics,
    StatisticsSummary,
    Totals,
)
from debate_stats.definitions import InvalidDefinition, all_definitions, javascript, markdown, parse
from debate_stats.parameters import Parameters

ROOT = Path(__file__).parents[3]
DOCS = ROOT / "docs" / "statistics.md"
ENGLISH = ROOT / "web" / "js" / "words" / "en" / "definitions.js"
CZECH = ROOT / "web" / "js" / "words" / "cs" / "definitions.js"
BUILD = "run: .venv/bin/python -m debate_stats.definitions docs/statistics.md web/js/words/en/definitions.js"
IDENTIFIERS = {"label", "name", "person", "job_id", "title", "labels", "schema_version", "generated_at", "notes"}
DEFINED = {path for each in all_definitions() for path in each.figures}


def catalog(path: Path) -> dict[str, dict[str, Any]]:
    """What a module of words exports: an object of strings, lists and null."""
    body = path.read_text(encoding="utf-8").partition("export default ")[2].rstrip().removesuffix(";")
    quoted = re.sub(r"^(\s+)(\w+):", r'\1"\2":', body, flags=re.MULTILINE)
    read: dict[str, dict[str, Any]] = json.loads(re.sub(r",(\s*\})", r"\1", quoted))
    return read


def test_the_files_are_what_the_docstrings_say() -> None:
    assert DOCS.read_text(encoding="utf-8") == markdown(), BUILD
    assert ENGLISH.read_text(encoding="utf-8") == javascript(), BUILD


@pytest.mark.parametrize(
    ("prefix", "document"),
    [
        ("totals.", Totals),
        ("speakers[].", SpeakerStatistics),
        ("summary.", StatisticsSummary),
        ("summary.people[].", PersonStatistics),
        ("summary.people[].debates[].", Appearance),
    ],
)
def test_every_figure_is_defined(prefix: str, document: type[BaseModel]) -> None:
    figures = document.model_fields.keys() - IDENTIFIERS
    assert {prefix + figure for figure in figures} <= DEFINED


def test_what_is_defined_exists() -> None:
    fields = {
        *(f"totals.{field}" for field in Totals.model_fields),
        *(f"speakers[].{field}" for field in SpeakerStatistics.model_fields),
        *(f"summary.{field}" for field in StatisticsSummary.model_fields),
        *(f"summary.people[].{field}" for field in PersonStatistics.model_fields),
        *(f"summary.people[].debates[].{field}" for field in Appearance.model_fields),
        *DebateStatistics.model_fields,
    }
    assert fields >= DEFINED


def test_every_parameter_is_named_with_its_value_and_used() -> None:
    text = DOCS.read_text(encoding="utf-8")
    used = {name for each in all_definitions() for name in each.parameters}
    for name, value in Parameters().published().items():
        assert f"| `{name}` | {value} |" in text
        assert name in used or name == "definitions_version"


def test_the_czech_definitions_are_a_translation() -> None:
    english, czech = catalog(ENGLISH), catalog(CZECH)
    assert czech.keys() == english.keys() == DEFINED
    for path, entry in czech.items():
        assert entry.keys() == english[path].keys() == {
            "name", "definition", "formula", "unit", "parameters", "source",
        }  # fmt: skip
        for same in ("formula", "parameters", "source"):
            assert entry[same] == english[path][same], path
        assert (entry["unit"] is None) == (english[path]["unit"] is None)
        assert entry["definition"] != english[path]["definition"]
        # Numbers are translated by hand too: they must be those of the parameters.
        assert re.findall(r"\d+(?:[.,]\d+)?", entry["definition"].replace(",", ".")) == re.findall(
            r"\d+(?:\.\d+)?", english[path]["definition"]
        ), path


def test_a_docstring_has_a_fixed_form() -> None:
    found = parse(
        """How long, at most {turn_gap_s} s.

        More of it,
        for the documentation.

        Figures: totals.turns, speakers[].turns
        Name: Turns
        Formula: a +
            b
        Parameters: turn_gap_s, insert_max_s
        """
    )
    assert found is not None
    assert (found.figures, found.name) == (("totals.turns", "speakers[].turns"), "Turns")
    assert (found.definition, found.remarks) == ("How long, at most 1 s.", "More of it, for the documentation.")
    assert (found.formula, found.unit, found.null, found.source) == ("a + b", None, None, None)
    assert found.parameters == ("turn_gap_s", "insert_max_s")


def test_a_docstring_without_figures_defines_none() -> None:
    assert parse("Only a function.") is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("What.\n\nFigures: a", "a: needs a name"),
        ("Figures: a\nName: A", "a: needs a name and a sentence"),
        ("What.\n\nFigures: a\nName: A\nParameters: none_such", "a: no such parameters: none_such"),
        ("What, {none_such}.\n\nFigures: a\nName: A", "no such parameters: none_such"),
        ("What.\n\nFigures: a\nName: A\nwhat is this", "neither a field nor indented: what is this"),
    ],
)
def test_a_docstring_of_another_form_is_refused(text: str, message: str) -> None:
    with pytest.raises(InvalidDefinition, match=message):
        parse(text)
