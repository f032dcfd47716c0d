#!/usr/bin/env python3
"""A release: one version everywhere, and its section of CHANGELOG.md. docs/releasing.md says when to call what.

    scripts/release.py set 0.2.0        # writes the version into every file, and dates the section of what is new
    scripts/release.py check [v0.2.0]   # every file says the same version, the tag's, and the changelog has its section
    scripts/release.py notes v0.2.0     # that section, the text of the release

The standard library alone, so that a runner needs no environment for it.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CHANGELOG = Path("CHANGELOG.md")
# No pre-releases: Python writes 0.2.0-rc.1 as 0.2.0rc1, and Helm and uv.lock would never agree.
VERSION = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")
UNRELEASED = "## [Unreleased]"


class Refused(Exception):
    """What was asked for cannot be; the message says what to do."""


@dataclass(frozen=True)
class Place:
    """Where the version stands. pattern: its one group is the version; every match counts, and there must be one."""

    files: str
    pattern: str


# What decides: packages, their lock, charts, in this order. The first is where scripts/images looks too.
SOURCES = (
    Place("pyproject.toml", r'^version = "(.+)"$'),
    Place("core/pyproject.toml", r'^version = "(.+)"$'),
    Place("operator/pyproject.toml", r'^version = "(.+)"$'),
    Place("stats/pyproject.toml", r'^version = "(.+)"$'),
    Place("worker/pyproject.toml", r'^version = "(.+)"$'),
    Place("terraform/tools/pyproject.toml", r'^version = "(.+)"$'),
    Place("uv.lock", r'^name = "debate-[a-z]+"\nversion = "(.+)"$'),
    Place("charts/debate-analyzer/Chart.yaml", r"^version: (.+)$"),
    Place("charts/debate-analyzer/Chart.yaml", r'^appVersion: "(.+)"$'),
    Place("charts/gpu-nodepool/Chart.yaml", r"^version: (.+)$"),  # its appVersion is Karpenter's
)
# What shows it to people, and what tests compare rendered charts with: wherever the version of now stands by itself.
SHOWN = (
    "README.md",
    "docs/*.md",
    "terraform/README.md",
    "tests/unit/chart/**/*.yaml",
    "tests/unit/chart/*.py",
    "tests/cluster/test_images.py",
)


def main() -> None:
    try:
        print(_run(_parser().parse_args(), ROOT), end="")
    except Refused as error:
        sys.exit(f"release: {error}")


def _run(asked: argparse.Namespace, root: Path) -> str:
    if asked.do == "set":
        return "".join(f"{path}\n" for path in set_version(root, asked.version, datetime.now(UTC).date().isoformat()))
    if asked.do == "check":
        return f"{check(root, asked.tag)}\n"
    return notes(_read(root / CHANGELOG), asked.tag.removeprefix("v"))


def set_version(root: Path, version: str, today: str) -> list[Path]:
    """Writes it everywhere; the files that changed. Raises Refused for what is no version, or older than the last."""
    if not VERSION.fullmatch(version):
        raise Refused(f"{version} is not a version: three numbers, such as 0.2.0.")
    before = the_version(root)
    if _numbers(version) < _numbers(before):
        raise Refused(f"{version} is older than {before}, which the files say: a released version is never taken back.")
    new = {path: _read(root / path) for path in _files(root)}
    for place in SOURCES:
        path = Path(place.files)
        new[path] = _replaced(new[path], re.compile(place.pattern, re.MULTILINE), version)
    for path in _shown(root):
        new[path] = alone(before).sub(version, new[path])
    new[CHANGELOG] = released(new[CHANGELOG], version, today)
    changed = [path for path, text in new.items() if text != _read(root / path)]
    for path in changed:
        (root / path).write_text(new[path], encoding="utf-8")
    return changed


def check(root: Path, tag: str | None) -> str:
    """The version that everything says. Raises Refused where two disagree, or the tag or the changelog does."""
    version = the_version(root)
    if tag is None:
        return version
    if tag != f"v{version}":
        raise Refused(
            f"the tag {tag} is not v{version}, which the files say: scripts/release.py set, commit, tag that."
        )
    notes(_read(root / CHANGELOG), version)
    return version


def the_version(root: Path) -> str:
    """Of all sources. Raises Refused where they disagree."""
    said = list(_said(root))
    versions = {version for _, version in said}
    if len(versions) != 1:
        lines = "\n".join(f"  {version}  {path}" for path, version in said)
        raise Refused(f"the files say different versions; scripts/release.py set writes one into all:\n{lines}")
    return versions.pop()


def notes(changelog: str, version: str) -> str:
    """The version's section without its heading. Raises Refused where there is none, or nothing in it."""
    sections = re.split(r"^## ", changelog, flags=re.MULTILINE)[1:]
    found = [body.partition("\n")[2] for body in sections if body.startswith(f"[{version}]")]
    # The links at the file's end belong to no section.
    text = re.sub(r"^\[[^\]]+\]: .*\n?", "", found[0], flags=re.MULTILINE).strip() if found else ""
    if not text:
        raise Refused(
            f"{CHANGELOG} has no section {version}, or an empty one: scripts/release.py set {version} makes it."
        )
    return text + "\n"


def released(changelog: str, version: str, today: str) -> str:
    """With what was unreleased under the version and a date; as it is where the version has its section already."""
    if f"## [{version}]" in changelog:
        return changelog
    if UNRELEASED not in changelog:
        raise Refused(f"{CHANGELOG} has no line {UNRELEASED}.")
    return changelog.replace(UNRELEASED, f"{UNRELEASED}\n\n## [{version}] - {today}", 1)


def alone(version: str) -> re.Pattern[str]:
    """The version where it stands by itself: not in 10.1.0.0, but in worker:0.1.0-cpu and debate-analyzer-0.1.0."""
    return re.compile(rf"(?<![\d.]){re.escape(version)}(?!\.?\d)")


def _said(root: Path) -> Iterator[tuple[str, str]]:
    for place in SOURCES:
        found = re.findall(place.pattern, _read(root / place.files), re.MULTILINE)
        if not found:
            raise Refused(f"{place.files} has no version where it should be: {place.pattern}")
        yield from ((place.files, version) for version in found)


def _files(root: Path) -> list[Path]:
    return list(dict.fromkeys([*(Path(place.files) for place in SOURCES), *_shown(root), CHANGELOG]))


def _shown(root: Path) -> list[Path]:
    return [path.relative_to(root) for pattern in SHOWN for path in sorted(root.glob(pattern))]


def _replaced(text: str, pattern: re.Pattern[str], version: str) -> str:
    def put(match: re.Match[str]) -> str:
        at, end = match.start(1) - match.start(), match.end(1) - match.start()
        return match[0][:at] + version + match[0][end:]

    return pattern.sub(put, text)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parts = parser.add_subparsers(dest="do", required=True)
    parts.add_parser("set", help="write the version everywhere").add_argument("version")
    parts.add_parser("check", help="do all say the same?").add_argument("tag", nargs="?")
    parts.add_parser("notes", help="the text of the release").add_argument("tag")
    return parser


if __name__ == "__main__":
    main()
