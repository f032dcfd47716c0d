"""yt-dlp's errors as ours: the one table of what they mean for a job, and what to do.

Final (exit 11): the source is gone, private or refuses. Busy (exit 12): it may answer later. Misconfigured (exit 14):
the cookies or the proxy are wrong. What is not in the table is busy, for a site's passing trouble and a site's change
look alike: it is tried again until spec.deadlines.retrySeconds, and the message says what helps meanwhile.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

from yt_dlp.networking.exceptions import CertificateVerifyError, HTTPError, ProxyError
from yt_dlp.utils import ContentTooShortError, GeoRestrictedError, UnavailableVideoError, UnsupportedError

from debate_core.errors import Misconfigured, SourceBusy, SourceUnavailable, StepError
from debate_worker.prepare.links.deciding import LONGEST_WAIT_S, SEND_THE_FILE
from debate_worker.prepare.links.guard import AddressRefused

Kind = type[StepError]

COOKIES: Final = "give the worker the cookies of somebody who may see it (download.cookiesSecret, DEBATE_COOKIES_FILE)"
PAGE: Final = "give the link of the video's own page or file"
PROXY: Final = "a proxy elsewhere may help (download.proxySecret, DEBATE_PROXY_FILE)"

_NO_SUCH_HOST: Final = (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME))

CLASSES: Final[tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], Kind, str, str], ...]] = (
    (GeoRestrictedError, SourceUnavailable, "the site refuses it where the worker runs", PROXY),
    (UnsupportedError, SourceUnavailable, "no video was found there", PAGE),
    (CertificateVerifyError, SourceUnavailable, "the site's certificate is not valid", "check the link"),
    (ProxyError, SourceBusy, "the proxy does not answer", "check the address in DEBATE_PROXY_FILE"),
    ((ContentTooShortError, UnavailableVideoError), SourceBusy, "the download broke off", ""),
)
"""Looked at first, beside the HTTP status."""

MESSAGES: Final[tuple[tuple[str, Kind, str, str], ...]] = (
    # yt-dlp's words, how the step ends, what it means, what helps
    (r"not a bot|unusual traffic|captcha", SourceBusy, "the site takes the worker for a robot", f"{COOKIES}; {PROXY}"),
    (r"rate.?limit|too many requests|try again later|temporarily unavailable", SourceBusy,
     "the site wants fewer requests", ""),
    (r"live event will begin|premieres in|premiere will begin|not started yet", SourceBusy, "it has not begun yet", ""),
    (r"confirm your age|age.restricted|inappropriate for some users", SourceUnavailable,
     "the site wants to know the viewer's age", COOKIES),
    (r"members.only|join this channel|subscriber|premium|requires payment|purchase|rental", SourceUnavailable,
     "it is for members alone", COOKIES),
    (r"private|log ?in|logged.in|sign in|registered users|--cookies|password", SourceUnavailable,
     "it is private, or wants a login", COOKIES),
    (r"in your (country|location|region)|geo.?restrict|geo.?block", SourceUnavailable,
     "the site refuses it where the worker runs", PROXY),
    (r"no connection adapters|unsupported url scheme", SourceUnavailable, "it leads to what is not http(s)",
     "check the link"),
    (r"\bDRM\b", SourceUnavailable, "it is protected (DRM)", ""),
    (r"removed|deleted|terminated|no longer available|video (is )?(unavailable|not available)|does not exist|not found",
     SourceUnavailable, "the site has it no more", "check the link"),
    (r"unsupported url|no video formats|no suitable extractor|no media found|no video (could be )?found",
     SourceUnavailable, "no video was found there", PAGE),
    (r"extension .* is unusual", SourceUnavailable, "what is there is no media file", PAGE),
    (r"requested format is not available", SourceUnavailable, "no sound of it is offered", ""),
)  # fmt: skip
"""Looked at in this order, without regard to case, after error classes and HTTP status."""

STATUS: Final[dict[int, tuple[Kind, str, str]]] = {
    401: (SourceUnavailable, "it wants a login (HTTP 401)", COOKIES),
    402: (SourceUnavailable, "it wants to be paid for (HTTP 402)", COOKIES),
    403: (SourceUnavailable, "the site refuses it (HTTP 403)", f"{COOKIES}; {PROXY}"),
    404: (SourceUnavailable, "it is not there (HTTP 404)", "check the link"),
    407: (Misconfigured, "the proxy refuses its user (HTTP 407)", "check the user and password in DEBATE_PROXY_FILE"),
    408: (SourceBusy, "the site was too slow (HTTP 408)", ""),
    410: (SourceUnavailable, "the site has it no more (HTTP 410)", "check the link"),
    425: (SourceBusy, "the site wants it later (HTTP 425)", ""),
    429: (SourceBusy, "the site wants fewer requests (HTTP 429)", PROXY),
    451: (SourceUnavailable, "the law forbids it there (HTTP 451)", PROXY),
}


def typed(error: BaseException, *, downloading: bool, now: datetime | None = None) -> StepError:
    """The StepError for what yt-dlp raised. downloading: the video was found, and fetching it failed."""
    behind = list(causes(error))
    if refused := next((cause for cause in behind if isinstance(cause, AddressRefused)), None):
        return SourceUnavailable(f"the link leads to an address that links must not reach ({refused}): check the link")
    for cause in behind:
        if isinstance(cause, HTTPError):
            return _of_status(cause, downloading=downloading, now=now or datetime.now(UTC))
        for kinds, kind, meaning, advice in CLASSES:
            if isinstance(cause, kinds):
                return _told(kind, meaning, advice)
        if isinstance(cause, socket.gaierror) and cause.errno in _NO_SUCH_HOST:
            return _told(SourceUnavailable, "there is no host of that name", "check the link")
    text = str(error)
    for words, kind, meaning, advice in MESSAGES:
        if re.search(words, text, re.IGNORECASE):
            return _told(kind, meaning, advice)
    return _told(SourceBusy, f"the site could not be read ({_short(text)})", "")


def _of_status(error: HTTPError, *, downloading: bool, now: datetime) -> StepError:
    kind, meaning, advice = STATUS.get(error.status, (SourceUnavailable, f"the site refuses it ({error.status})", ""))
    if error.status >= 500 or (downloading and error.status == 403):
        # A link to the file itself lives for some hours and for one address: a new look may bring a new one.
        kind, meaning, advice = SourceBusy, f"the site does not deliver it now (HTTP {error.status})", ""
    return _told(kind, meaning, advice, _retry_after(error, now) if kind is SourceBusy else None)


def _told(kind: Kind, meaning: str, advice: str, retry_after_seconds: float | None = None) -> StepError:
    helps = "; or ".join(part for part in (advice, SEND_THE_FILE) if part)
    again = "; it is tried again" if kind is SourceBusy else ""
    return kind(f"source.url: {meaning}{again}; {helps}", retry_after_seconds=retry_after_seconds)


def _retry_after(error: HTTPError, now: datetime) -> float | None:
    """Seconds, from the header of that name: a number, or a date (RFC 9110, 10.2.3)."""
    value = str(error.response.headers.get("Retry-After") or "")
    if value.isdecimal():
        return min(float(value), LONGEST_WAIT_S)
    try:
        seconds = (parsedate_to_datetime(value) - now).total_seconds()
    except (TypeError, ValueError):
        return None
    return min(max(seconds, 0.0), LONGEST_WAIT_S)


def causes(error: BaseException) -> Iterator[BaseException]:
    """The error and all that is behind it, by every way in which yt-dlp and its libraries keep it."""
    waiting: list[Any] = [error]
    seen: set[int] = set()
    while waiting:
        one = waiting.pop(0)
        if not isinstance(one, BaseException) or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        exc_info = getattr(one, "exc_info", None)
        waiting += [one.__cause__, one.__context__, getattr(one, "cause", None), getattr(one, "reason", None)]
        waiting += list(getattr(one, "unexpected_errors", None) or [])
        waiting += [exc_info[1]] if isinstance(exc_info, tuple) and len(exc_info) == 3 else []
        waiting += [part for part in one.args if isinstance(part, BaseException)]


def _short(text: str) -> str:
    """yt-dlp's first line, without its request to report a bug."""
    line = text.removeprefix("ERROR: ").partition("\n")[0].partition("; please report this")[0]
    return line if len(line) <= 200 else f"{line[:199]}…"
