"""A run over a folder store: what becomes public, what stays so, and what must go."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from pathlib import Path

import jsonschema
import pytest
from stats_builders import FINISHED, NOW, finish_job, write_entry
from watched_store import WatchedStore

from debate_core import keys
from debate_core.documents import schemas
from debate_core.documents.manifest import DocumentKeys, KnownPerson, ManifestEntry, People, Person, Speakers
from debate_core.documents.statistics import DebateStatistics, StatisticsIndex, StatisticsSummary
from debate_core.store import FolderStore, NoSuchStore, ObjectStore
from debate_stats.parameters import Parameters
from debate_stats.run import Outcome, State, run

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def store(tmp_path: Path) -> ObjectStore:
    folder = tmp_path / "store"
    folder.mkdir()
    return FolderStore(folder)


def test_a_finished_job_becomes_public(store: ObjectStore) -> None:
    finish_job(store)
    assert _states(_run(store)) == {"council": State.COMPUTED}
    assert _public(store) == [
        "statistics/by-job/council.json",
        "statistics/files/council/clip.audio.m4a",
        "statistics/files/council/clip.report.json",
        "statistics/files/council/clip.rttm",
        "statistics/files/council/clip.srt",
        "statistics/files/council/clip.txt",
        "statistics/files/council/clip.vtt",
        "statistics/files/council/clip.words.json",
        "statistics/files/council/clip_transcription.json",
        "statistics/index.json",
        "statistics/schema.json",
        "statistics/summary.json",
    ]
    assert store.get("statistics/files/council/clip.audio.m4a") == bytes(range(256))


def test_the_document_says_where_everything_is_and_comes_from(store: ObjectStore) -> None:
    finish_job(store)
    _run(store)
    statistics = _statistics(store)
    assert (statistics.title, statistics.language, statistics.generated_at) == ("Council debate", "cs", NOW)
    assert statistics.media.url == "files/council/clip.audio.m4a"
    assert (statistics.media.mime, statistics.media.offset_seconds) == ("audio/mp4", 0.5)
    assert statistics.files.transcript == "files/council/clip_transcription.json"
    assert statistics.parameters == Parameters().published()
    for item in statistics.inputs:
        found = store.stat(item.key)
        assert found is not None
        assert found.etag == item.etag
    for path in filter(None, [*statistics.files.model_dump().values(), statistics.media.url]):
        assert store.exists(f"statistics/{path}")
    assert statistics.totals.overlap_seconds == 2
    assert [row.speaking_seconds for row in statistics.speakers] == [20, 22]


def test_warnings_of_the_report_are_shown(store: ObjectStore) -> None:
    finish_job(store)
    _run(store)
    notes = {(note.field, note.reason) for note in _statistics(store).notes}
    assert ("media", "the container is 2 s longer") in notes
    assert ("transcript", "a demo model: it knows the sample's words only") in notes


def test_the_list_is_newest_first_and_the_totals_are_ratios_of_sums(store: ObjectStore) -> None:
    finish_job(store, "old")
    finish_job(store, "new", finished=FINISHED + timedelta(days=1))
    _without(store, finish_job(store, "plain"), "rttm")
    _run(store)
    index = StatisticsIndex.from_json(store.get("statistics/index.json"))
    assert [job.job_id for job in index.jobs] == ["new", "old", "plain"]
    assert index.jobs[0].path == "by-job/new.json"
    assert index.jobs[0].speaker_names == ["SPEAKER_00", "SPEAKER_01"]
    summary = StatisticsSummary.from_json(store.get("statistics/summary.json"))
    assert (summary.jobs, summary.duration_seconds, summary.speech_seconds, summary.words) == (3, 180, 120, 12)
    assert (summary.speech_ratio, summary.words_per_minute) == (0.6667, 6)
    assert summary.overlap_ratio == 0.05
    assert [note.reason for note in summary.notes] == ["over the 2 of 3 debates that have diarization"]


def test_the_published_schema_describes_the_documents(store: ObjectStore) -> None:
    finish_job(store)
    _run(store)
    assert store.get("statistics/schema.json").decode() == schemas.schema("statistics")


def test_an_empty_store_has_an_empty_list(store: ObjectStore) -> None:
    assert _run(store) == []
    assert StatisticsIndex.from_json(store.get("statistics/index.json")).jobs == []
    summary = StatisticsSummary.from_json(store.get("statistics/summary.json"))
    assert summary.speech_ratio is None
    assert {note.field for note in summary.notes} == {"speech_ratio", "words_per_minute", "overlap_ratio"}


def test_a_private_job_leaves_no_trace(store: ObjectStore) -> None:
    finish_job(store, publish=False)
    assert _states(_run(store)) == {"council": State.PRIVATE}
    assert _public(store) == ["statistics/index.json", "statistics/schema.json", "statistics/summary.json"]
    assert b"council" not in store.get("statistics/index.json")


def test_unpublishing_removes_every_copy(store: ObjectStore) -> None:
    entry = finish_job(store)
    _run(store)
    write_entry(store, entry.model_copy(update={"publish": False}))
    assert _states(_run(store)) == {"council": State.PRIVATE}
    assert not [key for key in _public(store) if "council" in key]
    assert b"council" not in store.get("statistics/index.json")
    write_entry(store, entry)
    assert _states(_run(store)) == {"council": State.COMPUTED}
    assert store.exists("statistics/files/council/clip.audio.m4a")


def test_a_job_that_is_gone_is_withdrawn(store: ObjectStore) -> None:
    finish_job(store, "council")
    finish_job(store, "other")
    _run(store)
    store.delete(keys.MANIFEST.key(job_id="council"))
    assert _states(_run(store)) == {"council": State.REMOVED, "other": State.UNCHANGED}
    assert not [key for key in _public(store) if "council" in key]


def test_nothing_is_computed_twice(store: ObjectStore) -> None:
    finish_job(store)
    _run(store)
    before = _etags(store)
    assert _states(_run(store, now=LATER)) == {"council": State.UNCHANGED}
    assert {key for key, etag in _etags(store).items() if before[key] != etag} == {
        "statistics/index.json",
        "statistics/schema.json",
        "statistics/summary.json",
    }
    assert _statistics(store).generated_at == NOW


def test_what_changed_is_computed_and_only_that_is_copied(store: ObjectStore) -> None:
    finish_job(store)
    _run(store)
    before = _etags(store)
    speakers = Speakers(speakers={"SPEAKER_01": Person(name="Ben Carter")})
    store.put(keys.SPEAKERS.key(job_id="council"), speakers.to_json())
    assert _states(_run(store)) == {"council": State.COMPUTED}
    assert [row.name for row in _statistics(store).speakers] == [None, "Ben Carter"]
    index = StatisticsIndex.from_json(store.get("statistics/index.json"))
    assert index.jobs[0].speaker_names == ["SPEAKER_00", "Ben Carter"]
    files = {key for key in before if key.startswith("statistics/files/")}
    assert {key: etag for key, etag in _etags(store).items() if key in files} == {key: before[key] for key in files}


@pytest.mark.parametrize("lost", ["statistics/files/council/clip.vtt", "statistics/by-job/council.json"])
def test_a_lost_copy_is_made_again(store: ObjectStore, lost: str) -> None:
    finish_job(store)
    _run(store)
    store.delete(lost)
    assert _states(_run(store)) == {"council": State.COMPUTED}
    assert store.exists(lost)


def test_statistics_that_cannot_be_read_are_written_anew(store: ObjectStore) -> None:
    finish_job(store)
    store.put("statistics/by-job/council.json", b"{")
    assert _states(_run(store)) == {"council": State.COMPUTED}
    assert _statistics(store).job_id == "council"


def test_other_parameters_compute_again(store: ObjectStore) -> None:
    finish_job(store)
    _run(store)
    (outcome,) = run(store, store, job_ids=None, now=NOW, parameters=Parameters(turn_gap_s=2.0))
    assert outcome.state is State.COMPUTED


def test_a_copy_that_the_job_no_longer_has_is_deleted(store: ObjectStore) -> None:
    entry = finish_job(store)
    _run(store)
    _without(store, entry, "audio", "srt")
    _run(store)
    assert not store.exists("statistics/files/council/clip.audio.m4a")
    statistics = _statistics(store)
    assert (statistics.media.url, statistics.media.mime, statistics.files.srt) == (None, None, None)
    assert "media.url" in {note.field for note in statistics.notes}


def test_the_same_inputs_give_the_same_bytes(tmp_path: Path) -> None:
    one, two = FolderStore(tmp_path / "one"), FolderStore(tmp_path / "two")
    finish_job(one)
    for store in (one, two):
        run(one, store, job_ids=None, now=NOW)
    assert {key: one.get(key) for key in _public(one)} == {key: two.get(key) for key in _public(two)}


def test_a_transcript_alone_has_statistics(store: ObjectStore) -> None:
    entry = finish_job(store)
    bare = DocumentKeys(transcript=entry.documents.transcript)
    write_entry(store, entry.model_copy(update={"documents": bare}))
    assert _states(_run(store)) == {"council": State.COMPUTED}
    statistics = _statistics(store)
    assert (statistics.language, statistics.totals.overlap_seconds, statistics.totals.words) == (None, None, 4)
    assert [row.speaking_seconds for row in statistics.speakers] == [20, 20]
    noted = {note.field for note in statistics.notes}
    assert {"language", "media.url", "media.offset_seconds", "totals.overlap_seconds", "totals.words"} <= noted


def test_a_job_without_a_transcript_has_no_statistics(store: ObjectStore) -> None:
    entry = finish_job(store)
    write_entry(store, entry.model_copy(update={"documents": DocumentKeys(transcript=None)}))
    assert _states(_run(store)) == {"council": State.NO_TRANSCRIPT}


def _lose_transcript(store: ObjectStore, entry: ManifestEntry) -> None:
    store.delete(entry.documents.transcript or "")


def _break_transcript(store: ObjectStore, entry: ManifestEntry) -> None:
    store.put(entry.documents.transcript or "", b'{"duration": NaN}')


def _break_rttm(store: ObjectStore, entry: ManifestEntry) -> None:
    store.put(entry.documents.rttm or "", b"SPEAKER\n")


def _break_speakers(store: ObjectStore, entry: ManifestEntry) -> None:
    store.put(keys.SPEAKERS.key(job_id=entry.job_id), b"[]")


def _break_entry(store: ObjectStore, entry: ManifestEntry) -> None:
    store.put(keys.MANIFEST.key(job_id=entry.job_id), b"{}")


def _swap_entry(store: ObjectStore, entry: ManifestEntry) -> None:
    store.put(keys.MANIFEST.key(job_id=entry.job_id), entry.model_copy(update={"job_id": "sound"}).to_json())


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (_lose_transcript, "does not exist"),
        (_break_transcript, "Transcript"),
        (_break_rttm, "RTTM, line 1"),
        (_break_speakers, "Speakers"),
        (_break_entry, "ManifestEntry"),
        (_swap_entry, "entry of another job"),
    ],
)
def test_a_broken_job_fails_alone(
    store: ObjectStore, damage: Callable[[ObjectStore, ManifestEntry], None], message: str
) -> None:
    entry = finish_job(store, "broken")
    finish_job(store, "sound")
    damage(store, entry)
    outcomes = {outcome.job_id: outcome for outcome in _run(store)}
    assert (outcomes["broken"].state, outcomes["sound"].state) == (State.FAILED, State.COMPUTED)
    assert message in outcomes["broken"].message
    index = StatisticsIndex.from_json(store.get("statistics/index.json"))
    assert [job.job_id for job in index.jobs] == ["sound"]


def test_what_was_public_of_a_job_that_broke_stays(store: ObjectStore) -> None:
    entry = finish_job(store)
    _run(store)
    before = _statistics(store)
    _break_transcript(store, entry)
    assert _states(_run(store)) == {"council": State.FAILED}
    assert _statistics(store) == before
    index = StatisticsIndex.from_json(store.get("statistics/index.json"))
    assert [job.job_id for job in index.jobs] == ["council"]


@pytest.mark.parametrize(
    "key",
    [
        "jobs/secret/transcripts/clip_transcription.json",
        "jobs/council/owner.json",
        "jobs/council/transcripts/../../secret/transcripts/clip_transcription.json",
        "people.json",
    ],
)
def test_an_entry_cannot_publish_what_is_not_its_own(store: ObjectStore, key: str) -> None:
    finish_job(store, "secret", publish=False)
    entry = finish_job(store)
    stolen = entry.documents.model_copy(update={"transcript": key})
    write_entry(store, entry.model_copy(update={"documents": stolen}))
    outcomes = {outcome.job_id: outcome for outcome in _run(store)}
    assert outcomes["council"].state is State.FAILED
    assert "is no transcript of this job" in outcomes["council"].message
    assert not [public for public in _public(store) if "/files/" in public]


def test_a_file_that_is_no_entry_is_reported(store: ObjectStore) -> None:
    store.put("manifest/Not A Job.json", b"{}")
    (outcome,) = _run(store)
    assert outcome.state is State.FAILED


def test_named_jobs_leave_the_others_alone(store: ObjectStore) -> None:
    for job_id in ("a", "b"):
        finish_job(store, job_id)
    _run(store)
    finish_job(store, "c", title="The third")
    store.delete(keys.MANIFEST.key(job_id="a"))
    assert _states(_run(store, job_ids=["c", "c"])) == {"c": State.COMPUTED}
    assert store.exists("statistics/by-job/a.json")
    index = StatisticsIndex.from_json(store.get("statistics/index.json"))
    assert [job.job_id for job in index.jobs] == ["b", "c"]


def test_a_named_job_that_never_finished_fails(store: ObjectStore) -> None:
    (outcome,) = _run(store, job_ids=["nobody"])
    assert outcome.state is State.FAILED
    assert "manifest/nobody.json" in outcome.message


def test_the_output_can_be_another_store(store: ObjectStore, tmp_path: Path) -> None:
    finish_job(store)
    output = FolderStore(tmp_path / "public")
    run(store, output, job_ids=None, now=NOW)
    assert _public(store) == []
    assert output.exists("statistics/files/council/clip.audio.m4a")
    assert [info.key for info in output.list("")] == _public(output)


def test_a_store_that_is_not_there_ends_the_run(tmp_path: Path) -> None:
    missing = FolderStore(tmp_path / "missing")
    with pytest.raises(NoSuchStore):
        _run(missing)


def test_the_documents_are_strict_json(store: ObjectStore) -> None:
    finish_job(store)
    _run(store)
    for key in _public(store):
        if key.endswith(".json"):
            json.loads(store.get(key), parse_constant=pytest.fail)


@pytest.mark.parametrize("parallel", [1, 8])
def test_an_unchanged_job_costs_two_requests(store: ObjectStore, parallel: int) -> None:
    def requests() -> list[tuple[str, str]]:
        made: list[tuple[str, str]] = []
        watched = WatchedStore(store, lambda operation, key: made.append((operation, key)))
        run(watched, watched, job_ids=None, now=NOW, parallel=parallel)
        return made

    speakers = Speakers(speakers={"SPEAKER_00": Person(name="Ada", person="ada")})
    for number in range(3):
        finish_job(store, f"job-{number}")
        store.put(keys.SPEAKERS.key(job_id=f"job-{number}"), speakers.to_json())
    _run(store)
    three = requests()
    for number in range(3, 10):
        finish_job(store, f"job-{number}")
        store.put(keys.SPEAKERS.key(job_id=f"job-{number}"), speakers.to_json())
    _run(store)
    ten = requests()
    assert len(ten) - len(three) == 7 * 2
    assert sorted(call for call in ten if "job-9" in call[1]) == [
        ("get", "statistics/by-job/job-9.json"),
        ("list", "jobs/job-9/"),
    ]


def test_nothing_is_listed_but_manifest_statistics_and_a_jobs_own_prefix(store: ObjectStore) -> None:
    for job_id in ("council", "other"):
        finish_job(store, job_id)
    store.put("uploads/x", b"")
    listed: set[str] = set()

    def note(operation: str, key: str) -> None:
        if operation == "list":
            listed.add(key)

    watched = WatchedStore(store, note)
    run(watched, watched, job_ids=None, now=NOW)
    store.delete("manifest/other.json")
    run(watched, watched, job_ids=None, now=NOW)
    run(watched, watched, job_ids=["council"], now=NOW)
    assert listed == {
        "manifest/",
        "statistics/",
        "statistics/by-job/",
        "statistics/files/council/",
        "jobs/council/",
        "jobs/other/",
    }


def test_every_document_is_what_its_schema_says(store: ObjectStore) -> None:
    finish_job(store)
    _without(store, finish_job(store, "plain"), "rttm", "report", "words", "audio")
    people = People(people={"ada": KnownPerson(name="Ada")})
    store.put(keys.PEOPLE.key(), people.to_json())
    speakers = Speakers(speakers={"SPEAKER_00": Person(name="Ada", person="ada")})
    for job_id in ("council", "plain"):
        store.put(keys.SPEAKERS.key(job_id=job_id), speakers.to_json())
    _run(store)
    kinds = {"index.json": "statistics-index", "summary.json": "statistics-summary"}
    written = {key: kinds[key.rpartition("/")[2]] for key in _public(store) if key.rpartition("/")[2] in kinds}
    written |= {key: "statistics" for key in _public(store) if "/by-job/" in key}
    assert len(written) == 4
    for key, kind in written.items():
        schema = json.loads(schemas.schema(kind))
        jsonschema.Draft202012Validator.check_schema(schema)
        jsonschema.validate(json.loads(store.get(key)), schema, cls=jsonschema.Draft202012Validator)


def test_a_copy_of_another_size_is_made_again(store: ObjectStore) -> None:
    finish_job(store)
    _run(store)
    store.put("statistics/files/council/clip.vtt", b"half")
    assert _states(_run(store)) == {"council": State.COMPUTED}
    assert store.get("statistics/files/council/clip.vtt") == b"WEBVTT\n"


def test_a_copy_that_a_killed_run_left_is_deleted(store: ObjectStore) -> None:
    finish_job(store)
    _run(store)
    store.put("statistics/files/council/old.txt", b"what was taken back")
    _run(store)
    assert not store.exists("statistics/files/council/old.txt")


def _run(store: ObjectStore, *, job_ids: Iterable[str] | None = None, now: datetime = NOW) -> list[Outcome]:
    seen: list[Outcome] = []
    outcomes = run(store, store, job_ids=job_ids, now=now, on_outcome=seen.append)
    assert seen == outcomes
    return outcomes


def _states(outcomes: Iterable[Outcome]) -> dict[str, State]:
    return {outcome.job_id: outcome.state for outcome in outcomes}


def _public(store: ObjectStore) -> list[str]:
    return [info.key for info in store.list("statistics/")]


def _etags(store: ObjectStore) -> dict[str, str]:
    return {info.key: info.etag for info in store.list("statistics/")}


def _statistics(store: ObjectStore) -> DebateStatistics:
    return DebateStatistics.from_json(store.get("statistics/by-job/council.json"))


def _without(store: ObjectStore, entry: ManifestEntry, *kinds: str) -> None:
    documents = entry.documents.model_copy(update=dict.fromkeys(kinds))
    write_entry(store, entry.model_copy(update={"documents": documents}))
