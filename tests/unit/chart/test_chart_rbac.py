"""Who may do what: exact verbs, one ClusterRole of our own, nobody reads Secrets."""

from __future__ import annotations

from typing import Any

import pytest
from chart_variants import EVERYTHING, VARIANTS
from helm_chart import Chart, Object

from debate_operator.doctor.cluster import CLUSTER_RIGHTS, RIGHTS, STATS_RIGHTS


def _rules(role: Object) -> list[tuple[list[str], list[str], list[str]]]:
    assert all(set(rule) - {"resourceNames"} == {"apiGroups", "resources", "verbs"} for rule in role["rules"])
    return [(rule["apiGroups"], rule["resources"], rule["verbs"]) for rule in role["rules"]]


def _granted(role: Object) -> dict[tuple[str, str], tuple[str, ...]]:
    rules = [(group, resource, tuple(verbs)) for (group,), (resource,), verbs in _rules(role)]
    assert len({(group, resource) for group, resource, _ in rules}) == len(rules)
    return {(group, resource): verbs for group, resource, verbs in rules}


def test_the_operator_may_do_what_it_does_in_each_watched_namespace(chart: Chart) -> None:
    roles = [role for role in chart.render(EVERYTHING).of("Role") if not role["metadata"]["name"].endswith("-stats")]
    assert [role["metadata"]["namespace"] for role in roles] == ["debates", "team-a", "team-b"]
    assert all(_granted(role) == RIGHTS for role in roles)


def test_the_operator_may_start_the_statistics_that_the_cron_job_would(chart: Chart) -> None:
    rendered = chart.render(EVERYTHING, namespace="home")
    role = rendered.one("Role", "debate-operator-stats", "home")
    assert _granted(role) == STATS_RIGHTS
    (named,) = [rule["resourceNames"] for rule in role["rules"] if "resourceNames" in rule]
    assert named == [cron_job["metadata"]["name"] for cron_job in rendered.of("CronJob")]


@pytest.mark.parametrize("values", [{"enabled": False}, {"onSuccess": False}])
def test_it_may_not_where_it_need_not(chart: Chart, values: dict[str, bool]) -> None:
    rendered = chart.render({"stats": values})
    assert [role["metadata"]["name"] for role in rendered.of("Role")] == ["debate-operator"]


def test_what_it_does_is_this() -> None:
    """A right more is a decision: it changes this table too."""
    assert RIGHTS == {
        ("debate-analyzer.io", "debatejobs"): ("get", "list", "watch", "delete"),
        ("debate-analyzer.io", "debatejobs/status"): ("update",),
        ("batch", "jobs"): ("get", "list", "watch", "create", "delete"),
        ("", "pods"): ("list", "watch"),
        ("", "events"): ("create", "list"),
    }
    assert STATS_RIGHTS == {("batch", "cronjobs"): ("get",), ("batch", "jobs"): ("get", "list", "create")}
    assert CLUSTER_RIGHTS == {("authentication.k8s.io", "tokenreviews"): ("create",)}


def test_everything_is_bound_to_the_operator_alone(chart: Chart) -> None:
    rendered = chart.render(EVERYTHING, namespace="home")
    bindings = rendered.of("RoleBinding") + rendered.of("ClusterRoleBinding")
    assert len(bindings) == 6
    for binding in bindings:
        if "helm.sh/hook" in binding["metadata"].get("annotations", {}):
            continue  # of the next test
        assert binding["subjects"] == [{"kind": "ServiceAccount", "name": "debate-operator", "namespace": "home"}]
        rendered.one(binding["roleRef"]["kind"], binding["roleRef"]["name"], binding["metadata"].get("namespace"))


def test_nodes_may_be_read_by_a_test_and_while_it_runs(chart: Chart) -> None:
    rendered = chart.render(EVERYTHING, namespace="home")
    (binding,) = [one for one in rendered.of("ClusterRoleBinding") if one["metadata"].get("annotations")]
    annotations = binding["metadata"]["annotations"]
    assert annotations["helm.sh/hook"] == "test"
    assert set(annotations["helm.sh/hook-delete-policy"].split(",")) == {
        "before-hook-creation",
        "hook-succeeded",
        "hook-failed",
    }
    role = rendered.one("ClusterRole", binding["roleRef"]["name"])
    assert _granted(role) == {("", "nodes"): ("list",), ("karpenter.sh", "nodepools"): ("list",)}
    assert binding["subjects"] == [{"kind": "ServiceAccount", "name": "debate-test-nodes", "namespace": "home"}]
    using = [name for name, pod in rendered.pods() if pod["serviceAccountName"] == "debate-test-nodes"]
    # `helm test --logs` asks for the log of a pod of each hook's name.
    assert using == [f"Pod/{binding['metadata']['name']}"]


def test_one_right_reaches_beyond_the_watched_namespaces(chart: Chart) -> None:
    bindings = chart.render(EVERYTHING).of("ClusterRoleBinding")
    (binding,) = [one for one in bindings if not one["metadata"].get("annotations")]
    role = chart.render(EVERYTHING).one("ClusterRole", binding["roleRef"]["name"])
    assert _granted(role) == CLUSTER_RIGHTS


@pytest.mark.parametrize(
    ("role", "groups", "rules"),
    [
        (
            "viewer",
            {"view", "edit", "admin"},
            [(["debate-analyzer.io"], ["debatejobs", "debatejobs/status"], ["get", "list", "watch"])],
        ),
        (
            "editor",
            {"edit", "admin"},
            [
                (
                    ["debate-analyzer.io"],
                    ["debatejobs"],
                    ["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"],
                )
            ],
        ),
    ],
)
def test_people_get_theirs_by_the_roles_of_the_cluster(
    chart: Chart, role: str, groups: set[str], rules: list[Any]
) -> None:
    found = chart.render().one("ClusterRole", f":{role}")
    labels = {key: value for key, value in found["metadata"]["labels"].items() if "aggregate-to" in key}
    assert labels == {f"rbac.authorization.k8s.io/aggregate-to-{group}": "true" for group in groups}
    assert _rules(found) == rules


@pytest.mark.parametrize("values", VARIANTS.values(), ids=VARIANTS)
def test_no_wildcard_and_no_secret_anywhere(chart: Chart, values: dict[str, Any]) -> None:
    rendered = chart.render(values)
    words = [
        word
        for role in rendered.of("Role") + rendered.of("ClusterRole")
        for rule in _rules(role)
        for part in rule
        for word in part
    ]
    assert words
    assert "*" not in words
    assert not [word for word in words if "secret" in word]


def test_workers_have_an_account_wherever_they_run(chart: Chart) -> None:
    def places(values: dict[str, Any], account: str = "worker") -> list[str]:
        accounts = chart.render(values).of("ServiceAccount")
        return [item["metadata"]["namespace"] for item in accounts if item["metadata"]["name"] == f"debate-{account}"]

    assert places({}) == ["debates"]
    assert places({"namespaces": ["a", "b"]}) == ["a", "b"]
    fetching = {"namespaces": ["a"], "models": {"fetch": {"enabled": True}}}
    assert places(fetching) == ["a"]
    assert places(fetching, "models") == ["debates"]
    assert places({}, "models") == []
    assert places({"serviceAccounts": {"worker": {"create": False, "name": "mine"}}}) == []


def test_an_existing_account_must_be_named(chart: Chart) -> None:
    assert "serviceAccounts.stats.name is missing" in chart.refusal({"serviceAccounts": {"stats": {"create": False}}})
