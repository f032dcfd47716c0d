"""The operator's runtime on a real API server, in this process: what it does at conflicts, crashes and edits by hand.

Every DebateJob here has a queue, so that its Jobs are created suspended and no pod is ever made: these tests are about
what the API server and the operator say to each other. With DEBATE_TEST_KUBECONFIG they run on any API server that has
the CRD, without the cluster of the other tests.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import aiohttp
import pytest
import yaml
from kubernetes.aio.client import Configuration

from debate_core.documents.debatejob_status import Phase
from debate_operator import names, parse
from debate_operator.cache import Cache, Key
from debate_operator.crd_check import check_crd
from debate_operator.doctor import CLUSTER_RIGHTS, RIGHTS, examine
from debate_operator.facts import JobFacts, PodFacts
from debate_operator.health import serving
from debate_operator.kube import DEBATEJOBS, EVENTS, JOBS, PODS, ApiError, Kube, Raw, Resource, load_configuration
from debate_operator.metrics import Metrics
from debate_operator.parse import Seen
from debate_operator.progress import ProgressBoard, ProgressDoor, Reviews
from debate_operator.queue import WorkQueue
from debate_operator.runtime import Operator
from debate_operator.settings import Settings

T = TypeVar("T")

NAMESPACES = Resource("/api/v1", "namespaces")
PATIENCE_S = 60


@pytest.fixture(scope="module")
def kubeconfig(request: pytest.FixtureRequest) -> Path:
    given = os.environ.get("DEBATE_TEST_KUBECONFIG")
    return Path(given) if given else request.getfixturevalue("cluster").kubeconfig


@pytest.fixture(autouse=True)
def _this_cluster(kubeconfig: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", str(kubeconfig))


class Hands(Kube):
    """What the tests do that the operator never does."""

    async def patch_away(self, resource: Resource, namespace: str, name: str, change: Callable[[Raw], None]) -> None:
        """Read, change, write back: an edit by hand."""
        raw = await self.get(resource, namespace, name)
        assert raw is not None
        change(raw)
        await self._request("PUT", resource.path(namespace, name), body=raw)

    async def post(self, path: str, body: Raw) -> Raw:
        return await self._request("POST", path, body=body)

    async def all(self, resource: Resource, namespace: str) -> list[Raw]:
        return (await self.list(resource, namespace, lambda raw: raw))[0]


class Stumbling(Hands):
    """Dies, as SIGKILL would have it, at one of its calls: `before` says at which."""

    before: str | None = None

    async def replace_status(self, namespace: str, name: str, body: Raw) -> Raw:
        self._stumble("status")
        return await super().replace_status(namespace, name, body)

    async def create(self, resource: Resource, namespace: str, body: Raw) -> Raw:
        self._stumble(f"create {resource.plural}")
        return await super().create(resource, namespace, body)

    def _stumble(self, here: str) -> None:
        if self.before == here:
            raise SystemError("killed")  # none of the errors that a pass expects


@dataclass
class World:
    """A namespace, hands, and operators."""

    namespace: str
    hands: Stumbling
    operators: list[Operator] = field(default_factory=list)

    def settings(self, **changes: Any) -> Settings:
        given = {
            "namespaces": [self.namespace],
            "store": {"uri": "s3://debates"},
            "models": "s3://debates/models",
            "images": {"cpu": "worker:cpu", "gpu": "worker:gpu"},
            "listenHost": "127.0.0.1",
            "healthPort": 0,
            "progressPort": 0,
        }
        return Settings.model_validate(given | changes)

    @asynccontextmanager
    async def operator(self, kube: Kube | None = None, **changes: Any) -> AsyncIterator[Operator]:
        """An operator that runs while the context lasts."""
        operator = Operator(kube or self.hands, self.settings(**changes))
        stop = asyncio.Event()
        running = asyncio.create_task(operator.run(stop))
        try:
            await until(lambda: operator.health.ready or running.done())
            yield operator
        finally:
            stop.set()
            await running

    async def submit(self, name: str = "debate", **spec: Any) -> Raw:
        body = {
            "apiVersion": f"{names.GROUP}/{names.VERSION}",
            "kind": "DebateJob",
            "metadata": {"name": name, "namespace": self.namespace},
            "spec": {"source": {"url": "https://example.org/debate.mp4"}, "queueName": "nobody-releases-it"} | spec,
        }
        return await Kube.create(self.hands, DEBATEJOBS, self.namespace, body)

    async def status(self, name: str = "debate") -> Raw:
        raw = await self.hands.get(DEBATEJOBS, self.namespace, name)
        return (raw or {}).get("status") or {}

    async def phase(self, phase: Phase, name: str = "debate") -> Raw:
        """Wait for the phase; the status."""

        async def reached() -> Raw | None:
            status = await self.status(name)
            return status if status.get("phase") == phase else None

        return await until(reached)

    async def started(self, name: str = "debate") -> Raw:
        """Wait until the status names a Job; the status. (Queued follows soon, once the suspended Job is seen.)"""

        async def begun() -> Raw | None:
            status = await self.status(name)
            return status if (status.get("steps") or [{}])[0].get("job") else None

        return await until(begun)

    async def jobs(self) -> list[str]:
        return [raw["metadata"]["name"] for raw in await self.hands.all(JOBS, self.namespace)]

    async def told(self) -> list[str]:
        return [raw["reason"] for raw in await self.hands.all(EVENTS, self.namespace) if raw["type"]]


async def until(predicate: Callable[[], Awaitable[T | None] | T | None], timeout_s: float = PATIENCE_S) -> T:
    """Ask again until it is something; what it is."""
    async with asyncio.timeout(timeout_s):
        while True:
            found = predicate()
            if isinstance(found, Awaitable):
                found = await found
            if found:
                return found
            await asyncio.sleep(0.05)


@asynccontextmanager
async def a_world() -> AsyncIterator[World]:
    hands = Stumbling(await load_configuration())
    namespace = f"api-{uuid4().hex[:8]}"
    await hands.post("/api/v1/namespaces", {"metadata": {"name": namespace}})
    try:
        yield World(namespace, hands)
    finally:
        await hands._request("DELETE", f"/api/v1/namespaces/{namespace}")
        await hands.close()


Scenario = Callable[[World], Awaitable[None]]


def play(scenario: Scenario) -> None:
    async def whole() -> None:
        async with a_world() as world:
            await scenario(world)

    asyncio.run(whole())


def test_a_debatejob_becomes_a_job_a_status_and_events() -> None:
    async def scenario(world: World) -> None:
        async with world.operator() as operator:
            await world.submit()
            status = await world.started()
            (name,) = await world.jobs()
            assert status["steps"][0]["job"] == name
            assert status["observedGeneration"] == 1
            await until(lambda: operator.queue.idle)
            assert sorted(await world.told()) == ["Accepted", "JobCreated"]
            raw = await world.hands.get(DEBATEJOBS, world.namespace, "debate")
            assert raw is not None
            assert not raw["metadata"].get("finalizers")
            assert not raw["metadata"].get("annotations")

    play(scenario)


def test_killed_between_create_and_status_write_it_finds_its_job_again() -> None:
    async def scenario(world: World) -> None:
        world.hands.before = "status"
        async with world.operator() as operator:
            await world.submit()
            await until(world.jobs)
            await until(lambda: operator.queue.idle)
            assert await world.status() == {}
        # What it knew died with it: this one begins with nothing.
        world.hands.before = None
        async with world.operator() as operator:
            status = await world.started()
            await until(lambda: operator.queue.idle)
            assert await world.jobs() == [status["steps"][0]["job"]]
            assert status["attempts"] == 1

    play(scenario)


def test_killed_before_the_create_nothing_is_lost() -> None:
    async def scenario(world: World) -> None:
        world.hands.before = "create jobs"
        async with world.operator() as operator:
            await world.submit()
            await until(lambda: failed(operator))
        assert await world.jobs() == []
        world.hands.before = None
        async with world.operator():
            await world.started()
            assert len(await world.jobs()) == 1

    play(scenario)


def test_two_operators_at_once_make_one_job() -> None:
    async def scenario(world: World) -> None:
        async with world.operator() as one, world.operator() as other:
            for number in range(10):
                await world.submit(f"debate-{number}")
            for number in range(10):
                await world.started(f"debate-{number}")
            await until(lambda: one.queue.idle and other.queue.idle)
            assert len(await world.jobs()) == 10

    play(scenario)


def test_a_job_that_somebody_deleted_is_an_interruption_and_the_next_one_follows() -> None:
    async def scenario(world: World) -> None:
        async with world.operator(backoff={"interruptionSeconds": 0}):
            await world.submit()
            first = (await world.started())["steps"][0]["job"]
            raw = await world.hands.get(JOBS, world.namespace, first)
            assert raw is not None
            await world.hands._request(
                "DELETE", JOBS.path(world.namespace, first), body={"propagationPolicy": "Background"}
            )
            second = await until(lambda: _only(world.jobs(), lambda name: name != first))
            assert second == first[:-1] + "2"
            status = await until(lambda: _status_with(world, interruptions=1))
            assert status["attempts"] == 1

    play(scenario)


def test_a_job_that_vanished_while_no_operator_ran_is_noticed() -> None:
    async def scenario(world: World) -> None:
        async with world.operator():
            await world.submit()
            first = (await world.started())["steps"][0]["job"]
        await world.hands._request(
            "DELETE", JOBS.path(world.namespace, first), body={"propagationPolicy": "Background"}
        )
        async with world.operator(backoff={"interruptionSeconds": 0}):
            await until(lambda: _status_with(world, interruptions=1))
            assert await until(lambda: _only(world.jobs(), lambda name: name != first))

    play(scenario)


def test_a_job_stripped_of_our_labels_is_still_ours() -> None:
    async def scenario(world: World) -> None:
        async with world.operator() as operator:
            await world.submit()
            name = (await world.started())["steps"][0]["job"]
            await world.hands.patch_away(
                JOBS, world.namespace, name, lambda raw: raw["metadata"].update(labels={"mine": "now"})
            )
            # To a watch with a label selector this looks like a deletion.
            await until(lambda: passes(operator) >= 2 and operator.queue.idle)
            await operator.resync.once()
            await until(lambda: operator.queue.idle)
            assert await world.jobs() == [name]
            assert (await world.status())["interruptions"] == 0

    play(scenario)


def test_a_foreign_job_with_our_name_is_left_alone_and_named() -> None:
    async def scenario(world: World) -> None:
        raw = await world.submit()
        name = names.job_name("debate", "prepare", raw["metadata"]["uid"], 1)
        pod = {"restartPolicy": "Never", "containers": [{"name": "c", "image": "c"}]}
        await Kube.create(
            world.hands,
            JOBS,
            world.namespace,
            {"metadata": {"name": name}, "spec": {"suspend": True, "template": {"spec": pod}}},
        )
        async with world.operator() as operator:
            status = await until(lambda: _status_with(world, reason="NameConflict"))
            assert name in status["message"]
            await until(lambda: operator.queue.idle)
            found = await world.hands.get(JOBS, world.namespace, name)
            assert found is not None
            assert "deletionTimestamp" not in found["metadata"]
            assert await world.jobs() == [name]

    play(scenario)


def test_a_status_that_somebody_edited_is_written_anew() -> None:
    async def scenario(world: World) -> None:
        async with world.operator():
            await world.submit()
            before = await world.started()
            raw = await world.hands.get(DEBATEJOBS, world.namespace, "debate")
            assert raw is not None
            raw["status"] = {"phase": "Succeeded", "message": "it is done, I say"}
            await Kube.replace_status(world.hands, world.namespace, "debate", raw)
            after = await world.started()
            assert [step["job"] for step in after["steps"][:1]] == [before["steps"][0]["job"]]
            assert await world.jobs() == [before["steps"][0]["job"]]

    play(scenario)


def test_a_conflict_is_no_error() -> None:
    """Somebody writes between our look and our write: the pass begins anew on what is there now."""

    class Interfered(Stumbling):
        done = False

        async def replace_status(self, namespace: str, name: str, body: Raw) -> Raw:
            if not self.done:
                self.done = True
                await self.patch_away(
                    DEBATEJOBS, namespace, name, lambda raw: raw["metadata"].update(annotations={"a": "b"})
                )
            return await super().replace_status(namespace, name, body)

    async def scenario(world: World) -> None:
        kube = Interfered(await load_configuration())
        async with world.operator(kube) as operator:
            await world.submit()
            await world.started()
            await until(lambda: operator.queue.idle)
            assert failed(operator) == 0
            assert len(await world.jobs()) == 1
        await kube.close()

    play(scenario)


def test_a_job_that_the_api_server_refuses_fails_with_its_words() -> None:
    async def scenario(world: World) -> None:
        resources = {"requests": {"memory": "64Gi"}, "limits": {"memory": "1Gi"}}
        async with world.operator():
            await world.submit(podOverrides={"resources": resources})
            status = await world.phase(Phase.FAILED)
            assert status["reason"] == "InvalidSpec"
            assert "memory" in status["message"]
            assert await world.jobs() == []

    play(scenario)


def test_a_debatejob_that_is_deleted_leaves_the_cache_and_is_not_worked_on() -> None:
    async def scenario(world: World) -> None:
        async with world.operator() as operator:
            raw = await world.submit()
            await world.started()
            await world.hands._request(
                "DELETE", DEBATEJOBS.path(world.namespace, "debate"), body={"propagationPolicy": "Background"}
            )
            await until(lambda: operator.cache.debatejobs.get(world.namespace, "debate") is None)
            await until(lambda: operator.queue.idle)
            assert failed(operator) == 0
            # Another of its name is another one.
            again = await world.submit()
            assert again["metadata"]["uid"] != raw["metadata"]["uid"]
            await world.started()

    play(scenario)


def test_a_delete_hits_only_the_object_that_was_meant() -> None:
    async def scenario(world: World) -> None:
        raw = await world.submit()
        await world.hands.delete(DEBATEJOBS, world.namespace, "debate", "another-uid")
        assert await world.hands.get(DEBATEJOBS, world.namespace, "debate")
        await world.hands.delete(DEBATEJOBS, world.namespace, "debate", raw["metadata"]["uid"])
        await world.hands.delete(DEBATEJOBS, world.namespace, "debate", raw["metadata"]["uid"])

    play(scenario)


def test_a_namespace_that_is_being_deleted_is_left_alone() -> None:
    async def scenario(world: World) -> None:
        # A finalizer keeps the DebateJob there while its namespace ends.
        await world.submit()
        hold = "example.org/hold"
        await world.hands.patch_away(
            DEBATEJOBS, world.namespace, "debate", lambda raw: raw["metadata"].update(finalizers=[hold])
        )
        await world.hands._request("DELETE", f"/api/v1/namespaces/{world.namespace}")
        async with world.operator() as operator:
            await until(lambda: passes(operator) >= 1 and operator.queue.idle)
            assert failed(operator) == 0
            assert await world.jobs() == []
        await world.hands.patch_away(
            DEBATEJOBS, world.namespace, "debate", lambda raw: raw["metadata"].update(finalizers=[])
        )

    play(scenario)


def test_what_a_watch_missed_comes_back_with_the_resync() -> None:
    async def scenario(world: World) -> None:
        async with world.operator(resyncSeconds=1) as operator:
            await world.submit()
            await world.started()
            await until(lambda: operator.queue.idle)
            # As if the watch had never told of it.
            seen = operator.cache.debatejobs.get(world.namespace, "debate")
            assert seen is not None
            operator.cache.debatejobs.remove(world.namespace, "debate", seen.uid)
            await until(lambda: operator.cache.debatejobs.get(world.namespace, "debate"))
            assert operator.health.trouble() is None

    play(scenario)


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
            await until(lambda: _status_with(world, "other", interruptions=1))
            assert failed(operator) == 0
            assert "JobCreated" in await world.told()
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
        failures = [finding async for finding in examine(settings) if not finding.ok]
        here, in_cluster, _models = (str(finding) for finding in failures)
        for (_group, resource), verbs in RIGHTS.items():
            assert all(f"{verb} {resource}" in here for verb in verbs)
        assert all(f"create {resource}" in in_cluster for _group, resource in CLUSTER_RIGHTS)

    play(scenario)


async def _failures(settings: Path) -> list[str]:
    return [finding.what.partition(":")[0] async for finding in examine(settings) if not finding.ok]


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


def passes(operator: Operator) -> float:
    return operator.metrics.registry.get_sample_value("debate_operator_reconcile_seconds_count") or 0


def failed(operator: Operator) -> float:
    kinds = ("ApiError", "ApiUnreachable", "Unsettled", "Bug")
    name = "debate_operator_reconcile_errors_total"
    return sum(operator.metrics.registry.get_sample_value(name, {"kind": kind}) or 0 for kind in kinds)


async def _only(names_: Awaitable[list[str]], wanted: Callable[[str], bool]) -> str | None:
    found = [name for name in await names_ if wanted(name)]
    return found[0] if len(found) == 1 else None


async def _status_with(world: World, name: str = "debate", **fields: Any) -> Raw | None:
    status = await world.status(name)
    return status if all(status.get(key) == value for key, value in fields.items()) else None
