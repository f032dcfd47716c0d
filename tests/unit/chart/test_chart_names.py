"""Names fit, labels are the usual ones, and two releases in one cluster leave each other alone."""

from __future__ import annotations

from typing import Any

import pytest
from chart_variants import EVERYTHING, VARIANTS
from helm_chart import Chart, Object

COMMON = {
    "app.kubernetes.io/name",
    "app.kubernetes.io/instance",
    "app.kubernetes.io/component",
    "app.kubernetes.io/version",
    "app.kubernetes.io/managed-by",
    "helm.sh/chart",
}
LIMITS = {"CronJob": 52}  # the controller adds 11 characters for its Jobs
LONGEST_RELEASE = "r" * 53
RBAC = {"ClusterRole", "ClusterRoleBinding"}


def _key(item: Object) -> tuple[str, str, str]:
    return item["kind"], item["metadata"].get("namespace", ""), item["metadata"]["name"]


@pytest.mark.parametrize(
    "release", ["debate", "x", "42", LONGEST_RELEASE, "debate-" + "r" * 46, "r" * 23 + "-" + "r" * 9]
)
def test_every_name_fits_whatever_the_release_is_called(chart: Chart, release: str) -> None:
    for item in chart.render(EVERYTHING, release=release, namespace="42").objects:
        kind, _, name = _key(item)
        assert len(name) <= (253 if kind in RBAC else LIMITS.get(kind, 63)), (kind, name)
        assert "--" not in name
        assert isinstance(item["metadata"].get("namespace", ""), str)
        for key, value in item["metadata"].get("labels", {}).items():
            assert isinstance(value, str), (key, value)
            assert len(value) <= 63, (key, value)


@pytest.mark.parametrize(
    ("release", "override", "start"),
    [
        ("debate", None, "debate-"),
        ("my-debates", None, "my-debates-"),
        ("x", None, "x-debate-analyzer-"),
        ("x", "y", "y-"),
    ],
)
def test_names_begin_with_the_release(chart: Chart, release: str, override: str | None, start: str) -> None:
    rendered = chart.render({"fullnameOverride": override} if override else {}, release=release)
    configs = [config["metadata"]["name"] for config in rendered.of("ConfigMap")]
    assert configs == [f"{start}operator", f"{start}web"]


@pytest.mark.parametrize("values", VARIANTS.values(), ids=VARIANTS)
def test_every_object_says_what_it_belongs_to(chart: Chart, values: dict[str, Any]) -> None:
    for item in chart.render(values).objects:
        if item["kind"] != "CustomResourceDefinition":
            assert set(item["metadata"]["labels"]) >= COMMON, _key(item)


@pytest.mark.parametrize("values", VARIANTS.values(), ids=VARIANTS)
def test_selectors_find_their_own_pods_and_no_others(chart: Chart, values: dict[str, Any]) -> None:
    rendered = chart.render(values)
    pods = {
        item["metadata"]["name"]: item["spec"]["template"]["metadata"]["labels"] for item in rendered.of("Deployment")
    }
    for item in rendered.of("Deployment"):
        selector = item["spec"]["selector"]["matchLabels"]
        assert [name for name, labels in pods.items() if selector.items() <= labels.items()] == [
            item["metadata"]["name"]
        ]
    for service in rendered.of("Service"):
        selector = service["spec"]["selector"]
        assert [name for name, labels in pods.items() if selector.items() <= labels.items()] == [
            service["metadata"]["name"]
        ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("debate", "team-a"), ("debate", "team-b")),
        (("debate", "home"), ("debate-2", "home")),
        (("a-b", "c"), ("b", "c-a")),
        (("debate", "a-debate"), ("debate-a", "debate")),
    ],
)
def test_two_releases_share_nothing_but_the_crd(chart: Chart, one: tuple[str, str], other: tuple[str, str]) -> None:
    first = chart.render(release=one[0], namespace=one[1])
    second = chart.render({"crds": {"install": False}}, release=other[0], namespace=other[1])
    assert not {_key(item) for item in first.objects} & {_key(item) for item in second.objects}


def test_nothing_is_there_twice(chart: Chart) -> None:
    keys = [_key(item) for item in chart.render(EVERYTHING).objects]
    assert len(keys) == len(set(keys))
