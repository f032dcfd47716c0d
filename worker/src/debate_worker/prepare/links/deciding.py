"""What to do with what a link leads to, before a byte of it is fetched. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from debate_core.errors import InvalidJob, SourceBusy, SourceUnavailable
from debate_worker.prepare.links.settings import LinkSettings

SEND_THE_FILE = (
    "send the file instead: put it into a bucket and name it in source.object "
    "(debate-worker on your own machine takes source.file, too)"
)
LIVE_AGAIN_S = 900.0
"""When to look again whether a stream is over."""
LONGEST_WAIT_S = 86_400.0
MAX_TITLE = 300
SUBTITLES_OF_UNKNOWN_LANGUAGE = 5


@dataclass(frozen=True, slots=True)
class Found:
    """One video behind a link, fit to be downloaded.

    id, title: the site's own. page: where it can be seen. duration_seconds: as the site states it.
    language: of the sound that was chosen. has_picture: the chosen sound comes with the video in one file.
    subtitles: languages of those that people made, of the wanted ones.
    """

    id: str
    title: str
    page: str
    extractor: str
    duration_seconds: float | None
    language: str | None
    has_picture: bool
    subtitles: tuple[str, ...]


def decide(info: Mapping[str, Any], language: str, settings: LinkSettings, now: float) -> Found:
    """Take or refuse what yt-dlp found: an info dict of a probe, with the sound's format chosen.

    language: the job's, or auto. now: seconds of Unix time.
    Raises InvalidJob (a playlist), SourceBusy (not over yet), SourceUnavailable (too long, too large, no format).
    """
    if info.get("_type", "video") != "video":
        raise InvalidJob("source.url leads to a list of several videos: give the link of one")
    _refuse_unfinished(info, now)
    if not info.get("url") and not info.get("fragments"):
        why = "it is protected (DRM)" if _all_protected(info) else "no file of it is offered"
        raise SourceUnavailable(f"{_named(info)} cannot be downloaded, {why}: {SEND_THE_FILE}")
    duration = _number(info.get("duration"))
    if duration is not None and duration > settings.max_seconds:
        raise SourceUnavailable(too_long(_named(info), duration, settings))
    size = _number(info.get("filesize")) or _number(info.get("filesize_approx"))
    if size is not None and size > settings.max_bytes:
        raise SourceUnavailable(too_large(_named(info), settings))
    return Found(
        id=str(info["id"]),
        title=_plain(info.get("title") or str(info["id"])),
        page=str(info.get("webpage_url") or ""),
        extractor=str(info.get("extractor_key") or info.get("extractor") or "unknown"),
        duration_seconds=duration,
        language=_text(info.get("language")),
        has_picture=info.get("vcodec") not in (None, "none") or _looks_like_video(info),
        subtitles=_subtitles(info, language),
    )


def too_long(what: str, seconds: float, settings: LinkSettings) -> str:
    return (
        f"{what} lasts {_hours(seconds)}, longer than the {_hours(settings.max_seconds)} that are allowed "
        "(DEBATE_LINK_MAX_SECONDS): cut it, or raise the limit"
    )


def too_large(what: str, settings: LinkSettings) -> str:
    return (
        f"{what} is larger than the {settings.max_bytes / 1e9:.1f} GB that are allowed (DEBATE_LINK_MAX_BYTES): "
        "send a smaller file, or raise the limit"
    )


def _refuse_unfinished(info: Mapping[str, Any], now: float) -> None:
    status = info.get("live_status") or ("is_live" if info.get("is_live") else None)
    if status == "is_upcoming":
        release = _number(info.get("release_timestamp"))
        wait = LIVE_AGAIN_S if release is None else min(max(release - now, 60.0), LONGEST_WAIT_S)
        raise SourceBusy(
            f"{_named(info)} has not begun yet: it is tried again after its start", retry_after_seconds=wait
        )
    if status in ("is_live", "post_live"):
        state = "is live" if status == "is_live" else "is over, but not whole on the site yet"
        raise SourceBusy(f"{_named(info)} {state}: it is tried again later", retry_after_seconds=LIVE_AGAIN_S)


def _all_protected(info: Mapping[str, Any]) -> bool:
    formats = info.get("formats") or []
    return bool(info.get("_has_drm") or info.get("has_drm") or (formats and all(f.get("has_drm") for f in formats)))


def _looks_like_video(info: Mapping[str, Any]) -> bool:
    """A direct link has no codecs; its extension is all that is known."""
    return info.get("vcodec") is None and info.get("ext") in ("mp4", "webm", "mkv", "mov", "avi", "flv", "ts", "mpg")


def _subtitles(info: Mapping[str, Any], language: str) -> tuple[str, ...]:
    offered = sorted(code for code in info.get("subtitles") or {} if code != "live_chat")
    wanted = language if language != "auto" else _text(info.get("language"))
    if wanted is None:
        return tuple(offered[:SUBTITLES_OF_UNKNOWN_LANGUAGE])
    base = wanted.partition("-")[0].lower()
    return tuple(code for code in offered if code.partition("-")[0].lower() == base)


def _named(info: Mapping[str, Any]) -> str:
    title = _plain(info.get("title") or info.get("id") or "")
    return f"the video “{title}”" if title else "the video"


def _plain(text: Any) -> str:
    """A site's text as one line without control characters."""
    kept = "".join(" " if unicodedata.category(char)[0] in "CZ" else char for char in str(text))
    return " ".join(kept.split())[:MAX_TITLE]


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and value > 0 else None


def _hours(seconds: float) -> str:
    return f"{seconds / 3600:.1f} h" if seconds >= 3600 else f"{seconds / 60:.0f} min"


def entries_of(info: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The first entries of a playlist; a page with one video may come as a list of one."""
    return [entry for entry in info.get("entries") or [] if entry]
