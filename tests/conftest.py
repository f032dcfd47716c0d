"""The order of a whole run: what is quick and often broken first, what takes minutes last."""

from __future__ import annotations

from pathlib import Path

import pytest

FIRST = ("lint", "unit", "integration", "web", "accuracy", "demo")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    folders = [item.path.relative_to(Path(__file__).parent).parts[0] for item in items]
    places = [FIRST.index(folder) if folder in FIRST else len(FIRST) for folder in folders]
    items[:] = [item for _, item in sorted(zip(places, items, strict=True), key=lambda pair: pair[0])]
