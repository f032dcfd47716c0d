"""The command line of the worker: `debate-worker run | fetch-models | delete | undelete`."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, NoReturn

import structlog
import typer
from rich.console import Console

from debate_core import logs
from debate_core.documents.debatejob import DebateJob
from debate_core.errors import InvalidJob, Misconfigured, StepError
from debate_core.ids import check_job_id
from debate_core.reasons import ExitCode
from debate_core.steps import STEPS
from debate_core.store import open_store
from debate_worker.context import Context, Settings, StopFlag
from debate_worker.delete import delete_job
from debate_worker.ending import bug, failure, interrupted, leave_last_words, typed_errors
from debate_worker.models import ModelCatalog
from debate_worker.models.fallback import FALLBACKS, fallback_of
from debate_worker.own_folder import own_folder
from debate_worker.prepare.links.settings import LinkSettings, hosts, networks, proxy
from debate_worker.reporting import reporter, reporters
from debate_worker.run import run_steps, steps_to_run
from debate_worker.stopping import let_signals_in, stop_on_signals
from debate_worker.undelete import undelete_job
from debate_worker.work import needs_models

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Video in; transcript with speakers out. Every option can be given by its variable as well.",
)

_CTRL_C_CODE = 130  # what typer makes of a KeyboardInterrupt; DESIGN's exit code for it is 75
_LINKS = LinkSettings()
DEFAULT_CACHE = "~/.cache/debate-analyzer"

StoreOption = Annotated[
    str, typer.Option("--store", envvar="DEBATE_STORE", help="s3://bucket/prefix, file:///dir or a folder.")
]
CacheOption = Annotated[
    Path,
    typer.Option("--cache", envvar="DEBATE_CACHE", help="Downloaded models and scratch files; may be deleted."),
]
STEP_NAMES = ", ".join(step.name for step in STEPS)


@app.command()
def run(
    job: Annotated[Path, typer.Option("--job", envvar="DEBATE_JOB", help="The DebateJob manifest (YAML or JSON).")],
    store: StoreOption,
    models: Annotated[
        str | None,
        typer.Option(
            "--models", envvar="DEBATE_MODELS", help="Folder or URI with a models index; default: models in --cache."
        ),
    ] = None,
    models_fallback: Annotated[
        str,
        typer.Option(
            "--models-fallback",
            envvar="DEBATE_MODELS_FALLBACK",
            help="Where a file comes from that the index names and --models lacks: none, or hub (Hugging Face, at the "
            "index's revision, verified by its sha256).",
        ),
    ] = "none",
    step: Annotated[
        str | None, typer.Option("--step", envvar="DEBATE_STEP", help=f"Only this one: {STEP_NAMES}.")
    ] = None,
    window_shard: Annotated[
        str,
        typer.Option(
            "--window-shard",
            metavar="I/N",
            envvar="DEBATE_WINDOW_SHARD",
            help="analyze: begin with windows I, I+N, ... (I from 0), then do any still missing.",
        ),
    ] = "0/1",
    device: Annotated[str, typer.Option(envvar="DEBATE_DEVICE", help="auto, cpu or cuda.")] = "auto",
    window_seconds: Annotated[
        float,
        typer.Option(
            envvar="DEBATE_WINDOW_SECONDS", min=10, max=7200, help="The longest window: the most work one crash costs."
        ),
    ] = 1800.0,
    overlap_seconds: Annotated[
        float,
        typer.Option(
            envvar="DEBATE_OVERLAP_SECONDS", min=0, max=300, help="How far windows listen into their neighbours."
        ),
    ] = 30.0,
    link_hosts: Annotated[
        str,
        typer.Option(
            envvar="DEBATE_LINK_HOSTS", help="Hosts that links may name, such as youtube.com,vimeo.com; none: any."
        ),
    ] = "",
    link_networks: Annotated[
        str,
        typer.Option(
            envvar="DEBATE_LINK_NETWORKS",
            help="Private networks that links may reach all the same, such as 10.1.0.0/16.",
        ),
    ] = "",
    link_max_seconds: Annotated[
        float, typer.Option(envvar="DEBATE_LINK_MAX_SECONDS", min=1, help="The longest video that a link may bring.")
    ] = _LINKS.max_seconds,
    link_max_bytes: Annotated[
        int, typer.Option(envvar="DEBATE_LINK_MAX_BYTES", min=1, help="The most that a link may bring, in bytes.")
    ] = _LINKS.max_bytes,
    link_timeout_seconds: Annotated[
        float, typer.Option(envvar="DEBATE_LINK_TIMEOUT_SECONDS", min=1, help="The longest time a download may take.")
    ] = _LINKS.timeout_seconds,
    cookies_file: Annotated[
        Path | None,
        typer.Option(envvar="DEBATE_COOKIES_FILE", help="Cookies for links, in Netscape format as yt-dlp reads them."),
    ] = None,
    proxy_file: Annotated[
        Path | None,
        typer.Option(
            envvar="DEBATE_PROXY_FILE", help="A file with the proxy for links: http://user:password@host:port."
        ),
    ] = None,
    cache: CacheOption = Path(DEFAULT_CACHE),
) -> None:
    """Run a debate's steps, or go on where an earlier run was stopped. What is done already is not done again."""
    stop = StopFlag()
    stop_on_signals(stop, _last_words_of_a_hard_stop)
    cache = cache.expanduser()
    with typed_errors():
        manifest = DebateJob.from_yaml(_read(job))
        steps = steps_to_run(manifest, step)
        shard, shards = parse_shard(window_shard)
        name = manifest.job_id
        logs.configure(job=name)
        links = LinkSettings(
            max_seconds=link_max_seconds,
            max_bytes=link_max_bytes,
            timeout_seconds=link_timeout_seconds,
            allowed_hosts=hosts(link_hosts),
            allowed_networks=networks(link_networks),
            cookies_file=cookies_file,
            proxy=proxy(proxy_file),
        )
        target = open_store(store)
        fallback = fallback_of(one_of("--models-fallback", models_fallback, FALLBACKS), cache)
        catalog = ModelCatalog.open(models or str(cache / "models"), fallback) if needs_models(manifest) else None
    with ExitStack() as closing:
        scratch = _scratch(cache, closing)
        progress = closing.enter_context(reporters(Console(stderr=True), shard))
        context = Context(
            job=manifest,
            job_id=name,
            store=target,
            catalog=catalog,
            settings=Settings(
                cache=cache,
                window_seconds=window_seconds,
                overlap_seconds=overlap_seconds,
                device=device,
                links=links,
            ),
            base=job.resolve().parent,
            scratch=scratch,
            progress=progress,
            stop=stop,
        )
        result = run_steps(context, steps, shard, shards)
    if result.exit_code:
        structlog.get_logger().error(result.message, reason=result.reason)
    sys.exit(result.exit_code)


