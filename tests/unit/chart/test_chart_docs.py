"""The values that docs/install.md shows: helm takes each of them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from helm_chart import STORE, Chart

TEXT = (Path(__file__).parents[3] / "docs" / "install.md").read_text(encoding="utf-8")
FENCE = re.compile(r"^```yaml\n(.*?)^```", re.MULTILINE | re.DOTALL)
SHOWN = [block for block in FENCE.findall(TEXT) if "apiVersion" not in block]


@pytest.mark.parametrize("block", SHOWN)
def test_values_that_are_shown_are_taken(block: str, chart: Chart) -> None:
    values = yaml.safe_load(block)

    assert chart.render(values | {"store": STORE | values.get("store", {})}).objects


def test_there_are_such_values() -> None:
    assert len(SHOWN) > 5
