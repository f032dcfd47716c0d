"""A site on 127.0.0.1 that has media, and the ways in which real sites misbehave; and the extractor that reads it.

Paths: /media/FILE (ranges, ETag) · /watch/NAME (what the extractor reads from `pages`) · /page (HTML from `html`)
· /to?URL (redirect) · /status/CODE · and before /media/: /slow, /cut, /short, /endless, /refused.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from yt_dlp import YoutubeDL
from yt_dlp.extractor.common import InfoExtractor
from yt_dlp.utils import ExtractorError, GeoRestrictedError

from debate_worker.prepare.links import fetching
from debate_worker.prepare.links.bringing import load_fetcher
from debate_worker.prepare.links.fetching import LinkFetcher
from debate_worker.prepare.links.settings import LinkSettings

LOOPBACK = ip_network("127.0.0.1/32")
BLOCK = 4096


@dataclass
class Site:
    """pages: by name, the info dicts of /watch/NAME ({base} in their texts becomes the site's address); an `error` in
    one is raised. cuts: how many more times /cut breaks off. hurry: /slow and /endless come to their end. headers: of
    /status answers. requests: what was asked."""

    folder: Path
    pages: dict[str, dict[str, Any]] = field(default_factory=dict)
    html: str = ""
    cuts: int = 1
    headers: dict[str, str] = field(default_factory=dict)
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    base: str = ""
    hurry: threading.Event = field(default_factory=threading.Event)

    def paths(self) -> list[str]:
        return [path for path, _ in self.requests]

    def media_paths(self) -> list[str]:
        return [path for path in self.paths() if "/media/" in path]


@contextmanager
def serving(site: Site) -> Iterator[Site]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, site))
    server.daemon_threads = True
    site.base = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield site
    finally:
        site.hurry.set()
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, site: Site, *arguments: Any) -> None:
        self.site = site
        super().__init__(*arguments)

    def log_message(self, *_: object) -> None:
        return

    def do_HEAD(self) -> None:
        self.do_GET()

    def handle_one_request(self) -> None:
        # A client may hang up whenever it likes.
        try:
            super().handle_one_request()
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def do_GET(self) -> None:
        self._answer()

    def do_CONNECT(self) -> None:
        """As a proxy that lets nobody through."""
        self.site.requests.append((self.path, dict(self.headers)))
        self._send(407, b"who are you")

    def _answer(self) -> None:
        self.site.requests.append((self.path, dict(self.headers)))
        target = self.path.removeprefix(self.site.base)
        if target.startswith("http://"):  # as a proxy
            return self._send(407, b"who are you")
        path, _, query = target.partition("?")
        first, _, rest = path.strip("/").partition("/")
        if first == "to":
            return self._send(302, b"", Location=unquote(query))
        if first == "status":
            return self._send(int(rest), b"no", **self.site.headers)
        if first == "page":
            return self._send(200, self.site.html.replace("{base}", self.site.base).encode(), **_HTML)
        if first == "media":
            return self._file(rest)
        if first == "refused":
            return self._send(403, b"no")
        how = getattr(self, f"_{first}", None)
        if how is None:
            return self._send(404, b"no such page")
        return how((self.site.folder / rest.removeprefix("media/")).read_bytes())

    def _send(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in ({"Content-Type": "text/plain", "Content-Length": str(len(body))} | headers).items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _file(self, name: str) -> None:
        try:
            data = (self.site.folder / name).read_bytes()
        except OSError:
            return self._send(404, b"no such file")
        start, status = self._start(len(data))
        extra = {"Content-Range": f"bytes {start}-{len(data) - 1}/{len(data)}"} if status == 206 else {}
        return self._send(status, data[start:], **_MEDIA, **extra)

    def _start(self, size: int) -> tuple[int, int]:
        """First byte and status for the request's range."""
        found = re.fullmatch(r"bytes=(\d+)-\d*", self.headers.get("Range", ""))
        start = int(found[1]) if found else 0
        return (start, 206) if found and start < size else (0, 200)

    def _slow(self, data: bytes) -> None:
        """Two thousand bytes a second."""
        self._head(200, {"Content-Length": str(len(data))})
        for position in range(0, len(data), 512):
            self.site.hurry.wait(0.25)
            self.wfile.write(data[position : position + 512])
            self.wfile.flush()

    def _cut(self, data: bytes) -> None:
        """Breaks off after less than half of what is left, `site.cuts` times; ranges work."""
        start, status = self._start(len(data))
        headers = {"Content-Length": str(len(data) - start)}
        if status == 206:
            headers["Content-Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
        self._head(status, headers)
        if self.site.cuts > 0 and self.command == "GET":
            self.site.cuts -= 1
            self.wfile.write(data[start : start + (len(data) - start) * 2 // 5])
            self.close_connection = True
            return
        self.wfile.write(data[start:])

    def _short(self, data: bytes) -> None:
        """Promises twice what it has."""
        self._head(200, {"Content-Length": str(2 * len(data))})
        self.wfile.write(data)
        self.close_connection = True

    def _endless(self, data: bytes) -> None:
        """States no length and never ends."""
        self._head(200, {"Connection": "close"})
        while not self.site.hurry.is_set():
            self.wfile.write(data)
        self.close_connection = True

    def _head(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in (_MEDIA | headers).items():
            self.send_header(name, value)
        self.end_headers()


_MEDIA = {"Content-Type": "video/mp4", "Accept-Ranges": "bytes"}
_HTML = {"Content_Type": "text/html; charset=utf-8"}


class LocalSiteIE(InfoExtractor):
    """Reads /watch/NAME: what a site's own extractor would have found there."""

    _VALID_URL = r"http://127\.0\.0\.1:\d+/watch/(?P<id>[\w-]+)"
    pages: dict[str, dict[str, Any]] = {}

    def _real_extract(self, url: str) -> dict[str, Any]:
        name = self._match_id(url)
        self._download_webpage(url.replace("/watch/", "/page?"), name)
        page = dict(self.pages[name])
        match page.pop("error", None):
            case None:
                base = "{0.scheme}://{0.netloc}".format(urlsplit(url))
                return {"id": name, "title": name, "webpage_url": url} | _filled(page, base)
            case "geo":
                raise GeoRestrictedError("not where you are", countries=["CZ"])
            case "crash":
                raise KeyError("the site changed")
            case message:
                raise ExtractorError(message, expected=True)


def _filled(value: Any, base: str) -> Any:
    if isinstance(value, str):
        return value.replace("{base}", base)
    if isinstance(value, list):
        return [_filled(item, base) for item in value]
    return {key: _filled(item, base) for key, item in value.items()} if isinstance(value, dict) else value


class SiteFetcher(LinkFetcher):
    """The product's, with the site's extractor before all others."""

    def _downloader(self, options: dict[str, Any], name: str = "probe") -> YoutubeDL:
        ydl = super()._downloader(options, name)
        others = dict(ydl._ies)
        ydl._ies.clear()
        ydl.add_info_extractor(LocalSiteIE())
        ydl._ies.update(others)
        return ydl


def load_site_fetcher(pages: dict[str, dict[str, Any]], settings: LinkSettings, folder: Path) -> LinkFetcher:
    """In the child: the product's fetcher behind the product's door, and beside its extractors the site's."""
    load_fetcher(settings, folder)
    fetching.LONGEST_SLEEP_S = 0.05
    LocalSiteIE.pages = pages
    return SiteFetcher(settings, folder)
