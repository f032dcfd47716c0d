"""The published JSON Schemas; `python -m debate_core.documents.schemas docs/schemas` writes them."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from pydantic import BaseModel

from debate_core.documents.debatejob import DebateJob
from debate_core.documents.job import JobRecord
from debate_core.documents.manifest import ManifestEntry, Owner, People, Speakers
from debate_core.documents.models_index import ModelsIndex
from debate_core.documents.plan import Plan
from debate_core.documents.report import QualityReport
from debate_core.documents.statistics import DebateStatistics, StatisticsIndex, StatisticsSummary
from debate_core.documents.step_result import Progress, StepResult
from debate_core.documents.transcript import Transcript, Words
from debate_core.documents.window import WindowResult

PUBLISHED: dict[str, type[BaseModel]] = {
    "debatejob": DebateJob,
    "owner": Owner,
    "plan": Plan,
    "window": WindowResult,
    "step-result": StepResult,
    "progress": Progress,
    "transcript": Transcript,
    "words": Words,
    "report": QualityReport,
    "job": JobRecord,
    "speakers": Speakers,
    "people": People,
    "manifest": ManifestEntry,
    "models-index": ModelsIndex,
    "statistics": DebateStatistics,
    "statistics-index": StatisticsIndex,
    "statistics-summary": StatisticsSummary,
}


def schema(name: str) -> str:
    """The JSON Schema (draft 2020-12) of one document, as text with a line end."""
    body = PUBLISHED[name].model_json_schema(mode="serialization" if name != "debatejob" else "validation")
    body = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"debate-analyzer/{name}.schema.json",
    } | body
    return json.dumps(body, indent=2, ensure_ascii=False) + "\n"


def write_all(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in PUBLISHED:
        (folder / f"{name}.schema.json").write_text(schema(name), encoding="utf-8")


if __name__ == "__main__":
    write_all(Path(sys.argv[1]))
