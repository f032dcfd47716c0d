"""Variables as Terraform would see them: which source wins, what is refused, and in which words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from debate_aws.account import AccountError
from debate_aws.variables import Variables, read_variables

DECLARED = """
variable "region" {
  type = string
}
variable "name" {
  type    = string
  default = "debates"
  validation {
    condition     = can(regex("^[a-z]+$", var.name))
    error_message = "name is a name."
  }
}
variable "count_of" {
  type    = number
  default = 1
}
variable "cdn" {
  type    = bool
  default = true
}
variable "secrets" {
  type    = set(string)
  default = ["b", "a"]
}
variable "zones" {
  type    = list(string)
  default = []
}
variable "tags" {
  type    = map(string)
  default = {}
}
variable "domain" {
  type    = string
  default = null
}
variable "described" {
  description = <<-EOT
    Two
    lines.
  EOT
  type        = string
  default     = "x"
}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "variables.tf").write_text(DECLARED, encoding="utf-8")
    return tmp_path


def read(folder: Path, *, environ: dict[str, str] | None = None, **given: list[str]) -> Variables:
    return read_variables(
        folder,
        var_files=given.get("files", []),
        assignments=given.get("var", ["region=eu-central-1"]),
        environ=environ or {},
    )


def test_defaults(folder: Path) -> None:
    assert dict(read(folder).values) == {
        "region": "eu-central-1",
        "name": "debates",
        "count_of": 1,
        "cdn": True,
        "secrets": ["a", "b"],
        "zones": [],
        "tags": {},
        "domain": None,
        "described": "x",
    }


def test_the_stronger_source_wins(folder: Path) -> None:
    """Each step adds a source that wins over all before it."""
    environ = {"TF_VAR_name": "environment", "TF_VAR_other": "of another configuration"}
    steps = (
        ("terraform.tfvars", 'name = "own"\n'),
        ("terraform.tfvars.json", '{"name": "own-json"}'),
        ("a.auto.tfvars", 'name = "a"\n'),
        ("b.auto.tfvars.json", '{"name": "b"}'),
        ("c.auto.tfvars", 'name = "c"'),
    )
    assert read(folder, environ=environ)["name"] == "environment"
    for file, text in steps:
        (folder / file).write_text(text, encoding="utf-8")
        found = read(folder, environ=environ)
        assert found["name"] in text
        assert found.sources["name"] == file
    for file in ("one.tfvars", "two.tfvars"):
        (folder / file).write_text(f'name = "{file}"\n', encoding="utf-8")
    assert read(folder, environ=environ, files=["two.tfvars", "one.tfvars"])["name"] == "one.tfvars"
    last = read(folder, environ=environ, files=["one.tfvars"], var=["region=x", "name=first", "name=last"])
    assert (last["name"], last.sources["name"]) == ("last", "--var")


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("name", '"a \\"b\\" \\\\ \\u00e9 \\n $${x} %%{y}"', 'a "b" \\ é \n ${x} %{y}'),
        ("name", "3", "3"),
        ("name", "true", "true"),
        ("count_of", "2.5", 2.5),
        ("count_of", "-3", -3),
        ("count_of", '"4"', 4),
        ("cdn", "false", False),
        ("cdn", '"false"', False),
        ("secrets", '["z", "a", "z"]', ["a", "z"]),
        ("zones", '[\n  "z",\n  "a", # why\n]', ["z", "a"]),
        ("tags", '{ team = "politics", "a b" = 1 }', {"team": "politics", "a b": "1"}),
        ("domain", "null", None),
    ],
)
def test_values_of_a_file(folder: Path, name: str, text: str, value: object) -> None:
    (folder / "x.tfvars").write_text(f"{name} = {text}\n", encoding="utf-8")
    assert read(folder, files=["x.tfvars"])[name] == value


