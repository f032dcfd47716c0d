"""`debate-stats name`: labels, ids, homonyms, files of the page, and two who name at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from stats_builders import finish_job

from debate_core import keys
from debate_core.documents.manifest import KnownPerson, People, Person, Speakers
from debate_core.store import FolderStore, ObjectStore, StoreError
from debate_stats.edit import edit
from debate_stats.names import Speaker, checked_name, give_name, import_names, person_id, speakers_of, take_name
from debate_stats.selection import InvalidSelection


@pytest.fixture
def store(tmp_path: Path) -> ObjectStore:
    store = FolderStore(tmp_path)
    finish_job(store)
    finish_job(store, "other")
    return store


def _people(store: ObjectStore) -> dict[str, str]:
    return {person: known.name for person, known in People.from_json(store.get("people.json")).people.items()}


def _named(store: ObjectStore, job_id: str = "council") -> dict[str, tuple[str, str | None]]:
    speakers = Speakers.from_json(store.get(keys.SPEAKERS.key(job_id=job_id))).speakers
    return {label: (person.name, person.person) for label, person in speakers.items()}


def test_a_name_is_written_to_the_job_and_to_the_people(store: ObjectStore) -> None:
    done = give_name(store, "council", "SPEAKER_00", " Jana  Nováková ")
    assert (done.done, done.renamed) == (["SPEAKER_00 of council is Jana Nováková (jana-novakova)."], False)
    assert _named(store) == {"SPEAKER_00": ("Jana Nováková", "jana-novakova")}
    assert _people(store) == {"jana-novakova": "Jana Nováková"}
    give_name(store, "other", "SPEAKER_01", "Jana Nováková")
    assert _named(store, "other") == {"SPEAKER_01": ("Jana Nováková", "jana-novakova")}
    assert _people(store) == {"jana-novakova": "Jana Nováková"}


def test_speakers_are_listed_with_their_time_and_name(store: ObjectStore) -> None:
    give_name(store, "council", "SPEAKER_01", "Ada")
    assert speakers_of(store, "council") == [
        Speaker("SPEAKER_00", 20, None, None),
        Speaker("SPEAKER_01", 22, "Ada", "ada"),
    ]


def test_another_person_of_the_same_id_is_refused_unless_the_id_is_given(store: ObjectStore) -> None:
    give_name(store, "council", "SPEAKER_00", "Jana Novak")
    with pytest.raises(InvalidSelection, match=r"jana-novak in people\.json is Jana Novak"):
        give_name(store, "other", "SPEAKER_00", "Jana Novák")
    assert not store.exists(keys.SPEAKERS.key(job_id="other"))
    give_name(store, "other", "SPEAKER_00", "Jana Novak", person="jana-novak-2")
    assert _people(store) == {"jana-novak": "Jana Novak", "jana-novak-2": "Jana Novak"}


def test_the_id_of_somebody_renames_them_everywhere(store: ObjectStore) -> None:
    give_name(store, "council", "SPEAKER_00", "Jana Novak")
    done = give_name(store, "other", "SPEAKER_00", "Jana Novák", person="jana-novak")
    assert done.renamed
    assert "was called Jana Novak so far" in done.done[0]
    assert _people(store) == {"jana-novak": "Jana Novák"}


def test_a_name_can_be_taken_away(store: ObjectStore) -> None:
    give_name(store, "council", "SPEAKER_00", "Ada")
    assert take_name(store, "council", "SPEAKER_00").done == ["SPEAKER_00 of council has no name any more."]
    assert (_named(store), _people(store)) == ({}, {"ada": "Ada"})
    assert take_name(store, "council", "SPEAKER_00").done == ["SPEAKER_00 of council has no name."]


@pytest.mark.parametrize(
    ("job_id", "label", "name", "person", "message"),
    [
        ("nobody", "SPEAKER_00", "Ada", None, "There is no manifest/nobody.json"),
        (
            "council",
            "SPEAKER_07",
            "Ada",
            None,
            "SPEAKER_07: no speaker of council. There speak: SPEAKER_00, SPEAKER_01",
        ),
        ("council", "UNKNOWN", "Ada", None, "no speaker of council"),
        ("council", "\x1b[31m", "Ada", None, r"x1b\[31m: no speaker"),
        ("council", "SPEAKER_00", " ", None, "empty"),
        ("council", "SPEAKER_00", "A\nB", None, "control characters"),
        ("council", "SPEAKER_00", "A\u202eB", None, "control characters"),
        ("council", "SPEAKER_00", "a" * 101, None, "101 characters"),
        ("council", "SPEAKER_00", "Ada", "../x", "no id of a person"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(
    store: ObjectStore, job_id: str, label: str, name: str, person: str | None, message: str
) -> None:
    with pytest.raises(InvalidSelection, match=message):
        give_name(store, job_id, label, name, person=person)
    assert not store.exists("people.json")
    assert not store.exists(keys.SPEAKERS.key(job_id="council"))


@pytest.mark.parametrize("key", ["people.json", "jobs/council/speakers.json"])
def test_a_document_that_cannot_be_read_is_left_alone(store: ObjectStore, key: str) -> None:
    store.put(key, b"{")
    with pytest.raises(InvalidSelection, match=f"{key} cannot be read"):
        give_name(store, "council", "SPEAKER_00", "Ada")
    assert store.get(key) == b"{"


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("Jane Doe", "jane-doe"),
        ("Łukasz Żak", "lukasz-zak"),
        ("Đorđe Ærø-Þór", "dorde-aero-thor"),
        ("Straße (2)", "strasse-2"),
        ("x" * 90, "x" * 63),
        ("李明", "person-"),
    ],
)
def test_a_name_makes_an_id(name: str, made: str) -> None:
    assert person_id(name).startswith(made)
    assert person_id(name) == person_id(name)


def test_names_are_tidied() -> None:
    assert checked_name("  Jane   Doe ") == "Jane Doe"
    assert checked_name("e\u0301") == "é"


def test_a_file_of_the_page_is_taken_over(store: ObjectStore) -> None:
    give_name(store, "council", "SPEAKER_00", "Ada")
    exported = {"SPEAKER_00": Person(name="Ada", source="page"), "SPEAKER_01": Person(name="Ben", source="page")}
    done = import_names(store, "council", Speakers(speakers=exported).to_json())
    assert done.done == ["SPEAKER_00 of council is Ada (ada).", "SPEAKER_01 of council is Ben, in this debate only."]
    assert _named(store) == {"SPEAKER_00": ("Ada", "ada"), "SPEAKER_01": ("Ben", None)}
    again = {"SPEAKER_01": Person(name="Ben", person="ben")}
    import_names(store, "council", Speakers(speakers=again).to_json())
    assert _named(store) == {"SPEAKER_00": ("Ada", "ada"), "SPEAKER_01": ("Ben", "ben")}
    assert _people(store) == {"ada": "Ada", "ben": "Ben"}


@pytest.mark.parametrize(
    ("speakers", "message"),
    [
        ({"SPEAKER_09": Person(name="Ada")}, "SPEAKER_09: no speaker"),
        ({"SPEAKER_00": Person(name="")}, "empty"),
        ({"SPEAKER_00": Person(name="Else", person="ada")}, "ada in people.json is Ada"),
        ({"SPEAKER_00": Person(name="Ada", person="A D A")}, "no id of a person"),
        ({}, "names nobody"),
    ],
)
def test_a_file_that_cannot_be_is_refused(store: ObjectStore, speakers: dict[str, Person], message: str) -> None:
    store.put("people.json", People(people={"ada": KnownPerson(name="Ada")}).to_json())
    with pytest.raises(InvalidSelection, match=message):
        import_names(store, "council", Speakers(speakers=speakers).to_json())
    assert not store.exists(keys.SPEAKERS.key(job_id="council"))


def test_a_file_that_is_something_else_is_refused(store: ObjectStore) -> None:
    with pytest.raises(InvalidSelection, match=r"no speakers\.json"):
        import_names(store, "council", b"[1]")


def test_of_many_who_name_at_once_no_name_is_lost(store: ObjectStore) -> None:
    jobs = [(job_id, f"SPEAKER_0{number}") for job_id in ("council", "other") for number in (0, 1)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda job: give_name(store, *job, f"Person of {'-'.join(job)}"), jobs))
    assert len(_people(store)) == 4
    assert sorted([*_named(store), *_named(store, "other")]) == sorted(label for _, label in jobs)


def test_an_object_that_never_stands_still_is_given_up(store: ObjectStore) -> None:
    def change(data: bytes | None) -> bytes:
        store.put("people.json", b"somebody else")
        return b"ours"

    with pytest.raises(StoreError, match="changed by others all the time"):
        edit(store, "people.json", change)
