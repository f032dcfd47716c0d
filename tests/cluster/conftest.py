"""Fixtures of the cluster tests: the kind cluster, which is kept between runs, and an operator with no-op workers."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from debates import Debate
from kube import Cluster, Object, Witness
from real_release import start, store_of
from release import Release, restricted

from debate_core.store import ObjectStore

ROOT = Path(__file__).parents[2]
MAKE_S = 3600
"""The most that `make kind` takes: images and a node image from nothing. Warm it is a minute."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The time limit of a test does not count its fixtures here: the first test makes the cluster."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent) and item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(600, func_only=True))


@pytest.fixture(scope="session")
def cluster() -> Cluster:
    """What `make kind` makes, or finds: cluster, images, chart and S3 server. It is kept for the next run."""
    cache = Path(os.environ.get("DEBATE_CACHE") or Path.home() / ".cache/debate-analyzer")
    kubeconfig = cache / "kind/kubeconfig"
    # `make kind` changes the user's current context; a test must not.
    environment = os.environ | {"KUBECONFIG": str(kubeconfig)}
    made = subprocess.run(
        [ROOT / "scripts/kind/deploy"], env=environment, capture_output=True, text=True, timeout=MAKE_S, check=False
    )
    assert made.returncode == 0, made.stderr[-4000:]
    return Cluster(kubeconfig=kubeconfig, tools=cache / "kind/bin")


@pytest.fixture(scope="session")
def witness(cluster: Cluster) -> Witness:
    return Witness(cluster)


@pytest.fixture(scope="session")
def noop_image(cluster: Cluster) -> str:
    """The no-op worker's image, on every node."""
    loaded = subprocess.run(
        [Path(__file__).with_name("noop") / "load"],
        env=cluster.environment(),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert loaded.returncode == 0, loaded.stderr
    return loaded.stdout.strip()


@pytest.fixture(scope="session")
def operator(cluster: Cluster, witness: Witness, noop_image: str) -> Iterator[Release]:
    """The operator of the tests, installed by the chart. In the end nothing of it is left."""
    release = Release.install(cluster, witness, noop_image)
    yield release
    release.uninstall(wait=False)


@pytest.fixture(scope="session")
def store(cluster: Cluster) -> Iterator[ObjectStore]:
    """The store of `make kind`, read from this machine."""
    with store_of(cluster) as store:
        yield store


@pytest.fixture(scope="session")
def sample(cluster: Cluster, witness: Witness) -> Debate:
    """The sample debate, as a newcomer makes it."""
    return start(cluster, witness)


@pytest.fixture(scope="session")
def done(sample: Debate) -> Object:
    """The status of the sample at its end. Its statistics are made right after it."""
    status = sample.end(timeout_s=600)
    assert status["phase"] == "Succeeded", sample.report()
    return status


@pytest.fixture
def namespace(cluster: Cluster) -> Iterator[str]:
    """A fresh namespace that enforces Pod Security `restricted`."""
    name = f"test-{uuid4().hex[:8]}"
    cluster.apply(restricted(name))
    yield name
    cluster.kubectl("delete", "namespace", name, "--wait=false")


@pytest.fixture
def api_server(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """KUBECONFIG names an API server that has the CRD: DEBATE_TEST_KUBECONFIG's, else the cluster's."""
    given = os.environ.get("DEBATE_TEST_KUBECONFIG")
    monkeypatch.setenv("KUBECONFIG", given or str(request.getfixturevalue("cluster").kubeconfig))
