"""What the operator may do and who may speak to it, on a real API server: rights, tokens, probes, signals."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yaml
from kubernetes.aio.client import Configuration
from operator_world import World, failed, play, status_with, until

from debate_operator import names, parse
from debate_operator.cache import Cache, Key
from debate_operator.crd_check import check_crd
from debate_operator.doctor.cluster import CLUSTER_RIGHTS, RIGHTS
from debate_operator.doctor.examination import examine
from debate_operator.doctor.finding import State
from debate_operator.doctor.parts import Part
from debate_operator.facts import JobFacts, PodFacts
from debate_operator.health import serving
from debate_operator.kube import JOBS, PODS, ApiError, Kube, Raw, load_configuration
from debate_operator.metrics import Metrics
from debate_operator.parse import Seen
from debate_operator.progress import ProgressBoard, ProgressDoor, Reviews
from debate_operator.queue import WorkQueue

pytestmark = pytest.mark.usefixtures("api_server")


def test_the_installed_crd_has_every_field() -> None:
    async def scenario(world: World) -> None:
        await check_crd(world.hands)

    play(scenario)


async def _service_account(world: World, *, rights: bool) -> Configuration:
    """A service account with the chart's rights, or none; a configuration that speaks for it."""
    at = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{world.namespace}"
    subject = {"kind": "ServiceAccount", "name": "operator", "namespace": world.namespace}
    with suppress(ApiError):
        await world.hands.post(
            f"/api/v1/namespaces/{world.namespace}/serviceaccounts", {"metadata": {"name": "operator"}}
        )
    if rights:
        rules = [
            {"apiGroups": [group], "resources": [resource], "verbs": list(verbs)}
            for (group, resource), verbs in RIGHTS.items()
        ]
        reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "operator"}
        await world.hands.post(f"{at}/roles", {"metadata": {"name": "operator"}, "rules": rules})
        await world.hands.post(
            f"{at}/rolebindings", {"metadata": {"name": "operator"}, "roleRef": reference, "subjects": [subject]}
        )
    answer = await world.hands.post(
        f"/api/v1/namespaces/{world.namespace}/serviceaccounts/operator/token", {"spec": {"expirationSeconds": 600}}
    )
    configuration = await load_configuration()
    configuration.cert_file = configuration.key_file = None
    configuration.refresh_api_key_hook = None
    configuration.api_key["BearerToken"] = "Bearer " + answer["status"]["token"]
    return configuration


def test_the_listed_rights_are_enough() -> None:
    async def scenario(world: World) -> None:
        kube = Kube(await _service_account(world, rights=True))
        async with world.operator(kube) as operator:
            await world.submit(ttl={"failedSeconds": 0}, podOverrides={"resources": {"limits": {"memory": "1Gi"}}})
            await world.submit("other")
            status = await world.started("other")
            await world.hands._request(
                "DELETE",
                JOBS.path(world.namespace, status["steps"][0]["job"]),
                body={"propagationPolicy": "Background"},
            )
            await until(lambda: status_with(world, "other", interruptions=1))
            assert failed(operator) == 0
            await operator.recorder.posted()
            assert "JobCreated" in await world.told()
        await kube.close()

    play(scenario)


def test_a_namespace_that_is_gone_with_its_role_does_not_hold_up_the_others() -> None:
    async def scenario(world: World) -> None:
        kube = Kube(await _service_account(world, rights=True))
        gone = f"{world.namespace}-gone"
        async with world.operator(kube, namespaces=[gone, world.namespace], resyncSeconds=1) as operator:
            await world.submit()
            await world.started()
            assert operator.resync.namespaces == [world.namespace]
            assert failed(operator) == 0
        await kube.close()

    play(scenario)


def test_missing_rights_are_named_by_the_doctor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(world: World) -> None:
        configuration = await _service_account(world, rights=False)
        settings = tmp_path / "settings.yaml"
        written = world.settings(store={"uri": str(tmp_path)}, models=str(tmp_path / "none"))
        settings.write_text(yaml.safe_dump(written.model_dump(mode="json", by_alias=True)))

        async def theirs() -> Configuration:
            return configuration

        assert await _failures(settings) == ["models"]
        monkeypatch.setattr("debate_operator.kube.load_configuration", theirs)
        found = [finding async for finding in examine(settings, _OURS)]
        here, in_cluster, _models = (str(finding) for finding in found if not finding.ok)
        (nodes,) = (str(finding) for finding in found if finding.state is State.UNKNOWN)
        assert nodes.startswith("---- nodes: these rights do not allow to list them")
        for (_group, resource), verbs in RIGHTS.items():
            assert all(f"{verb} {resource}" in here for verb in verbs)
        assert all(f"create {resource}" in in_cluster for _group, resource in CLUSTER_RIGHTS)

    play(scenario)


_OURS = frozenset({Part.CLUSTER, Part.NODES, Part.STORE})


async def _failures(settings: Path) -> list[str]:
    """Of the operator and the store; which nodes there are is another's test."""
    parts = frozenset({Part.CLUSTER, Part.STORE})
    return [finding.what.partition(":")[0] async for finding in examine(settings, parts) if not finding.ok]


