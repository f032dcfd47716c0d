"""What yt-dlp's errors mean for a job: a row of the table each, with the words that yt-dlp 2026.10 uses."""

from __future__ import annotations

import io
import socket
import sys
from datetime import UTC, datetime

import pytest
from yt_dlp.networking.common import Response
from yt_dlp.networking.exceptions import (
    CertificateVerifyError,
    HTTPError,
    IncompleteRead,
    NoSupportingHandlers,
    ProxyError,
    SSLError,
    TransportError,
)
from yt_dlp.utils import DownloadError, ExtractorError, GeoRestrictedError, UnsupportedError

from debate_core.errors import Misconfigured, SourceBusy, SourceUnavailable, StepError
from debate_worker.prepare.links.errors import typed
from debate_worker.prepare.links.guard import AddressRefused

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


def http(status: int, **headers: str) -> HTTPError:
    return HTTPError(Response(io.BytesIO(), "https://a.example", headers, status=status))


def raised(cause: BaseException) -> BaseException:
    """As YoutubeDL gives it: a DownloadError, with what was raised in its exc_info."""
    try:
        raise cause
    except Exception:  # noqa: BLE001  # any, to be looked at
        return DownloadError(f"ERROR: {cause}", sys.exc_info())


@pytest.mark.parametrize(
    ("words", "error", "meaning"),
    [
        ("Sign in to confirm you\u2019re not a bot. Use --cookies-from-browser", SourceBusy, "robot"),
        ("Our systems have detected unusual traffic", SourceBusy, "robot"),
        (
            "This content isn't available, try again later. The current session has been rate-limited",
            SourceBusy,
            "fewer",
        ),
        ("This live event will begin in 3 days.", SourceBusy, "not begun"),
        ("Premieres in 40 minutes", SourceBusy, "not begun"),
        ("Sign in to confirm your age. This video may be inappropriate for some users.", SourceUnavailable, "age"),
        ("Join this channel to get access to members-only content", SourceUnavailable, "members"),
        ("Private video. Sign in if you've been granted access to this video", SourceUnavailable, "private"),
        ("This video is only available for registered users. Use --cookies", SourceUnavailable, "login"),
        ("The uploader has not made this video available in your country", SourceUnavailable, "where the worker runs"),
        ("No connection adapters were found for 'ftp://a.example/b'", SourceUnavailable, "not http(s)"),
        ("This video is DRM protected", SourceUnavailable, "DRM"),
        ("Video unavailable. This video has been removed by the uploader", SourceUnavailable, "no more"),
        ("The account associated with this video has been terminated", SourceUnavailable, "no more"),
        ("No video formats found!", SourceUnavailable, "no video was found"),
        ("The extracted extension ('txt') is unusual and will be skipped", SourceUnavailable, "no media file"),
        ("Requested format is not available", SourceUnavailable, "no sound"),
        ("Unable to extract player response; please report this issue on the tracker", SourceBusy, "could not be read"),
    ],
)
def test_the_words_of_extractors(words: str, error: type[StepError], meaning: str) -> None:
    found = typed(raised(ExtractorError(words, expected=True)), downloading=False)
    assert type(found) is error
    assert meaning in found.message
    assert "send the file instead" in found.message


@pytest.mark.parametrize(
    ("status", "downloading", "error"),
    [
        (401, False, SourceUnavailable),
        (403, False, SourceUnavailable),
        (403, True, SourceBusy),
        (404, False, SourceUnavailable),
        (404, True, SourceUnavailable),
        (407, False, Misconfigured),
        (410, False, SourceUnavailable),
        (418, False, SourceUnavailable),
        (429, False, SourceBusy),
        (451, False, SourceUnavailable),
        (500, False, SourceBusy),
        (503, True, SourceBusy),
    ],
)
def test_http_statuses(status: int, downloading: bool, error: type[StepError]) -> None:
    wrapped = ExtractorError("Unable to download webpage", cause=http(status))
    assert type(typed(raised(wrapped), downloading=downloading)) is error


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        ("Wed, 25 Nov 2026 12:05:00 GMT", 300),
        ("Wed, 25 Nov 2026 11:00:00 GMT", 0),
        ("999999999", 86_400),
        ("soon", None),
        ("", None),
    ],
)
def test_the_site_says_when_to_come_again(header: str, seconds: float | None) -> None:
    found = typed(raised(http(429, **{"Retry-After": header})), downloading=False, now=NOW)
    assert found.retry_after_seconds == seconds


def test_a_final_error_has_no_time_to_come_again() -> None:
    assert typed(raised(http(404, **{"Retry-After": "5"})), downloading=False).retry_after_seconds is None


@pytest.mark.parametrize(
    ("cause", "error", "meaning"),
    [
        (GeoRestrictedError("not here", countries=["CZ"]), SourceUnavailable, "where the worker runs"),
        (UnsupportedError("https://a.example"), SourceUnavailable, "no video was found"),
        (CertificateVerifyError("self-signed"), SourceUnavailable, "certificate"),
        (ProxyError("no route"), SourceBusy, "proxy"),
        (SSLError("handshake"), SourceBusy, "could not be read"),
        (IncompleteRead(10, 20), SourceBusy, "could not be read"),
        (TransportError("Connection refused"), SourceBusy, "could not be read"),
        (TransportError(cause=socket.gaierror(socket.EAI_NONAME, "unknown")), SourceUnavailable, "no host"),
        (TransportError(cause=socket.gaierror(socket.EAI_AGAIN, "later")), SourceBusy, "could not be read"),
        (NoSupportingHandlers([], [AddressRefused("10.0.0.1 is not public")]), SourceUnavailable, "must not reach"),
    ],
)
def test_the_classes_of_errors(cause: Exception, error: type[StepError], meaning: str) -> None:
    found = typed(raised(cause), downloading=False)
    assert type(found) is error
    assert meaning in found.message


def test_a_refused_address_is_found_behind_any_error() -> None:
    try:
        try:
            raise AddressRefused("10.0.0.1 is not a public address")
        except AddressRefused as refused:
            raise ExtractorError("Unable to download webpage", cause=refused) from refused
    except ExtractorError as error:
        found = typed(raised(error), downloading=True)
    assert isinstance(found, SourceUnavailable)
    assert "10.0.0.1" in found.message
