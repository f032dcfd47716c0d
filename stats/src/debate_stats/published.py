"""A debate's public statistics as the job itself reads them back: without the long lists that only the page needs."""

from __future__ import annotations

from typing import Self

from pydantic import AwareDatetime

from debate_core.documents.base import Document
from debate_core.documents.statistics import DebateStatistics, Input, Pair, SpeakerStatistics, Totals


class Published(Document):
    """Of `statistics/by-job/<id>.json` what says whether it is still current, and what list and totals take from it.

    Timeline and windows are most of the document; a thousand documents are read faster without making them objects.
    """

    schema_version: int = 1
    job_id: str
    title: str
    language: str | None
    completed_at: AwareDatetime | None = None
    inputs: list[Input]
    parameters: dict[str, float | int | str]
    totals: Totals
    speakers: list[SpeakerStatistics]
    interruptions: list[Pair] | None

    @classmethod
    def of(cls, statistics: DebateStatistics) -> Self:
        """What will be read back of them."""
        return cls(**{name: getattr(statistics, name) for name in cls.model_fields})
