"""The hub as the place of a file that the store has lost: the same file, of the index's revision and sha256."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from debate_core.documents.models_index import ModelFile
from debate_worker.models.catalog import Fallback

FALLBACKS: Final = ("none", "hub")


def fallback_of(name: str, cache: Path) -> Fallback | None:
    """The fallback of that name (of FALLBACKS). cache: the worker's, in which the hub's client keeps what it fetches.

    Nothing is asked, and the hub's client not imported, before a file is missing: no step needs it otherwise.
    """
    return HubFallback(cache / "hub") if name == "hub" else None


@dataclass(frozen=True, slots=True)
class HubFallback:
    """The hub at HF_ENDPOINT, by the token that the environment names, if it does. cache: of the hub's client.

    The model stays the one that the plan names: its revision is asked for, not `main`, and what has not the index's
    sha256 is refused.
    """

    cache: Path

    def require(self, repo: str, revision: str, name: str, file: ModelFile) -> None:
        """Raises Misconfigured (gated, not there, another file) or StoreNotReachable."""
        from debate_worker.models.hub import Hub

        Hub.from_environment(cache=self.cache).require(repo, revision, name, file)

    def fetch(self, repo: str, revision: str, name: str, file: ModelFile, path: Path) -> None:
        """Raises Misconfigured or StoreNotReachable, OSError where the cache cannot be written."""
        from debate_worker.models.hub import Hub, HubFile, HubModel

        model = HubModel(repo, revision, "", {name: HubFile(file.bytes, file.sha256, None)})
        fetched = Hub.from_environment(cache=self.cache).fetch(model, name, lambda _bytes: None)
        # Not moved: the hub's cache holds links, and its room is given back with the folder of the pod.
        shutil.copyfile(fetched.path, path)
