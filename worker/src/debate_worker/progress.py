"""Progress for the one who started this pod: `POST /progress` (DESIGN 5.5), sent and forgotten.

A thread of its own posts the newest value, so that no step ever waits for it or fails by it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import httpx2
import structlog

from debate_core.documents.base import LARGEST_SECONDS
from debate_core.documents.step_result import Progress

TIMEOUT_S = 2.0
EVERY_S = 3.0
REFUSED_PAUSE_S = 30.0
"""After 401 or 403, and after 429 without a Retry-After in seconds: the kubelet may have renewed the token by then."""
LONGEST_PAUSE_S = 300.0
RATE_AFTER_S = 3.0
"""A rate measured over less says nothing."""


@dataclass(frozen=True, slots=True)
class _Begin:
    """Where this run began with a step: what earlier runs did says nothing about how fast this one is."""

    at: float
    done: float


class ProgressPoster:
    """Reports the progress of one pod; a context manager, which waits at most TIMEOUT_S for the last post.

    token_file: read at each post, because the kubelet replaces the token in it. shard: of analyze, else 0.
    every_s: at most one post in this time, but for the one at the end of a step.
    """

    def __init__(self, url: str, token_file: Path, job_uid: str, *, shard: int = 0, every_s: float = EVERY_S) -> None:
        self._url = url
        self._token_file = token_file
        self._job_uid = job_uid
        self._shard = shard
        self._every_s = every_s
        self._begins: dict[str, _Begin] = {}
        self._newest: Progress | None = None
        self._hurry = False
        self._closed = False
        self._changed = threading.Condition()
        self._warned: set[str] = set()
        self._thread = threading.Thread(target=self._run, name="progress", daemon=True)

    @classmethod
    def from_environment(cls, environ: Mapping[str, str], shard: int) -> ProgressPoster | None:
        """None where DEBATE_PROGRESS_URL, DEBATE_PROGRESS_TOKEN_FILE and DEBATE_JOB_UID are not all set."""
        url, token_file, job_uid = (
            environ.get(f"DEBATE_{name}") for name in ("PROGRESS_URL", "PROGRESS_TOKEN_FILE", "JOB_UID")
        )
        return cls(url, Path(token_file), job_uid, shard=shard) if url and token_file and job_uid else None

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join(TIMEOUT_S)

    def update(self, step: str, done: float, total: float, note: str = "") -> None:
        """As ProgressReporter.update: seconds of audio, of the step."""
        now = time.monotonic()
        begin = self._begins.setdefault(step, _Begin(now, done))
        newest = Progress(
            job_uid=self._job_uid,
            step=step,
            shard=self._shard,
            done_seconds=done,
            total_seconds=total,
            eta_seconds=eta_seconds(done - begin.done, now - begin.at, total - done),
        )
        with self._changed:
            self._newest = newest
            self._hurry = done >= total
            self._changed.notify()

    def _run(self) -> None:
        # No proxy of the environment: the address is in the cluster, and the token must not leave it.
        with httpx2.Client(timeout=TIMEOUT_S, trust_env=False) as client:
            pause = 0.0
            while True:
                newest = self._next(pause)
                if newest is None:
                    return
                pause = self._post(client, newest)

    def _next(self, pause: float) -> Progress | None:
        """The newest value that was not posted, not before `pause` seconds (but at a step's end); None at the end."""
        with self._changed:
            # A server that asked for more time gets it, at a step's end too.
            self._changed.wait_for(lambda: self._closed or (self._hurry and pause <= self._every_s), pause)
            self._changed.wait_for(lambda: self._closed or self._newest is not None)
            newest, self._newest, self._hurry = self._newest, None, False
            return newest

    def _post(self, client: httpx2.Client, progress: Progress) -> float:
        """Post once; the seconds until the next post."""
        try:
            token = self._token_file.read_text(encoding="ascii").strip()
            answer = client.post(
                self._url,
                content=progress.to_json(),
                headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
            )
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError, ValueError) as error:
            # Not the error's own text alone: an HTTP library may repeat the request in it.
            self._warn("unreachable", f"cannot be told ({type(error).__name__})")
            return self._every_s
        if answer.is_success:
            return self._every_s
        if answer.status_code == httpx2.codes.TOO_MANY_REQUESTS:
            asked = answer.headers.get("retry-after", "")
            wait = float(asked) if asked.isdecimal() else REFUSED_PAUSE_S
            return min(max(wait, self._every_s), LONGEST_PAUSE_S)
        self._warn("refused", f"is refused with {answer.status_code}")
        refused = answer.status_code in (httpx2.codes.UNAUTHORIZED, httpx2.codes.FORBIDDEN)
        return REFUSED_PAUSE_S if refused else self._every_s

    def _warn(self, kind: str, what: str) -> None:
        if kind not in self._warned:
            self._warned.add(kind)
            structlog.get_logger().warning(f"progress {what} at {self._url}: the work goes on without it")


def eta_seconds(done: float, elapsed: float, left: float) -> float | None:
    """The seconds that `left` takes at the rate of this run: `done` in `elapsed`. None while there is no rate."""
    if left <= 0:
        return 0.0
    if done <= 0 or elapsed < RATE_AFTER_S:
        return None
    return min(elapsed / done * left, LARGEST_SECONDS)
