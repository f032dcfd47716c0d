"""What went wrong at the model hub, in words that say what to do about it."""

from __future__ import annotations

from typing import Final

import httpx2
from huggingface_hub.errors import (
    FileMetadataError,
    GatedRepoError,
    HfHubHTTPError,
    LocalEntryNotFoundError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
)

from debate_core.errors import Misconfigured, StepError, StoreNotReachable

TOKENS_PAGE: Final = "https://huggingface.co/settings/tokens"

_LATER: Final = (408, 429, 500, 502, 503, 504)  # a hub that may answer the same request later
_COPY: Final = "or fetch the models on another machine and copy the folder here"


def may_pass(error: BaseException) -> bool:
    """Whether the same request may succeed in a moment."""
    if isinstance(error, HfHubHTTPError):
        return error.response.status_code in _LATER
    # A body shorter than announced is a bare OSError of the hub's client; one from the disk has a number.
    return isinstance(error, httpx2.RequestError) or (type(error) is OSError and error.errno is None)


def explained(error: Exception, *, repo: str, endpoint: str, with_token: bool, cache: str) -> StepError:
    """The typed error for what the hub's client raised. Nothing of the request is repeated: it holds the token."""
    if isinstance(error, LocalEntryNotFoundError) and isinstance(error.__cause__, Exception):
        error = error.__cause__  # the client's last word is that its cache has no copy either; this is why it asked
    if isinstance(error, OfflineModeIsEnabled):
        return Misconfigured(f"HF_HUB_OFFLINE forbids fetching {repo}: unset it, {_COPY}.")
    if isinstance(error, GatedRepoError):
        return _gated(repo, with_token)
    if isinstance(error, RepositoryNotFoundError):
        return _not_found(repo, endpoint, with_token)
    if isinstance(error, HfHubHTTPError):
        return _answered(error, repo, endpoint)
    if isinstance(error, FileMetadataError):
        return StoreNotReachable(
            f"{endpoint} answers, but not like a model hub: check HF_ENDPOINT and the proxy, {_COPY}."
        )
    if isinstance(error, OSError) and error.errno is not None:
        return Misconfigured(
            f"The hub's cache {cache} cannot be used ({error}): make room in it, or set HF_HOME to another folder."
        )
    return StoreNotReachable(
        f"The model hub {endpoint} cannot be reached ({error}): check the network, set HTTPS_PROXY to a proxy or "
        f"HF_ENDPOINT to a mirror, {_COPY}."
    )


def _gated(repo: str, with_token: bool) -> Misconfigured:
    accept = f"accept the terms at https://huggingface.co/{repo} while logged in"
    if with_token:
        return Misconfigured(
            f"{repo} is gated and the token does not open it: {accept} to the token's own account, and if the token "
            f"is fine-grained, let it read public gated repositories ({TOKENS_PAGE})."
        )
    return Misconfigured(
        f"{repo} is gated: {accept}, make a token at {TOKENS_PAGE}, and set HF_TOKEN (or HF_TOKEN_FILE)."
    )


def _not_found(repo: str, endpoint: str, with_token: bool) -> Misconfigured:
    private = "this token does not see it" if with_token else "it is private or gated (set HF_TOKEN or HF_TOKEN_FILE)"
    return Misconfigured(f"{endpoint} has no model {repo}, or {private}: check the name.")


def _answered(error: HfHubHTTPError, repo: str, endpoint: str) -> StepError:
    status = error.response.status_code
    if status == httpx2.codes.UNAUTHORIZED:
        return Misconfigured(f"{endpoint} does not accept the token: make a new one at {TOKENS_PAGE} and set HF_TOKEN.")
    if status in _LATER:
        return StoreNotReachable(f"The model hub {endpoint} answers {status} for {repo}: try again later, {_COPY}.")
    said = f" ({error.server_message})" if error.server_message else ""
    return Misconfigured(f"The model hub {endpoint} refuses {repo} with {status}{said}: check the name and the token.")
