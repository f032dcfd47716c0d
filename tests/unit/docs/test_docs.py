"""What the documents name exists: files, make targets, commands, DebateJobs, metrics, reasons."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from debate_core.documents.debatejob import DebateJob
from debate_core.documents.debatejob_status import Phase
from debate_core.reasons import ExitCode, Reason
from debate_operator import cli as operator_cli
from debate_operator.cache import Cache
from debate_operator.metrics import Metrics
from debate_operator.queue import WorkQueue
from debate_stats import cli as stats_cli
from debate_worker import cli as worker_cli

ROOT = Path(__file__).parents[3]
DOCS = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for path in (*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "examples").rglob("*.md"))
}
OPERATE = DOCS["docs/operate.md"]
CLIS = {"worker": worker_cli.app, "stats": stats_cli.app, "operator": operator_cli.app}

each_document = pytest.mark.parametrize("name", DOCS)


def anchors(text: str) -> set[str]:
    """Of the headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def yaml_blocks() -> list[Any]:
    """What the documents' fenced blocks of YAML hold."""
    fence = re.compile(r"^```yaml\n(.*?)^```", re.MULTILINE | re.DOTALL)
    return [yaml.safe_load(block) for text in DOCS.values() for block in fence.findall(text)]


def first_cells(heading: str) -> list[str]:
    """The first column of the table under this heading of operate.md."""
    section = re.split(r"^## ", OPERATE.partition(f"## {heading}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]
    return re.findall(r"^\| ([^|]+?) \|", section, re.MULTILINE)[1:]


@each_document
def test_every_relative_link_leads_somewhere(name: str) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)\s]+)\)", DOCS[name]):
        path, _, anchor = target.partition("#")
        file = (ROOT / name).parent / path if path else ROOT / name
        assert file.exists(), f"{target}: no such file"
        assert not anchor or anchor in anchors(file.read_text(encoding="utf-8")), f"{target}: no such heading"


@each_document
def test_every_make_target_exists(name: str) -> None:
    named = re.findall(r"(?:`|^    |&& )(?:\w+=\S+ )*make (?:-C (\w+) )?([a-z-]+)", DOCS[name], re.MULTILINE)
    for folder, target in named:
        makefile = (ROOT / folder / "Makefile").read_text(encoding="utf-8")
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), f"{folder}: make {target}"


@each_document
def test_every_command_and_its_options_exist(name: str) -> None:
    for program, command, rest in re.findall(r"debate-(worker|stats|operator) ([a-z-]+)\b([^`\n#]*)", DOCS[name]):
        commands = getattr(typer.main.get_command(CLIS[program]), "commands", {})
        if command not in commands:
            assert not rest.lstrip().startswith("-"), f"debate-{program} {command}: no such command"
            continue  # prose, such as "debate-worker on your own machine"
        known = {option for parameter in commands[command].params for option in parameter.opts} | {"--help"}
        assert set(re.findall(r"(?<!\S)--[a-z-]+", rest.split(" helm ")[0])) <= known, f"debate-{program} {command}"


def test_the_debatejobs_that_are_shown_are_valid() -> None:
    shown = [block for block in yaml_blocks() if block.get("kind") == "DebateJob"]

    assert shown
    for block in shown:
        DebateJob.from_resource(block)


def test_every_metric_is_explained() -> None:
    families = [family for family in Metrics(Cache(), WorkQueue()).registry.collect() if "debate" in family.name]
    names = {family.name + ("_total" if family.type == "counter" else "") for family in families}

    assert {cell.strip("`") for cell in first_cells("Metrics") if cell.startswith("`debate_")} == names


def test_alerts_name_metrics_that_exist() -> None:
    families = {family.name for family in Metrics(Cache(), WorkQueue()).registry.collect()}
    for name in re.findall(r"debate_[a-z_]+", OPERATE):
        assert re.sub(r"_(total|bucket|sum|count)$", "", name) in families


def test_every_phase_reason_and_exit_code_is_explained() -> None:
    assert set(first_cells("Phases")) == {*Phase, "(empty)"}
    assert set(first_cells("Reasons")) == set(Reason)
    codes = {int(code) for cell in first_cells("Exit codes") for code in cell.split(", ")}
    assert codes == {*ExitCode, 137, 143}


def test_every_event_is_explained() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "operator" / "src").rglob("*.py"))
    told = set(re.findall(r'(?:_tell|Event)\(\s*"(?:Normal|Warning)", "(\w+)"', source)) | {"RunStarted"}
    section = OPERATE.partition("## Events\n")[2].partition("\n## ")[0]

    assert {"JobCreated", "Interrupted"} <= told
    assert {event for event in told if not re.search(rf"\b{event}\b", section)} == set()
