"""scripts/release.py: one version everywhere, and the changelog's section of it."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
SCRIPT = ROOT / "scripts/release.py"
TODAY = "2026-12-24"


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("release", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["release"] = module  # where dataclasses look for their types
    spec.loader.exec_module(module)
    return module


release: Any = load()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The files with a version, as they are, in a folder of their own."""
    for path in release._files(ROOT):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / path, tmp_path / path)
    return tmp_path


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, SCRIPT, *words], capture_output=True, text=True, check=False)


def test_everything_here_says_one_version() -> None:
    done = run("check")
    assert (done.returncode, done.stderr) == (0, "")
    assert release.VERSION.fullmatch(done.stdout.strip())


def test_every_package_and_chart_is_a_source() -> None:
    sources = {Path(place.files) for place in release.SOURCES}
    ours = [*ROOT.glob("*/pyproject.toml"), *ROOT.glob("*/*/pyproject.toml"), *ROOT.glob("charts/*/Chart.yaml")]
    assert {path.relative_to(ROOT) for path in ours if ".venv" not in path.parts} <= sources
    members = re.findall(r'name = "(debate-\w+)"\nversion', (ROOT / "uv.lock").read_text(encoding="utf-8"))
    assert len(members) == sum(place.files.endswith("pyproject.toml") for place in release.SOURCES)


def test_a_new_version_is_written_everywhere(project: Path) -> None:
    old = release.the_version(project)
    release.set_version(project, "12.3.4", TODAY)
    assert release.check(project, "v12.3.4") == "12.3.4"
    for path in release._shown(project):
        assert not release.alone(old).search((project / path).read_text(encoding="utf-8")), path


def test_nothing_else_is_written(project: Path) -> None:
    """Line by line: what changed had the old version, and is the same with it."""
    old = release.the_version(project)
    before = {path: (project / path).read_text(encoding="utf-8").splitlines() for path in release._files(project)}
    for path in set(release.set_version(project, "12.3.4", TODAY)) - {release.CHANGELOG}:
        now = (project / path).read_text(encoding="utf-8").splitlines()
        assert len(now) == len(before[path])
        for was, line in zip(before[path], now, strict=True):
            assert line in (was, was.replace(old, "12.3.4"))


def test_the_same_version_again_changes_nothing(project: Path) -> None:
    release.set_version(project, "12.3.4", TODAY)
    assert release.set_version(project, "12.3.4", "2027-01-01") == []


@pytest.mark.parametrize("version", ["1.2", "v1.2.3", "1.2.3-rc.1", "01.2.3", "1.2.3\n", ""])
def test_what_is_no_version_is_refused(project: Path, version: str) -> None:
    with pytest.raises(release.Refused, match="three numbers"):
        release.set_version(project, version, TODAY)


def test_an_older_version_is_refused(project: Path) -> None:
    release.set_version(project, "1.10.0", TODAY)
    with pytest.raises(release.Refused, match=r"1\.9\.0 is older than 1\.10\.0"):
        release.set_version(project, "1.9.0", TODAY)


@pytest.mark.parametrize("place", release.SOURCES, ids=lambda place: f"{place.files} {place.pattern[:12]}")
def test_one_place_that_disagrees_is_named(project: Path, place: Any) -> None:
    path = project / place.files
    text = path.read_text(encoding="utf-8")
    path.write_text(
        release._replaced(text, re.compile(place.pattern, re.MULTILINE), "99.0.0"),
        encoding="utf-8",
    )
    with pytest.raises(release.Refused, match=rf"99\.0\.0  {re.escape(place.files)}"):
        release.the_version(project)


def test_a_place_without_a_version_is_named(project: Path) -> None:
    (project / "core/pyproject.toml").write_text("[project]\n", encoding="utf-8")
    with pytest.raises(release.Refused, match=r"core/pyproject\.toml has no version"):
        release.the_version(project)


def test_a_tag_that_the_files_do_not_say_is_refused() -> None:
    done = run("check", "v99.0.0")
    assert done.returncode == 1
    assert "the tag v99.0.0 is not v" in done.stderr


def test_a_release_needs_its_section(project: Path) -> None:
    version = release.the_version(project)
    (project / release.CHANGELOG).write_text("# Changelog\n\n## [Unreleased]\n", encoding="utf-8")
    with pytest.raises(release.Refused, match="has no section"):
        release.check(project, f"v{version}")


def test_the_changelog_is_one_that_is_kept() -> None:
    """As keepachangelog.com has it: newest first, every change of one of its kinds."""
    text = (ROOT / release.CHANGELOG).read_text(encoding="utf-8")
    versions = re.findall(r"^## \[([^\]]+)\](?: - (\d{4}-\d\d-\d\d))?$", text, re.MULTILINE)
    assert versions[0] == ("Unreleased", "")
    assert all(day for _, day in versions[1:])
    numbers = [release._numbers(version) for version, _ in versions[1:]]
    assert numbers == sorted(numbers, reverse=True)
    kinds = set(re.findall(r"^### (.+)$", text, re.MULTILINE))
    assert kinds <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


CHANGELOG = """# Changelog

## [Unreleased]

## [0.2.0] - 2026-12-01

### Added

- two

## [0.1.0] - 2026-11-01

- one

[0.1.0]: https://example.org
"""


@pytest.mark.parametrize(("version", "text"), [("0.2.0", "### Added\n\n- two\n"), ("0.1.0", "- one\n")])
def test_notes_are_the_section_of_the_version(version: str, text: str) -> None:
    assert release.notes(CHANGELOG, version) == text


@pytest.mark.parametrize("version", ["Unreleased", "0.3.0", "0.1"])
def test_no_notes_of_what_is_empty_or_not_there(version: str) -> None:
    with pytest.raises(release.Refused, match=re.escape(version)):
        release.notes(CHANGELOG, version)


def test_what_is_new_gets_the_version_and_a_date() -> None:
    new = CHANGELOG.replace("## [Unreleased]\n", "## [Unreleased]\n\n- three\n", 1)
    text = release.released(new, "0.3.0", TODAY)
    assert release.notes(text, "0.3.0") == "- three\n"
    assert text.index("[Unreleased]") < text.index(f"## [0.3.0] - {TODAY}") < text.index("## [0.2.0]")
    with pytest.raises(release.Refused):
        release.notes(text, "Unreleased")


@pytest.mark.parametrize(
    ("text", "stands"),
    [
        ("worker:0.1.0-cpu", True),
        ("debate-analyzer-0.1.0", True),
        ('"0.1.0"', True),
        ("v0.1.0.", True),
        ("10.1.0.0/16", False),
        ("0.1.0.1", False),
        ("0.1.01", False),
        ("1.0.1.0", False),
    ],
)
def test_where_a_version_stands_by_itself(text: str, stands: bool) -> None:
    assert bool(release.alone("0.1.0").search(text)) is stands
