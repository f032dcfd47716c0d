"""`debate-stats serve`: the page and the statistics of a folder store, on this machine, and nothing else."""

from __future__ import annotations

import errno
import socket
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Final

import uvicorn
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.responses import Response
from starlette.routing import Mount
from starlette.staticfiles import NotModifiedResponse, StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from debate_core import keys

MIME: Final = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".json": "application/json",
    ".vtt": "text/vtt; charset=utf-8",
    ".srt": "application/x-subrip; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".rttm": "text/plain; charset=utf-8",
    ".m4a": "audio/mp4",
}
"""By file ending, not by the machine's own table: that one differs (`.m4a` is `audio/mp4a-latm` on some)."""

PAGE_SUFFIXES: Final = frozenset({".html", ".js", ".mjs", ".css", ".svg", ".png", ".ico"})
PAGE_CONFIG: Final = "config.json"
"""Beside the page: the one JSON file there that is the page's."""

STATISTICS_SUFFIXES: Final = frozenset({".json", ".vtt", ".srt", ".txt", ".rttm", ".m4a"})

# The same as in the page's web server of a cluster (web/nginx.conf).
HEADERS: Final = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "media-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
    # With the ETag: the browser asks each time, and is told 304 where nothing changed.
    "cache-control": "no-cache",
}


class PortUnavailable(Exception):
    """The address cannot be listened on; the message says what to do."""


def create_app(store: Path, web: Path) -> Starlette:
    """`/statistics/...` from the folder store, everything else from the page's folder; GET and HEAD, with ranges."""
    statistics = store / keys.STAT_PREFIX.key().rstrip("/")
    return Starlette(
        routes=[
            Mount("/statistics", app=_Files(statistics, STATISTICS_SUFFIXES)),
            Mount("/", app=_Files(web, PAGE_SUFFIXES)),
        ],
        middleware=[Middleware(_SecurityHeaders)],
    )


def serve(store: Path, web: Path, *, host: str, port: int, on_ready: Callable[[str], None]) -> None:
    """Serve until Ctrl-C or SIGTERM; `on_ready` gets the page's address once it can be opened.

    port: 0 takes a free one. Raises PortUnavailable.
    """
    listener = listen(host, port)
    with listener:
        on_ready(address(host, listener.getsockname()[1]))
        config = uvicorn.Config(
            create_app(store, web),
            log_level="warning",
            access_log=False,
            server_header=False,
            # A browser holds connections open; leaving should not wait for it to let go.
            timeout_graceful_shutdown=1,
        )
        uvicorn.Server(config).run(sockets=[listener])


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. Raises PortUnavailable."""
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            message = f"Port {port} on {host} is in use: choose another one with --port, or stop what listens there."
        else:
            message = f"Cannot listen on {host}, port {port} ({error.strerror or error}): check --host and --port."
        raise PortUnavailable(message) from error


def address(host: str, port: int) -> str:
    """What a browser on this machine opens."""
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return f"http://{shown}:{port}"


class _Files(StaticFiles):
    """Files of one folder with the endings that belong there. A path that leads elsewhere is not found."""

    def __init__(self, folder: Path, suffixes: frozenset[str]) -> None:
        super().__init__(directory=folder, html=False, check_dir=False)
        self._suffixes = suffixes

    async def check_config(self) -> None:
        """The folder of the statistics need not exist yet: then nothing in it is found."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        asked = PurePosixPath("index.html" if path == "." and ".html" in self._suffixes else path)
        # Hidden files are not ours to show, and half-written objects are among them.
        is_config = str(asked) == PAGE_CONFIG and ".html" in self._suffixes
        if not (is_config or asked.suffix in self._suffixes) or any(part.startswith(".") for part in asked.parts):
            raise HTTPException(status_code=404)
        response = await super().get_response(str(asked), scope)
        if not isinstance(response, NotModifiedResponse):
            response.headers["content-type"] = MIME[asked.suffix]
        return response


class _SecurityHeaders:
    """HEADERS on every answer, errors too."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        await self._app(scope, receive, send_with_headers)
