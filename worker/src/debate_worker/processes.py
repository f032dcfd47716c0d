"""Work in child processes (models, downloads): a crash costs what it was at, and memory goes back when it ends."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from typing import Any, Literal

from tqdm import tqdm

from debate_core import logs
from debate_core.errors import StepError

Progress = Callable[[float], None]
Handler = Callable[[Any, Progress], Any]
Message = tuple[Literal["progress", "result", "error"], Any]

_CONTEXT = multiprocessing.get_context("spawn")  # fork would copy CUDA's state and other threads' locks


class ChildCrashed(Exception):
    """A child process died. `exit_code`: negative for a signal (-9: killed, most likely for its memory)."""

    def __init__(self, name: str, exit_code: int | None) -> None:
        super().__init__(f"the {name} process died with exit code {exit_code}")
        self.exit_code = exit_code


class ChildProcess:
    """One child that loads once what it works with, and then answers tasks, one at a time.

    load: builds the handler in the child; it and the tasks must be picklable.
    """

    def __init__(self, name: str, load: Callable[[], Handler]) -> None:
        self.name = name
        self._load = load
        self._process: multiprocessing.process.BaseProcess | None = None
        self.connection: Connection | None = None

    def submit(self, task: Any) -> None:
        """Send a task, starting the child if it does not run."""
        if self._process is None or not self._process.is_alive() or self.connection is None:
            self.connection, theirs = _CONTEXT.Pipe()
            self._process = _CONTEXT.Process(target=_serve, args=(self._load, theirs), name=self.name, daemon=True)
            with _ctrl_c_blocked():
                self._process.start()
            theirs.close()  # so that the child's death reads as the end of the stream
        # Where the child died just now, `receive` finds out.
        with contextlib.suppress(BrokenPipeError):
            self.connection.send(task)

    def receive(self) -> Message:
        """The next message. Raises ChildCrashed when the child is gone."""
        assert self.connection is not None
        try:
            message: Message = self.connection.recv()
        except (EOFError, ConnectionResetError):
            raise ChildCrashed(self.name, self._reap()) from None
        return message

    def _reap(self) -> int | None:
        """The dead child's exit code; the next submit starts another."""
        assert self._process is not None
        process = self._process
        process.join(timeout=5)
        self.stop()
        return process.exitcode

    def stop(self) -> None:
        """End the child at once: what it was at is not kept, what it answered is."""
        if self._process is not None:
            self._process.kill()
            self._process.join()
        if self.connection is not None:
            self.connection.close()
        self._process = self.connection = None


@contextlib.contextmanager
def _ctrl_c_blocked() -> Iterator[None]:
    """A child takes the mask over: Ctrl-C reaches the whole process group, and the child is seconds in loading."""
    resource_tracker.ensure_running()  # when it starts, it unblocks Ctrl-C for whatever process is started next
    before = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT,))
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _serve(load: Callable[[], Handler], connection: Connection) -> None:
    """The child's life: load, then answer tasks until the parent is gone. Ctrl-C is for the parent alone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_die_with_parent, daemon=True).start()
    # tqdm's default is a lock between processes, which is reported as leaked when a child is killed.
    tqdm.set_lock(threading.RLock())
    logs.configure()
    handler: Handler | None = None
    while True:
        try:
            task = connection.recv()
        except EOFError:
            return
        try:
            handler = handler or load()
            connection.send(("result", handler(task, lambda share: connection.send(("progress", share)))))
        except StepError as error:
            connection.send(("error", error))


def _die_with_parent() -> None:
    """A parent that was killed cannot stop its children: a GPU would stay taken."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
