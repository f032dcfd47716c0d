"""Every pod of the chart passes Pod Security `restricted`, and talks to Kubernetes only if it must."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import yaml
from chart_variants import EVERYTHING, VARIANTS
from helm_chart import Chart
from pod_security import complaints

TESTS = {"nodes": "test-nodes", "cluster": "operator", "store": "worker", "stats": "stats", "page": "web"}
TALK_TO_KUBERNETES = {"operator", "cluster", "nodes"}


@pytest.mark.parametrize("values", VARIANTS.values(), ids=VARIANTS)
def test_every_pod_is_restricted(chart: Chart, values: dict[str, Any]) -> None:
    found = {name: complaints(pod) for name, pod in chart.render(values).pods()}
    assert len(found) >= 2
    assert not any(found.values()), found


def _without(path: str) -> Any:
    def change(pod: dict[str, Any]) -> None:
        *parents, last = path.split(".")
        place: Any = pod
        for part in parents:
            place = place[int(part) if part.isdecimal() else part]
        del place[last]

    return change


@pytest.mark.parametrize(
    "change",
    [
        _without("securityContext.runAsNonRoot"),
        _without("securityContext.runAsUser"),
        _without("securityContext.seccompProfile"),
        _without("containers.0.securityContext.allowPrivilegeEscalation"),
        _without("containers.0.securityContext.capabilities"),
        _without("containers.0.securityContext.readOnlyRootFilesystem"),
        _without("containers.0.resources"),
        _without("serviceAccountName"),
        _without("automountServiceAccountToken"),
        _without("enableServiceLinks"),
        lambda pod: pod.update(hostNetwork=True),
        lambda pod: pod["volumes"].append({"name": "node", "hostPath": {"path": "/"}}),
        lambda pod: pod["volumes"].append({"name": "endless", "emptyDir": {}}),
        lambda pod: pod["containers"][0]["securityContext"].update(privileged=True),
        lambda pod: pod["containers"][0]["ports"].append({"containerPort": 1, "hostPort": 1}),
        lambda pod: pod.setdefault("initContainers", []).append({"name": "bare"}),
    ],
)
def test_the_check_sees_what_is_not(chart: Chart, change: Any) -> None:
    pod = copy.deepcopy(dict(chart.render().pods())["Deployment/debate-operator"])
    change(pod)
    assert complaints(pod)


@pytest.mark.parametrize("values", VARIANTS.values(), ids=VARIANTS)
def test_only_the_operator_gets_a_token_of_kubernetes(chart: Chart, values: dict[str, Any]) -> None:
    rendered = chart.render(values)
    with_token = {pod["containers"][0]["name"] for _, pod in rendered.pods() if pod["automountServiceAccountToken"]}
    assert with_token == TALK_TO_KUBERNETES
    for account in rendered.of("ServiceAccount"):
        assert account["automountServiceAccountToken"] is account["metadata"]["name"].endswith("-operator")


def test_the_operator_has_time_to_drain_and_never_a_second_beside_it(chart: Chart) -> None:
    spec = chart.render().one("Deployment", "-operator")["spec"]
    assert spec["strategy"] == {"type": "Recreate"}
    assert spec["replicas"] == 1
    assert spec["template"]["spec"]["terminationGracePeriodSeconds"] > 20


def test_new_settings_make_a_new_operator(chart: Chart) -> None:
    def checksum(values: dict[str, Any]) -> str:
        template = chart.render(values).one("Deployment", "-operator")["spec"]["template"]
        return str(template["metadata"]["annotations"]["checksum/settings"])

    assert checksum({}) == checksum({"web": {"replicas": 2}})
    assert checksum({}) != checksum({"operator": {"concurrency": 11}})


def test_everybody_who_uses_the_store_is_told_where_it_is(chart: Chart) -> None:
    expected = {
        "DEBATE_STORE": "s3://debates/prefix",
        "AWS_ENDPOINT_URL_S3": "http://s3.debates.svc:7070",
        "AWS_REGION": "eu-central-1",
        "AWS_ACCESS_KEY_ID": {"secretKeyRef": {"name": "keys", "key": "AWS_ACCESS_KEY_ID"}},
        "AWS_SECRET_ACCESS_KEY": {"secretKeyRef": {"name": "keys", "key": "AWS_SECRET_ACCESS_KEY"}},
    }
    told = {}
    for _, pod in chart.render(EVERYTHING).pods():
        for container in pod["containers"]:
            env = {item["name"]: item.get("value", item.get("valueFrom")) for item in container.get("env", [])}
            if expected.items() <= env.items():
                told[container["name"]] = pod["serviceAccountName"]
    assert told == {
        "stats": "debate-stats",
        "mirror": "debate-web",
        "fetch-models": "debate-models",
        "hub": "debate-models",
        "store": "debate-worker",
    }


def test_the_job_that_fetches_models_moves_none(chart: Chart) -> None:
    """Every upgrade is a new Job, and another commit in the index would end the debates that run."""
    rendered = chart.render({"models": {"fetch": {"enabled": True}}})
    fetch = rendered.one("Job", "")["spec"]["template"]["spec"]["containers"][0]
    check = rendered.one("Pod", "-test-hub")["spec"]["containers"][0]
    assert fetch["args"][-1] == "--keep"
    assert check["args"] == [*fetch["args"][:-1], "--check"]


def test_what_people_reach_has_no_credentials(chart: Chart) -> None:
    template = chart.render(EVERYTHING).one("Deployment", "-web")["spec"]["template"]
    nginx = template["spec"]["containers"][0]
    assert nginx["name"] == "nginx"
    assert "env" not in nginx
    assert "envFrom" not in nginx
    assert template["metadata"]["annotations"]["eks.amazonaws.com/skip-containers"] == "nginx"
    assert {"name": "statistics", "mountPath": "/srv/statistics", "readOnly": True} in nginx["volumeMounts"]


def test_other_models_are_another_job(chart: Chart) -> None:
    def name(fetch: dict[str, Any]) -> str:
        (job,) = chart.render({"models": {"fetch": {"enabled": True} | fetch}}).of("Job")
        assert "helm.sh/hook" not in job["metadata"].get("annotations", {})
        return str(job["metadata"]["name"])

    assert name({}) == name({"transcription": []})
    assert name({}) != name({"transcription": ["tiny"]})


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ({}, "debate-analyzer/worker:0.1.0-gpu"),
        ({"tag": "dev-gpu"}, "debate-analyzer/worker:dev-gpu"),
        ({"repository": "mine/worker", "tag": "7"}, "mine/worker:7"),
        ({"tag": "7", "digest": f"sha256:{'a' * 64}"}, f"debate-analyzer/worker@sha256:{'a' * 64}"),
    ],
)
def test_an_image_is_its_digest_else_its_tag_else_the_version(
    chart: Chart, image: dict[str, str], expected: str
) -> None:
    assert f'gpu: "{expected}"' in chart.render({"images": {"workerGpu": image}}).settings
    with_registry = chart.render({"images": {"registry": "registry.example.org:5000/team/", "workerGpu": image}})
    assert f'gpu: "registry.example.org:5000/team/{expected}"' in with_registry.settings


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, {}),
        ({"namespaces": ["elsewhere"]}, {"store": None}),
        ({"web": {"enabled": False}}, {"page": None}),
        ({"stats": {"enabled": False}}, {"stats": None}),
        ({"models": {"fetch": {"enabled": True}}}, {"hub": "debate-models"}),
    ],
)
def test_helm_test_asks_with_the_rights_of_those_who_need_them(
    chart: Chart, values: dict[str, Any], expected: dict[str, str | None]
) -> None:
    usual = {part: f"debate-{account}" for part, account in TESTS.items()} | expected
    pods = chart.render(values).of("Pod")
    asked = {pod["spec"]["containers"][0]["name"]: pod["spec"]["serviceAccountName"] for pod in pods}
    assert asked == {part: account for part, account in usual.items() if account}
    assert all(pod["metadata"]["annotations"]["helm.sh/hook"] == "test" for pod in pods)


def test_they_go_in_an_order_in_which_every_log_can_be_shown(chart: Chart) -> None:
    """helm stops at the first that fails, and `--logs` at the first hook whose pod was never made."""
    rendered = chart.render({"models": {"fetch": {"enabled": True}}})
    hooks = [item for item in rendered.objects if "helm.sh/hook" in item["metadata"].get("annotations", {})]
    weights = sorted((int(item["metadata"]["annotations"]["helm.sh/hook-weight"]), item["kind"]) for item in hooks)
    assert weights == [(-2, "ClusterRoleBinding"), *((number, "Pod") for number in range(-1, 5))]


def test_the_store_is_asked_from_behind_the_workers_network_policy(chart: Chart) -> None:
    rendered = chart.render()
    (policy,) = [one for one in rendered.of("NetworkPolicy") if one["metadata"]["name"] == "debate-workers"]
    pod = rendered.one("Pod", "-test-store")
    assert policy["spec"]["podSelector"]["matchLabels"].items() <= pod["metadata"]["labels"].items()


@pytest.mark.parametrize(
    ("models", "own", "expected"),
    [
        ({}, {}, {}),
        ({"fallback": "hub"}, {"A": "b"}, {"A": "b", "DEBATE_MODELS_FALLBACK": "hub"}),
        (
            {"fallback": "hub", "fetch": {"hubEndpoint": "https://hub.example.org"}},
            {},
            {"DEBATE_MODELS_FALLBACK": "hub", "HF_ENDPOINT": "https://hub.example.org"},
        ),
        ({"fallback": "hub"}, {"DEBATE_MODELS_FALLBACK": "none"}, {"DEBATE_MODELS_FALLBACK": "none"}),
    ],
)
def test_where_workers_look_for_lost_models(
    chart: Chart, models: dict[str, Any], own: dict[str, str], expected: dict[str, str]
) -> None:
    settings = yaml.safe_load(chart.render({"models": models, "workers": {"env": own}}).settings)
    assert settings["workers"]["env"] == expected
