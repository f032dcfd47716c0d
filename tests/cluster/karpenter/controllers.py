"""The real Karpenter with its kwok provider, and KWOK: processes beside the cluster, of which nothing is left."""

from __future__ import annotations

import json
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from go_tools import KARPENTER, KARPENTER_KWOK, KWOK, module_folder
from karpenter import instance_types
from kube import Cluster, CommandFailed

STAGES = Path(__file__).with_name("stages.yaml")
FAKE = "kwok.x-k8s.io/node=fake"
FAKE_NODES = "kwok-"
"""What their names begin with."""
NODE_CLASS = {"group": "karpenter.kwok.sh", "kind": "KWOKNodeClass", "name": "default"}
BOOT = "2s"
"""What a node takes to appear: long enough to be seen waiting for, short enough for a test."""
READY_WITHIN_S = 60


@contextmanager
def running(cluster: Cluster, log: Path) -> Iterator[None]:
    """Both run, with Karpenter's CRDs and a node class, while the context lasts. log: a folder for what they say."""
    crds = _crds()
    remove(cluster, crds)
    with ExitStack() as stack:
        stack.callback(remove, cluster, crds)
        cluster.kubectl("apply", "--server-side", *(f"--filename={path}" for path in crds))
        cluster.kubectl("wait", "--for=condition=Established", *(f"--filename={path}" for path in crds))
        group = f"{NODE_CLASS['group']}/v1alpha1"
        spec = {"nodeRegistrationDelay": BOOT}
        cluster.apply(
            {"apiVersion": group, "kind": NODE_CLASS["kind"], "metadata": {"name": NODE_CLASS["name"]}, "spec": spec}
        )
        health_port = _free_port()
        stack.enter_context(_process(*_karpenter(log, health_port), cluster, log / "karpenter.log"))
        stack.enter_context(_process(*_kwok(cluster, log), cluster, log / "kwok.log"))
        _await_ready(health_port, log / "karpenter.log")
        yield


def remove(cluster: Cluster, crds: tuple[Path, ...]) -> None:
    """Nodes, pods on them, NodeClaims, NodePools, CRDs; also what a killed run left. Karpenter does not run then."""
    for pod in cluster.get_json("pods", "--all-namespaces")["items"]:
        if pod["spec"].get("nodeName", "").startswith(FAKE_NODES):
            where = (pod["metadata"]["name"], "-n", pod["metadata"]["namespace"])
            cluster.kubectl(
                "delete", "pod", *where, "--grace-period=0", "--force", "--ignore-not-found", "--wait=false"
            )
    _delete_for_good(cluster, "nodes", cluster.kubectl("get", "nodes", "-l", FAKE, "-o", "name").split())
    known = cluster.kubectl("get", "crd", "-o", "name")
    for kind in ("nodepools.karpenter.sh", "nodeclaims.karpenter.sh", "kwoknodeclasses.karpenter.kwok.sh"):
        if kind in known:
            _delete_for_good(cluster, kind, cluster.kubectl("get", kind, "-o", "name").split())
    cluster.kubectl("delete", "--ignore-not-found", *(f"--filename={path}" for path in crds))


def _delete_for_good(cluster: Cluster, kind: str, names: list[str]) -> None:
    """Also what waits for Karpenter to let it go."""
    names = [name.rpartition("/")[2] for name in names]
    if not names:
        return
    cluster.kubectl("delete", kind, *names, "--ignore-not-found", "--wait=false")
    for name in names:
        try:
            cluster.kubectl("patch", kind, name, "--type=merge", "-p", '{"metadata":{"finalizers":null}}')
        except CommandFailed as gone:
            if "NotFound" not in str(gone):
                raise


def _crds() -> tuple[Path, ...]:
    module = module_folder("sigs.k8s.io/karpenter", KARPENTER)
    return tuple(sorted([*(module / "pkg/apis/crds").glob("*.yaml"), *(module / "kwok/apis/crds").glob("*.yaml")]))


def _karpenter(log: Path, health_port: int) -> tuple[list[str], dict[str, str]]:
    types = log / "types.json"
    types.write_text(json.dumps([one.for_kwok() for one in instance_types.ALL]), encoding="utf-8")
    settings = {
        "SYSTEM_NAMESPACE": "kube-system",
        "DISABLE_LEADER_ELECTION": "true",
        "CLUSTER_NAME": "kind",
        "INSTANCE_TYPES_FILE_PATH": str(types),
        "KUBERNETES_MIN_VERSION": "1.29.0-0",
        "METRICS_PORT": str(_free_port()),
        "HEALTH_PROBE_PORT": str(health_port),
    }
    return [str(KARPENTER_KWOK.find_or_build())], settings


def _kwok(cluster: Cluster, log: Path) -> tuple[list[str], dict[str, str]]:
    words = [
        str(KWOK.find_or_build()),
        f"--kubeconfig={cluster.kubeconfig}",
        f"--config={STAGES}",
        "--manage-all-nodes=false",
        f"--manage-nodes-with-annotation-selector={FAKE}",
        "--node-lease-duration-seconds=40",  # without leases Kubernetes would take the nodes for dead
    ]
    return words, {"KWOK_WORKDIR": str(log / "kwok")}


@contextmanager
def _process(words: list[str], settings: dict[str, str], cluster: Cluster, log: Path) -> Iterator[None]:
    with log.open("wb") as output:
        environment = cluster.environment() | settings
        # They end with the tests even where those are killed: a second Karpenter would make nodes of its own.
        watched = ["setpriv", "--pdeathsig=TERM", *words]
        process = subprocess.Popen(watched, env=environment, stdout=output, stderr=subprocess.STDOUT)
        try:
            yield
            assert process.poll() is None, f"{Path(words[0]).name} ended: {log.read_text(errors='replace')[-3000:]}"
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _await_ready(port: int, log: Path) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < deadline:
        try:
            with urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as answer:
                if answer.status == 200:
                    return
        except (URLError, OSError):
            time.sleep(0.2)  # nobody tells when a port opens
    raise AssertionError(f"Karpenter was not ready in {READY_WITHIN_S} s: {log.read_text(errors='replace')[-3000:]}")


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
