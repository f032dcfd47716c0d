"""The checks of `make lint`, each a test, so that one run of pytest counts everything."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("check", ["style", "format", "types", "layers", "schemas"])
def test_check_passes(check: str) -> None:
    result = subprocess.run([ROOT / "scripts" / "lint", check], capture_output=True, text=True, check=False)

    assert result.returncode == 0, f"make lint: {check}\n{result.stdout}{result.stderr}"
