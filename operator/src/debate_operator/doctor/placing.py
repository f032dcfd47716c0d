"""Whether a pod of ours could be placed on a node, or on one that a NodePool would make. Pure.

It follows the scheduler in what our pods use: node selector, taints, resources; and of Karpenter what can be told from
a NodePool alone. Which instance types fit a NodePool's requirements only Karpenter knows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from kubernetes.utils.quantity import parse_quantity

from debate_core.documents.debatejob import DebateJobSpec
from debate_core.steps import ANALYZE, FINISH, PREPARE, Step
from debate_operator.manifests import resources
from debate_operator.settings import Selector, Settings, Toleration

Raw = Mapping[str, Any]
Taint = Mapping[str, str]

# Labels that Karpenter knows for every instance type: a NodePool that says nothing of them offers each value.
_WELL_KNOWN: Final = (
    "karpenter.sh/capacity-type",
    "karpenter.k8s.aws/",
    "node.kubernetes.io/instance-type",
    "node.kubernetes.io/windows-build",
    "topology.kubernetes.io/",
    "kubernetes.io/arch",
    "kubernetes.io/os",
)
# AWS's families with GPUs of NVIDIA: what their instance category is, and their names begin with.
_GPU_FAMILIES: Final = ("g", "p")
_BY_FAMILY: Final = (
    "karpenter.k8s.aws/instance-category",
    "karpenter.k8s.aws/instance-family",
    "node.kubernetes.io/instance-type",
)
_ANY: Final = DebateJobSpec.model_validate({"source": {"url": "https://example.org"}})
"""A DebateJob that overrides nothing."""


@dataclass(frozen=True, slots=True)
class Demand:
    """What some of our pods ask for. fix: where no place takes them."""

    name: str
    selector: Selector
    tolerations: Sequence[Toleration]
    requests: Mapping[str, str]
    gpu: str | None
    fix: str


@dataclass(frozen=True, slots=True)
class Place:
    """A node, or what a NodePool would make.

    offers: allocatable resources of a node, limits of a NodePool. requirements: of a NodePool; None for a node.
    unfit: why it takes no pods at all.
    """

    name: str
    labels: dict[str, str]
    taints: Sequence[Taint]
    offers: Mapping[str, Any]
    requirements: Sequence[Raw] | None = None
    unfit: str | None = None


def demands(settings: Settings) -> list[Demand]:
    """Each kind of pod that a debate may need, with what the settings add to it."""
    gpu, cpu = settings.gpu, settings.cpu

    def of(name: str, step: Step, selector: Selector, fix: str) -> Demand:
        on_gpu = step.accelerator == "gpu"
        return Demand(
            name=name,
            selector=selector,
            tolerations=gpu.tolerations if on_gpu else cpu.tolerations,
            requests=resources(_ANY, step, settings)["requests"],
            gpu=gpu.resource if on_gpu else None,
            fix=fix,
        )

    pool = "install charts/gpu-nodepool, or label and taint nodes as"
    found = [
        of(f"nodes for {step.name}", step, cpu.node_selector, f"{pool} cpu.nodeSelector and cpu.tolerations say")
        for step in (PREPARE, FINISH)
    ]
    found.append(
        of("nodes for analyze", ANALYZE, gpu.node_selector, f"{pool} gpu.nodeSelector and gpu.tolerations say")
    )
    if gpu.on_demand_node_selector:
        found.append(
            of(
                "nodes for analyze after interruptions",
                ANALYZE,
                gpu.node_selector | gpu.on_demand_node_selector,
                "let a NodePool make on-demand nodes (gpu.capacityTypes of charts/gpu-nodepool), or take the labels "
                "out of gpu.onDemandNodeSelector (key: null)",
            )
        )
    if gpu.larger_node_selector:
        found.append(
            of(
                "nodes for analyze out of memory",
                ANALYZE,
                gpu.node_selector | gpu.larger_node_selector,
                "add a NodePool of larger GPUs with these labels, or set gpu.largerNodeSelector to {}",
            )
        )
    return found


def node_place(raw: Raw) -> Place:
    meta, spec, status = raw["metadata"], raw.get("spec") or {}, raw.get("status") or {}
    ready = next((one.get("status") for one in status.get("conditions") or [] if one.get("type") == "Ready"), "True")
    unfit = "is cordoned" if spec.get("unschedulable") else None if ready == "True" else "is not ready"
    return Place(
        name=f"node {meta['name']}",
        labels=meta.get("labels") or {},
        taints=spec.get("taints") or [],
        offers=status.get("allocatable") or {},
        unfit=unfit,
    )


def pool_place(raw: Raw) -> Place:
    name, spec = raw["metadata"]["name"], raw.get("spec") or {}
    template = spec.get("template") or {}
    inner = template.get("spec") or {}
    conditions = (raw.get("status") or {}).get("conditions") or []
    unfit = next(
        (
            f"is not ready: {one.get('message') or one.get('reason')}"
            for one in conditions
            if one.get("type") == "Ready" and one.get("status") == "False"
        ),
        None,
    )
    labels = dict((template.get("metadata") or {}).get("labels") or {})
    return Place(
        name=f"NodePool {name}",
        labels=labels | {"karpenter.sh/nodepool": name},
        taints=inner.get("taints") or [],
        offers=spec.get("limits") or {},
        requirements=inner.get("requirements") or [],
        unfit=unfit,
    )


def why_not(demand: Demand, place: Place) -> str | None:
    """Why the pods cannot be placed there, None where they can. A node's free room is not looked at: it changes."""
    if place.unfit:
        return place.unfit
    for key, value in demand.selector.items():
        if not _may_have(place, key, value):
            return f"has no {key}={value}"
    for taint in place.taints:
        if taint.get("effect") != "PreferNoSchedule" and not any(_tolerates(one, taint) for one in demand.tolerations):
            return f"has the taint {taint['key']}={taint.get('value', '')}:{taint.get('effect')}, not tolerated"
    return _short_of(demand, place)


