"""charts/gpu-nodepool: what Karpenter's own schemas take, from zero and back, and never under a running job."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from go_tools import HELM, NoTool, module_folder
from go_tools import KARPENTER as RELEASE
from helm_chart import Chart, Object, Refused
from jsonschema import Draft202012Validator

CHART = Path(__file__).parents[3] / "charts/gpu-nodepool"
KARPENTER = RELEASE.removeprefix("v")
NODE_CLASS = {
    "instanceProfile": "debate-karpenter-node",
    "subnetIds": ["subnet-0a1b"],
    "securityGroupIds": ["sg-0a1b"],
}
KWOK = {"group": "karpenter.kwok.sh", "kind": "KWOKNodeClass", "name": "default"}
VARIANTS: dict[str, dict[str, Any]] = {
    "defaults": {},
    "gpu alone": {"cpu": {"enabled": False}},
    "cpu alone, without a taint": {"gpu": {"enabled": False}, "cpu": {"taint": None}},
    "on demand": {"gpu": {"capacityTypes": ["on-demand"]}, "cpu": {"capacityTypes": ["on-demand"]}},
    "tags": {"nodeClass": NODE_CLASS | {"tags": {"team": "politics"}}},
    "of the kwok provider": {"nodeClassRef": KWOK},
}


@pytest.fixture(scope="session")
def nodepools() -> Chart:
    try:
        return Chart(HELM.find_or_build(), CHART, {"nodeClass": NODE_CLASS})
    except NoTool as missing:
        pytest.fail(f"The chart's tests need helm. {missing}")


@pytest.fixture(scope="session")
def schemas() -> dict[str, Draft202012Validator]:
    """By kind, of the Karpenter that the chart is for: unknown fields refused, as a strict API server does."""
    try:
        folder = module_folder("github.com/aws/karpenter-provider-aws", f"v{KARPENTER}") / "pkg/apis/crds"
    except NoTool as missing:
        pytest.fail(f"Karpenter's CRDs are needed to check the node pools against. {missing}")
    found = {}
    for path in folder.glob("*.yaml"):
        crd = yaml.safe_load(path.read_text(encoding="utf-8"))
        (version,) = [one for one in crd["spec"]["versions"] if one["storage"]]
        found[crd["spec"]["names"]["kind"]] = Draft202012Validator(_strict(version["schema"]["openAPIV3Schema"]))
    return found


def _strict(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_strict(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    strict = {key: _strict(value) for key, value in schema.items()}
    if isinstance(schema.get("properties"), dict) and "x-kubernetes-preserve-unknown-fields" not in schema:
        strict.setdefault("additionalProperties", False)
    if schema.get("x-kubernetes-int-or-string"):
        strict["type"] = ["integer", "string"]
    return strict


def pool(nodepools: Chart, name: str, values: dict[str, Any] | None = None) -> Object:
    # A copy: what is rendered is kept for the other tests.
    return deepcopy(nodepools.render(values).one("NodePool", name))


def requirement(found: Object, key: str) -> Object:
    wanted: list[Object] = [
        one for one in found["spec"]["template"]["spec"]["requirements"] if one["key"].endswith(key)
    ]
    (only,) = wanted
    return only


@pytest.mark.parametrize("values", VARIANTS.values(), ids=VARIANTS)
def test_karpenters_schemas_take_it(
    nodepools: Chart, schemas: dict[str, Draft202012Validator], values: dict[str, Any]
) -> None:
    objects = nodepools.render(values).objects
    assert objects
    for item in objects:
        # Those of metadata are Kubernetes' own.
        checked = item | {"metadata": {}}
        errors = [error.message for error in schemas[item["kind"]].iter_errors(checked)]
        assert errors == [], (item["kind"], item["metadata"]["name"])


def test_the_schemas_refuse_what_they_do_not_know(schemas: dict[str, Draft202012Validator], nodepools: Chart) -> None:
    item = pool(nodepools, "gpu")
    item = item | {"metadata": {}, "spec": item["spec"] | {"consolidation": "WhenEmpty"}}
    assert not schemas["NodePool"].is_valid(item)


@pytest.mark.parametrize("name", ["gpu", "cpu"])
def test_a_running_job_is_never_disturbed(nodepools: Chart, name: str) -> None:
    spec = pool(nodepools, name)["spec"]
    assert spec["disruption"]["consolidationPolicy"] == "WhenEmpty"
    assert spec["disruption"]["consolidateAfter"] == "2m"
    assert spec["disruption"]["budgets"] == [
        {"nodes": "100%", "reasons": ["Empty"]},
        {"nodes": "0", "reasons": ["Drifted", "Underutilized"]},
    ]
    assert spec["template"]["spec"]["expireAfter"] == "Never"
    assert "terminationGracePeriod" not in spec["template"]["spec"]


def test_gpus_are_single_and_capped(nodepools: Chart) -> None:
    found = pool(nodepools, "gpu")
    assert requirement(found, "instance-gpu-count")["values"] == ["1"]
    assert requirement(found, "instance-family")["values"] == ["g4dn", "g6", "g5", "g6e"]
    assert requirement(found, "capacity-type")["values"] == ["spot", "on-demand"]
    assert requirement(found, "arch")["values"] == ["amd64"]
    assert found["spec"]["limits"] == {"nvidia.com/gpu": 2, "cpu": 16}
    assert found["spec"]["template"]["spec"]["taints"] == [
        {"key": "nvidia.com/gpu", "value": "true", "effect": "NoSchedule"}
    ]


def test_the_notes_say_the_values_that_lead_here(nodepools: Chart) -> None:
    said = nodepools.notes()
    _, _, values = said.partition("send its pods here:\n\n")
    given = yaml.safe_load(values)
    assert given["gpu"]["nodeSelector"] == {"karpenter.sh/nodepool": pool(nodepools, "gpu")["metadata"]["name"]}
    cpu = pool(nodepools, "cpu")
    assert given["cpu"]["nodeSelector"] == {"karpenter.sh/nodepool": cpu["metadata"]["name"]}
    (taint,) = cpu["spec"]["template"]["spec"]["taints"]
    assert given["cpu"]["tolerations"] == [taint | {"operator": "Equal"}]


def test_nodes_give_pods_no_credentials_and_images_room(nodepools: Chart) -> None:
    for found in nodepools.render().of("EC2NodeClass"):
        spec = found["spec"]
        assert spec["metadataOptions"] == {"httpTokens": "required", "httpPutResponseHopLimit": 1}
        assert "role" not in spec, "Terraform makes the instance profile, so that Karpenter may make none"
        disks = {disk["deviceName"]: disk["ebs"] for disk in spec["blockDeviceMappings"]}
        assert disks["/dev/xvdb"]["volumeSize"] == "100Gi"
        assert all(disk["encrypted"] and disk["deleteOnTermination"] for disk in disks.values())


@pytest.mark.parametrize("name", ["gpu", "cpu"])
def test_the_pools_of_the_kwok_provider_differ_in_their_node_class_alone(nodepools: Chart, name: str) -> None:
    real, fake = pool(nodepools, name), pool(nodepools, name, {"nodeClassRef": KWOK})
    assert fake["spec"]["template"]["spec"].pop("nodeClassRef") == KWOK
    assert real["spec"]["template"]["spec"].pop("nodeClassRef")["kind"] == "EC2NodeClass"
    assert fake == real
    assert not nodepools.render({"nodeClassRef": KWOK}).of("EC2NodeClass")


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"nodeClass": NODE_CLASS | {"instanceProfile": None}}, "nodeClass.instanceProfile is missing"),
        ({"nodeClass": NODE_CLASS | {"subnetIds": []}}, "nodeClass.subnetIds is empty"),
        ({"nodeClass": NODE_CLASS | {"securityGroupIds": []}}, "nodeClass.securityGroupIds is empty"),
        ({"nodeClass": NODE_CLASS | {"amiAlias": "bottlerocket@latest"}}, "amiAlias"),
        ({"gpu": {"capacityTypes": ["Spot"]}}, "capacityTypes"),
        ({"gpu": {"consolidateAfter": "2 min"}}, "consolidateAfter"),
        ({"gpu": {"limit": 1}}, "limit"),
    ],
)
def test_wrong_values_are_refused(nodepools: Chart, values: dict[str, Any], says: str) -> None:
    with pytest.raises(Refused, match=says):
        nodepools.render(values)


def test_it_is_for_the_karpenter_that_it_is_tested_with(nodepools: Chart) -> None:
    assert yaml.safe_load((CHART / "Chart.yaml").read_text(encoding="utf-8"))["appVersion"] == KARPENTER
    assert "0 chart(s) failed" in nodepools.lint({})
