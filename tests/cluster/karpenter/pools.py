"""The node pools of charts/gpu-nodepool as the tests use them: by helm, with the kwok provider's node class."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any, Final

import yaml
from go_tools import HELM
from helm_chart import Chart
from karpenter.controllers import NODE_CLASS
from kube import Object

CHART: Final = Path(__file__).parents[3] / "charts/gpu-nodepool"
EMPTY_S: Final = 10
"""consolidateAfter of the tests; two minutes by default."""

_EC2: Final = {"instanceProfile": "node", "subnetIds": ["subnet-0a1b"], "securityGroupIds": ["sg-0a1b"]}
_QUICK: Final = {"consolidateAfter": f"{EMPTY_S}s"}


class Pools:
    """The chart's node pools. real: as on EC2. tested: with the tests' node class and delay."""

    def __init__(self) -> None:
        self._chart = Chart(HELM.find_or_build(), CHART, {"nodeClass": _EC2})

    def real(self) -> list[Object]:
        return deepcopy(self._chart.render().of("NodePool"))

    def tested(self, **gpu: Any) -> list[Object]:
        """gpu: more values of the chart."""
        values = {"nodeClassRef": NODE_CLASS, "gpu": _QUICK | gpu, "cpu": _QUICK}
        return deepcopy(self._chart.render(values).of("NodePool"))

    def scene(self, name: str, **gpu: Any) -> Object:
        """The GPU pool again, for the pods that ask for its label alone: what happens there disturbs no other."""
        (pool,) = [one for one in self.tested(**gpu) if one["metadata"]["name"] == "gpu"]
        pool["metadata"]["name"] = name
        pool["spec"]["template"]["metadata"]["labels"] |= scene_label(name)
        return pool

    def values_that_lead_here(self) -> dict[str, Any]:
        """Values of debate-analyzer, as the chart's notes say them."""
        _, _, said = self._chart.notes().partition("send its pods here:\n\n")
        values: dict[str, Any] = yaml.safe_load(said)
        return values


def scene_label(name: str) -> dict[str, str]:
    return {f"cluster-tests/{name}": "yes"}


def differences(one: Any, other: Any, path: str = "") -> set[str]:
    """The paths at which two objects differ."""
    if isinstance(one, dict) and isinstance(other, dict):
        keys = one.keys() | other.keys()
        return set().union(*(differences(one.get(key), other.get(key), f"{path}.{key}") for key in keys))
    return set() if one == other else {path.removeprefix(".")}
