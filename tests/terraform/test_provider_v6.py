"""terraform/ with version 6 of the AWS provider, which its constraint allows: all that it uses is there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hcl2
import pytest
from provider_bindings import Binding, NoBindings, bindings
from terraform_cli import ROOT

FILES = sorted(path for path in ROOT.rglob("*.tf") if not any(part.startswith(".") for part in path.parts))
OF_TERRAFORM = {"count", "for_each", "depends_on", "lifecycle", "provider", "provisioner", "connection", "timeouts"}
REFERENCE = re.compile(r"\b(data\.)?(aws_[a-z0-9_]+)\.[a-z0-9_]+(?:\[[^\]]*\])?\.([a-z0-9_]+)")

Block = dict[str, Any]
Use = tuple[str, tuple[str, ...]]  # a resource's kind; the path of blocks that leads to an attribute, and it


def plain(name: str) -> str:
    """Without the quotes that the parser leaves around labels."""
    return name.strip('"')


def used(path: Path) -> Iterator[Use]:
    with path.open(encoding="utf-8") as file:
        parsed: Any = hcl2.load(file)
    for keyword, prefix in (("resource", ""), ("data", "data.")):
        for labelled in parsed.get(keyword, []):
            for kind, named in labelled.items():
                for body in named.values():
                    yield prefix + plain(kind), ()
                    for steps in attributes(body):
                        if steps[0] not in OF_TERRAFORM:
                            yield prefix + plain(kind), steps


def attributes(body: Block, before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, value in body.items():
        if name.startswith("__"):
            continue  # the parser's own marks
        if name == "dynamic":
            for labelled in value:
                for label, dynamic in labelled.items():
                    if label.startswith("__"):
                        continue
                    yield (*before, plain(label))
                    for content in dynamic["content"]:
                        yield from attributes(content, (*before, plain(label)))
            continue
        yield (*before, name)
        for block in value if isinstance(value, list) else []:
            if isinstance(block, dict) and "__is_block__" in block:
                yield from attributes(block, (*before, name))


USES = sorted({use for path in FILES for use in used(path)})
KINDS = {kind for kind, _ in USES}
REFERENCES = sorted(
    {
        (f"{data}{kind}", attribute)
        for path in FILES
        for data, kind, attribute in REFERENCE.findall(path.read_text(encoding="utf-8"))
    }
)


@pytest.fixture(scope="session")
def version_6() -> dict[str, Binding | None]:
    try:
        return bindings(KINDS)
    except NoBindings as error:
        pytest.fail(str(error), pytrace=False)


def test_everything_is_read() -> None:
    """As many resources as the files have lines that begin one."""
    lines = [
        line.split('"')[1]
        for path in FILES
        for line in path.read_text("utf-8").splitlines()
        if line[:10] == 'resource "'
    ]
    assert set(lines) == {kind for kind in KINDS if not kind.startswith("data.")}
    assert ("aws_s3_bucket_lifecycle_configuration", ("rule", "filter", "prefix")) in USES
    assert ("data.aws_iam_policy_document", ("statement", "condition", "variable")) in USES
    assert ("aws_instance", "primary_network_interface_id") in REFERENCES
    assert len(USES) > 300


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_version_6_has_it(version_6: dict[str, Binding | None], kind: str) -> None:
    binding = version_6[kind]
    assert binding is not None
    missing = {".".join(path): step for used, path in USES if used == kind and (step := binding.lacks(path))}
    assert missing == {}
    assert [name for of, name in REFERENCES if of == kind and not binding.gives(name)] == []


class TestTheComparison:
    """What it would say of something that version 6 took away."""

    @pytest.mark.parametrize(
        ("kind", "path"),
        [
            ("aws_eip", ("vpc",)),  # gone with version 6: domain
            ("aws_s3_bucket_lifecycle_configuration", ("rule", "filter", "no_such")),
            ("aws_sqs_queue", ("name", "no_such")),
        ],
    )
    def test_what_is_gone_is_named(
        self, version_6: dict[str, Binding | None], kind: str, path: tuple[str, ...]
    ) -> None:
        binding = version_6[kind]
        assert binding is not None
        assert binding.lacks(path) == path[-1]

    def test_what_is_no_longer_given_is_named(self, version_6: dict[str, Binding | None]) -> None:
        binding = version_6["aws_eip"]
        assert binding is not None
        assert not binding.gives("vpc")
        assert binding.gives("allocation_id")

    def test_a_kind_that_is_gone_has_no_binding(self) -> None:
        assert bindings({"aws_opsworks_stack"}) == {"aws_opsworks_stack": None}
