"""The page's own server: what can be reached, in ranges, with which headers. A real server on a free port."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import uvicorn

from debate_stats.serve import PortUnavailable, address, create_app, listen

SOUND = bytes(range(256)) * 4


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


@dataclass
class Site:
    """A served folder. `get` sends the path as it is: no client may tidy it first."""

    port: int
    store: Path

    def get(self, path: str, method: str = "GET", **headers: str) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            fields = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, headers=fields)
            response = connection.getresponse()
            found = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, found, response.read())
        finally:
            connection.close()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    root = tmp_path_factory.mktemp("site")
    contents = {
        "web/index.html": b"<!doctype html>the page",
        "web/js/main.js": b"export {};",
        "web/js/part.mjs": b"export {};",
        "web/css/base.css": b"body {}",
        "web/icon.svg": b"<svg/>",
        "web/config.json": b'{"title": "Debates"}',
        "web/package.json": b"secret",
        "web/js/config.json": b"secret",
        "web/nginx.conf": b"secret",
        "web/.env": b"secret",
        "web/.hidden/x.js": b"secret",
        "store/statistics/index.json": b"{}",
        "store/statistics/.half.json": b"secret",
        "store/statistics/files/a/clip.vtt": b"WEBVTT\n",
        "store/statistics/files/a/clip.srt": b"1\n",
        "store/statistics/files/a/clip.txt": b"text",
        "store/statistics/files/a/clip.rttm": b"SPEAKER",
        "store/statistics/files/a/clip.audio.m4a": SOUND,
        "store/jobs/a/job.json": b"secret",
        "store/people.json": b"secret",
        "store/statistics-old/x.json": b"secret",
    }
    for name, data in contents.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)
    (root / "store/statistics/link.json").symlink_to(root / "store/people.json")
    listener = listen("127.0.0.1", 0)
    server = uvicorn.Server(
        uvicorn.Config(create_app(root / "store", root / "web"), log_level="warning", access_log=False)
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    # The socket listens already: the first request waits in its queue until the server is up.
    yield Site(port=listener.getsockname()[1], store=root / "store")
    server.should_exit = True
    thread.join(timeout=60)
    listener.close()


@pytest.mark.parametrize(
    ("path", "mime"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/index.html", "text/html; charset=utf-8"),
        ("/?x=1", "text/html; charset=utf-8"),
        ("/js/main.js", "text/javascript; charset=utf-8"),
        ("/js/part.mjs", "text/javascript; charset=utf-8"),
        ("/css/base.css", "text/css; charset=utf-8"),
        ("/icon.svg", "image/svg+xml"),
        ("/config.json", "application/json"),
        ("/statistics/index.json", "application/json"),
        ("/statistics/files/a/clip.vtt", "text/vtt; charset=utf-8"),
        ("/statistics/files/a/clip.srt", "application/x-subrip; charset=utf-8"),
        ("/statistics/files/a/clip.txt", "text/plain; charset=utf-8"),
        ("/statistics/files/a/clip.rttm", "text/plain; charset=utf-8"),
        ("/statistics/files/a/clip.audio.m4a", "audio/mp4"),
    ],
)
def test_the_page_and_the_statistics_have_their_types(site: Site, path: str, mime: str) -> None:
    answer = site.get(path)
    assert (answer.status, answer.headers["content-type"]) == (200, mime)
    assert answer.body


@pytest.mark.parametrize(
    "path",
    [
        "/people.json",
        "/package.json",
        "/js/config.json",
        "/statistics/config.json",
        "/jobs/a/job.json",
        "/store/people.json",
        "/statistics",
        "/statistics/",
        "/statistics/files/a/",
        "/statistics/missing.json",
        "/statistics/link.json",
        "/statistics/.half.json",
        "/statistics/../people.json",
        "/statistics/../../store/people.json",
        "/statistics/%2e%2e/people.json",
        "/statistics/..%2fpeople.json",
        "/statistics/..%5cpeople.json",
        "/statistics/%2e%2e%2fjobs/a/job.json",
        "/statistics/....//people.json",
        "/statistics//etc/passwd",
        "/statistics/%00.json",
        "/statistics-old/x.json",
        "/statistics/../statistics-old/x.json",
        "/nginx.conf",
        "/.env",
        "/.hidden/x.js",
        "/js/../nginx.conf",
        "/../store/people.json",
        "/%2e%2e/store/people.json",
        "//etc/passwd",
        "/js/",
        "/" + "a" * 5000 + ".js",
    ],
)
def test_nothing_else_can_be_reached(site: Site, path: str) -> None:
    answer = site.get(path)
    assert answer.status == 404
    assert b"secret" not in answer.body
    assert b"root:" not in answer.body


@pytest.mark.parametrize("path", ["/", "/statistics/index.json", "/statistics/missing.json"])
def test_every_answer_has_the_strict_headers(site: Site, path: str) -> None:
    headers = site.get(path).headers
    assert headers["content-security-policy"] == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    ("asked", "status", "content_range", "body"),
    [
        ("bytes=0-", 206, "bytes 0-1023/1024", SOUND),
        ("bytes=10-19", 206, "bytes 10-19/1024", SOUND[10:20]),
        ("bytes=1000-5000", 206, "bytes 1000-1023/1024", SOUND[1000:]),
        ("bytes=-24", 206, "bytes 1000-1023/1024", SOUND[1000:]),
        ("bytes=1024-", 416, "bytes */1024", b""),
    ],
)
def test_sound_can_be_read_in_parts(site: Site, asked: str, status: int, content_range: str, body: bytes) -> None:
    answer = site.get("/statistics/files/a/clip.audio.m4a", range=asked)
    assert (answer.status, answer.headers["content-range"], answer.body) == (status, content_range, body)


def test_a_whole_answer_says_that_parts_can_be_asked_for(site: Site) -> None:
    answer = site.get("/statistics/files/a/clip.audio.m4a")
    assert (answer.headers["accept-ranges"], answer.body) == ("bytes", SOUND)


def test_what_did_not_change_is_not_sent_again(site: Site) -> None:
    etag = site.get("/statistics/index.json").headers["etag"]
    again = site.get("/statistics/index.json", if_none_match=etag)
    assert (again.status, again.body, again.headers["cache-control"]) == (304, b"", "no-cache")
    changed = site.get("/statistics/index.json", if_none_match='"other"')
    assert (changed.status, changed.body) == (200, b"{}")


def test_statistics_that_come_later_are_found(tmp_path: Path, site: Site) -> None:
    (site.store / "statistics/by-job").mkdir()
    assert site.get("/statistics/by-job/new.json").status == 404
    (site.store / "statistics/by-job/new.json").write_bytes(b"{}")
    assert site.get("/statistics/by-job/new.json").status == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_nothing_can_be_written(site: Site, method: str) -> None:
    assert site.get("/statistics/index.json", method=method).status == 405


def test_head_answers_without_a_body(site: Site) -> None:
    answer = site.get("/statistics/index.json", method="HEAD")
    assert (answer.status, answer.headers["content-length"], answer.body) == (200, "2", b"")


def test_a_port_in_use_is_unavailable() -> None:
    with listen("127.0.0.1", 0) as first, pytest.raises(PortUnavailable, match="is in use"):
        listen("127.0.0.1", first.getsockname()[1])


def test_an_address_that_is_not_ours_is_unavailable() -> None:
    with pytest.raises(PortUnavailable, match=r"Cannot listen on 192\.0\.2\.1"):
        listen("192.0.2.1", 0)


@pytest.mark.parametrize(
    ("host", "shown"),
    [
        ("127.0.0.1", "http://127.0.0.1:8080"),
        ("0.0.0.0", "http://127.0.0.1:8080"),
        ("::", "http://[::1]:8080"),
        ("::1", "http://[::1]:8080"),
        ("debates.local", "http://debates.local:8080"),
    ],
)
def test_the_address_can_be_opened(host: str, shown: str) -> None:
    assert address(host, 8080) == shown
