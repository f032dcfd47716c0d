"""A namespace on a real API server, an operator in this process, and hands that do what no operator does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import uuid4

from debate_core.documents.debatejob_status import Phase
from debate_operator import names
from debate_operator.kube import DEBATEJOBS, EVENTS, JOBS, Kube, Raw, Resource, load_configuration
from debate_operator.runtime import Operator
from debate_operator.settings import Settings

T = TypeVar("T")

PATIENCE_S = 60


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
        """Reasons of the events on DebateJobs; Kubernetes posts its own on Jobs."""
        events = await self.hands.all(EVENTS, self.namespace)
        return [event["reason"] for event in events if event["involvedObject"]["kind"] == "DebateJob"]


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


def passes(operator: Operator) -> float:
    return operator.metrics.registry.get_sample_value("debate_operator_reconcile_seconds_count") or 0


def failed(operator: Operator) -> float:
    kinds = ("ApiError", "ApiUnreachable", "Unsettled", "Bug")
    name = "debate_operator_reconcile_errors_total"
    return sum(operator.metrics.registry.get_sample_value(name, {"kind": kind}) or 0 for kind in kinds)


async def only(names_: Awaitable[list[str]], wanted: Callable[[str], bool]) -> str | None:
    found = [name for name in await names_ if wanted(name)]
    return found[0] if len(found) == 1 else None


async def status_with(world: World, name: str = "debate", **fields: Any) -> Raw | None:
    status = await world.status(name)
    return status if all(status.get(key) == value for key, value in fields.items()) else None
