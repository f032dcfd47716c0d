"""A CRD that lacks a field of ours is found out, by name; one of this release has them all."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

from debate_operator.crd_check import crd_schema, missing_fields

CRD = yaml.safe_load((Path(__file__).parents[3] / "crds/debatejobs.yaml").read_text())


@pytest.fixture
def schema() -> dict[str, Any]:
    found: dict[str, Any] = copy.deepcopy(CRD["spec"]["versions"][0]["schema"]["openAPIV3Schema"])
    return found


def at(schema: dict[str, Any], path: str) -> dict[str, Any]:
    """The properties that hold the last part of the path."""
    for part in path.split(".")[:-1]:
        schema = schema["properties"][part.removesuffix("[]")]
        schema = schema["items"] if part.endswith("[]") else schema
    found: dict[str, Any] = schema["properties"]
    return found


def test_this_releases_crd_has_every_field(schema: dict[str, Any]) -> None:
    assert missing_fields(schema) == []


@pytest.mark.parametrize(
    "path",
    [
        "status",
        "status.reason",
        "status.display.eta",
        "status.steps[].retryAt",
        "status.conditions[].lastTransitionTime",
        "spec.deletionPolicy",
        "spec.podOverrides.tolerations[].tolerationSeconds",
    ],
)
def test_a_field_that_lacks_is_named(schema: dict[str, Any], path: str) -> None:
    del at(schema, path)[path.rpartition(".")[2]]
    assert missing_fields(schema) == [path]


def test_a_part_that_keeps_whatever_it_is_given_lacks_nothing(schema: dict[str, Any]) -> None:
    schema["properties"]["status"] = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    assert missing_fields(schema) == []


def test_more_fields_than_ours_do_no_harm(schema: dict[str, Any]) -> None:
    schema["properties"]["status"]["properties"]["fromTheFuture"] = {"type": "string"}
    assert missing_fields(schema) == []


def test_our_kind_is_found_among_others() -> None:
    ours = {"x-kubernetes-group-version-kind": [{"kind": "DebateJob"}], "properties": {}}
    listed = {"x-kubernetes-group-version-kind": [{"kind": "DebateJobList"}]}
    assert crd_schema({"components": {"schemas": {"a": listed, "b": {}, "c": ours}}}) is ours
    assert crd_schema({"components": {"schemas": {"a": listed}}}) is None
    assert crd_schema({}) is None