@app.command()
def fetch_models(
    to: Annotated[
        str,
        typer.Option(
            "--to", envvar="DEBATE_MODELS", help="Folder or s3://bucket/prefix/models that will hold the models."
        ),
    ],
    transcription: Annotated[
        list[str] | None,
        typer.Option("--transcription", help="A Whisper model: faster-whisper's name or owner/name; may be repeated."),
    ] = None,
    diarization: Annotated[
        str | None, typer.Option("--diarization", help="The pyannote pipeline, owner/name; default: community-1.")
    ] = None,
    keep: Annotated[
        bool,
        typer.Option(
            "--keep", help="Leave a model that is there whole at its commit, and do not ask the hub about it."
        ),
    ] = False,
    check: Annotated[
        bool,
        typer.Option("--check", help="Fetch nothing: say whether the hub would give them, its terms being accepted."),
    ] = False,
) -> None:
    """Fetch models from the Hugging Face hub: by default large-v3-turbo and pyannote's community-1.

    Each is taken at the commit that the hub has now, in the place of an older one. Debates that are between prepare
    and analyze then end with exit code 14, and finished ones that are run again are analyzed anew.

    The token comes from HF_TOKEN, HF_TOKEN_FILE or `hf auth login`, never from an argument.
    """
    let_signals_in()
    # Here, because the hub's client takes a second to import, and no step needs it.
    from debate_worker.models.fetch import DEFAULT_DIARIZATION, DEFAULT_TRANSCRIPTION, FetchProgress, check_models
    from debate_worker.models.fetch import fetch_models as fetch
    from debate_worker.models.hub import Hub

    logs.configure()
    names = transcription or [DEFAULT_TRANSCRIPTION]
    pipeline = diarization or DEFAULT_DIARIZATION
    if check:
        with typed_errors():
            for line in check_models(to, transcription=names, diarization=pipeline, hub=Hub.from_environment()):
                typer.echo(line)
        return
    with typed_errors(), reporter(Console(stderr=True)) as bars:

        def show(progress: FetchProgress) -> None:
            bars.update(progress.model, progress.done_bytes, progress.total_bytes, progress.step)

        fetch(
            to,
            transcription=names,
            diarization=pipeline,
            hub=Hub.from_environment(),
            progress=show,
            keep=keep,
        )
    typer.echo(f"The models are in {to}: use them with `--models {to}`")


