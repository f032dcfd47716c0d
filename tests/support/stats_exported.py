"""A store with published statistics that fill every table of an export."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from debate_core import keys
from debate_core.documents.manifest import DocumentKeys, KnownPerson, ManifestEntry, People, Person, Speakers
from debate_core.documents.statistics import DebateStatistics, Pair
from debate_core.documents.transcript import Transcript, Utterance
from debate_core.store import FolderStore, ObjectStore
from debate_stats.run import run

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
HOSTILE = '=HYPERLINK("https://example.org"),"\x00\n'


def exported_store(folder: Path) -> ObjectStore:
    """Debates `council` and `other`; Ada speaks in both, and interrupts in the first."""
    store = FolderStore(folder)
    store.put(keys.PEOPLE.key(), People(people={"ada": KnownPerson(name="Ada")}).to_json())
    for job_id, title in (("council", HOSTILE), ("other", "Žluťoučký kůň")):
        _finish(store, job_id, title)
    run(store, store, job_ids=None, now=NOW)
    key = keys.STAT_BY_JOB.key(job_id="council")
    statistics = DebateStatistics.from_json(store.get(key))
    pairs = [Pair(by="SPEAKER_00", of="SPEAKER_01", count=2, at=[1.5, 12.25])]
    store.put(key, statistics.model_copy(update={"interruptions": pairs, "butt_ins": []}).to_json())
    return store


def unpublish(store: ObjectStore, job_id: str) -> None:
    store.delete(keys.MANIFEST.key(job_id=job_id))
    run(store, store, job_ids=[job_id], now=NOW)


def _finish(store: ObjectStore, job_id: str, title: str) -> None:
    lines = [
        Utterance(start=0, end=20, text="Good evening to all of you.", speaker="SPEAKER_00", confidence=0.9),
        Utterance(start=21, end=40, text="Good night?", speaker="SPEAKER_01", confidence=0.7),
    ]
    key = keys.TRANSCRIPT.key(job_id=job_id, name="clip")
    store.put(key, Transcript(duration=60, speakers_count=2, transcription=lines).to_json())
    names = {"SPEAKER_00": Person(name="Ada", person="ada")}
    store.put(keys.SPEAKERS.key(job_id=job_id), Speakers(speakers=names).to_json())
    entry = ManifestEntry(
        job_id=job_id,
        title=title,
        source_url=None,
        publish=True,
        completed_at=NOW,
        documents=DocumentKeys(transcript=key),
    )
    store.put(keys.MANIFEST.key(job_id=job_id), entry.to_json())
