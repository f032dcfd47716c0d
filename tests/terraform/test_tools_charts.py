"""What install gives the charts, rendered by the real helm: the schema takes it, and pods find the pools' nodes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import go_tools
import pytest
import yaml
from applied_account import ACCOUNTS, values_of
from helm_chart import Chart, Rendered
from tool_world import NAME, World

from debate_aws import charts


class TestCharts:
    """What install gives, rendered by the real helm: values.schema.json takes it, and pods find the pools' nodes."""

    @pytest.fixture
    def given(self, here: World) -> dict[str, Any]:
        """Release -> its values."""
        here.tool("install")
        return {release: values_of(here, release) for release in ("debate", "nodes")}

    @pytest.fixture
    def release(self, given: dict[str, Any], helm: Path) -> Rendered:
        return Chart(helm, given={}).render(given["debate"], release="debate", namespace="debates")

    @pytest.fixture
    def pools(self, given: dict[str, Any], helm: Path, repository: Path) -> list[Any]:
        return Chart(helm, repository / "charts/gpu-nodepool", {}).render(given["nodes"], release="nodes").objects

    def test_pods_land_on_the_pools(self, release: Rendered, pools: list[Any]) -> None:
        settings = yaml.safe_load(release.settings)
        nodepools = {item["metadata"]["name"]: item["spec"] for item in pools if item["kind"] == "NodePool"}
        assert len(nodepools) == 2
        for kind, gpus in (("gpu", True), ("cpu", False)):
            selector = settings[kind]["nodeSelector"]
            assert selector.keys() == {"karpenter.sh/nodepool"}
            spec = nodepools.pop(selector["karpenter.sh/nodepool"])
            assert ("nvidia.com/gpu" in spec["limits"]) is gpus
            for taint in spec["template"]["spec"]["taints"]:
                assert any(self._tolerates(one, taint) for one in settings[kind]["tolerations"])

    @staticmethod
    def _tolerates(toleration: dict[str, str], taint: dict[str, str]) -> bool:
        return all(toleration[key] == taint[key] for key in ("key", "value", "effect"))

    def test_the_fetching_pod_too(self, release: Rendered) -> None:
        (pod,) = [spec for name, spec in release.pods() if name.startswith("Job/debate-models")]
        assert pod["nodeSelector"] == {"karpenter.sh/nodepool": "debate-cpu"}
        assert pod["serviceAccountName"] == "talks-models"

    def test_nodes_carry_the_installations_tag(self, pools: list[Any]) -> None:
        classes = [item["spec"] for item in pools if item["kind"] == "EC2NodeClass"]
        assert [spec["tags"] for spec in classes] == [{"debate-analyzer": NAME}] * 2

    def test_every_account_that_uses_the_store_was_checked(self, release: Rendered) -> None:
        made = {(one["metadata"]["namespace"], one["metadata"]["name"]) for one in release.of("ServiceAccount")}
        without_aws = {("debates", "talks-operator"), ("debates", "debate-test-nodes")}
        assert made - without_aws == set(ACCOUNTS[1:])

    def test_karpenter_is_the_one_that_the_pools_were_tested_with(self, repository: Path) -> None:
        chart = yaml.safe_load((repository / "charts/gpu-nodepool/Chart.yaml").read_text(encoding="utf-8"))
        assert chart["appVersion"] == charts.KARPENTER
        assert f"v{charts.KARPENTER}" == go_tools.KARPENTER
