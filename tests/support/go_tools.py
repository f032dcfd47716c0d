"""Programs that the tests run and that build from Go modules: found on the PATH or in the cache, or built into it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

BUILT_WITHIN_S = 540


class NoTool(Exception):
    """The program is not there and could not be built; the message says what was tried."""


@dataclass(frozen=True)
class GoTool:
    """One program. folder: below the cache, where else it may have been built (scripts/kind builds its own).

    name: what it is called here; Go calls it by the last part of its module.
    """

    name: str
    module: str
    version: str
    folder: str = "bin"

    def find_or_build(self) -> Path:
        """Its path; building takes a minute or some. Raises NoTool."""
        if found := shutil.which(self.name):
            return Path(found)
        folder = cache_folder() / self.folder
        binary = folder / self.name
        if binary.is_file():
            return binary
        go = shutil.which("go")
        if go is None:
            raise NoTool(f"{self.name} is neither on the PATH nor at {binary}, and there is no go to build it.")
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as scratch:
            built = subprocess.run(
                [go, "install", "-trimpath", "-ldflags", "-s -w", f"{self.module}@{self.version}"],
                env=os.environ | {"GOBIN": scratch, "CGO_ENABLED": "0"},  # no C compiler is asked for
                capture_output=True,
                text=True,
                timeout=BUILT_WITHIN_S,
                check=False,
            )
            if built.returncode:
                raise NoTool(f"go install {self.module}@{self.version} failed: {built.stderr[-2000:]}")
            (Path(scratch) / self.module.rpartition("/")[2]).rename(binary)
        return binary


def module_folder(module: str, version: str) -> Path:
    """The files of a Go module, such as the CRDs that a controller's has. Raises NoTool."""
    go = shutil.which("go")
    if go is None:
        raise NoTool(f"{module} is a Go module, and there is no go to fetch it.")
    command = [go, "mod", "download", "-json", f"{module}@{version}"]
    with tempfile.TemporaryDirectory() as folder:  # no module of ours: its go.mod would be written to
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=BUILT_WITHIN_S, check=False)
    said = json.loads(done.stdout or "{}")
    if "Dir" not in said:
        raise NoTool(f"{' '.join(command)} failed: {said.get('Error') or done.stderr[-2000:]}")
    return Path(said["Dir"])


def cache_folder() -> Path:
    """Where built tools are kept between runs."""
    return Path(os.environ.get("DEBATE_CACHE") or Path.home() / ".cache/debate-analyzer")


HELM = GoTool("helm", "helm.sh/helm/v3/cmd/helm", "v3.22.0", folder="kind/bin")
KARPENTER = "v1.14.1"
"""The release that charts/gpu-nodepool is for. Its folder has the version: another one is another build."""
KARPENTER_KWOK = GoTool(
    "karpenter-kwok", "sigs.k8s.io/karpenter/kwok", KARPENTER, folder=f"karpenter-{KARPENTER.removeprefix('v')}"
)
KWOK = GoTool("kwok", "sigs.k8s.io/kwok/cmd/kwok", "v0.8.0")
VERSITYGW = GoTool("versitygw", "github.com/versity/versitygw/cmd/versitygw", "v1.8.0")
ACTIONLINT = GoTool("actionlint", "github.com/rhysd/actionlint/cmd/actionlint", "v1.7.12")
REGISTRY = GoTool("registry", "github.com/distribution/distribution/v3/cmd/registry", "v3.0.0")
