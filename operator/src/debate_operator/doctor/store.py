"""The store: may this identity do what its role must, and are the models there that the index names."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from secrets import token_hex
from typing import TYPE_CHECKING, Final

from debate_core.documents.base import InvalidDocument
from debate_core.documents.debatejob import DebateJobSpec
from debate_core.documents.models_index import ModelsIndex
from debate_core.ids import InvalidName
from debate_operator.doctor.finding import Finding, not_checked, well, wrong
from debate_operator.doctor.identity import credentials
from debate_operator.doctor.parts import Role
from debate_operator.settings import Settings

if TYPE_CHECKING:
    from debate_core.store import ObjectStore


@dataclass(frozen=True, slots=True)
class Needs:
    """Prefixes. scratch: where a probe is written, listed, read and deleted; None for a role that only reads."""

    reads: tuple[str, ...]
    writes: tuple[str, ...]
    scratch: str | None


NEEDS: Final[dict[Role, Needs]] = {
    Role.WORKER: Needs(("models/", "jobs/", "uploads/"), ("jobs/", "manifest/"), "work/"),
    Role.STATS: Needs(("jobs/", "manifest/"), ("manifest/",), "statistics/"),
    Role.WEB: Needs(("statistics/",), (), None),
    Role.MODELS: Needs((), (), "models/"),
}
"""As in the table of terraform/README.md, as far as it can be tried without leaving anything."""

_TABLE: Final = "the table of rights on the store in terraform/README.md says which it needs"


def store(settings: Settings, role: Role) -> Iterator[Finding]:
    """As whom, what they may do, and for those who need models, whether they are there."""
    set_up(settings)
    known = credentials(settings.store)
    yield known
    if not known.ok:
        yield not_checked("bucket rights: there is nobody to have them", "mend the credentials first")
        return
    rights = list(bucket_rights(settings, role))
    yield from rights
    if role in (Role.WORKER, Role.MODELS) and all(finding.ok for finding in rights):
        yield from models(settings)


def set_up(settings: Settings) -> None:
    """The settings' address for boto3, unless the environment says another."""
    if settings.store.endpoint_url:
        os.environ.setdefault("AWS_ENDPOINT_URL_S3", settings.store.endpoint_url)
    if settings.store.region:
        os.environ.setdefault("AWS_REGION", settings.store.region)


def bucket_rights(settings: Settings, role: Role) -> Iterator[Finding]:
    """Each right in a line. What is written for it is deleted again, whatever happens."""
    # Here alone: boto3 is memory that the operator itself does without.
    from debate_core.store import StoreAddressInvalid, StoreError, open_store

    uri, needs, name = settings.store.uri, NEEDS[role], f"doctor-{token_hex(4)}"
    try:
        place = open_store(uri)
        # Below what the role may read: S3 answers 403 for anything else, as if the store refused it.
        place.exists(f"{(needs.reads or (needs.scratch,))[0]}index.json")
    except StoreAddressInvalid as error:
        yield wrong(f"store: {error}", "correct store.uri in the values")
        return
    except StoreError as error:
        yield wrong(f"store: {error}", f"correct store.* in the values, or give the role {role} its rights: {_TABLE}")
        return
    yield well(f"store: {uri} answers")
    if needs.reads:
        yield _tried(role, "read", needs.reads, lambda prefix: place.exists(f"{prefix}{name}/probe"))
    if needs.writes:
        yield _tried(role, "write", needs.writes, lambda prefix: _require_write(place, f"{prefix}{name}/probe"))
    if needs.scratch:
        yield _probed(place, role, f"{needs.scratch}{name}/")


def _require_write(place: ObjectStore, key: str) -> None:
    from debate_core.store import require_write

    require_write(place, key)


def _tried(role: Role, verb: str, prefixes: tuple[str, ...], attempt: Callable[[str], object]) -> Finding:
    from debate_core.store import StoreError

    refused: dict[str, StoreError] = {}
    for prefix in prefixes:
        try:
            attempt(prefix)
        except StoreError as error:
            refused[prefix] = error
    if refused:
        return _refused(role, verb, " ".join(refused), next(iter(refused.values())))
    return well(f"bucket rights: {role} may {verb} {' '.join(prefixes)}")


def _refused(role: Role, verb: str, where: str, error: Exception) -> Finding:
    from debate_core.store import StoreDenied

    if isinstance(error, StoreDenied):
        return wrong(f"bucket rights: {role} may not {verb} {where} ({error})", f"give its role that right: {_TABLE}")
    return wrong(f"bucket rights: {role} could not {verb} {where} ({error})", "see that the store is well; run again")


def _probed(place: ObjectStore, role: Role, prefix: str) -> Finding:
    """Write, find that a second create is refused, list, read, delete."""
    from debate_core.store import ObjectExists, StoreError

    key, doing, scratch = f"{prefix}probe", "write", f"{prefix.partition('/')[0]}/"
    try:
        place.put(key, b"doctor", create_only=True)
        try:
            doing = "create twice"
            with suppress(ObjectExists):
                place.put(key, b"again", create_only=True)
                return wrong(
                    f"store: a second writer may create {key} again: If-None-Match is ignored",
                    "use S3, or a server that knows conditional writes: else two jobs may take one id",
                )
            doing = "list"
            listed = [info.key for info in place.list(prefix)]
            doing = "read"
            read = place.get(key)
            if listed != [key] or read != b"doctor":
                return wrong(f"store: {key} is written, but not listed and read as it was", "use S3, or another server")
            doing = "delete"
        finally:
            place.delete(key)
    except StoreError as error:
        return _refused(role, doing, scratch, error)
    return well(f"bucket rights: {role} may create, list, read and delete {scratch}; nobody creates twice")


def models(settings: Settings) -> Iterator[Finding]:
    """The index, each file that it names in its size (workers check the hashes), and what a DebateJob asks for."""
    from debate_core.store import StoreError, open_store

    uri = settings.models
    fix = f"put them there: debate-worker fetch-models --to {uri}, or models.fetch.enabled in the values"
    try:
        place = open_store(uri)
        index = ModelsIndex.from_json(place.get("index.json"))
        yield well(f"models: {uri}/index.json names {len(index.models)}")
        damaged = [
            f"{entry.path}/{name}"
            for entry in index.models
            for name, file in entry.files.items()
            if (found := place.stat(f"{entry.path}/{name}")) is None or found.size != file.bytes
        ]
    except (StoreError, InvalidDocument, InvalidName) as error:
        yield wrong(f"models: {error}", fix)
        return
    if damaged:
        more = f" and {len(damaged) - 1} more" if len(damaged) > 1 else ""
        yield wrong(f"models: {damaged[0]} in {uri} is missing or has another size{more}", f"delete it there and {fix}")
    else:
        count = sum(len(entry.files) for entry in index.models)
        yield well(f"models: all {count} files are there in their sizes")
    yield from _asked_for(index, uri, fix)


def _asked_for(index: ModelsIndex, uri: str, fix: str) -> Iterator[Finding]:
    """By name, since jobs name models; only where a role has none at all can no job work."""
    default = DebateJobSpec.model_validate({"source": {"url": "https://example.org"}}).transcription.model
    for role, name in (("transcription", default), ("diarization", None)):
        there = ", ".join(entry.name for entry in index.models if entry.role == role)
        if not there:
            yield wrong(f"models: {uri} has none for {role}", fix)
        elif index.find(role, name) is None:
            yield well(f"models: for {role} {there}; a DebateJob must name one, for {name}, the default, is not there")
        else:
            yield well(f"models: for {role} {there}")
