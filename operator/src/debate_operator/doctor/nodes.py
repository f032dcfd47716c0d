"""Where pods find room: nodes that are there, and the NodePools by which Karpenter makes others."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

from debate_operator.doctor.finding import Finding, not_checked, well, wrong
from debate_operator.doctor.placing import Demand, Place, amount, demands, node_place, pool_place, why_not
from debate_operator.kube import ApiError, Kube
from debate_operator.settings import Settings

_NODES: Final = "/api/v1/nodes"
_POOLS: Final = "/apis/karpenter.sh/v1/nodepools"
_SHOWN: Final = 4
_NOT_SEEN: Final = (
    ". A group that another autoscaler than Karpenter keeps at zero is not seen: with one, ask again once it has a node"
)
_MAY = "ask as somebody who may list nodes and nodepools.karpenter.sh, or by `helm test`, which may for its time"


async def nodes(kube: Kube, settings: Settings) -> AsyncIterator[Finding]:
    """Raises ApiError, ApiUnreachable."""
    try:
        there = [node_place(raw) for raw in (await kube.everywhere(_NODES))["items"]]
        pools = await _pools(kube)
    except ApiError as error:
        if error.status != 403:
            raise
        yield not_checked("nodes: these rights do not allow to list them", _MAY)
        return
    for demand in demands(settings):
        yield room(demand, [*there, *pools])
    if settings.gpu.resource:
        yield device_plugin(there, settings.gpu.resource)


async def _pools(kube: Kube) -> list[Place]:
    try:
        return [pool_place(raw) for raw in (await kube.everywhere(_POOLS))["items"]]
    except ApiError as error:
        if error.status == 404:  # no Karpenter
            return []
        raise


def room(demand: Demand, places: Sequence[Place]) -> Finding:
    """Whether some node or NodePool takes the pods of the demand; for each that does not, why."""
    refusals = [(place, why_not(demand, place)) for place in places]
    taken = [place for place, reason in refusals if reason is None]
    if taken:
        others = f" and {len(taken) - 1} more" if len(taken) > 1 else ""
        return well(f"{demand.name}: {taken[0].name}{others}")
    said = [f"{place.name} {reason}" for place, reason in refusals][:_SHOWN]
    more = [f"{len(refusals) - _SHOWN} more do not either"] if len(refusals) > _SHOWN else []
    without_karpenter = all(place.requirements is None for place in places)
    return wrong(
        f"{demand.name}: no node and no NodePool takes them ({'; '.join(said + more) or 'there is none'})",
        demand.fix + (_NOT_SEEN if without_karpenter else ""),
    )


def device_plugin(there: Sequence[Place], resource: str) -> Finding:
    """Whether nodes that have a GPU offer it. A node without the plugin waits for ever, and costs."""
    having = [place for place in there if _has_gpu(place.labels) or amount(place.offers.get(resource) or 0)]
    mute = [place.name for place in having if not amount(place.offers.get(resource) or 0)]
    if mute:
        return wrong(
            f"GPU device plugin: {', '.join(mute[:_SHOWN])} has a GPU and offers no {resource}",
            "install NVIDIA's device plugin, tolerating the nodes' taints; Bottlerocket's NVIDIA image brings it",
        )
    if not having:
        return not_checked(
            "GPU device plugin: no node with a GPU is there now", "run this again while a debate is analyzed"
        )
    return well(f"GPU device plugin: {having[0].name} offers {resource}")


def _has_gpu(labels: dict[str, Any]) -> bool:
    return labels.get("nvidia.com/gpu.present") == "true" or "karpenter.k8s.aws/instance-gpu-name" in labels
