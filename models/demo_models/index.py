"""The index of a models folder: which files each model holds, with their SHA-256.

    python -m demo_models.index FOLDER

A models folder and the `models/` prefix of a store have the same shape: `<repo>@<revision>/...`
beside one `index.json`. Whoever loads a model compares its files with the index first, because
the diarization weights are pickles: what the index does not vouch for is not opened.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SCHEMA_VERSION = 1
LICENSE = "Apache-2.0"


@dataclass(frozen=True)
class Model:
    """One entry of the index, without its files."""

    role: str
    name: str
    revision: str
    notice: str
    parameters: dict[str, Any] = field(default_factory=dict)

    @property
    def repo(self) -> str:
        """The name that a model hub would know it by."""
        return f"debate-analyzer/{self.name}"

    @property
    def path(self) -> str:
        """Where it lies, relative to the models folder."""
        return f"{self.repo}@{self.revision}"


DEMO_MODELS = (
    Model(
        role="transcription",
        name="whisper-demo",
        revision="1",
        notice="Knows only the voices and the 320 words of the sample debate.",
        parameters={"max_clip_seconds": 10.0},
    ),
    Model(
        role="diarization",
        name="diarization-demo",
        revision="1",
        notice="Tells only synthesised voices like the sample's apart.",
        parameters={"similarity_threshold": 0.7},
    ),
)


def digests(folder: Path) -> dict[str, dict[str, Any]]:
    """`{relative path: {"sha256", "bytes"}}` of every file under `folder`, sorted by path.

    Raises FileNotFoundError where the folder is absent or holds no file: an index of nothing
    would vouch for anything.
    """
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    if not files:
        raise FileNotFoundError(f"no model files under {folder}")
    return {
        path.relative_to(folder).as_posix(): {
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            "bytes": path.stat().st_size,
        }
        for path in files
    }


def index(folder: Path, models: tuple[Model, ...] = DEMO_MODELS) -> dict[str, Any]:
    """The index document of a models folder. Raises FileNotFoundError where a model is absent."""
    return {
        "schema_version": SCHEMA_VERSION,
        "models": [
            {
                "role": model.role,
                "name": model.name,
                "repo": model.repo,
                "revision": model.revision,
                "path": model.path,
                "license": LICENSE,
                "notice": model.notice,
                "parameters": model.parameters,
                "files": digests(folder / model.path),
            }
            for model in models
        ],
    }


def main() -> None:
    """Write `index.json` into the folder named on the command line."""
    parser = argparse.ArgumentParser(description="Write the index of a models folder.")
    parser.add_argument("folder", type=Path, help="holds <repo>@<revision>/...")
    folder: Path = parser.parse_args().folder
    text = json.dumps(index(folder), indent=2, sort_keys=False) + "\n"
    (folder / "index.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
