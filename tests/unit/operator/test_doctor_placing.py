"""Whether our pods find a place, told from nodes and NodePools alone."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from go_tools import HELM
from helm_chart import CHART, Chart

from debate_operator.doctor.finding import Finding, State
from debate_operator.doctor.nodes import device_plugin, room
from debate_operator.doctor.placing import Demand, Place, demands, node_place, pool_place, why_not
from debate_operator.settings import Settings

GPU = "nvidia.com/gpu"
GPU_TAINT = {"key": GPU, "value": "true", "effect": "NoSchedule"}
BASE = {
    "namespaces": ["debates"],
    "store": {"uri": "s3://debates"},
    "models": "s3://debates/models",
    "images": {"cpu": "worker:cpu", "gpu": "worker:gpu"},
}


def settings(**changes: Any) -> Settings:
    return Settings.model_validate(BASE | changes)


def wanted(name: str = "nodes for analyze", **changes: Any) -> Demand:
    return next(demand for demand in demands(settings(**changes)) if demand.name == name)


def node(labels: dict[str, str] | None = None, taints: list[Any] | None = None, **changes: Any) -> Place:
    """A g4dn.xlarge as it is, unless said otherwise."""
    allocatable = {"cpu": "3920m", "memory": "14481Mi", GPU: "1"} | changes.pop("allocatable", {})
    raw = {
        "metadata": {"name": "n1", "labels": labels or {}},
        "spec": {"taints": taints or []} | changes.pop("spec", {}),
        "status": {"allocatable": allocatable} | changes,
    }
    return node_place(raw)


def pool(*requirements: dict[str, Any], labels: dict[str, str] | None = None, **spec: Any) -> Place:
    template = {"metadata": {"labels": labels or {}}, "spec": {"requirements": requirements, "taints": [GPU_TAINT]}}
    return pool_place({"metadata": {"name": "gpu"}, "spec": {"template": template} | spec})


def need(key: str, operator: str, *values: str) -> dict[str, Any]:
    return {"key": key, "operator": operator, "values": list(values)}


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        (node(), None),
        (node(taints=[GPU_TAINT]), None),
        (node(taints=[{"key": "team", "value": "a", "effect": "NoSchedule"}]), "has the taint team=a:NoSchedule"),
        (node(taints=[{"key": "team", "effect": "NoExecute"}]), "has the taint team=:NoExecute"),
        (node(taints=[{"key": "team", "effect": "PreferNoSchedule"}]), None),
        (node(allocatable={GPU: "0"}), f"is short of {GPU}: 1 asked, it offers 0"),
        (node(allocatable={"memory": "8Gi"}), "is short of memory: 12Gi asked, it offers 8Gi"),
        (node(allocatable={"cpu": "2"}), "is short of cpu: 3 asked, it offers 2"),
        (node(spec={"unschedulable": True}), "is cordoned"),
        (node(conditions=[{"type": "Ready", "status": "False"}]), "is not ready"),
        (pool(), None),
        (pool(limits={GPU: 2, "cpu": 16}), None),
        (pool(limits={GPU: 0}), f"is short of {GPU}: 1 asked, its limit is 0"),
        (pool(limits={"cpu": "2"}), "is short of cpu"),
        (pool(need("karpenter.k8s.aws/instance-family", "In", "g4dn", "g6")), None),
        (pool(need("karpenter.k8s.aws/instance-category", "In", "c", "m", "r")), "makes nodes without GPUs"),
        (pool(need("node.kubernetes.io/instance-type", "In", "m5.large")), "makes nodes without GPUs"),
    ],
)
def test_where_analyze_finds_room(place: Place, reason: str | None) -> None:
    found = why_not(wanted(), place)
    assert found is None if reason is None else found and found.startswith(reason)


@pytest.mark.parametrize(
    ("selector", "place", "fits"),
    [
        ({"class": "gpu"}, node({"class": "gpu"}), True),
        ({"class": "gpu"}, node({"class": "cpu"}), False),
        ({"class": "gpu"}, node(), False),
        ({"class": "gpu"}, pool(labels={"class": "gpu"}), True),
        ({"class": "gpu"}, pool(labels={"class": "cpu"}), False),
        ({"class": "gpu"}, pool(), False),
        ({"class": "gpu"}, pool(need("class", "In", "gpu", "other")), True),
        ({"class": "gpu"}, pool(need("class", "Exists")), True),
        ({"class": "gpu"}, pool(need("class", "NotIn", "gpu")), False),
        ({"class": "gpu"}, pool(need("class", "DoesNotExist")), False),
        ({"karpenter.sh/nodepool": "gpu"}, pool(), True),
        ({"karpenter.sh/nodepool": "other"}, pool(), False),
        ({"topology.kubernetes.io/zone": "eu-central-1a"}, pool(), True),
        ({"karpenter.sh/capacity-type": "on-demand"}, pool(need("karpenter.sh/capacity-type", "In", "spot")), False),
        ({"karpenter.k8s.aws/instance-gpu-memory": "24000"}, pool(), True),
        (
            {"karpenter.k8s.aws/instance-gpu-memory": "24000"},
            pool(need("karpenter.k8s.aws/instance-gpu-memory", "Gte", "15000")),
            True,
        ),
        (
            {"karpenter.k8s.aws/instance-gpu-memory": "8000"},
            pool(need("karpenter.k8s.aws/instance-gpu-memory", "Gt", "15000")),
            False,
        ),
        (
            {"karpenter.k8s.aws/instance-gpu-memory": "8000"},
            pool(need("karpenter.k8s.aws/instance-gpu-memory", "Lt", "many")),
            False,
        ),
    ],
)
def test_which_labels_a_place_may_have(selector: dict[str, str], place: Place, fits: bool) -> None:
    assert (why_not(wanted(gpu={"nodeSelector": selector}), place) is None) is fits


@pytest.mark.parametrize(
    ("toleration", "tolerated"),
    [
        ({"key": GPU, "operator": "Exists", "effect": "NoSchedule"}, True),
        ({"key": GPU, "operator": "Exists"}, True),
        ({"operator": "Exists"}, True),
        ({"key": GPU, "value": "true"}, True),
        ({"key": GPU, "operator": "Equal", "value": "present"}, False),
        ({"key": GPU, "operator": "Exists", "effect": "NoExecute"}, False),
        ({"key": "other", "operator": "Exists"}, False),
    ],
)
def test_which_taints_are_tolerated(toleration: dict[str, str], tolerated: bool) -> None:
    found = why_not(wanted(gpu={"tolerations": [toleration]}), node(taints=[GPU_TAINT]))
    assert (found is None) is tolerated


def test_a_pool_that_karpenter_does_not_take_is_told_with_its_reason() -> None:
    conditions = [{"type": "Ready", "status": "False", "message": "NodeClass not found"}]
    raw = {"metadata": {"name": "gpu"}, "spec": {}, "status": {"conditions": conditions}}
    assert why_not(wanted(), pool_place(raw)) == "is not ready: NodeClass not found"


def test_every_kind_of_pod_is_looked_at_that_the_settings_make() -> None:
    assert [demand.name for demand in demands(settings())] == [
        "nodes for prepare",
        "nodes for finish",
        "nodes for analyze",
        "nodes for analyze after interruptions",
    ]
    gpu = {"nodeSelector": {"a": "b"}, "onDemandNodeSelector": {}, "largerNodeSelector": {"size": "large"}}
    larger = demands(settings(gpu=gpu))[-1]
    assert (larger.name, larger.selector) == ("nodes for analyze out of memory", {"a": "b", "size": "large"})


def test_without_gpus_analyze_asks_for_none() -> None:
    assert why_not(wanted(gpu={"resource": None}), node(allocatable={GPU: "0"})) is None


def test_a_selector_that_no_node_has_says_who_lacks_what_and_the_fix() -> None:
    demand = wanted(gpu={"nodeSelector": {"class": "gpu"}})
    found = room(demand, [node(), pool()])
    assert found.state is State.FAIL
    assert "node n1 has no class=gpu; NodePool gpu has no class=gpu" in found.what
    assert "charts/gpu-nodepool" in found.fix
    assert "another autoscaler" not in found.fix
    assert "6 more do not either" in room(demand, [node()] * 10).what
    assert "there is none" in room(demand, []).what


def test_without_karpenter_it_says_that_a_group_at_zero_is_not_seen() -> None:
    assert "A group that another autoscaler than Karpenter keeps at zero is not seen" in room(wanted(), []).fix


def test_a_place_that_fits_is_named() -> None:
    assert room(wanted(), [node(allocatable={GPU: "0"}), pool(), pool()]) == Finding(
        State.OK, "nodes for analyze: NodePool gpu and 1 more"
    )


def test_a_gpu_that_nothing_offers_is_told_from_one_that_is_not_there() -> None:
    labels = {"nvidia.com/gpu.present": "true"}
    assert device_plugin([node(labels, allocatable={GPU: "0"})], GPU).state is State.FAIL
    assert device_plugin([node(labels)], GPU).state is State.OK
    assert device_plugin([node(allocatable={GPU: "0"})], GPU).state is State.UNKNOWN


def test_the_charts_of_this_project_fit_one_another() -> None:
    """charts/gpu-nodepool makes a place for every pod that charts/debate-analyzer asks for by default."""
    node_class = {"instanceProfile": "p", "subnetIds": ["subnet-1"], "securityGroupIds": ["sg-1"]}
    helm = HELM.find_or_build()
    pools = Chart(helm, CHART.parent / "gpu-nodepool", {"nodeClass": node_class}).render().of("NodePool")
    tolerations = [{"key": "debate-analyzer.io/worker", "operator": "Exists"}]
    rendered = yaml.safe_load(Chart(helm).render({"cpu": {"tolerations": tolerations}}).settings)
    places = [pool_place(json.loads(json.dumps(one))) for one in pools]
    found = {one.name: room(one, places).what for one in demands(Settings.model_validate(rendered))}
    assert found == {
        "nodes for prepare": "nodes for prepare: NodePool debate-cpu",
        "nodes for finish": "nodes for finish: NodePool debate-cpu",
        "nodes for analyze": "nodes for analyze: NodePool gpu",
        "nodes for analyze after interruptions": "nodes for analyze after interruptions: NodePool gpu",
    }
