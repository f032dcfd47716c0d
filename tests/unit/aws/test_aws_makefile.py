"""terraform/Makefile around the tools: what bootstrap keeps, and what the tools are called with. Programs are fakes."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]

# Says what it was called with, and for `output` what bootstrap/ would put out.
TERRAFORM = """#!/bin/sh
echo "terraform $*" >>calls
case "$*" in *output*) echo 'bucket = "state"' ;; esac
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copy(ROOT / "terraform/Makefile", tmp_path)
    for name, script in (("terraform", TERRAFORM), ("tools/run", '#!/bin/sh\necho "tools $*" >>calls\n')):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(script, encoding="utf-8")
        path.chmod(0o755)
    return tmp_path


def make(folder: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if name not in {"REGION", "NAME", "VAR_FILE", "ARGS"}}
    return subprocess.run(
        ["make", "-C", folder, "TERRAFORM=./terraform", *words],
        env=kept | {"MAKEFLAGS": ""} | variables,
        capture_output=True,
        text=True,
        check=False,
    )


def calls(folder: Path) -> list[str]:
    return (folder / "calls").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize(("words", "name"), [((), "debate-analyzer"), (("NAME=second",), "second")])
def test_bootstrap_keeps_where_and_what(folder: Path, words: tuple[str, ...], name: str) -> None:
    assert make(folder, "bootstrap", "REGION=eu-central-1", *words).returncode == 0
    kept = (folder / "installation.auto.tfvars").read_text(encoding="utf-8")
    assert kept == f'region = "eu-central-1"\nname   = "{name}"\n'
    assert (folder / "backend.hcl").read_text(encoding="utf-8") == 'bucket = "state"\n'
    ignored = (ROOT / "terraform/.gitignore").read_text(encoding="utf-8").splitlines()
    assert "installation.auto.tfvars" in ignored


def test_bootstrap_asks_where(folder: Path) -> None:
    done = make(folder, "bootstrap")
    assert done.returncode != 0
    assert "Say where: make -C terraform bootstrap REGION=eu-central-1" in done.stderr
    assert not (folder / "installation.auto.tfvars").exists()


@pytest.mark.parametrize("target", ["preflight", "cost"])
def test_tools_get_the_set_of_variables(folder: Path, target: str) -> None:
    make(folder, target)
    make(folder, target, VAR_FILE="prod.tfvars")
    make(folder, target, "VAR_FILE=my own.tfvars", "ARGS=--json --var region=x")
    assert calls(folder) == [
        f"tools {target} --var-file lean.tfvars",
        f"tools {target} --var-file prod.tfvars",
        f"tools {target} --var-file my own.tfvars --json --var region=x",
    ]


@pytest.mark.parametrize(("target", "command"), [("images", "push-images"), ("install", "install"), ("web", "web")])
def test_values_lie_here_or_where_make_was_called(folder: Path, tmp_path: Path, target: str, command: str) -> None:
    (folder / "here.yaml").touch()
    make(folder, target, "VALUES=here.yaml there.yaml /some/where.yaml", "ARGS=--help", PWD=str(tmp_path / "project"))
    (call,) = calls(folder)
    assert call.split() == [
        *("tools", command),
        f"--values={folder}/here.yaml",
        f"--values={tmp_path}/project/there.yaml",
        "--values=/some/where.yaml",
        "--help",
    ]


def test_destroy_gets_the_set_of_variables(folder: Path) -> None:
    make(folder, "destroy", "VAR_FILE=prod.tfvars", "ARGS=--dry-run")
    make(folder, "smoke", "ARGS=--keep")
    assert calls(folder) == ["tools destroy --var-file prod.tfvars --dry-run", "tools smoke --keep"]


def test_the_launcher_from_any_folder(tmp_path: Path) -> None:
    """With an environment of its own: the project's has what nobody needs for this."""
    done = subprocess.run(
        [ROOT / "terraform/tools/run", "cost", "--var-file", "lean.tfvars", "--var", "region=us-east-1"],
        cwd=tmp_path,
        env={name: value for name, value in os.environ.items() if not name.startswith("TF_VAR_")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "An idle month" in done.stdout
    packages = {path.name for path in ROOT.glob("terraform/.venv/lib/*/site-packages/*")}
    assert "boto3" in packages
    assert "torch" not in packages
