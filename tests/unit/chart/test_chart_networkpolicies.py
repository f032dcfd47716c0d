"""Who reaches whom under the chart's network policies, computed from them as the API defines it.

No network plugin enforces them here; this is about what they say.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from typing import Any

import pytest
from chart_variants import EVERYTHING
from helm_chart import Chart, Object

from debate_operator import names

RELEASE = {"app.kubernetes.io/name": "debate-analyzer", "app.kubernetes.io/instance": "debate"}


@dataclass(frozen=True)
class Pod:
    """A pod, or with an address alone, something outside."""

    namespace: str = ""
    labels: dict[str, str] = field(default_factory=dict)
    address: str = ""


def component(name: str) -> Pod:
    return Pod("debates", RELEASE | {"app.kubernetes.io/component": name})


WORKER = Pod("debates", {names.LABEL_MANAGED_BY: names.MANAGER})
WORKER_ELSEWHERE = Pod("elsewhere", {names.LABEL_MANAGED_BY: names.MANAGER})
S3 = Pod("debates", {"app": "s3"})
PROMETHEUS = Pod("monitoring", {"app": "prometheus"})
STRANGER = Pod("debates", {"app": "stranger"})


def outside(address: str) -> Pod:
    return Pod(address=address)


def reaches(policies: list[Object], one: Pod, other: Pod, port: int, protocol: str = "TCP") -> bool:
    """Whether both ends' policies let `one` open a connection to `other`."""
    return _lets(policies, "Egress", one, other, port, protocol) and _lets(
        policies, "Ingress", other, one, port, protocol
    )


def _lets(policies: list[Object], direction: str, pod: Pod, peer: Pod, port: int, protocol: str) -> bool:
    mine = [
        policy["spec"]
        for policy in policies
        if policy["metadata"]["namespace"] == pod.namespace
        and _selects(policy["spec"]["podSelector"], pod.labels)
        and direction in policy["spec"]["policyTypes"]
    ]
    rules = [rule for spec in mine for rule in spec.get(direction.lower()) or []]
    ends = "to" if direction == "Egress" else "from"
    return not mine or any(
        (ends not in rule or any(_is(one, peer, pod.namespace) for one in rule[ends]))
        and ("ports" not in rule or any(_opens(one, port, protocol) for one in rule["ports"]))
        for rule in rules
    )


def _is(selector: dict[str, Any], peer: Pod, own_namespace: str) -> bool:
    if block := selector.get("ipBlock"):
        if not peer.address:
            return False  # a pod's address is private
        address = ip_address(peer.address)
        return address in ip_network(block["cidr"]) and not any(
            address in ip_network(hole) for hole in block.get("except", [])
        )
    if peer.address:
        return False
    if "namespaceSelector" in selector:
        labels = {"kubernetes.io/metadata.name": peer.namespace, "team": peer.namespace}
        return _selects(selector["namespaceSelector"], labels) and _selects(
            selector.get("podSelector", {}), peer.labels
        )
    return peer.namespace == own_namespace and _selects(selector["podSelector"], peer.labels)


def _selects(selector: dict[str, Any], labels: dict[str, str]) -> bool:
    assert set(selector) <= {"matchLabels"}
    return bool(selector.get("matchLabels", {}).items() <= labels.items())


def _opens(rule: dict[str, Any], port: int, protocol: str) -> bool:
    return rule.get("port") in (None, port) and rule.get("protocol", "TCP") == protocol


@pytest.mark.parametrize("who", [WORKER, component("stats"), component("web"), component("models")])
@pytest.mark.parametrize(
    ("address", "port", "expected"),
    [
        ("93.184.216.34", 443, True),
        ("2600:1f18::1", 443, True),
        ("10.0.0.1", 443, False),  # the API server, another pod
        ("10.0.0.10", 53, True),  # DNS
        ("172.20.0.1", 443, False),
        ("192.168.1.1", 80, False),
        ("100.64.0.1", 443, False),
        ("127.0.0.1", 8080, False),
        ("169.254.169.254", 80, False),  # the node's metadata, and its role
        ("169.254.170.2", 80, False),
        ("169.254.170.23", 80, True),  # Pod Identity
        ("169.254.170.23", 443, False),
        ("fd00:ec2::254", 80, False),
        ("fd00:ec2::23", 80, True),
        ("fe80::1", 80, False),
        ("::1", 80, False),
    ],
)
def test_who_uses_the_store_reaches_the_internet_and_no_private_address(
    chart: Chart, who: Pod, address: str, port: int, *, expected: bool
) -> None:
    policies = chart.render({"models": {"fetch": {"enabled": True}}}).of("NetworkPolicy")
    assert reaches(policies, who, outside(address), port) is expected


@pytest.mark.parametrize(
    ("one", "other", "port", "expected"),
    [
        (WORKER, component("operator"), 8081, True),
        (WORKER, component("operator"), 8080, False),
        (WORKER, component("web"), 8080, False),
        (WORKER, WORKER, 8080, False),
        (WORKER, STRANGER, 80, False),
        (STRANGER, WORKER, 80, False),
        (WORKER_ELSEWHERE, component("operator"), 8081, False),  # a namespace that is not watched
        (STRANGER, component("operator"), 8081, False),
        (STRANGER, component("operator"), 8080, False),
        (PROMETHEUS, component("operator"), 8080, False),
        (component("operator"), outside("10.0.0.1"), 443, True),  # the API server
        (STRANGER, component("web"), 8080, True),
        (outside("93.184.216.34"), component("web"), 8080, True),
        (STRANGER, component("web"), 9090, False),
        (STRANGER, component("stats"), 80, False),
        (WORKER, S3, 7070, False),
        (STRANGER, S3, 7070, True),
    ],
)
def test_pods_reach_what_they_need_by_default(chart: Chart, one: Pod, other: Pod, port: int, *, expected: bool) -> None:
    assert reaches(chart.render().of("NetworkPolicy"), one, other, port) is expected


@pytest.mark.parametrize(
    ("one", "other", "port", "expected"),
    [
        (WORKER, S3, 7070, True),
        (component("web"), S3, 7070, True),
        (component("stats"), S3, 7070, True),
        (WORKER, outside("10.1.2.3"), 3128, True),
        (WORKER, outside("10.1.2.3"), 3129, False),
        (WORKER, outside("10.1.2.4"), 3128, False),
        (PROMETHEUS, component("operator"), 8080, True),
        (PROMETHEUS, component("operator"), 8081, False),
        (Pod("team-a", WORKER.labels), component("operator"), 8081, True),
        (Pod("team-a", WORKER.labels), outside("169.254.169.254"), 80, False),
        (WORKER_ELSEWHERE, component("operator"), 8081, False),
    ],
)
def test_and_what_the_values_add(chart: Chart, one: Pod, other: Pod, port: int, *, expected: bool) -> None:
    assert reaches(chart.render(EVERYTHING).of("NetworkPolicy"), one, other, port) is expected


def test_links_reach_the_private_networks_that_are_allowed_to_them(chart: Chart) -> None:
    policies = chart.render({"download": {"allowedNetworks": ["10.9.0.0/16"]}}).of("NetworkPolicy")
    assert reaches(policies, WORKER, outside("10.9.1.2"), 443)
    assert not reaches(policies, WORKER, outside("10.8.1.2"), 443)
    assert not reaches(policies, component("stats"), outside("10.9.1.2"), 443)


def test_they_can_be_left_out(chart: Chart) -> None:
    assert not chart.render({"networkPolicy": {"enabled": False}}).of("NetworkPolicy")
