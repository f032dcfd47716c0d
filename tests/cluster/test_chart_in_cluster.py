"""The real API server takes all that the chart renders, its pods too where only `restricted` ones may be.

Nothing is installed: every object is sent as a dry run, with unknown fields refused.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from chart_variants import VARIANTS
from go_tools import HELM
from helm_chart import Chart, Rendered
from kube import Cluster, Object

STRICT = ("--dry-run=server", "--validate=strict")


@pytest.fixture
def rendered(cluster: Cluster, namespace: str, values: dict[str, Any]) -> Rendered:
    """Into a fresh namespace, since an object is refused where its namespace is not."""
    helm = cluster.tools / "helm" if cluster.tools and (cluster.tools / "helm").is_file() else HELM.find_or_build()
    return Chart(helm).render(values | {"namespaces": [namespace]}, namespace=namespace)


def _taken(cluster: Cluster, objects: list[Object]) -> int:
    """How many of them the API server takes; raises CommandFailed with what it says to the others."""
    listed = json.dumps({"apiVersion": "v1", "kind": "List", "items": objects})
    return len(cluster.kubectl("create", *STRICT, "-f", "-", "-o", "name", text=listed).splitlines())


@pytest.mark.parametrize("values", VARIANTS.values(), ids=VARIANTS)
def test_the_api_server_takes_every_object(cluster: Cluster, namespace: str, rendered: Rendered) -> None:
    # The Prometheus operator's kind is not there; the CRD is, and has tests of its own.
    known = [item for item in rendered.objects if item["kind"] not in {"ServiceMonitor", "CustomResourceDefinition"}]
    # A dry run makes no account, without which no pod is taken.
    accounts = {spec["serviceAccountName"] for _, spec in rendered.pods()}
    others = [item for item in known if item["kind"] != "ServiceAccount"]
    _make_accounts(cluster, namespace, accounts)
    assert _taken(cluster, others) == len(others)


@pytest.mark.parametrize("values", VARIANTS.values(), ids=VARIANTS)
def test_every_pod_is_admitted_as_restricted(cluster: Cluster, namespace: str, rendered: Rendered) -> None:
    pods: list[Object] = [
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": name.lower().replace("/", "-"), "namespace": namespace},
            "spec": {"restartPolicy": "Never"} | spec,
        }
        for name, spec in rendered.pods()
    ]
    _make_accounts(cluster, namespace, {pod["spec"]["serviceAccountName"] for pod in pods})
    assert _taken(cluster, pods) == len(pods)


def _make_accounts(cluster: Cluster, namespace: str, names: set[str]) -> None:
    accounts = [
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name, "namespace": namespace}}
        for name in sorted(names)
    ]
    cluster.apply(*accounts)
