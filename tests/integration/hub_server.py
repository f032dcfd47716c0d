"""A small model hub on 127.0.0.1: what huggingface_hub asks of the real one, and the ways in which that one fails.

Small files come from the hub itself; LFS files are redirected to a second server, as to the real hub's CDN, so that a
test can see where the token goes.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

LFS_BYTES = 10_000  # files from this size on are kept as LFS
CUT_AT = 0.4  # of a file, where its transfer is cut


@dataclass
class Repo:
    """gated: only the hub's `welcome` token opens its files (its description is public, as on the real hub)."""

    files: dict[str, bytes]
    license: str = "mit"
    revision: str = "a" * 40
    gated: bool = False


@dataclass(frozen=True)
class Request:
    server: str
    method: str
    path: str
    headers: dict[str, str]


@dataclass
class FakeHub:
    """repos by name. faults: path -> what happens to its next GETs: a status, or "cut"; one each, in order.

    tampered: paths on the CDN that deliver other bytes of the same size. page: answered to everything, if set.
    """

    repos: dict[str, Repo] = field(default_factory=dict)
    welcome: str = "hf_welcome"
    known_tokens: tuple[str, ...] = ("hf_welcome", "hf_stranger")
    faults: dict[str, list[int | str]] = field(default_factory=dict)
    tampered: bool = False
    page: bytes | None = None
    requests: list[Request] = field(default_factory=list)
    endpoint: str = ""
    cdn: str = ""

    def asked(self, method: str = "GET") -> list[str]:
        return [request.path for request in self.requests if request.method == method]


@contextmanager
def serving(hub: FakeHub) -> Iterator[FakeHub]:
    """Run the hub and its CDN on free ports for the length of the block."""
    servers = [_Server(hub, name) for name in ("hub", "cdn")]
    hub.endpoint, hub.cdn = (f"http://127.0.0.1:{server.server_port}" for server in servers)
    threads = [threading.Thread(target=server.serve_forever, args=(0.01,)) for server in servers]
    for thread in threads:
        thread.start()
    try:
        yield hub
    finally:
        for server in servers:
            server.shutdown()
            server.server_close()
        for thread in threads:
            thread.join()


class _Server(ThreadingHTTPServer):
    def __init__(self, hub: FakeHub, name: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.hub = hub
        self.name = name


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    @property
    def hub(self) -> FakeHub:
        return self.server.hub

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_HEAD(self) -> None:
        self._respond()

    def do_GET(self) -> None:
        self._respond()

    def _respond(self) -> None:
        path = unquote(urlsplit(self.path).path)
        self.hub.requests.append(
            Request(self.server.name, self.command, path, {k.lower(): v for k, v in self.headers.items()})
        )
        if self.hub.page is not None:
            self._send(200, self.hub.page, {"Content-Type": "text/html"})
            return
        fault = self.hub.faults.get(path, []).pop(0) if self.command == "GET" and self.hub.faults.get(path) else None
        if isinstance(fault, int):
            self._refuse(fault, None, "scripted")
        elif self.server.name == "cdn":
            self._lfs_file(path.removeprefix("/"), fault)
        elif path.startswith("/api/models/"):
            self._description(path)
        else:
            self._file(path, fault)

    def _token(self) -> str | None:
        value = self.headers.get("Authorization")
        return value.removeprefix("Bearer ") if value else None

    def _known(self) -> bool:
        """Answers a bad token as the hub does, whatever is asked for."""
        if self._token() in (None, *self.hub.known_tokens):
            return True
        self._refuse(401, None, "Invalid credentials in Authorization header")
        return False

    def _description(self, path: str) -> None:
        name, _, revision = path.removeprefix("/api/models/").partition("/revision/")
        repo = self.hub.repos.get(name)
        if not self._known():
            return
        if repo is None:  # the hub does not tell a stranger whether there is a private one
            status = 401 if self._token() is None else 404
            self._refuse(status, "RepoNotFound", "Repository not found")
            return
        assert revision == "main"
        siblings = [_sibling(file, data) for file, data in repo.files.items()]
        body = {"id": name, "sha": repo.revision, "siblings": siblings, "cardData": {"license": repo.license}}
        self._send(200, json.dumps(body).encode(), {"Content-Type": "application/json"})

    def _file(self, path: str, fault: str | None) -> None:
        name, _, rest = path.removeprefix("/").partition("/resolve/")
        repo = self.hub.repos[name]
        revision, _, file = rest.partition("/")
        if not self._known():
            return
        if repo.gated and self._token() != self.hub.welcome:
            status = 401 if self._token() is None else 403
            self._refuse(status, "GatedRepo", f"Access to model {name} is restricted.")
            return
        assert revision == repo.revision
        data = repo.files[file]
        headers = {"X-Repo-Commit": revision, "ETag": f'"{_git_sha1(data)}"'}
        if len(data) < LFS_BYTES:
            self._send(200, data, headers, fault)
            return
        sha256 = hashlib.sha256(data).hexdigest()
        headers |= {"X-Linked-Etag": f'"{sha256}"', "X-Linked-Size": str(len(data))}
        self._send(302, b"", headers | {"Location": f"{self.hub.cdn}/{sha256}"})

    def _lfs_file(self, sha256: str, fault: str | None) -> None:
        contents = (data for repo in self.hub.repos.values() for data in repo.files.values())
        data = next(data for data in contents if hashlib.sha256(data).hexdigest() == sha256)
        self._send(200, bytes(len(data)) if self.hub.tampered else data, {"ETag": f'"{sha256}"'}, fault)

    def _refuse(self, status: int, code: str | None, message: str) -> None:
        headers = {"X-Error-Message": message} | ({"X-Error-Code": code} if code else {})
        self._send(status, b"", headers)

    def _send(self, status: int, body: bytes, headers: dict[str, str], fault: str | None = None) -> None:
        wanted = self.headers.get("Range")
        if wanted and status == 200:
            start = int(wanted.removeprefix("bytes=").rstrip("-"))
            headers = headers | {"Content-Range": f"bytes {start}-{len(body) - 1}/{len(body)}"}
            status, body = 206, body[start:]
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "HEAD":
            return
        if fault == "cut":
            self.wfile.write(body[: int(len(body) * CUT_AT)])
            self.close_connection = True
            return
        self.wfile.write(body)


def _sibling(name: str, data: bytes) -> dict[str, Any]:
    known = {"rfilename": name, "size": len(data), "blobId": _git_sha1(data)}
    if len(data) < LFS_BYTES:
        return known
    return known | {"lfs": {"size": len(data), "sha256": hashlib.sha256(data).hexdigest(), "pointerSize": 134}}


def _git_sha1(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
