"""The debates of test_karpenter.py, the pools on which they run side by side, and what is done to them by hand."""

from __future__ import annotations

import json
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from debates import Debate, act, manifest
from karpenter import operators
from karpenter.fleet import Fleet, condition, gone
from karpenter.operators import Operator
from karpenter.pools import Pools, scene_label
from kube import Cluster, Object

FOREVER = act(seconds=3600)
TOO_SMALL = act(exit=15, reason="GpuOutOfMemory", message="does not fit")
PENDING_S = 25
"""Deadline of what gets no node; prepare's pods start within it, on a machine with two busy cores."""
NODE_S = 90
"""For a node to come, or to go: Karpenter looks every 10 s for what is empty, and again 15 s later."""

SCENES: dict[str, dict[str, Any]] = {
    "lost": {},
    "larger": {},
    "unoffered": {"instanceFamilies": ["g4dn"]},
    "held": {"limits": {"gpus": 1, "cpu": 16}},
    "changed": {},
    "unprotected": {},
}
POOLS = ("gpu", "debate-cpu", *SCENES)


@dataclass(frozen=True)
class World:
    """The cluster with Karpenter in it."""

    cluster: Cluster
    fleet: Fleet
    pools: Pools
    on: Operator
    off: Operator
    log: Path
    hands: dict[str, Future[Any]] = field(default_factory=dict)

    def debate(self, name: str) -> Debate:
        """Scenes are without the CPU pool; the others with it."""
        operator = self.off if name in (*SCENES, "waits") else self.on
        return operators.debate(self.cluster, self.fleet, operator, name)

    def gone(self, *pools: str) -> None:
        """Wait until no NodeClaim and no node of these pools is left, of one or more that were."""

        def nothing() -> bool:
            claims = self.fleet.claims(*pools)
            return bool(claims) and gone(claims) and gone(self.fleet.nodes(*pools))

        self.fleet.wait(nothing, NODE_S, f"nodes of {pools} are left: {self.said(*pools)}")

    def said(self, *pools: str) -> str:
        """What Karpenter logged about them, the last lines."""
        lines = (self.log / "karpenter.log").read_text(errors="replace").splitlines()
        return "\n".join([line[:600] for line in lines if any(f'"{pool}' in line for pool in pools)][-20:])


def first_debates(world: World) -> list[Object]:
    """All but the ten: each scene's, and one with both pools of the chart."""
    return [
        manifest(world.on.namespace, "alone", {"analyze": [act(seconds=2)]}),
        scene(world, "lost", [FOREVER, FOREVER], retry={"onDemandAfter": 2}),
        scene(world, "larger", [TOO_SMALL]),
        scene(world, "unoffered", [TOO_SMALL], deadlines={"pendingSeconds": PENDING_S}),
        *(scene(world, name, [FOREVER]) for name in ("held", "changed", "unprotected")),
    ]


def scene(world: World, name: str, acts: list[Object], *, pool: str | None = None, **spec: Any) -> Object:
    """A debate whose GPU nodes come from the scene's own pool. acts: of analyze."""
    selector = {"nodeSelector": scene_label(pool or name)}
    return manifest(world.off.namespace, name, {"analyze": acts}, podOverrides=selector, **spec)


# --- what is done by hand ---


def interrupt_twice(world: World) -> None:
    """The first two nodes of "lost" go while the debate runs."""
    it = world.debate("lost")
    for number in (1, 2):
        pod = it.running("analyze")
        claim = it.wait(lambda pod=pod: claim_of(world, pod), "its node has no NodeClaim")
        world.cluster.kubectl("delete", "nodeclaim", claim["metadata"]["name"], "--wait=false")
        it.wait(lambda number=number: it.status["interruptions"] == number, "the interruption was not counted")
        it.wait(lambda number=number: len(it.jobs("analyze")) == number + 1, "no further Job")


def fill_up(world: World) -> tuple[str, str]:
    """Another debate asks for a second node where one is allowed; what kubectl get and describe say of it."""
    world.debate("held").running("analyze")
    world.cluster.apply(scene(world, "waits", [], pool="held", deadlines={"pendingSeconds": PENDING_S}))
    it = world.debate("waits")

    def waits() -> bool:
        at = (it.status.get("step"), it.status.get("phase"))
        return at == ("analyze", "Provisioning") and "no node yet" in it.status["message"]

    it.wait(waits, "it does not wait for a node")
    words = ("debatejob", it.name, "-n", it.namespace)
    told = world.cluster.kubectl("get", *words), world.cluster.kubectl("describe", *words)
    it.end()
    enough(world, "held")
    return told


def change_pools(world: World) -> tuple[Object, Object]:
    """Both pools change while their debates run; when Karpenter replaces the node of the one without our budgets, what
    is of the other: NodeClaim and pod. It was changed first. Then its debate ends.
    """
    protected, other = world.debate("changed"), world.debate("unprotected")
    pod = protected.running("analyze")
    other.running("analyze")
    for it in (protected, other):
        patch = {"spec": {"template": {"metadata": {"labels": {"cluster-tests/new": "yes"}}}}}
        world.cluster.kubectl("patch", "nodepool", it.name, "--type=merge", "-p", json.dumps(patch))
        it.wait(lambda it=it: condition(world.fleet.claims(it.name)[0], "Drifted") == "True", "Karpenter sees no drift")
    other.wait(lambda: other.status["interruptions"] == 1, "its node was not replaced")
    (claim,) = world.fleet.claims(protected.name)
    pod = world.fleet.states("pods", pod["metadata"]["uid"])[-1]
    enough(world, protected.name)
    return claim, pod


def enough(world: World, name: str) -> None:
    """A played worker that works for ever is done now."""
    it = world.debate(name)
    pod = it.running("analyze")
    words = ("annotate", "pod", pod["metadata"]["name"], "-n", it.namespace, "cluster-tests/enough=yes")
    world.cluster.kubectl(*words)


def claim_of(world: World, pod: Object) -> Object | None:
    """The NodeClaim of the pod's node."""
    claims = world.fleet.claims("lost")
    return next((claim for claim in claims if node_name(claim) == pod["spec"]["nodeName"]), None)


def node_name(claim: Object) -> str:
    """Empty while it has none."""
    return str(claim.get("status", {}).get("nodeName", ""))


HANDS = (interrupt_twice, fill_up, change_pools)
