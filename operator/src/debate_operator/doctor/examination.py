"""The checks in order, each where its facts are."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

from debate_operator.doctor.cluster import cluster
from debate_operator.doctor.finding import Finding, well, wrong
from debate_operator.doctor.identity import in_pod
from debate_operator.doctor.nodes import nodes
from debate_operator.doctor.parts import Part, Role
from debate_operator.doctor.quota import quota
from debate_operator.doctor.reach import progress
from debate_operator.doctor.store import set_up, store
from debate_operator.kube import ApiError, ApiUnreachable, Kube
from debate_operator.settings import Settings, SettingsInvalid

_OF_KUBERNETES: Final = {Part.CLUSTER: cluster, Part.NODES: nodes}


async def examine(
    settings_path: Path, parts: frozenset[Part] = frozenset(Part), role: Role = Role.WORKER
) -> AsyncIterator[Finding]:
    """role: whose rights on the store. Without settings the rest makes no sense."""
    try:
        settings = Settings.load(settings_path)
    except SettingsInvalid as error:
        yield wrong(f"settings: {error}", "correct the file, or the chart's values that it is made of")
        return
    yield well(f"settings: {settings_path}")
    of_kubernetes = [check for part, check in _OF_KUBERNETES.items() if part in parts]
    if of_kubernetes:
        try:
            async with Kube.connected() as kube:
                for check in of_kubernetes:
                    async for finding in check(kube, settings):
                        yield finding
        except (ApiError, ApiUnreachable) as error:
            yield wrong(f"API server: {error}", "check KUBECONFIG, or the pod's service account and network policies")
    if Part.STORE in parts:
        for finding in await asyncio.to_thread(lambda: list(store(settings, role))):
            yield finding
    if Part.PROGRESS in parts:
        yield await asyncio.to_thread(progress, settings.progress_url, in_pod=in_pod())
    if Part.QUOTA in parts:
        set_up(settings)
        yield await asyncio.to_thread(quota, settings)
