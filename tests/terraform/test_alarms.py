"""Every alarm that Terraform makes has its paragraph in docs/alarms.md, and names it to who gets the letter."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hcl_text import blocks
from terraform_cli import ROOT

DOCS = "docs/alarms.md"
ALARMS = {
    name: body
    for path in sorted(ROOT.glob("modules/*/*.tf"))
    for body in blocks(path, 'resource "aws_cloudwatch_metric_alarm"').values()
    for name in re.findall(r'alarm_name += "\$\{var\.name\}-([a-z-]+)"', body)
}


@pytest.fixture(scope="module")
def paragraphs(repository: Path) -> dict[str, str]:
    text = (repository / DOCS).read_text(encoding="utf-8")
    return dict(re.findall(r"^## ([a-z-]+)\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE))


def test_each_has_its_paragraph_and_no_paragraph_is_of_nothing(paragraphs: dict[str, str]) -> None:
    assert paragraphs.keys() == ALARMS.keys()
    assert len(ALARMS) == sum(
        path.read_text(encoding="utf-8").count('resource "aws_cloudwatch_metric_alarm"') for path in ROOT.rglob("*.tf")
    )


@pytest.mark.parametrize("name", ALARMS)
def test_the_letter_names_the_paragraph(name: str) -> None:
    description = next(line for line in ALARMS[name].splitlines() if "alarm_description" in line)
    runbook = (ROOT / "modules/alarms/main.tf").read_text(encoding="utf-8")
    assert f'runbook = "See {DOCS}#"' in runbook
    assert description.endswith((f'See {DOCS}#{name}"', "${local.runbook}" + name + '"'))


@pytest.mark.parametrize("name", ALARMS)
def test_the_paragraph_says_what_to_do(paragraphs: dict[str, str], name: str) -> None:
    steps = re.findall(r"^(\d)\. ", paragraphs[name], re.MULTILINE)
    assert steps == [str(number) for number in range(1, len(steps) + 1)]
    assert len(steps) >= 3
    assert "`" in paragraphs[name]


@pytest.mark.parametrize("name", ALARMS)
def test_each_tells_when_it_begins_and_when_it_is_over(name: str) -> None:
    assert re.search(r"alarm_actions += \[var\.(alarm_)?topic_arn", ALARMS[name])
    assert re.search(r"ok_actions += \[var\.(alarm_)?topic_arn\]", ALARMS[name])


def test_what_can_be_left_out_is_what_is_made() -> None:
    text = blocks(ROOT / "variables.tf", "variable")["alarms"]
    (default,) = re.findall(r"^  default +=(.*)$", text, re.MULTILINE)
    known = set(re.findall(r'"([a-z-]+)"', default))
    assert known == {name for name in ALARMS if not name.startswith("uploads-")}
    made = (ROOT / "modules/alarms/main.tf").read_text(encoding="utf-8")
    assert set(re.findall(r'contains\(var\.alarms, "([a-z-]+)"\)', made)) == known


def test_links_lead_somewhere(repository: Path) -> None:
    def anchors(path: Path) -> set[str]:
        headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
        return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}

    text = (repository / DOCS).read_text(encoding="utf-8")
    for target, anchor in re.findall(r"\]\(([\w./-]*)#([\w-]+)\)", text):
        page = repository / "docs" / target if target else repository / DOCS
        assert anchor in anchors(page), f"{target}#{anchor}"
