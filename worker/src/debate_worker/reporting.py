"""Progress as a person wants to see it: bars on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType

import structlog
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from debate_core.steps import BY_NAME
from debate_worker.context import ProgressReporter

LINE_EVERY_PERCENT = 20


class Bars:
    """One bar a step."""

    def __init__(self, console: Console) -> None:
        self._progress = Progress(
            TextColumn("{task.fields[step]:<8}"),
            BarColumn(bar_width=30),
            TextColumn("{task.percentage:>3.0f}%"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[note]}"),
            console=console,
        )
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Bars:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def update(self, step: str, done: float, total: float, note: str = "") -> None:
        if step not in self._tasks:
            self._tasks[step] = self._progress.add_task("", step=step, note="", total=None)
        self._progress.update(self._tasks[step], completed=done, total=total, note=note)


class Lines:
    """A log line when a step begins to do something else, and every 20 % of it."""

    def __init__(self) -> None:
        self._log = structlog.get_logger()
        self._last: dict[str, tuple[str, int]] = {}

    def __enter__(self) -> Lines:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def update(self, step: str, done: float, total: float, note: str = "") -> None:
        percent = round(100 * done / total) if total else 100
        state = (note, percent // LINE_EVERY_PERCENT)
        if self._last.get(step) != state:
            self._last[step] = state
            self._log.info(f"{step:<8} {percent:3d}%{'  ' + note if note else ''}")


def reporter(console: Console) -> Bars | Lines:
    """Bars where the console is a terminal, lines elsewhere."""
    return Bars(console) if console.is_terminal else Lines()


class Together:
    """Several reporters as one."""

    def __init__(self, reporters: Sequence[ProgressReporter]) -> None:
        self._reporters = reporters

    def update(self, step: str, done: float, total: float, note: str = "") -> None:
        for one in self._reporters:
            one.update(step, done, total, note)


@contextmanager
def reporters(console: Console, shard: int) -> Iterator[ProgressReporter]:
    """For the person who looks on, and for the operator where the environment says how to reach it."""
    if not os.environ.get("DEBATE_PROGRESS_URL"):
        with reporter(console) as shown:
            yield shown
        return
    # Here, because the HTTP client takes a third of a second to import, and only a pod needs it.
    from debate_worker.progress import ProgressPoster

    poster = ProgressPoster.from_environment(os.environ, shard)
    with reporter(console) as shown:
        if poster is None:
            structlog.get_logger().warning(
                "DEBATE_PROGRESS_URL is set without DEBATE_PROGRESS_TOKEN_FILE and DEBATE_JOB_UID: nobody is told"
            )
            yield shown
            return
        with poster:
            yield Together([shown, poster])


def summary(step: str, seconds: float, facts: dict[str, str | int | float | bool | None]) -> str:
    """What is said when a step has ended: `finish   done in 1.2 s: 3 speakers, 612 words`."""
    assert step in BY_NAME
    counts = {name: facts[name] for name in ("windows", "speakers", "words") if facts.get(name) is not None}
    shown = [f"{count} {name if count != 1 else name.removesuffix('s')}" for name, count in counts.items()]
    return f"{step:<8} done in {seconds:.1f} s{': ' + ', '.join(shown) if shown else ''}"
