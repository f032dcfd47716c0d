"""Whether the programs that an installation needs are here, in versions that work: each is run and asked."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from debate_aws.preflight_site import Finding, fail, ok, warn

_PATIENCE_S: Final = 30


@dataclass(frozen=True)
class Tool:
    """words: that make it say its version, of which pattern takes (major, minor). get: where it is to be had."""

    name: str
    words: tuple[str, ...]
    pattern: str
    get: str


TERRAFORM: Final = Tool(
    "terraform", ("version",), r"Terraform v(\d+)\.(\d+)", "https://developer.hashicorp.com/terraform/install"
)
HELM: Final = Tool("helm", ("version", "--short"), r"v(\d+)\.(\d+)", "https://helm.sh/docs/intro/install")
KUBECTL: Final = Tool(
    "kubectl",
    ("version", "--client", "--output", "json"),
    r'"gitVersion": "v(\d+)\.(\d+)',
    "https://kubernetes.io/docs/tasks/tools",
)
AWS: Final = Tool(
    "aws",
    ("--version",),
    r"aws-cli/(\d+)\.(\d+)",
    "https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html",
)
DOCKER: Final = Tool("docker", ("--version",), r"version (\d+)\.(\d+)", "https://docs.docker.com/engine/install")


def check_tools(kubernetes_version: str) -> Iterator[Finding]:
    """kubernetes_version: of the cluster, such as 1.35."""
    yield _needed(TERRAFORM, "1.11 or newer", lambda major, minor: (major, minor) >= (1, 11))
    yield _needed(HELM, "3.14 or newer", lambda major, minor: (major, minor) >= (3, 14))
    yield _needed(AWS, "2", lambda major, _: major == 2)
    wanted = tuple(int(part) for part in kubernetes_version.split("."))
    yield _needed(
        KUBECTL,
        f"{kubernetes_version} or a minor version beside it",
        lambda major, minor: major == wanted[0] and abs(minor - wanted[1]) <= 1,
    )
    found = version_of(DOCKER)
    if isinstance(found, tuple):
        yield ok(f"docker {found[0]}.{found[1]}")
    else:
        yield warn(f"docker: {found}", f"Only to build the images yourself (`make images`): {DOCKER.get}")


def version_of(tool: Tool) -> tuple[int, int] | str:
    """(major, minor), or why there is none."""
    program = shutil.which(tool.name)
    if program is None:
        return "not on the PATH"
    try:
        done = subprocess.run(  # noqa: S603
            [program, *tool.words], capture_output=True, text=True, check=False, timeout=_PATIENCE_S
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"{program} does not run: {error}"
    said = re.search(tool.pattern, done.stdout + done.stderr)
    if said is None:
        lines = (done.stderr or done.stdout).strip().splitlines()
        return f"{program} does not say its version: {lines[0] if lines else f'exit code {done.returncode}'}"
    return int(said[1]), int(said[2])


def _needed(tool: Tool, wanted: str, fits: Callable[[int, int], bool]) -> Finding:
    found = version_of(tool)
    if isinstance(found, str):
        return fail(f"{tool.name}: {found}", f"Install {wanted}: {tool.get}")
    version = f"{tool.name} {found[0]}.{found[1]}"
    if fits(*found):
        return ok(version)
    return fail(f"{version}: it must be {wanted}", f"Install it: {tool.get}")
