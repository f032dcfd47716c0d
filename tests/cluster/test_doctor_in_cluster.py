"""`helm test` on a real cluster: every check as the account that it is about, and what is broken with its fix."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from kube import Cluster, CommandFailed, Object
from real_release import NAMESPACE, RELEASE

ROOT = Path(__file__).parents[2]
KIND = yaml.safe_load((ROOT / "scripts/kind/values.yaml").read_text(encoding="utf-8"))
BROKEN = "broken-debate"


def helm_test(cluster: Cluster, release: str, namespace: str, *tests: str) -> tuple[bool, str]:
    """Whether it succeeds, and what it says, with the pods' logs. tests: those alone; none: all."""
    words = [word for test in tests for word in ("--filter", f"name={test}")]
    done = subprocess.run(
        ["helm", "test", release, "-n", namespace, "--logs", "--timeout", "120s", *words],
        env=cluster.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )
    return done.returncode == 0, done.stdout


def lines(said: str, state: str) -> list[str]:
    """The subjects of the doctor's lines in this state, each once: the log of the nodes' test is shown twice."""
    found = [line.removeprefix(state).strip() for line in said.splitlines() if line.startswith(f"{state} ")]
    return list(dict.fromkeys(found))


def test_helm_test_says_that_all_is_well(cluster: Cluster) -> None:
    succeeded, said = helm_test(cluster, RELEASE, NAMESPACE)
    assert succeeded, said
    assert not lines(said, "FAIL"), said
    subjects = [line.partition(":")[0] for line in lines(said, "ok")]
    for subject in (
        "settings",
        "nodes for prepare",
        "nodes for analyze",
        "GPU device plugin",
        "API server",
        "CRD",
        f"rights in namespace {NAMESPACE}",
        "rights in the cluster",
        "credentials",
        "store",
        "bucket rights",
        "models",
        "progress",
    ):
        assert subject in subjects, said
    assert any(line.startswith("bucket rights: stats may") for line in lines(said, "ok"))
    assert [line.partition(":")[0] for line in lines(said, "----")] == ["GPU quota"]
    assert "answers" in said.partition(f"{RELEASE}-test-page")[2]


def test_nobody_may_read_nodes_once_the_test_has_ended(cluster: Cluster) -> None:
    assert helm_test(cluster, RELEASE, NAMESPACE, *nodes_tests(cluster, RELEASE, NAMESPACE))[0]
    assert not [name for name in bindings(cluster) if "test-nodes" in name]
    as_test = f"--as=system:serviceaccount:{NAMESPACE}:{RELEASE}-test-nodes"
    with pytest.raises(CommandFailed):
        cluster.kubectl("auth", "can-i", "list", "nodes", as_test)


def nodes_tests(cluster: Cluster, release: str, namespace: str) -> list[str]:
    """The name of the nodes' pod, which its binding has too."""
    hooks = yaml.safe_load_all(cluster.command("helm", "get", "hooks", release, "-n", namespace))
    return sorted({hook["metadata"]["name"] for hook in hooks if "-test-nodes-" in hook["metadata"]["name"]})


def bindings(cluster: Cluster) -> list[str]:
    found: list[Object] = cluster.get_json("clusterrolebindings")["items"]
    return [item["metadata"]["name"] for item in found]


@pytest.fixture
def broken(cluster: Cluster, namespace: str, tmp_path: Path) -> Iterator[str]:
    """The namespace of a release whose bucket is not there and whose GPUs no node has; its operator does not run."""
    keys = cluster.get_json("secret", "s3-credentials", "-n", NAMESPACE)["data"]
    metadata = {"name": "s3-credentials", "namespace": namespace}
    cluster.apply({"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": keys})
    changes: dict[str, Any] = {
        "store": KIND["store"] | {"uri": "s3://no-such-bucket"},
        "gpu": KIND["gpu"] | {"nodeSelector": {"cluster-tests/class": "none"}},
        "images": KIND["images"] | {"operator": {"tag": "dev"}},
        "crds": {"install": False},
        "web": {"enabled": False},
        "stats": {"enabled": False},
    }
    values = tmp_path / "values.json"
    values.write_text(json.dumps(KIND | changes))
    chart = str(ROOT / "charts/debate-analyzer")
    cluster.command("helm", "install", BROKEN, chart, "-n", namespace, "-f", str(values))
    cluster.kubectl("scale", f"deploy/{BROKEN}-operator", "-n", namespace, "--replicas=0")
    yield namespace
    cluster.command("helm", "uninstall", BROKEN, "-n", namespace)


def test_what_is_broken_is_shown_with_its_fix(cluster: Cluster, broken: str) -> None:
    nodes = _failure(cluster, broken, *nodes_tests(cluster, BROKEN, broken))
    assert "FAIL nodes for analyze: no node and no NodePool takes them" in nodes
    assert "has no cluster-tests/class=none" in nodes
    assert "-> install charts/gpu-nodepool, or label and taint nodes as gpu.nodeSelector" in nodes
    assert not [name for name in bindings(cluster) if name.startswith(BROKEN)], "gone after a failure, too"

    store = _failure(cluster, broken, f"{BROKEN}-test-store")
    assert "FAIL store: There is no bucket for s3://no-such-bucket" in store
    assert "-> correct store.* in the values" in store
    assert "FAIL progress: " in store
    assert "-> see that the operator runs" in store

    role = f"{BROKEN}-operator"
    cluster.kubectl("delete", "rolebinding", role, "-n", broken)
    rights = _failure(cluster, broken, f"{BROKEN}-test-cluster")
    assert f"FAIL rights in namespace {broken}: may not get debatejobs" in rights
    assert "-> install the chart's roles" in rights


def test_who_may_not_list_nodes_is_told_how_to_have_them_checked(cluster: Cluster, broken: str, tmp_path: Path) -> None:
    """Without its binding, which is as it is for an operator that is asked by `kubectl exec`."""
    account = f"{BROKEN}-operator"
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "without", "namespace": broken},
        "spec": next(
            hook["spec"] | {"serviceAccountName": account}
            for hook in yaml.safe_load_all(cluster.command("helm", "get", "hooks", BROKEN, "-n", broken))
            if hook["kind"] == "Pod" and "-test-nodes-" in hook["metadata"]["name"]
        ),
    }
    cluster.apply(pod)
    cluster.kubectl("wait", "pod/without", "-n", broken, "--for=jsonpath={.status.phase}=Succeeded", "--timeout=60s")
    said = cluster.kubectl("logs", "without", "-n", broken)
    assert "---- nodes: these rights do not allow to list them" in said
    assert "-> ask as somebody who may list nodes and nodepools.karpenter.sh, or by `helm test`" in said


def _failure(cluster: Cluster, namespace: str, *tests: str) -> str:
    succeeded, said = helm_test(cluster, BROKEN, namespace, *tests)
    assert not succeeded, said
    return said
