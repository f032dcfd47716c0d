"""Whether the installed CRD has every field that we read and write.

A field that it lacks is pruned by the API server without a word: the status would never say what was written, and the
operator would write it again and again. `helm upgrade` alone leaves an old CRD in place, so this does happen.
Read from the server's OpenAPI document, which needs no right to see CRDs.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from debate_core.documents.debatejob import KIND, DebateJobSpec
from debate_core.documents.debatejob_status import DebateJobStatus
from debate_operator import names
from debate_operator.kube import Kube

FIX = (
    "install the CRD of this release: `kubectl apply --server-side -f crds/`, or `helm upgrade` with crds.install=true"
)
LOCAL_ONLY = frozenset({"spec.source.file"})
"""Fields that `debate-worker run` alone knows."""


class CrdUnfit(Exception):
    """The CRD is missing or too old; the message says which fields lack and what to do."""


async def check_crd(kube: Kube) -> None:
    """Raises CrdUnfit, ApiError, ApiUnreachable."""
    document = await kube.openapi()
    schema = crd_schema(document) if document is not None else None
    if schema is None:
        raise CrdUnfit(f"this cluster has no {names.PLURAL}.{names.GROUP} of version {names.VERSION}: {FIX}")
    lacking = missing_fields(schema)
    if lacking:
        raise CrdUnfit(f"the cluster's {names.PLURAL}.{names.GROUP} lacks {', '.join(lacking)}: {FIX}")


def crd_schema(document: dict[str, Any]) -> dict[str, Any] | None:
    """DebateJob's schema in an OpenAPI v3 document."""
    for schema in document.get("components", {}).get("schemas", {}).values():
        if any(kind.get("kind") == KIND for kind in schema.get("x-kubernetes-group-version-kind", [])):
            found: dict[str, Any] = schema
            return found
    return None


def missing_fields(schema: dict[str, Any]) -> list[str]:
    """`status.steps[].retryAt`: what our models have and the CRD's schema has not."""
    properties = schema.get("properties", {})
    lacking: list[str] = []
    for name, model in (("spec", DebateJobSpec), ("status", DebateJobStatus)):
        ours = model.model_json_schema(by_alias=True)
        lacking += _missing(ours, properties.get(name), ours.get("$defs", {}), name)
    return [path for path in lacking if path not in LOCAL_ONLY]


def _missing(ours: dict[str, Any], theirs: dict[str, Any] | None, defs: dict[str, Any], path: str) -> Iterator[str]:
    if theirs is None:
        yield path
        return
    if theirs.get("x-kubernetes-preserve-unknown-fields"):
        return
    for variant in _variants(ours, defs):
        for name, schema in variant.get("properties", {}).items():
            yield from _missing(schema, theirs.get("properties", {}).get(name), defs, f"{path}.{name}")
        if "items" in variant:
            yield from _missing(variant["items"], theirs.get("items", {}), defs, f"{path}[]")


def _variants(ours: dict[str, Any], defs: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The schema itself, what it refers to, and each of `X | None`."""
    if "$ref" in ours:
        yield from _variants(defs[ours["$ref"].rpartition("/")[2]], defs)
        return
    yield ours
    for variant in (*ours.get("anyOf", []), *ours.get("allOf", [])):
        yield from _variants(variant, defs)
