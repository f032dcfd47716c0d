"""A job's documents, read from the store by way of its manifest entry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from debate_core import keys
from debate_core.documents.base import InvalidDocument
from debate_core.documents.manifest import ManifestEntry, People, Person, Speakers
from debate_core.documents.report import QualityReport
from debate_core.documents.statistics import Input
from debate_core.documents.transcript import Transcript, Words
from debate_core.ids import slug
from debate_core.store import ObjectInfo, ObjectNotFound, ObjectStore
from debate_stats.identity import Identities, identify
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

NOBODY: Final = Identities()


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
        """Every object that decides the statistics or is copied beside them, with its ETag; of people, `Documents`."""
        objects = [self.manifest, *self.documents.values(), *([self.speakers] if self.speakers else [])]
        return [Input(key=found.key, etag=found.etag) for found in objects]


@dataclass(frozen=True, slots=True)
class Documents:
    """The documents, read; None where the job has none."""

    transcript: Transcript
    words: Words | None
    speech: list[Speech] | None
    report: QualityReport | None
    identities: Identities

    @property
    def names(self) -> dict[str, Person]:
        """Label -> who that is."""
        return self.identities.names


def read_entry(store: ObjectStore, info: ObjectInfo, job_id: str) -> ManifestEntry:
    """The manifest entry of a job. Raises BrokenJob."""
    try:
        entry = ManifestEntry.from_json(store.get(info.key))
    except (InvalidDocument, ObjectNotFound) as error:
        raise BrokenJob(f"{info.key}: {error}") from error
    if entry.job_id != job_id:
        raise BrokenJob(f"{info.key} is the entry of another job, {entry.job_id!a}.")
    return entry


def read_people(store: ObjectStore) -> People:
    """Everybody who is known by an id; nobody where there is no `people.json`. Raises BrokenJob."""
    key = keys.PEOPLE.key()
    try:
        return People.from_json(store.get(key))
    except ObjectNotFound:
        return People(people={})
    except InvalidDocument as error:
        raise BrokenJob(f"{key}: {error}") from error


def look(store: ObjectStore, job_id: str) -> dict[str, ObjectInfo]:
    """Key -> object, of everything that a job has: one request, where asking for each document would take ten."""
    return {info.key: info for info in store.list(keys.JOB_PREFIX.key(job_id=job_id))}


def find_sources(entry: ManifestEntry, manifest: ObjectInfo, there: dict[str, ObjectInfo]) -> Sources:
    """The objects that the entry names, of those that the job has.

    Raises BrokenJob where one is missing or is not this job's own: whatever is named here becomes public, and an entry
    must not be able to publish another job's documents.
    """
    documents = {}
    for kind in TEMPLATES:
        key: str | None = getattr(entry.documents, kind)
        if key is None:
            continue
        if not _is_own(kind, key, entry.job_id):
            raise BrokenJob(f"{manifest.key} names {key[:200]!a} as {kind}, which is no {kind} of this job.")
        if key not in there:
            raise BrokenJob(f"{manifest.key} names {key}, which does not exist: run the job again.")
        documents[kind] = there[key]
    speakers = there.get(keys.SPEAKERS.key(job_id=entry.job_id))
    return Sources(entry=entry, manifest=manifest, documents=documents, speakers=speakers)


def is_transcript_of(key: str, job_id: str) -> bool:
    """Whether a key may be a job's transcript: any JSON file of its folder, since older systems name it otherwise."""
    folder, _, name = key.rpartition("/")
    return f"{folder}/" == keys.TRANSCRIPTS_PREFIX.key(job_id=job_id) and name.endswith(".json")


def public_name(key: str) -> str:
    """The file name under which a document is published: its own, unless an older system gave it another form."""
    name = key.rpartition("/")[2]
    if any(template.parse(key) for template in TEMPLATES.values()):
        return name
    return f"{slug(name.removesuffix('.json').removesuffix('_transcription'))}_transcription.json"


def read_documents(store: ObjectStore, sources: Sources, people: People | None) -> Documents:
    """The documents that the figures need. Raises BrokenJob for one that cannot be read.

    people: None where `people.json` cannot be read; then a debate with a person in it cannot be computed.
    """

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
            identities=_identities(content(sources.speakers), people) if sources.speakers else NOBODY,
        )
    except (InvalidDocument, InvalidRttm) as error:
        raise BrokenJob(f"Job {sources.entry.job_id}: {error}") from error


def _identities(data: bytes, people: People | None) -> Identities:
    speakers = Speakers.from_json(data)
    if people is None and any(person.person for person in speakers.speakers.values()):
        raise BrokenJob("it has persons, and people.json cannot be read.")
    return identify(speakers, people or People(people={}))


def _is_own(kind: str, key: str, job_id: str) -> bool:
    if kind == "transcript":
        return is_transcript_of(key, job_id)
    return (TEMPLATES[kind].parse(key) or {}).get("job_id") == job_id
