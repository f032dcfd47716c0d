"""The table of everything that reads what somebody else wrote: samples, the reader, and the errors that it may raise.

A reader takes bytes. It returns what it read, or raises one of its errors; anything else is a crash. What it accepts
must come back the same when it is written and read again.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import fuzz_samples as samples
from fuzz_mutations import Mutation, json_like, resource, text_like, yaml_like

from debate_core import ids, keys
from debate_core.documents.base import Document, InvalidDocument
from debate_core.documents.debatejob import DebateJob, DiarizationSpec
from debate_core.documents.debatejob_status import DebateJobStatus
from debate_core.documents.job import JobRecord
from debate_core.documents.manifest import ManifestEntry, Owner, People, Speakers
from debate_core.documents.models_index import ModelsIndex
from debate_core.documents.plan import Plan
from debate_core.documents.report import QualityReport
from debate_core.documents.statistics import DebateStatistics, StatisticsIndex, StatisticsSummary
from debate_core.documents.step_result import Progress, StepResult
from debate_core.documents.transcript import Transcript, Words
from debate_core.documents.window import WindowResult
from debate_core.errors import InvalidJob, Misconfigured
from debate_core.ids import InvalidName
from debate_core.store import FolderStore, ObjectInfo, ObjectNotFound, StoreAddressInvalid, StoreError, open_store
from debate_operator import parse
from debate_operator.decide import decide
from debate_operator.facts import JobFacts, Observed
from debate_operator.settings import Settings, SettingsInvalid
from debate_stats.document import statistics_document
from debate_stats.inputs import BrokenJob, Sources, find_sources, look, read_documents, read_entry, read_people
from debate_stats.parameters import Parameters as StatisticsParameters
from debate_stats.rttm import InvalidRttm
from debate_stats.rttm import parse as parse_rttm
from debate_stats.selection import InvalidSelection, checked, parse_manifest
from debate_worker.finish.documents import render
from debate_worker.finish.parameters import Parameters
from debate_worker.finish.prepared import Prepared, WorkIncomplete
from debate_worker.finish.report import MediaFacts
from debate_worker.finish.stored import read_windows
from debate_worker.models.catalog import INDEX_KEY, read_index
from debate_worker.models.pipeline import check_pipeline
from debate_worker.models.verification import Verified

NOW = datetime(2026, 5, 4, 13, tzinfo=UTC)
SETTINGS = Settings.model_validate(samples.SETTINGS)


class NotThisReaders(Exception):
    """The bytes are not what the reader's caller would hand on: not JSON, where JSON has been read before."""


@dataclass(frozen=True)
class Reader:
    """errors: what may come out instead of a value. write: how an accepted value is written again."""

    name: str
    samples: tuple[Any, ...]
    read: Callable[[bytes], Any]
    errors: tuple[type[Exception], ...]
    mutate: Mutation = json_like
    write: Callable[[Any], bytes] | None = None
    document: type[Document] | None = None

    def input(self, rng: Random) -> bytes:
        """An odd input, by these choices."""
        return self.mutate(rng.choice(self.samples), ALL_SAMPLES, rng)

    def plain(self, sample: Any) -> bytes:
        """A sample as it is."""
        return sample.encode() if isinstance(sample, str) else json.dumps(sample).encode()

    def check(self, data: bytes) -> bool:
        """Whether the input is accepted. Raises what a crash raises, AssertionError where the value is not stable."""
        try:
            value = self.read(data)
        except self.errors:
            return False
        if self.write is not None:
            written = self.write(value)
            json.loads(written, parse_constant=_no_json)
            assert self.read(written) == value, f"read, written and read again it is another {self.name}"
        return True


def _no_json(name: str) -> None:
    raise AssertionError(f"{name} is not JSON")


def _selection(data: bytes) -> list[str]:
    return checked(parse_manifest(data))


def _tree(data: bytes, kind: type = dict) -> Any:
    try:
        tree = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise NotThisReaders from error
    if not isinstance(tree, kind):
        raise NotThisReaders
    return tree


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