@app.command()
def delete(
    job_id: Annotated[str, typer.Option("--job-id", help="The job whose outputs are deleted.")],
    store: StoreOption,
    owner_uid: Annotated[
        str | None, typer.Option("--owner-uid", help="Delete nothing unless the DebateJob of this uid claimed the id.")
    ] = None,
) -> None:
    """Delete everything of one job: media, transcripts, work, statistics. Only a bucket with versions can undo it."""
    let_signals_in()
    logs.configure()
    with typed_errors():
        count = delete_job(open_store(store), check_job_id(job_id), owner_uid=owner_uid)
    typer.echo(f"{count} objects of {job_id} deleted; the next `debate-stats run` takes it off the page's list")


@app.command()
def undelete(
    job_id: Annotated[str, typer.Option("--job-id", help="The job that was deleted.")],
    store: StoreOption,
    since: Annotated[
        datetime | None,
        typer.Option(
            help="What was deleted from then on, UTC: 2026-11-26 or 2026-11-26T05:00:00. Default: an hour before the "
            "end of the last delete; one that was interrupted, and run again later, needs its first start here."
        ),
    ] = None,
) -> None:
    """Bring back a deleted job, all but its statistics, from a bucket that keeps versions.

    It needs s3:ListBucketVersions and s3:DeleteObjectVersion, which workers do not have: use your own credentials.
    """
    let_signals_in()
    logs.configure()
    with typed_errors():
        count = undelete_job(open_store(store), job_id, since=since and since.replace(tzinfo=UTC))
    if not count:
        raise InvalidJob(
            f"there is nothing of {job_id} to bring back: is the bucket versioned, and --since early enough?"
        )
    typer.echo(f"{count} objects of {job_id} are back; the next `debate-stats run` shows it again, if it was public")


def one_of(option: str, value: str, known: Sequence[str]) -> str:
    """`value`, if it is among those; raises InvalidJob."""
    if value not in known:
        raise InvalidJob(f"{option} {value}: it is one of {', '.join(known)}")
    return value


def parse_shard(text: str) -> tuple[int, int]:
    """`I/N` with 0 <= I < N; raises InvalidJob."""
    index, slash, count = text.partition("/")
    if not (slash and index.isdecimal() and count.isdecimal() and int(index) < int(count)):
        raise InvalidJob(f"--window-shard {text}: it is I/N with I from 0 to N - 1, such as 0/2")
    return int(index), int(count)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidJob(f"{path} cannot be read: {error}") from error


def _scratch(cache: Path, closing: ExitStack) -> Path:
    """A folder of this run. Raises Misconfigured."""
    try:
        return closing.enter_context(own_folder(cache, "run-"))
    except OSError as error:
        raise Misconfigured(
            f"the folder {cache} cannot be used ({error.strerror}): name another one with --cache"
        ) from error


def _last_words_of_a_hard_stop() -> None:
    leave_last_words(interrupted(_asked_step()))
    Console(stderr=True).show_cursor()  # which progress bars hide


def _asked_step() -> str:
    """The step that the command line names, also one that cannot be read; `run` where it names none."""
    words = [part for word in sys.argv[1:] for part in word.split("=", 1)]
    named = words[words.index("--step") + 1 :] if "--step" in words else []
    return named[0] if named else os.environ.get("DEBATE_STEP") or "run"


def main() -> NoReturn:
    """Entry point: every end has the exit code of DESIGN 6 and leaves a result, a wrong command line too."""
    logs.configure()
    log = structlog.get_logger()
    try:
        code = app(standalone_mode=False)
        if code != _CTRL_C_CODE:
            sys.exit(code or ExitCode.DONE)
        result = interrupted(_asked_step())
    except typer.exceptions.TyperException as error:
        show = getattr(error, "show", None)  # a usage error's prints the command's usage and the mistake
        show() if show else typer.echo(f"error: {error}", err=True)
        result = failure(InvalidJob(error.format_message()), _asked_step())
    except StepError as error:
        result = failure(error, _asked_step())
        log.error(result.message)
    except Exception:
        log.exception("this is a bug in Debate Analyzer, please report it")
        result = bug(_asked_step())
    leave_last_words(result)
    sys.exit(result.exit_code)


if __name__ == "__main__":
    main()
