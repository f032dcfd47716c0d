"""A link's media as local files: asks the downloading process, minds the clock; the sound alone is essential."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

from debate_core.documents.debatejob import DebateJobSpec
from debate_core.errors import MediaUndecodable, SourceBusy, SourceUnavailable
from debate_worker.prepare.links.deciding import SEND_THE_FILE, Found
from debate_worker.prepare.links.guard import check_link, stay_outside
from debate_worker.prepare.links.muxing import is_misnamed, join
from debate_worker.prepare.links.settings import LinkSettings
from debate_worker.prepare.links.tasks import Picture, Probe, Sound, Subtitles, Task
from debate_worker.processes import ChildCrashed, ChildProcess, Handler

POLL_S = 0.5
SOUND_SHARE = 0.4
"""Of the time that downloading takes, where a picture is wanted too."""

Load = Callable[[LinkSettings, Path], Handler]


@dataclass(slots=True)
class Fetched:
    """What came. path: sound, and picture where there is one. subtitles: by language. warnings: for the report."""

    found: Found
    path: Path
    subtitles: dict[str, Path] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)


def load_fetcher(settings: LinkSettings, folder: Path) -> Handler:
    """In the child: close the door, then load yt-dlp. deno runs a site's scripts for it, without any rights."""
    from deno import find_deno_bin

    from debate_worker.prepare.links.fetching import LinkFetcher

    stay_outside(settings, programs=[find_deno_bin()])
    return LinkFetcher(settings, folder)


def fetch_link(
    spec: DebateJobSpec,
    settings: LinkSettings,
    folder: Path,
    progress: Callable[[float, float | None], None],
    load: Load = load_fetcher,
) -> Fetched:
    """Look at spec.source.url, refuse or download it into `folder`, an existing one.

    progress: told the share done, 0 to 1, and the video's stated seconds; called at least every POLL_S, it may raise to
    stop. load: makes the fetcher in its process.
    Raises InvalidJob, SourceUnavailable, SourceBusy, Misconfigured.
    """
    url, wanted = spec.source.url, spec.download
    assert url is not None
    check_link(url, settings)
    deadline = time.monotonic() + settings.timeout_seconds
    process = ChildProcess("download", partial(load, settings, folder))
    seconds: float | None = None

    def ask(task: Task, low: float, high: float) -> Any:
        return _ask(process, task, deadline, lambda share: progress(low + (high - low) * share, seconds))

    try:
        found: Found = ask(Probe(url, spec.language, wanted.max_height), 0.0, 0.0)
        seconds = found.duration_seconds
        apart = wanted.video and not found.has_picture
        share = SOUND_SHARE if apart else 1.0
        sound: Path = ask(Sound(), 0.0, share)
        fetched = Fetched(found, sound)
        for language in found.subtitles if wanted.subtitles else ():
            path = _optional(fetched, f"subtitles in {language}", partial(ask, Subtitles(language), share, share))
            if path is not None:
                fetched.subtitles[language] = path
        if apart:
            picture = _optional(fetched, "video", partial(ask, Picture(), share, 1.0))
            if picture is not None:
                _join(fetched, picture, folder)
        elif is_misnamed(sound):
            _join(fetched, sound, folder)
    except _TookTooLong as error:
        raise SourceBusy(
            f"source.url: downloading took longer than {settings.timeout_seconds:.0f} s (DEBATE_LINK_TIMEOUT_SECONDS); "
            f"it is tried again; {SEND_THE_FILE}"
        ) from error
    finally:
        process.stop()
    return fetched


class _TookTooLong(Exception):
    """The wall clock's limit is reached."""


def _ask(process: ChildProcess, task: Task, deadline: float, progress: Callable[[float], None]) -> Any:
    """The process's answer. Raises what it raised, _TookTooLong, SourceBusy where it died, and what progress raises."""
    process.submit(task)
    share = 0.0
    while True:
        progress(share)
        if time.monotonic() >= deadline:
            raise _TookTooLong
        assert process.connection is not None
        if not wait([process.connection], timeout=POLL_S):
            continue
        try:
            kind, value = process.receive()
        except ChildCrashed as crash:
            raise SourceBusy(f"source.url: {crash}; it is tried again; {SEND_THE_FILE}") from crash
        if kind == "error":
            raise value
        if kind == "result":
            return value
        share = max(share, value)


def _optional(fetched: Fetched, what: str, ask: Callable[[], Any]) -> Any | None:
    """The answer, or None and a warning: the transcript needs neither picture nor subtitles."""
    try:
        return ask()
    except (SourceUnavailable, SourceBusy) as error:
        why = error.message.removeprefix("source.url: ").partition("; ")[0]  # what helps is not needed
        fetched.warnings.append(f"the {what} could not be downloaded: {why}")
    except _TookTooLong:
        fetched.warnings.append(f"the {what} could not be downloaded in time")
    return None


def _join(fetched: Fetched, picture: Path, folder: Path) -> None:
    """Sound and picture in one file that a browser plays; what cannot be joined is left as the sound alone."""
    sound = fetched.path
    try:
        fetched.path = join(sound, picture, folder / "media")
    except MediaUndecodable as error:
        if picture != sound:
            fetched.warnings.append(f"the video could not be joined with the sound: {error.message}")
        fetched.path = sound
        return
    for part in {sound, picture}:
        part.unlink()
