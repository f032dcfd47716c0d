"""The programs that preflight asks for their versions: fakes on a PATH of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from debate_aws.preflight_site import Finding, State
from debate_aws.preflight_tools import check_tools

GOOD = {
    "terraform": "echo 'Terraform v1.11.4'; echo 'on linux_amd64'",
    "helm": "echo v3.22.0+g1234567",
    "aws": "echo 'aws-cli/2.31.0 Python/3.13.7 Linux/6.1 exe/x86_64'",
    "kubectl": """echo '{"clientVersion": {'; echo '  "gitVersion": "v1.35.4",'; echo '}}'""",
    "docker": "echo 'Docker version 28.2.2, build e6534b4'",
}


@pytest.fixture
def bin_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PATH", str(tmp_path))
    for name, script in GOOD.items():
        install(tmp_path, name, script)
    return tmp_path


def install(folder: Path, name: str, script: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)


def look(name: str) -> Finding:
    (found,) = [one for one in check_tools("1.35") if one.what.startswith(name)]
    return found


def test_all_are_here(bin_folder: Path) -> None:
    assert [(one.state, one.what) for one in check_tools("1.35")] == [
        (State.OK, "terraform 1.11"),
        (State.OK, "helm 3.22"),
        (State.OK, "aws 2.31"),
        (State.OK, "kubectl 1.35"),
        (State.OK, "docker 28.2"),
    ]


@pytest.mark.parametrize(
    ("name", "script", "what"),
    [
        ("terraform", "echo 'Terraform v1.10.5'", "terraform 1.10: it must be 1.11 or newer"),
        ("helm", "echo v2.17.0", "helm 2.17: it must be 3.14 or newer"),
        ("helm", "echo v3.13.3", "helm 3.13: it must be 3.14 or newer"),
        ("aws", "echo 'aws-cli/1.45.11 Python/3.11'", "aws 1.45: it must be 2"),
        (
            "kubectl",
            """echo '"gitVersion": "v1.33.2"'""",
            "kubectl 1.33: it must be 1.35 or a minor version beside it",
        ),
    ],
)
def test_a_version_that_does_not_work(bin_folder: Path, name: str, script: str, what: str) -> None:
    install(bin_folder, name, script)
    found = look(name)
    assert (found.state, found.what) == (State.FAIL, what)
    assert found.fixes[0].startswith("Install it: https://")


@pytest.mark.parametrize("version", ["3.14.0", "4.0.1"])
def test_a_helm_that_works(bin_folder: Path, version: str) -> None:
    install(bin_folder, "helm", f"echo v{version}")
    assert look("helm").state is State.OK


@pytest.mark.parametrize("minor", [34, 36])
def test_a_kubectl_beside_the_cluster_works(bin_folder: Path, minor: int) -> None:
    install(bin_folder, "kubectl", f"""echo '"gitVersion": "v1.{minor}.0-eks-1"'""")
    assert look("kubectl").state is State.OK


def test_a_terraform_that_warns_first(bin_folder: Path) -> None:
    install(bin_folder, "terraform", "echo 'Warning: no file' >&2; echo 'Terraform v1.13.0'")
    assert look("terraform").state is State.OK


@pytest.mark.parametrize("name", sorted(GOOD))
def test_missing(bin_folder: Path, name: str) -> None:
    (bin_folder / name).unlink()
    found = look(name)
    assert found.what == f"{name}: not on the PATH"
    assert found.state is (State.WARN if name == "docker" else State.FAIL)
    assert "https://" in found.fixes[0]


def test_a_shim_with_nothing_behind_it(bin_folder: Path) -> None:
    install(bin_folder, "aws", "echo 'pyenv: aws: command not found' >&2; exit 127")
    assert look("aws").what == f"aws: {bin_folder}/aws does not say its version: pyenv: aws: command not found"
