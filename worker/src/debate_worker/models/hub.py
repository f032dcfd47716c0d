"""The model hub (Hugging Face, or a mirror of it): what a repo holds, and its files, checked and kept in a cache."""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

import httpx2
from huggingface_hub import (
    HfApi,
    ModelInfo,
    constants,
    get_hf_file_metadata,
    get_token,
    hf_hub_download,
    hf_hub_url,
)
from huggingface_hub.errors import FileMetadataError, HfHubHTTPError

from debate_core.documents.models_index import ModelFile
from debate_core.errors import Misconfigured
from debate_core.store import RetryPolicy
from debate_worker.models.hub_errors import explained, may_pass
from debate_worker.models.verification import sha256_of

# Set here and not by variables, which come too late where something has imported the client before. Without Xet every
# file comes by plain HTTPS: through the same proxies and with the same errors as all else, and resumed by ranges.
constants.HF_HUB_DISABLE_TELEMETRY = True
constants.HF_HUB_DISABLE_XET = True
# Both repeat signed addresses, which open a file to whoever reads the log; what ends a fetch is in our errors.
logging.getLogger("huggingface_hub").setLevel(logging.ERROR)
logging.getLogger("httpx2").setLevel(logging.WARNING)

DEFAULT_ENDPOINT: Final = "https://huggingface.co"

_TIMEOUT_S: Final = 30.0
_SHA256_DIGITS: Final = 64  # of the ETag of a file in LFS; others have git's name, which is shorter
_ATTEMPTS: Final = 5  # 15 s at most: somebody waits before the screen

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class HubFile:
    """A file as the hub describes it. sha256: of what it keeps as LFS; git_sha1: of a small file, as git names it."""

    bytes: int
    sha256: str | None
    git_sha1: str | None


@dataclass(frozen=True, slots=True)
class HubModel:
    """A repo at one commit. license: as its card says it ("mit"), "" where it says nothing."""

    repo: str
    revision: str
    license: str
    files: Mapping[str, HubFile]


@dataclass(frozen=True, slots=True)
class FetchedFile:
    """A file in the hub's cache that is what the hub describes; never to be written."""

    path: Path
    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Hub:
    """One hub as one user. cache: the hub client's own, shared with everything else that uses it."""

    endpoint: str = DEFAULT_ENDPOINT
    token: str | None = field(default=None, repr=False)
    cache: Path = field(default_factory=lambda: Path(constants.HF_HUB_CACHE))
    retry: RetryPolicy = field(default_factory=lambda: RetryPolicy(attempts=_ATTEMPTS))

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ, *, cache: Path | None = None) -> Hub:
        """The hub at HF_ENDPOINT with the token that `hub_token` finds. Raises Misconfigured.

        cache: None is the client's own.
        """
        endpoint = (environ.get("HF_ENDPOINT") or DEFAULT_ENDPOINT).rstrip("/")
        if not endpoint.startswith(("https://", "http://")):
            raise Misconfigured(f"HF_ENDPOINT is {endpoint!a}: it must be the http(s) address of a model hub.")
        return cls(endpoint=endpoint, token=hub_token(environ), cache=cache or Path(constants.HF_HUB_CACHE))

    def model(self, repo: str) -> HubModel:
        """What the repo's main branch holds now. Raises Misconfigured or StoreNotReachable."""
        api = HfApi(endpoint=self.endpoint, token=self._token_or_none)

        def ask() -> HubModel:
            try:
                return _described(repo, api.model_info(repo, revision="main", files_metadata=True, timeout=_TIMEOUT_S))
            except (ValueError, KeyError, TypeError) as error:  # what the client does on any other page's text
                raise FileMetadataError(f"{self.endpoint} describes {repo} in no known way") from error

        return self._asked(repo, ask)

    def require(self, repo: str, revision: str, name: str, file: ModelFile | None = None) -> None:
        """Look that a file of the repo would be given to us, by its head: gated terms and tokens count, as for itself.

        file: what it must be; of a small file, for which the hub knows no sha256, the size alone is compared.
        Raises Misconfigured or StoreNotReachable.
        """
        url = hf_hub_url(repo, name, revision=revision, endpoint=self.endpoint)
        found = self._asked(
            repo,
            lambda: get_hf_file_metadata(url, token=self._token_or_none, timeout=_TIMEOUT_S, endpoint=self.endpoint),
        )
        other = file is not None and (
            (found.size is not None and found.size != file.bytes)
            or (found.etag is not None and len(found.etag) == _SHA256_DIGITS and found.etag != file.sha256)
        )
        if other:
            raise Misconfigured(
                f"{name} of {repo} at {revision} on {self.endpoint} is another file than the index names."
            )

    def fetch(self, model: HubModel, name: str, report: Callable[[int], None]) -> FetchedFile:
        """A file of the model, from the cache if it is there, else from the hub.

        A download that breaks off goes on where it was; one whose process ends starts this file again (the files
        before it stay). A file in the cache that is not what the hub describes is fetched once more. report: called
        with the bytes of this file that are there. Raises Misconfigured or StoreNotReachable.
        """
        expected = model.files[name]
        for force in (False, True):
            path = self._asked(model.repo, partial(self._download, model, name, report, force))
            fetched = FetchedFile(path, sha256_of(path), path.stat().st_size)
            if _is(fetched, expected):
                report(fetched.bytes)
                return fetched
        raise Misconfigured(
            f"{name} of {model.repo} arrives from {self.endpoint} with other content than the hub describes: check "
            "HF_ENDPOINT and the proxy between."
        )

    def _download(self, model: HubModel, name: str, report: Callable[[int], None], force: bool) -> Path:
        path = hf_hub_download(
            model.repo,
            name,
            revision=model.revision,
            endpoint=self.endpoint,
            token=self._token_or_none,
            cache_dir=self.cache,
            etag_timeout=_TIMEOUT_S,
            force_download=force,
            tqdm_class=_reporting(report),
        )
        return Path(path)

    @property
    def _token_or_none(self) -> str | bool:
        # False, not None: for None the client looks for a token by itself, elsewhere than we say we do.
        return self.token or False

    def _asked(self, repo: str, ask: Callable[[], T]) -> T:
        try:
            return self.retry.run(ask, again_if=may_pass)
        except (HfHubHTTPError, httpx2.RequestError, OSError) as error:
            raise explained(
                error,
                repo=repo,
                endpoint=self.endpoint,
                with_token=self.token is not None,
                cache=str(self.cache),
            ) from error


