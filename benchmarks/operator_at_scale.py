"""The operator against a real API server: from DebateJob to Job, restarts, memory; a plain kopf operator beside it.

`make bench` prints it. It runs on the cluster of `make kind`, in namespaces of its own; each operator is a process of
this machine, which it shares with the API server and with this client. Jobs are created suspended (spec.queueName), so
that no pod comes of them.
"""

from __future__ import annotations

import asyncio
import os
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from uuid import uuid4

from support.cluster import Cluster, JobWatch, NoCluster, Object, debatejobs, jobs
from support.contenders import Contender, Ours, PlainKopf

BURSTS, BURST = 3, 100
LIVE = (1_000, 5_000)
LIMIT_S = 60
GOAL_OVER_BASELINE_S, GOAL_RESTART_S, GOAL_MEMORY_MB = 1, 10, 150

KUBECONFIG = Path(os.environ.get("DEBATE_CACHE") or Path.home() / ".cache/debate-analyzer") / "kind/kubeconfig"


@dataclass
class Restart:
    """With so many DebateJobs. jobs: that existed. seconds: from its start until all are handled, None: not within
    the limit. memory_mb: a little later."""

    jobs: int
    seconds: float | None
    cpu_s: float
    memory_mb: float


@dataclass
class Figures:
    """Of one contender. latency, baseline: seconds, infinite where no Job was seen within the limit."""

    latency: list[float] = field(default_factory=list)
    baseline: list[float] = field(default_factory=list)
    cpu_ms: float = 0
    restarts: dict[int, Restart] = field(default_factory=dict)


async def measure(contender: Contender, cluster: Cluster) -> Figures:
    figures, namespace = Figures(), contender.namespace
    async with JobWatch.on(cluster, namespace) as watch:
        contender.start()
        assert await within_limit(contender.is_up), contender.log()
        for number in range(BURSTS):
            await asyncio.sleep(2)  # what the last burst has left behind
            figures.baseline += await latencies(cluster, watch, jobs(namespace), plain_job, f"plain-{number}")
            await asyncio.sleep(2)
            figures.latency += await latencies(cluster, watch, debatejobs(namespace), debate, f"debate-{number}")
        await cluster.delete_all(jobs(namespace), benchmark="baseline")
        present = BURSTS * BURST
        for live in LIVE:
            figures.cpu_ms = await fill(contender, cluster, watch, present, live)
            present = live
            figures.restarts[live] = await restart(contender, live, watch.created - BURSTS * BURST)
    return figures


async def latencies(
    cluster: Cluster, watch: JobWatch, path: str, body: Callable[[str], Object], prefix: str
) -> list[float]:
    """Seconds from sending each of a burst's objects until its Job is seen."""
    sent = await cluster.create_all(path, (body(f"{prefix}-{n}") for n in range(BURST)))
    await watch.has_seen(sent, LIMIT_S)
    return [watch.seen.get(name, float("inf")) - at for name, at in sent.items()]


async def fill(contender: Contender, cluster: Cluster, watch: JobWatch, present: int, live: int) -> float:
    """More DebateJobs, until there are `live`. Returns the contender's CPU time for each, in ms."""
    before_s = contender.running().cpu_s()
    names = [f"more-{n}" for n in range(present, live)]
    await cluster.create_all(debatejobs(contender.namespace), map(debate, names))
    await watch.has_seen(names, LIMIT_S)
    await within_limit(lambda: contender.has_handled(live))
    return (contender.running().cpu_s() - before_s) / len(names) * 1000


async def restart(contender: Contender, live: int, made: int) -> Restart:
    for _ in count():
        contender.stop()
        contender.start()
        seconds = await within_limit(lambda: contender.has_handled(live))
        # Where the last events had not yet found their way into a status, this was no restart at rest.
        if seconds is None or not contender.has_written():
            break
    process = contender.running()
    cpu_s = process.cpu_s()
    await asyncio.sleep(2)
    return Restart(made, seconds, cpu_s, process.memory_mb())


async def within_limit(done: Callable[[], Awaitable[bool]]) -> float | None:
    """The seconds until then, None: not within the limit."""
    started = time.monotonic()
    while not await done():
        if time.monotonic() - started > LIMIT_S:
            return None
        await asyncio.sleep(0.1)
    return time.monotonic() - started


