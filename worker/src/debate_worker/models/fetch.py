"""`debate-worker fetch-models`: models from the hub into a folder or a store, pinned to commits and hashes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from faster_whisper.utils import _MODELS

from debate_core.documents.models_index import ModelEntry, ModelFile, ModelsIndex
from debate_core.errors import InvalidJob, Misconfigured
from debate_core.store import NoSuchStore, ObjectStore, open_store
from debate_worker.models.catalog import INDEX_KEY, read_index
from debate_worker.models.hub import FetchedFile, Hub, HubModel
from debate_worker.models.pipeline import PIPELINE_CONFIG, check_pipeline

DEFAULT_TRANSCRIPTION: Final = "large-v3-turbo"
DEFAULT_DIARIZATION: Final = "pyannote/speaker-diarization-community-1"

WHISPER_REPOS: Final[Mapping[str, str]] = _MODELS  # faster-whisper's own names: what its users type

Role = Literal["transcription", "diarization"]

_REPO: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,95}/[A-Za-z0-9_][A-Za-z0-9._-]{0,95}")
# What the loaders open, and what a repo must have of it: without tokenizer.json faster-whisper would go to the hub.
_FILES: Final[Mapping[Role, str]] = {
    "transcription": r"(config|preprocessor_config|tokenizer)\.json|model\.bin|vocabulary\.(json|txt)",
    "diarization": r"config\.yaml|[A-Za-z0-9_-]+/(pytorch_model\.bin|plda\.npz|xvec_transform\.npz)",
}
_REQUIRED: Final[Mapping[Role, tuple[str, ...]]] = {
    "transcription": ("config.json", "model.bin", "tokenizer.json"),
    "diarization": (PIPELINE_CONFIG,),
}
_KIND: Final[Mapping[Role, str]] = {
    "transcription": "a Whisper model for faster-whisper (CTranslate2)",
    "diarization": "a pyannote pipeline",
}
_SPDX: Final = {"apache-2.0": "Apache-2.0", "mit": "MIT", "cc-by-4.0": "CC-BY-4.0"}


@dataclass(frozen=True, slots=True)
class FetchProgress:
    """How far one model is, in absolute bytes, so that a lost call costs nothing. step: what is done to them."""

    model: str
    step: Literal["download", "store"]
    done_bytes: int
    total_bytes: int


def fetch_models(
    to: str,
    *,
    transcription: Sequence[str],
    diarization: str | None,
    hub: Hub,
    progress: Callable[[FetchProgress], None],
    keep: bool = False,
) -> ModelsIndex:
    """Bring models into the folder or store `to`; the index that it has then.

    transcription: faster-whisper's names (`large-v3-turbo`) or repos (`owner/name`). diarization: a repo, or None.
    Each is taken at the commit that `main` has now. A model joins the index when all its files are there, in the
    place of the one with its name; the others stay, and so do the files of an older commit, which a plan may still
    name. One that is there already costs one question to the hub; with `keep` none, and it stays at its commit.
    Raises InvalidJob where nothing is asked for, Misconfigured, StoreNotReachable, and what the store raises.
    """
    # The small one first: it is the one that asks for a token, and that must not be said after gigabytes.
    wanted: list[tuple[Role, str]] = [("diarization", diarization)] if diarization is not None else []
    wanted += [("transcription", name) for name in transcription]
    if not wanted:
        raise InvalidJob("No model is named: name one to fetch.")
    repos = [repo_of(role, name) for role, name in wanted]  # a misspelt name is refused before gigabytes are fetched
    store = open_store(to)
    index = read_index(store, to) or ModelsIndex(models=[])
    for (role, name), repo in zip(wanted, repos, strict=True):
        if keep and (known := index.find(role, name)) is not None and _whole(store, known):
            continue
        model = hub.model(repo)
        entry = _complete(store, index, role, name, model) or _brought(store, to, role, name, model, hub, progress)
        # Read again: somebody may have fetched another model in the meantime.
        current = read_index(store, to) or index
        index = merged(current, entry)
        if index != current:
            store.put(INDEX_KEY, index.to_json(), content_type="application/json")
    return index


def check_models(to: str, *, transcription: Sequence[str], diarization: str, hub: Hub) -> Iterator[str]:
    """A line for each model: it is in `to` already, or the hub would give it to us. Nothing is fetched or written.

    A model that is there needs no hub and no token; a description is public where the files are gated, so a file is
    asked for. Raises as `fetch_models` does, at the first model that could not be fetched.
    """
    store = open_store(to)
    index = read_index(store, to) or ModelsIndex(models=[])
    wanted: list[tuple[Role, str]] = [
        ("diarization", diarization),
        *(("transcription", name) for name in transcription),
    ]
    for role, name in wanted:
        repo, entry = repo_of(role, name), index.find(role, name)
        if entry is not None and _whole(store, entry):
            yield f"ok   {name}: all its files are in {to}; the hub is not needed"
            continue
        model = hub.model(repo)
        hub.require(repo, model.revision, chosen_files(role, model)[0])
        yield f"ok   {name}: {hub.endpoint} gives {repo} to us"


def repo_of(role: Role, name: str) -> str:
    """The hub's repo for a name; raises Misconfigured with the known names for one that is neither known nor a repo."""
    if role == "transcription" and name in WHISPER_REPOS:
        return WHISPER_REPOS[name]
    if _REPO.fullmatch(name):
        return name
    known = ", ".join(WHISPER_REPOS) if role == "transcription" else DEFAULT_DIARIZATION
    raise Misconfigured(f"{name!a} is no {role} model: name a repo of the hub (owner/name) or one of {known}.")


