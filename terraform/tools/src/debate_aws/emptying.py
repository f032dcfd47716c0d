"""The cluster's own part of its end: what Kubernetes made in AWS is taken back by who made it, while it lives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from debate_aws.account import Account
from debate_aws.leftovers import BALANCERS, INSTANCES
from debate_aws.programs import Kube, ProgramFailed, bearing
from debate_aws.say import Say, count
from debate_aws.sweep import POLL_S, find
from debate_aws.waiting import Clock, wait_until

BALANCERS_WITHIN_S: Final = 300.0
NODES_WITHIN_S: Final = 600.0
"""A node drains first: 90 s for a debate to end in order, and the machine itself takes a minute."""

_LOAD_BALANCERS_OF: Final = ("ingresses.networking.k8s.io", "services")


def empty(kube: Kube, account: Account, name: str, namespaces: Mapping[str, str], say: Say, clock: Clock) -> None:
    """Operator, DebateJobs, load balancers, nodes, Karpenter. What does not end in time is said, and the sweep's.

    The operator first: it would start the next Job, and delete the outputs of debates that said DeleteOutputs, which
    is for debates that a person deletes, not for a cluster that goes.
    """
    _uninstall(kube, "debate", namespaces["release"], say)
    _debates(kube, say)
    _balancers(kube, account, name, say, clock)
    _nodes(kube, account, name, say, clock)
    # Its node classes before Karpenter, which takes their finalizers off.
    _uninstall(kube, "nodes", namespaces["release"], say)
    for release in ("karpenter", "karpenter-crd"):
        _uninstall(kube, release, namespaces["karpenter"], say)


def _debates(kube: Kube, say: Say) -> None:
    """With their Jobs and pods, by Kubernetes itself. Outputs stay."""
    found = kube.items("debatejobs.debate-analyzer.io", "--all-namespaces")
    if found:
        kube.kubectl("delete", "debatejobs.debate-analyzer.io", "--all", "--all-namespaces", "--timeout=2m")
    say("debates", f"{count(len(found), 'DebateJob')} deleted")


def _balancers(kube: Kube, account: Account, name: str, say: Say, clock: Clock) -> None:
    """Ingresses, and Services that asked for a load balancer: their controllers delete what is in AWS."""
    deleted = 0
    for kind in _LOAD_BALANCERS_OF:
        for one in kube.items(kind, "--all-namespaces"):
            if kind == "services" and one["spec"].get("type") != "LoadBalancer":
                continue
            where = ("--namespace", one["metadata"]["namespace"])
            # Not waited for here: a controller that is gone would never take its finalizer off.
            kube.kubectl("delete", kind, one["metadata"]["name"], *where, "--wait=false", "--ignore-not-found")
            deleted += 1
    say("ingresses", f"{deleted} Ingresses and Services with a load balancer deleted")
    if not wait_until(
        lambda: not find(account, name, BALANCERS), within_s=BALANCERS_WITHIN_S, every_s=POLL_S, clock=clock
    ):
        say(
            "late",
            f"Load balancers are still there after {BALANCERS_WITHIN_S / 60:.0f} minutes; they are deleted below.",
        )


def _nodes(kube: Kube, account: Account, name: str, say: Say, clock: Clock) -> None:
    """While Karpenter lives: it alone takes the finalizer off a node, and ends the machine."""
    pools = kube.items("nodepools.karpenter.sh")
    if pools:
        kube.kubectl("delete", "nodepools.karpenter.sh", "--all", "--wait=false")

    def none_left() -> bool:
        return not kube.items("nodeclaims.karpenter.sh") and not find(account, name, [INSTANCES])

    if wait_until(bearing(none_left), within_s=NODES_WITHIN_S, every_s=POLL_S, clock=clock):
        say("nodes", f"{count(len(pools), 'node pool')} deleted, and all their nodes")
    else:
        say("late", f"Nodes are still there after {NODES_WITHIN_S / 60:.0f} minutes; their machines are ended below.")


def _uninstall(kube: Kube, release: str, namespace: str, say: Say) -> None:
    try:
        kube.helm("uninstall", release, "--namespace", namespace, "--ignore-not-found", "--wait", "--timeout=5m")
    except ProgramFailed as error:  # the cluster goes anyhow
        say("late", f"{release} could not be uninstalled, which does not matter any more:\n{error.said}")
    else:
        say("release", f"{release} uninstalled")
