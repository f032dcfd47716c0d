"""docs/statistics.md names every public figure and every parameter with its value."""

from __future__ import annotations

from pathlib import Path

import pytest

from debate_core.documents.statistics import SpeakerStatistics, StatisticsSummary, Totals
from debate_stats.parameters import Parameters

TEXT = (Path(__file__).parents[3] / "docs" / "statistics.md").read_text()
NOT_FIGURES = {"label", "name", "schema_version", "generated_at", "notes"}


@pytest.mark.parametrize("document", [Totals, SpeakerStatistics, StatisticsSummary])
def test_every_figure_is_defined(document: type[Totals | SpeakerStatistics | StatisticsSummary]) -> None:
    assert {field for field in document.model_fields if f"`{field}`" not in TEXT} <= NOT_FIGURES


def test_every_parameter_is_named_with_its_value() -> None:
    rows = [line for line in TEXT.splitlines() if line.startswith("| `")]
    for name, value in Parameters().published().items():
        assert [row for row in rows if f"`{name}`" in row and f" {value}" in row]