@pytest.mark.parametrize(
    ("assignment", "value"),
    [
        ('zones=["a"]', ["a"]),
        ('tags={a="b"}', {"a": "b"}),
        ("count_of=7", 7),
        ("cdn=false", False),
        ('name="quoted"', '"quoted"'),
        ("name=a=b", "a=b"),
        ("name=${x}", "${x}"),
    ],
)
def test_values_of_the_command_line_and_the_environment(folder: Path, assignment: str, value: object) -> None:
    name, _, text = assignment.partition("=")
    assert read(folder, var=["region=x", assignment])[name] == value
    assert read(folder, environ={f"TF_VAR_{name}": text})[name] == value


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ('name = "unended\n', "line 1 is not HCL"),
        ('zones = ["a"\nname = "b"\n', "is not HCL"),
        ('nmae = "x"\n', "sets nmae, and there is no such variable."),
        ('name = upper("x")\n', "name is computed"),
        ('name = "${var.region}"\n', "name is computed"),
        ('count_of = "many"\n', 'count_of in x.tfvars is "many", which is no number.'),
        ("count_of = true\n", "is true, which is no number."),
        ('zones = "a"\n', 'is "a", which is no list(string).'),
        ('cdn = "perhaps"\n', "which is no bool."),
    ],
)
def test_a_file_that_is_wrong(folder: Path, text: str, what: str) -> None:
    (folder / "x.tfvars").write_text(text, encoding="utf-8")
    with pytest.raises(AccountError) as raised:
        read(folder, files=["x.tfvars"])
    assert what in raised.value.what
    assert raised.value.fix


def test_what_was_meant_is_proposed(folder: Path) -> None:
    with pytest.raises(AccountError) as raised:
        read(folder, var=["region=x", "secret=[]"])
    assert raised.value.fix.startswith("Did you mean secrets? ")


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ({"files": ["none.tfvars"]}, "There is no file"),
        ({"var": ["name"]}, "--var name has no value."),
        ({"var": ["zones=a b"]}, "--var zones is no value for list(string)"),
    ],
)
def test_a_command_line_that_is_wrong(folder: Path, given: dict[str, list[str]], what: str) -> None:
    with pytest.raises(AccountError) as raised:
        read(folder, **given)
    assert what in raised.value.what


def test_json_that_is_wrong(folder: Path) -> None:
    (folder / "x.auto.tfvars.json").write_text("[]", encoding="utf-8")
    with pytest.raises(AccountError, match="no JSON object"):
        read(folder)
    (folder / "x.auto.tfvars.json").write_text("{", encoding="utf-8")
    with pytest.raises(AccountError, match="is no JSON"):
        read(folder)


class TestRegion:
    @pytest.fixture(autouse=True)
    def nobody(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))

    def test_of_the_environment(self, folder: Path) -> None:
        both = {"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "us-east-2"}
        assert read(folder, var=[], environ=both).sources["region"] == "AWS_REGION"
        assert read(folder, var=[], environ={"AWS_DEFAULT_REGION": "us-east-2"})["region"] == "us-east-2"
        assert read(folder, environ=both)["region"] == "eu-central-1"

    def test_of_the_profile(self, folder: Path, tmp_path: Path) -> None:
        (tmp_path / "config").write_text("[default]\nregion = ca-central-1\n", encoding="utf-8")
        found = read(folder, var=[])
        assert (found["region"], found.sources["region"]) == ("ca-central-1", "your AWS profile")

    def test_of_nobody(self, folder: Path) -> None:
        with pytest.raises(AccountError, match=r"No region is set\.") as raised:
            read(folder, var=[])
        assert "make -C terraform bootstrap REGION=eu-central-1" in raised.value.fix

    def test_a_profile_that_is_not_there(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AWS_PROFILE", "nobody")
        with pytest.raises(AccountError, match="nobody"):
            read(folder, var=[])

    def test_as_bootstrap_keeps_it(self, folder: Path) -> None:
        (folder / "installation.auto.tfvars").write_text('region = "eu-west-3"\nname   = "ours"\n', encoding="utf-8")
        found = read(folder, var=[], environ={"AWS_REGION": "eu-west-1"})
        assert (found["region"], found["name"]) == ("eu-west-3", "ours")


def test_every_set_of_the_repository(pytestconfig: pytest.Config) -> None:
    terraform = pytestconfig.rootpath / "terraform"
    for profile in ("lean", "prod"):
        found = read(terraform, files=[f"{profile}.tfvars"])
        assert json.loads(json.dumps(found.values))["secrets"][-1] == "huggingface-token"
