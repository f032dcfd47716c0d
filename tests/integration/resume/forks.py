"""Workers by the dozen, forked by `fork_worker.py`, and what they leave."""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from worker_process import ROOT

from debate_core.documents.step_result import StepResult

PROGRAM = Path(__file__).with_name("fork_worker.py")


@dataclass(frozen=True, slots=True)
class Strike:
    """See fork_worker.py. do: kill | pause | stop | hang | hang_and_ctrl_c_twice | down."""

    do: str
    at: int
    kind: str = "change"


@dataclass(frozen=True, slots=True)
class Ended:
    """How a worker ended. code: negative for a signal, None while it is paused. struck: whether the strike came.

    asked: the windows that its models were asked for. words: where Kubernetes would read them, if any.
    """

    code: int | None
    struck: bool
    words: StepResult | None
    asked: list[int]
    said: str


class Worker:
    """One run."""

    def __init__(self, forks: Forks, pid: int, folder: Path) -> None:
        self._forks, self.pid, self._folder = forks, pid, folder

    def wait(self) -> Ended:
        """Until it ends, or pauses."""
        code = self._forks.ask(what="wait", pid=self.pid)["code"]
        if code is not None:
            self._wait_for_orphans()
        words, asked = self._folder / "words", self._folder / "asked"
        return Ended(
            code=code,
            struck=(self._folder / "struck").exists(),
            words=StepResult.from_json(words.read_bytes()) if words.exists() else None,
            asked=[int(line) for line in asked.read_text().splitlines()] if asked.exists() else [],
            said=(self._folder / "log").read_text(),
        )

    def let_go(self) -> None:
        """End a pause."""
        self._forks.ask(what="go on", pid=self.pid)

    def go_on(self) -> Ended:
        self.let_go()
        return self.wait()

    def _wait_for_orphans(self) -> None:
        """Nothing of a worker outlives it for long: its model processes would keep a GPU."""
        end = time.monotonic() + 60
        while alive := processes_of_session(self.pid):
            assert time.monotonic() < end, f"processes {alive} outlive their worker"
            time.sleep(0.01)


class Forks:
    """The program that forks workers."""

    def __init__(self, process: subprocess.Popen[str], folder: Path, remembered: Path) -> None:
        self._process, self._folder, self._remembered = process, folder, remembered
        self._count = 0

    def ask(self, **order: Any) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def start(
        self,
        job: Path,
        store: str,
        *more: str,
        strike: Strike | None = None,
        environ: Mapping[str, str] | None = None,
        stop_within_s: float = 600.0,
        patient: bool = False,
    ) -> Worker:
        """stop_within_s: as stopping.STOP_WITHIN_S; by default what does not stop by itself does not stop at all."""
        self._count += 1
        folder = self._folder / f"worker-{self._count}"
        folder.mkdir()
        root = store if "://" not in store else store.removeprefix("file://")
        pid = self.ask(
            what="start",
            arguments=arguments(job, store, *more),
            environ={
                "DEBATE_TERMINATION_LOG": str(folder / "words"),
                "REMEMBERED": str(self._remembered),
                "ASKED": str(folder / "asked"),
                **{name: value for name, value in os.environ.items() if name.startswith("AWS_")},
                **(environ or {}),
            },
            log=str(folder / "log"),
            stop_within_s=stop_within_s,
            patient=patient,
            strike=strike
            and {"kind": strike.kind, "at": strike.at, "do": strike.do, "root": root, "mark": str(folder / "struck")},
        )["pid"]
        return Worker(self, pid, folder)

    def run(self, job: Path, store: str, *more: str, **options: Any) -> Ended:
        return self.start(job, store, *more, **options).wait()


@contextmanager
def forking(folder: Path, remembered: Path) -> Iterator[Forks]:
    """remembered: the folder of window documents that real models made."""
    with subprocess.Popen(
        [sys.executable, PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        try:
            yield Forks(process, folder, remembered)
        finally:
            process.send_signal(signal.SIGKILL)


def sweep(several: Sequence[Forks], at_moment: Callable[[Forks, int], bool], every: int = 1) -> int:
    """Call `at_moment` with 1, 2, 3, ... until one says that nothing was struck: its run was over before.

    every: 1, 1 + every, ... instead. Each of several programs takes the next moment. How many moments there are.
    """
    moments = itertools.count(1, every)
    over: list[int] = []

    def take(forks: Forks) -> None:
        while not over:
            moment = next(moments)
            try:
                if not at_moment(forks, moment):
                    over.append(moment)
            except BaseException:
                over.append(moment)
                raise

    with ThreadPoolExecutor(len(several)) as pool:
        for _ in pool.map(take, several):
            pass
    return min(over) - every


def every_of(new_store: Callable[[], str]) -> int:
    """Every change of a folder; every third on a server, where the steps are the same and each takes longer."""
    return 3 if new_store().startswith("s3://") else 1


def arguments(job: Path, store: str, *more: str) -> Sequence[str]:
    models, cache = str(ROOT / "examples" / "models"), str(job.parent / "cache")
    common = ["--job", str(job), "--store", store, "--models", models, "--cache", cache, "--device", "cpu"]
    return ["run", *common, "--window-seconds", "10", "--overlap-seconds", "3", *more]


def processes_of_session(session: int) -> list[int]:
    """The living processes of a session; zombies are dead."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _parent, _group, its_session = status.read_text().rpartition(")")[2].split()[:4]
        except OSError:
            continue
        if int(its_session) == session and state != "Z":
            found.append(int(status.parent.name))
    return found
