"""`debate-worker run` with the demo models, as a user runs it, and all that it leaves of a debate."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from demo_models.debates import Turn

from debate_core import keys
from debate_core.documents.manifest import ManifestEntry
from debate_core.documents.plan import Plan
from debate_core.documents.report import QualityReport
from debate_core.documents.transcript import Words
from debate_core.documents.window import WindowResult
from debate_core.store import open_store
from debate_worker.finish.linking import LocalWindow, Node, link, local_turns
from debate_worker.finish.parameters import Parameters
from debate_worker.finish.turns import seconds

ROOT = Path(__file__).parents[2]
MODELS = ROOT / "examples" / "models"
WORKER = Path(sys.executable).with_name("debate-worker")


@dataclass(frozen=True)
class Ours:
    """The documents of a finished debate, and what they were made from."""

    words: Words
    turns: list[Turn]
    report: QualityReport
    plan: Plan
    windows: list[WindowResult]

    def nodes(self) -> list[tuple[list[Turn], str]]:
        """The turns of each local speaker of a window, and the person whom finish makes of it."""
        assert self.report.linking is not None
        found = []
        local = [
            LocalWindow(planned, window.diarization)
            for planned, window in zip(self.plan.windows, self.windows, strict=True)
            if window.diarization is not None
        ]
        persons = link(local, Parameters(similarity_threshold=self.report.linking.threshold)).persons
        for planned, diarization in local:
            turns = local_turns(diarization.overlapping)
            for label in {turn.speaker for turn in turns}:
                own = [Turn(seconds(t.start), seconds(t.end), label) for t in turns if t.speaker == label]
                found.append((own, persons[Node(planned.index, label)]))
        return found


def hear(
    folder: Path, media: Path, name: str, *, window_seconds: float | None = None, overlap_seconds: float | None = None
) -> Ours:
    """Run all steps on a media file; `folder` holds the store of all debates and their cache."""
    job = folder / f"{name}.json"
    spec = {"source": {"file": str(media)}, "language": "en", "transcription": {"model": "whisper-demo"}}
    job.write_text(json.dumps({"metadata": {"name": name}, "spec": spec}))
    store = str(folder / "store")
    command = [WORKER, "run", "--job", job, "--store", store, "--models", MODELS, "--cache", folder / "cache"]
    command += ["--window-seconds", window_seconds] if window_seconds is not None else []
    command += ["--overlap-seconds", overlap_seconds] if overlap_seconds is not None else []
    environment = {key: value for key, value in os.environ.items() if not key.startswith("DEBATE_")}
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, timeout=1700, check=False, env=environment
    )
    if done.returncode:
        raise RuntimeError(f"debate-worker ended with {done.returncode}: {done.stderr}")
    return read(store, name)


def read(address: str, name: str) -> Ours:
    """What the store at that address holds of a finished debate."""
    store = open_store(address)
    documents = ManifestEntry.from_json(store.get(f"manifest/{name}.json")).documents
    assert documents.words is not None
    assert documents.report is not None
    assert documents.rttm is not None
    plan = Plan.from_json(store.get(keys.PLAN.key(job_id=name)))
    return Ours(
        Words.from_json(store.get(documents.words)),
        list(_turns(store.get(documents.rttm).decode())),
        QualityReport.from_json(store.get(documents.report)),
        plan,
        [
            WindowResult.from_json(store.get(keys.WINDOW.key(job_id=name, index=window.index, hash=window.hash)))
            for window in plan.windows
        ],
    )


def _turns(rttm: str) -> Iterator[Turn]:
    for line in rttm.splitlines():
        fields = line.split()
        start, length = float(fields[3]), float(fields[4])
        yield Turn(start, start + length, fields[7])
