"""`debate-stats name`: who a speaker label is, written to `speakers.json` and `people.json`."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, TypeVar

from debate_core import keys
from debate_core.documents.base import InvalidDocument
from debate_core.documents.manifest import KnownPerson, ManifestEntry, People, Person, Speakers
from debate_core.ids import InvalidName, check_job_id
from debate_core.store import ObjectNotFound, ObjectStore
from debate_stats.debate import debate_from
from debate_stats.edit import edit
from debate_stats.inputs import BrokenJob, Sources, find_sources, look, read_documents, read_entry
from debate_stats.selection import InvalidSelection
from debate_stats.speaking_time import speaking_seconds

Kept = TypeVar("Kept", Speakers, People)

LONGEST_NAME: Final = 100
"""Characters of a name."""

_PERSON_ID_MAX: Final = 63
# Letters that Unicode does not take apart into a base letter and an accent.
_LETTERS: Final = str.maketrans(
    {"ł": "l", "đ": "d", "ð": "d", "ø": "o", "æ": "ae", "œ": "oe", "þ": "th", "\u0131": "i", "ħ": "h", "ŋ": "n"}
)


@dataclass(frozen=True, slots=True)
class Speaker:
    """A label of a debate. person: id in `people.json`; name: as `speakers.json` says."""

    label: str
    speaking_seconds: float
    name: str | None
    person: str | None


@dataclass(frozen=True, slots=True)
class Named:
    """What was done. done: sentences for a person. renamed: whether somebody of other debates has another name now."""

    done: list[str]
    renamed: bool = False


def speakers_of(store: ObjectStore, job_id: str) -> list[Speaker]:
    """The speakers of a finished job, named or not. Raises InvalidSelection for a job that has none."""
    sources = _sources(store, job_id)
    try:
        documents = read_documents(store, _unnamed(sources), People(people={}))
        names = _read(store, keys.SPEAKERS.key(job_id=job_id), Speakers(speakers={})).speakers
    except BrokenJob as error:
        raise InvalidSelection(str(error)) from error
    debate = debate_from(documents.transcript, documents.words, documents.speech)
    seconds = speaking_seconds(debate)
    nobody = Person(name="")
    return [
        Speaker(label, seconds[label], names.get(label, nobody).name or None, names.get(label, nobody).person)
        for label in debate.speakers
    ]


def give_name(store: ObjectStore, job_id: str, label: str, name: str, *, person: str | None = None) -> Named:
    """Say that a label of a job is this person, who may be in other debates too.

    The person's id is made of the name, so that the same name is the same person; another person of the same name
    needs an id of their own in `person`. With the id of somebody who has another name so far, that name changes, in
    every debate. Raises InvalidSelection.
    """
    name = checked_name(name)
    _require(store, job_id, [label])
    wanted = _checked_person(person) if person is not None else person_id(name)
    before = _add_person(store, wanted, name, may_rename=person is not None)
    _change_speakers(store, job_id, {label: Person(name=name, person=wanted)})
    done = [f"{label} of {job_id} is {name} ({wanted})."]
    if before is not None and before != name:
        done.insert(0, f"{wanted} was called {before} so far, and is called {name} now, in every debate.")
    return Named(done, renamed=before not in (None, name))


def take_name(store: ObjectStore, job_id: str, label: str) -> Named:
    """Say that it is not known who a label is. The person stays in `people.json`. Raises InvalidSelection."""
    names = _read(store, keys.SPEAKERS.key(job_id=job_id), Speakers(speakers={})).speakers
    if label not in names:
        _require(store, job_id, [label])
        return Named([f"{label} of {job_id} has no name."])
    _change_speakers(store, job_id, {label: None})
    return Named([f"{label} of {job_id} has no name any more."])


def import_names(store: ObjectStore, job_id: str, data: bytes) -> Named:
    """Take over the labels of a `speakers.json`, such as the page exports; others keep what they have.

    An entry without a person keeps the one that the label has, if it is called so; else the name joins nothing over
    debates. A person who is new is added to `people.json`. Raises InvalidSelection.
    """
    try:
        given = Speakers.from_json(data).speakers
    except InvalidDocument as error:
        raise InvalidSelection(f"The file is no speakers.json: {error}") from error
    if not given:
        raise InvalidSelection("The file names nobody.")
    _require(store, job_id, given)
    now = _read(store, keys.SPEAKERS.key(job_id=job_id), Speakers(speakers={})).speakers
    people = _read(store, keys.PEOPLE.key(), People(people={})).people
    changes: dict[str, Person | None] = {}
    for label, entry in given.items():
        name, person = checked_name(entry.name), entry.person
        if person is None and label in now and (kept := now[label].person) in people and people[kept].name == name:
            person = kept
        if person is not None:
            _add_person(store, _checked_person(person), name, may_rename=False)
        changes[label] = entry.model_copy(update={"name": name, "person": person})
    _change_speakers(store, job_id, changes)
    return Named(
        [
            f"{label} of {job_id} is {entry.name}"
            + (f" ({entry.person})." if entry.person else ", in this debate only.")
            for label, entry in changes.items()
            if entry is not None
        ]
    )


def checked_name(name: str) -> str:
    """The name as it is written, without spaces around it. Raises InvalidSelection for what is no name."""
    tidy = re.sub(" +", " ", unicodedata.normalize("NFC", name)).strip()
    if not tidy:
        raise InvalidSelection("The name is empty.")
    if not tidy.isprintable():
        raise InvalidSelection(f"The name {tidy[:80]!a} holds control characters.")
    if len(tidy) > LONGEST_NAME:
        raise InvalidSelection(f"The name has {len(tidy)} characters; at most {LONGEST_NAME} can be shown.")
    return tidy


def person_id(name: str) -> str:
    """The id that a name makes: ASCII letters and digits with hyphens. Names without any become a hash."""
    decomposed = unicodedata.normalize("NFKD", name.casefold().translate(_LETTERS))
    plain = "".join(char for char in decomposed if not unicodedata.combining(char))
    made = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_PERSON_ID_MAX].rstrip("-")
    return made or f"person-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def _checked_person(person: str) -> str:
    try:
        return check_job_id(person)  # the same rule
    except InvalidName as error:
        raise InvalidSelection(str(error).replace("job id", "id of a person")) from error


def _require(store: ObjectStore, job_id: str, labels: Iterable[str]) -> None:
    known = [speaker.label for speaker in speakers_of(store, job_id)]
    unknown = [label for label in labels if label not in known]
    if unknown:
        who = ", ".join(known) or "nobody"
        shown = ", ".join(ascii(label)[1:-1][:80] for label in unknown)
        raise InvalidSelection(f"{shown}: no speaker of {job_id}. There speak: {who}.")


def _sources(store: ObjectStore, job_id: str) -> Sources:
    key = keys.MANIFEST.key(job_id=job_id)
    info = store.stat(key)
    if info is None:
        raise InvalidSelection(f"There is no {key}: no job of this id has finished.")
    try:
        entry: ManifestEntry = read_entry(store, info, job_id)
        sources = find_sources(entry, info, look(store, job_id))
    except BrokenJob as error:
        raise InvalidSelection(str(error)) from error
    if "transcript" not in sources.documents:
        raise InvalidSelection(f"Job {job_id} has no transcript, and so no speakers.")
    return sources


def _unnamed(sources: Sources) -> Sources:
    documents = {kind: info for kind, info in sources.documents.items() if kind in ("transcript", "words", "rttm")}
    return Sources(sources.entry, sources.manifest, documents, speakers=None)


def _add_person(store: ObjectStore, person: str, name: str, *, may_rename: bool) -> str | None:
    """List a person; the name so far, None for a new one. Before any label refers to it: so none does to nobody."""
    before: str | None = None

    def change(data: bytes | None) -> bytes | None:
        nonlocal before
        people = _parsed(keys.PEOPLE.key(), data, People(people={}))
        known = people.people.get(person)
        before = known.name if known else None
        if before == name:
            return None
        if before is not None and not may_rename:
            raise InvalidSelection(
                f"{person} in people.json is {before}. If that is the same person, give --person {person} (everywhere "
                f"the name becomes {name}); if not, give another id, such as --person {person[:60]}-2."
            )
        return People(people=people.people | {person: KnownPerson(name=name)}).to_json()

    edit(store, keys.PEOPLE.key(), change)
    return before


def _change_speakers(store: ObjectStore, job_id: str, changes: dict[str, Person | None]) -> None:
    """Set labels, or with None remove them."""
    key = keys.SPEAKERS.key(job_id=job_id)

    def change(data: bytes | None) -> bytes:
        now = _parsed(key, data, Speakers(speakers={})).speakers | changes
        return Speakers(speakers={label: person for label, person in now.items() if person is not None}).to_json()

    edit(store, key, change)


def _read(store: ObjectStore, key: str, nothing: Kept) -> Kept:
    try:
        return _parsed(key, store.get(key), nothing)
    except ObjectNotFound:
        return nothing


def _parsed(key: str, data: bytes | None, nothing: Kept) -> Kept:
    try:
        return type(nothing).from_json(data) if data is not None else nothing
    except InvalidDocument as error:
        raise InvalidSelection(f"{key} cannot be read, and so not be changed: {error}") from error
