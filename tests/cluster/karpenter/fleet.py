"""What Karpenter makes and removes, watched: nodes and NodeClaims, and how many there were at any time."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from debates import Debate
from kube import Cluster, Object, Witness, label

POOL = "karpenter.sh/nodepool"
CAPACITY = "karpenter.sh/capacity-type"
TYPE = "node.kubernetes.io/instance-type"
GPU = "nvidia.com/gpu"

APIS = {"nodes": "api/v1", "nodeclaims": "apis/karpenter.sh/v1"}


class Fleet(Witness):
    """A Witness that sees the cluster's nodes and NodeClaims too.

    most: of each pool, the most claims at a time, but for those on their way out: no pod goes there, and Karpenter
    counts them for no limit any more.
    """

    def __init__(self, cluster: Cluster) -> None:
        super().__init__(cluster)
        self.most: Counter[str] = Counter()
        for kind, api in APIS.items():
            self.watch_all(kind, api)

    def claims(self, *pools: str) -> list[Object]:
        """The last state of each NodeClaim of these pools that ever was, in the order in which they were made."""
        last = [states[-1] for states in self.ever("nodeclaims")]
        mine = [claim for claim in last if label(claim, POOL) in pools]
        return sorted(mine, key=lambda claim: claim["metadata"]["creationTimestamp"])

    def nodes(self, *pools: str) -> list[Object]:
        """The same of nodes."""
        last = [states[-1] for states in self.ever("nodes")]
        mine = [node for node in last if label(node, POOL) in pools]
        return sorted(mine, key=lambda node: node["metadata"]["creationTimestamp"])

    def node_of(self, pod: Object) -> Object:
        """The node that a pod is, or was, on."""
        name = pod["spec"]["nodeName"]
        (node,) = [states[-1] for states in self.ever("nodes") if states[-1]["metadata"]["name"] == name]
        return node

    def nodes_of(self, debate: Debate, step: str) -> list[Object]:
        """The nodes of a step's pods, in the order of their Jobs."""
        pods = [pod for pod in debate.pods(step) if "nodeName" in pod["spec"]]
        return [self.node_of(pod) for pod in sorted(pods, key=lambda pod: int(label(pod, "debate-analyzer.io/number")))]

    def _note(self, kind: str, namespace: str, change: str, seen: Object) -> None:
        super()._note(kind, namespace, change, seen)
        if kind == "nodeclaims":
            self.most |= Counter(label(claim, POOL) for claim in self.now[kind].values() if not leaving(claim))


def leaving(claim: Object) -> bool:
    """Karpenter has decided to remove it, or somebody has."""
    return condition(claim, "DisruptionReason") == "True" or "deletionTimestamp" in claim["metadata"]


def condition(seen: Object, kind: str) -> str:
    """Its status, empty where there is none."""
    conditions = seen.get("status", {}).get("conditions") or []
    return next((str(found["status"]) for found in conditions if found["type"] == kind), "")


def gone(seen: list[Object]) -> bool:
    return all(one.get("gone") for one in seen)


def time_of(text: str) -> datetime:
    return datetime.fromisoformat(text)
