"""The claim on a job id, and the manifest entry: one small object for a finished job, all that stats starts from."""

from __future__ import annotations

from pydantic import AwareDatetime

from debate_core.documents.base import Document, Part


class Owner(Document):
    """`jobs/<id>/owner.json`, created once. `source_hash`: sha256 of the link, of the
    object's name and etag, or of a file's bytes."""

    schema_version: int = 1
    namespace: str
    name: str
    uid: str
    source_hash: str


class DocumentKeys(Part):
    """Keys in the store; null where a job has no such document."""

    transcript: str | None
    words: str | None = None
    vtt: str | None = None
    srt: str | None = None
    txt: str | None = None
    rttm: str | None = None
    report: str | None = None
    audio: str | None = None


class ManifestEntry(Document):
    """`manifest/<id>.json`, written last: where it exists, everything that it names exists."""

    schema_version: int = 1
    job_id: str
    title: str
    source_url: str | None
    publish: bool
    completed_at: AwareDatetime
    documents: DocumentKeys


class Person(Part):
    """Who a speaker label is. `person`: id in `people.json`; null for a name that joins nothing over debates.
    `source`: who or what said so."""

    name: str
    person: str | None = None
    source: str = "manual"


class Speakers(Document):
    """`jobs/<id>/speakers.json`: label -> person. A label that is missing has no name yet."""

    schema_version: int = 1
    speakers: dict[str, Person]


class KnownPerson(Part):
    """Somebody who speaks in debates."""

    name: str


class People(Document):
    """`people.json`: person id -> who that is, over all debates. An id is as a job's (`ids.JOB_ID`)."""

    schema_version: int = 1
    people: dict[str, KnownPerson]
