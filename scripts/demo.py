"""`make demo`: one video through every step on this machine, then the page. Its settings come from the environment."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

import yaml
from rich.console import Console
from rich.table import Table

from debate_core import keys
from debate_core.documents.base import InvalidDocument
from debate_core.documents.debatejob import API_VERSION, KIND
from debate_core.documents.manifest import ManifestEntry
from debate_core.documents.models_index import ModelsIndex
from debate_core.documents.statistics import DebateStatistics
from debate_core.ids import slug
from debate_core.reasons import ExitCode

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "examples" / "sample-debate.mp4"
SAMPLE_JOB = ROOT / "examples" / "sample-debate.yaml"
DEMO_MODELS = ROOT / "examples" / "models"
DEFAULT_MODEL = "large-v3-turbo"
COMMANDS = Path(sys.executable).parent
HOST = "127.0.0.1"
JOB_NAME_MAX = 43  # of metadata.name in a DebateJob
STOPPED = 130  # what a shell reports for Ctrl-C
HEARD_WITHIN_S = 3  # a signal to this process alone has not reached the command: then it is told


class DemoError(Exception):
    """The demo cannot go on; the message is one sentence for a person."""


class CommandFailed(Exception):
    """A command ended with an error that it has already explained."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Stopped(Exception):
    """Ctrl-C, or SIGTERM."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the user asked for. models: a folder, or the name of a model on the hub, or None for the default."""

    source: Path
    models: Path | str | None
    store: Path
    serve: bool
    port: int
    cache: Path

    @property
    def is_sample(self) -> bool:
        return self.source == SAMPLE


def read_settings(environment: Mapping[str, str]) -> Settings:
    """The settings, checked before anything heavy starts; raises DemoError for one that cannot be meant."""
    # `make -C` leaves the shell's folder in PWD; where that has no such file, the repository's own folder counts.
    bases = (Path(environment.get("CALLED_FROM") or ROOT), ROOT)
    source = _located(environment.get("SOURCE") or str(SAMPLE), bases)
    if source.is_dir():
        raise DemoError(f"SOURCE={source} is a folder: name one video or audio file.")
    if not source.is_file():
        raise DemoError(f"SOURCE={source} does not exist: name a video or audio file on this machine.")
    if not str(source).isprintable():
        raise DemoError("The name of SOURCE holds characters that cannot be printed: rename the file.")
    store = environment.get("DEMO_STORE") or "demo-store"
    if "://" in store:
        raise DemoError(f"DEMO_STORE={store}: DEMO_STORE is a folder on this machine.")
    port = environment.get("PORT") or "8080"
    if not port.isascii() or not port.isdigit() or not 1 <= int(port) <= 65535:
        raise DemoError(f"PORT={port} is no port: give a number from 1 to 65535.")
    return Settings(
        source=SAMPLE if source == SAMPLE.resolve() else source,
        models=_models(environment.get("MODELS") or "", bases),
        store=ROOT / Path(store).expanduser(),
        serve=environment.get("DEMO_SERVE") != "0",
        port=int(port),
        cache=Path(environment.get("DEBATE_CACHE") or Path.home() / ".cache" / "debate-analyzer").expanduser(),
    )


def _located(name: str, bases: tuple[Path, ...]) -> Path:
    candidates = [base / Path(name).expanduser() for base in bases]
    return next((path for path in candidates if path.exists()), candidates[0]).resolve()


def _models(value: str, bases: tuple[Path, ...]) -> Path | str | None:
    if not value:
        return None
    folder = _located(value, bases)
    if folder.is_dir():
        return folder
    if value.startswith((".", "/", "~")) or value.count("/") > 1:
        raise DemoError(f"MODELS={value} does not exist: name a folder with models, or a model of the hub.")
    return value


def job_name(source: Path) -> str:
    """The DebateJob's metadata.name for a file: at most 43 of a-z, 0-9 and '-', never empty."""
    return re.sub(r"[^a-z0-9]+", "-", slug(source.stem))[:JOB_NAME_MAX].strip("-")


def manifest(source: Path, model: str) -> str:
    """A DebateJob (YAML) for a file on this machine."""
    return yaml.safe_dump(
        {
            "apiVersion": API_VERSION,
            "kind": KIND,
            "metadata": {"name": job_name(source)},
            "spec": {"source": {"file": str(source)}, "transcription": {"model": model}},
        },
        allow_unicode=True,
        sort_keys=False,
    )


def read_index(folder: Path) -> ModelsIndex:
    """The index of a folder with models; raises DemoError where there is none."""
    path = folder / "index.json"
    try:
        return ModelsIndex.from_json(path.read_bytes())
    except OSError as error:
        raise DemoError(
            f"{folder} holds no models that can be used: it has no index.json (`debate-worker fetch-models --to "
            f"{folder}` makes such a folder)."
        ) from error
    except InvalidDocument as error:
        raise DemoError(f"{path} cannot be read: {error}.") from error


def transcription_model(index: ModelsIndex, folder: Path) -> str:
    """The default model where the folder has it, else the folder's first; raises DemoError where it has none."""
    entry = index.find("transcription", DEFAULT_MODEL) or index.find("transcription", None)
    if entry is None:
        raise DemoError(f"{folder} holds no transcription model.")
    return entry.name


