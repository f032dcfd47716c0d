"""The figures' definitions, for people and for the page: read from the docstrings of the functions that compute them.

`python -m debate_stats.definitions docs/statistics.md web/js/words/en/definitions.js` writes both. A docstring that
defines figures has this form:

    What the figure is, in one or two sentences.

    Remarks, if any: for docs/statistics.md alone.

    Figures: totals.overlap_seconds, speakers[].overlap_seconds
    Name: Overlap
    Formula: one line
    Unit: s
    Parameters: turn_gap_s, insert_max_s
    Null: when the figure is null
    Source: where the definition is from

`Figures` and `Name` are there always, the rest where there is any. A line that is indented more goes on. "{turn_gap_s}"
stands for the parameter's value.
"""

from __future__ import annotations

import inspect
import json
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from types import ModuleType
from typing import Final

from debate_stats import (
    across,
    balance,
    figures,
    interruptions,
    overlap,
    pace,
    quality,
    questions,
    readability,
    speaking_time,
    turns,
    vocabulary,
)
from debate_stats.parameters import Parameters

SUBJECTS: Final = (
    speaking_time,
    turns,
    overlap,
    interruptions,
    pace,
    questions,
    vocabulary,
    readability,
    balance,
    quality,
)
"""The modules whose functions define figures, in the order of the documentation."""

TEMPLATE: Final = Path(__file__).with_name("definitions.template.md")
_FIELD: Final = re.compile(r"(Figures|Name|Formula|Unit|Parameters|Null|Source): ")


@dataclass(frozen=True, slots=True)
class Definition:
    """Of one or several figures. figures: paths as in `notes[].field`. remarks, null: for people, not for the page."""

    figures: tuple[str, ...]
    name: str
    definition: str
    remarks: str
    formula: str | None
    unit: str | None
    parameters: tuple[str, ...]
    null: str | None
    source: str | None


class InvalidDefinition(ValueError):
    """A docstring is not of the form above; the message says where."""


def parse(text: str) -> Definition | None:
    """The definition in a docstring; None where it has no `Figures`. Raises InvalidDefinition."""
    head, fields = _split(_filled(text))
    if "Figures" not in fields:
        return None
    if "Name" not in fields or not head[0]:
        raise InvalidDefinition(f"{fields['Figures']}: needs a name and a sentence that says what it is")
    unknown = set(_listed(fields.get("Parameters"))) - Parameters().published().keys()
    if unknown:
        raise InvalidDefinition(f"{fields['Figures']}: no such parameters: {', '.join(sorted(unknown))}")
    return Definition(
        figures=_listed(fields["Figures"]),
        name=fields["Name"],
        definition=head[0],
        remarks=" ".join(head[1:]),
        formula=fields.get("Formula"),
        unit=fields.get("Unit"),
        parameters=_listed(fields.get("Parameters")),
        null=fields.get("Null"),
        source=fields.get("Source"),
    )


def definitions(module: ModuleType) -> Iterator[Definition]:
    """Those of a module's own functions, in the order of its source."""
    own = (each for _, each in inspect.getmembers(module, inspect.isfunction) if each.__module__ == module.__name__)
    for function in sorted(own, key=lambda each: each.__code__.co_firstlineno):
        if found := parse(function.__doc__ or ""):
            yield found


def all_definitions() -> list[Definition]:
    """Every figure's, in the order of the documentation. Raises InvalidDefinition where a figure has two."""
    found = [each for section in _sections() for each in section[1]]
    paths = [path for each in found for path in each.figures]
    if twice := {path for path in paths if paths.count(path) > 1}:
        raise InvalidDefinition(f"defined twice: {', '.join(sorted(twice))}")
    return found


def markdown() -> str:
    """docs/statistics.md."""
    sections = "\n\n".join(_section(doc, found) for doc, found in _sections())
    template = TEMPLATE.read_text(encoding="utf-8")
    return template.replace("{{parameters}}", _parameters()).replace("{{figures}}", sections)


def javascript() -> str:
    """web/js/words/en/definitions.js: path -> what the page shows of it."""
    entries = "".join(_entry(path, each) for each in all_definitions() for path in each.figures)
    return (
        "// What each figure means. Built by `python -m debate_stats.definitions` from docstrings: change it there.\n\n"
        f"export default {{\n{entries}}};\n"
    )


