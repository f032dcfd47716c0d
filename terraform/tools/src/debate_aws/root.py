"""terraform/ as a folder: what an apply put out, and the program itself."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

from debate_aws.account import AccountError


class Root:
    """The folder with main.tf. Raises AccountError where terraform is not there or fails."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def outputs(self) -> dict[str, Any]:
        """Name -> value of each output of the last apply. Raises AccountError where there was none."""
        said = self._run("output", "-json")
        outputs = {name: output["value"] for name, output in json.loads(said or "{}").items()}
        if not outputs:
            raise AccountError(
                f"Terraform has no outputs in {self.folder}: nothing is applied.",
                "terraform -chdir=terraform apply -var-file=lean.tfvars",
            )
        return outputs

    def _run(self, *words: str) -> str:
        program = shutil.which("terraform")
        if program is None:
            raise AccountError(
                "There is no terraform on the PATH.",
                "Install 1.11 or newer: https://developer.hashicorp.com/terraform/install",
            )
        done = subprocess.run(  # noqa: S603
            [program, f"-chdir={self.folder}", *words], capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise AccountError(f"terraform {words[0]} failed:\n{done.stderr.strip()}", "make -C terraform init")
        return done.stdout