def debate(name: str) -> Object:
    return {
        "apiVersion": "debate-analyzer.io/v1alpha1",
        "kind": "DebateJob",
        "metadata": {"name": name},
        "spec": {"source": {"url": f"https://example.org/{name}.mp4"}, "queueName": "benchmark"},
    }


def plain_job(name: str) -> Object:
    container = {"name": "worker", "image": "nowhere/worker"}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": name, "labels": {"benchmark": "baseline"}},
        "spec": {"suspend": True, "template": {"spec": {"restartPolicy": "Never", "containers": [container]}}},
    }


# --- the table ---


def table(ours: Figures, peer: Figures) -> list[str]:
    both = (ours, peer)
    over = [quantile(one.latency, 99) - quantile(one.baseline, 99) for one in both]
    goal = verdict(over[0], GOAL_OVER_BASELINE_S, "s")
    lines = [
        "| what | debate-operator | plain kopf | goal |\n|---|---|---|---|",
        row(f"baseline: {BURST} plain Jobs, each until seen: p50 · p99", (spread(one.baseline) for one in both)),
        row(f"{BURST} DebateJobs, each until its Job is seen: p50 · p99", (spread(one.latency) for one in both)),
        row("p99 over the baseline", (f"{seconds:.2f} s" for seconds in over), goal),
        row("CPU time for each of thousands of new DebateJobs", (f"{one.cpu_ms:.1f} ms" for one in both)),
    ]
    for live in LIVE:
        restarts = [one.restarts[live] for one in both]
        goal = verdict(restarts[0].seconds, GOAL_RESTART_S, "s") if live == LIVE[-1] else ""
        lines.append(row(f"restart with {live:,}, until all are handled", (told(one, live) for one in restarts), goal))
    for live in LIVE:
        memory = [one.restarts[live].memory_mb for one in both]
        goal = verdict(memory[0], GOAL_MEMORY_MB, "MB") if live == LIVE[0] else ""
        lines.append(row(f"memory with {live:,}", (f"{mb:.0f} MB" for mb in memory), goal))
    return lines


def row(what: str, values: Iterable[str], goal: str = "") -> str:
    return f"| {what} | {' | '.join(values)} | {goal} |"


def spread(seconds: list[float]) -> str:
    return f"{quantile(seconds, 50):.2f} · {quantile(seconds, 99):.2f} s"


def quantile(values: list[float], percent: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def told(one: Restart, live: int) -> str:
    seconds = f"{one.seconds:.1f} s" if one.seconds is not None else f"not within {LIMIT_S} s"
    lacking = f"; {live - one.jobs:,} had no Job yet" if one.jobs < live else ""
    return f"{seconds} ({one.cpu_s:.1f} s CPU{lacking})"


def verdict(value: float | None, goal: float, unit: str) -> str:
    return f"< {goal:g} {unit}: {'reached' if value is not None and value < goal else '**missed**'}"


async def run() -> None:
    if not KUBECONFIG.exists():
        raise NoCluster(f"{KUBECONFIG} does not exist")
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)  # so that nothing is left behind
    print("## operator\n")
    cores, load = os.cpu_count(), os.getloadavg()[0]
    print(f"{cores} cores for the API server, the operator and this client together; load {load:.1f} before.")
    print(f"Each wait ends after {LIMIT_S} s. Handled: every DebateJob has had its pass and none waits")
    print("(debate-operator: /readyz and its metrics; plain kopf: its log).\n", flush=True)
    figures = []
    async with Cluster.connected(KUBECONFIG) as cluster:
        for kind in (Ours, PlainKopf):
            with tempfile.TemporaryDirectory() as folder:
                async with cluster.namespace(f"benchmark-{uuid4().hex[:8]}") as namespace:
                    contender = kind(KUBECONFIG, namespace, Path(folder))
                    try:
                        figures.append(await measure(contender, cluster))
                    finally:
                        contender.stop()
    print("\n".join(table(*figures)))
    print(f"\nLoad after: {os.getloadavg()[0]:.1f}.")


def main() -> None:
    try:
        asyncio.run(run())
    except NoCluster as error:
        sys.exit(f"No cluster to measure the operator on ({error}): run `make kind` first.")


if __name__ == "__main__":
    main()
