"""Every end of the command leaves its exit code and, in a pod, a result: also where no step was begun."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog
from media import DEMO_MODELS

from debate_core.documents.step_result import StepResult
from debate_core.reasons import Reason
from debate_worker import cli
from debate_worker.ending import bug, leave_last_words

Run = Callable[..., StepResult]

GOOD = """
apiVersion: debate-analyzer.io/v1alpha1
kind: DebateJob
metadata: {name: a-debate}
spec: {source: {file: in.wav}}
"""


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Run]:
    """The command in this process, with the paths of `tmp_path` filled in; its last words, which the code equals."""
    log = tmp_path / "termination-log"
    monkeypatch.setenv("DEBATE_TERMINATION_LOG", str(log))
    (tmp_path / "job.yaml").write_text(GOOD)
    (tmp_path / "typo.yaml").write_text(GOOD.replace("source:", "sorce:"))

    def call(line: str) -> StepResult:
        words = line.format(tmp=tmp_path, models=DEMO_MODELS).split()
        monkeypatch.setattr(sys, "argv", ["debate-worker", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        result = StepResult.from_json(log.read_bytes())
        assert result.exit_code == ended.value.code
        return result

    before = [(number, signal.getsignal(number)) for number in (signal.SIGTERM, signal.SIGINT)]
    yield call
    for number, handler in before:
        signal.signal(number, handler)
    structlog.reset_defaults()


STORE = "--store {tmp}/store --cache {tmp}/cache"


@pytest.mark.parametrize(
    ("line", "step", "code", "message"),
    [
        ("run --step analyze", "analyze", 10, "Missing option '--job'"),
        (f"run --step=finish --job {{tmp}}/job.yaml {STORE} --bad", "finish", 10, "No such option"),
        (f"run --job {{tmp}}/job.yaml {STORE} --step dance", "dance", 10, "has the steps prepare"),
        (f"run --step prepare --job {{tmp}}/none.yaml {STORE}", "prepare", 10, "cannot be read"),
        (f"run --step prepare --job {{tmp}}/typo.yaml {STORE}", "prepare", 10, "spec.source: Field required"),
        (f"run --step analyze --job {{tmp}}/job.yaml {STORE} --window-shard 2/2", "analyze", 10, "I/N"),
        ("run --step prepare --job {tmp}/job.yaml --store ftp://x", "prepare", 10, "ftp://x"),
        (f"run --step prepare --job {{tmp}}/job.yaml {STORE}", "prepare", 14, "There are no models"),
        (
            "run --step prepare --job {tmp}/job.yaml --models {models} --store s --cache {tmp}/job.yaml/x",
            "prepare",
            14,
            "name another one with --cache",
        ),
        (
            f"run --step prepare --job {{tmp}}/job.yaml {STORE} --models-fallback disk",
            "prepare",
            10,
            "--models-fallback disk: it is one of none, hub",
        ),
        ("dance", "run", 10, "No such command"),
    ],
)
def test_what_fails_before_a_step_begins(run: Run, line: str, step: str, code: int, message: str) -> None:
    result = run(line)
    assert (result.step, result.exit_code) == (step, code)
    assert result.reason == {10: Reason.INVALID_SPEC, 14: Reason.MISCONFIGURED}[code]
    assert message in result.message


def test_the_step_may_come_from_the_variable(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEBATE_STEP", "finish")
    assert run("run").step == "finish"


@pytest.mark.parametrize(
    ("raised", "code", "reason"), [(RuntimeError("?"), 70, Reason.INTERNAL_ERROR), (KeyboardInterrupt(), 75, None)]
)
def test_what_nobody_expected(
    run: Run, monkeypatch: pytest.MonkeyPatch, raised: BaseException, code: int, reason: Reason | None
) -> None:
    def fail(*_: object) -> None:
        raise raised

    monkeypatch.setattr(cli, "open_store", fail)
    result = run(f"run --step prepare --job {{tmp}}/job.yaml {STORE}")
    assert (result.step, result.exit_code, result.reason) == ("prepare", code, reason)


def test_last_words_that_cannot_be_written_cost_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DEBATE_TERMINATION_LOG", str(tmp_path / "none" / "log"))
    leave_last_words(bug("prepare"))
