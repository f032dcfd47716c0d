"""Progress by POST, against a real HTTP server: what is said, how often, and that the work never waits for it."""

from __future__ import annotations

import json
import queue
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, cast

import pytest

from debate_core import logs
from debate_worker.progress import ProgressPoster, eta_seconds

UID = "0f3c2a1b-aaaa-bbbb-cccc-000000000000"


@dataclass(frozen=True, slots=True)
class Post:
    path: str
    token: str | None
    body: dict[str, Any]
    at: float


class Listener(ThreadingHTTPServer):
    """Answers with the statuses of `answers`, then 204; `posts`: what came."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: list[tuple[int, dict[str, str]]] = []
        self.posts: queue.Queue[Post] = queue.Queue()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/progress"

    def next(self) -> Post:
        return self.posts.get(timeout=20)


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        server = cast(Listener, self.server)
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        status, headers = server.answers.pop(0) if server.answers else (204, {})
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        server.posts.put(Post(self.path, self.headers["Authorization"], body, time.monotonic()))

    def log_message(self, format: str, *args: object) -> None:
        """Silent."""


@pytest.fixture
def listener() -> Iterator[Listener]:
    with Listener() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def token(tmp_path: Path) -> Path:
    path = tmp_path / "token"
    path.write_text("first\n")
    return path


def test_what_is_posted(listener: Listener, token: Path) -> None:
    with ProgressPoster(listener.url, token, UID, shard=2) as poster:
        poster.update("analyze", 30, 120, "window 1 of 4")
    post = listener.next()
    assert (post.path, post.token) == ("/progress", "Bearer first")
    assert post.body == {
        "job_uid": UID,
        "step": "analyze",
        "shard": 2,
        "done_seconds": 30.0,
        "total_seconds": 120.0,
        "eta_seconds": None,
    }


def test_the_newest_value_wins_and_the_end_of_a_step_is_always_told(listener: Listener, token: Path) -> None:
    with ProgressPoster(listener.url, token, UID, every_s=3600) as poster:
        poster.update("prepare", 0, 100)
        assert listener.next().body["done_seconds"] == 0
        for done in range(1, 100):
            poster.update("prepare", done, 100)
        poster.update("prepare", 100, 100)  # though an hour has not passed
        last = listener.next().body
    assert (last["done_seconds"], last["eta_seconds"]) == (100, 0)
    assert listener.posts.empty()


def test_what_is_not_told_yet_is_told_when_the_run_ends(listener: Listener, token: Path) -> None:
    with ProgressPoster(listener.url, token, UID, every_s=3600) as poster:
        poster.update("prepare", 0, 100)
        listener.next()
        poster.update("prepare", 40, 100)
    assert listener.next().body["done_seconds"] == 40


def test_there_is_time_between_two_posts(listener: Listener, token: Path) -> None:
    with ProgressPoster(listener.url, token, UID, every_s=0.5) as poster:
        poster.update("prepare", 1, 100)
        first = listener.next()
        poster.update("prepare", 2, 100)
        assert listener.next().at - first.at > 0.4


def test_the_token_is_read_at_each_post(listener: Listener, token: Path) -> None:
    with ProgressPoster(listener.url, token, UID, every_s=0) as poster:
        poster.update("prepare", 1, 100)
        assert listener.next().token == "Bearer first"
        token.write_text("second\n")
        poster.update("prepare", 2, 100)
        assert listener.next().token == "Bearer second"


def test_a_busy_server_is_left_alone_as_long_as_it_asks(listener: Listener, token: Path) -> None:
    listener.answers = [(429, {"Retry-After": "1"})]
    with ProgressPoster(listener.url, token, UID, every_s=0) as poster:
        poster.update("prepare", 1, 100)
        first = listener.next()
        poster.update("prepare", 2, 100)
        poster.update("prepare", 100, 100)
        second = listener.next()
    assert second.at - first.at > 0.9
    assert second.body["done_seconds"] == 100


@pytest.mark.parametrize("status", [401, 403, 404, 500])
def test_a_refusal_is_one_warning(
    listener: Listener, token: Path, status: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure(json=False)
    monkeypatch.setattr("debate_worker.progress.REFUSED_PAUSE_S", 0.0)
    listener.answers = [(status, {})] * 3
    with ProgressPoster(listener.url, token, UID, every_s=0) as poster:
        for done in range(4):
            poster.update("prepare", done, 100)
            listener.next()
    said = capsys.readouterr().err.splitlines()
    assert said == [
        f"warning: progress is refused with {status} at {listener.url}: the work goes on without it",
    ]


def test_without_a_server_the_work_goes_on(token: Path, capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(json=False)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with ProgressPoster(f"http://127.0.0.1:{port}/", token, UID, every_s=0) as poster:
        for done in range(50):
            poster.update("prepare", done, 100)
    assert capsys.readouterr().err.count("warning: progress cannot be told (ConnectError)") == 1


@pytest.mark.parametrize("url", ["nonsense", "ftp://x/", "http://[", "http://127.0.0.1:99999/"])
def test_an_address_that_is_none_costs_a_warning(url: str, token: Path, capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(json=False)
    with ProgressPoster(url, token, UID, every_s=0) as poster:
        poster.update("prepare", 1, 100)
    assert capsys.readouterr().err.count("warning: progress cannot be told") == 1


def test_without_a_token_the_work_goes_on(
    listener: Listener, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure(json=False)
    with ProgressPoster(listener.url, tmp_path / "none", UID, every_s=0) as poster:
        poster.update("prepare", 1, 100)
    assert listener.posts.empty()
    assert "FileNotFoundError" in capsys.readouterr().err


def test_a_server_that_never_answers_costs_two_seconds_at_the_end(token: Path) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=8) as silent:
        poster = ProgressPoster(f"http://127.0.0.1:{silent.getsockname()[1]}/", token, UID, every_s=0)
        with poster:
            started = time.monotonic()
            for done in range(100):
                poster.update("prepare", done, 100)
            updated = time.monotonic()
        ended = time.monotonic()
    assert updated - started < 0.5
    assert ended - updated < 3


def test_it_needs_all_three_variables(token: Path) -> None:
    every = {"DEBATE_PROGRESS_URL": "http://x/", "DEBATE_PROGRESS_TOKEN_FILE": str(token), "DEBATE_JOB_UID": UID}
    assert ProgressPoster.from_environment(every, 0) is not None
    for name in every:
        assert ProgressPoster.from_environment({**every, name: ""}, 0) is None


@pytest.mark.parametrize(
    ("done", "elapsed", "left", "eta"),
    [
        (0, 100, 50, None),  # nothing done: no rate
        (10, 1, 50, None),  # too early
        (10, 5, 50, 25),
        (100, 10, 0, 0),
        (0, 0, 0, 0),
        (1e-300, 60, 36_000, 1e10),  # as much as a document holds
    ],
)
def test_the_time_left_is_at_the_rate_of_this_run(done: float, elapsed: float, left: float, eta: float | None) -> None:
    assert eta_seconds(done, elapsed, left) == eta
