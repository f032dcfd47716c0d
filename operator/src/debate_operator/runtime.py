"""The operator as a process: it puts the parts together, starts them in order, and ends them in order."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import threading
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Any, Final

import kopf
import structlog
from structlog.contextvars import bound_contextvars

from debate_operator import handlers
from debate_operator.cache import Cache, Key
from debate_operator.crd_check import check_crd
from debate_operator.decide import decide
from debate_operator.events import Recorder
from debate_operator.farewell import Farewell
from debate_operator.health import Health, serving
from debate_operator.kube import ApiError, ApiUnreachable, Kube
from debate_operator.metrics import Metrics
from debate_operator.observe import Observer
from debate_operator.progress import ProgressBoard, ProgressDoor, Reviews
from debate_operator.publisher import Publisher
from debate_operator.queue import WorkQueue
from debate_operator.reconcile import Decide, Reconciler, Unsettled
from debate_operator.resync import Resync
from debate_operator.settings import Settings
from debate_operator.watchdog import Watchdog

DRAIN_S: Final = 12
"""For passes under way at SIGTERM. With what follows less than the 20 s in which the process has to end."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Operator:
    """One operator. Tests give it another `decide` or clock, or a Kube that fails where they want it to."""

    def __init__(
        self,
        kube: Kube,
        settings: Settings,
        *,
        decide: Decide = decide,
        now: Callable[[], datetime] = _utc_now,
    ) -> None:
        self.kube, self.settings = kube, settings
        self.cache, self.watchdog = Cache(), Watchdog()
        self.queue: WorkQueue[Key] = WorkQueue()
        self.metrics = Metrics(self.cache, self.queue)
        self.board = ProgressBoard()
        self.recorder = Recorder(kube, now)
        observer = Observer(kube, self.cache, self.board.of)
        self.reconcile = Reconciler(kube, self.cache, observer, self.recorder, decide, settings, self.metrics, now)
        self.publisher = Publisher(kube, self.cache, self.recorder, settings.stats, self.reconcile.write, now)
        self.farewell = Farewell(kube, self.cache, settings, now)
        self.resync = Resync(kube, self.cache, self.queue, self.watchdog, settings)
        self.health = Health(self.queue, self.resync, self.watchdog, self.metrics, settings)
        self.progress = ProgressDoor(self.cache, self.queue, self.board, Reviews(kube), self.metrics)

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop` is set; then it ends what it is doing. Raises CrdUnfit, and what ends kopf before that."""
        log = structlog.get_logger()
        _take_signals(stop)
        await check_crd(self.kube)
        settings = self.settings
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(serving(self.health.app(), settings.listen_host, settings.health_port))
            await stack.enter_async_context(serving(self.progress.app(), settings.listen_host, settings.progress_port))
            first = asyncio.create_task(self.resync.first())
            stopped = asyncio.create_task(stop.wait())
            await asyncio.wait({first, stopped}, return_when=asyncio.FIRST_COMPLETED)
            stack.push_async_callback(_cancelled, first, stopped)
            if stop.is_set():
                return
            # Its LIST comes after ours, its watches after its LIST: nothing falls between.
            watching = asyncio.create_task(self._watch(stop_watching := asyncio.Event(), stop), name="watches")
            workers = [asyncio.create_task(self._work(), name=f"worker {n}") for n in range(settings.concurrency)]
            resyncing = asyncio.create_task(self.resync.for_ever(), name="resync")
            recording = asyncio.create_task(self.recorder.run(), name="events")
            stack.push_async_callback(_cancelled, *workers, resyncing, recording)
            self.health.ready = True
            log.info("ready", namespaces=settings.namespaces)
            done, _ = await asyncio.wait(
                {stopped, watching, resyncing, recording, *workers}, return_when=asyncio.FIRST_COMPLETED
            )
            self.health.ready = False
            log.info("stopping", cause="asked to" if stopped in done else "a part of the operator has ended")
            self.queue.close()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._drained(), DRAIN_S)
            stop_watching.set()
            await asyncio.wait({watching}, timeout=4)
            for task in done - {stopped}:
                task.result()  # raises what has ended it
                raise RuntimeError(f"{task.get_name()} ended by itself")

    async def _drained(self) -> None:
        await self.queue.drained()
        await self.recorder.posted()

    async def _watch(self, stop_watching: asyncio.Event, stop: asyncio.Event) -> None:
        registry = handlers.registry(self.cache, self.queue, self.watchdog, self.kube.configuration)
        ours = asyncio.all_tasks()
        tasks = await kopf.spawn_tasks(
            registry=registry,
            settings=handlers.settings(),
            # kopf ends where one of them is refused. One that comes (back) later shows in a LIST and in no watch: the
            # watchdog then has the process started anew, with a watch on it.
            namespaces=self.resync.namespaces,
            stop_flag=stop_watching,
        )
        # kopf has just taken SIGTERM for itself, and would end the watches before our passes are done.
        _take_signals(stop)
        await kopf.run_tasks(tasks, ignored=ours)

    async def _work(self) -> None:
        while (key := await self.queue.get()) is not None:
            with bound_contextvars(namespace=key[0], debatejob=key[1]), self.metrics.reconcile_seconds.time():
                await self._pass(key)
            # A pass that finds nothing to do never waits for anything: thousands in a row would starve the probes.
            await asyncio.sleep(0)

    async def _pass(self, key: Key) -> None:
        log = structlog.get_logger()
        try:
            waits = [await self.farewell(key), await self.reconcile(key), await self.publisher(key)]
        except (ApiError, ApiUnreachable, Unsettled) as error:
            self.metrics.reconcile_errors.labels(type(error).__name__).inc()
            delay_s = self.queue.failed(key)
            log.warning(f"pass failed, again in {delay_s:g} s: {error}")
        except Exception:  # a DebateJob that we stumble over must never stop the others
            self.metrics.reconcile_errors.labels("Bug").inc()
            delay_s = self.queue.failed(key)
            log.exception(f"pass failed, again in {delay_s:g} s")
        else:
            self.queue.done(key)
            for again_s in waits:
                if again_s is not None:
                    self.queue.add_after(key, again_s)


def _take_signals(stop: asyncio.Event) -> None:
    """SIGTERM and SIGINT set the event that `run` waits for. Only a main thread can have them."""
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)


async def _cancelled(*tasks: asyncio.Task[Any]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
