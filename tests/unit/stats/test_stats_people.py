"""People over debates: who is joined, what is added up, and whom a new name concerns."""

from __future__ import annotations

from pathlib import Path

import pytest
from stats_builders import NOW, finish_job, write_entry

from debate_core import keys
from debate_core.documents.manifest import KnownPerson, People, Person, Speakers
from debate_core.documents.statistics import (
    Appearance,
    DebateStatistics,
    Pair,
    PersonStatistics,
    StatisticsSummary,
)
from debate_core.store import FolderStore, ObjectStore
from debate_stats.identity import identify
from debate_stats.parameters import Parameters
from debate_stats.people import notes_on_people, people, presences
from debate_stats.published import Published
from debate_stats.run import State, run

ADA = People(people={"ada": KnownPerson(name="Ada")})


@pytest.fixture
def store(tmp_path: Path) -> ObjectStore:
    return FolderStore(tmp_path)


def _name(store: ObjectStore, job_id: str, **labels: Person) -> None:
    speakers = {label.replace("_", "SPEAKER_0"): person for label, person in labels.items()}
    store.put(keys.SPEAKERS.key(job_id=job_id), Speakers(speakers=speakers).to_json())


def _list(store: ObjectStore, **names: str) -> None:
    known = People(people={person: KnownPerson(name=name) for person, name in names.items()})
    store.put(keys.PEOPLE.key(), known.to_json())


def _run(store: ObjectStore, *job_ids: str) -> dict[str, State]:
    outcomes = run(store, store, job_ids=job_ids or None, now=NOW)
    return {outcome.job_id: outcome.state for outcome in outcomes}


def _summary(store: ObjectStore) -> StatisticsSummary:
    return StatisticsSummary.from_json(store.get(keys.STAT_SUMMARY.key()))


def _rows(store: ObjectStore, job_id: str) -> list[tuple[str | None, str | None]]:
    statistics = DebateStatistics.from_json(store.get(keys.STAT_BY_JOB.key(job_id=job_id)))
    return [(row.name, row.person) for row in statistics.speakers]


def test_a_person_of_two_debates_has_the_ratios_of_the_sums(store: ObjectStore) -> None:
    for job_id in ("one", "two", "three"):
        finish_job(store, job_id)
    _name(store, "one", _0=Person(name="A.", person="ada"))
    _name(store, "two", _1=Person(name="Ada", person="ada"))
    _list(store, ada="Ada")
    _run(store)
    (ada,) = _summary(store).people
    assert (ada.person, ada.name, [row.job_id for row in ada.debates]) == ("ada", "Ada", ["one", "two"])
    assert [row.labels for row in ada.debates] == [["SPEAKER_00"], ["SPEAKER_01"]]
    assert [row.speaking_seconds for row in ada.debates] == [20, 22]
    assert (ada.speaking_seconds, ada.words, ada.turns) == (42, 4, 2)
    assert ada.share_of_speech == 0.5  # 42 s of twice 42 s
    assert ada.words_per_minute == round(4 / (42 / 60), 4)


def test_a_name_without_a_person_joins_nothing(store: ObjectStore) -> None:
    for job_id in ("one", "two"):
        finish_job(store, job_id)
        _name(store, job_id, _0=Person(name="Ada"))
    _list(store, ada="Ada")
    _run(store)
    assert _summary(store).people == []
    assert _rows(store, "one") == [("Ada", None), (None, None)]


def test_a_person_who_is_not_listed_is_a_name_alone_with_a_note(store: ObjectStore) -> None:
    finish_job(store)
    _name(store, "council", _0=Person(name="Ada", person="ada"))
    _run(store)
    assert _rows(store, "council") == [("Ada", None), (None, None)]
    assert _summary(store).people == []
    statistics = DebateStatistics.from_json(store.get(keys.STAT_BY_JOB.key(job_id="council")))
    assert [note.reason[:12] for note in statistics.notes if note.field == "speakers[].person"] == ["SPEAKER_00: "]
    _list(store, ada="Ada")
    assert _run(store) == {"council": State.COMPUTED}
    assert _rows(store, "council") == [("Ada", "ada"), (None, None)]
    _list(store)
    assert _run(store) == {"council": State.COMPUTED}
    assert (_rows(store, "council"), _summary(store).people) == ([("Ada", None), (None, None)], [])


def test_a_rename_computes_the_debates_of_that_person_and_no_others(store: ObjectStore) -> None:
    for job_id, person in (("one", "ada"), ("two", "ada"), ("three", "ben"), ("four", "")):
        finish_job(store, job_id)
        if person:
            _name(store, job_id, _0=Person(name="said", person=person))
    _list(store, ada="Ada", ben="Ben")
    _run(store)
    assert _rows(store, "three")[0] == ("Ben", "ben")
    _list(store, ada="Ada Lovelace", ben="Ben", unheard="Somebody")
    assert _run(store) == {
        "one": State.COMPUTED,
        "two": State.COMPUTED,
        "three": State.UNCHANGED,
        "four": State.UNCHANGED,
    }
    assert _rows(store, "two")[0] == ("Ada Lovelace", "ada")
    assert set(_run(store).values()) == {State.UNCHANGED}


