"""crds/debatejobs.yaml beside the models: the same fields, defaults and bounds, each explained.

The verdicts of a real API server are compared in tests/cluster/test_crd.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import BaseModel

from debate_core.documents.debatejob import DebateJobSpec
from debate_core.documents.debatejob_status import Condition, DebateJobStatus, Phase, StepState
from debate_core.reasons import Reason

Schema = dict[str, Any]

CRD = yaml.safe_load((Path(__file__).parents[3] / "crds" / "debatejobs.yaml").read_text(encoding="utf-8"))
VERSION = CRD["spec"]["versions"][0]
ROOT = VERSION["schema"]["openAPIV3Schema"]
SPEC, STATUS = ROOT["properties"]["spec"], ROOT["properties"]["status"]

BOUNDS = ("minimum", "maximum", "minLength", "maxLength", "pattern", "enum", "maxItems", "maxProperties", "format")


def walk(schema: Schema, path: str) -> Iterator[tuple[str, Schema]]:
    """Every schema below this one, with its path: `.a.b`, items as `[]`, values of a map as `{}`."""
    yield path, schema
    for name, child in schema.get("properties", {}).items():
        yield from walk(child, f"{path}.{name}")
    if "items" in schema:
        yield from walk(schema["items"], f"{path}[]")
    if "additionalProperties" in schema:
        yield from walk(schema["additionalProperties"], f"{path}{{}}")


def plain(schema: Schema, definitions: Schema) -> Schema:
    """pydantic's schema of one field without what a CRD says in another way: references, `or null`, titles."""
    if "$ref" in schema:
        schema = definitions[schema["$ref"].rpartition("/")[2]] | {k: v for k, v in schema.items() if k != "$ref"}
    options = [option for option in schema.get("anyOf", []) if option != {"type": "null"}]
    if len(options) == 1:
        schema = {key: value for key, value in schema.items() if key != "anyOf"} | plain(options[0], definitions)
    elif options:
        # A quantity: a whole number, or a string.
        bounds = {key: value for option in options for key, value in option.items() if key != "type"}
        schema = {"type": "quantity"} | bounds
    if "const" in schema:
        schema = schema | {"enum": [schema["const"]]}
    keys = ("type", "properties", "required", "items", "default", *BOUNDS)
    kept = {key: schema[key] for key in keys if schema.get(key) not in (None, [])}
    if "default" in schema and schema["default"] is not None:
        kept["default"] = schema["default"]
    if "properties" in kept:
        kept["properties"] = {name: plain(child, definitions) for name, child in kept["properties"].items()}
        if "default" in kept:
            kept["default"] = {}
    elif kept["type"] == "object":
        values = schema.get("additionalProperties") or next(iter(schema["patternProperties"].values()))
        kept["additionalProperties"] = plain(values, definitions)
    if "items" in kept:
        kept["items"] = plain(kept["items"], definitions)
    return kept


def own(schema: Schema) -> Schema:
    """The same of the CRD's schema."""
    kept = {key: schema[key] for key in ("required", "default", *BOUNDS) if key in schema}
    kept["type"] = "quantity" if schema.get("x-kubernetes-int-or-string") else schema["type"]
    if "properties" in schema:
        kept["properties"] = {name: own(child) for name, child in schema["properties"].items()}
    for inside in ("items", "additionalProperties"):
        if inside in schema:
            kept[inside] = own(schema[inside])
    return kept


def of_model(model: type[BaseModel]) -> Schema:
    schema = model.model_json_schema(by_alias=True)
    return plain(schema, schema["$defs"])


def flat(schema: Schema) -> dict[str, Any]:
    """By path, for a difference that can be read."""
    inner = {"properties", "items", "additionalProperties"}
    return {path: {k: v for k, v in found.items() if k not in inner} for path, found in walk(schema, "")}


def test_the_spec_is_the_models_spec() -> None:
    model, crd = flat(of_model(DebateJobSpec)), flat(own(SPEC))
    for path in (".jobId", ".language"):
        # For CEL's budget; the pattern says the same.
        del crd[path]["maxLength"]

    assert crd == model


def test_the_status_has_every_field_that_the_operator_writes_and_no_other() -> None:
    model, crd = flat(of_model(DebateJobStatus)), flat(own(STATUS))

    assert set(crd) == set(model)
    for path, field in model.items():
        assert crd[path]["type"] == field["type"], path
        assert crd[path].get("format") in (field.get("format"), "int64"), path


def test_the_status_knows_every_word() -> None:
    steps, reason = STATUS["properties"]["steps"]["items"], STATUS["properties"]["reason"]["description"]

    assert STATUS["properties"]["phase"]["enum"] == list(Phase)
    assert steps["properties"]["state"]["enum"] == list(StepState)
    assert [name for name in Reason if name not in reason] == []
    assert set(STATUS["properties"]["conditions"]["items"]["required"]) == {
        field.alias for name, field in Condition.model_fields.items() if name != "observed_generation"
    }


def test_every_field_says_what_it_is() -> None:
    silent = {path for path, field in walk(ROOT, "") if "description" not in field}

    # What lies in a list or in a map is explained there.
    assert {path for path in silent if not path.endswith(("[]", "{}"))} == {".metadata", ".metadata.name"}


@pytest.mark.parametrize("schema", [SPEC, STATUS], ids=["spec", "status"])
def test_every_list_map_and_string_is_bounded(schema: Schema) -> None:
    found = list(walk(schema, ""))
    lists = [(path, field) for path, field in found if field.get("type") == "array"]
    strings = [(path, field) for path, field in found if field.get("type") == "string"]

    assert [path for path, field in lists if "maxItems" not in field] == []
    assert [path for path, field in strings if not {"maxLength", "enum", "format"} & set(field)] == []
    assert [path for path, field in found if "additionalProperties" in field and "maxProperties" not in field] == []
    assert [path for path, field in found if field.get("x-kubernetes-preserve-unknown-fields")] == []


def test_the_status_is_checked_by_its_shape_alone() -> None:
    """A rule could only keep the operator from writing down what is so."""
    assert [path for path, field in walk(STATUS, "") if "x-kubernetes-validations" in field] == []


def test_every_rule_says_what_is_wrong() -> None:
    rules = [rule for _, field in walk(ROOT, "") for rule in field.get("x-kubernetes-validations", [])]

    assert len(rules) > 20
    assert [rule for rule in rules if len(rule["message"]) < 20] == []
