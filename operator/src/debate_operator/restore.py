"""DebateJobs made anew from the store: what `debate-operator restore` prints for `kubectl apply -f -`.

prepare keeps each DebateJob beside its claim (jobs/<id>/debatejob.json). Made anew it has its job id written out, so
that it goes on from what is in the store: a finished one costs one short CPU pod, whose look-ups say that it is done.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import yaml

from debate_core import keys
from debate_core.documents.base import InvalidDocument
from debate_core.documents.debatejob import DebateJob
from debate_core.documents.manifest import ManifestEntry, Owner
from debate_core.errors import InvalidJob
from debate_core.store import ObjectInfo, ObjectNotFound, ObjectStore

_AT_ONCE: Final = 10
"""As many connections as boto3 keeps; with more it complains of each that it throws away."""
_WORD: Final = re.compile(r"[A-Za-z][A-Za-z0-9./-]+")
_DEBATEJOB_NAME: Final = re.compile(r"[a-z0-9]([a-z0-9-]{0,41}[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class Kept:
    """What the store has of one DebateJob. finished: there is nothing left to do.

    manifest: to apply; None where it cannot be made anew. written: when it was last kept.
    note: why it cannot, or what does not come back as it was.
    """

    job_id: str
    finished: bool
    manifest: dict[str, Any] | None = None
    written: datetime | None = None
    note: str = ""

    @property
    def name(self) -> tuple[str, str]:
        """Namespace and name."""
        assert self.manifest is not None
        return self.manifest["metadata"]["namespace"], self.manifest["metadata"]["name"]


def restore(
    store: ObjectStore, *, job_ids: Sequence[str] = (), namespace: str | None = None, unfinished: bool = False
) -> list[Kept]:
    """Every job of the store, or those that are named; first those with work to do, so that they start first.

    namespace: for all of them; None: where each was. unfinished: those alone. Raises InvalidName for what is no job
    id, and what the store raises.
    """
    found = _named(store, job_ids) if job_ids else _listed(store)
    with ThreadPoolExecutor(_AT_ONCE, "restore") as pool:
        kept = list(pool.map(lambda job: _read(store, *job), found.items()))
    if unfinished:
        kept = [one for one in kept if not one.finished]
    if namespace is not None:
        kept = [_moved(one, namespace) for one in kept]
    return sorted(_each_name_once(kept), key=lambda one: (one.finished, one.job_id))


def _listed(store: ObjectStore) -> dict[str, list[ObjectInfo]]:
    """By job id. A thousand objects come with one request, and a job has a dozen of them."""
    found: dict[str, list[ObjectInfo]] = defaultdict(list)
    for info in store.list(keys.JOBS_PREFIX.key()):
        job_id = info.key.split("/")[1]
        if keys.JOB_PREFIX.parse(f"jobs/{job_id}/") is not None:
            found[job_id].append(info)
    return found


def _named(store: ObjectStore, job_ids: Iterable[str]) -> dict[str, list[ObjectInfo]]:
    return {job_id: list(store.list(keys.JOB_PREFIX.key(job_id=job_id))) for job_id in job_ids}


def _read(store: ObjectStore, job_id: str, objects: Sequence[ObjectInfo]) -> Kept:
    there = {info.key: info for info in objects}
    entered = store.stat(keys.MANIFEST.key(job_id=job_id))
    record, order = there.get(keys.JOB.key(job_id=job_id)), there.get(keys.ORDER.key(job_id=job_id))
    # An order that is newer than the record is of a job that is being done anew.
    done = record is not None and (order is None or order.last_modified <= record.last_modified)
    finished = entered is not None and done
    if order is None:
        return Kept(job_id, finished, note=_why_not_kept(store, job_id, there))
    try:
        text = store.get(order.key).decode(errors="replace")
        manifest = DebateJob.from_resource(DebateJob.from_yaml(text).order()).order()
    except InvalidJob as error:
        return Kept(job_id, finished, note=f"{order.key} cannot be used: {error.message}")
    if manifest["spec"]["jobId"] != job_id:
        return Kept(job_id, finished, note=f"{order.key} is of another job, {manifest['spec']['jobId']}")
    if manifest["spec"].get("mode") == "DownloadOnly":
        finished = any(keys.MEDIA.parse(key) for key in there)
    wanted = manifest["spec"].get("publish", True)
    if entered is None:  # of a job that had one, it was deleted to take the debate down
        publish, why = wanted and record is None, "its manifest entry is gone"
    else:
        publish, why = _is_public(store, entered, wanted, order), "as its manifest entry says"
    manifest["spec"]["publish"] = publish
    note = "" if publish == wanted else f"comes back with publish: {str(publish).lower()}, {why}"
    return Kept(job_id, finished, manifest, order.last_modified, note)


def _is_public(store: ObjectStore, entered: ObjectInfo, wanted: bool, order: ObjectInfo) -> bool:
    """spec.publish may have changed since the order was kept: the manifest entry has it, unless the order is newer.

    Nothing becomes public that either of them keeps private, but what was published after it had been ordered private.
    """
    try:
        entry = ManifestEntry.from_json(store.get(entered.key))
    except (ObjectNotFound, InvalidDocument):
        return False
    return entry.publish and (wanted or order.last_modified <= entered.last_modified)


def _why_not_kept(store: ObjectStore, job_id: str, there: dict[str, ObjectInfo]) -> str:
    key = keys.OWNER.key(job_id=job_id)
    if key not in there:
        return "no DebateJob has claimed it: there is nothing of it, or it is of an older system"
    try:
        owner = Owner.from_json(store.get(key))
    except (ObjectNotFound, InvalidDocument):
        return f"{key} cannot be read"
    if not owner.uid:
        return "it was made by `debate-worker run` outside a cluster: run that manifest again"
    return f"the release that made it kept no {keys.ORDER.key(job_id=job_id)}: apply your own manifest with this jobId"


def _moved(kept: Kept, namespace: str) -> Kept:
    if kept.manifest is None:
        return kept
    metadata = kept.manifest["metadata"] | {"namespace": namespace}
    return replace(kept, manifest=kept.manifest | {"metadata": metadata})


def _each_name_once(kept: Iterable[Kept]) -> list[Kept]:
    """A DebateJob that was deleted and made again under its name left two jobs: the last keeps it, an older one is
    called by its job id."""
    possible = [one for one in kept if one.manifest is not None and one.written is not None]
    others = [one for one in kept if one.manifest is None]
    taken: set[tuple[str, str]] = set()
    renamed: list[Kept] = []
    for one in sorted(possible, key=lambda one: (one.written, one.job_id), reverse=True):
        if one.name not in taken:
            taken.add(one.name)
            others.append(one)
        else:
            renamed.append(one)
    for one in renamed:
        assert one.manifest is not None
        namespace, name = one.name
        if not _DEBATEJOB_NAME.fullmatch(one.job_id) or (namespace, one.job_id) in taken:
            note = f"a later DebateJob is called {name} too: apply it under another name"
            others.append(Kept(one.job_id, one.finished, note=note))
            continue
        taken.add((namespace, one.job_id))
        metadata = one.manifest["metadata"] | {"name": one.job_id}
        note = "; ".join(filter(None, [one.note, f"is called {one.job_id} now: a later DebateJob is called {name}"]))
        others.append(replace(one, manifest=one.manifest | {"metadata": metadata}, note=note))
    return others


class _Dumper(yaml.SafeDumper):
    """Quotes every text that is no plain word.

    PyYAML and kubectl read different YAML: `1e3`, `0o14` and `y` are text for the one, and not for the other.
    """

    def represent_text(self, text: str) -> yaml.ScalarNode:
        return self.represent_scalar("tag:yaml.org,2002:str", text, None if _WORD.fullmatch(text) else '"')


_Dumper.add_representer(str, _Dumper.represent_text)


def as_yaml(kept: Iterable[Kept]) -> str:
    """The manifests, one document each; empty where there is none."""
    manifests = [one.manifest for one in kept if one.manifest is not None]
    if not manifests:
        return ""
    text: str = yaml.dump_all(
        manifests, Dumper=_Dumper, explicit_start=True, sort_keys=False, allow_unicode=True, width=1000
    )
    return text


def summary(kept: Sequence[Kept]) -> list[str]:
    """What a person should know, a line each."""
    made = [one for one in kept if one.manifest is not None]
    finished = sum(one.finished for one in made)
    impossible = len(kept) - len(made)
    first = f"{len(made)} DebateJobs: {len(made) - finished} with work to do, {finished} finished"
    lines = [first + (f"; {impossible} jobs cannot be made anew" if impossible else "")]
    lines += [f"{one.job_id}: {one.note}" for one in kept if one.manifest is not None and one.note]
    for one in kept:
        if one.manifest is None:
            stays = " (its results stay as they are)" if one.finished else ""
            lines.append(f"{one.job_id} cannot be made anew{stays}: {one.note}")
    return lines
