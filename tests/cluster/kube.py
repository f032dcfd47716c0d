"""The tests' hands and eyes in the cluster: kubectl and helm to do things, one watch a kind to see them."""

from __future__ import annotations

import json
import os
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode
from urllib.request import urlopen

from kubernetes.client import ApiClient
from kubernetes.config import new_client_from_config

Object = dict[str, Any]
T = TypeVar("T")

LABEL_UID = "debate-analyzer.io/uid"
LABEL_STEP = "debate-analyzer.io/step"
LABEL_INDEX = "batch.kubernetes.io/job-completion-index"

APIS = {"debatejobs": "apis/debate-analyzer.io/v1alpha1", "jobs": "apis/batch/v1", "pods": "api/v1", "events": "api/v1"}

STREAM_S = 240
"""How long one watch lasts before the next one goes on from there."""


class CommandFailed(AssertionError):
    """kubectl or helm said no; the message is what it said."""


@dataclass(frozen=True)
class Cluster:
    """A running cluster. tools: the folder of kubectl and helm, None where they are on the PATH."""

    kubeconfig: Path
    tools: Path | None = None

    def environment(self) -> dict[str, str]:
        path = os.environ["PATH"]
        return os.environ | {
            "KUBECONFIG": str(self.kubeconfig),
            "PATH": f"{self.tools}{os.pathsep}{path}" if self.tools else path,
        }

    def command(self, *words: str, text: str | None = None, timeout_s: float = 120) -> str:
        """Run a program of the cluster's tools; what it printed. Raises CommandFailed."""
        done = subprocess.run(
            words, input=text, env=self.environment(), capture_output=True, text=True, timeout=timeout_s, check=False
        )
        if done.returncode:
            raise CommandFailed(f"{' '.join(words)}: {done.stderr.strip() or done.stdout.strip()}")
        return done.stdout

    def kubectl(self, *words: str, text: str | None = None, timeout_s: float = 120) -> str:
        return self.command("kubectl", *words, text=text, timeout_s=timeout_s)

    def apply(self, *objects: Object) -> str:
        """kubectl apply of all of them at once."""
        listed = {"apiVersion": "v1", "kind": "List", "items": list(objects)}
        return self.kubectl("apply", "-f", "-", text=json.dumps(listed))

    def get_json(self, *words: str) -> Any:
        """kubectl get ... -o json."""
        return json.loads(self.kubectl("get", *words, "-o", "json"))

    def refusal(self, *words: str, text: str | None = None) -> str:
        """What kubectl says to something that must be refused."""
        try:
            said = self.kubectl(*words, text=text)
        except CommandFailed as refused:
            return str(refused)
        raise AssertionError(f"it was not refused: {said}")

    def client(self) -> ApiClient:
        client: ApiClient = new_client_from_config(config_file=str(self.kubeconfig))  # type: ignore[no-untyped-call]
        return client


def label(seen: Object, name: str) -> str:
    return str((seen["metadata"].get("labels") or {}).get(name, ""))


def owners(seen: Object) -> set[str]:
    return {owner["uid"] for owner in seen["metadata"].get("ownerReferences") or []}


