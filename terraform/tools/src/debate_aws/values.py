"""Values of the charts: what Terraform, node pools and secrets say, before what a person wants otherwise. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any, Final

Values = dict[str, Any]

NODEPOOL_LABEL: Final = "karpenter.sh/nodepool"
_GPU: Final = "nvidia.com/gpu"


def merged(*parts: Mapping[str, Any]) -> Values:
    """As helm does: a later part wins, maps are merged, all else is replaced."""
    return reduce(_merged, parts, {})


def _merged(one: Mapping[str, Any], other: Mapping[str, Any]) -> Values:
    both = dict(one)
    for key, value in other.items():
        old = both.get(key)
        both[key] = _merged(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return both


def pods_to_pools(pools: Iterable[Mapping[str, Any]]) -> Values:
    """Values of debate-analyzer that send its pods to these NodePools, as charts/gpu-nodepool renders them."""
    found: Values = {}
    for pool in pools:
        kind = "gpu" if _GPU in pool["spec"].get("limits", {}) else "cpu"
        taints = pool["spec"]["template"]["spec"].get("taints", [])
        found[kind] = {
            "nodeSelector": {NODEPOOL_LABEL: pool["metadata"]["name"]},
            "tolerations": [
                {"key": taint["key"], "operator": "Equal", "value": taint["value"], "effect": taint["effect"]}
                for taint in taints
            ],
        }
    return found


@dataclass(frozen=True)
class Image:
    """One image of the chart. tag or digest says which."""

    part: str
    registry: str
    repository: str
    tag: str
    digest: str | None

    @property
    def name(self) -> str:
        return f"{self.registry}/{self.repository}:{self.tag}"


_SUFFIX: Final = {"operator": "", "workerCpu": "-cpu", "workerGpu": "-gpu", "web": ""}


def images(values: Mapping[str, Any], app_version: str) -> list[Image]:
    """What these values (the chart's own among them) let the cluster pull."""
    given = values["images"]
    return [
        Image(
            part,
            given.get("registry") or "",
            given[part]["repository"],
            given[part].get("tag") or f"{app_version}{suffix}",
            given[part].get("digest"),
        )
        for part, suffix in _SUFFIX.items()
        if part != "web" or values["web"]["enabled"]
    ]


def page_config(values: Mapping[str, Any]) -> Values:
    """config.json of the page, as the chart has it where the cluster serves it."""
    return {name: values["web"][name] for name in ("title", "language", "contact")}


def accounts(outputs: Mapping[str, Any], values: Mapping[str, Any]) -> set[tuple[str, str]]:
    """(namespace, service account) of all that must have a role of AWS: Karpenter and the chart's, but the operator."""
    names = {part: account["name"] for part, account in values["serviceAccounts"].items()}
    release = outputs["namespaces"]["release"]
    here = [part for part in ("stats", "web") if values[part]["enabled"]]
    here += ["models"] if values["models"]["fetch"]["enabled"] else []
    return {
        (outputs["namespaces"]["karpenter"], outputs["karpenter_values"]["serviceAccount"]["name"]),
        *((release, names[part]) for part in here),
        *((namespace, names["worker"]) for namespace in job_namespaces(outputs, values)),
    }


def job_namespaces(outputs: Mapping[str, Any], values: Mapping[str, Any]) -> list[str]:
    """Where DebateJobs are."""
    return list(values.get("namespaces") or [outputs["namespaces"]["release"]])
