"""SIGTERM and Ctrl-C at any moment: exit code 75 with a message, nobody left running, and the next run goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from forks import Forks, Strike, arguments, processes_of_session, sweep
from worker_process import WORKER, read_until, running, stable

from debate_core.documents.step_result import StepResult
from debate_core.store import ObjectStore, open_store


def test_sigterm_at_any_change_of_the_store(
    several: Sequence[Forks], job: Path, tmp_path: Path, quiet_run: ObjectStore
) -> None:
    def at_moment(forks: Forks, moment: int) -> bool:
        store = str(tmp_path / f"store-{moment}")
        ended = forks.run(job, store, strike=Strike("stop", moment))
        assert ended.words is not None
        assert ended.words.exit_code == ended.code
        if ended.code == 75:
            assert ended.words.message == "stopped: run it again to go on from here"
            assert ended.words.reason is None
        else:  # what remained to be done when it came was to tell the result
            assert (ended.code, ended.words.step) == (0, "finish"), (moment, ended.said)
        assert "Traceback" not in ended.said
        again = forks.run(job, store)
        assert again.code == 0, (moment, again.said)
        assert stable(open_store(store)) == stable(quiet_run), moment
        assert len(ended.asked + again.asked) <= 3 + 1, moment
        return ended.struck

    assert sweep(several, at_moment) > 20


@pytest.mark.parametrize(("do", "kind", "moments"), [("hang", "touch", 40), ("hang_and_ctrl_c_twice", "change", 20)])
def test_a_stop_while_the_store_hangs(
    several: Sequence[Forks], job: Path, s3_store_uri: str, do: str, kind: str, moments: int
) -> None:
    def at_moment(forks: Forks, moment: int) -> bool:
        # A second Ctrl-C does not wait for the patience to end; a SIGTERM ends with it, wherever that is.
        patience = 0.2 if do == "hang" else 600.0
        store = f"{s3_store_uri}/{moment}"
        ended = forks.run(job, store, strike=Strike(do, moment, kind), stop_within_s=patience)
        if ended.struck:
            assert ended.words is not None
            assert (ended.code, ended.words.exit_code) == (75, 75), (moment, ended.said)
            assert "run it again" in ended.words.message
        return ended.struck

    assert sweep(several, at_moment) > moments


def blocked(process: subprocess.Popen[str], number: int) -> bool:
    """Whether a signal waits at this process."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    mask = int(next(line for line in status.splitlines() if line.startswith("SigBlk:")).split()[1], 16)
    return bool(mask & 1 << number - 1)


def test_sigterm_while_the_program_loads(job: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words = tmp_path / "words"
    monkeypatch.setenv("DEBATE_TERMINATION_LOG", str(words))
    with running([str(WORKER), *arguments(job, str(tmp_path / "store"))]) as process:
        while not blocked(process, signal.SIGTERM):
            assert process.poll() is None
            time.sleep(0.001)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=120) == 75
    assert StepResult.from_json(words.read_bytes()).exit_code == 75


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "sigterm to all"])
def test_a_signal_to_all_processes_while_the_models_load(job: Path, tmp_path: Path, number: signal.Signals) -> None:
    """A terminal sends Ctrl-C to the children too, `timeout` and systemd SIGTERM."""
    with running([str(WORKER), *arguments(job, str(tmp_path / "store"))]) as process:
        read_until(process, "analyze ")
        while len(processes_of_session(process.pid)) < 3:  # the two models', beside multiprocessing's own
            assert process.poll() is None
            time.sleep(0.01)
        os.killpg(process.pid, number)
        assert process.wait(timeout=120) == 75
        assert process.stderr is not None
        assert "Traceback" not in process.stderr.read()
        end = time.monotonic() + 60
        while processes_of_session(process.pid):
            assert time.monotonic() < end
            time.sleep(0.01)
