"""`POST /progress`: what a worker's pod says of how far it is. Kept in memory, the newest a shard; never trusted.

Who speaks is known from the token alone: Kubernetes says which pod it is bound to, the cache says which Job that pod
belongs to. The body must name that Job, and is otherwise only numbers for a progress bar.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping
from typing import Final

import structlog
from aiohttp import web

from debate_core.documents.base import InvalidDocument
from debate_core.documents.step_result import Progress
from debate_operator import names
from debate_operator.cache import Cache, Key
from debate_operator.facts import PodFacts
from debate_operator.kube import ApiError, ApiUnreachable, Kube, Reviewed
from debate_operator.metrics import Metrics
from debate_operator.parse import Seen
from debate_operator.queue import WorkQueue

BODY_BYTES: Final = 4096
REVIEW_KEPT_S: Final = 60
"""A TokenReview counts for so long: a pod that is deleted meanwhile is no longer in the cache anyway."""

WAKE_S: Final = 2
"""A DebateJob gets one pass in so long for all that its pods say."""


class Buckets:
    """A token bucket for each key: `rate` a second, `burst` at once. Full buckets are forgotten."""

    def __init__(self, rate: float, burst: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate, self._burst, self._clock = rate, burst, clock
        self._left: dict[str, tuple[float, float]] = {}  # tokens, as of when

    def __len__(self) -> int:
        return len(self._left)

    def take(self, key: str) -> float:
        """Take one token. Returns 0, or the seconds until there is one."""
        now = self._clock()
        if len(self._left) > 1000:
            self._left = {other: state for other, state in self._left.items() if self._now_in(state, now) < self._burst}
        left = self._now_in(self._left.get(key, (self._burst, now)), now)
        if left < 1:
            return (1 - left) / self._rate
        self._left[key] = left - 1, now
        return 0.0

    def _now_in(self, state: tuple[float, float], now: float) -> float:
        return min(self._burst, state[0] + (now - state[1]) * self._rate)


class ProgressBoard:
    """What was said last, by Job uid and shard."""

    def __init__(self) -> None:
        self._said: dict[str, dict[int, Progress]] = {}

    def of(self, job_uid: str) -> Mapping[int, Progress]:
        return self._said.get(job_uid, {})

    def put(self, progress: Progress, existing: set[str]) -> None:
        """Keep it; what was said of Jobs that no longer exist is dropped."""
        if progress.job_uid not in self._said:
            self._said = {uid: said for uid, said in self._said.items() if uid in existing}
        self._said.setdefault(progress.job_uid, {})[progress.shard] = progress

    def __len__(self) -> int:
        return len(self._said)


class Reviews:
    """Whose token it is. Known tokens are asked for once a minute, strange ones at most 20 times a second in all."""

    def __init__(self, kube: Kube, clock: Callable[[], float] = time.monotonic) -> None:
        self._kube, self._clock = kube, clock
        self._known: dict[bytes, tuple[Reviewed, float]] = {}
        self._limit = Buckets(20, 50, clock)

    async def of(self, token: str) -> Reviewed | None:
        """None: not valid for us. Raises TooMany, ApiError, ApiUnreachable."""
        digest, now = hashlib.sha256(token.encode()).digest(), self._clock()
        self._known = {key: known for key, known in self._known.items() if known[1] > now}
        if digest in self._known:
            return self._known[digest][0]
        wait_s = self._limit.take("all")
        if wait_s:
            raise TooMany(wait_s)
        reviewed = await self._kube.review_token(token, names.PROGRESS_AUDIENCE)
        if reviewed is not None:
            self._known[digest] = reviewed, now + REVIEW_KEPT_S
        return reviewed


class TooMany(Exception):
    """Come again in so many seconds."""

    def __init__(self, wait_s: float) -> None:
        super().__init__(f"again in {wait_s:.1f} s")
        self.wait_s = wait_s


class ProgressDoor:
    """The endpoint."""

    def __init__(
        self,
        cache: Cache,
        queue: WorkQueue[Key],
        board: ProgressBoard,
        reviews: Reviews,
        metrics: Metrics,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._cache, self._queue, self._board = cache, queue, board
        self._reviews, self._metrics = reviews, metrics
        self._pods = Buckets(1, 5, clock)

    def app(self) -> web.Application:
        app = web.Application(client_max_size=BODY_BYTES)
        app.router.add_post("/progress", self.post)
        return app

    async def post(self, request: web.Request) -> web.Response:
        response = await self._answer(request)
        self._metrics.progress_posts.labels(str(response.status)).inc()
        return response

    async def _answer(self, request: web.Request) -> web.Response:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            return _no(401, f"a bearer token with the audience {names.PROGRESS_AUDIENCE} is needed")
        try:
            reviewed = await self._reviews.of(token.strip())
        except TooMany as busy:
            return _later(429, busy.wait_s)
        except (ApiError, ApiUnreachable) as error:
            structlog.get_logger().warning(f"a token could not be reviewed: {error}")
            return _later(503, 5)
        pod = self._pod(reviewed) if reviewed is not None else None
        if reviewed is None:
            return _no(401, f"the token is not valid for the audience {names.PROGRESS_AUDIENCE}")
        if pod is None:
            return _no(403, "the token belongs to no pod of a debate")
        wait_s = self._pods.take(pod.uid)
        if wait_s:
            return _later(429, wait_s)
        try:
            progress = Progress.from_json(await request.read())
        except web.HTTPRequestEntityTooLarge:
            return _no(413, f"at most {BODY_BYTES} bytes")
        except InvalidDocument as error:
            return _no(400, str(error))
        return self._take(pod, progress)

    def _pod(self, reviewed: Reviewed) -> Seen[PodFacts] | None:
        """The pod that the token is bound to, where it is one that we know, and the same one."""
        if reviewed.namespace is None or reviewed.pod_name is None:
            return None
        pod = self._cache.pods.get(reviewed.namespace, reviewed.pod_name)
        return pod if pod is not None and pod.uid == reviewed.pod_uid else None

    def _take(self, pod: Seen[PodFacts], progress: Progress) -> web.Response:
        owners = {job.uid: job for job in self._cache.jobs if job.namespace == pod.namespace and job.uid == pod.owner}
        job = owners.get(progress.job_uid)
        debatejob = self._cache.debatejobs.get(job.namespace, job.debatejob or "") if job else None
        if job is None or debatejob is None or job.owner != debatejob.uid:
            return _no(403, "the token's pod does not belong to the Job that jobUid names")
        # Which shard it is, Kubernetes knows better than the body.
        own = progress.model_copy(update={"shard": pod.facts.index, "step": job.facts.step})
        self._board.put(own, {seen.uid for seen in self._cache.jobs})
        self._queue.add_after((debatejob.namespace, debatejob.name), WAKE_S)
        return web.Response(status=204)


def _no(status: int, text: str) -> web.Response:
    return web.Response(status=status, text=text + "\n")


def _later(status: int, wait_s: float) -> web.Response:
    return web.Response(status=status, headers={"Retry-After": str(max(1, round(wait_s + 0.5)))})
