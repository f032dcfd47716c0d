"""yt-dlp in a process of its own: looks at a link, then downloads what was found.

The process can be killed when it takes too long, and connects to nothing but public addresses (guard.py).
"""

from __future__ import annotations

import os
import re
import shutil
import threading
import time
from collections.abc import Callable, Mapping
from http.cookiejar import LoadError
from pathlib import Path
from typing import Any

import structlog
import yt_dlp.globals
from deno import find_deno_bin
from yt_dlp import YoutubeDL
from yt_dlp.cookies import YoutubeDLCookieJar
from yt_dlp.utils import DownloadCancelled, YoutubeDLError

from debate_core.errors import Misconfigured, SourceBusy, SourceUnavailable
from debate_worker.ending import NO_ROOM, scratch_errors
from debate_worker.prepare.links.deciding import SEND_THE_FILE, Found, decide, entries_of, too_large
from debate_worker.prepare.links.errors import causes, typed
from debate_worker.prepare.links.guard import check_page
from debate_worker.prepare.links.settings import LinkSettings
from debate_worker.prepare.links.tasks import Picture, Probe, Sound, Subtitles, Task

Progress = Callable[[float], None]

SOCKET_TIMEOUT_S = 30
RETRIES = 5
LONGEST_SLEEP_S = 20.0
OVER_HTTP = "[protocol~='^(https?|m3u8|http_dash_segments|ism)']"
"""Of a format: what is fetched by requests alone. For others yt-dlp would start a program."""
MAX_SUBTITLES_BYTES = 20_000_000


class _TooLarge(DownloadCancelled):  # type: ignore[misc]  # yt-dlp has no types
    """More bytes came than a job may fetch."""


