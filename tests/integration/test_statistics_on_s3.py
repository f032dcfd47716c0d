"""The statistics job between real stores: a folder, S3, and from one to the other."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from watched_store import Turns, WatchedStore

from debate_core import keys
from debate_core.documents.manifest import DocumentKeys, ManifestEntry
from debate_core.documents.statistics import DebateStatistics, StatisticsIndex, StatisticsSummary
from debate_core.documents.transcript import Transcript, Utterance
from debate_core.store import ObjectStore, open_store
from debate_stats.names import give_name
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


def public(store: ObjectStore) -> dict[str, bytes]:
    return {info.key: store.get(info.key) for info in store.list("statistics/")}


@pytest.mark.parametrize("seed", range(4))
def test_runs_at_once_end_right(store: ObjectStore, folder_store: ObjectStore, seed: int) -> None:
    finish_job(store)
    states(store, store)
    turns = Turns(["one", "two", "three"], seed)
    failed: list[BaseException] = []

    def work(name: str) -> None:
        watched = WatchedStore(store, lambda *_: turns.wait(name))
        try:
            if name == "one":
                finish_job(watched, publish=False)
            elif name == "two":
                give_name(watched, "council", "SPEAKER_00", "Ada")
            run(watched, watched, job_ids=None if name != "three" else ["council"], now=NOW, parallel=1)
        except BaseException as error:  # noqa: BLE001 - told to the test below
            failed.append(error)
        finally:
            turns.leave(name)

    threads = [threading.Thread(target=work, args=[name]) for name in ("one", "two", "three")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    for key, data in public(store).items():
        for trace in (b"council", b"Council", b"Ada", b"Good evening"):
            assert trace not in key.encode() + data, key
    finish_job(store)
    states(store, store)
    clean = open_store(f"{folder_store.uri}-clean")
    run(store, clean, job_ids=None, now=NOW)
    assert public(store) == public(clean)
    assert b"Ada" in store.get("statistics/summary.json")


def test_many_jobs_that_finish_at_once_are_all_listed(store: ObjectStore) -> None:
    numbers = [f"debate-{number}" for number in range(6)]

    def finish(job_id: str) -> None:
        line = Utterance(start=0, end=20, text="Good evening.", speaker="SPEAKER_00", confidence=0.9)
        key = keys.TRANSCRIPT.key(job_id=job_id, name="clip")
        store.put(key, Transcript(duration=60, speakers_count=1, transcription=[line]).to_json())
        entry = ManifestEntry(
            job_id=job_id,
            title=job_id,
            source_url=None,
            publish=True,
            completed_at=NOW,
            documents=DocumentKeys(transcript=key),
        )
        store.put(keys.MANIFEST.key(job_id=job_id), entry.to_json())
        run(store, store, job_ids=[job_id], now=NOW)

    with ThreadPoolExecutor(len(numbers)) as pool:
        list(pool.map(finish, numbers))
    index = StatisticsIndex.from_json(store.get("statistics/index.json"))
    assert [job.job_id for job in index.jobs] == numbers
    assert StatisticsSummary.from_json(store.get("statistics/summary.json")).jobs == 6
