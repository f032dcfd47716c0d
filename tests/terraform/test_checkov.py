"""checkov's some thousand checks: none fails, and what is skipped is skipped where it is, with its reason."""

from __future__ import annotations

import json
import os
import re
import subprocess
from typing import Any

import pytest
from python_tools import CHECKOV, NoTool
from terraform_cli import ROOT

SKIP = re.compile(r"#checkov:skip=(\w+):(.*)")


@pytest.fixture(scope="module")
def report() -> Any:
    try:
        programs = CHECKOV.find_or_install()
    except NoTool as error:
        pytest.fail(str(error), pytrace=False)
    words = ("-d", ROOT, "--framework", "terraform", "--skip-download", "-o", "json")
    done = subprocess.run(
        [programs / "python", "-m", "checkov.main", *words],
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
