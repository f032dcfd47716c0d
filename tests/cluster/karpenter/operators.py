"""Two operators by the chart: one sends prepare and finish to the CPU node pool, one to the nodes that are there."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import release
from debates import Debate
from karpenter.fleet import Fleet
from kube import Cluster, CommandFailed

LARGER = {"node.kubernetes.io/instance-type": "g5.xlarge"}
"""As docs/install.md names it."""


@dataclass(frozen=True)
class Operator:
    """One release of the chart in a namespace of its own, which it watches. values: over those of the other tests."""

    name: str
    values: dict[str, Any]

    @property
    def namespace(self) -> str:
        return f"cluster-tests-{self.name}"

    def install(self, cluster: Cluster, noop_image: str) -> None:
        cluster.apply(release.restricted(self.namespace), release.secret(self.namespace))
        values = release.values(noop_image) | {"namespaces": []} | self.values
        values["workers"] = release.values(noop_image)["workers"] | self.values["workers"]
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(values, file)
            file.flush()
            words = ("helm", "install", self.name, str(release.CHART), "-n", self.namespace, "-f", file.name)
            cluster.command(*words, "--wait", "--timeout", "180s", timeout_s=200)

    def log(self, cluster: Cluster) -> str:
        try:
            return cluster.kubectl("logs", f"deploy/{self.name}-debate-analyzer-operator", "-n", self.namespace)
        except CommandFailed as error:
            return str(error)


def with_cpu_pool(values: dict[str, Any]) -> Operator:
    """values: of the pools' notes. Requests are the chart's own: the cheapest node has to hold them."""
    gpu = values["gpu"] | {"largerNodeSelector": LARGER}
    return Operator("with-cpu-pool", {"gpu": gpu, "cpu": values["cpu"], "workers": {"resources": {}}})


def without_cpu_pool() -> Operator:
    """GPUs are looked for by the label that the GPU pool gives: the worker node, which offers some, has not."""
    small = dict.fromkeys(("prepare", "finish"), release.TINY)  # they really run, on this machine
    gpu = {"nodeSelector": {"nvidia.com/gpu.present": "true"}, "largerNodeSelector": LARGER}
    return Operator("without-cpu-pool", {"gpu": gpu, "workers": {"resources": small}})


@contextmanager
def installed(cluster: Cluster, noop_image: str, *operators: Operator) -> Iterator[None]:
    """All of them, side by side; in the end their namespaces go, with all debates in them."""
    names = [operator.namespace for operator in operators]
    cluster.kubectl("delete", "namespace", *names, "--ignore-not-found", timeout_s=180)
    try:
        with ThreadPoolExecutor() as threads:
            list(threads.map(lambda operator: operator.install(cluster, noop_image), operators))
        yield
    finally:
        for operator in operators:
            cluster.command("helm", "uninstall", operator.name, "-n", operator.namespace, "--ignore-not-found")
        cluster.kubectl("delete", "namespace", *names, "--ignore-not-found", "--wait=false")


def debate(cluster: Cluster, fleet: Fleet, operator: Operator, name: str) -> Debate:
    return Debate(cluster, fleet, operator.namespace, name, operator_log=lambda: operator.log(cluster))


@contextmanager
def labelled_worker(cluster: Cluster, labels: dict[str, str]) -> Iterator[None]:
    """The cluster's own worker node has these labels for a while."""
    nodes = cluster.get_json("nodes", "-l", f"!{release.CONTROL_PLANE},!kwok.x-k8s.io/node")["items"]
    name = nodes[0]["metadata"]["name"]
    cluster.kubectl("label", "node", name, "--overwrite", *(f"{key}={value}" for key, value in labels.items()))
    try:
        yield
    finally:
        cluster.kubectl("label", "node", name, *(f"{key}-" for key in labels))
