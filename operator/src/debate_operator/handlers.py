"""kopf, as the watch layer only: each event updates the cache and wakes a key. Nothing is decided or written here.

No finalizer, no annotation, no patch comes from it: for `on.event` kopf writes nothing to any object.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from itertools import chain, repeat
from typing import Any

import kopf
from kubernetes.aio.client import Configuration

from debate_operator import names, parse
from debate_operator.cache import Cache, F, Key, Shelf
from debate_operator.kube import DEBATEJOBS, JOBS, OUR_LABEL, PAGE, PODS, Resource
from debate_operator.parse import Seen
from debate_operator.queue import WorkQueue
from debate_operator.watchdog import Watchdog


def registry(
    cache: Cache, queue: WorkQueue[Key], watchdog: Watchdog, configuration: Configuration
) -> kopf.OperatorRegistry:
    """All handlers, in a registry of their own."""
    handlers = kopf.OperatorRegistry()

    @kopf.on.login(registry=handlers)  # also called when a token has expired
    async def login(**_: Any) -> kopf.ConnectionInfo:
        scheme, _space, token = (await configuration.get_api_key_with_prefix("BearerToken") or "").rpartition(" ")
        return kopf.ConnectionInfo(
            server=configuration.host,
            ca_path=configuration.ssl_ca_cert,
            insecure=not configuration.verify_ssl,
            certificate_path=configuration.cert_file,
            private_key_path=configuration.key_file,
            scheme=scheme.capitalize() or None,
            token=token.strip() or None,
        )

    @kopf.on.event(names.GROUP, names.VERSION, names.PLURAL, registry=handlers)
    async def debatejob(event: Any, **_: Any) -> None:
        hear(DEBATEJOBS, cache.debatejobs, parse.debatejob, event)

    @kopf.on.event("batch", "v1", JOBS.plural, registry=handlers)
    async def job(event: Any, **_: Any) -> None:
        hear(JOBS, cache.jobs, parse.job, event)

    @kopf.on.event("", "v1", PODS.plural, registry=handlers)
    async def pod(event: Any, **_: Any) -> None:
        hear(PODS, cache.pods, parse.pod, event)

    def hear(resource: Resource, shelf: Shelf[F], read: Callable[[Any], Seen[F]], event: Any) -> None:
        seen = read(event["object"])
        if event["type"] == "DELETED":
            watchdog.gone(resource.plural, seen.uid)
            news = shelf.remove(seen.namespace, seen.name, seen.uid)
        else:
            watchdog.delivered(resource.plural, seen.namespace, seen.uid, seen.version, time.monotonic())
            news = shelf.put(seen)
        if news and seen.debatejob is not None:
            queue.add((seen.namespace, seen.debatejob))

    return handlers


def settings() -> kopf.OperatorSettings:
    """kopf's settings, each other than its default for a reason."""
    kopf_settings = kopf.OperatorSettings()
    kopf_settings.scanning.disabled = True  # no right to list CRDs or namespaces is asked for
    kopf_settings.posting.enabled = False  # we post our own events, after the status is written
    kopf_settings.peering.standalone = True  # one replica; two for a moment do no harm
    kopf_settings.process.ultimate_exiting_timeout = None  # we end by ourselves, within a pod's grace period
    kopf_settings.networking.error_backoffs = _ForEver()  # else a watch that is refused for a minute ends the process
    kopf_settings.watching.chunk_size = PAGE
    kopf_settings.queueing.idle_timeout = 0.5  # kopf keeps a task an object for so long: memory, after a re-list
    kopf_settings.persistence.diffbase_storage = _NoDiffs()
    for resource in (JOBS, PODS):
        # At the server: the other Jobs and pods of the namespace never reach us.
        kopf_settings.watching.label_selectors[resource.group, "v1", resource.plural] = OUR_LABEL
    return kopf_settings


class _ForEver:
    """Seconds between tries: of a namespace that was deleted, say, whose Role went with it. The others go on."""

    def __iter__(self) -> Iterator[float]:
        return chain((1, 2, 4, 8, 16), repeat(30))


class _NoDiffs(kopf.DiffBaseStorage):
    """kopf compares each object with its last state, for handlers of changes, which we have none of.

    Without that a quarter of the operator's time in a burst went into copies of whole objects.
    """

    def build(self, **_: Any) -> kopf.BodyEssence:
        return kopf.BodyEssence()

    def fetch(self, **_: Any) -> kopf.BodyEssence | None:
        return None

    def store(self, **_: Any) -> None:
        return None