def hub_token(environ: Mapping[str, str] = os.environ) -> str | None:
    """The hub's token: from HF_TOKEN, the file that HF_TOKEN_FILE names, or `hf auth login`; None where there is none.

    Raises Misconfigured for a file that cannot be read and for what can be no token; never repeats its text.
    """
    source, token = "HF_TOKEN", environ.get("HF_TOKEN", "").strip()
    if not token and (name := environ.get("HF_TOKEN_FILE")):
        source = "HF_TOKEN_FILE"
        try:
            token = Path(name).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise Misconfigured(f"HF_TOKEN_FILE names {name}, which cannot be read: check the path.") from error
        if not token:
            raise Misconfigured(f"HF_TOKEN_FILE names {name}, which is empty: put the token into it.")
    if not token:
        source, token = "The login of `hf auth login`", get_token() or ""
    if not token.isascii() or not all(char.isprintable() and char != " " for char in token):
        raise Misconfigured(f"{source} holds no token: it is one word that begins with hf_.")
    return token or None


def _described(repo: str, info: ModelInfo) -> HubModel:
    if info.sha is None or info.siblings is None:
        raise ValueError("no revision or no files")
    files = {
        file.rfilename: HubFile(file.size, file.lfs.sha256 if file.lfs else None, file.blob_id)
        for file in info.siblings
        if file.size is not None
    }
    license_name = getattr(info.card_data, "license", None)
    return HubModel(repo, info.sha, license_name if isinstance(license_name, str) else "", files)


def _is(fetched: FetchedFile, expected: HubFile) -> bool:
    if fetched.bytes != expected.bytes:
        return False
    if expected.sha256 is not None:
        return fetched.sha256 == expected.sha256
    return expected.git_sha1 is None or _git_sha1(fetched.path) == expected.git_sha1


def _git_sha1(path: Path) -> str:
    """git's name for the content of a (small) file."""
    content = path.read_bytes()
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def _reporting(report: Callable[[int], None]) -> Any:
    """What `hf_hub_download` takes as its bar: the part of tqdm that it uses, handing the bytes on."""

    class Bar:
        def __init__(self, *, initial: int = 0, **_looks: object) -> None:
            self._done = initial

        def __enter__(self) -> Bar:
            return self

        def __exit__(self, *_error: object) -> None:
            pass

        def update(self, more: int) -> None:  # less than 0 where the server cannot resume
            self._done += more
            report(self._done)

    return Bar
