from __future__ import annotations

from pathlib import Path

import pytest
from applied_account import aws, distribution, helm, here, served, subnet
from terraform_cli import NoTerraform, Terraform, copy_of_root

__all__ = ["aws", "distribution", "helm", "here", "served", "subnet"]  # fixtures, for the tests of debate-aws


@pytest.fixture(scope="session")
def offline(tmp_path_factory: pytest.TempPathFactory) -> Terraform:
    """The configuration with its provider and without a backend."""
    try:
        terraform = copy_of_root(tmp_path_factory.mktemp("terraform") / "root")
        for folder in (".", "bootstrap"):
            terraform.init("-backend=false", folder=folder)
    except NoTerraform as error:
        pytest.fail(str(error), pytrace=False)
    return terraform


@pytest.fixture(scope="session")
def repository() -> Path:
    return Path(__file__).parents[2]
