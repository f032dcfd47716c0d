"""What tags say about whose a thing is. Pure. No tag, no claim: what is not surely this cluster's is never touched."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

Tags = Mapping[str, str]

INSTALLATION: Final = "debate-analyzer"
"""On all that Terraform makes (default_tags), and on Karpenter's nodes (node_values)."""

_NODEPOOL: Final = "karpenter.sh/nodepool"
_EKS: Final = "eks:eks-cluster-name"
_LOAD_BALANCERS: Final = "elbv2.k8s.aws/cluster"
_INTERFACES: Final = "cluster.k8s.amazonaws.com/name"
_OF_EKS_ITSELF: Final = "aws:eks:cluster-name"


def tags(listed: Iterable[Mapping[str, Any]] | None) -> dict[str, str]:
    """AWS's list of Key and Value as a map."""
    return {tag["Key"]: tag["Value"] for tag in listed or []}


def to_cluster(found: Tags, name: str) -> bool:
    """Whether Kubernetes made it for this cluster. Two tags that contradict each other: no."""
    says = [found[key] == name for key in (_EKS, _LOAD_BALANCERS, _INTERFACES) if key in found]
    if f"kubernetes.io/cluster/{name}" in found:
        says.append(found[f"kubernetes.io/cluster/{name}"] == "owned")
    return bool(says) and all(says)


def to_karpenter(found: Tags, name: str) -> bool:
    """Whether this cluster's Karpenter started or made it; system nodes are EKS's, and Terraform's to delete."""
    return _NODEPOOL in found and to_cluster(found, name)


def to_eks_itself(found: Tags, group_name: str) -> bool:
    """The cluster's own security group: it goes with the cluster, and the system nodes need it until then."""
    return _OF_EKS_ITSELF in found or group_name.startswith("eks-cluster-sg-")


def to_installation(found: Tags, name: str) -> bool:
    """Whether Terraform made it for this installation."""
    return found.get(INSTALLATION) == name
