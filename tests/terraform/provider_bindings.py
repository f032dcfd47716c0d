"""What version 6 of the AWS provider takes: npm's @cdktf/provider-aws, bindings that are generated from its schema.

The provider itself cannot be had where its registry is not reached. The package (37 MB) is fetched once, and of it only
the declarations of what terraform/ uses are kept in the cache.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from go_tools import cache_folder

PACKAGE = "@cdktf/provider-aws"
VERSION = "21.22.1"  # the last one that was published; of provider 6.25.0
FETCHED_WITHIN_S = 300


class NoBindings(Exception):
    """The package could not be had; the message says what was tried and what to do."""


@dataclass(frozen=True)
class Binding:
    """One resource or data source of the provider. text: its declarations in TypeScript."""

    text: str

    @cached_property
    def _interfaces(self) -> dict[str, dict[str, str]]:
        """Interface -> its properties and their types."""
        found = re.findall(r"^export interface (\w+).*?\{\n(.*?)^\}", self.text, re.DOTALL | re.MULTILINE)
        return {
            name: dict(re.findall(r"^    readonly (\w+)\??: (.+?)(?:;|$)", body, re.MULTILINE)) for name, body in found
        }

    @cached_property
    def _config(self) -> str:
        """What the block itself takes: the interface from which all others hang."""
        (found,) = re.findall(r"^export interface (\w+) extends cdktf\.TerraformMetaArguments", self.text, re.MULTILINE)
        return str(found)

    def lacks(self, path: Iterable[str]) -> str | None:
        """The first step of a path of blocks and attributes that is not there; None: all of it is."""
        interface: str | None = self._config
        for step in path:
            properties = self._interfaces.get(interface or "")
            if properties is None or camel(step) not in properties:
                return step
            kind = re.match(r"\w+", properties[camel(step)])
            interface = kind[0] if kind else None
        return None

    def gives(self, attribute: str) -> bool:
        """Whether others may refer to it."""
        return re.search(rf"^    get {camel(attribute)}\(\)", self.text, re.MULTILINE) is not None or attribute == "id"


def bindings(kinds: set[str]) -> dict[str, Binding | None]:
    """Kind -> its binding, None for what version 6 does not have. `data.aws_x` is a data source. Raises NoBindings."""
    folder = cache_folder() / f"cdktf-provider-aws-{VERSION}"
    known = folder / "known.json"
    if not known.is_file() or any(
        kind in json.loads(known.read_text(encoding="utf-8")) and not (folder / f"{kind}.d.ts").is_file()
        for kind in map(module, kinds)
    ):
        _fetch(folder, {module(kind) for kind in kinds})
    return {
        kind: Binding(path.read_text(encoding="utf-8")) if (path := folder / f"{module(kind)}.d.ts").is_file() else None
        for kind in kinds
    }


def module(kind: str) -> str:
    """aws_sqs_queue is sqs-queue, data.aws_partition is data-aws-partition."""
    return kind.removeprefix("aws_").replace("data.", "data_").replace("_", "-")


def camel(name: str) -> str:
    """cidr_ipv4 is cidrIpv4, as the generator has it."""
    first, *others = name.split("_")
    return first + "".join(other[:1].upper() + other[1:] for other in others)


def _fetch(folder: Path, modules: set[str]) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise NoBindings(
            f"{PACKAGE} {VERSION} is fetched by npm, and there is none: install Node.js. "
            "Without it nobody knows whether terraform/ works with version 6 of the AWS provider."
        )
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        done = subprocess.run(
            [npm, "pack", "--silent", "--pack-destination", scratch, f"{PACKAGE}@{VERSION}"],
            cwd=scratch,
            capture_output=True,
            text=True,
            timeout=FETCHED_WITHIN_S,
            check=False,
        )
        packed = next(Path(scratch).glob("*.tgz"), None)
        if done.returncode or packed is None:
            raise NoBindings(f"npm pack {PACKAGE}@{VERSION} failed: {done.stderr[-2000:]}")
        known = []
        with tarfile.open(packed) as package:
            for member in package:
                found = re.fullmatch(r"package/lib/([a-z0-9-]+)/index\.d\.ts", member.name)
                if found is None:
                    continue
                known.append(found[1])
                content = package.extractfile(member) if found[1] in modules else None
                if content is not None:
                    (folder / f"{found[1]}.d.ts").write_bytes(content.read())
    # Last, so that a fetch that was interrupted is begun again.
    (folder / "known.json").write_text(json.dumps(known), encoding="utf-8")
