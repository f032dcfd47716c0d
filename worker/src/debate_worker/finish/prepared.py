"""What prepare tells finish about the source and the media: the facts of its step result, typed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from debate_core.documents.base import Part, explain
from debate_core.errors import StepError


class WorkIncomplete(StepError):
    """A step before did not leave what it must: our own bug, or `work/` has expired since.

    It is an internal error (exit 70) and not a final one: with the steps before run again it can succeed.
    """


class Prepared(Part):
    """`warnings`: one a line."""

    source_kind: Literal["file", "object", "url"]
    source_location: str
    source_etag: str | None = None
    title: str
    media_key: str
    media_mime: str
    media_bytes: Annotated[int, Field(ge=0)]
    container_seconds: Annotated[float, Field(ge=0)] | None = None
    warnings: str = ""

    @classmethod
    def of(cls, facts: Mapping[str, object]) -> Prepared:
        """Read the facts of prepare's step result; raises WorkIncomplete where one is missing or wrong."""
        try:
            return cls.model_validate(dict(facts), strict=True)
        except ValidationError as error:
            raise WorkIncomplete(f"prepare's result cannot be used ({explain(error)}): run prepare again") from error
