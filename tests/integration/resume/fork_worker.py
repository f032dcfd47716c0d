"""A program that has the worker loaded, and forks one for each order: starting one anew costs seconds of imports.

What is forked is the worker's whole command line, with these differences, so that a hundred runs take a minute. Its
model processes are forked too, and say what real models said before (REMEMBERED); each window that they are asked for
is a line in ASKED. Files are not synced: no test cuts the power. Unless it is `patient` it does not wait between tries
of a request. And something may strike at a moment that is counted, not timed: see `Strike`.

Orders and answers are lines of JSON on standard input and output; `forks.py` is the other side.
"""

from __future__ import annotations

import gc
import itertools
import json
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from tenacity import wait_none

from debate_core.documents.plan import Diarization, Transcription
from debate_core.documents.window import WindowResult
from debate_core.store import retry
from debate_worker import cli, processes, stopping
from debate_worker.analyze import step
from debate_worker.analyze.device import Device
from debate_worker.processes import Handler, Progress

METHODS = ("PUT", "POST", "DELETE", "GET", "HEAD")


def remembered(task: step.Task) -> WindowResult:
    """What real models said of this very window of this very sound; for any other request the same, but shouted."""
    pcm = task.sound.samples(task.window.start, task.window.end)
    assert len(pcm) == round((task.window.end - task.window.start) * 16_000)
    (path,) = Path(os.environ["REMEMBERED"]).glob(f"{task.window.index:03d}-*.json")
    said = WindowResult.from_json(path.read_bytes())
    if said.hash == task.window.hash:
        return said
    return said.model_copy(
        update={"words": [word.model_copy(update={"text": word.text.upper()}) for word in said.words]}
    )


def load_transcriber(_model: Path, _device: Device, _options: Transcription) -> Handler:
    def handle(task: step.Task, progress: Progress) -> Any:
        with Path(os.environ["ASKED"]).open("a") as asked:
            asked.write(f"{task.window.index}\n")
        progress(0.5)
        return remembered(task)

    return handle


def load_diarizer(_model: Path, _device: Device, _options: Diarization) -> Handler:
    return lambda task, _progress: remembered(task).diarization


class Strike:
    """At the `at`-th moment of a kind, in this process alone, `do` happens.

    kind `change`: the store is about to change: a file that was written beside its place is renamed or linked into it,
    or a file is removed; or the head of a request that changes something was sent, and its body, if any, follows.
    Whatever else the worker does, who comes after a kill cannot tell it from a kill at the next change.
    kind `touch`: the store is asked for anything.
    """

    def __init__(self, *, kind: str, at: int, do: str, root: str, mark: Path) -> None:
        self._kind, self._at, self._root, self._mark = kind, at, root, mark
        self._do: Callable[[], None] = getattr(self, f"_{do}")
        self._pid = os.getpid()
        self._count = itertools.count(1)  # one at a time also from several threads
        self._method: dict[int, str] = {}  # of the request that a connection sends

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        """An audit hook."""
        if os.getpid() != self._pid or not self._meant(event, arguments):
            return
        moment = next(self._count)
        if moment == self._at:
            self._mark.touch()
        if moment == self._at or (moment > self._at and self._do == self._down):
            self._do()

    def _meant(self, event: str, arguments: tuple[Any, ...]) -> bool:
        if event == "http.client.send":
            connection, data = arguments
            method = bytes(data[:8]).partition(b" ")[0].decode("latin-1") if isinstance(data, bytes | bytearray) else ""
            if method in METHODS:
                self._method[id(connection)] = method
            if self._kind == "touch" or method == "DELETE":
                return method in METHODS
            return method not in METHODS and self._method[id(connection)] in ("PUT", "POST")
        if event not in ("open", "os.rename", "os.link", "os.remove") or not str(arguments[0]).startswith(self._root):
            return False
        if event == "os.remove":
            return os.path.lexists(arguments[0])
        return event != "open" or self._kind == "touch"

    def _kill(self) -> None:
        os.kill(self._pid, signal.SIGKILL)

    def _pause(self) -> None:
        os.kill(self._pid, signal.SIGSTOP)

    def _stop(self) -> None:
        os.kill(self._pid, signal.SIGTERM)

    def _hang(self) -> None:
        """The store does not answer any more; then somebody asks to stop."""
        os.kill(self._pid, signal.SIGTERM)
        time.sleep(600)

    def _hang_and_ctrl_c_twice(self) -> None:
        os.kill(self._pid, signal.SIGINT)
        os.kill(self._pid, signal.SIGINT)
        time.sleep(600)

    def _down(self) -> None:
        """The store is gone from now on."""
        raise ConnectionRefusedError(111, "the store is gone")


def worker(order: dict[str, Any]) -> NoReturn:
    """In the fork: run the command line as its entry point does."""
    os.setsid()
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for descriptor in (1, 2):
        os.dup2(log, descriptor)
    os.environ |= order["environ"]
    sys.argv = ["debate-worker", *order["arguments"]]
    stopping.STOP_WITHIN_S = order["stop_within_s"]
    if not order["patient"]:
        retry.wait_random_exponential = lambda **_: wait_none()  # type: ignore[assignment]
    if order["strike"]:
        sys.addaudithook(Strike(**order["strike"] | {"mark": Path(order["strike"]["mark"])}))
    cli.main()


def serve() -> None:
    processes._CONTEXT = multiprocessing.get_context("fork")  # type: ignore[assignment]
    step.load_transcriber, step.load_diarizer = load_transcriber, load_diarizer
    os.fsync = lambda _descriptor: None  # type: ignore[assignment]
    gc.freeze()  # else each fork copies, and collects at its end, all that was ever imported
    while order := json.loads(sys.stdin.readline() or "null"):
        answer = {}
        if order["what"] == "start":
            pid = os.fork()
            if pid == 0:
                worker(order)
            answer = {"pid": pid}
        elif order["what"] == "wait":
            _, status = os.waitpid(order["pid"], os.WUNTRACED)
            answer = {"code": None if os.WIFSTOPPED(status) else os.waitstatus_to_exitcode(status)}
        elif order["what"] == "go on":
            os.kill(order["pid"], signal.SIGCONT)
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    serve()
