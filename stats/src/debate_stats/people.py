"""People over debates: each one's figures in every debate, and in all of them together. Pure.

Speakers are joined through `people.json` alone (see `identity`); a name that two speakers share joins nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from debate_core.documents.manifest import People
from debate_core.documents.statistics import (
    Appearance,
    Note,
    Pair,
    PersonStatistics,
    SpeakerStatistics,
)
from debate_stats.pace import words_per_minute
from debate_stats.parameters import Parameters
from debate_stats.published import Published

_COUNTS: Final = ("questions", "interruptions_made", "interruptions_received")
"""Figures that one debate may have and another not."""


@dataclass(frozen=True, slots=True)
class Presence:
    """A person in one debate. all_speaking_seconds: those of all its known speakers, what the share is of."""

    person: str
    name: str
    appearance: Appearance
    all_speaking_seconds: float


def presences(statistics: Published, parameters: Parameters) -> list[Presence]:
    """The persons of one debate, by id. Figures of labels that are the same person are added up.

    speaking_seconds: the sum over the labels. Where a person's labels are heard at once the time counts twice, since
    only the sum is kept; share_of_speech, the sum of their shares, then is too high by as much. words_per_minute:
    words / (speaking seconds / 60), null below `pace_min_speech_s`. interruptions_made, interruptions_received:
    "estimated", as in the debate, without those between two labels of the same person.
    """
    rows: dict[str, list[SpeakerStatistics]] = {}
    for row in statistics.speakers:
        if row.person is not None:
            rows.setdefault(row.person, []).append(row)
    total = sum(row.speaking_seconds for row in statistics.speakers)
    return [
        Presence(
            person=person,
            name=own[0].name or person,
            appearance=_appearance(statistics, own, parameters),
            all_speaking_seconds=total,
        )
        for person, own in sorted(rows.items())
    ]


def _appearance(statistics: Published, rows: Sequence[SpeakerStatistics], parameters: Parameters) -> Appearance:
    labels = [row.label for row in rows]
    seconds = sum(row.speaking_seconds for row in rows)
    words = sum(row.words for row in rows)
    shares = [row.share_of_speech for row in rows if row.share_of_speech is not None]
    questions = [row.questions for row in rows if row.questions is not None]
    return Appearance(
        job_id=statistics.job_id,
        title=statistics.title,
        labels=labels,
        speaking_seconds=seconds,
        share_of_speech=min(1.0, sum(shares)) if shares else None,
        words=words,
        words_per_minute=words_per_minute(words, seconds, parameters),
        turns=sum(row.turns for row in rows),
        questions=sum(questions) if len(questions) == len(rows) else None,
        interruptions_made=_count(statistics.interruptions, by=labels),
        interruptions_received=_count(statistics.interruptions, of=labels),
        first_second=min((row.first_second for row in rows if row.first_second is not None), default=None),
    )


def _count(
    pairs: Iterable[Pair] | None, *, by: Sequence[str] | None = None, of: Sequence[str] | None = None
) -> int | None:
    """How often these labels do it to others, or others to them."""
    if pairs is None:
        return None
    own = by or of or ()
    return sum(
        pair.count for pair in pairs if (pair.by if by else pair.of) in own and (pair.of if by else pair.by) not in own
    )


def people(
    debates: Iterable[Sequence[Presence]], known: People | None, parameters: Parameters
) -> list[PersonStatistics]:
    """Everybody of `people.json` who speaks in one of the debates, by name; a person's debates in the order given.

    Every ratio is a ratio of sums, so that a long debate weighs more: share_of_speech = the person's speaking seconds
    / those of all speakers of the same debates; words_per_minute = words / (speaking seconds / 60). Counts that a
    debate does not have are summed over the others; null where no debate has them.
    known: `people.json`; None where it cannot be read: then the names stay those of the debates.
    """
    found: dict[str, list[Presence]] = {}
    for present in (presence for debate in debates for presence in debate):
        if known is None or present.person in known.people:
            found.setdefault(present.person, []).append(present)
    rows = [
        _person(person, known.people[person].name if known else presences[0].name, presences, parameters)
        for person, presences in found.items()
    ]
    return sorted(rows, key=lambda row: (row.name.casefold(), row.person))


def _person(person: str, name: str, presences: Sequence[Presence], parameters: Parameters) -> PersonStatistics:
    rows = [presence.appearance for presence in presences]
    seconds = sum(row.speaking_seconds for row in rows)
    whole = sum(presence.all_speaking_seconds for presence in presences)
    words = sum(row.words for row in rows)
    return PersonStatistics(
        person=person,
        name=name,
        debates=rows,
        speaking_seconds=round(seconds, 3),
        share_of_speech=min(1.0, seconds / whole) if whole > 0 else None,
        words=words,
        words_per_minute=words_per_minute(words, seconds, parameters),
        turns=sum(row.turns for row in rows),
        questions=_sum(row.questions for row in rows),
        interruptions_made=_sum(row.interruptions_made for row in rows),
        interruptions_received=_sum(row.interruptions_received for row in rows),
    )


def _sum(counts: Iterable[int | None]) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if known else None


def notes_on_people(rows: Sequence[PersonStatistics], parameters: Parameters) -> list[Note]:
    """For every figure of theirs that is null or not of all debates, why, and whose."""
    reasons = {
        "share_of_speech": "no speech is timed in any of the debates",
        "words_per_minute": f"under {parameters.pace_min_speech_s:g} s of speech in all debates",
        **dict.fromkeys(_COUNTS, "not known in any of the debates"),
    }
    notes = []
    for figure, reason in reasons.items():
        concerned = [row.person for row in rows if getattr(row, figure) is None]
        if concerned:
            notes.append(Note(field=f"people[].{figure}", reason=f"{', '.join(concerned)}: {reason}"))
    for figure in _COUNTS:
        partial = [row for row in rows if getattr(row, figure) is not None and _unknown(row, figure)]
        who = ", ".join(f"{row.person} ({_unknown(row, figure)} of {len(row.debates)})" for row in partial)
        if who:
            notes.append(Note(field=f"people[].{figure}", reason=f"not known in some of the debates: {who}"))
    return notes


def _unknown(row: PersonStatistics, figure: str) -> int:
    return sum(getattr(debate, figure) is None for debate in row.debates)
