"""`models/index.json`: which models a folder or a store holds, with the hash of every file."""

from __future__ import annotations

import hashlib
from typing import Annotated, Literal

from pydantic import Field

from debate_core.documents.base import Document, Part

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class ModelFile(Part):
    """One file of a model."""

    sha256: Sha256
    bytes: Annotated[int, Field(ge=0)]


class ModelParameters(Part):
    """What a model wants to be used with.

    max_clip_seconds: of a transcription model, the longest clip that it decodes well, at most 30 (Whisper's window);
        it becomes part of the plan.
    similarity_threshold: of a diarization model, the cosine similarity of the voices of two windows' speakers, from
        which they are taken for one person. It is a matter of the embedding. The default is for pyannote's: version
        3.1 clustered chunks of 10 s at a centroid distance of 0.7046 at length 1, which is a similarity of 0.75; a
        little less, so that somebody whose voice or microphone changes within hours stays one person. Nobody has
        published a value for voices of whole windows: it wants tuning on recordings of the kind that is to be
        transcribed, for which each report shows the nearest values on both of its sides.
    """

    max_clip_seconds: Annotated[float, Field(gt=1, le=30)] = 30.0
    similarity_threshold: Annotated[float, Field(gt=-1, le=1)] = 0.7


class ModelEntry(Part):
    """One model. `path`: its folder, relative to the index. `name`: what a DebateJob calls it."""

    role: Literal["transcription", "diarization"]
    name: str
    repo: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,96}/[A-Za-z0-9._-]{1,96}$")]
    revision: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
    path: str
    license: str = ""
    notice: str = ""
    parameters: ModelParameters = ModelParameters()
    files: Annotated[dict[str, ModelFile], Field(min_length=1)]

    @property
    def digest(self) -> str:
        """sha256 over the files' names and hashes: changes exactly when a file of the model changes."""
        lines = "".join(f"{file.sha256}  {name}\n" for name, file in sorted(self.files.items()))
        return hashlib.sha256(lines.encode()).hexdigest()


class ModelsIndex(Document):
    """All models of a folder. Names are unique within a role."""

    schema_version: int = 1
    models: list[ModelEntry]

    def find(self, role: str, name: str | None) -> ModelEntry | None:
        """The model of that role with that name or repo; with name None, the only or first one of the role."""
        for entry in self.models:
            if entry.role == role and (name is None or name in (entry.name, entry.repo)):
                return entry
        return None
