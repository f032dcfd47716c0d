"""terraform/ as a folder: what an apply put out, and the program itself."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from debate_aws.account import AccountError

WANTED: Final = (
    *("region", "cluster_name", "kubeconfig_command", "namespaces", "bucket", "registry", "secret_names"),
    *("karpenter_values", "node_values", "helm_values"),
)
"""Outputs that the commands read. An apply that fails leaves out what it did not come to know."""

_MAY_BE_NULL: Final = ("page",)
"""Outputs that an installation may do without: Terraform leaves out what is null."""


class Root:
    """The folder with main.tf. Raises AccountError where terraform is not there or fails."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def outputs(self) -> dict[str, Any]:
        """Name -> value of each output of the last apply, None where it is null.

        Raises AccountError where nothing is applied, or not to its end.
        """
        outputs = self.outputs_or_none()
        if not outputs:
            raise AccountError(
                f"Terraform has no outputs in {self.folder}: nothing is applied.",
                "terraform -chdir=terraform apply -var-file=lean.tfvars",
            )
        missing = [name for name in WANTED if name not in outputs]
        if missing:
            raise AccountError(
                f"Terraform has no output {', '.join(missing)}: the last apply did not come to its end.",
                "terraform -chdir=terraform apply -var-file=lean.tfvars    (or your own file: it goes on from there)",
            )
        return dict.fromkeys(_MAY_BE_NULL) | outputs

    def outputs_or_none(self) -> dict[str, Any]:
        """As `outputs`; {} where nothing is applied."""
        said = self._run("output", "-json", "-no-color")
        return {name: output["value"] for name, output in json.loads(said or "{}").items()}

    def addresses(self) -> list[str]:
        """Of all resources of the state, such as module.storage.aws_s3_bucket.store; [] where there is nothing."""
        try:
            listed = self._run("state", "list", "-no-color").splitlines()
        except AccountError as error:
            if "No state file was found" in error.what:
                return []
            raise
        return [address for address in listed if not re.match(r"(module\.[^.]+\.)*data\.", address)]

    def forget(self, addresses: Sequence[str]) -> None:
        """Takes them out of the state: Terraform will not touch them any more."""
        self._run("state", "rm", "-no-color", *addresses)

    def destroy(self, var_file: str, region: str) -> None:
        """All that the state knows; what Terraform says goes to the terminal. Raises AccountError."""
        words = ["destroy", "-auto-approve", "-input=false", f"-var-file={var_file}", f"-var=region={region}"]
        done = subprocess.run([self._program(), f"-chdir={self.folder}", *words], check=False)  # noqa: S603
        if done.returncode:
            raise AccountError(
                "terraform destroy failed, for the reason above.",
                "Mend it and run this again: it goes on where it stopped.",
            )

    def _run(self, *words: str) -> str:
        done = subprocess.run(  # noqa: S603
            [self._program(), f"-chdir={self.folder}", *words], capture_output=True, text=True, check=False
        )
        if "Backend initialization required" in done.stderr:
            there = (self.folder / "backend.hcl").is_file()
            raise AccountError(
                "Terraform does not know yet where its state is kept, so it is not known what is installed.",
                ("" if there else "make -C terraform bootstrap REGION=eu-central-1 && ") + "make -C terraform init",
            )
        if done.returncode:
            raise AccountError(f"terraform {words[0]} failed:\n{done.stderr.strip()}", "make -C terraform init")
        return done.stdout

    def _program(self) -> str:
        program = shutil.which("terraform")
        if program is None:
            raise AccountError(
                "There is no terraform on the PATH.",
                "Install 1.11 or newer: https://developer.hashicorp.com/terraform/install",
            )
        return program
