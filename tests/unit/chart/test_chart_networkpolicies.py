"""Who reaches whom under the chart's network policies, computed from them as the API defines it, and as EKS has it.

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


DNS = Pod("kube-system", {"k8s-app": "kube-dns"})
ADDRESSES = {
    "172.20.0.10": DNS,  # its Service
    "10.0.3.4": DNS,
    "172.20.7.7": component("operator"),
    "10.0.3.5": component("operator"),
}


def lets_as_the_vpc_cni(policies: list[Object], pod: Pod, address: str, port: int, protocol: str = "TCP") -> bool:
    """Whether the VPC CNI lets `pod` out to an address of IPv4, before its agents let an `except` inherit.

    The longest network that has the address decides alone. A rule without ends is one of everywhere; a selector is the
    /32s of pods and Services; a network takes the ports of the wider ones, unless an `except` of theirs has it; and an
    `except` is a network without ports, unless a rule has that very one.
    """
    opened: dict[Any, list[dict[str, Any]]] = {}
    holes: dict[Any, set[Any]] = {}
    for policy in policies:
        if policy["metadata"]["namespace"] != pod.namespace or not _selects(policy["spec"]["podSelector"], pod.labels):
            continue
        for rule in policy["spec"]["egress"]:
            for end in rule.get("to", [{"ipBlock": {"cidr": "0.0.0.0/0"}}]):
                block = end.get("ipBlock", {})
                for network in _networks(end, pod.namespace):
                    opened.setdefault(network, []).extend(rule.get("ports", [{"protocol": protocol}]))
                    holes.setdefault(network, set()).update(map(ip_network, block.get("except", [])))
    entries: dict[Any, list[dict[str, Any]]] = {hole: [] for some in holes.values() for hole in some}
    for network in opened:
        wider = [
            one for one in opened if network.subnet_of(one) and not any(network.subnet_of(hole) for hole in holes[one])
        ]
        entries[network] = [port for one in {network, *wider} for port in opened[one]]
    decides = max((one for one in entries if ip_address(address) in one), key=lambda one: one.prefixlen)
    return any(_opens(one, port, protocol) for one in entries[decides])


def _networks(end: dict[str, Any], own_namespace: str) -> list[Any]:
    if "ipBlock" in end:
        network = ip_network(end["ipBlock"]["cidr"])
        return [network] if network.version == 4 else []
    return [ip_network(address) for address, pod in ADDRESSES.items() if _is(end, pod, own_namespace)]


@pytest.mark.parametrize("who", [WORKER, component("stats"), component("web"), component("models")])
@pytest.mark.parametrize(
    ("address", "port", "protocol", "expected"),
    [
        ("172.20.0.10", 53, "UDP", True),
        ("172.20.0.10", 53, "TCP", True),
        ("172.20.0.10", 443, "TCP", False),
        ("10.0.3.4", 53, "UDP", True),
        ("169.254.20.10", 53, "UDP", True),  # NodeLocal DNSCache
        ("169.254.20.10", 80, "TCP", False),
        ("169.254.170.23", 80, "TCP", True),  # Pod Identity
        ("93.184.216.34", 443, "TCP", True),
        ("169.254.169.254", 80, "TCP", False),
        ("10.0.0.1", 443, "TCP", False),
    ],
)
def test_on_eks_they_resolve_names_with_agents_to_which_an_exception_is_a_denial(
    chart: Chart, who: Pod, address: str, port: int, protocol: str, *, expected: bool
) -> None:
    policies = chart.render({"models": {"fetch": {"enabled": True}}}).of("NetworkPolicy")
    assert lets_as_the_vpc_cni(policies, who, address, port, protocol) is expected


def test_and_what_is_private_and_allowed_to_them(chart: Chart) -> None:
    policies = chart.render().of("NetworkPolicy")
    assert lets_as_the_vpc_cni(policies, WORKER, "172.20.7.7", 8081)
    assert lets_as_the_vpc_cni(policies, WORKER, "10.0.3.5", 8081)
    assert not lets_as_the_vpc_cni(policies, WORKER, "172.20.7.7", 8080)
    values = {
        "networkPolicy": {"storePeers": [{"ipBlock": {"cidr": "10.7.0.4/32"}}]},
        "download": {"allowedNetworks": ["10.0.0.0/8"]},
    }
    policies = chart.render(values).of("NetworkPolicy")
    assert lets_as_the_vpc_cni(policies, component("stats"), "10.7.0.4", 443)
    assert not lets_as_the_vpc_cni(policies, component("stats"), "10.7.0.5", 443)
    assert lets_as_the_vpc_cni(policies, WORKER, "10.200.0.1", 443)  # allowed in the very words of an exception


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
