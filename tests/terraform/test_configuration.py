"""terraform/ without an account: formatted, valid, every module and combination of options with a mocked provider."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hcl_text import Variable, blocks, variables
from terraform_cli import ROOT, Terraform

TEST_FILES = sorted(path.name for path in ROOT.glob("tests/*.tftest.hcl"))
MODULES = sorted(path.name for path in (ROOT / "modules").iterdir())
CODE = sorted(path for path in ROOT.rglob("*.tf") if ".terraform" not in path.parts)


@pytest.fixture(scope="session")
def suite(offline: Terraform) -> dict[str, dict[str, str | None]]:
    """All test files, by one call."""
    return offline.test()


def test_formatted(offline: Terraform) -> None:
    assert offline.run("fmt", "-check", "-recursive", "-diff") == ""


@pytest.mark.parametrize("folder", [".", "bootstrap"])
def test_valid(offline: Terraform, folder: str) -> None:
    offline.run("validate", "-no-color", folder=folder)


@pytest.mark.parametrize("name", TEST_FILES)
def test_with_mocks(suite: dict[str, dict[str, str | None]], name: str) -> None:
    runs = suite[f"tests/{name}"]
    assert runs
    assert [wrong for wrong in runs.values() if wrong] == []
    assert runs.keys() == blocks(ROOT / "tests" / name, "run").keys()


@pytest.mark.parametrize("profile", ["lean", "prod"])
def test_profile(offline: Terraform, profile: str) -> None:
    name = f"tests/profiles/{profile}.tftest.hcl"
    suite = offline.test("-test-directory=tests/profiles", f"-filter={name}", f"-var-file={profile}.tfvars")
    assert suite[name] == {profile: None}


@pytest.mark.parametrize("module", MODULES)
def test_each_module_has_its_tests(module: str) -> None:
    assert f'source = "./modules/{module}"' in (ROOT / f"tests/{module}.tftest.hcl").read_text(encoding="utf-8")


def test_no_provider_but_aws_and_no_module_of_others() -> None:
    texts = [path.read_text(encoding="utf-8") for path in CODE]
    sources = {found for text in texts for found in re.findall(r'^ +source += "(.*)"$', text, re.MULTILINE)}
    assert {source for source in sources if not source.startswith("./modules/")} == {"hashicorp/aws"}
    assert {found for text in texts for found in re.findall(r'^ +version += "(.*)"$', text, re.MULTILINE)} == {
        ">= 5.95, < 7.0"
    }
    assert not [
        path for path, text in zip(CODE, texts, strict=True) if re.search(r'^provider "(?!aws")', text, re.MULTILINE)
    ]


def test_no_lock_file_of_one_platform(repository: Path) -> None:
    assert "\n.terraform.lock.hcl\n" in (repository / "terraform/.gitignore").read_text(encoding="utf-8")


class TestVariables:
    """What can be set explains itself, and what is refused says what would be right."""

    ALL = variables(ROOT / "variables.tf")

    @pytest.mark.parametrize("variable", ALL, ids=lambda variable: variable.name)
    def test_says_its_reason_and_its_cost(self, variable: Variable) -> None:
        assert re.search(r"\$[0-9]|Costs? nothing|Doubles what|[Cc]osts: prices", variable.description)
        assert ("Default" in variable.description) == variable.has_default

    def test_every_validation_has_a_case(self) -> None:
        cases = blocks(ROOT / "tests/validations.tftest.hcl", "run").values()
        expected = [name for case in cases for name in re.findall(r"var\.(\w+)", case.split("expect_failures")[1])]
        for variable in self.ALL:
            assert expected.count(variable.name) >= len(variable.messages), variable.name

    @pytest.mark.parametrize("variable", [one for one in ALL if one.messages], ids=lambda variable: variable.name)
    def test_each_message_names_what_it_is_about(self, variable: Variable) -> None:
        for message in variable.messages:
            assert variable.name in message
            assert message.endswith(".")

    def test_bootstrap_takes_the_same_names(self) -> None:
        ours = {variable.name: variable.messages for variable in self.ALL}
        for variable in variables(ROOT / "bootstrap/main.tf"):
            assert variable.messages == ours[variable.name]