def run(command: str, *arguments: str | Path) -> None:
    """Run one of our commands in the foreground; raises CommandFailed or Stopped."""
    with subprocess.Popen([COMMANDS / command, *arguments], cwd=ROOT) as process:
        try:
            code = process.wait()
        except KeyboardInterrupt as interrupt:
            _let_end(process)
            raise Stopped from interrupt
    if code in (ExitCode.INTERRUPTED, -signal.SIGINT, -signal.SIGTERM):
        raise Stopped
    if code:
        raise CommandFailed(code)


def _let_end(process: subprocess.Popen[bytes]) -> None:
    """Wait for a command that keeps what it has done; a second Ctrl-C ends it at once."""
    try:
        with suppress(subprocess.TimeoutExpired):
            process.wait(HEARD_WITHIN_S)  # Ctrl-C on a terminal has reached it too
            return
        process.terminate()
        process.wait()
    except KeyboardInterrupt:
        process.kill()
        process.wait()


def port_is_free(port: int) -> bool:
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def show(console: Console, store: Path, job_id: str) -> None:
    """The table: who spoke, how long, how many words; then where the files are."""
    statistics = DebateStatistics.from_json((store / keys.STAT_BY_JOB.key(job_id=job_id)).read_bytes())
    entry = ManifestEntry.from_json((store / keys.MANIFEST.key(job_id=job_id)).read_bytes())
    table = Table(title=statistics.title, title_justify="left")
    for heading in ("Speaker", "Minutes", "Share", "Words"):
        table.add_column(heading, justify="left" if heading == "Speaker" else "right")
    for speaker in statistics.speakers:
        share = "" if speaker.share_of_speech is None else f"{speaker.share_of_speech:.0%}"
        table.add_row(
            speaker.name or speaker.label, f"{speaker.speaking_seconds / 60:.1f}", share, f"{speaker.words:,}"
        )
    totals = statistics.totals
    table.add_section()
    table.add_row(
        f"{totals.speakers} speakers in {totals.duration_seconds / 60:.1f} min",
        f"{totals.speech_seconds / 60:.1f}",
        "",
        f"{totals.words:,}",
    )
    console.print()
    console.print(table)
    documents = [key for key in entry.documents.model_dump().values() if key]
    console.print("The files:", soft_wrap=True)
    for path in sorted(store / key for key in documents):
        console.print(f"  {path}", soft_wrap=True, highlight=False, markup=False)


def prepare_models(settings: Settings) -> tuple[Path, str]:
    """The folder with the models and the name of the one that transcribes; fetches them where they are not here."""
    if settings.models is None and settings.is_sample:
        folder = DEMO_MODELS
    elif isinstance(settings.models, Path):
        folder = settings.models
    else:
        name = settings.models or DEFAULT_MODEL
        folder = settings.cache / "models"
        if not _holds(folder, name):
            run("debate-worker", "fetch-models", "--to", folder, "--transcription", name)
        return folder, name
    return folder, transcription_model(read_index(folder), folder)


def _holds(folder: Path, name: str) -> bool:
    if not (folder / "index.json").is_file():
        return False
    index = read_index(folder)
    return index.find("transcription", name) is not None and index.find("diarization", None) is not None


def demo(settings: Settings, console: Console) -> None:
    """All steps for one video, the table, the page."""
    if settings.serve and not port_is_free(settings.port):
        raise DemoError(f"Port {settings.port} is in use: choose another one, such as make demo PORT=8090.")
    began = time.monotonic()
    models, model = prepare_models(settings)
    with tempfile.TemporaryDirectory() as scratch:
        job = Path(scratch) / "debatejob.yaml"
        if settings.is_sample and settings.models is None:
            job = SAMPLE_JOB
        else:
            job.write_text(manifest(settings.source, model), encoding="utf-8")
        try:
            run("debate-worker", "run", "--job", job, "--store", settings.store, "--models", models)
        except CommandFailed as failure:
            claim = settings.store / keys.OWNER.key(job_id=job_name(settings.source))
            if failure.code == ExitCode.INVALID_JOB and claim.exists():
                raise DemoError(
                    f"{settings.store} holds the results of another file of this name: rename this one, delete that "
                    "folder, or name another with DEMO_STORE=<folder>."
                ) from failure
            raise
    run("debate-stats", "run", "--store", settings.store)
    show(console, settings.store, job_name(settings.source))
    console.print(f"\nDone in {time.monotonic() - began:.0f} s.", highlight=False)
    index = read_index(models)
    for entry in (index.find("transcription", model), index.find("diarization", None)):
        if entry and entry.notice:
            console.print(f"{entry.name}: {entry.notice}", soft_wrap=True, highlight=False, markup=False)
    if settings.serve:
        console.print("Ctrl-C ends the page's server.")
        with suppress(Stopped):
            run("debate-stats", "serve", "--store", settings.store, "--host", HOST, "--port", str(settings.port))


def main() -> int:
    console = Console()
    errors = Console(stderr=True)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell starts background jobs with SIGINT ignored
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        demo(read_settings(os.environ), console)
    except DemoError as error:
        errors.print(str(error), soft_wrap=True, highlight=False, markup=False)
        return 1
    except CommandFailed as failure:
        return failure.code
    except (Stopped, KeyboardInterrupt):
        errors.print("\nStopped. The same command again goes on from here.", highlight=False)
        return STOPPED
    return 0


if __name__ == "__main__":
    sys.exit(main())
