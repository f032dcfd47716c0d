"""YAML from outside: plain data, or a refusal in a moment, whatever the text."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from debate_core.plain_yaml import MAX_CHARACTERS, MAX_DEPTH, MAX_VALUES, InvalidYaml, read

# PyYAML itself writes a NEL or a line separator in a key as a line's end; DEL it takes for unprintable.
texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp"]))
# YAML wants the colon after a key within 1,024 characters, and JSON may write one character as twelve.
key_texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp"]), max_size=80)
leaves = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), texts)


def nested(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.recursive(
        values, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(key_texts, inner, max_size=4), max_leaves=12
    )


@given(nested(leaves))
def test_what_yaml_writes_is_read(value: Any) -> None:
    assert read(yaml.safe_dump(value, allow_unicode=True)) == value


@given(value=nested(leaves.filter(lambda value: not isinstance(value, float))), ensure_ascii=st.booleans())
@example(value="\U0001f600", ensure_ascii=True)
def test_json_is_yaml(value: Any, ensure_ascii: bool) -> None:
    """But for numbers such as 1e5, which YAML 1.1 reads as text: a DebateJob has none."""
    assert read(json.dumps(value, ensure_ascii=ensure_ascii)) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("a: 2026-11-22", {"a": "2026-11-22"}, id="a date is text"),
        pytest.param("a: 2026-99-99", {"a": "2026-99-99"}, id="so is what is none"),
        pytest.param("a: &x {m: 1}\nb: *x", {"a": {"m": 1}, "b": {"m": 1}}, id="an alias"),
        pytest.param(
            "a: &x {m: 1, n: 1}\nb: {<<: *x, n: 2}", {"a": {"m": 1, "n": 1}, "b": {"m": 1, "n": 2}}, id="merge"
        ),
        pytest.param("", None, id="nothing"),
    ],
)
def test_accepted(text: str, value: Any) -> None:
    assert read(text) == value


def doubled(step: str, count: int = 30) -> str:
    """Each line names the one before twice: two to the power of `count` values."""
    return "a0: &a0 {x: 1}\n" + "".join(
        f"a{i}: &a{i} {step.format(f'*a{i - 1}, *a{i - 1}')}\n" for i in range(1, count)
    )


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param(doubled("[{}]"), "values", id="aliases of aliases"),
        pytest.param(doubled("{{<<: [{}]}}"), "values", id="merges of merges"),
        pytest.param("a: &a [" + "x," * MAX_VALUES + "]", "values", id="many values"),
        pytest.param("&a [*a]", "what it is in", id="an alias of itself"),
        pytest.param("&a {b: {c: *a}}", "what it is in", id="of what it is in"),
        pytest.param("a0: &a0 1\n" + "".join(f"a{i}: &a{i} [*a{i - 1}]\n" for i in range(1, 50)), "deeper", id="chain"),
        pytest.param("[" * (MAX_DEPTH + 1), "deeper", id="lists"),
        pytest.param("[" * 100_000, "deeper", id="a hundred thousand lists"),
        pytest.param("{a: " * 50_000, "deeper", id="mappings"),
        pytest.param("- " * 100_000, "deeper", id="block lists"),
        pytest.param(" " * (MAX_CHARACTERS + 1), "longer than", id="long"),
        pytest.param("a: 1\nb: 2\na: 3", "'a' is there twice", id="a key twice"),
        pytest.param("1" * 5000, "is no tag:yaml.org,2002:int", id="5,000 digits"),
        pytest.param("1" + ":59" * 400 + ".0", "is no tag:yaml.org,2002:float", id="a sexagesimal float"),
        pytest.param("0b_", "is no tag:yaml.org,2002:int", id="a number without digits"),
        pytest.param("!!int x", "is no tag:yaml.org,2002:int", id="int"),
        pytest.param("!!int ''", "is no tag:yaml.org,2002:int", id="empty int"),
        pytest.param("!!float x", "is no tag:yaml.org,2002:float", id="float"),
        pytest.param("!!bool x", "is no tag:yaml.org,2002:bool", id="bool"),
        pytest.param("!!timestamp x", "constructor for the tag", id="timestamp"),
        pytest.param("!!binary YQ==", "constructor for the tag", id="binary"),
        pytest.param("!!set {a}", "constructor for the tag", id="set"),
        pytest.param("!!python/name:os.system", "constructor for the tag", id="python"),
        pytest.param('"\\ud800"', "is no tag:yaml.org,2002:str", id="half a character"),
        pytest.param("a\0b", "unacceptable character", id="NUL"),
        pytest.param("\ta: b", "cannot start any token", id="tab"),
        pytest.param("[1]: 2", "unhashable", id="a list as a key"),
        pytest.param("%YAML 9.9\n---\na", "version", id="version 9.9"),
        pytest.param("a\n---\nb", "single document", id="two documents"),
    ],
)
def test_refused(text: str, why: str) -> None:
    with pytest.raises(InvalidYaml, match=why):
        read(text)
