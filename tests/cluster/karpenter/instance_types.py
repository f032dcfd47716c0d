"""The instance types that Karpenter's kwok provider offers here: those of EC2 that the node pools may and may not take.

On-demand prices: us-east-1, $ an hour, from Karpenter 1.14.1's own table (zz_generated.pricing_aws.go, of July 2026).
Spot prices change by the hour: assumed at 40 % of on-demand, which keeps the order. The labels are those that
Karpenter sets on EC2; the room is what it reckons with there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

SPOT_SHARE: Final = 0.4
ZONES: Final = ("us-east-1a", "us-east-1b")
PODS: Final = 58
LABELS: Final = "karpenter.k8s.aws"


@dataclass(frozen=True)
class Gpus:
    """name: as in the label instance-gpu-name. memory_mib: of one."""

    name: str
    memory_mib: int
    count: int = 1


@dataclass(frozen=True)
class InstanceType:
    """One type. price: on-demand, $ an hour."""

    name: str
    cpus: int
    memory_gib: int
    price: float
    gpus: Gpus | None = None
    architecture: str = "amd64"

    @property
    def labels(self) -> dict[str, str]:
        """Those of EC2 that a node pool may select by."""
        family, _, size = self.name.partition(".")
        split = re.fullmatch(r"([a-z]+)([0-9]+)[a-z]*", family)
        assert split is not None, self.name
        labels = {
            "instance-family": family,
            "instance-size": size,
            "instance-category": split[1],
            "instance-generation": split[2],
        }
        if self.gpus:
            labels |= {
                "instance-gpu-name": self.gpus.name,
                "instance-gpu-count": str(self.gpus.count),
                "instance-gpu-memory": str(self.gpus.memory_mib),
            }
        return {f"{LABELS}/{key}": value for key, value in labels.items()}

    @property
    def resources(self) -> dict[str, str]:
        """What pods may use: less 7.5 % for the hypervisor, the kubelet's by pods, and 100 Mi before evictions."""
        memory_mib = int(self.memory_gib * 1024 * 0.925) - 255 - 11 * PODS - 100
        room = {"cpu": str(self.cpus), "memory": f"{memory_mib}Mi", "pods": str(PODS), "ephemeral-storage": "100Gi"}
        return room | ({"nvidia.com/gpu": str(self.gpus.count)} if self.gpus else {})

    def for_kwok(self) -> dict[str, Any]:
        """As the kwok provider's file has it."""
        return {
            "name": self.name,
            "architecture": self.architecture,
            "operatingSystems": ["linux"],
            "resources": self.resources,
            "offerings": [
                self._offering(capacity, price, zone)
                for capacity, price in (("spot", self.price * SPOT_SHARE), ("on-demand", self.price))
                for zone in ZONES
            ],
        }

    def _offering(self, capacity: str, price: float, zone: str) -> dict[str, Any]:
        # The provider knows no labels of a type but its own: those of an offering get onto the node all the same.
        labels = {"karpenter.sh/capacity-type": capacity, "topology.kubernetes.io/zone": zone} | self.labels
        return {
            "Price": round(price, 5),
            "Available": True,
            "Requirements": [{"key": key, "operator": "In", "values": [value]} for key, value in labels.items()],
        }


T4, L4, A10G, L40S = Gpus("t4", 16384), Gpus("l4", 22888), Gpus("a10g", 24576), Gpus("l40s", 45776)

GPU_TYPES: Final = (
    InstanceType("g4dn.xlarge", 4, 16, 0.526, T4),
    InstanceType("g4dn.2xlarge", 8, 32, 0.752, T4),
    InstanceType("g6.xlarge", 4, 16, 0.8048, L4),
    InstanceType("g6.2xlarge", 8, 32, 0.9776, L4),
    InstanceType("g5.xlarge", 4, 16, 1.006, A10G),
    InstanceType("g5.2xlarge", 8, 32, 1.212, A10G),
    InstanceType("g6e.xlarge", 4, 32, 1.861, L40S),
)
CPU_TYPES: Final = (
    InstanceType("c6a.large", 2, 4, 0.0765),
    InstanceType("c6a.xlarge", 4, 8, 0.153),
    InstanceType("c6a.2xlarge", 8, 16, 0.306),
    InstanceType("m6a.large", 2, 8, 0.0864),
    InstanceType("r6a.large", 2, 16, 0.1134),
)
UNWANTED: Final = (
    InstanceType("g6f.xlarge", 4, 16, 0.2375, Gpus("l4", 2861)),  # an eighth of a GPU
    InstanceType("g4dn.12xlarge", 48, 192, 3.912, Gpus("t4", 16384, count=4)),
    InstanceType("t3a.medium", 2, 4, 0.0376),
    InstanceType("c7g.large", 2, 4, 0.0725, architecture="arm64"),
    InstanceType("c4.large", 2, 4, 0.1),
)
"""What the pools must not take, some of it cheaper than all that they may."""

ALL: Final = (*GPU_TYPES, *CPU_TYPES, *UNWANTED)
