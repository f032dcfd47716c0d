"""checkov's some thousand checks: none fails, and what is skipped is skipped where it is, with its reason."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from go_tools import cache_folder
from terraform_cli import ROOT

VERSION = "3.3.30"
SKIP = re.compile(r"#checkov:skip=(\w+):(.*)")


class NoCheckov(Exception):
    """It could not be installed; the message says why."""


def checkov() -> Path:
    """A Python that has it, in the cache: its 290 MB and its old pins have no place in the project's own .venv."""
    folder = cache_folder() / f"checkov-{VERSION}"
    python = folder / "bin/python"
    if not (folder / "bin/checkov").is_file():
        install(folder, python)
    return python


def install(folder: Path, python: Path) -> None:
    uv = shutil.which("uv") or cache_folder() / "uv/bin/uv"  # where scripts/setup puts it
    for words in (
        ("venv", "-q", "--clear", "--python", sys.executable, folder),
        ("pip", "install", "-q", "--python", python, f"checkov=={VERSION}"),
    ):
        done = subprocess.run([uv, *words], capture_output=True, text=True, timeout=300, check=False)
        if done.returncode:
            raise NoCheckov(f"checkov {VERSION} could not be installed into {folder}: {done.stderr[-2000:]}")


@pytest.fixture(scope="module")
def report() -> Any:
    try:
        python = checkov()
    except NoCheckov as error:
        pytest.fail(str(error), pytrace=False)
    words = ("-d", ROOT, "--framework", "terraform", "--skip-download", "-o", "json")
    done = subprocess.run(
        [python, "-m", "checkov.main", *words],
        env=os.environ | {"LOG_LEVEL": "ERROR"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return json.loads(done.stdout)


def test_no_check_fails(report: Any) -> None:
    failed = [f"{one['check_id']} {one['resource']}: {one['check_name']}" for one in report["results"]["failed_checks"]]
    assert failed == []
    assert report["summary"]["parsing_errors"] == 0
    assert report["summary"]["passed"] > 300


def test_each_skip_says_why_and_is_needed(report: Any) -> None:
    skipped = {(one["check_id"], one["file_path"]) for one in report["results"]["skipped_checks"]}
    written = {
        (check, f"/{path.relative_to(ROOT)}"): reason
        for path in ROOT.rglob("*.tf")
        for check, reason in SKIP.findall(path.read_text(encoding="utf-8"))
    }
    assert written.keys() == skipped
    assert min(map(len, written.values())) > 5
