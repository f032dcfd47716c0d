"""The model catalog: what it finds, what it refuses, and that a loader sees exactly what the index names."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from debate_core.documents.models_index import ModelEntry, ModelFile, ModelsIndex
from debate_core.errors import Misconfigured
from debate_core.store import StoreAddressInvalid
from debate_worker.models import ModelCatalog, verification
from debate_worker.models.fetch import WHISPER_REPOS, chosen_files, merged, notice_for, repo_of
from debate_worker.models.hub import Hub, HubFile, HubModel, hub_token
from debate_worker.models.pipeline import check_pipeline

DEMO = Path(__file__).parents[3] / "examples" / "models"

Hashed = list[str]


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """A folder with the demo models that a test may spoil."""
    return Path(shutil.copytree(DEMO, tmp_path / "models"))


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> Hashed:
    """The names of the files that are read to be hashed."""
    names: Hashed = []

    def counting(path: Path) -> str:
        names.append(path.name)
        return hashlib.sha256(path.read_bytes()).hexdigest()

    monkeypatch.setattr(verification, "sha256_of", counting)
    return names


def whisper_in(models: Path) -> Path:
    return models / "debate-analyzer" / "whisper-demo@1"


def pipeline_in(models: Path) -> Path:
    return models / "debate-analyzer" / "diarization-demo@1"


def files_under(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}


def edit_index(models: Path, edit: Callable[[dict[str, Any]], None]) -> None:
    path = models / "index.json"
    document = json.loads(path.read_text())
    edit(document)
    path.write_text(json.dumps(document))


# --- the catalog


def test_models_are_found_by_name_and_by_repo() -> None:
    catalog = ModelCatalog.open(str(DEMO))
    assert catalog.transcription("whisper-demo") == catalog.transcription("debate-analyzer/whisper-demo")
    assert catalog.diarization() == catalog.diarization("diarization-demo")
    assert [entry.role for entry in catalog.entries] == ["transcription", "diarization"]


def test_a_missing_model_is_answered_with_those_there_are() -> None:
    catalog = ModelCatalog.open(str(DEMO))
    with pytest.raises(Misconfigured) as missing:
        catalog.transcription("large-v3")
    assert "(there: 'whisper-demo')" in missing.value.message
    assert f"debate-worker fetch-models --to {DEMO} --transcription large-v3" in missing.value.message
    with pytest.raises(Misconfigured, match="diarization-demo"):
        catalog.diarization("whisper-demo")


@pytest.mark.parametrize("there", ["no folder", "no index"])
def test_without_an_index_nothing_is_served(there: str, models: Path) -> None:
    (models / "index.json").unlink()
    uri = str(models if there == "no index" else models / "nowhere")
    with pytest.raises(Misconfigured, match=r"no index\.json.*debate-worker fetch-models --to"):
        ModelCatalog.open(uri)


def test_an_address_that_is_none_is_left_to_the_store() -> None:
    with pytest.raises(StoreAddressInvalid):
        ModelCatalog.open("ftp://host/models")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"schema_version": 9, "models": []}', '{"models": [{}]}'])
def test_an_index_that_is_none_is_refused(text: str, models: Path) -> None:
    (models / "index.json").write_text(text)
    with pytest.raises(Misconfigured, match=r"index\.json in .* cannot be used"):
        ModelCatalog.open(str(models))


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "a/../../b", "%2e%2e/x", ".hidden", "a\\b", "a\nb"])
def test_an_index_cannot_name_a_file_outside_its_folder(name: str, models: Path) -> None:
    edit_index(models, lambda index: index["models"][0]["files"].update({name: {"sha256": "0" * 64, "bytes": 1}}))
    with pytest.raises(Misconfigured, match=r"index\.json in .* cannot be used"):
        ModelCatalog.open(str(models))


@pytest.mark.parametrize("path", ["..", "/", "", "a/../.."])
def test_an_index_cannot_name_a_folder_outside_its_own(path: str, models: Path) -> None:
    edit_index(models, lambda index: index["models"][0].update(path=path))
    with pytest.raises(Misconfigured, match=r"index\.json in .* cannot be used"):
        ModelCatalog.open(str(models))


# --- a folder for the loaders


def test_a_loader_sees_exactly_the_files_of_the_index(models: Path, cache: Path) -> None:
    (whisper_in(models) / "added_tokens.json").write_text("{}")
    (pipeline_in(models) / "segmentation" / "evil.bin").write_bytes(b"a pickle that nobody vouches for")
    catalog = ModelCatalog.open(str(models))
    for entry in catalog.entries:
        folder = catalog.materialize(entry, cache)
        assert files_under(folder) == set(entry.files)
        for name, file in entry.files.items():
            assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == file.sha256


def test_a_local_folder_is_used_in_place(models: Path, cache: Path) -> None:
    catalog = ModelCatalog.open(str(models))
    folder = catalog.materialize(catalog.transcription("whisper-demo"), cache)
    assert folder.name.startswith(f"whisper-demo@1-{catalog.transcription('whisper-demo').digest[:12]}-in-")
    assert (folder / "model.bin").samefile(whisper_in(models) / "model.bin")


def test_a_relative_cache_and_folder_serve_from_any_working_folder(
    models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    catalog = ModelCatalog.open("models")
    folder = catalog.materialize(catalog.transcription("whisper-demo"), Path("cache"))
    monkeypatch.chdir("/")
    assert (folder / "config.json").read_bytes() == (whisper_in(models) / "config.json").read_bytes()


def test_each_file_is_hashed_once(models: Path, cache: Path, hashed: Hashed) -> None:
    entry = ModelCatalog.open(str(models)).transcription("whisper-demo")
    ModelCatalog.open(str(models)).materialize(entry, cache)
    assert sorted(hashed) == sorted(entry.files)
    ModelCatalog.open(str(models)).materialize(entry, cache)
    assert len(hashed) == len(entry.files)


def test_a_file_that_was_touched_is_hashed_again(models: Path, cache: Path, hashed: Hashed) -> None:
    catalog = ModelCatalog.open(str(models))
    entry = catalog.transcription("whisper-demo")
    catalog.materialize(entry, cache)
    hashed.clear()
    os.utime(whisper_in(models) / "model.bin")
    catalog.materialize(entry, cache)
    assert hashed == ["model.bin"]


def test_a_lost_memory_costs_only_time(models: Path, cache: Path, hashed: Hashed) -> None:
    catalog = ModelCatalog.open(str(models))
    entry = catalog.transcription("whisper-demo")
    catalog.materialize(entry, cache)
    for memory in cache.rglob("*.verified.json"):
        memory.write_text('{"files": [')
    catalog.materialize(entry, cache)
    assert len(hashed) == 2 * len(entry.files)


@pytest.mark.parametrize("when", ["before", "after"])
def test_an_exchanged_file_is_refused_even_with_the_old_size_and_date(when: str, models: Path, cache: Path) -> None:
    catalog = ModelCatalog.open(str(models))
    entry = catalog.diarization()
    if when == "after":
        catalog.materialize(entry, cache)
    weights = pipeline_in(models) / "segmentation" / "pytorch_model.bin"
    status = weights.stat()
    weights.write_bytes(bytes(status.st_size))
    os.utime(weights, ns=(status.st_atime_ns, status.st_mtime_ns))

    with pytest.raises(Misconfigured) as refused:
        catalog.materialize(entry, cache)
    assert refused.value.message == (
        f"segmentation/pytorch_model.bin of debate-analyzer/diarization-demo in {models} does not have the sha256 that "
        f"index.json names: delete debate-analyzer/diarization-demo@1/segmentation/pytorch_model.bin there and fetch "
        f"it again with `debate-worker fetch-models --to {models} --diarization diarization-demo`."
    )


def test_a_truncated_file_is_refused_without_hashing(models: Path, cache: Path, hashed: Hashed) -> None:
    (whisper_in(models) / "config.json").write_bytes(b"{")
    catalog = ModelCatalog.open(str(models))
    with pytest.raises(Misconfigured, match=r"config\.json of .* is 1 bytes long, not 189"):
        catalog.materialize(catalog.transcription("whisper-demo"), cache)
    assert "config.json" not in hashed


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_missing_file_is_named(when: str, models: Path, cache: Path) -> None:
    catalog = ModelCatalog.open(str(models))
    entry = catalog.transcription("whisper-demo")
    if when == "after":
        catalog.materialize(entry, cache)
    (whisper_in(models) / "tokenizer.json").unlink()
    with pytest.raises(Misconfigured, match=r"tokenizer\.json of .* is missing"):
        catalog.materialize(entry, cache)


def test_a_file_put_into_the_cache_is_found(models: Path, cache: Path) -> None:
    catalog = ModelCatalog.open(str(models))
    folder = catalog.materialize(catalog.diarization(), cache)
    (folder / "segmentation" / "more.bin").write_bytes(b"")
    with pytest.raises(Misconfigured, match=r"segmentation/more\.bin .* is not in the index"):
        catalog.materialize(catalog.diarization(), cache)


def test_a_refused_model_leaves_nothing_in_the_cache(models: Path, cache: Path) -> None:
    (whisper_in(models) / "model.bin").write_bytes(b"")
    catalog = ModelCatalog.open(str(models))
    with pytest.raises(Misconfigured):
        catalog.materialize(catalog.transcription("whisper-demo"), cache)
    assert files_under(cache) == set()


def test_a_pipeline_that_loads_what_the_index_does_not_name_is_refused(models: Path, cache: Path) -> None:
    edit_index(models, lambda index: index["models"][1]["files"].pop("segmentation/pytorch_model.bin"))
    catalog = ModelCatalog.open(str(models))  # the file is there, and its config asks for it
    with pytest.raises(Misconfigured, match=r"loads segmentation/pytorch_model\.bin, which is not among its files"):
        catalog.materialize(catalog.diarization(), cache)


def test_two_folders_with_the_same_model_do_not_share_links(models: Path, cache: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(models, tmp_path / "other"))
    folders = []
    for place in (models, other):
        catalog = ModelCatalog.open(str(place))
        folders.append(catalog.materialize(catalog.transcription("whisper-demo"), cache))
    shutil.rmtree(models)
    assert (folders[1] / "model.bin").stat().st_size > 0


def test_many_at_once_get_the_same_whole_folder(models: Path, cache: Path) -> None:
    def one(_: int) -> Path:
        catalog = ModelCatalog.open(str(models))
        return catalog.materialize(catalog.diarization(), cache)

    with ThreadPoolExecutor(8) as pool:
        folders = set(pool.map(one, range(32)))
    assert len(folders) == 1
    entry = ModelCatalog.open(str(models)).diarization()
    assert files_under(folders.pop()) == set(entry.files)
    assert not list(cache.rglob(".*"))


def test_a_cache_that_cannot_be_a_folder_is_named(models: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    catalog = ModelCatalog.open(str(models))
    with pytest.raises(Misconfigured, match=r"cache folder .*/file cannot be used"):
        catalog.materialize(catalog.diarization(), tmp_path / "file")


# --- what a pipeline may load

CONFIG = (DEMO / "debate-analyzer" / "diarization-demo@1" / "config.yaml").read_text()
FILES = frozenset(
    {
        "config.yaml",
        "segmentation/pytorch_model.bin",
        "embedding/pytorch_model.bin",
        "plda/plda.npz",
        "plda/xvec_transform.npz",
    }
)


def test_a_self_contained_pipeline_is_accepted() -> None:
    check_pipeline("owner/name", CONFIG.encode(), FILES)


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("$model/segmentation", "pyannote/segmentation-3.0", "takes its segmentation from"),
        ("$model/embedding", "hbredin/wespeaker", "takes its embedding from"),
        ("    plda: $model/plda\n", "", "takes its plda from None"),
        ("$model/plda", "{checkpoint: pyannote/x, subfolder: plda}", "takes its plda from"),
        ("$model/plda", "$model/plda@main", "loads plda@main/plda.npz"),
        ("$model/segmentation", "$model/../other", "loads ../other/pytorch_model.bin"),
        ("pyannote.audio.pipelines.SpeakerDiarization", "os.system", "makes a 'os.system'"),
        ("pipeline:", "preprocessors: {audio: {name: os.system}}\npipeline:", "has preprocessors"),
        ("pipeline:", "other:", "is no pyannote pipeline"),
        ("  params:", "  params: 7 #", "is no pyannote pipeline"),
        ("dependencies:", "!!python/object/apply:os.system [true]\ndependencies:", "is no pyannote pipeline"),
    ],
)
def test_a_pipeline_that_reaches_outside_is_refused(old: str, new: str, why: str) -> None:
    config = CONFIG.replace(old, new, 1)
    assert config != CONFIG
    with pytest.raises(Misconfigured) as refused:
        check_pipeline("owner/name", config.encode(), FILES)
    assert why in refused.value.message


# --- names, licences, the index


def test_names_are_faster_whispers_own() -> None:
    assert repo_of("transcription", "large-v3-turbo") == "mobiuslabsgmbh/faster-whisper-large-v3-turbo"
    assert repo_of("transcription", "owner/a.model_1") == "owner/a.model_1"
    assert all(repo_of("transcription", name) == repo for name, repo in WHISPER_REPOS.items())


@pytest.mark.parametrize("name", ["", "largest", "a/b/c", "../x", "owner/", "a b/c", "o/../x", "large-v3-turbo\n"])
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(Misconfigured, match="large-v3-turbo, turbo"):
        repo_of("transcription", name)


def test_a_whisper_name_is_no_pipeline() -> None:
    with pytest.raises(Misconfigured, match="pyannote/speaker-diarization-community-1"):
        repo_of("diarization", "large-v3")


def test_only_licences_that_ask_for_attribution_get_a_notice() -> None:
    assert notice_for("owner/name", "MIT") == ""
    assert notice_for("owner/name", "CC-BY-4.0").startswith("name by owner, https://huggingface.co/owner/name,")


def test_a_hostile_listing_names_no_file_that_is_taken() -> None:
    file = HubFile(1, None, None)
    names = ["config.yaml", "../x/pytorch_model.bin", "a/b/pytorch_model.bin", "seg/pytorch_model.bin", "seg/evil.py"]
    model = HubModel("owner/name", "a" * 40, "", dict.fromkeys(names, file))
    assert chosen_files("diarization", model) == ["config.yaml", "seg/pytorch_model.bin"]


def entry(name: str, revision: str = "1", role: str = "transcription") -> ModelEntry:
    file = ModelFile(sha256="0" * 64, bytes=1)
    return ModelEntry.model_validate(
        {
            "role": role,
            "name": name,
            "repo": f"owner/{name}",
            "revision": revision,
            "path": f"owner/{name}@{revision}",
            "files": {"a": file},
        }
    )


def test_merging_replaces_by_role_and_name_and_keeps_the_rest_in_order() -> None:
    index = ModelsIndex(models=[entry("a"), entry("b"), entry("a", role="diarization")])
    assert [(e.name, e.revision) for e in merged(index, entry("a", "2")).models] == [("a", "2"), ("b", "1"), ("a", "1")]
    assert merged(index, entry("c")).models == [*index.models, entry("c")]
    assert merged(index, entry("b")) == index


# --- the token


@pytest.fixture
def nobody_logged_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("debate_worker.models.hub.get_token", lambda: None)


@pytest.mark.usefixtures("nobody_logged_in")
def test_the_token_comes_from_the_variable_then_its_file_then_the_login(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "token"
    file.write_text("hf_file\n")
    assert hub_token({}) is None
    assert hub_token({"HF_TOKEN": " hf_variable ", "HF_TOKEN_FILE": str(file)}) == "hf_variable"
    assert hub_token({"HF_TOKEN": "", "HF_TOKEN_FILE": str(file)}) == "hf_file"
    monkeypatch.setattr("debate_worker.models.hub.get_token", lambda: "hf_login")
    assert hub_token({}) == "hf_login"


@pytest.mark.usefixtures("nobody_logged_in")
@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"hf_one\nhf_two", None])
def test_a_token_file_that_holds_none_is_refused_without_showing_it(content: bytes | None, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "token").write_bytes(content)
    with pytest.raises(Misconfigured, match="HF_TOKEN_FILE") as refused:
        hub_token({"HF_TOKEN_FILE": str(tmp_path / "token")})
    assert "hf_one" not in refused.value.message


def test_the_hub_is_the_public_one_unless_a_mirror_is_named() -> None:
    assert Hub.from_environment({"HF_TOKEN": "hf_x"}).endpoint == "https://huggingface.co"
    mirror = Hub.from_environment({"HF_TOKEN": "hf_x", "HF_ENDPOINT": "http://mirror.example/"})
    assert mirror.endpoint == "http://mirror.example"
    assert "hf_x" not in repr(mirror)
    with pytest.raises(Misconfigured, match="HF_ENDPOINT"):
        Hub.from_environment({"HF_ENDPOINT": "mirror.example"})


# --- looking that the files are there


def test_files_that_are_there_are_not_read(models: Path, hashed: Hashed) -> None:
    catalog = ModelCatalog.open(str(models))
    for entry in catalog.entries:
        catalog.require(entry)
    assert hashed == []


@pytest.mark.parametrize(("spoil", "what"), [(Path.unlink, "is missing"), (lambda p: p.write_bytes(b"x"), "1 bytes")])
def test_a_missing_or_cut_file_is_named(models: Path, spoil: Callable[[Path], object], what: str) -> None:
    catalog = ModelCatalog.open(str(models))
    spoil(whisper_in(models) / "model.bin")
    with pytest.raises(Misconfigured, match=rf"model\.bin of .* {what}"):
        catalog.require(catalog.transcription("whisper-demo"))
