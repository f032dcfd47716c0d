"""What speaks of all debates together: the list (`index.json`) and the totals (`summary.json`). Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from debate_core import keys
from debate_core.documents.manifest import People
from debate_core.documents.statistics import (
    IndexEntry,
    Note,
    StatisticsIndex,
    StatisticsSummary,
    Totals,
)
from debate_stats.document import relative
from debate_stats.parameters import Parameters
from debate_stats.people import Presence, notes_on_people, people, presences
from debate_stats.published import Published


@dataclass(frozen=True, slots=True)
class Listed:
    """What the list and the totals need of one debate; its whole document would hold every segment."""

    entry: IndexEntry
    totals: Totals
    people: tuple[Presence, ...] = ()


def listed(statistics: Published, completed_at: datetime, parameters: Parameters) -> Listed:
    """One debate's part. `updated_at`: when the job finished; a speaker without a name is listed by label."""
    entry = IndexEntry(
        job_id=statistics.job_id,
        title=statistics.title,
        language=statistics.language,
        duration_seconds=statistics.totals.duration_seconds,
        speaker_count=statistics.totals.speakers,
        speaker_names=[speaker.name or speaker.label for speaker in statistics.speakers],
        updated_at=completed_at,
        path=relative(keys.STAT_BY_JOB.key(job_id=statistics.job_id)),
    )
    return Listed(entry=entry, totals=statistics.totals, people=tuple(presences(statistics, parameters)))


def newest_first(debates: Iterable[Listed]) -> list[Listed]:
    """By when they finished; by id where two finished at the same moment."""
    by_id = sorted(debates, key=lambda debate: debate.entry.job_id)
    return sorted(by_id, key=lambda debate: debate.entry.updated_at, reverse=True)


def index(debates: Iterable[Listed], generated_at: datetime) -> StatisticsIndex:
    """The list, newest first."""
    return StatisticsIndex(generated_at=generated_at, jobs=[debate.entry for debate in newest_first(debates)])


def summary(
    debates: Iterable[Listed], known: People | None, generated_at: datetime, parameters: Parameters
) -> StatisticsSummary:
    """Totals over all debates. Ratios are ratios of sums, not means of ratios: a long debate weighs more.

    speech_ratio = speech / duration; words_per_minute = words / (speech / 60), where overlapping speech counts once;
    overlap_ratio = overlap / speech, over the debates with diarization. known: see `people.people`.
    """
    rows = newest_first(debates)
    totals = [debate.totals for debate in rows]
    persons = people([debate.people for debate in rows], known, parameters)
    heard = [(one.overlap_seconds, one.speech_seconds) for one in totals if one.overlap_seconds is not None]
    duration = sum(one.duration_seconds for one in totals)
    speech = sum(one.speech_seconds for one in totals)
    words = sum(one.words for one in totals)
    document = StatisticsSummary(
        generated_at=generated_at,
        jobs=len(totals),
        duration_seconds=round(duration, 3),
        speech_seconds=round(speech, 3),
        words=words,
        speech_ratio=_ratio(speech, duration),
        words_per_minute=words / (speech / 60) if speech > 0 else None,
        overlap_ratio=_ratio(sum(overlap for overlap, _ in heard), sum(spoken for _, spoken in heard)),
        people=persons,
        notes=[],
    )
    notes = [*_notes(document, with_diarization=len(heard)), *notes_on_people(persons, parameters)]
    return document.model_copy(update={"notes": notes})


def _ratio(part: float, whole: float) -> float | None:
    return min(1.0, part / whole) if whole > 0 else None


def _notes(document: StatisticsSummary, *, with_diarization: int) -> list[Note]:
    reasons = {
        "speech_ratio": "there is no debate with a length",
        "words_per_minute": "there is no speech",
        "overlap_ratio": "there is no debate with diarization and speech",
    }
    notes = [Note(field=field, reason=why) for field, why in reasons.items() if getattr(document, field) is None]
    if 0 < with_diarization < document.jobs:
        reason = f"over the {with_diarization} of {document.jobs} debates that have diarization"
        notes.append(Note(field="overlap_ratio", reason=reason))
    return notes
