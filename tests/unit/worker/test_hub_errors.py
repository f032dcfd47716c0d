"""What the hub's client raises, as a sentence; the cases that a real server takes half a minute to bring about."""

from __future__ import annotations

import errno

import httpx2
import pytest
from huggingface_hub.errors import FileMetadataError, HfHubHTTPError, LocalEntryNotFoundError, OfflineModeIsEnabled

from debate_core.errors import Misconfigured, StepError, StoreNotReachable
from debate_worker.models.hub_errors import explained, may_pass


def answered(status: int) -> HfHubHTTPError:
    request = httpx2.Request("GET", "https://hub.example/signed?token=secret")
    return HfHubHTTPError("for url secret", response=httpx2.Response(status, request=request), server_message="Sorry")


def wrapped(cause: Exception) -> LocalEntryNotFoundError:
    """As the client raises it when it could not ask the hub and has no copy."""
    error = LocalEntryNotFoundError("no copy in the cache either")
    error.__cause__ = cause
    return error


CASES: list[tuple[Exception, type[StepError], str, bool]] = [
    (answered(503), StoreNotReachable, "answers 503", True),
    (answered(429), StoreNotReachable, "try again later", True),
    (answered(403), Misconfigured, "with 403 (Sorry)", False),
    (answered(404), Misconfigured, "check the name", False),
    (wrapped(answered(503)), StoreNotReachable, "answers 503", False),  # the client has tried again itself
    (wrapped(httpx2.ConnectError("no route")), StoreNotReachable, "cannot be reached (no route)", False),
    (wrapped(FileMetadataError("no commit")), StoreNotReachable, "not like a model hub", False),
    (wrapped(OfflineModeIsEnabled("off")), Misconfigured, "HF_HUB_OFFLINE", False),
    (httpx2.ProxyError("407"), StoreNotReachable, "HTTPS_PROXY", True),
    (httpx2.ReadTimeout("slow"), StoreNotReachable, "cannot be reached (slow)", True),
    (OSError(errno.ENOSPC, "No space left on device"), Misconfigured, "make room in it, or set HF_HOME", False),
    (OSError("file should be of size 2"), StoreNotReachable, "cannot be reached (file should be of size 2)", True),
]


@pytest.mark.parametrize(("error", "kind", "says", "again"), CASES, ids=[case[2] for case in CASES])
def test_an_error_says_what_to_do(error: Exception, kind: type[StepError], says: str, again: bool) -> None:
    told = explained(error, repo="owner/name", endpoint="https://hub.example", with_token=True, cache="/cache")
    assert type(told) is kind
    assert says in told.message
    assert "secret" not in told.message
    assert may_pass(error) is again
