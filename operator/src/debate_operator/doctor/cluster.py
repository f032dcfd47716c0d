"""What the operator itself needs: an API server that is new enough, the CRD, its rights."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Final

from debate_operator import names
from debate_operator.crd_check import CrdUnfit, check_crd
from debate_operator.doctor.finding import Finding, well, wrong
from debate_operator.kube import Kube
from debate_operator.settings import Settings

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
"""The chart's one ClusterRole that is bound to anybody for longer than a test."""

OLDEST: Final = (1, 34)
"""Of Kubernetes: what older ones do with our Jobs and the CRD's rules, nobody has tried."""


async def cluster(kube: Kube, settings: Settings) -> AsyncIterator[Finding]:
    """Raises ApiError, ApiUnreachable."""
    yield version(await kube.version(), kube.configuration.host)
    try:
        await check_crd(kube)
        yield well(f"CRD: {names.PLURAL}.{names.GROUP} {names.VERSION} has every field of this release")
    except CrdUnfit as error:
        yield wrong(f"CRD: {names.PLURAL}.{names.GROUP} {names.VERSION} is not this release's", str(error))
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
        yield (
            wrong(
                f"rights {where}: may not {', '.join(lacking)}",
                "install the chart's roles: `helm upgrade`, with this namespace in its values",
            )
            if lacking
            else well(f"rights {where}: all that the operator uses")
        )


def version(said: str, host: str) -> Finding:
    """said: by the API server, `v1.35.4-eks-3abbec1`."""
    numbers = re.match(r"v(\d+)\.(\d+)", said)
    if numbers and (int(numbers[1]), int(numbers[2])) < OLDEST:
        wanted = ".".join(map(str, OLDEST))
        return wrong(
            f"API server: {said} at {host} is older than {wanted}",
            f"upgrade the cluster to Kubernetes {wanted} or later",
        )
    return well(f"API server: {said} at {host}")


def _name_of(resource: str, settings: Settings) -> str | None:
    return settings.stats.cron_job if resource == "cronjobs" and settings.stats is not None else None
