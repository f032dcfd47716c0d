"""What the chart shares with the project is the same there: the CRD that outlives it, nginx.conf, versions."""

from __future__ import annotations

import tomllib
from pathlib import Path

import yaml
from go_tools import HELM, VERSITYGW
from helm_chart import CHART, Chart

ROOT = Path(__file__).parents[3]
SOURCE = ROOT / "crds/debatejobs.yaml"


def test_the_charts_copy_is_the_source() -> None:
    copy = CHART / "files/debatejobs.yaml"
    assert copy.read_bytes() == SOURCE.read_bytes(), f"run: cp crds/{SOURCE.name} {copy.relative_to(ROOT)}"


def test_the_charts_nginx_conf_is_the_pages() -> None:
    copy, source = CHART / "files/nginx.conf", ROOT / "web/nginx.conf"
    assert copy.read_bytes() == source.read_bytes(), f"run: cp web/nginx.conf {copy.relative_to(ROOT)}"


def test_it_is_installed_as_it_is_and_kept(chart: Chart) -> None:
    (installed,) = chart.render().of("CustomResourceDefinition")
    assert installed["metadata"].pop("annotations") == {"helm.sh/resource-policy": "keep"}
    assert installed == yaml.safe_load(SOURCE.read_text(encoding="utf-8"))


def test_somebody_else_may_install_it(chart: Chart) -> None:
    assert not chart.render({"crds": {"install": False}}).of("CustomResourceDefinition")


def test_the_chart_installs_the_version_that_it_came_with() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    described = yaml.safe_load((CHART / "Chart.yaml").read_text(encoding="utf-8"))
    assert described["appVersion"] == described["version"] == project


def test_the_helm_of_the_tests_is_the_one_that_make_kind_builds() -> None:
    versions = (ROOT / "scripts/kind/versions").read_text(encoding="utf-8").splitlines()
    assert f"HELM={HELM.version.removeprefix('v')}" in versions
    assert f"VERSITYGW={VERSITYGW.version.removeprefix('v')}" in versions
