"""`debate-stats`: the command line. Errors become one sentence and an exit code here, and nowhere else."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final, NoReturn
from urllib.parse import urlsplit
from urllib.request import url2pathname

import structlog
import typer

from debate_core import logs
from debate_core.reasons import ExitCode
from debate_core.store import FolderStore, StoreAddressInvalid, StoreError, StoreUnreachable, open_store
from debate_stats.selection import InvalidSelection, checked, read_manifest

SOME_FAILED: Final = 1
"""Exit code: everything was written but the statistics of some jobs."""

_USAGE: Final = 2  # what typer exits with; DESIGN's exit code for it is 10

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Debate Analyzer's statistics: transcripts in, what the page reads out.",
)

Store = Annotated[
    str,
    typer.Option(envvar="DEBATE_STORE", metavar="URI", help="The store with the jobs: s3://bucket/prefix or a folder."),
]


@app.command()
def run(
    store: Store,
    job_id: Annotated[
        list[str] | None,
        typer.Option(
            envvar="DEBATE_JOB_ID",
            metavar="ID",
            help="Only this job; may be given several times (in the variable: with spaces). "
            "[default: all finished jobs]",
        ),
    ] = None,
    manifest: Annotated[
        str | None,
        typer.Option(
            envvar="DEBATE_MANIFEST",
            metavar="URI",
            help="Only the jobs of this JSON list (s3://bucket/key or a file) of job ids, jobs/<id>/ prefixes or "
            "manifest entries.",
        ),
    ] = None,
    output: Annotated[
        str | None,
        typer.Option(envvar="DEBATE_OUTPUT", metavar="URI", help="The store for statistics/. [default: --store]"),
    ] = None,
) -> None:
    """Compute the statistics of finished jobs and write everything that the page reads.

    Only jobs that changed since the last run are computed. Without --job-id and --manifest, the public copies of jobs
    that are gone are removed too. Jobs that are not to be published have nothing under statistics/.

    Exit codes: 0 done, 1 some jobs failed (the others are written), 10 wrong options, 14 access denied or no such
    store, 16 store not reachable, 75 interrupted.
    """
    # Not at the top: pyannote.core brings matplotlib, a second that `serve` and `--help` need not wait for.
    from debate_stats.reporting import log_outcome, log_summary, progress_bar
    from debate_stats.run import Outcome
    from debate_stats.run import run as run_statistics

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with _errors_as_exit_codes(), progress_bar() as progress:
        # Inside the progress display, which puts the lines that are logged above its bar.
        logs.configure()
        job_ids = None
        if job_id or manifest:
            job_ids = checked(job_id or []) + (read_manifest(manifest) if manifest else [])
        source = open_store(store)
        target = open_store(output) if output else source
        task = progress.add_task("Statistics", total=None)

        def show(outcome: Outcome) -> None:
            progress.advance(task)
            log_outcome(outcome)

        outcomes = run_statistics(source, target, job_ids=job_ids, now=datetime.now(UTC), on_outcome=show)
    failed = log_summary(outcomes)
    raise typer.Exit(SOME_FAILED if failed else ExitCode.DONE)


@app.command()
def serve(
    store: Store,
    port: Annotated[
        int, typer.Option(envvar="DEBATE_PORT", min=0, max=65535, help="0 takes a free one.", show_default=True)
    ] = 8080,
    host: Annotated[
        str, typer.Option(envvar="DEBATE_HOST", help="The address to listen on: 0.0.0.0 for other machines too.")
    ] = "127.0.0.1",
    web: Annotated[
        Path | None,
        typer.Option(envvar="DEBATE_WEB", metavar="DIR", help="The page's files. [default: web/ of this checkout]"),
    ] = None,
) -> None:
    """Show the page with the statistics of a folder store in your browser; Ctrl-C ends it.

    Only the page and statistics/ can be reached. This is for one person's machine; a cluster has its own web server.
    """
    logs.configure()
    # Not at the top: a run in a pod needs no web server.
    from debate_stats.serve import PortUnavailable
    from debate_stats.serve import serve as serve_page

    with _errors_as_exit_codes():
        folder = _folder(store)
        page = web or Path(__file__).resolve().parents[3] / "web"
        if not (page / "index.html").is_file():
            raise InvalidSelection(f"There is no page in {page} (no index.html): name its folder with --web.")
    try:
        serve_page(folder, page, host=host, port=port, on_ready=_say_where)
    except PortUnavailable as error:
        structlog.get_logger().error(str(error))
        raise typer.Exit(ExitCode.INVALID_JOB) from error
    except KeyboardInterrupt:
        pass  # the usual way to end it
    typer.echo("Stopped.")


@app.command()
def mirror(
    store: Store,
    to: Annotated[
        Path,
        typer.Option(envvar="DEBATE_MIRROR_TO", metavar="DIR", help="A folder of its own: other files are refused."),
    ],
    every: Annotated[
        float, typer.Option(envvar="DEBATE_MIRROR_EVERY", metavar="SECONDS", min=1, help="Between two looks.")
    ] = 10,
    once: Annotated[bool, typer.Option("--once", help="Look once and end.")] = False,
) -> None:
    """Keep a folder equal to statistics/ of the store, for a web server: what is withdrawn there is deleted here.

    While the store cannot be read the folder stays as it is. SIGTERM ends it at once, with exit code 0.
    """
    logs.configure()
    from debate_stats.mirror import Mirror, keep, say

    # At once, even in a request that waits for a store: half a file is hidden, and deleted by the next start.
    signal.signal(signal.SIGTERM, lambda *_: os._exit(ExitCode.DONE))
    with _errors_as_exit_codes():
        try:
            copy = Mirror(open_store(store), to)
        except OSError as error:
            _fail(f"{to} cannot be used ({error.strerror}): check --to and its permissions.", ExitCode.MISCONFIGURED)
        if once:
            say(copy.sync())
        else:
            keep(copy, every)


def main() -> None:
    """Entry point of the `debate-stats` command."""
    try:
        app()
    except SystemExit as ended:
        sys.exit(ExitCode.INVALID_JOB if ended.code == _USAGE else ended.code)


@contextmanager
def _errors_as_exit_codes() -> Iterator[None]:
    try:
        yield
    except (InvalidSelection, StoreAddressInvalid) as error:
        _fail(str(error), ExitCode.INVALID_JOB)
    except StoreUnreachable as error:
        _fail(str(error), ExitCode.STORE_UNREACHABLE)
    except StoreError as error:
        _fail(str(error), ExitCode.MISCONFIGURED)
    except KeyboardInterrupt:
        _fail("Interrupted: what is written stays; run again to go on.", ExitCode.INTERRUPTED)


def _fail(message: str, code: ExitCode) -> NoReturn:
    structlog.get_logger().error(message)
    raise typer.Exit(code)


def _folder(store: str) -> Path:
    """The folder of a folder store. Raises InvalidSelection for any other."""
    opened = open_store(store)
    if not isinstance(opened, FolderStore):
        raise InvalidSelection(f"--store {store}: serve shows a folder; a bucket is served by the cluster's page.")
    folder = Path(url2pathname(urlsplit(opened.uri).path))
    if not folder.is_dir():
        raise InvalidSelection(f"There is no folder {folder}: check --store, or run a job into it first.")
    return folder


def _say_where(address: str) -> None:
    # Flushed: whoever reads a pipe waits for this line.
    print(f"The page: {address}", flush=True)