class LinkFetcher:
    """Answers tasks about one link, one after another: Probe comes first, the others rely on what it found."""

    def __init__(self, settings: LinkSettings, folder: Path) -> None:
        yt_dlp.globals.plugin_dirs.value = []  # code that lies about somewhere is not run
        self._settings = settings
        self._folder = folder
        self._cookies = self._own_cookies()
        self._info: dict[str, Any] = {}
        self._max_height = 0
        self._fetched_bytes = 0

    def __call__(self, task: Task, progress: Progress) -> Found | Path:
        """Do a task; progress is told the share done. Raises StepError."""
        with scratch_errors(self._folder):
            return self._answer(task, progress)

    def _answer(self, task: Task, progress: Progress) -> Found | Path:
        match task:
            case Probe():
                return self.probe(task)
            case Sound():
                return self._download(self._sound_format(), "sound", progress)
            case Picture():
                return self._download(f"bv{OVER_HTTP}[height<=?{self._max_height}]/wv{OVER_HTTP}", "picture", progress)
            case Subtitles():
                return self._subtitles(task.language)

    def probe(self, task: Probe) -> Found:
        """Look, without fetching media. Raises InvalidJob, SourceBusy, SourceUnavailable."""
        self._max_height = task.max_height
        with self._downloader({"format": self._sound_format()}) as ydl:
            info = _asked(lambda: ydl.extract_info(task.url, download=False))
            if info and info.get("_type") in ("playlist", "multi_video") and len(entries_of(info)) == 1:
                (entry,) = entries_of(info)
                info = _asked(lambda: ydl.process_ie_result(dict(entry), download=False))
            if not info:
                raise SourceUnavailable("source.url: no video was found there: give the link of the video's own page")
            self._info = info
        check_page(str(info.get("webpage_url") or ""), self._settings)
        return decide(info, task.language, self._settings, time.time())

    def _sound_format(self) -> str:
        """The best sound alone (yt-dlp prefers the original language), else the best file with both."""
        return f"ba{OVER_HTTP}/b{OVER_HTTP}[height<=?{self._max_height}]/w{OVER_HTTP}"

    def _download(self, wanted: str, name: str, progress: Progress) -> Path:
        before, one_at_a_time = self._fetched_bytes, threading.Lock()

        def count(status: Mapping[str, Any]) -> None:
            done = int(status.get("downloaded_bytes") or 0)
            total = status.get("total_bytes") or status.get("total_bytes_estimate")
            with one_at_a_time:  # fragments come in several threads
                self._fetched_bytes = before + done
                if self._fetched_bytes > self._settings.max_bytes:
                    raise _TooLarge
                if total:
                    progress(min(1.0, done / total))

        with self._downloader({"format": wanted, "progress_hooks": [count]}, name) as ydl:
            try:
                done = _asked(lambda: ydl.process_ie_result(self._copy(ydl), download=True), downloading=True)
            except _TooLarge:
                raise SourceUnavailable(too_large("source.url: what comes", self._settings)) from None
        downloads = done.get("requested_downloads") or []
        return _file(downloads[0].get("filepath") if downloads else None)

    def _subtitles(self, language: str) -> Path:
        options = {
            "skip_download": True,
            "writesubtitles": True,
            "subtitleslangs": [re.escape(language)],  # yt-dlp takes patterns
            "subtitlesformat": "vtt/srt/best",
            "max_filesize": MAX_SUBTITLES_BYTES,
        }
        with self._downloader(options, "subtitles") as ydl:
            done = _asked(lambda: ydl.process_ie_result(self._copy(ydl), download=True), downloading=True)
        written = (done.get("requested_subtitles") or {}).get(language) or {}
        return _file(written.get("filepath"))

    def _copy(self, ydl: YoutubeDL) -> dict[str, Any]:
        """What the probe found, as new: this very video is downloaded, whatever the page says by now."""
        copy: dict[str, Any] = ydl.sanitize_info(self._info, remove_private_keys=True)
        return copy

    def _downloader(self, options: dict[str, Any], name: str = "probe") -> YoutubeDL:
        return YoutubeDL(
            {
                # Names are ours, never the site's. A literal % would be a field of yt-dlp's template.
                "outtmpl": {"default": f"{str(self._folder).replace('%', '%%')}/{name}.%(ext)s"},
                "allowed_extractors": ["default"],
                "ignore_no_formats_error": True,  # else an upcoming stream is an error before it can be looked at
                "noplaylist": True,
                "playlist_items": "1:2",  # two are enough to see that it is a list
                "extract_flat": "in_playlist",
                # The original language before all else; of equal pictures the one that every browser plays.
                "format_sort": ["lang", "res", "fps", "vcodec:avc"],
                "retries": RETRIES,
                "fragment_retries": RETRIES,
                "extractor_retries": 2,
                "retry_sleep_functions": dict.fromkeys(("http", "fragment", "file_access", "extractor"), _sleep),
                "socket_timeout": SOCKET_TIMEOUT_S,
                "skip_unavailable_fragments": False,  # a hole in the sound would pass unseen
                "concurrent_fragment_downloads": 4,
                "js_runtimes": {"deno": {"path": find_deno_bin()}},
                "external_downloader": {"default": "native"},
                "hls_prefer_native": True,
                "fixup": "never",
                "cachedir": False,
                "updatetime": False,
                "cookiefile": str(self._cookies) if self._cookies else None,
                "proxy": self._settings.proxy,
                # Where the machine has certificates of its own; yt-dlp would take certifi's.
                "compat_opts": {"no-certifi"} if os.environ.get("SSL_CERT_FILE") else set(),
                "logger": _Log(self._settings),
                "quiet": True,
                "noprogress": True,
                "color": "never",
            }
            | options
        )

    def _own_cookies(self) -> Path | None:
        """A copy: yt-dlp writes back what the site changes, and a secret's file is read-only."""
        given = self._settings.cookies_file
        if given is None:
            return None
        copy = self._folder / "cookies.txt"
        try:
            copy.touch(mode=0o600)
            shutil.copyfile(given, copy)
            YoutubeDLCookieJar(str(copy)).load()
        except LoadError as error:  # an OSError, too
            raise Misconfigured("DEBATE_COOKIES_FILE is not in Netscape format: export it again for yt-dlp") from error
        except OSError as error:
            raise Misconfigured(f"DEBATE_COOKIES_FILE={given} cannot be read ({error.strerror})") from error
        return copy


class _Log:
    """yt-dlp's words in our log, without secrets. Its errors are raised too, and told once."""

    def __init__(self, settings: LinkSettings) -> None:
        self._log = structlog.get_logger()
        self._secret = settings.proxy

    def debug(self, message: str) -> None:
        self._log.debug(self._clean(message))

    def warning(self, message: str) -> None:
        self._log.info(f"yt-dlp: {self._clean(message)}")

    def error(self, message: str) -> None:
        self._log.debug(self._clean(message))

    def _clean(self, message: str) -> str:
        return message.replace(self._secret, "(the proxy)") if self._secret else message


def _file(name: str | None) -> Path:
    """What was downloaded; raises SourceBusy where that is nothing."""
    if not name or not Path(name).is_file() or not Path(name).stat().st_size:
        raise SourceBusy(f"source.url: the site sent nothing; it is tried again; {SEND_THE_FILE}")
    return Path(name)


def _asked(question: Callable[[], Any], *, downloading: bool = False) -> Any:
    """yt-dlp's answer. Raises StepError, and the OSError of a full disk."""
    try:
        return question()
    except DownloadCancelled:
        raise
    except YoutubeDLError as error:
        for cause in causes(error):
            if isinstance(cause, OSError) and cause.errno in NO_ROOM:
                raise cause from None
        raise typed(error, downloading=downloading) from error


def _sleep(n: int) -> float:
    """Seconds before a request is sent again; yt-dlp gives the number of tries by this name."""
    return min(2.0**n, LONGEST_SLEEP_S)