class Witness:
    """Sees every DebateJob, Job, Pod and Event of some namespaces, and remembers them when they are gone.

    `now`: what exists, by kind and (namespace, name). `seen`: every state of every object ever, by kind and uid.
    """

    def __init__(self, cluster: Cluster) -> None:
        self._changed = threading.Condition()
        self.now: dict[str, dict[tuple[str, str], Object]] = {kind: {} for kind in APIS}
        self.seen: dict[str, dict[str, list[Object]]] = {kind: {} for kind in APIS}
        self._live: dict[tuple[str, ...], set[str]] = {}
        self._overlaps: list[str] = []
        self._watched: set[str] = set()
        self._closed = threading.Event()
        configuration = cluster.client().configuration
        self._server = configuration.host
        self._tls = ssl.create_default_context(cafile=configuration.ssl_ca_cert)
        self._tls.load_cert_chain(configuration.cert_file, configuration.key_file)

    def watch(self, *namespaces: str) -> None:
        """These too, from now on. Not all of the cluster: others may have thousands of objects in it."""
        for namespace in set(namespaces) - self._watched:
            self._watched.add(namespace)
            for kind, api in APIS.items():
                self._begin(kind, f"{api}/namespaces/{namespace}/{kind}", namespace)

    def watch_all(self, kind: str, api: str) -> None:
        """One more kind, which has no namespaces."""
        self.now[kind], self.seen[kind] = {}, {}
        self._begin(kind, f"{api}/{kind}", namespace="")

    def close(self) -> None:
        """See nothing more: what was watched goes away."""
        self._closed.set()

    def get(self, kind: str, namespace: str, name: str) -> Object | None:
        with self._changed:
            return self.now[kind].get((namespace, name))

    def all(self, kind: str, namespace: str) -> list[Object]:
        """Those that exist."""
        with self._changed:
            return [seen for (where, _), seen in self.now[kind].items() if where == namespace]

    def ever(self, kind: str) -> list[list[Object]]:
        """The states of each object that ever existed since the tests began, first to last."""
        with self._changed:
            return [list(states) for states in self.seen[kind].values()]

    def states(self, kind: str, uid: str) -> list[Object]:
        with self._changed:
            return list(self.seen[kind].get(uid, []))

    def wait(self, predicate: Callable[[], T | None], timeout_s: float, what: str) -> T:
        """Look again at each change, and every second, until the predicate gives something true.

        Raises AssertionError after the time.
        """
        deadline = time.monotonic() + timeout_s
        with self._changed:
            while not (found := predicate()):
                if time.monotonic() > deadline:
                    raise AssertionError(f"after {timeout_s:.0f} s: {what}")
                self._changed.wait(1)
        return found

    def overlaps(self) -> list[str]:
        """Each time that two pods of one debate's step and shard lived at once, neither being deleted."""
        with self._changed:
            return list(self._overlaps)

    def _begin(self, kind: str, path: str, namespace: str) -> None:
        threading.Thread(target=self._follow, args=(kind, path, namespace), daemon=True).start()

    def _follow(self, kind: str, path: str, namespace: str) -> None:
        version = ""
        while not self._closed.is_set():
            try:
                for event in self._stream(path, version):
                    version = event["object"]["metadata"].get("resourceVersion", "")
                    self._note(kind, namespace, event["type"], event["object"])
            except (OSError, HTTPException):
                time.sleep(0.5)  # the API server was away for a moment; the next watch goes on from there

    def _stream(self, path: str, version: str) -> Iterator[Any]:
        options = {"watch": "1", "timeoutSeconds": STREAM_S, "allowWatchBookmarks": "true"}
        query = urlencode(options | ({"resourceVersion": version} if version else {}))
        with urlopen(f"{self._server}/{path}?{query}", context=self._tls, timeout=2 * STREAM_S) as lines:
            yield from map(json.loads, lines)

    def _note(self, kind: str, namespace: str, change: str, seen: Object) -> None:
        if change == "BOOKMARK":
            return
        with self._changed:
            if change == "ERROR":  # the version is too old: what exists is told again
                self.now[kind] = {key: found for key, found in self.now[kind].items() if key[0] != namespace}
                return
            metadata = seen["metadata"]
            key = (namespace, metadata["name"])
            if change == "DELETED":
                self.now[kind].pop(key, None)
                seen = {**seen, "gone": True}
            else:
                self.now[kind][key] = seen
            self.seen[kind].setdefault(metadata["uid"], []).append(seen)
            if kind == "pods" and label(seen, LABEL_UID):
                self._note_life(seen)
            self._changed.notify_all()

    def _note_life(self, pod: Object) -> None:
        what = tuple(label(pod, name) for name in (LABEL_UID, LABEL_STEP, LABEL_INDEX))
        living, metadata = self._live.setdefault(what, set()), pod["metadata"]
        if pod.get("gone") or metadata.get("deletionTimestamp") or pod["status"]["phase"] in {"Succeeded", "Failed"}:
            living.discard(metadata["uid"])
        elif metadata["uid"] not in living:
            living.add(metadata["uid"])
            if len(living) > 1:
                self._overlaps.append(f"{metadata['namespace']}/{metadata['name']} is {len(living)}th of {what}")
