"""Fixtures of the chart's tests: the chart and a real helm."""

from __future__ import annotations

import pytest
from go_tools import HELM, NoTool
from helm_chart import Chart


@pytest.fixture(scope="session")
def chart() -> Chart:
    try:
        return Chart(HELM.find_or_build())
    except NoTool as missing:
        pytest.fail(f"The chart's tests need helm. {missing}")
