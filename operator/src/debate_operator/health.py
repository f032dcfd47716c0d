"""`/livez`, `/readyz`, `/metrics`: whether the operator works, not only whether its process answers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from debate_operator.cache import Key
from debate_operator.metrics import Metrics
from debate_operator.queue import WorkQueue
from debate_operator.resync import Resync
from debate_operator.settings import Settings
from debate_operator.watchdog import Watchdog

RESYNC_OVERDUE = 3
"""A resync that is missing for so many of its intervals will not come by itself."""


@dataclass(slots=True)
class Health:
    """What the probes look at. ready: after the first full LIST, until the shutdown begins."""

    queue: WorkQueue[Key]
    resync: Resync
    watchdog: Watchdog
    metrics: Metrics
    settings: Settings
    ready: bool = False

    def trouble(self) -> str | None:
        """Why the process should be restarted, or None."""
        limit_s = self.settings.queue_stale_seconds
        if self.queue.longest_running_s() > limit_s:
            return f"a pass has been running for {self.queue.longest_running_s():.0f} s"
        if self.queue.oldest_ready_s() > limit_s:
            return f"a DebateJob has been waiting for a pass for {self.queue.oldest_ready_s():.0f} s"
        if self.resync.age_s() > RESYNC_OVERDUE * self.settings.resync_seconds:
            return f"the last resync was {self.resync.age_s():.0f} s ago"
        deaf = self.watchdog.deaf()
        return f"the watch on {deaf} is deaf: a LIST shows what it has not delivered" if deaf else None

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/livez", self._livez)
        app.router.add_get("/readyz", self._readyz)
        app.router.add_get("/metrics", self._metrics)
        return app

    async def _livez(self, _: web.Request) -> web.Response:
        trouble = self.trouble()
        return web.Response(status=500 if trouble else 200, text=(trouble or "ok") + "\n")

    async def _readyz(self, _: web.Request) -> web.Response:
        return web.Response(status=200 if self.ready else 503, text="ok\n" if self.ready else "not ready\n")

    async def _metrics(self, _: web.Request) -> web.Response:
        return web.Response(body=generate_latest(self.metrics.registry), headers={"Content-Type": CONTENT_TYPE_LATEST})


@asynccontextmanager
async def serving(app: web.Application, host: str, port: int) -> AsyncIterator[int]:
    """Serve while the context lasts. Gives the port, which the system chooses where `port` is 0."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=2)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        await site.start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()
