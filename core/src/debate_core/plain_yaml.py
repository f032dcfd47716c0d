"""YAML from outside, read into plain data: in bounded time, or refused with the reason.

`yaml.safe_load` runs no code, but a few hundred bytes of aliases and merge keys cost it minutes and gigabytes, deep
nesting ends in RecursionError, and scalars that it cannot make (`2026-99-99`, `!!int x`, 5,000 digits) in whatever
Python raises. JSON is YAML, and read as well, with its escaped characters beyond U+FFFF.
"""

from __future__ import annotations

from typing import Any, Final

import yaml
from yaml.composer import ComposerError
from yaml.constructor import ConstructorError

MAX_CHARACTERS: Final = 262_144
"""Kubernetes takes no larger DebateJob: the worker gets it as an annotation."""
MAX_DEPTH: Final = 32
MAX_VALUES: Final = 20_000
"""With every alias written out, which is what a merge key does."""

_TAGS: Final = ("null", "bool", "int", "float", "str", "seq", "map")
_TIMESTAMP: Final = "tag:yaml.org,2002:timestamp"


class InvalidYaml(ValueError):
    """The text is not YAML, or not the plain data that we read; the message says where and why."""


def read(text: str) -> Any:
    """Null, booleans, numbers, text, lists and mappings; a date stays text, as in Kubernetes. Raises InvalidYaml."""
    if len(text) > MAX_CHARACTERS:
        raise InvalidYaml(f"it is longer than {MAX_CHARACTERS:,} characters")
    try:
        return yaml.load(text, Loader=_PlainLoader)  # a SafeLoader, and a stricter one
    except yaml.YAMLError as error:
        raise InvalidYaml(str(error)) from error


class _PlainLoader(yaml.SafeLoader):
    yaml_constructors = {
        tag: function
        for tag, function in yaml.SafeLoader.yaml_constructors.items()
        if tag is None or tag.rpartition(":")[2] in _TAGS
    }
    yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag != _TIMESTAMP]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self._depth = 0
        self._measured: dict[yaml.Node, tuple[int, int]] = {}  # values and depth, aliases written out

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
        if self._depth >= MAX_DEPTH:
            raise ComposerError(None, None, f"nested deeper than {MAX_DEPTH}", mark)
        self._depth += 1
        is_alias = self.check_event(yaml.AliasEvent)
        node = super().compose_node(parent, index)
        self._depth -= 1
        if node is None or (is_alias and node not in self._measured):
            raise ComposerError(None, None, "an alias of what it is in", mark)
        if node not in self._measured:
            self._measured[node] = self._measure(node)
        values, depth = self._measured[node]
        # Of a long list it is known before its end that there are too many.
        if max(values, len(self._measured)) > MAX_VALUES:
            raise ComposerError(None, None, f"more than {MAX_VALUES:,} values", mark)
        if depth > MAX_DEPTH:
            raise ComposerError(None, None, f"nested deeper than {MAX_DEPTH} by its aliases", mark)
        return node

    def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:
        node = super().compose_mapping_node(anchor)
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    raise ComposerError(None, None, f"{key.value[:80]!a} is there twice", key.start_mark)
                seen.add(key.value)
        return node

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            value = super().construct_object(node, deep)
            if isinstance(value, str):
                # JSON writes an emoji as two halves; PyYAML leaves them apart. One alone could be in no document.
                value = value.encode("utf-16", "surrogatepass").decode("utf-16")
        except (ValueError, LookupError, ArithmeticError) as error:
            raise ConstructorError(None, None, f"{str(node.value)[:80]!a} is no {node.tag}", node.start_mark) from error
        return value

    def _measure(self, node: yaml.Node) -> tuple[int, int]:
        inside: list[yaml.Node] = []
        if isinstance(node, yaml.MappingNode):
            inside = [one for pair in node.value for one in pair]
        elif isinstance(node, yaml.SequenceNode):
            inside = node.value
        measured = [self._measured[one] for one in inside]
        return 1 + sum(values for values, _ in measured), 1 + max((depth for _, depth in measured), default=0)
