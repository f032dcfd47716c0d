"""The terraform program on a copy of terraform/: so that no test touches a state, a backend or a provider of yours."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

ROOT = Path(__file__).parents[2] / "terraform"
NOT_COPIED = shutil.ignore_patterns(
    ".terraform*", ".venv", "*.tfstate*", "*.tfplan", "backend.hcl", "terraform.tfvars", "*.auto.tfvars"
)
PROVIDER = "registry.terraform.io/hashicorp/aws"


class NoTerraform(Exception):
    """The program or the provider is not to be had; the message says what was tried and what to do."""


class Failed(Exception):
    """A command of terraform failed; the message is what it said."""


class Terraform:
    """One copy of the configuration, and the commands in it."""

    def __init__(self, folder: Path, env: dict[str, str] | None = None) -> None:
        self.folder = folder
        self.env = _environment() | (env or {})
        self._program = _program()

    def run(self, *words: str, folder: str = ".", within_s: int = 540, stdin: str = "") -> str:
        """Its output. Raises Failed."""
        done = subprocess.run(
            [self._program, *words],
            cwd=self.folder / folder,
            env=self.env,
            input=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=within_s,
            check=False,
        )
        if done.returncode:
            raise Failed(f"terraform {' '.join(words)} ({done.returncode}):\n{done.stdout[-20000:]}")
        return done.stdout

    def init(self, *words: str, folder: str = ".") -> None:
        """Raises NoTerraform where the provider cannot be had."""
        mirror = _mirror()
        plugins = [f"-plugin-dir={mirror}"] if mirror else []
        try:
            self.run("init", "-input=false", "-no-color", *plugins, *words, folder=folder)
        except Failed as error:
            raise NoTerraform(
                f"terraform init failed, so nothing of terraform/ was tested. It needs {PROVIDER}: from the registry, "
                "or from a folder that holds registry.terraform.io/, named by DEBATE_TERRAFORM_MIRROR.\n" + str(error)
            ) from error

    def outputs(self) -> dict[str, Any]:
        return {name: output["value"] for name, output in json.loads(self.run("output", "-json")).items()}

    def test(self, *words: str) -> dict[str, dict[str, str | None]]:
        """Test file -> its runs -> what is wrong with each, None where it passed."""
        report = self.folder / "report.xml"
        report.unlink(missing_ok=True)
        said = ""
        try:
            said = self.run("test", "-no-color", f"-junit-xml={report}", *words)
        except Failed as error:
            said = str(error)
        if not report.is_file():
            raise Failed(said)
        return {
            str(suite.get("name")): dict(_runs(suite, said)) for suite in ElementTree.parse(report).iter("testsuite")
        }


def copy_of_root(folder: Path, env: dict[str, str] | None = None) -> Terraform:
    """terraform/ copied to `folder`, not initialised."""
    shutil.copytree(ROOT, folder, ignore=NOT_COPIED, dirs_exist_ok=True)
    return Terraform(folder, env)


def _runs(suite: ElementTree.Element, said: str) -> Iterator[tuple[str, str | None]]:
    for case in suite.iter("testcase"):
        bad = next((case.find(kind) for kind in ("failure", "error", "skipped") if case.find(kind) is not None), None)
        yield str(case.get("name")), None if bad is None else f"{bad.tag}: {bad.get('message')}\n{bad.text}\n{said}"


def _program() -> str:
    found = shutil.which("terraform")
    if found is None:
        raise NoTerraform(
            "There is no terraform on the PATH, so nothing of terraform/ was tested: install 1.11 or newer."
        )
    return found


def _mirror() -> Path | None:
    """A folder with the provider, for machines that do not reach the registry; None: terraform knows where it is."""
    named = os.environ.get("DEBATE_TERRAFORM_MIRROR")
    if named:
        return Path(named)
    if "TF_CLI_ARGS_init" in os.environ or _cli_config():
        return None
    places = [
        Path.home() / ".terraform.d",
        Path.home() / ".cache",
        *map(Path, ("/opt", "/usr/share", "/usr/local/share")),
    ]
    return next((found.parents[2] for place in places for found in sorted(place.glob(f"*/{PROVIDER}"))), None)


def _cli_config() -> Path | None:
    named = Path(os.environ.get("TF_CLI_CONFIG_FILE") or Path.home() / ".terraformrc")
    return named if named.is_file() else None


def _environment() -> dict[str, str]:
    """Without the account of who runs the tests: what went wrong could then touch it."""
    ours = {
        name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "TF_VAR_", "TF_CLI_CONFIG"))
    }
    config = _cli_config()
    return (
        ours
        | ({"TF_CLI_CONFIG_FILE": str(config)} if config else {})
        | {"TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1", "AWS_EC2_METADATA_DISABLED": "true"}
    )