def _short_of(demand: Demand, place: Place) -> str | None:
    of_pool = place.requirements is not None
    wanted = dict(demand.requests) | ({demand.gpu: "1"} if demand.gpu else {})
    for resource, quantity in wanted.items():
        offered = place.offers.get(resource)
        if of_pool and offered is None:  # no limit
            continue
        if amount(offered or 0) < amount(quantity):
            limit = "its limit is" if of_pool else "it offers"
            return f"is short of {resource}: {quantity} asked, {limit} {offered or 0}"
    if of_pool and demand.gpu and not _may_have_gpus(place.requirements or []):
        return "makes nodes without GPUs, by its requirements"
    return None


def amount(quantity: Any) -> Decimal:
    """`3920m`, `12Gi` as a number; what is none counts as nothing."""
    try:
        return Decimal(parse_quantity(str(quantity)))  # type: ignore[no-untyped-call]
    except ValueError:
        return Decimal(0)


def _may_have(place: Place, key: str, value: str) -> bool:
    if key in place.labels:
        return place.labels[key] == value
    if place.requirements is None:
        return False
    mine = [one for one in place.requirements if one.get("key") == key]
    if not mine:
        return key.startswith(_WELL_KNOWN)
    return all(_allows(one, value) for one in mine)


def _allows(requirement: Raw, value: str) -> bool:
    values = requirement.get("values") or []
    match requirement.get("operator"):
        case "In":
            return value in values
        case "NotIn":
            return value not in values
        case "DoesNotExist":
            return False
        case "Gt" | "Gte" | "Lt" | "Lte" as operator:
            return _compares(operator, value, values)
        case _:  # Exists, and what later versions may know
            return True


def _compares(operator: str, value: str, values: Sequence[str]) -> bool:
    try:
        one, other = float(value), float(values[0])
    except (ValueError, IndexError):
        return False
    return {"Gt": one > other, "Gte": one >= other, "Lt": one < other, "Lte": one <= other}[operator]


def _may_have_gpus(requirements: Iterable[Raw]) -> bool:
    return all(
        any(str(value).startswith(_GPU_FAMILIES) for value in one.get("values") or [])
        for one in requirements
        if one.get("key") in _BY_FAMILY and one.get("operator") == "In"
    )


def _tolerates(toleration: Toleration, taint: Taint) -> bool:
    if toleration.get("effect") not in (None, "", taint.get("effect")):
        return False
    key = toleration.get("key")
    if key not in (None, "", taint.get("key")):
        return False
    if toleration.get("operator", "Equal") == "Exists":
        return True
    return key == taint.get("key") and (toleration.get("value") or "") == (taint.get("value") or "")
