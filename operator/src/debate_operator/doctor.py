"""`debate-operator doctor`: can the operator work here? Each check in a line, and how to fix what is wrong."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from debate_core.documents.base import InvalidDocument
from debate_core.documents.models_index import ModelsIndex
from debate_operator import names
from debate_operator.crd_check import CrdUnfit, check_crd
from debate_operator.kube import ApiError, ApiUnreachable, Kube
from debate_operator.settings import Settings, SettingsInvalid

RIGHTS: Final[dict[tuple[str, str], tuple[str, ...]]] = {
    (names.GROUP, "debatejobs"): ("get", "list", "watch", "delete"),
    (names.GROUP, "debatejobs/status"): ("update",),
    ("batch", "jobs"): ("get", "list", "watch", "create", "delete"),
    ("", "pods"): ("list", "watch"),
    ("", "events"): ("create", "list"),
}
"""(group, resource) -> verbs, in each namespace. The chart's Role is exactly this."""

STATS_RIGHTS: Final[dict[tuple[str, str], tuple[str, ...]]] = {
    ("batch", "cronjobs"): ("get",),
    ("batch", "jobs"): ("get", "list", "create"),
}
"""In the namespace of the statistics' CronJob, by whose name alone it may be read."""

CLUSTER_RIGHTS: Final[dict[tuple[str, str], tuple[str, ...]]] = {
    ("authentication.k8s.io", "tokenreviews"): ("create",),
}
"""The chart's one ClusterRole."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One check. fix: what to do where it is not ok."""

    what: str
    ok: bool
    fix: str = ""

    def __str__(self) -> str:
        return f"{'ok  ' if self.ok else 'FAIL'} {self.what}" + (f"\n     -> {self.fix}" if not self.ok else "")


class Part(StrEnum):
    """Of the checks. cluster: what the operator itself needs. store: what its workers need."""

    CLUSTER = "cluster"
    STORE = "store"


async def examine(settings_path: Path, parts: frozenset[Part] = frozenset(Part)) -> AsyncIterator[Finding]:
    """The checks in order; without settings the rest makes no sense."""
    try:
        settings = Settings.load(settings_path)
    except SettingsInvalid as error:
        yield Finding(f"settings: {error}", ok=False, fix="correct the file, or the chart's values that it is made of")
        return
    yield Finding(f"settings: {settings_path}", ok=True)
    if Part.CLUSTER in parts:
        try:
            async with Kube.connected() as kube:
                async for finding in _cluster(kube, settings):
                    yield finding
        except (ApiError, ApiUnreachable) as error:
            fix = "check KUBECONFIG, or the pod's service account and network policies"
            yield Finding(f"API server: {error}", ok=False, fix=fix)
    if Part.STORE in parts:
        for finding in await asyncio.to_thread(_store, settings):
            yield finding


async def _cluster(kube: Kube, settings: Settings) -> AsyncIterator[Finding]:
    yield Finding(f"API server: {await kube.version()} at {kube.configuration.host}", ok=True)
    try:
        await check_crd(kube)
        yield Finding(f"CRD: {names.PLURAL}.{names.GROUP} has every field", ok=True)
    except CrdUnfit as error:
        yield Finding("CRD", ok=False, fix=str(error))
    wanted: list[tuple[str | None, dict[tuple[str, str], tuple[str, ...]]]]
    wanted = [*((namespace, RIGHTS) for namespace in settings.namespaces), (None, CLUSTER_RIGHTS)]
    if settings.stats is not None:
        wanted.append((settings.stats.namespace, STATS_RIGHTS))
    for namespace, rights in wanted:
        lacking = [
            f"{verb} {resource}"
            for (group, resource), verbs in rights.items()
            for verb in verbs
            if not await kube.may(verb, group, resource, namespace, _name_of(resource, settings))
        ]
        where = f"in namespace {namespace}" if namespace else "in the cluster"
        where += " for statistics" if rights is STATS_RIGHTS else ""
        yield Finding(
            f"rights {where}" + (f": may not {', '.join(lacking)}" if lacking else ""),
            ok=not lacking,
            fix="install the chart's roles: `helm upgrade`, with this namespace in its values",
        )


def _name_of(resource: str, settings: Settings) -> str | None:
    return settings.stats.cron_job if resource == "cronjobs" and settings.stats is not None else None


def _store(settings: Settings) -> list[Finding]:
    """Whether the models' index can be read, with the credentials of whoever asks.

    The operator needs no store to work: its workers do, so `helm test` asks as their service account.
    """
    # Here alone: boto3 is memory that the operator itself, which this module is part of, does without.
    from debate_core.store import ObjectNotFound, StoreAddressInvalid, StoreDenied, StoreError, open_store

    if settings.store.endpoint_url:
        os.environ.setdefault("AWS_ENDPOINT_URL_S3", settings.store.endpoint_url)
    if settings.store.region:
        os.environ.setdefault("AWS_REGION", settings.store.region)
    findings = []
    try:
        open_store(settings.store.uri).stat("models/index.json")
        findings.append(Finding(f"store: {settings.store.uri} answers", ok=True))
    except (StoreAddressInvalid, StoreDenied, StoreError) as error:
        findings.append(
            Finding(
                f"store: {error}", ok=False, fix="correct store.* in the values, or give the workers' account rights"
            )
        )
    try:
        ModelsIndex.from_json(open_store(settings.models).get("index.json"))
        findings.append(Finding(f"models: {settings.models}/index.json can be read", ok=True))
    except (ObjectNotFound, StoreAddressInvalid, StoreDenied, StoreError, InvalidDocument) as error:
        findings.append(
            Finding(
                f"models: {error}", ok=False, fix=f"put them there: debate-worker fetch-models --to {settings.models}"
            )
        )
    return findings
