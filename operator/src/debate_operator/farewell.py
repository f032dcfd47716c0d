"""What is left to do for a DebateJob that is gone: its outputs, where it asked for that."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import structlog

from debate_operator.cache import Cache, Key
from debate_operator.facts import PodFacts
from debate_operator.kube import JOBS, ApiError, Kube
from debate_operator.policies import delete_outputs
from debate_operator.settings import Settings

PODS_LEAVE_S = 5
"""How often to look whether the last pod has ended: until then it may write."""


def _may_write(pod: PodFacts) -> bool:
    # Ended pods may stay for a day: that of an earlier deletion, after a DebateJob of the same name.
    return pod.phase not in {"Succeeded", "Failed"}


class Farewell:
    """`await farewell(key)` after a DebateJob of this key went; the result says when to look again."""

    def __init__(self, kube: Kube, cache: Cache, settings: Settings, now: Callable[[], datetime]) -> None:
        self._kube, self._cache, self._settings, self._now = kube, cache, settings, now

    async def __call__(self, key: Key) -> float | None:
        gone = self._cache.departed.get(key)
        if gone is None:
            return None
        others = [seen.facts for seen in self._cache.debatejobs]
        manifest = delete_outputs.job_for(gone, others, self._now(), self._settings)
        if manifest is not None:
            if any((pod.namespace, pod.debatejob) == key and _may_write(pod.facts) for pod in self._cache.pods):
                return PODS_LEAVE_S
            await self._create(gone.namespace, manifest)
        del self._cache.departed[key]
        return None

    async def _create(self, namespace: str, manifest: dict[str, object]) -> None:
        log = structlog.get_logger()
        try:
            await self._kube.create(JOBS, namespace, manifest)
        except ApiError as error:
            if error.status == 409:
                return  # created a moment ago
            if error.status not in {400, 403, 404, 422}:
                raise
            log.warning(f"the outputs stay, their deletion was refused: {error}")
        else:
            log.info("outputs are being deleted")
