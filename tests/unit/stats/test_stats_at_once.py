"""Runs that meet: another run, a person's change or a death at every single operation on the store."""

from __future__ import annotations

import threading
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest
from stats_builders import FINISHED, NOW, utterance, write_entry
from watched_store import Turns, WatchedStore

from debate_core import keys
from debate_core.documents.manifest import DocumentKeys, KnownPerson, ManifestEntry, People, Person, Speakers
from debate_core.documents.statistics import DebateStatistics, StatisticsIndex
from debate_core.documents.transcript import Transcript
from debate_core.store import FolderStore, NoSuchStore, ObjectStore
from debate_stats.run import run

SECRET = "Mildred"
"""Said, and named, in the debate that is taken down."""


class Killed(BaseException):
    """The end of a process, wherever it stands."""


@pytest.fixture
def new_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], FolderStore]:
    """A store with two published debates, `council` and `other`, of which `council` has been transcribed anew since."""
    numbers = count()
    monkeypatch.setattr("os.fsync", lambda descriptor: None)  # thousands of files, and no power failure among the tests

    def make() -> FolderStore:
        store = FolderStore(tmp_path / f"store-{next(numbers)}")
        _finish(store, "council", "before")
        _finish(store, "other", "the same")
        store.put(keys.PEOPLE.key(), People(people={"ada": KnownPerson(name="Ada")}).to_json())
        _run(store)
        _finish(store, "council", f"after, says {SECRET}")
        return store

    return make


def _finish(store: ObjectStore, job_id: str, text: str) -> None:
    """A job with two documents: what there is to copy decides how many moments there are to be tested."""
    at = {"job_id": job_id, "name": "clip"}
    line = utterance(0, 20, "SPEAKER_00", text)
    store.put(keys.TRANSCRIPT.key(**at), Transcript(duration=60, speakers_count=1, transcription=[line]).to_json())
    store.put(keys.VTT.key(**at), f"WEBVTT\n{text}".encode())
    named = {"SPEAKER_00": Person(name=SECRET if job_id == "council" else "Ada", person="ada")}
    store.put(keys.SPEAKERS.key(job_id=job_id), Speakers(speakers=named).to_json())
    documents = DocumentKeys(transcript=keys.TRANSCRIPT.key(**at), vtt=keys.VTT.key(**at))
    write_entry(store, _entry(job_id, documents))


def _entry(job_id: str, documents: DocumentKeys, *, publish: bool = True) -> ManifestEntry:
    return ManifestEntry(
        job_id=job_id,
        title=f"About {job_id}",
        source_url=None,
        publish=publish,
        completed_at=FINISHED,
        documents=documents,
    )


def _nothing(store: ObjectStore) -> None:
    pass


def _make_private(store: ObjectStore) -> None:
    write_entry(store, _entry("council", _documents("council"), publish=False))


def _remove(store: ObjectStore) -> None:
    store.delete(keys.MANIFEST.key(job_id="council"))


def _transcribe_again(store: ObjectStore) -> None:
    _finish(store, "council", f"again, says {SECRET}")  # no longer, no shorter


def _name(store: ObjectStore) -> None:
    speakers = Speakers(speakers={"SPEAKER_00": Person(name="Ben", person="ben")})
    store.put(keys.SPEAKERS.key(job_id="council"), speakers.to_json())


def _rename(store: ObjectStore) -> None:
    store.put(keys.PEOPLE.key(), People(people={"ada": KnownPerson(name="Ada Lovelace")}).to_json())


def _another(store: ObjectStore) -> None:
    _finish(store, "third", "a new one")


def _fewer_files(store: ObjectStore) -> None:
    write_entry(store, _entry("council", DocumentKeys(transcript=_documents("council").transcript)))


CHANGES = [_nothing, _make_private, _remove, _transcribe_again, _name, _rename, _another, _fewer_files]


def _documents(job_id: str) -> DocumentKeys:
    at = {"job_id": job_id, "name": "clip"}
    return DocumentKeys(transcript=keys.TRANSCRIPT.key(**at), vtt=keys.VTT.key(**at))


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_and_another_run_at_any_moment_end_right(
    new_store: Callable[[], FolderStore], change: Callable[[ObjectStore], None]
) -> None:
    for moment in count():
        store = new_store()

        def meet(store: FolderStore = store) -> None:
            change(store)
            _run(store)

        if not _interrupted(store, moment, meet):
            break
        assert _public(store) == _from_scratch(store), f"after operation {moment}"
    assert moment > 20


