"""Running steps: ids, the choice of steps, and every end as a StepResult with its exit code."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from media import tone

from debate_core.documents.debatejob import DebateJob
from debate_core.documents.step_result import StepResult
from debate_core.errors import Interrupted, InvalidJob, SourceBusy
from debate_core.reasons import ExitCode, Reason
from debate_core.steps import FINISH, PREPARE
from debate_core.store import StoreDenied, StoreUnreachable
from debate_worker import run
from debate_worker.cli import parse_shard
from debate_worker.context import Context

MakeContext = Callable[..., Context]


def job(spec: dict[str, Any], **metadata: str) -> DebateJob:
    return DebateJob.model_validate({"metadata": {"name": "a-debate"} | metadata, "spec": spec})


FILE = {"source": {"file": "in.wav"}}


def test_the_steps_are_those_of_the_mode() -> None:
    assert [s.name for s in run.steps_to_run(job(FILE), None)] == ["prepare", "analyze", "finish"]
    assert [s.name for s in run.steps_to_run(job(FILE | {"mode": "DownloadOnly"}), None)] == ["prepare"]
    assert [s.name for s in run.steps_to_run(job(FILE), "finish")] == ["finish"]
    with pytest.raises(InvalidJob, match="has the steps prepare"):
        run.steps_to_run(job(FILE | {"mode": "DownloadOnly"}), "analyze")


@pytest.mark.parametrize(("text", "expected"), [("0/1", (0, 1)), ("2/3", (2, 3))])
def test_shards(text: str, expected: tuple[int, int]) -> None:
    assert parse_shard(text) == expected


@pytest.mark.parametrize("text", ["", "1", "1/1", "3/2", "-1/2", "a/b", "0/0", "1/2/3"])
def test_bad_shards(text: str) -> None:
    with pytest.raises(InvalidJob, match="I/N"):
        parse_shard(text)


@pytest.mark.parametrize(
    ("raised", "code", "reason", "message"),
    [
        (SourceBusy("later", retry_after_seconds=60), 12, Reason.SOURCE_BUSY, "later"),
        (Interrupted("stopped"), 75, None, "stopped"),
        (StoreUnreachable("no answer"), 16, Reason.STORE_UNREACHABLE, "no answer"),
        (StoreDenied("no"), 14, Reason.MISCONFIGURED, "no"),
        (ZeroDivisionError(), 70, Reason.INTERNAL_ERROR, "bug"),
    ],
)
def test_every_end_has_its_code_and_its_reason(
    make_context: MakeContext,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    raised: Exception,
    code: int,
    reason: Reason | None,
    message: str,
) -> None:
    def fail(*_: object) -> StepResult:
        raise raised

    monkeypatch.setitem(run.RUNNERS, "finish", fail)
    monkeypatch.setenv("DEBATE_TERMINATION_LOG", str(tmp_path / "log"))
    context = make_context(FILE)
    result = run.run_steps(context, [FINISH], 0, 1)
    assert (result.exit_code, result.reason) == (code, reason)
    assert message in result.message
    assert result.retry_after_seconds == getattr(raised, "retry_after_seconds", None)
    assert StepResult.from_json((tmp_path / "log").read_bytes()) == result
    assert StepResult.from_json(context.store.get("work/a-debate/results/finish-0.json")) == result


def test_a_failed_step_ends_the_run_and_keeps_what_was_done(
    make_context: MakeContext, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    tone(tmp_path / "in.wav", 1)
    called: list[str] = []

    def finish(*_: object) -> StepResult:
        called.append("finish")
        return StepResult(step="finish", exit_code=0)

    def analyze(*_: object) -> StepResult:
        raise Interrupted("stopped")

    monkeypatch.setitem(run.RUNNERS, "analyze", analyze)
    monkeypatch.setitem(run.RUNNERS, "finish", finish)
    context = make_context(FILE)
    result = run.run_steps(context, run.steps_to_run(context.job, None), 0, 1)
    assert result.exit_code == ExitCode.INTERRUPTED
    assert called == []
    assert context.store.exists("work/a-debate/plan.json")


def test_a_failed_prepare_keeps_the_facts_of_the_one_that_succeeded(make_context: MakeContext, tmp_path: Path) -> None:
    tone(tmp_path / "in.wav", 1)
    context = make_context(FILE)
    good = run.run_steps(context, [PREPARE], 0, 1)
    context.stop.set()
    assert run.run_steps(context, [PREPARE], 0, 1).exit_code == ExitCode.INTERRUPTED
    stored = context.store.get("work/a-debate/results/prepare-0.json")
    assert StepResult.from_json(stored) == good
