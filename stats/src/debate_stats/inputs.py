"""A job's documents, read from the store by way of its manifest entry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from debate_core import keys
from debate_core.documents.base import InvalidDocument
from debate_core.documents.manifest import ManifestEntry, Speakers
from debate_core.documents.report import QualityReport
from debate_core.documents.statistics import Input
from debate_core.documents.transcript import Transcript, Words
from debate_core.store import ObjectInfo, ObjectNotFound, ObjectStore
from debate_stats.rttm import InvalidRttm, Speech, parse

TEMPLATES: Final = {
    "transcript": keys.TRANSCRIPT,
    "words": keys.WORDS,
    "vtt": keys.VTT,
    "srt": keys.SRT,
    "txt": keys.TXT,
    "rttm": keys.RTTM,
    "report": keys.REPORT,
    "audio": keys.AUDIO,
}
"""The documents that a manifest entry may name, and what their keys look like."""


class BrokenJob(Exception):
    """The documents of one job cannot be used; the message is a sentence that says which, and why."""


@dataclass(frozen=True, slots=True)
class Sources:
    """What a job's statistics come from.

    documents: kind (as in TEMPLATES) -> the object. speakers: of `speakers.json`, None where nobody has a name.
    """

    entry: ManifestEntry
    manifest: ObjectInfo
    documents: dict[str, ObjectInfo]
    speakers: ObjectInfo | None

    @property
    def inputs(self) -> list[Input]:
        """Every object that decides the statistics or is copied beside them, with its ETag."""
        objects = [self.manifest, *self.documents.values(), *([self.speakers] if self.speakers else [])]
        return [Input(key=found.key, etag=found.etag) for found in objects]


@dataclass(frozen=True, slots=True)
class Documents:
    """The documents, read; None where the job has none. `names`: label -> person."""

    transcript: Transcript
    words: Words | None
    speech: list[Speech] | None
    report: QualityReport | None
    names: dict[str, str]


def read_entry(store: ObjectStore, info: ObjectInfo, job_id: str) -> ManifestEntry:
    """The manifest entry of a job. Raises BrokenJob."""
    try:
        entry = ManifestEntry.from_json(store.get(info.key))
    except (InvalidDocument, ObjectNotFound) as error:
        raise BrokenJob(f"{info.key}: {error}") from error
    if entry.job_id != job_id:
        raise BrokenJob(f"{info.key} is the entry of another job, {entry.job_id!a}.")
    return entry


def find_sources(store: ObjectStore, entry: ManifestEntry, manifest: ObjectInfo) -> Sources:
    """The objects that the entry names. Raises BrokenJob where one is missing or is not this job's own.

    Whatever is named here becomes public: an entry must not be able to publish another job's documents.
    """
    documents = {}
    for kind, template in TEMPLATES.items():
        key: str | None = getattr(entry.documents, kind)
        if key is None:
            continue
        if (template.parse(key) or {}).get("job_id") != entry.job_id:
            raise BrokenJob(f"{manifest.key} names {key[:200]!a} as {kind}, which is no {kind} of this job.")
        info = store.stat(key)
        if info is None:
            raise BrokenJob(f"{manifest.key} names {key}, which does not exist: run the job again.")
        documents[kind] = info
    speakers = store.stat(keys.SPEAKERS.key(job_id=entry.job_id))
    return Sources(entry=entry, manifest=manifest, documents=documents, speakers=speakers)


def read_documents(store: ObjectStore, sources: Sources) -> Documents:
    """The documents that the figures need. Raises BrokenJob for one that cannot be read."""

    def content(info: ObjectInfo) -> bytes:
        try:
            return store.get(info.key)
        except ObjectNotFound as error:
            raise BrokenJob(f"{info.key} was deleted while it was read: run again.") from error

    found = sources.documents
    try:
        return Documents(
            transcript=Transcript.from_json(content(found["transcript"])),
            words=Words.from_json(content(found["words"])) if "words" in found else None,
            speech=parse(content(found["rttm"])) if "rttm" in found else None,
            report=QualityReport.from_json(content(found["report"])) if "report" in found else None,
            names=_names(content(sources.speakers)) if sources.speakers else {},
        )
    except (InvalidDocument, InvalidRttm) as error:
        raise BrokenJob(f"Job {sources.entry.job_id}: {error}") from error


def _names(data: bytes) -> dict[str, str]:
    return {label: person.name for label, person in Speakers.from_json(data).speakers.items()}
