"""`statistics/by-job/<id>.json`: figures, files and where they come from, as one document. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from debate_core import keys
from debate_core.documents.manifest import ManifestEntry
from debate_core.documents.statistics import DebateStatistics, Files, Media, Note
from debate_stats.debate import debate_from
from debate_stats.figures import compute
from debate_stats.inputs import Documents, Sources, public_name
from debate_stats.parameters import Parameters

AUDIO_MIME: Final = "audio/mp4"


def public_keys(sources: Sources) -> dict[str, str]:
    """Kind -> key below `statistics/` at which the document is published."""
    job_id = sources.entry.job_id
    return {
        kind: keys.STAT_FILE.key(job_id=job_id, filename=public_name(info.key))
        for kind, info in sources.documents.items()
    }


def statistics_document(
    sources: Sources, documents: Documents, parameters: Parameters, generated_at: datetime
) -> DebateStatistics:
    """The statistics of one debate."""
    language = _language(documents)
    debate = debate_from(documents.transcript, documents.words, documents.speech, language)
    figures = compute(debate, documents.names, parameters)
    paths = {kind: relative(key) for kind, key in public_keys(sources).items()}
    entry = sources.entry
    return DebateStatistics(
        job_id=entry.job_id,
        title=entry.title,
        source_url=entry.source_url,
        language=language,
        generated_at=generated_at,
        inputs=sources.inputs,
        parameters=parameters.published(),
        media=_media(entry, paths.get("audio"), documents),
        files=Files(**{kind: path for kind, path in paths.items() if kind != "audio"}),
        totals=figures.totals,
        speakers=figures.speakers,
        interruptions=figures.interruptions,
        butt_ins=figures.butt_ins,
        timeline=figures.timeline,
        share_windows=figures.share_windows,
        notes=[*_notes(documents, language, paths), *figures.notes],
    )


def relative(key: str) -> str:
    """A key below `statistics/` as the page reads it."""
    return key.removeprefix(keys.STAT_PREFIX.key())


def _language(documents: Documents) -> str | None:
    """Of the words: a translation's is another than what was spoken."""
    if documents.words is not None:
        return documents.words.language
    return documents.report.language.code if documents.report is not None else None


def _media(entry: ManifestEntry, url: str | None, documents: Documents) -> Media:
    return Media(
        url=url,
        source_url=entry.source_url,
        mime=AUDIO_MIME if url else None,
        offset_seconds=documents.report.media.offset_seconds if documents.report else 0.0,
    )


def _notes(documents: Documents, language: str | None, paths: dict[str, str]) -> list[Note]:
    notes = []
    if documents.report is not None:
        notes += [Note(field="media", reason=warning) for warning in documents.report.media.warnings]
        notes += [Note(field="transcript", reason=notice) for notice in documents.report.notices]
    else:
        reason = "there is no quality report: times are taken to count from the start of the video"
        notes.append(Note(field="media.offset_seconds", reason=reason))
    if language is None:
        notes.append(Note(field="language", reason="neither a quality report nor a words document states it"))
    if "audio" not in paths:
        notes.append(Note(field="media.url", reason="the job kept no sound to listen to"))
    return notes
