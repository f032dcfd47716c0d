"""The operators that are measured: how each is started, and how one knows what it has done."""

from __future__ import annotations

import os
import re
import socket
import sys
from abc import ABC, abstractmethod
from pathlib import Path

import aiohttp
import yaml
from prometheus_client.parser import text_string_to_metric_families

from support.process import Process

BIN = Path(sys.executable).parent
PEER = Path(__file__).parents[1] / "peers/plain_kopf_operator.py"


class Contender(ABC):
    """An operator that makes a Job for each DebateJob of one namespace."""

    def __init__(self, kubeconfig: Path, namespace: str, folder: Path) -> None:
        self.namespace, self.folder = namespace, folder
        # Byte code is kept, as in an image: not the compiler is to be measured.
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        self._environment = kept | {"KUBECONFIG": str(kubeconfig)}
        self._process: Process | None = None

    def start(self) -> None:
        self._process = Process(self.command(), self._environment, self.folder / "log")

    def running(self) -> Process:
        """Raises RuntimeError where it has ended by itself."""
        assert self._process is not None
        self._process.check()
        return self._process

    def stop(self) -> None:
        if self._process is not None:
            self._process.stop()
            self._process = None

    def log(self) -> str:
        """Since its last start."""
        return self.running().log.read_text(encoding="utf-8", errors="replace")

    @abstractmethod
    def command(self) -> list[str | Path]: ...

    @abstractmethod
    async def is_up(self) -> bool: ...

    @abstractmethod
    async def has_handled(self, count: int) -> bool:
        """Whether since its last start it has handled so many DebateJobs, and none is left waiting."""

    @abstractmethod
    def has_written(self) -> bool:
        """Whether since its last start it has changed a status."""


class Ours(Contender):
    """This project's. Readiness and the figures on its queue come from its own port."""

    def command(self) -> list[str | Path]:
        self.port = free_port()
        settings = {
            "namespaces": [self.namespace],
            "store": {"uri": "s3://nowhere/benchmark"},
            "models": "s3://nowhere/models",
            "images": {"cpu": "nowhere/worker:cpu", "gpu": "nowhere/worker:gpu"},
            "listenHost": "127.0.0.1",
            "healthPort": self.port,
            "progressPort": free_port(),
        }
        (self.folder / "settings.yaml").write_text(yaml.safe_dump(settings))
        return [BIN / "debate-operator", "--settings", self.folder / "settings.yaml"]

    async def is_up(self) -> bool:
        return await self._get("/readyz") is not None

    async def has_handled(self, count: int) -> bool:
        """Ready; as many passes as DebateJobs; an empty queue. At the start each is in the queue exactly once."""
        self.running()
        ready, metrics = await self._get("/readyz"), await self._get("/metrics")
        if ready is None or metrics is None:
            return False
        samples = (sample for family in text_string_to_metric_families(metrics) for sample in family.samples)
        found = {sample.name: sample.value for sample in samples}
        passes, waiting = found["debate_operator_reconcile_seconds_count"], found["debate_operator_queue_depth"]
        return passes >= count and waiting == 0

    def has_written(self) -> bool:
        return "status written" in self.log()

    async def _get(self, path: str) -> str | None:
        try:
            async with aiohttp.request("GET", f"http://127.0.0.1:{self.port}{path}") as answer:
                return await answer.text() if answer.status == 200 else None
        except aiohttp.ClientError:
            return None


class PlainKopf(Contender):
    """The peer. What it has done is in kopf's own log."""

    def command(self) -> list[str | Path]:
        return [BIN / "kopf", "run", "--standalone", "--namespace", self.namespace, PEER]

    async def is_up(self) -> bool:
        return "Initial authentication has finished" in self.log()

    async def has_handled(self, count: int) -> bool:
        said = re.findall(rf"\[{self.namespace}/(\S+)\] Handler 'create_job' succeeded", self.log())
        return len(set(said)) >= count

    def has_written(self) -> bool:
        return False


def free_port() -> int:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        port: int = server.getsockname()[1]
        return port
