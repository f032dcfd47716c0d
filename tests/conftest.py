"""The order of a whole run: what is quick and often broken first, what takes minutes last. And what was not run."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest

FIRST = ("lint", "unit", "terraform", "fuzz", "integration", "web", "accuracy", "demo", "cluster")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    folders = [item.path.relative_to(Path(__file__).parent).parts[0] for item in items]
    places = [FIRST.index(folder) if folder in FIRST else len(FIRST) for folder in folders]
    items[:] = [item for _, item in sorted(zip(places, items, strict=True), key=lambda pair: pair[0])]


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> Generator[None]:
    """A test that could not run here is named, with the reason, in the last lines: it is not proven."""
    yield
    for report in terminalreporter.stats.get("skipped", []):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        terminalreporter.write_line(f"NOT RUN {report.nodeid}: {reason.removeprefix('Skipped: ')}", yellow=True)
