"""What Prometheus is told. No names and no uids as labels: each would be a series that never ends."""

from __future__ import annotations

from collections import Counter as Count
from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, PlatformCollector, ProcessCollector
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from debate_core.documents.debatejob_status import DebateJobStatus, Phase, StepState, StepStatus
from debate_operator.cache import Cache, Key
from debate_operator.queue import WorkQueue

STEP_SECONDS = (10, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14_400, 28_800)
ENDED = {StepState.WAITING, StepState.FAILED, StepState.SUCCEEDED}


class Metrics:
    """All figures of one operator, in a registry of their own."""

    def __init__(self, cache: Cache, queue: WorkQueue[Key]) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        self.registry.register(_Phases(cache))
        depth = Gauge("debate_operator_queue_depth", "DebateJobs that wait for a pass.", registry=self.registry)
        depth.set_function(lambda: queue.depth)
        oldest = Gauge(
            "debate_operator_queue_oldest_seconds", "How long the oldest of them has waited.", registry=self.registry
        )
        oldest.set_function(queue.oldest_ready_s)
        self.reconcile_seconds = Histogram(
            "debate_operator_reconcile_seconds", "Length of a pass over one DebateJob.", registry=self.registry
        )
        self.reconcile_errors = Counter(
            "debate_operator_reconcile_errors", "Passes that failed, by kind.", ["kind"], registry=self.registry
        )
        self.progress_posts = Counter(
            "debate_operator_progress_posts", "Posts of progress, by result.", ["result"], registry=self.registry
        )
        self.step_seconds = Histogram(
            "debate_step_seconds",
            "From the first Job of a step to its end, by step.",
            ["step"],
            buckets=STEP_SECONDS,
            registry=self.registry,
        )
        self.interruptions = Counter(
            "debate_interruptions", "Tries that a lost node or an eviction ended.", ["step"], registry=self.registry
        )
        self.failures = Counter(
            "debate_failures",
            "Tries that ended otherwise than well, by step and reason.",
            ["step", "reason"],
            registry=self.registry,
        )

    def status_changed(self, old: DebateJobStatus, new: DebateJobStatus) -> None:
        """Count what a written status says that the one before it did not."""
        before = {step.name: step for step in old.steps} if old.observed_run == new.observed_run else {}
        for step in new.steps:
            self._step_changed(before.get(step.name, StepStatus(name=step.name)), step)

    def _step_changed(self, old: StepStatus, new: StepStatus) -> None:
        if new.state is old.state or new.state not in ENDED:
            return
        if new.state is StepState.SUCCEEDED and new.started_at and new.finished_at:
            self.step_seconds.labels(new.name).observe((new.finished_at - new.started_at).total_seconds())
        if new.interruptions > old.interruptions:
            self.interruptions.labels(new.name).inc(new.interruptions - old.interruptions)
        elif new.state is not StepState.SUCCEEDED and new.reason is not None:
            self.failures.labels(new.name, str(new.reason)).inc()


class _Phases(Collector):
    """Counted when asked for: a gauge that is kept up to date would drift with every lost event."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache

    def collect(self) -> Iterable[GaugeMetricFamily]:
        family = GaugeMetricFamily("debate_jobs", "DebateJobs by phase.", labels=["phase"])
        count = Count(seen.facts.status.phase or Phase.PENDING for seen in self._cache.debatejobs)
        for phase in Phase:
            family.add_metric([phase.value], count[phase])
        yield family