def _sections() -> list[tuple[str, list[Definition]]]:
    """Docstring of the subject, its definitions."""
    subjects = [(_filled(module.__doc__ or ""), list(definitions(module))) for module in SUBJECTS]
    timeline = parse(figures.timeline.__doc__ or "")
    assert timeline is not None
    people = [each for each in map(parse, across.DEFINITIONS) if each]
    return [
        *subjects,
        ("Timeline: who is heard when.", [timeline]),
        (_filled(across.__doc__ or ""), people),
    ]


def _filled(text: str) -> str:
    """A docstring with the values of the parameters that it names in braces."""
    values = Parameters().published()
    names = set(re.findall(r"\{(\w+)\}", text))
    if unknown := names - values.keys():
        raise InvalidDefinition(f"no such parameters: {', '.join(sorted(unknown))}")
    return re.sub(r"\{(\w+)\}", lambda match: f"{values[match[1]]:g}", inspect.cleandoc(text))


def _split(text: str) -> tuple[list[str], dict[str, str]]:
    """The paragraphs before the fields, each as one line; the fields."""
    lines = text.splitlines()
    first = next((i for i, line in enumerate(lines) if _FIELD.match(line)), len(lines))
    paragraphs = [" ".join(part.split()) for part in "\n".join(lines[:first]).split("\n\n")]
    fields: dict[str, str] = {}
    name = ""
    for line in lines[first:]:
        if match := _FIELD.match(line):
            name = match[1]
            fields[name] = line[match.end() :]
        elif line.startswith(" "):
            fields[name] += " " + line.strip()
        elif line.strip():
            raise InvalidDefinition(f"neither a field nor indented: {line}")
    return [part for part in paragraphs if part] or [""], fields


def _listed(text: str | None) -> tuple[str, ...]:
    return tuple(text.split(", ")) if text else ()


def _section(doc: str, found: Iterable[Definition]) -> str:
    summary, _, body = doc.partition("\n\n")
    title, _, rest = " ".join(summary.split()).partition(": ")
    intro = "\n\n".join(filter(None, [rest[:1].upper() + rest[1:], body]))
    return "\n\n".join([f"## {title}", intro, *(_block(each) for each in found)])


def _block(each: Definition) -> str:
    facts = [
        f"- Formula: {each.formula}" if each.formula else "",
        f"- Unit: {each.unit}" if each.unit else "",
        f"- Parameters: {', '.join(f'`{name}`' for name in each.parameters)}" if each.parameters else "",
        f"- `null` where {each.null}" if each.null else "",
        f"- Source: {each.source}" if each.source else "",
    ]
    paths = ", ".join(f"`{path}`" for path in each.figures)
    text = "\n\n".join(filter(None, [each.definition, each.remarks]))
    return "\n".join(
        [f"### {each.name}", "", f"{paths}", "", text, *([""] if any(facts) else []), *filter(None, facts)]
    )


def _parameters() -> str:
    meanings = dict(re.findall(r"^(\w+): (.*(?:\n    .*)*)", inspect.getdoc(Parameters) or "", re.MULTILINE))
    meanings |= {
        "definitions_version": "grows when a definition changes; statistics of an earlier one are computed again",
        "fillers": "hesitations that count as fillers, by language",
        "reading_ease_constants": "by language: base, factor of words a sentence, factor of syllables a word",
        "grade_constants": "the same, for the grade",
    }
    rows = [f"| `{name}` | {value} | {_words(meanings[name])} |" for name, value in Parameters().published().items()]
    return "\n".join(["| name | value | meaning |", "|---|---|---|", *rows])


def _words(text: str) -> str:
    return " ".join(text.split()).rstrip(".")


def _entry(path: str, each: Definition) -> str:
    shown = {
        key: value
        for key, value in asdict(each).items()
        if key in ("name", "definition", "formula", "unit", "parameters", "source")
    }
    lines = "".join(f"    {key}: {_literal(value)},\n" for key, value in shown.items())
    return f"  {_literal(path)}: {{\n{lines}  }},\n"


def _literal(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(markdown(), encoding="utf-8")
    Path(sys.argv[2]).write_text(javascript(), encoding="utf-8")
