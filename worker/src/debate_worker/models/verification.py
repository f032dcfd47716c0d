"""That a model's files are the ones that the index names: size and sha256, each file hashed once."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from debate_core.documents.models_index import ModelFile
from debate_core.store.atomic import whole_file


class Damaged(Exception):
    """A file of a model is not what the index names. `what` says how: "is missing"."""

    def __init__(self, name: str, what: str) -> None:
        super().__init__(f"{name} {what}")
        self.name: Final = name
        self.what: Final = what


class Verified:
    """The file that remembers which files were hashed, so that a model of gigabytes is not read at every start.

    A file counts as the same while its inode, size and both times are. The change time is among them because, unlike
    the modification time, nothing sets it back: a file that was exchanged by `cp -p` is hashed again.
    """

    def __init__(self, path: Path) -> None:
        self._path: Final = path
        try:
            self._known: dict[str, object] = dict(json.loads(path.read_bytes())["files"])
        except (
            FileNotFoundError,
            ValueError,
            KeyError,
            TypeError,
            RecursionError,
        ):  # none yet, or not ours: hash again
            self._known = {}
        self._changed = False

    def knows(self, name: str, sha256: str, status: os.stat_result) -> bool:
        """Whether this very file was found to have this hash."""
        return self._known.get(name) == _identity(sha256, status)

    def remember(self, name: str, sha256: str, status: os.stat_result) -> None:
        """Note that this file has this hash."""
        self._known[name] = _identity(sha256, status)
        self._changed = True

    def save(self) -> None:
        """Write what was learned. Several processes may: each writes the truth, the last one stays."""
        if self._changed:
            with whole_file(self._path) as file:
                file.write(json.dumps({"files": self._known}).encode())
            self._changed = False


def verify_files(folder: Path, files: Mapping[str, ModelFile], verified: Verified) -> None:
    """Raise `Damaged` unless `folder` holds exactly these files, each of its size and sha256."""
    there = {
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir() or path.is_symlink()
    }
    unknown = sorted(there - files.keys())
    if unknown:
        raise Damaged(unknown[0], "is not in the index")
    for name, file in files.items():
        path = folder / name
        try:
            status = path.stat()
        except FileNotFoundError:
            raise Damaged(name, "is missing") from None
        if status.st_size != file.bytes:
            raise Damaged(name, f"is {status.st_size:,} bytes long, not {file.bytes:,} as index.json says")
        if verified.knows(name, file.sha256, status):
            continue
        if sha256_of(path) != file.sha256:
            raise Damaged(name, "does not have the sha256 that index.json names")
        verified.remember(name, file.sha256, status)
    verified.save()


def sha256_of(path: Path) -> str:
    """The sha256 of a file, in hex; constant memory. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _identity(sha256: str, status: os.stat_result) -> list[object]:
    return [sha256, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns]
