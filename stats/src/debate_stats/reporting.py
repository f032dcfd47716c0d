"""What a person reads of a run: a line a job, a bar on a terminal, and the sum at the end."""

from __future__ import annotations

from collections import Counter

import structlog
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from debate_stats.run import Outcome, State


def progress_bar() -> Progress:
    """A bar on a terminal, nothing elsewhere: there the lines of the jobs show how far it is."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed:.0f} jobs"))
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


def log_outcome(outcome: Outcome) -> None:
    logger = structlog.get_logger()
    report = logger.error if outcome.state is State.FAILED else logger.info
    # Bound, not given: the sentence names them already, and only the machines' format repeats what is bound.
    with structlog.contextvars.bound_contextvars(job_id=outcome.job_id, state=str(outcome.state)):
        report(f"{outcome.job_id}: {outcome.state}" + (f": {outcome.message}" if outcome.message else ""))


def log_summary(outcomes: list[Outcome]) -> int:
    """Says what was made of all jobs; how many failed."""
    counts = Counter(outcome.state for outcome in outcomes)
    parts = ", ".join(f"{counts[state]} {state}" for state in State if counts[state])
    logger = structlog.get_logger()
    logger.info(f"Statistics: {parts}." if parts else "Statistics: there is no finished job yet.")
    failed = [outcome.job_id for outcome in outcomes if outcome.state is State.FAILED]
    if failed:
        logger.error(f"{len(failed)} of {len(outcomes)} jobs failed, as said above: {', '.join(failed)}")
    return len(failed)
