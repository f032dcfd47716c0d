"""Workers open what strangers made: they must not reach the cluster. Proven where something enforces policies."""

from __future__ import annotations

import pytest
from debates import PATIENCE_S, act, manifest
from kube import Cluster, Object, Witness
from release import FAULTS, Release

API_SERVER = "kubernetes.default.svc:443"
REACHED, NOT_REACHED = 11, 13
"""Exit codes of the no-op worker's dial."""


def dialling_pod(namespace: str, image: str) -> Object:
    container = {
        "name": "dial",
        "image": image,
        "args": ["dial", API_SERVER],
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "runAsNonRoot": True,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
    }
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "dial", "namespace": namespace},
        "spec": {"restartPolicy": "Never", "automountServiceAccountToken": False, "containers": [container]},
    }


@pytest.fixture
def enforced(cluster: Cluster, witness: Witness, namespace: str, noop_image: str) -> bool:
    """Whether a policy that lets nothing out has any effect in this cluster."""
    nothing_out = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "nothing-out", "namespace": namespace},
        "spec": {"podSelector": {}, "policyTypes": ["Egress"]},
    }
    witness.watch(namespace)
    cluster.apply(nothing_out, dialling_pod(namespace, noop_image))

    def exit_code() -> int | None:
        pod = witness.get("pods", namespace, "dial")
        state = pod["status"].get("containerStatuses", [{}])[0].get("state", {}) if pod else {}
        code: int | None = state.get("terminated", {}).get("exitCode")
        return code

    code = witness.wait(exit_code, PATIENCE_S, "the pod that dials did not end")
    assert code in {REACHED, NOT_REACHED}
    return code == NOT_REACHED


def test_a_worker_does_not_reach_the_api_server(enforced: bool, operator: Release) -> None:
    if not enforced:
        pytest.skip("nothing in this cluster enforces network policies (kind's plain bridge does not)")
    acts = {"prepare": [act(dial=API_SERVER)]}
    operator.cluster.apply(manifest(FAULTS, "dials-the-cluster", acts, mode="DownloadOnly"))
    it = operator.debate(FAULTS, "dials-the-cluster")

    assert it.end()["reason"] == "MediaUndecodable", it.status["message"]
