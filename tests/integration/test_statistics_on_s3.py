"""The statistics job between real stores: a folder, S3, and from one to the other."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from debate_core import keys
from debate_core.documents.manifest import DocumentKeys, ManifestEntry
from debate_core.documents.statistics import DebateStatistics
from debate_core.documents.transcript import Transcript, Utterance
from debate_core.store import ObjectStore
from debate_stats.run import State, run

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SOUND = bytes(range(256)) * 40_000  # 10 MB: more than one part of a multipart upload
AT = {"job_id": "council", "name": "clip"}


def finish_job(store: ObjectStore, *, publish: bool = True) -> None:
    line = Utterance(start=0, end=20, text="Good evening.", speaker="SPEAKER_00", confidence=0.9)
    transcript = Transcript(duration=60, speakers_count=1, transcription=[line])
    store.put(keys.TRANSCRIPT.key(**AT), transcript.to_json())
    store.put(keys.AUDIO.key(**AT), SOUND)
    entry = ManifestEntry(
        job_id="council",
        title="Council",
        source_url=None,
        publish=publish,
        completed_at=NOW,
        documents=DocumentKeys(transcript=keys.TRANSCRIPT.key(**AT), audio=keys.AUDIO.key(**AT)),
    )
    store.put(keys.MANIFEST.key(job_id="council"), entry.to_json())


def states(store: ObjectStore, output: ObjectStore) -> list[State]:
    return [outcome.state for outcome in run(store, output, job_ids=None, now=NOW)]


def test_publish_skip_and_withdraw(store: ObjectStore) -> None:
    finish_job(store)
    assert states(store, store) == [State.COMPUTED]
    assert store.get("statistics/files/council/clip.audio.m4a") == SOUND
    assert DebateStatistics.from_json(store.get("statistics/by-job/council.json")).totals.speech_seconds == 20
    assert states(store, store) == [State.UNCHANGED]
    finish_job(store, publish=False)
    assert states(store, store) == [State.PRIVATE]
    assert [info.key for info in store.list("statistics/")] == [
        "statistics/index.json",
        "statistics/schema.json",
        "statistics/summary.json",
    ]


@pytest.mark.parametrize("back", [False, True], ids=["folder to S3", "S3 to folder"])
def test_from_one_store_to_another(folder_store: ObjectStore, s3_store: ObjectStore, back: bool) -> None:
    source, output = (s3_store, folder_store) if back else (folder_store, s3_store)
    finish_job(source)
    assert states(source, output) == [State.COMPUTED]
    assert output.get("statistics/files/council/clip.audio.m4a") == SOUND
    assert list(source.list("statistics/")) == []
