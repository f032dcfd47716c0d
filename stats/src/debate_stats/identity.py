"""Who the speakers of a debate are: `speakers.json` gives a label a name, `people.json` joins debates. Pure.

A label is joined with labels of other debates only where `speakers.json` gives it a person and `people.json` lists
that person. The name is then the one of `people.json`, so that a person has one name everywhere.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from debate_core import keys
from debate_core.documents.manifest import People, Person, Speakers
from debate_core.documents.statistics import Input, Note

_PERSON: Final = f"{keys.PEOPLE.key()}#"


@dataclass(frozen=True, slots=True)
class Identities:
    """names: label -> who that is; without a person where the name joins nothing.

    inputs: what of `people.json` decided it, one a person, so that a rename concerns that person's debates alone.
    notes: persons that `people.json` does not list.
    """

    names: dict[str, Person] = field(default_factory=dict)
    inputs: list[Input] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)


def identify(speakers: Speakers, people: People) -> Identities:
    """Who the labels of one debate are."""
    names, unlisted = {}, []
    for label, said in speakers.speakers.items():
        known = people.people.get(said.person) if said.person is not None else None
        if known is not None:
            names[label] = said.model_copy(update={"name": known.name})
        else:
            names[label] = said.model_copy(update={"person": None})
            unlisted += [label] if said.person is not None else []
    notes = []
    if unlisted:
        reason = f"{', '.join(unlisted)}: the person is not in people.json, so the name joins nothing over debates"
        notes.append(Note(field="speakers[].person", reason=reason))
    ids = sorted({said.person for said in speakers.speakers.values() if said.person is not None})
    return Identities(names=names, inputs=[_input(person, people) for person in ids], notes=notes)


def of_objects(inputs: Iterable[Input]) -> list[Input]:
    """The inputs that are whole objects of the store."""
    return [item for item in inputs if not item.key.startswith(_PERSON)]


def are_current(inputs: Iterable[Input], people: People) -> bool:
    """Whether the persons among the inputs are called as they were."""
    return all(item == _input(item.key.removeprefix(_PERSON), people) for item in inputs if _is_person(item))


def _is_person(item: Input) -> bool:
    return item.key.startswith(_PERSON)


def _input(person: str, people: People) -> Input:
    known = people.people.get(person)
    etag = hashlib.sha256(known.name.encode()).hexdigest()[:32] if known is not None else ""
    return Input(key=_PERSON + person, etag=etag)