def test_a_run_for_one_job_gives_everybody_the_name_of_now(store: ObjectStore) -> None:
    for job_id in ("one", "two"):
        finish_job(store, job_id)
        _name(store, job_id, _0=Person(name="Ada", person="ada"))
    _list(store, ada="Ada")
    _run(store)
    _list(store, ada="Ada Lovelace")
    assert _run(store, "one") == {"one": State.COMPUTED}
    (ada,) = _summary(store).people
    assert (ada.name, len(ada.debates)) == ("Ada Lovelace", 2)


def test_a_takedown_takes_the_persons_part_of_it(store: ObjectStore) -> None:
    entries = [finish_job(store, job_id) for job_id in ("one", "two")]
    for entry in entries:
        _name(store, entry.job_id, _0=Person(name="Ada", person="ada"))
    _list(store, ada="Ada")
    _run(store)
    write_entry(store, entries[0].model_copy(update={"publish": False}))
    _run(store)
    (ada,) = _summary(store).people
    assert ([row.job_id for row in ada.debates], ada.speaking_seconds) == (["two"], 20)
    store.delete(keys.MANIFEST.key(job_id="two"))
    _run(store)
    assert _summary(store).people == []
    assert b"Ada" not in b"".join(store.get(info.key) for info in store.list("statistics/"))


def test_people_that_cannot_be_read_are_reported_and_stop_nothing_else(store: ObjectStore) -> None:
    for job_id in ("one", "two"):
        finish_job(store, job_id)
    _name(store, "one", _0=Person(name="Ada", person="ada"))
    _list(store, ada="Ada")
    _run(store, "one")
    store.put(keys.PEOPLE.key(), b"[]")
    assert _run(store) == {"people.json": State.FAILED, "one": State.UNCHANGED, "two": State.COMPUTED}
    assert [(person.person, person.name) for person in _summary(store).people] == [("ada", "Ada")]
    _name(store, "two", _0=Person(name="Ada", person="ada"))
    assert _run(store)["two"] is State.FAILED


def test_the_labels_of_one_person_are_added_up(store: ObjectStore) -> None:
    finish_job(store)
    _name(store, "council", _0=Person(name="Ada", person="ada"), _1=Person(name="Ada", person="ada"))
    _list(store, ada="Ada")
    _run(store)
    (ada,) = _summary(store).people
    assert ada.debates[0].labels == ["SPEAKER_00", "SPEAKER_01"]
    assert (ada.speaking_seconds, ada.share_of_speech, ada.words, ada.turns) == (42, 1, 4, 2)


def test_interruptions_between_two_labels_of_one_person_are_none(store: ObjectStore) -> None:
    finish_job(store)
    _name(store, "council", _0=Person(name="Ada", person="ada"))
    _list(store, ada="Ada")
    _run(store)
    statistics = DebateStatistics.from_json(store.get(keys.STAT_BY_JOB.key(job_id="council")))
    pairs = [
        Pair(by="SPEAKER_00", of="SPEAKER_01", count=3, at=[1, 2, 3]),
        Pair(by="SPEAKER_01", of="SPEAKER_00", count=1, at=[4]),
    ]
    known = Published.of(statistics.model_copy(update={"interruptions": pairs}))
    (presence,) = presences(known, Parameters())
    assert (presence.appearance.interruptions_made, presence.appearance.interruptions_received) == (3, 1)
    both = [row.model_copy(update={"person": "ada"}) for row in statistics.speakers]
    (presence,) = presences(known.model_copy(update={"speakers": both}), Parameters())
    assert (presence.appearance.interruptions_made, presence.appearance.interruptions_received) == (0, 0)
    (presence,) = presences(Published.of(statistics.model_copy(update={"interruptions": None})), Parameters())
    assert presence.appearance.interruptions_made is None


def test_a_count_that_some_debates_lack_is_of_the_others_and_says_so() -> None:
    def row(made: int | None) -> Appearance:
        figures = {"speaking_seconds": 20, "words": 1, "turns": 1, "questions": None, "interruptions_received": None}
        empty = {"share_of_speech": None, "words_per_minute": None, "title": "", "labels": [], "first_second": None}
        return Appearance(job_id="x", interruptions_made=made, **figures, **empty)

    person = PersonStatistics(
        person="ada",
        name="Ada",
        debates=[row(2), row(None)],
        interruptions_made=2,
        speaking_seconds=40,
        share_of_speech=0.5,
        words=2,
        words_per_minute=3,
        turns=2,
        questions=None,
        interruptions_received=None,
    )
    notes = {note.field: note.reason for note in notes_on_people([person], Parameters())}
    assert notes == {
        "people[].questions": "ada: not known in any of the debates",
        "people[].interruptions_received": "ada: not known in any of the debates",
        "people[].interruptions_made": "not known in some of the debates: ada (1 of 2)",
    }


def test_people_are_in_the_order_of_their_names(store: ObjectStore) -> None:
    finish_job(store)
    _name(store, "council", _0=Person(name="x", person="z"), _1=Person(name="y", person="a"))
    _list(store, z="adam", a="Zoe")
    _run(store)
    assert [person.name for person in _summary(store).people] == ["adam", "Zoe"]


def test_nobody_without_debates_is_listed() -> None:
    assert people([], ADA, Parameters()) == []
    assert identify(Speakers(speakers={}), ADA).inputs == []
