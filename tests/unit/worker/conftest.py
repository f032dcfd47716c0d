"""What the worker's tests share: a context over a folder store and the demo models."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from media import DEMO_MODELS

from debate_core.documents.debatejob import DebateJob
from debate_core.store import open_store
from debate_worker.context import Context, Settings
from debate_worker.models import ModelCatalog

# Read when pyannote is imported, which the tests do after this: figures of usage would be posted.
os.environ["PYANNOTE_METRICS_ENABLED"] = "0"


class Recorder:
    """A progress reporter that remembers."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, float, float, str]] = []

    def update(self, step: str, done: float, total: float, note: str = "") -> None:
        self.calls.append((step, done, total, note))


@pytest.fixture
def make_context(tmp_path: Path) -> Callable[..., Context]:
    """A context for a manifest's spec; `store` may be given to share one between runs."""

    def make(spec: dict[str, Any], *, name: str = "a-debate", **settings: Any) -> Context:
        scratch = tmp_path / "scratch"
        scratch.mkdir(exist_ok=True)
        spec = {"transcription": {"model": "whisper-demo"}} | spec
        return Context(
            job=DebateJob.model_validate({"metadata": {"name": name}, "spec": spec}),
            job_id=name,
            store=open_store(str(tmp_path / "store")),
            catalog=ModelCatalog.open(str(DEMO_MODELS)),
            settings=Settings(cache=tmp_path / "cache", **settings),
            base=tmp_path,
            scratch=scratch,
            progress=Recorder(),
            clock=lambda: datetime(2026, 1, 2, tzinfo=UTC),
        )

    return make