@dataclass(frozen=True)
class _Shelf:
    """A store's reading side over a few objects: what a whole chain of readers needs, without a disk."""

    objects: dict[str, bytes] = field(default_factory=dict)
    uri: str = "memory:"

    def get(self, key: str) -> bytes:
        try:
            return self.objects[keys.check_key(key)]
        except KeyError:
            raise ObjectNotFound(f"There is no object {key!a} in the store.") from None

    def stat(self, key: str) -> ObjectInfo | None:
        there = keys.check_key(key) in self.objects
        return ObjectInfo(key, len(self.objects[key]), "1-2", NOW) if there else None

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        found = sorted(key for key in self.objects if key.startswith(prefix))
        return (ObjectInfo(key, len(self.objects[key]), "1-2", NOW) for key in found)


def document(kind: type[Document], *trees: Any) -> Reader:
    return Reader(kind.__name__, trees, kind.from_json, (InvalidDocument,), write=kind.to_json, document=kind)


def _debatejob(data: bytes) -> DebateJob:
    try:
        job = DebateJob.from_yaml(data.decode())
    except UnicodeDecodeError as error:
        raise NotThisReaders from error  # the command line reads the file
    assert ids.check_job_id(job.job_id)
    return job


def _write_debatejob(job: DebateJob) -> bytes:
    # ASCII, as the operator writes it: in YAML a quoted line separator is a space.
    return json.dumps(job.model_dump(mode="json", by_alias=True)).encode()


def _key(data: bytes) -> str:
    text = _text(data)
    for template in TEMPLATES:
        fields = template.parse(text)
        assert fields is None or template.key(**fields) == text
    assert keys.check_key_or_prefix(text) == text
    text.encode()
    return text


def _names(data: bytes) -> str:
    text = _text(data)
    slug = ids.slug(text)
    assert ids.slug(slug) == slug == ids.check_name(slug)
    return ids.check_job_id(ids.job_id_for(text.lower(), text))


TEMPLATES = tuple(template for template in vars(keys).values() if isinstance(template, keys.KeyTemplate))


def _folder_store(data: bytes) -> None:
    """Whatever the key, one object of that key is there, then nothing; and nothing beside the store."""
    key = _text(data)
    with tempfile.TemporaryDirectory() as name:
        store = FolderStore(Path(name) / "store")
        try:
            store.put(key, b"x")
            assert store.get(key) == b"x"
            assert [info.key for info in store.list("")] == [key]
            store.delete(key)
            assert list(store.list("")) == []
        finally:
            assert [path.name for path in Path(name).iterdir()] in ([], ["store"])
            assert not [path for path in Path(name).rglob("*") if path != Path(name) / "store"]


def _models_index(data: bytes) -> None:
    index = read_index(_Shelf({INDEX_KEY: data}), "memory:")
    assert index is not None
    for entry in index.models:
        assert len(entry.digest) == 64
        assert index.find(entry.role, entry.name) is not None


