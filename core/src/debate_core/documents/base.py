"""What all documents share: strict JSON, rounded numbers, versions, one reader and one writer."""

from __future__ import annotations

import json
from typing import Annotated, Any, ClassVar, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError


class InvalidDocument(ValueError):
    """A stored document cannot be read: not JSON, not of its shape, or of a version this release does not know."""


def _rounded(digits: int) -> AfterValidator:
    # Adding 0.0 turns -0.0 into 0.0: "-0.0" in a document reads like an error.
    return AfterValidator(lambda value: round(value, digits) + 0.0)


LARGEST_SECONDS = 1e10
"""300 years: more is a mistake. Within it sums stay finite, and milliseconds exact."""

Seconds = Annotated[float, Field(ge=0, le=LARGEST_SECONDS), _rounded(3)]
"""Seconds from the first audio sample, or a length in seconds; 3 decimals."""

Probability = Annotated[float, Field(ge=0, le=1), _rounded(3)]
"""0 to 1; 3 decimals."""

LARGEST_FIGURE = 1e12

Figure = Annotated[float, Field(ge=-LARGEST_FIGURE, le=LARGEST_FIGURE), _rounded(4)]
"""A computed figure of any sign; 4 decimals. Bounded as seconds are: sums of what is read stay finite."""


class Part(BaseModel):
    """A part of a document. Unknown fields are ignored, so that an older reader survives an added field."""

    model_config = ConfigDict(extra="ignore", frozen=True, allow_inf_nan=False)


class Document(Part):
    """A document of the store. `VERSION` is what we write; the previous one is still read.

    SORTS_KEYS: whether its keys are written by the alphabet, not in the order of the fields.
    """

    VERSION: ClassVar[int] = 1
    SORTS_KEYS: ClassVar[bool] = False

    def to_json(self) -> bytes:
        """UTF-8 JSON, strict, keys in a fixed order: the same values always give the same bytes."""
        text = self.model_dump_json()
        if self.SORTS_KEYS:
            text = json.dumps(
                json.loads(text), ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True
            )
        return text.encode() + b"\n"

    @classmethod
    def from_json(cls, data: bytes | str) -> Self:
        """Read a document; raises InvalidDocument with the first thing that is wrong."""
        try:
            document = cls.model_validate_json(data, strict=True)
        except ValidationError as error:
            raise InvalidDocument(f"{cls.__name__}: {explain(error)}") from error
        version: Any = getattr(document, "schema_version", cls.VERSION)
        if version not in (cls.VERSION, cls.VERSION - 1):
            raise InvalidDocument(
                f"{cls.__name__}: schema_version {version} is not known to this release (it reads up to "
                f"{cls.VERSION}): upgrade Debate Analyzer"
            )
        return document


def explain(error: ValidationError) -> str:
    """The first mistake in a person's words: `spec.source.url: Field required` (and how many more)."""
    mistakes = error.errors(include_url=False, include_context=False)
    where = ".".join(str(part) for part in mistakes[0]["loc"])
    more = f" (and {len(mistakes) - 1} more)" if len(mistakes) > 1 else ""
    return f"{where + ': ' if where else ''}{mistakes[0]['msg'].removeprefix('Value error, ')}{more}"
