"""The chart, installed a second time beside the real one: with the no-op worker, quick settings, own namespaces."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from debates import Debate
from kube import Cluster, Object, Witness

CHART = Path(__file__).parents[2] / "charts/debate-analyzer"

HOME = "cluster-tests"
POLICIES = "cluster-tests-policies"
FAULTS = "cluster-tests-faults"
DOOMED = "cluster-tests-doomed"
"""A test deletes it."""
BARE = "cluster-tests-bare"
"""Without the Secret that workers need."""
WATCHED = (POLICIES, FAULTS, DOOMED, BARE)

NAME = "noop-debate"
DEPLOYMENT = f"{NAME}-operator"
SECRET = "store-keys"
LARGE = {"cluster-tests/gpu-class": "large"}
GPU = "nvidia.com/gpu"
MANY_GPUS, ONE_GPU = "64", "1"
CONTROL_PLANE = "node-role.kubernetes.io/control-plane"

TINY = {"requests": {"cpu": "5m", "memory": "16Mi"}, "limits": {"memory": "48Mi"}}


def restricted(name: str) -> Object:
    """A namespace that refuses every pod that is not `restricted`."""
    labels = {"pod-security.kubernetes.io/enforce": "restricted", "debate-analyzer.io/tests": "cluster"}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}


def secret(namespace: str) -> Object:
    keys = {"AWS_ACCESS_KEY_ID": "nobody", "AWS_SECRET_ACCESS_KEY": "nothing"}
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": SECRET, "namespace": namespace},
        "stringData": keys,
    }


def values(noop_image: str) -> dict[str, Any]:
    repository, _, tag = noop_image.rpartition(":")
    image = {"repository": repository, "tag": tag}
    return {
        "namespaces": list(WATCHED),
        "store": {"uri": "s3://nowhere/noop", "existingSecret": SECRET},
        "images": {"operator": {"tag": "dev"}, "workerCpu": image, "workerGpu": image, "pullPolicy": "Never"},
        "gpu": {"largerNodeSelector": LARGE},
        "workers": {
            "allowedEnv": ["DEBATE_NOOP"],
            "resources": dict.fromkeys(("prepare", "analyze", "finish"), TINY),
            "cacheSize": "10Mi",
            "terminationGraceSeconds": 10,
        },
        "backoff": {
            "attemptSeconds": 1,
            "interruptionSeconds": 1,
            "interruptionMaxSeconds": 2,
            "waitSeconds": 1,
            "maxSeconds": 4,
        },
        "operator": {"resyncSeconds": 5, "misconfiguredGraceSeconds": 6},
        # Not on the node that a test drains.
        "placement": {
            "nodeSelector": {CONTROL_PLANE: ""},
            "tolerations": [{"key": CONTROL_PLANE, "operator": "Exists", "effect": "NoSchedule"}],
        },
        "crds": {"install": False},
        "stats": {"enabled": False},
        "web": {"enabled": False},
    }


@dataclass(frozen=True)
class Release:
    """The installed operator of the tests."""

    cluster: Cluster
    witness: Witness

    @classmethod
    def install(cls, cluster: Cluster, witness: Witness, noop_image: str) -> Release:
        """Fresh namespaces, the chart, a node with GPUs; waits until the operator is ready."""
        release = cls(cluster, witness)
        release.uninstall(wait=True)
        cluster.apply(*(restricted(name) for name in (HOME, *WATCHED)))
        witness.watch(*WATCHED)
        cluster.apply(*(secret(name) for name in WATCHED if name != BARE))
        release.offer_gpus(MANY_GPUS)
        (large,) = (f"{key}={value}" for key, value in LARGE.items())
        cluster.kubectl("label", "node", release.node, large, "--overwrite")
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(values(noop_image), file)
            file.flush()
            words = ("helm", "upgrade", "--install", NAME, str(CHART), "-n", HOME, "-f", file.name)
            try:
                cluster.command(*words, "--wait", "--timeout", "180s", timeout_s=200)
            except AssertionError as failed:
                raise AssertionError(f"{failed}\n{release.log()}") from None
        return release

    def uninstall(self, *, wait: bool) -> None:
        self.cluster.command("helm", "uninstall", NAME, "-n", HOME, "--ignore-not-found")
        self.offer_gpus(ONE_GPU)  # as `make kind` has it
        names = ("namespace", *(HOME, *WATCHED))
        self.cluster.kubectl("delete", *names, "--ignore-not-found", f"--wait={str(wait).lower()}", timeout_s=180)

    @property
    def node(self) -> str:
        """The node on which workers run."""
        nodes = self.cluster.get_json("nodes", "-l", f"!{CONTROL_PLANE}")["items"]
        return str(nodes[0]["metadata"]["name"])

    def offer_gpus(self, count: str) -> None:
        """As a device plugin would; the programs do without."""
        patch = {"status": {"capacity": {GPU: count}, "allocatable": {GPU: count}}}
        words = ("patch", "node", self.node, "--subresource=status", "--type=merge", "-p", json.dumps(patch))
        self.cluster.kubectl(*words)

    def debate(self, namespace: str, name: str) -> Debate:
        return Debate(self.cluster, self.witness, namespace, name, operator_log=self.log)

    def log(self) -> str:
        """What the operator logged, the last 2,000 lines."""
        try:
            return self.cluster.kubectl("logs", f"deploy/{DEPLOYMENT}", "-n", HOME, "--tail=2000")
        except AssertionError as error:
            return str(error)

    @contextmanager
    def labelled_node(self, labels: dict[str, str]) -> Iterator[None]:
        """The workers' node has these labels for a while."""
        self.cluster.kubectl("label", "node", self.node, *(f"{key}={value}" for key, value in labels.items()))
        try:
            yield
        finally:
            self.cluster.kubectl("label", "node", self.node, *(f"{key}-" for key in labels))

    def resynced(self, times: int) -> None:
        """Wait until the operator has listed everything so many times from now on."""
        words = ("kubectl", "logs", "-f", "--since=1s", f"deploy/{DEPLOYMENT}", "-n", HOME)
        log = subprocess.Popen(words, env=self.cluster.environment(), stdout=subprocess.PIPE, text=True)
        try:
            assert log.stdout is not None
            seen = (line for line in log.stdout if '"resynced"' in line)
            assert len(list(islice(seen, times))) == times, "the operator ended"
        finally:
            log.kill()
            log.communicate()

    def kill(self) -> None:
        """SIGKILL for the operator; the Deployment makes another pod."""
        words = ("delete", "pod", "-n", HOME, "-l", "app.kubernetes.io/component=operator")
        self.cluster.kubectl(*words, "--grace-period=0", "--force")

    def ready(self) -> None:
        self.cluster.kubectl("rollout", "status", f"deploy/{DEPLOYMENT}", "-n", HOME, "--timeout=120s")

    def scale(self, replicas: int) -> None:
        self.cluster.kubectl("scale", f"deploy/{DEPLOYMENT}", "-n", HOME, f"--replicas={replicas}")

    @contextmanager
    def without_status_rights(self, namespace: str) -> Iterator[None]:
        """The operator may create Jobs there, and cannot write what it did: as if it died in between."""
        role = self.cluster.get_json("role", DEPLOYMENT, "-n", namespace)
        rules = [rule for rule in role["rules"] if "debatejobs/status" not in rule["resources"]]
        assert len(rules) == len(role["rules"]) - 1
        self._set_rules(namespace, rules)
        try:
            yield
        finally:
            self._set_rules(namespace, role["rules"])

    def _set_rules(self, namespace: str, rules: list[Object]) -> None:
        patch = json.dumps({"rules": rules})
        self.cluster.kubectl("patch", "role", DEPLOYMENT, "-n", namespace, "--type=merge", "-p", patch)
