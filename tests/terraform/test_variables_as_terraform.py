"""The tools read variables as Terraform does: both are asked for all of them, with the same files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from terraform_cli import Terraform, copy_of_root

from debate_aws.variables import read_variables

SETS = {
    "lean": (["lean.tfvars"], ["region=eu-central-1"], {}, {}),
    "prod": (["prod.tfvars"], ["region=us-east-1", "system_node_count=3"], {"TF_VAR_cdn": "false"}, {}),
    "all sources": (
        ["lean.tfvars", "mine.tfvars"],
        ['tags={team="politics"}'],
        {"TF_VAR_region": "eu-west-1", "TF_VAR_zone_count": "2", "TF_VAR_secrets": '["callback-keys"]'},
        {
            "terraform.tfvars": 'region = "eu-west-2"\nname = "own"\nlog_retention_days = 60\n',
            "installation.auto.tfvars": 'region = "eu-north-1"\nname   = "installed"\n',
            "z.auto.tfvars.json": '{"name": "json", "upload_origins": ["https://a.example.org"]}',
            "mine.tfvars": 'alarm_emails = ["a@example.org"]\nmonthly_budget_usd = 150.5\nname = "mine"\n',
        },
    ),
}


def plain_copy(folder: Path) -> Terraform:
    """With variables and nothing else, so that no provider is needed."""
    terraform = copy_of_root(folder)
    for path in folder.glob("*.tf"):
        if path.name != "variables.tf":
            path.unlink()
    return terraform


@pytest.mark.parametrize("name", SETS)
def test_the_same_values(name: str, tmp_path: Path) -> None:
    files, assignments, environ, written = SETS[name]
    terraform = plain_copy(tmp_path / "root")
    for file, text in written.items():
        (terraform.folder / file).write_text(text, encoding="utf-8")
    ours = read_variables(terraform.folder, var_files=files, assignments=assignments, environ=environ)
    terraform.env |= environ
    question = "{" + ", ".join(f"{one} = var.{one}" for one in ours.values) + "}"
    words = [*(f"-var-file={file}" for file in files), *(f"-var={one}" for one in assignments)]
    said = terraform.run("console", *words, stdin=f"jsonencode({question})\n")
    assert json.loads(json.loads(said.strip().splitlines()[-1])) == ours.values
    assert ours["name"] == {"lean": "debate-analyzer", "prod": "debate-analyzer", "all sources": "mine"}[name]
