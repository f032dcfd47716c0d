"""`debate-stats`: the command line. Errors become one sentence and an exit code here, and nowhere else."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, NoReturn
from urllib.parse import urlsplit
from urllib.request import url2pathname

import structlog
import typer

from debate_core import logs
from debate_core.reasons import ExitCode
from debate_core.store import FolderStore, StoreAddressInvalid, StoreError, StoreUnreachable, open_store
from debate_stats.selection import InvalidSelection, Selection, checked, read_manifest, with_older_variables

if TYPE_CHECKING:
    from debate_stats.names import Speaker

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


class Format(StrEnum):
    """What `export` writes."""

    CSV = "csv"
    PARQUET = "parquet"
    POSTGRESQL = "postgresql"


Store = Annotated[
    str,
    typer.Option(envvar="DEBATE_STORE", metavar="URI", help="The store with the jobs: s3://bucket/prefix or a folder."),
]


Output = Annotated[
    str | None,
    typer.Option(envvar="DEBATE_OUTPUT", metavar="URI", help="The store for statistics/. [default: --store]"),
]
Job = Annotated[str, typer.Argument(metavar="JOB", help="The job's id.", show_default=False)]


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
    output: Output = None,
    adopt: Annotated[
        bool,
        typer.Option(
            "--adopt",
            envvar="DEBATE_ADOPT",
            help="Take in the named jobs that an older system left: they have a transcript and no manifest entry. They "
            "get one, and are public from then on, until `unpublish`.",
        ),
    ] = False,
) -> None:
    """Compute the statistics of finished jobs and write everything that the page reads.

    Only jobs that changed since the last run are computed. Without --job-id and --manifest, the public copies of jobs
    that are gone are removed too. Jobs that are not to be published have nothing under statistics/. Where no option and
    no DEBATE_ variable says them, jobs and output come from JOB_IDS (with commas or spaces), MANIFEST_S3_URI and
    STATS_OUTPUT_S3_URI (with or without statistics/ at its end).

    Exit codes: 0 done, 1 some jobs failed (the others are written), 10 wrong options, 14 access denied or no such
    store, 16 store not reachable, 75 interrupted.
    """
    logs.configure()
    with _errors_as_exit_codes():
        asked = with_older_variables(Selection(job_id or [], manifest, output), os.environ)
        job_ids = None
        if asked.job_ids or asked.manifest:
            job_ids = checked(asked.job_ids) + (read_manifest(asked.manifest) if asked.manifest else [])
        elif adopt:
            raise InvalidSelection("--adopt is for jobs that are named: give --job-id or --manifest.")
    _run(store, asked.output, job_ids, adopt=adopt)


@app.command()
def publish(store: Store, job: Job, output: Output = None) -> None:
    """Make a finished job public: its statistics and documents, at once.

    Writes `publish: true` into its manifest entry, which every later run obeys. Exit codes as of `run`; 1 where there
    is no such job, or its statistics cannot be computed.
    """
    _set_publish(store, output, job, public=True)


@app.command()
def unpublish(store: Store, job: Job, output: Output = None) -> None:
    """Take a job down: its row in the list, its figures, its documents, and the people's figures from it, at once.

    Writes `publish: false` into its manifest entry, which every later run obeys. What the job itself wrote stays, and
    is private. Of a job without a manifest entry, whatever is public is deleted. Exit codes as of `run`.
    """
    _set_publish(store, output, job, public=False)


@app.command()
def name(
    store: Store,
    job: Job,
    label: Annotated[
        str | None, typer.Argument(metavar="LABEL", help="A speaker, such as SPEAKER_00.", show_default=False)
    ] = None,
    person_name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="Who that is: 'Jane Doe'.", show_default=False)
    ] = None,
    person: Annotated[
        str | None,
        typer.Option(
            metavar="ID",
            help="The person's id in people.json. Needed for another person of the same name; with the id of somebody "
            "who has another name, that name changes everywhere. [default: the name, as jane-doe]",
        ),
    ] = None,
    remove: Annotated[bool, typer.Option("--remove", help="Take the label's name away.")] = False,
    file: Annotated[
        Path | None,
        typer.Option("--import", metavar="FILE", help="Take over a speakers.json, such as the page exports."),
    ] = None,
    run_now: Annotated[bool, typer.Option("--run", help="Bring the statistics up to date at once.")] = False,
    output: Output = None,
) -> None:
    """Say who the speakers of a job are; without a label, list them with their speaking time.

    The same person in several debates gets the same id, by which alone debates are joined: made of the name, or
    --person. Statistics change with the next run, or at once with --run.

    Exit codes: 0 done, 10 no such job or label, or no name, otherwise as of `run`.
    """
    logs.configure()
    from debate_stats import names

    with _errors_as_exit_codes():
        source, job_id = open_store(store), checked([job])[0]
        given = [label is not None, file is not None]
        if all(given) or (remove and (label is None or person_name or person)) or (person and not person_name):
            raise InvalidSelection("Give LABEL and NAME, or LABEL and --remove, or --import FILE, or the job alone.")
        if label is not None and not remove and person_name is None:
            raise InvalidSelection(f"Who is {label[:80]!a}? Give a name behind it, or --remove.")
        if file is not None:
            result = names.import_names(source, job_id, _content(file))
        elif label is None:
            _print_speakers(names.speakers_of(source, job_id))
            result = names.Named([])
        elif person_name is None:
            result = names.take_name(source, job_id, label)
        else:
            result = names.give_name(source, job_id, label, person_name, person=person)
        for line in result.done:
            typer.echo(line)
    if run_now:
        # A new name of a person concerns other debates, and only a look at all of them tells which.
        _run(store, output, None if result.renamed else [job_id])
    elif result.done:
        which = "" if result.renamed else f" --job-id {job_id}"
        typer.echo(f"The statistics show it after the next run; at once: debate-stats run --store {store}{which}")


@app.command()
def export(
    store: Store,
    to: Annotated[
        str | None,
        typer.Option(envvar="DEBATE_EXPORT_TO", metavar="URI", help="Where files go: a folder or s3://bucket/prefix."),
    ] = None,
    format_: Annotated[
        Format, typer.Option("--format", envvar="DEBATE_EXPORT_FORMAT", help="What to write.")
    ] = Format.CSV,
) -> None:
    """Write the published statistics as tables: debates, speakers, interruptions, people, appearances.

    CSV and Parquet are one file a table. PostgreSQL gets the schema debates, brought up to date in one
    transaction; its address, which holds a password, comes from DEBATE_POSTGRES_URL
    (postgresql://user:password@host:5432/database?sslmode=...) or from the file that DEBATE_POSTGRES_URL_FILE names.
    Parquet needs the extra: pip install 'debate-stats[parquet]'.

    Exit codes: 0 done, 10 wrong options, 14 access denied, nothing to export or pyarrow missing, 16 store or database
    not reachable, 75 interrupted.
    """
    logs.configure()
    from debate_stats import export_files, export_postgresql, export_tables

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with _errors_as_exit_codes():
        if (to is None) != (format_ is Format.POSTGRESQL):
            raise InvalidSelection("csv and parquet need --to; postgresql has its address in a variable, not in --to.")
        tables = export_tables.read_tables(open_store(store))
        try:
            if to is None:
                export_postgresql.export(export_postgresql.database_url(os.environ), tables)
            elif format_ is Format.PARQUET:
                export_files.write_parquet(open_store(to), tables)
            else:
                export_files.write_csv(open_store(to), tables)
        except export_postgresql.DatabaseUnreachable as error:
            _fail(str(error), ExitCode.STORE_UNREACHABLE)
        except (export_postgresql.DatabaseFailed, export_files.NoParquet) as error:
            _fail(str(error), ExitCode.MISCONFIGURED)
    structlog.get_logger().info("Exported: " + ", ".join(f"{len(rows)} {name}" for name, rows in tables.items()) + ".")


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


def _run(
    store: str, output: str | None, job_ids: list[str] | None, *, adopt: bool = False, must_exist: bool = True
) -> NoReturn:
    """Runs, says what was made of each job, and exits."""
    # Not at the top: pyannote.core brings matplotlib, a second that `serve` and `--help` need not wait for.
    from debate_stats.reporting import log_outcome, log_summary, progress_bar
    from debate_stats.run import Outcome, adopt_all
    from debate_stats.run import run as run_statistics

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with _errors_as_exit_codes(), progress_bar() as progress:
        # Inside the progress display, which puts the lines that are logged above its bar.
        logs.configure()
        source = open_store(store)
        target = open_store(output) if output else source
        task = progress.add_task("Statistics", total=None)

        def show(outcome: Outcome) -> None:
            progress.advance(task)
            log_outcome(outcome)

        failed = []
        if adopt and job_ids is not None:
            failed = adopt_all(source, job_ids)
            for outcome in failed:
                show(outcome)
            job_ids = [job_id for job_id in job_ids if job_id not in {outcome.job_id for outcome in failed}]
        now = datetime.now(UTC)
        outcomes = run_statistics(source, target, job_ids=job_ids, now=now, on_outcome=show, must_exist=must_exist)
    raise typer.Exit(SOME_FAILED if log_summary([*failed, *outcomes]) else ExitCode.DONE)


def _set_publish(store: str, output: str | None, job: str, *, public: bool) -> NoReturn:
    logs.configure()
    from debate_stats.inputs import BrokenJob
    from debate_stats.visibility import set_publish

    with _errors_as_exit_codes():
        job_id = checked([job])[0]
        try:
            set_publish(open_store(store), job_id, publish=public)
        except BrokenJob as error:
            structlog.get_logger().error(f"{error}; delete that entry to take everything of the job down.")
            raise typer.Exit(SOME_FAILED) from error
    # What a job without an entry left in public is deleted; that there is none is not what was asked.
    _run(store, output, [job_id], must_exist=public)


def _print_speakers(speakers: Iterable[Speaker]) -> None:
    for speaker in speakers:
        who = f"{speaker.name} ({speaker.person})" if speaker.person else speaker.name or "-"
        minutes, seconds = divmod(round(speaker.speaking_seconds), 60)
        typer.echo(f"{speaker.label}  {minutes:3d} min {seconds:02d} s  {who}")


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise InvalidSelection(f"{file} cannot be read ({error.strerror}).") from error


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
