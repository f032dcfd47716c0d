"""What IAM's policies allow: a small evaluator of policy documents, for assertions on the roles that exist.

It knows what the policies here use, and raises `NotImplementedError` for anything else, so that no test passes on a
condition that it did not understand.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Request:
    """One action on one resource. context: the condition keys that AWS would know of it; absent is absent."""

    action: str
    resource: str
    context: Mapping[str, str] = field(default_factory=dict)


def allows(policies: Iterable[Document], request: Request) -> bool:
    """Whether identity policies allow it: some statement does, and none denies it."""
    effects = {
        statement["Effect"]
        for document in policies
        for statement in listed(document["Statement"])
        if _applies(statement, request)
    }
    return "Allow" in effects and "Deny" not in effects


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _applies(statement: Mapping[str, Any], request: Request) -> bool:
    unknown = statement.keys() - {"Sid", "Effect", "Action", "Resource", "Condition"}
    if unknown:
        raise NotImplementedError(f"{unknown} in {statement}")
    return (
        any(_like(action.lower(), request.action.lower()) for action in listed(statement["Action"]))
        and any(_like(resource, request.resource) for resource in listed(statement["Resource"]))
        and all(
            _holds(operator, listed(wanted), request.context.get(key))
            for operator, keys in statement.get("Condition", {}).items()
            for key, wanted in keys.items()
        )
    )


def _holds(operator: str, wanted: list[str], given: str | None) -> bool:
    every = operator.startswith("ForAllValues:")
    operator = operator.removeprefix("ForAllValues:")
    if operator.endswith("IfExists") or every:
        if given is None:
            return True
        operator = operator.removesuffix("IfExists")
    if given is None:
        return False
    values = given.split(",") if every else [given]
    match operator:
        case "StringEquals" | "ArnEquals":
            return all(value in wanted for value in values)
        case "StringLike":
            return all(any(_like(pattern, value) for pattern in wanted) for value in values)
        case _:
            raise NotImplementedError(operator)


def _like(pattern: str, value: str) -> bool:
    """AWS knows * and ?, over slashes too, and no [ ]."""
    return re.fullmatch(fnmatch.translate(pattern.replace("[", "[[]")), value) is not None
