"""The API server as benchmarks use it: many requests from one client, and a watch that tells when a Job is there.

Raw JSON over a few connections, so that the client costs little beside what is measured.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import aiohttp
from kubernetes.aio.client import Configuration
from kubernetes.aio.config import ConfigException, load_kube_config

CONNECTIONS: Final = 10

Object = dict[str, Any]


class NoCluster(Exception):
    """There is no API server to measure on; the message says why."""


class Refused(Exception):
    """The API server said no. status: HTTP."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(f"{status}: {text[:500]}")
        self.status = status


class Cluster:
    """One client of the API server."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    @classmethod
    @asynccontextmanager
    async def connected(cls, kubeconfig: Path) -> AsyncIterator[Cluster]:
        """Raises NoCluster."""
        configuration = Configuration()
        try:
            await load_kube_config(config_file=str(kubeconfig), client_configuration=configuration)  # type: ignore[no-untyped-call]
        except (ConfigException, OSError) as error:
            raise NoCluster(str(error)) from error
        tls = ssl.create_default_context(cafile=configuration.ssl_ca_cert)
        if not configuration.verify_ssl:
            tls.check_hostname, tls.verify_mode = False, ssl.CERT_NONE
        if configuration.cert_file:
            tls.load_cert_chain(configuration.cert_file, configuration.key_file)
        token = await configuration.get_api_key_with_prefix("BearerToken")
        async with aiohttp.ClientSession(
            configuration.host,
            connector=aiohttp.TCPConnector(ssl=tls, limit=CONNECTIONS + 2),
            headers={"Authorization": token} if token else {},
            timeout=aiohttp.ClientTimeout(total=300),
        ) as session:
            cluster = cls(session)
            try:
                await cluster.request("GET", f"{debatejobs('default')}?limit=1")
            except (aiohttp.ClientError, TimeoutError) as error:
                raise NoCluster(f"it does not answer: {error}") from error
            except Refused as error:
                raise NoCluster(f"it knows no DebateJobs: {error}") from error
            yield cluster

    async def request(self, method: str, path: str, body: Object | None = None, accept: str | None = None) -> Any:
        """accept: a kind of meta.k8s.io, for less than the whole objects. Raises Refused."""
        async with self._session.request(method, path, json=body, headers=_accept(accept)) as answer:
            if answer.status >= 300:
                raise Refused(answer.status, await answer.text())
            return await answer.json() if answer.content_type == "application/json" else await answer.text()

    async def lines(self, path: str, accept: str | None = None) -> AsyncIterator[bytes]:
        """An answer that goes on, line by line."""
        forever = aiohttp.ClientTimeout(total=None)
        async with self._session.get(path, headers=_accept(accept), timeout=forever) as answer:
            async for line in answer.content:
                yield line

    async def create_all(self, path: str, objects: Iterable[Object]) -> dict[str, float]:
        """Create them as fast as a few connections can. Returns by name when each request was sent."""
        waiting, sent = iter(objects), {}

        async def connection() -> None:
            for one in waiting:
                sent[one["metadata"]["name"]] = time.monotonic()
                await self.request("POST", path, one)

        await asyncio.gather(*(connection() for _ in range(CONNECTIONS)))
        return sent

    @asynccontextmanager
    async def namespace(self, name: str) -> AsyncIterator[str]:
        """A namespace of our own; in the end it goes with all that is in it."""
        await self.request("POST", "/api/v1/namespaces", {"metadata": {"name": name}})
        try:
            yield name
        finally:
            # One request a kind: the garbage collector, which takes owned objects one by one, would need minutes.
            for path in (jobs(name), debatejobs(name), f"/api/v1/namespaces/{name}/events"):
                await self.delete_all(path)
            await self.request("DELETE", f"/api/v1/namespaces/{name}")

    async def delete_all(self, path: str, **labels: str) -> None:
        selector = ",".join(f"{key}={value}" for key, value in labels.items())
        options = {"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": "Background"}
        await self.request("DELETE", f"{path}?{urlencode({'labelSelector': selector})}", options)


class JobWatch:
    """When each Job of a namespace was first seen, by the name of its owner, or its own where it has none."""

    def __init__(self, cluster: Cluster, namespace: str, version: str) -> None:
        self.seen: dict[str, float] = {}
        self.created = 0
        self._task = asyncio.create_task(self._follow(cluster, jobs(namespace), version))

    @classmethod
    @asynccontextmanager
    async def on(cls, cluster: Cluster, namespace: str) -> AsyncIterator[JobWatch]:
        """From now on."""
        listed = await cluster.request("GET", f"{jobs(namespace)}?limit=1", accept="PartialObjectMetadataList")
        watch = cls(cluster, namespace, listed["metadata"]["resourceVersion"])
        try:
            yield watch
        finally:
            watch._task.cancel()
            with suppress(asyncio.CancelledError):
                await watch._task

    async def has_seen(self, names: Iterable[str], timeout_s: float) -> bool:
        """Whether there is a Job for each of them within the time."""
        wanted, ends = set(names), time.monotonic() + timeout_s
        while not wanted <= self.seen.keys():
            if self._task.done():
                self._task.result()
            if time.monotonic() > ends:
                return False
            await asyncio.sleep(0.02)
        return True

    async def _follow(self, cluster: Cluster, path: str, version: str) -> None:
        while True:  # the server ends a watch after a while, and one that is slow at once
            watch = f"{path}?watch=1&allowWatchBookmarks=true&resourceVersion={version}"
            async for line in cluster.lines(watch, accept="PartialObjectMetadata"):
                now = time.monotonic()
                event = json.loads(line)
                if event["type"] == "ERROR":
                    raise Refused(event["object"]["code"], event["object"]["message"])
                metadata = event["object"]["metadata"]
                version = metadata["resourceVersion"]
                if event["type"] == "ADDED":
                    self.created += 1
                    self.seen.setdefault((metadata.get("ownerReferences") or [metadata])[0]["name"], now)


def jobs(namespace: str) -> str:
    return f"/apis/batch/v1/namespaces/{namespace}/jobs"


def debatejobs(namespace: str) -> str:
    return f"/apis/debate-analyzer.io/v1alpha1/namespaces/{namespace}/debatejobs"


def _accept(kind: str | None) -> dict[str, str]:
    return {"Accept": f"application/json;as={kind};g=meta.k8s.io;v=v1"} if kind else {}
