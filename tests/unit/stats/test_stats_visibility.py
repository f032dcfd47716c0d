"""Publishing, taking down, and taking in what older systems left."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from stats_builders import NOW, finish_job, utterance

from debate_core import keys
from debate_core.documents.manifest import ManifestEntry
from debate_core.documents.statistics import DebateStatistics, StatisticsIndex
from debate_core.documents.transcript import Transcript
from debate_core.store import FolderStore, ObjectStore
from debate_stats.inputs import BrokenJob
from debate_stats.run import State, adopt_all, run
from debate_stats.visibility import adopt, set_publish

TRANSCRIPT = Transcript(duration=60, speakers_count=1, transcription=[utterance(0, 20, "SPEAKER_00")]).to_json()


@pytest.fixture
def store(tmp_path: Path) -> ObjectStore:
    return FolderStore(tmp_path)


def _run(store: ObjectStore, *job_ids: str, must_exist: bool = True) -> dict[str, State]:
    outcomes = run(store, store, job_ids=job_ids or None, now=NOW, must_exist=must_exist)
    return {outcome.job_id: outcome.state for outcome in outcomes}


def test_publish_is_written_into_the_entry_and_nothing_else(store: ObjectStore) -> None:
    entry = finish_job(store)
    set_publish(store, "council", publish=False)
    read = ManifestEntry.from_json(store.get("manifest/council.json"))
    assert read == entry.model_copy(update={"publish": False})
    before = store.stat("manifest/council.json")
    set_publish(store, "council", publish=False)
    assert store.stat("manifest/council.json") == before
    set_publish(store, "nobody", publish=True)
    assert not store.exists("manifest/nobody.json")


def test_an_entry_that_cannot_be_read_is_left_alone(store: ObjectStore) -> None:
    store.put("manifest/council.json", b"{")
    with pytest.raises(BrokenJob, match=r"manifest/council\.json"):
        set_publish(store, "council", publish=False)


def test_what_a_deleted_job_left_in_public_can_be_taken_down(store: ObjectStore) -> None:
    finish_job(store)
    _run(store)
    store.delete("manifest/council.json")
    assert _run(store, "council", must_exist=False) == {"council": State.REMOVED}
    assert [info.key for info in store.list("statistics/by-job/")] == []


@pytest.mark.parametrize(
    ("name", "title", "public"),
    [
        ("evening_debate_transcription.json", "evening debate", "evening_debate_transcription.json"),
        ("Debata 2019.json", "Debata 2019", "debata-2019_transcription.json"),
        ("_transcription.json", "old", "{slug}_transcription.json"),
    ],
)
def test_an_older_transcript_is_taken_in_and_published(store: ObjectStore, name: str, title: str, public: str) -> None:
    key = f"jobs/old/transcripts/{name}"
    written = store.put(key, TRANSCRIPT)
    assert _run(store, "old") == {"old": State.FAILED}
    assert adopt_all(store, ["old"]) == []
    entry = ManifestEntry.from_json(store.get("manifest/old.json"))
    assert (entry.title, entry.publish, entry.documents.transcript) == (title, True, key)
    assert entry.completed_at == written.last_modified
    assert _run(store, "old") == {"old": State.COMPUTED}
    statistics = DebateStatistics.from_json(store.get("statistics/by-job/old.json"))
    assert statistics.totals.speech_seconds == 20
    assert statistics.files.transcript is not None
    assert store.get(f"statistics/{statistics.files.transcript}") == TRANSCRIPT
    if "{" not in public:
        assert statistics.files.transcript == f"files/old/{public}"
    assert _run(store) == {"old": State.UNCHANGED}


def test_an_adopted_job_that_is_taken_down_stays_down(store: ObjectStore) -> None:
    store.put("jobs/old/transcripts/old_transcription.json", TRANSCRIPT)
    assert adopt(store, "old")
    _run(store)
    set_publish(store, "old", publish=False)
    assert not adopt(store, "old")
    assert _run(store, "old") == {"old": State.PRIVATE}
    assert StatisticsIndex.from_json(store.get("statistics/index.json")).jobs == []
    assert not [info.key for info in store.list("statistics/") if "old" in info.key]


def _running(store: ObjectStore) -> None:
    store.put("jobs/old/owner.json", b"{}")
    store.put("jobs/old/transcripts/x_transcription.json", TRANSCRIPT)


def _two(store: ObjectStore) -> None:
    store.put("jobs/old/transcripts/x_transcription.json", TRANSCRIPT)
    store.put("jobs/old/transcripts/y_transcription.json", TRANSCRIPT)


def _two_unnamed(store: ObjectStore) -> None:
    store.put("jobs/old/transcripts/x.json", TRANSCRIPT)
    store.put("jobs/old/transcripts/y.json", TRANSCRIPT)


def _deeper(store: ObjectStore) -> None:
    store.put("jobs/old/transcripts/more/x_transcription.json", TRANSCRIPT)


def _no_transcript(store: ObjectStore) -> None:
    store.put("jobs/old/transcripts/x.json", b'{"summary": 1}')


@pytest.mark.parametrize(
    ("prepare", "message"),
    [
        (_running, "none of an older system"),
        (_two, "has 2"),
        (_two_unnamed, "has 2"),
        (_deeper, "has none"),
        (_no_transcript, "Transcript"),
    ],
)
def test_what_is_no_older_transcript_is_not_adopted(
    store: ObjectStore, prepare: Callable[[ObjectStore], None], message: str
) -> None:
    prepare(store)
    (failed,) = adopt_all(store, ["old", "old"])
    assert failed.state is State.FAILED
    assert message in failed.message
    assert not store.exists("manifest/old.json")


def test_of_several_json_files_the_named_one_is_the_transcript(store: ObjectStore) -> None:
    store.put("jobs/old/transcripts/x_transcription.json", TRANSCRIPT)
    store.put("jobs/old/transcripts/notes.json", b"{}")
    assert adopt(store, "old")


def test_a_job_that_finished_is_not_adopted(store: ObjectStore) -> None:
    finish_job(store, publish=False)
    assert not adopt(store, "council")
    assert _run(store, "council") == {"council": State.PRIVATE}
    assert keys.MANIFEST.key(job_id="council") in [info.key for info in store.list("manifest/")]
