"""What every step is given: the job, the store, the models, and how to report and to stop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from debate_core.documents.debatejob import DebateJob
from debate_core.errors import Interrupted
from debate_core.store import ObjectStore
from debate_worker.models import ModelCatalog
from debate_worker.prepare.links.settings import LinkSettings


class ProgressReporter(Protocol):
    """Shows how far a step is. Absolute values (of a step: seconds of audio), so that a lost call costs nothing.

    Within a step `done` never falls. Of analyze, both are of the shard's own windows: over all shards, their sums are
    the step's.
    """

    def update(self, step: str, done: float, total: float, note: str = "") -> None: ...


@dataclass(frozen=True, slots=True)
class Settings:
    """What the one who runs the worker decides, beside the job.

    window_seconds: the longest window; a job loses at most one window of work.
    overlap_seconds: how far a window's diarization reaches into each neighbour.
    device: auto | cpu | cuda.
    cache: folder for downloaded models and scratch files; may be deleted at any time.
    links: what links may be and cost.
    """

    cache: Path
    window_seconds: float = 1800.0
    overlap_seconds: float = 30.0
    device: str = "auto"
    links: LinkSettings = field(default_factory=LinkSettings)


class StopFlag:
    """Set by SIGTERM or Ctrl-C; steps look at it where they can stop without losing what is done."""

    def __init__(self) -> None:
        self.is_set = False

    def set(self) -> None:
        self.is_set = True

    def check(self) -> None:
        """Raises Interrupted when a stop was asked for."""
        if self.is_set:
            raise Interrupted("stopped: run it again to go on from here")


@dataclass(frozen=True, slots=True)
class Context:
    """One run of a job.

    catalog: None where the job needs no models (`work.needs_models`).
    base: the folder that a relative `source.file` counts from (the manifest's).
    scratch: an empty folder of this run. clock: the time of day, for records only.
    """

    job: DebateJob
    job_id: str
    store: ObjectStore
    catalog: ModelCatalog | None
    settings: Settings
    base: Path
    scratch: Path
    progress: ProgressReporter
    stop: StopFlag = field(default_factory=StopFlag)
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
