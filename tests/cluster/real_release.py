"""The release of `make kind` and the sample debate in it: the real images, the cluster's own S3 server."""

from __future__ import annotations

import base64
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from debates import Debate
from kube import Cluster, Object, Witness

from debate_core.store import ObjectStore, open_store

EXAMPLES = Path(__file__).parents[2] / "examples"
NAMESPACE = "debates"
RELEASE = "debate"


@contextmanager
def store_of(cluster: Cluster) -> Iterator[ObjectStore]:
    """The cluster's store, read from this machine; by our commands too, whose environment says where it is."""
    keys = cluster.get_json("secret", "s3-credentials", "-n", NAMESPACE)["data"]
    process = subprocess.Popen(
        ["kubectl", "-n", NAMESPACE, "port-forward", "service/s3", ":7070"],
        env=cluster.environment(),
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        address = process.stdout.readline().split()[2]  # Forwarding from 127.0.0.1:41234 -> 7070
        with pytest.MonkeyPatch.context() as environ:
            for name, value in keys.items():
                environ.setenv(name, base64.b64decode(value).decode())
            environ.setenv("AWS_ENDPOINT_URL_S3", f"http://{address}")
            environ.setenv("AWS_REGION", "us-east-1")
            yield open_store("s3://debates")
    finally:
        process.terminate()
        process.communicate()


def start(cluster: Cluster, witness: Witness, name: str = "sample", **spec: Any) -> Debate:
    """examples/debatejob.yaml, with another name and spec where given. One of an earlier run goes first."""
    witness.watch(NAMESPACE)
    resource: Object = yaml.safe_load((EXAMPLES / "debatejob.yaml").read_text(encoding="utf-8"))
    resource["metadata"] = {"name": name, "namespace": NAMESPACE}
    resource["spec"] |= spec
    cluster.kubectl("delete", "debatejob", name, "-n", NAMESPACE, "--ignore-not-found")
    cluster.apply(resource)
    it = Debate(cluster, witness, NAMESPACE, name, operator_log=lambda: _log(cluster))
    it.known_uid = cluster.get_json("debatejob", name, "-n", NAMESPACE)["metadata"]["uid"]
    return it


def _log(cluster: Cluster) -> str:
    return cluster.kubectl("logs", f"deploy/{RELEASE}-operator", "-n", NAMESPACE, "--tail=2000")