def test_progress_is_believed_from_the_pod_that_the_token_is_bound_to() -> None:
    async def scenario(world: World) -> None:
        pod = await _pod_with_account(world)
        good = await _token(world, pod, names.PROGRESS_AUDIENCE)
        other_audience = await _token(world, pod, "somebody-else")
        unbound = await _token(world, None, names.PROGRESS_AUDIENCE)
        cache, queue = _cache_with(world, pod), WorkQueue[Key]()
        metrics, board = Metrics(cache, queue), ProgressBoard()
        door = ProgressDoor(cache, queue, board, Reviews(world.hands), metrics)
        body = {"job_uid": "job-uid", "step": "analyze", "shard": 0, "done_seconds": 30, "total_seconds": 60}
        async with serving(door.app(), "127.0.0.1", 0) as port, aiohttp.ClientSession() as session:

            async def post(token: str | None, **changes: Any) -> int:
                headers = {"Authorization": f"Bearer {token}"} if token else {}
                url = f"http://127.0.0.1:{port}/progress"
                async with session.post(url, json=body | changes, headers=headers) as answer:
                    assert answer.status != 429 or int(answer.headers["Retry-After"]) >= 1
                    return answer.status

            assert await post(None) == 401
            assert await post("nonsense") == 401
            assert await post(other_audience) == 401
            assert await post(unbound) == 403
            assert await post(good, job_uid="another") == 403
            assert await post(good, done_seconds="many") == 400
            assert await post(good, note="x" * 5000) == 413
            # Which shard it is, the pod knows; the body is not asked.
            assert await post(good, shard=7) == 204
            assert {index: said.done_seconds for index, said in board.of("job-uid").items()} == {0: 30}
            # The sixth in a second from one pod.
            assert [await post(good) for _ in range(3)].count(429) >= 1
            assert queue.depth == 0  # it is looked at in two seconds, not at each word
            cache.pods.remove(world.namespace, "worker", pod["metadata"]["uid"])
            assert await post(good) == 403

    play(scenario)


async def _pod_with_account(world: World) -> Raw:
    with suppress(ApiError):
        await world.hands.post(
            f"/api/v1/namespaces/{world.namespace}/serviceaccounts", {"metadata": {"name": "worker"}}
        )
    spec = {
        "serviceAccountName": "worker",
        "nodeSelector": {"example.org/nowhere": "true"},
        "containers": [{"name": "worker", "image": "none"}],
    }
    return await Kube.create(world.hands, PODS, world.namespace, {"metadata": {"name": "worker"}, "spec": spec})


async def _token(world: World, pod: Raw | None, audience: str) -> str:
    bound = {"kind": "Pod", "apiVersion": "v1", "name": "worker", "uid": pod["metadata"]["uid"]} if pod else None
    spec = {"audiences": [audience], "expirationSeconds": 600} | ({"boundObjectRef": bound} if bound else {})
    path = f"/api/v1/namespaces/{world.namespace}/serviceaccounts/worker/token"
    return str((await world.hands.post(path, {"spec": spec}))["status"]["token"])


def _cache_with(world: World, pod: Raw) -> Cache:
    """As it is when the pod belongs to a Job of a DebateJob."""
    cache = Cache()
    meta = {"name": "debate", "namespace": world.namespace, "uid": "dj-uid", "resourceVersion": "1"}
    cache.debatejobs.put(parse.debatejob({"metadata": meta}))
    job = JobFacts("debate-analyze", "job-uid", "analyze", 1, 1, parse.EPOCH)
    cache.jobs.put(Seen(world.namespace, job.name, job.uid, 1, "dj-uid", "debate", job))
    facts = PodFacts("worker", pod["metadata"]["uid"], "Running")
    cache.pods.put(Seen(world.namespace, facts.name, facts.uid, 1, "job-uid", "debate", facts))
    return cache


@pytest.fixture
def ports() -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
    numbers = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return numbers


def test_the_command_serves_its_probes_and_ends_at_sigterm(tmp_path: Path, ports: list[int]) -> None:
    async def scenario(world: World) -> None:
        settings = tmp_path / "settings.yaml"
        written = world.settings(healthPort=ports[0], progressPort=ports[1])
        settings.write_text(yaml.safe_dump(written.model_dump(mode="json", by_alias=True)))
        process = subprocess.Popen(
            [Path(sys.executable).with_name("debate-operator")],
            env=os.environ | {"DEBATE_OPERATOR_SETTINGS": str(settings), "KUBERNETES_SERVICE_HOST": "json-please"},
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            async with aiohttp.ClientSession() as session:

                async def get(path: str) -> tuple[int, str]:
                    try:
                        async with session.get(f"http://127.0.0.1:{ports[0]}{path}") as answer:
                            return answer.status, await answer.text()
                    except aiohttp.ClientError:
                        return 0, ""

                async def is_ready() -> bool:
                    return (await get("/readyz"))[0] == 200

                await until(is_ready)
                assert await get("/livez") == (200, "ok\n")
                await world.submit()
                await world.started()
                _, metrics = await get("/metrics")
                assert "debate_jobs{phase=" in metrics
                assert "api-" not in metrics
        finally:
            process.send_signal(signal.SIGTERM)
            _, log = await asyncio.to_thread(process.communicate, timeout=20)
        assert process.returncode == 0
        lines = [yaml.safe_load(line) for line in log.splitlines()]
        about = [line for line in lines if line["event"] == "status written"]
        assert about
        assert all((line["namespace"], line["debatejob"]) == (world.namespace, "debate") for line in about)

    play(scenario)