def _verified(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "model.verified.json"
        path.write_bytes(data)
        verified = Verified(path)
        verified.knows("config.yaml", "a" * 64, path.stat())
        verified.remember("config.yaml", "a" * 64, path.stat())
        verified.save()


def _settings(data: bytes) -> Settings:
    with tempfile.NamedTemporaryFile(suffix=".yaml") as file:
        file.write(data)
        file.flush()
        return Settings.load(Path(file.name))


def _statistics(data: bytes) -> None:
    """What stats makes of a job's documents: each part is one of them, and odd in its own way."""
    bundle = _tree(data)
    shelf = _Shelf({key: _part(bundle.get(kind)) for kind, key in samples.MANIFEST["documents"].items()})
    shelf.objects["jobs/a-debate/speakers.json"] = _part(bundle.get("speakers"))
    shelf.objects["people.json"] = _part(bundle.get("people"))
    shelf.objects["manifest/a-debate.json"] = _part(bundle.get("manifest"))
    info = ObjectInfo("manifest/a-debate.json", 1, "1-2", NOW)
    entry = read_entry(shelf, info, "a-debate")
    if entry.documents.transcript is None:
        return
    sources: Sources = find_sources(entry, info, look(shelf, "a-debate"))
    documents = read_documents(shelf, sources, read_people(shelf))
    statistics = statistics_document(sources, documents, StatisticsParameters(), NOW)
    assert DebateStatistics.from_json(statistics.to_json()) == statistics


def _part(tree: Any) -> bytes:
    return tree.encode("utf-8", "surrogatepass") if isinstance(tree, str) else json.dumps(tree).encode()


def _finish(data: bytes) -> None:
    """What finish makes of a plan and its windows."""
    bundle = _tree(data)
    plan = Plan.from_json(_part(bundle.get("plan")))
    results = bundle.get("windows")
    results = results if isinstance(results, list) else []
    shelf = _Shelf()
    for window, result in zip(plan.windows, results, strict=False):
        try:
            key = keys.WINDOW.key(job_id=plan.job_id, index=window.index, hash=window.hash)
        except InvalidName as error:
            raise NotThisReaders from error  # prepare makes the ids of a plan
        shelf.objects[key] = _part(result)
    try:
        windows = read_windows(shelf, plan)
    except InvalidName as error:
        raise NotThisReaders from error
    done = render(plan, windows, DiarizationSpec(max_speakers=2), MediaFacts("video/mp4", None, []), [], Parameters())
    Transcript.from_json(done.files["transcript"])
    Words.from_json(done.files["words"])
    QualityReport.from_json(done.files["report"])


def _operator(data: bytes) -> None:
    """A pass over odd objects and an odd last word of a pod: it decides something that can be written."""
    bundle = _tree(data)
    seen = parse.debatejob(bundle["debatejob"])
    job = parse.job(bundle["job"]).facts
    pod = parse.pod(bundle["pod"]).facts
    message = json.dumps(bundle["message"])
    facts = JobFacts(**{name: getattr(job, name) for name in job.__slots__} | {"pods": (_with(pod, message=message),)})
    progress = {(job.uid, shard): Progress.from_json(_part(said)) for shard, said in enumerate(bundle["progress"])}
    plan = decide(_with(seen.facts, deleting=False), Observed(jobs=(facts,), progress=progress), NOW, SETTINGS)
    json.dumps(plan.status.to_resource(), allow_nan=False)
    json.dumps(plan.create, allow_nan=False)


def _with(facts: Any, **changes: Any) -> Any:
    return type(facts)(**{name: getattr(facts, name) for name in facts.__slots__} | changes)


def _status(data: bytes) -> DebateJobStatus:
    status = DebateJobStatus.from_resource(_tree(data))
    json.dumps(status.to_resource(), allow_nan=False)
    assert DebateJobStatus.from_resource(status.to_resource()) == status
    return status


_BUNDLE = {
    "people": samples.PEOPLE,
    "manifest": samples.MANIFEST,
    "transcript": samples.TRANSCRIPT,
    "words": samples.WORDS,
    "rttm": samples.RTTM,
    "report": samples.REPORT,
    "speakers": samples.SPEAKERS,
}
_WORK = {"plan": samples.PLAN, "windows": [samples.window(0, 0.0), samples.window(1, 30.0)]}
_PASSES = tuple(
    {
        "debatejob": samples.RAW_DEBATEJOB,
        "job": job,
        "pod": samples.RAW_POD,
        "message": samples.STEP_RESULT | {"exit_code": code},
        "progress": [samples.PROGRESS, samples.PROGRESS],
    }
    for job, code in ((samples.RAW_JOB, 14), (samples.BUSY_JOB, 12), (samples.DONE_JOB, 0), (samples.RUNNING_JOB, 0))
)

READERS: tuple[Reader, ...] = (
    # Every document of core.
    document(Owner, samples.OWNER),
    document(Plan, samples.PLAN),
    document(WindowResult, samples.WINDOW),
    document(Transcript, samples.TRANSCRIPT),
    document(Words, samples.WORDS),
    document(QualityReport, samples.REPORT),
    document(JobRecord, samples.JOB),
    document(ManifestEntry, samples.MANIFEST),
    document(Speakers, samples.SPEAKERS),
    document(People, samples.PEOPLE),
    document(ModelsIndex, samples.MODELS_INDEX),
    document(StepResult, samples.STEP_RESULT),
    document(Progress, samples.PROGRESS),
    document(DebateStatistics, samples.STATISTICS),
    document(StatisticsIndex, samples.STATISTICS_INDEX),
    document(StatisticsSummary, samples.STATISTICS_SUMMARY),
    # A DebateJob: as a person writes it, and as the API server has it.
    Reader(
        "DebateJob.from_yaml",
        (samples.SMALL_DEBATEJOB, samples.DEBATEJOB),
        _debatejob,
        (InvalidJob, NotThisReaders),
        yaml_like,
        _write_debatejob,
    ),
    Reader(
        "DebateJob.from_resource",
        (samples.DEBATEJOB,),
        lambda data: DebateJob.from_resource(_tree(data)),
        (InvalidJob, NotThisReaders),
    ),
    Reader("DebateJobStatus.from_resource", (samples.STATUS,), _status, (NotThisReaders,)),
    # Names and keys.
    Reader(
        "keys",
        (
            "jobs/a/videos/b.mp4",
            "models/lab/asr@1/plda/x.npz",
            "statistics/files/a/b.words.json",
            "work/a/windows/000-00000000.json",
            "jobs/a/",
        ),
        _key,
        (InvalidName,),
        text_like,
    ),
    Reader("ids", ("0f1e2d3c-debate", "0f1e2d3c.debate.1"), _names, (InvalidName,), text_like),
    Reader(
        "FolderStore",
        ("jobs/a/videos/b.mp4", "My Debate (1).mp4", "a"),
        _folder_store,
        (InvalidName, StoreError),
        text_like,
    ),
    Reader(
        "open_store",
        ("s3://bucket/prefix", "file:///tmp/store", "./store"),
        lambda data: open_store(_text(data)).uri,
        (StoreAddressInvalid,),
        text_like,
    ),
    # The worker.
    Reader("models/index.json", (samples.MODELS_INDEX,), _models_index, (Misconfigured,)),
    Reader(
        "config.yaml of a pipeline",
        (samples.PIPELINE,),
        lambda data: check_pipeline("lab/voices", data, samples.PIPELINE_FILES),
        (Misconfigured,),
        yaml_like,
    ),
    Reader("remembered hashes", ({"files": {"config.yaml": ["a" * 64, 1, 2, 3, 4]}},), _verified, ()),
    Reader(
        "facts of prepare", (samples.PREPARED,), lambda data: Prepared.of(_tree(data)), (WorkIncomplete, NotThisReaders)
    ),
    Reader("finish", (_WORK,), _finish, (WorkIncomplete, InvalidDocument, NotThisReaders)),
    # The statistics.
    Reader("RTTM", (samples.RTTM,), parse_rttm, (InvalidRttm,), text_like),
    Reader(
        "--manifest",
        (["a-debate", "jobs/a/", "manifest/b.json", samples.MANIFEST],),
        _selection,
        (InvalidSelection,),
        write=lambda found: json.dumps(found).encode(),
    ),
    Reader("statistics of a job", (_BUNDLE,), _statistics, (BrokenJob, NotThisReaders)),
    # The operator.
    Reader("settings of the operator", (samples.SETTINGS,), _settings, (SettingsInvalid,), yaml_like),
    Reader("a Job", (samples.RAW_JOB,), lambda data: parse.job(_tree(data)), (), resource),
    Reader("a pod", (samples.RAW_POD,), lambda data: parse.pod(_tree(data)), (), resource),
    Reader("a DebateJob", (samples.RAW_DEBATEJOB,), lambda data: parse.debatejob(_tree(data)), (), resource),
    Reader("an Event", (samples.RAW_EVENT,), lambda data: parse.told(_tree(data)), (), resource),
    Reader("a pass of the operator", _PASSES, _operator, (InvalidDocument, NotThisReaders), resource),
)

ALL_SAMPLES = tuple(sample for reader in READERS for sample in reader.samples if not isinstance(sample, str))