def merged(index: ModelsIndex, entry: ModelEntry) -> ModelsIndex:
    """The index with this entry in the place of the one with its role and name, or at the end."""
    same = [i for i, old in enumerate(index.models) if (old.role, old.name) == (entry.role, entry.name)]
    models = list(index.models)
    if same:
        models[same[0]] = entry
    else:
        models.append(entry)
    return ModelsIndex(models=models)


def chosen_files(role: Role, model: HubModel) -> list[str]:
    """The names of the model's files that its loader opens; raises Misconfigured for a repo of another kind."""
    names = sorted(name for name in model.files if re.fullmatch(_FILES[role], name))
    missing = [name for name in _REQUIRED[role] if name not in names]
    if missing:
        raise Misconfigured(f"{model.repo} is not {_KIND[role]}: it has no {missing[0]}.")
    return names


def notice_for(repo: str, license_name: str) -> str:
    """The attribution that a Creative Commons licence asks for; "" where the licence asks for none in an index."""
    if not license_name.startswith("CC-"):
        return ""
    owner, _, title = repo.partition("/")
    return f"{title} by {owner}, https://huggingface.co/{repo}, licensed under {license_name}, unchanged."


def _complete(store: ObjectStore, index: ModelsIndex, role: Role, name: str, model: HubModel) -> ModelEntry | None:
    """The entry of the model at this commit, if the index has it, under whatever name, and its files are there."""
    for entry in index.models:
        if (entry.role, entry.repo, entry.revision) == (role, model.repo, model.revision) and _whole(store, entry):
            return entry.model_copy(update={"name": name})
    return None


def _brought(
    store: ObjectStore,
    to: str,
    role: Role,
    name: str,
    model: HubModel,
    hub: Hub,
    progress: Callable[[FetchProgress], None],
) -> ModelEntry:
    names = chosen_files(role, model)
    if role == "diarization":  # before the weights: they may be large, and for nothing
        check_pipeline(model.repo, hub.fetch(model, PIPELINE_CONFIG, lambda _: None).path.read_bytes(), names)
    path = f"{model.repo}@{model.revision}"
    total = sum(model.files[file].bytes for file in names)
    fetched: dict[str, FetchedFile] = {}
    for file in names:
        before = sum(found.bytes for found in fetched.values())

        def report(there: int, before: int = before) -> None:
            progress(FetchProgress(name, "download", before + there, total))

        fetched[file] = hub.fetch(model, file, report)
    stored = 0
    for file, found in fetched.items():
        progress(FetchProgress(name, "store", stored, total))
        # The path holds the commit, so an object of the same size is the same file, put before an interruption.
        if not _has(store, f"{path}/{file}", found.bytes):
            try:
                store.put_file(f"{path}/{file}", found.path)
            except NoSuchStore as error:
                raise Misconfigured(f"{to} cannot take the models: {error}") from error
        stored += found.bytes
    progress(FetchProgress(name, "store", total, total))
    license_name = _SPDX.get(model.license, model.license)
    return ModelEntry(
        role=role,
        name=name,
        repo=model.repo,
        revision=model.revision,
        path=path,
        license=license_name,
        notice=notice_for(model.repo, license_name),
        files={file: ModelFile(sha256=found.sha256, bytes=found.bytes) for file, found in fetched.items()},
    )


def _whole(store: ObjectStore, entry: ModelEntry) -> bool:
    return all(_has(store, f"{entry.path}/{file}", known.bytes) for file, known in entry.files.items())


def _has(store: ObjectStore, key: str, size: int) -> bool:
    try:
        found = store.stat(key)
    except NoSuchStore:
        return False
    return found is not None and found.size == size
