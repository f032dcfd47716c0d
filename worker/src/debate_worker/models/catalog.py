"""The models that a folder or a store holds, and a verified local folder of each for the loaders."""

from __future__ import annotations

import errno
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Protocol

import structlog

from debate_core.documents.base import InvalidDocument
from debate_core.documents.models_index import ModelEntry, ModelFile, ModelsIndex
from debate_core.errors import Misconfigured, StepError
from debate_core.ids import InvalidName
from debate_core.keys import check_key
from debate_core.store import NoSuchStore, ObjectNotFound, ObjectStore, open_store
from debate_worker.models.pipeline import PIPELINE_CONFIG, check_pipeline
from debate_worker.models.verification import Damaged, Verified, verify_files
from debate_worker.own_folder import own_folder

INDEX_KEY: Final = "index.json"

_DIGEST_SHOWN: Final = 12  # hex digits of a digest in a folder's name


class Fallback(Protocol):
    """Another place of a model's files. What comes is the file of that sha256, or an error (StepError)."""

    def require(self, repo: str, revision: str, name: str, file: ModelFile) -> None:
        """Look that it can be had; nothing is fetched."""

    def fetch(self, repo: str, revision: str, name: str, file: ModelFile, path: Path) -> None:
        """Bring it to `path`."""


class ModelCatalog:
    """What `--models` names: a folder or a store prefix with an `index.json`.

    Nothing is served that the index does not name with its hash. pyannote unpickles its checkpoints, which runs what
    is in them, so a folder without an index is refused, and the loaders never see the folder itself but one made of
    exactly the index's files (see `materialize`).
    """

    def __init__(self, uri: str, store: ObjectStore, index: ModelsIndex, fallback: Fallback | None = None) -> None:
        self._uri: Final = uri
        self._store: Final = store
        self._index: Final = index
        self._fallback: Final = fallback
        self._in_place: Final = store.local_path(INDEX_KEY) is not None

    @classmethod
    def open(cls, uri: str, fallback: Fallback | None = None) -> ModelCatalog:
        """Read the index of a folder or of `s3://bucket/prefix`.

        fallback: where a file comes from that the index names and the store does not hold; None: from nowhere.
        Raises Misconfigured where there is none or it cannot be used, and what the store raises.
        """
        store = open_store(uri)
        index = read_index(store, uri)
        if index is None:
            raise Misconfigured(
                f"There are no models in {uri} (no {INDEX_KEY}): give another --models, or fetch the default models "
                f"with `debate-worker fetch-models --to {uri}`."
            )
        return cls(uri, store, index, fallback)

    @property
    def uri(self) -> str:
        """The address as it was given."""
        return self._uri

    @property
    def entries(self) -> tuple[ModelEntry, ...]:
        """All models, in the order of the index."""
        return tuple(self._index.models)

    def transcription(self, name: str) -> ModelEntry:
        """The transcription model of that name or repo; raises Misconfigured with the names that there are."""
        return self._find("transcription", name)

    def diarization(self, name: str | None = None) -> ModelEntry:
        """The diarization model of that name or repo, or the first; raises Misconfigured like `transcription`."""
        return self._find("diarization", name)

    def materialize(self, entry: ModelEntry, cache: Path) -> Path:
        """A local folder that holds exactly the files of the entry, each of its size and sha256.

        It lies at `<cache>/models/<repo>@<revision>-<digest>`. A store's files are downloaded into it once; a local
        folder's files are used in place, through links, so that a file beside them that the index does not name
        cannot be loaded. A file is hashed once and again when its inode, size or times change. Several processes may
        do this at once: each builds beside the place, the first to rename wins.

        Raises Misconfigured for a file that is missing or not the one that the index names, for a pipeline that
        would load anything else, and for a cache that cannot be written; and what the store raises.
        """
        with _cache_errors(cache):
            folder = self._folder_in(cache, entry)
            if not folder.is_dir():
                self._build(entry, folder)
            verified = Verified(folder.with_name(f"{folder.name}.verified.json"))
            try:
                verify_files(folder, entry.files, verified)
            except Damaged as error:
                raise self._damaged(entry, error, folder) from error
            if entry.role == "diarization":
                check_pipeline(entry.repo, (folder / PIPELINE_CONFIG).read_bytes(), entry.files)
        return folder

    def require(self, entry: ModelEntry) -> None:
        """Look that every file of the entry can be had, in its size; nothing is read.

        Raises Misconfigured, and what the fallback raises where it is asked.
        """
        for name, file in entry.files.items():
            damage = self._damage(entry, name)
            if damage is None:
                continue
            if self._fallback is None:
                raise self._damaged(entry, damage)
            with self._as_fallback(entry, damage):
                self._fallback.require(entry.repo, entry.revision, name, file)

    def _find(self, role: str, name: str | None) -> ModelEntry:
        entry = self._index.find(role, name)
        if entry is not None:
            return entry
        there = ", ".join(repr(found.name) for found in self._index.models if found.role == role) or "none"
        wanted = f"the {role} model {name!r}" if name is not None else f"a {role} model"
        option = f" --{role} {name}" if name is not None else ""
        raise Misconfigured(
            f"{self._uri} does not hold {wanted} (there: {there}): name one of these, or fetch it with "
            f"`debate-worker fetch-models --to {self._uri}{option}`."
        )

    def _folder_in(self, cache: Path, entry: ModelEntry) -> Path:
        name = f"{entry.repo}@{entry.revision}-{entry.digest[:_DIGEST_SHOWN]}"
        if self._in_place:
            # Links lead to one folder: two folders with the same model must not share them.
            name += f"-in-{hashlib.sha256(f'{self._store.uri}/{entry.path}'.encode()).hexdigest()[:8]}"
        # Resolved: a relative cache would make links that lead nowhere from another working folder.
        return cache.resolve() / "models" / name

    def _build(self, entry: ModelEntry, folder: Path) -> None:
        """Link or download the entry's files into a folder beside `folder`, and rename it there if they are right."""
        # The cache is trusted (what it remembers is not hashed again): nobody else may write into it.
        folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with own_folder(folder.parent, f".{folder.name}.") as building:
            for name in entry.files:
                self._bring(entry, name, building / name)
            verified = Verified(folder.with_name(f"{folder.name}.verified.json"))
            try:
                verify_files(building, entry.files, verified)
            except Damaged as error:
                raise self._damaged(entry, error) from error
            try:
                building.rename(folder)
            except OSError as error:
                if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                    raise  # otherwise another process was first, with the same files

    def _damage(self, entry: ModelEntry, name: str) -> Damaged | None:
        """What is wrong with a file of the entry in the store, as far as can be seen without reading it."""
        found, expected = self._store.stat(f"{entry.path}/{name}"), entry.files[name].bytes
        if found is None:
            return Damaged(name, "is missing")
        return Damaged(name, f"has {found.size} bytes, not {expected}") if found.size != expected else None

    def _bring(self, entry: ModelEntry, name: str, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        key = f"{entry.path}/{name}"
        if self._fallback is not None and (damage := self._damage(entry, name)) is not None:
            structlog.get_logger().warning(
                f"{name} of {entry.repo} in {self._uri} {damage.what}: it comes from the hub, at the index's revision"
            )
            with self._as_fallback(entry, damage):
                self._fallback.fetch(entry.repo, entry.revision, name, entry.files[name], path)
            return
        try:
            local = self._store.local_path(key)
            if local is not None:
                path.symlink_to(local)
            else:
                self._store.download(key, path)
        except ObjectNotFound as error:
            raise self._damaged(entry, Damaged(name, "is missing")) from error

    @contextmanager
    def _as_fallback(self, entry: ModelEntry, damage: Damaged) -> Iterator[None]:
        """What the fallback raises, with what made us ask it."""
        try:
            yield
        except StepError as error:
            raise type(error)(
                f"{self._damaged(entry, damage).message} Nor does the hub give it: {error.message}",
                retry_after_seconds=error.retry_after_seconds,
            ) from error

    def _damaged(self, entry: ModelEntry, damage: Damaged, copy: Path | None = None) -> Misconfigured:
        """The error for a file that is not as the index says. copy: the folder in the cache that was verified."""
        if copy is not None and not self._in_place:
            return Misconfigured(
                f"{damage.name} of the copy of {entry.repo} in {copy} {damage.what}: delete that folder, the next run "
                f"fetches it again from {self._uri}."
            )
        return Misconfigured(
            f"{damage.name} of {entry.repo} in {self._uri} {damage.what}: delete {entry.path}/{damage.name} there and "
            f"fetch it again with `debate-worker fetch-models --to {self._uri} --{entry.role} {entry.name}`."
        )


def read_index(store: ObjectStore, uri: str) -> ModelsIndex | None:
    """The index of a store of models, None where there is none; `uri` is the store's name in messages.

    Raises Misconfigured where it is invalid, or names a file that would lie outside the store.
    """
    try:
        index = ModelsIndex.from_json(store.get(INDEX_KEY))
        for entry in index.models:
            for name in entry.files:
                check_key(f"{entry.path}/{name}")
    except (NoSuchStore, ObjectNotFound):
        return None
    except (InvalidDocument, InvalidName) as error:
        raise Misconfigured(
            f"{INDEX_KEY} in {uri} cannot be used: {error} Delete it and fetch the models again with "
            f"`debate-worker fetch-models --to {uri}`."
        ) from error
    return index


@contextmanager
def _cache_errors(cache: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Misconfigured(
            f"The cache folder {cache} cannot be used for models ({error}): make room in it, or choose another."
        ) from error
