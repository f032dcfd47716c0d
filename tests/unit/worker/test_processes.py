"""Models in child processes: a crash costs one window, a stop ends them, their errors keep their type."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from model_handlers import load_counting, load_cuda_error_once

from debate_core.errors import GpuOutOfMemory, Interrupted
from debate_core.reasons import ExitCode, Reason
from debate_worker.analyze.step import ModelProcessFailed, OutOfMemory, run_together
from debate_worker.context import StopFlag
from debate_worker.processes import ChildProcess


@pytest.fixture
def process(tmp_path: Path) -> Iterator[ChildProcess]:
    process = ChildProcess("counting", partial(load_counting, tmp_path))
    yield process
    process.stop()


def ask(process: ChildProcess, task: str, stop: StopFlag | None = None) -> tuple[str, list[float]]:
    shares: list[float] = []
    results = run_together([process], task, lambda name, share: shares.append(share), (stop or StopFlag()).check)
    return results["counting"], shares


def test_a_model_is_loaded_once_and_reports_how_far_it_is(process: ChildProcess, tmp_path: Path) -> None:
    first, shares = ask(process, "a")
    second, _ = ask(process, "b")
    assert first.split()[1] == second.split()[1]
    assert shares == [0.5, 1.0]
    assert (tmp_path / "loads").read_text() == "x"


def test_a_crash_is_tried_once_more_in_a_new_process(process: ChildProcess, tmp_path: Path) -> None:
    result, _ = ask(process, "die once")
    assert result.startswith("die once")
    assert (tmp_path / "loads").read_text() == "xx"


def test_a_window_that_kills_twice_is_out_of_memory(process: ChildProcess) -> None:
    with pytest.raises(OutOfMemory, match="-9") as caught:
        ask(process, "die")
    assert caught.value.reason is Reason.OUT_OF_MEMORY
    assert caught.value.exit_code is ExitCode.INTERNAL_ERROR


def test_any_other_death_is_an_internal_error(process: ChildProcess) -> None:
    with pytest.raises(ModelProcessFailed, match="exit code 3") as caught:
        ask(process, "exit")
    assert caught.value.reason is Reason.INTERNAL_ERROR


def test_an_error_of_the_gpu_costs_a_process_and_no_window(tmp_path: Path) -> None:
    """After it CUDA does not work any more in that process: the window is done again in a new one."""
    process = ChildProcess("counting", partial(load_cuda_error_once, tmp_path))
    try:
        assert ask(process, "a")[0] == "a"
    finally:
        process.stop()


def test_a_typed_error_arrives_as_it_was_raised(process: ChildProcess) -> None:
    with pytest.raises(GpuOutOfMemory, match="too small"):
        ask(process, "out of memory")
    assert ask(process, "a")[0].startswith("a ")


def test_a_stop_does_not_wait_for_the_model(process: ChildProcess) -> None:
    stop = StopFlag()
    stop.set()
    with pytest.raises(Interrupted):
        ask(process, "sleep", stop)
    process.stop()
    assert process.connection is None