@pytest.mark.parametrize("change", [_make_private, _remove, _fewer_files, _transcribe_again, _another])
def test_the_next_run_ends_what_a_killed_one_began(
    new_store: Callable[[], FolderStore], change: Callable[[ObjectStore], None]
) -> None:
    for moment in count():
        store = new_store()
        _run(store)
        change(store)

        def die() -> None:
            raise Killed

        try:
            interrupted = _interrupted(store, moment, die)
        except Killed:
            interrupted = True
        _run(store)
        assert _public(store) == _from_scratch(store), f"after operation {moment}"
        if not interrupted:
            break
    assert moment > 15


@pytest.mark.parametrize("change", [_make_private, _remove])
def test_a_takedown_leaves_nothing_to_read(
    new_store: Callable[[], FolderStore], change: Callable[[ObjectStore], None]
) -> None:
    store = new_store()
    _run(store)
    assert [key for key, data in _public(store).items() if SECRET.encode() in data]
    change(store)
    _run(store)
    everything = _public(store)
    for key, data in everything.items():
        for trace in (b"council", SECRET.encode(), b"About council", b"WEBVTT\nafter"):
            assert trace not in key.encode() + data, key
    assert len(everything) == 6


@pytest.mark.parametrize("change", [_make_private, _remove, _transcribe_again, _another])
def test_at_no_moment_does_the_list_lead_to_what_is_not_there(
    new_store: Callable[[], FolderStore], change: Callable[[ObjectStore], None]
) -> None:
    store = new_store()
    change(store)

    def check(operation: str, key: str) -> None:
        for job in StatisticsIndex.from_json(store.get(keys.STAT_INDEX.key())).jobs:
            statistics = DebateStatistics.from_json(store.get(f"statistics/{job.path}"))
            for path in filter(None, statistics.files.model_dump().values()):
                assert store.exists(f"statistics/{path}"), f"{path}, before {operation} {key}"

    _run(WatchedStore(store, check))
    check("the", "end")


@pytest.mark.parametrize("seed", range(30))
def test_two_runs_in_any_order_end_right(new_store: Callable[[], FolderStore], seed: int) -> None:
    store = new_store()
    changes = CHANGES[seed % len(CHANGES)], CHANGES[(seed // 2 + 3) % len(CHANGES)]
    turns = Turns(["one", "two"], seed)
    failed: list[BaseException] = []

    def work(name: str, change: Callable[[ObjectStore], None]) -> None:
        watched = WatchedStore(store, lambda *_: turns.wait(name))
        try:
            change(watched)
            _run(watched)
        except BaseException as error:  # noqa: BLE001 - told to the test below
            failed.append(error)
        finally:
            turns.leave(name)

    threads = [threading.Thread(target=work, args=pair) for pair in zip(("one", "two"), changes, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert _public(store) == _from_scratch(store)


def test_a_job_alone_and_a_full_run_at_once_end_right(new_store: Callable[[], FolderStore]) -> None:
    for moment in count():
        store = new_store()

        def meet(store: FolderStore = store) -> None:
            _finish(store, "third", "a new one")
            run(store, store, job_ids=["third"], now=NOW, parallel=1)

        if not _interrupted(store, moment, meet):
            break
        assert _public(store) == _from_scratch(store), f"after operation {moment}"


def _interrupted(store: FolderStore, moment: int, meet: Callable[[], None]) -> bool:
    """Run, and before operation number `moment` let that happen; whether there were so many."""
    number = count()
    happened = False

    def on_call(operation: str, key: str) -> None:
        nonlocal happened
        if next(number) == moment:
            happened = True
            meet()

    _run(WatchedStore(store, on_call))
    return happened


def _run(store: ObjectStore) -> None:
    run(store, store, job_ids=None, now=NOW, parallel=1)


def _public(store: ObjectStore) -> dict[str, bytes]:
    try:
        return {info.key: store.get(info.key) for info in store.list("statistics/")}
    except NoSuchStore:
        return {}


def _from_scratch(store: FolderStore) -> dict[str, bytes]:
    """What one undisturbed run makes of the store as it is now."""
    output = FolderStore(Path(store.uri.removeprefix("file://")).with_suffix(".clean"))
    run(store, output, job_ids=None, now=NOW)
    return _public(output)
