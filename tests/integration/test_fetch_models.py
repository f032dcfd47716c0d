"""Models fetched from a hub (a small real server) into a folder and into S3, and every way in which the hub says no."""

from __future__ import annotations

import hashlib
import logging
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hub_server import CUT_AT, FakeHub, Repo, serving
from huggingface_hub import constants
from huggingface_hub.utils import close_session

from debate_core.documents.models_index import ModelsIndex
from debate_core.errors import InvalidJob, Misconfigured, StoreNotReachable
from debate_core.store import ObjectStore, RetryPolicy, open_store
from debate_worker.cli import app
from debate_worker.models import ModelCatalog
from debate_worker.models.fallback import fallback_of
from debate_worker.models.fetch import DEFAULT_DIARIZATION, FetchProgress, check_models, fetch_models
from debate_worker.models.hub import Hub

TURBO = "mobiuslabsgmbh/faster-whisper-large-v3-turbo"
WEIGHTS = random.Random(1).randbytes(300_000)
PIPELINE = b"""
dependencies: {pyannote.audio: 4.0.0}
pipeline:
  name: pyannote.audio.pipelines.SpeakerDiarization
  params: {segmentation: $model/segmentation, embedding: $model/embedding, plda: $model/plda}
"""


def whisper() -> Repo:
    return Repo(
        files={
            "README.md": b"# a card",
            ".gitattributes": b"*.bin filter=lfs",
            "config.json": b"{}",
            "model.bin": WEIGHTS,
            "pytorch_model.bin": b"another format",
            "preprocessor_config.json": b"{}",
            "tokenizer.json": b'{"version": "1.0"}',
            "vocabulary.json": b"[]",
        }
    )


def community() -> Repo:
    return Repo(
        files={
            "README.md": b"# a card",
            "config.yaml": PIPELINE,
            "diarization.gif": b"GIF89a",
            "embedding/pytorch_model.bin": WEIGHTS[:50_000],
            "embedding/README.md": b"# a card",
            "plda/plda.npz": b"plda",
            "plda/xvec_transform.npz": b"transform",
            "segmentation/pytorch_model.bin": WEIGHTS[50_000:90_000],
        },
        license="cc-by-4.0",
        revision="b" * 40,
        gated=True,
    )


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHub]:
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    close_session()  # the client's connections know the proxies of the moment they were made
    with serving(FakeHub(repos={TURBO: whisper(), DEFAULT_DIARIZATION: community()})) as hub:
        yield hub
    close_session()


@pytest.fixture
def hub(server: FakeHub, tmp_path: Path) -> Hub:
    retry = RetryPolicy(attempts=3, sleep=lambda _: None)
    return Hub(endpoint=server.endpoint, token=server.welcome, cache=tmp_path / "hub-cache", retry=retry)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "models"


def fetch(
    to: Path | str,
    hub: Hub,
    transcription: str | None = "large-v3-turbo",
    diarization: str | None = None,
    keep: bool = False,
) -> ModelsIndex:
    names = [transcription] if transcription else []
    return fetch_models(
        str(to), transcription=names, diarization=diarization, hub=hub, progress=lambda _: None, keep=keep
    )


def files_under(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


# --- what comes


def test_the_defaults_come_pinned_to_commits_with_licence_and_attribution(hub: Hub, folder: Path) -> None:
    index = fetch(folder, hub, diarization=DEFAULT_DIARIZATION)

    pipeline, turbo = index.models
    assert (turbo.role, turbo.name, turbo.repo, turbo.revision) == (
        "transcription",
        "large-v3-turbo",
        TURBO,
        "a" * 40,
    )
    assert (turbo.license, turbo.notice) == ("MIT", "")
    assert turbo.files["model.bin"].sha256 == hashlib.sha256(WEIGHTS).hexdigest()
    assert (pipeline.role, pipeline.name, pipeline.revision) == ("diarization", DEFAULT_DIARIZATION, "b" * 40)
    assert pipeline.license == "CC-BY-4.0"
    assert pipeline.notice == (
        "speaker-diarization-community-1 by pyannote, https://huggingface.co/pyannote/"
        "speaker-diarization-community-1, licensed under CC-BY-4.0, unchanged."
    )
    assert ModelsIndex.from_json((folder / "index.json").read_bytes()) == index


def test_only_the_files_that_the_loaders_open_are_fetched(hub: Hub, folder: Path) -> None:
    fetch(folder, hub, diarization=DEFAULT_DIARIZATION)

    turbo, pipeline = f"{TURBO}@{'a' * 40}", f"{DEFAULT_DIARIZATION}@{'b' * 40}"
    assert files_under(folder) == {
        "index.json",
        f"{turbo}/config.json",
        f"{turbo}/model.bin",
        f"{turbo}/preprocessor_config.json",
        f"{turbo}/tokenizer.json",
        f"{turbo}/vocabulary.json",
        f"{pipeline}/config.yaml",
        f"{pipeline}/embedding/pytorch_model.bin",
        f"{pipeline}/plda/plda.npz",
        f"{pipeline}/plda/xvec_transform.npz",
        f"{pipeline}/segmentation/pytorch_model.bin",
    }


def test_a_fetched_store_on_s3_serves_its_models_once_downloaded(
    hub: Hub, s3_store_uri: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    to = f"{s3_store_uri}/models"
    fetch(to, hub, diarization=DEFAULT_DIARIZATION)

    catalog = ModelCatalog.open(to)
    entry = catalog.transcription("large-v3-turbo")
    local = catalog.materialize(entry, tmp_path / "cache")
    assert local.name == f"faster-whisper-large-v3-turbo@{'a' * 40}-{entry.digest[:12]}"
    assert files_under(local) == set(entry.files)
    assert (local / "model.bin").read_bytes() == WEIGHTS
    pipeline = catalog.materialize(catalog.diarization(), tmp_path / "cache")
    assert (pipeline / "config.yaml").read_bytes() == PIPELINE

    open_store(to).delete_prefix(f"{TURBO}@{'a' * 40}/")  # what was downloaded once is not asked for again
    assert catalog.materialize(entry, tmp_path / "cache") == local


def test_an_object_that_is_not_what_the_index_says_is_refused(hub: Hub, s3_store_uri: str, tmp_path: Path) -> None:
    fetch(s3_store_uri, hub)
    catalog = ModelCatalog.open(s3_store_uri)
    entry = catalog.transcription("large-v3-turbo")
    open_store(s3_store_uri).put(f"{entry.path}/model.bin", bytes(len(WEIGHTS)))

    with pytest.raises(Misconfigured, match=r"model\.bin of .* does not have the sha256 that index\.json names"):
        catalog.materialize(entry, tmp_path)
    assert files_under(tmp_path / "models") == set()

    open_store(s3_store_uri).delete(f"{entry.path}/model.bin")  # as the message says
    fetch(s3_store_uri, hub)
    assert (catalog.materialize(entry, tmp_path) / "model.bin").read_bytes() == WEIGHTS


def test_progress_grows_to_the_whole_and_says_what_is_done(hub: Hub, folder: Path) -> None:
    seen: list[FetchProgress] = []
    fetch_models(str(folder), transcription=["large-v3-turbo"], diarization=None, hub=hub, progress=seen.append)

    for step in ("download", "store"):
        done = [progress.done_bytes for progress in seen if progress.step == step]
        assert done == sorted(done)
        assert done[-1] == seen[0].total_bytes > len(WEIGHTS)
    assert {progress.model for progress in seen} == {"large-v3-turbo"}


# --- a second time


def test_models_that_are_there_cost_one_question_each(server: FakeHub, hub: Hub, folder: Path) -> None:
    index = fetch(folder, hub, diarization=DEFAULT_DIARIZATION)
    written = (folder / "index.json").stat()
    server.requests.clear()

    assert fetch(folder, hub, diarization=DEFAULT_DIARIZATION) == index
    assert [request.path for request in server.requests] == [
        f"/api/models/{DEFAULT_DIARIZATION}/revision/main",
        f"/api/models/{TURBO}/revision/main",
    ]
    assert (folder / "index.json").stat().st_mtime_ns == written.st_mtime_ns


def test_the_same_model_under_another_name_is_not_fetched_again(server: FakeHub, hub: Hub, folder: Path) -> None:
    fetch(folder, hub)
    server.requests.clear()
    index = fetch(folder, hub, transcription="turbo")

    assert [entry.name for entry in index.models] == ["large-v3-turbo", "turbo"]
    assert len(server.requests) == 1


def test_a_newer_commit_takes_the_entrys_place_and_leaves_the_old_files(
    server: FakeHub, hub: Hub, folder: Path
) -> None:
    fetch(folder, hub, diarization=DEFAULT_DIARIZATION)
    server.repos[TURBO] = replace(whisper(), revision="c" * 40, files=whisper().files | {"vocabulary.json": b'["new"]'})
    index = fetch(folder, hub)

    assert [(entry.name, entry.revision[0]) for entry in index.models] == [
        (DEFAULT_DIARIZATION, "b"),
        ("large-v3-turbo", "c"),
    ]
    assert (folder / f"{TURBO}@{'a' * 40}/model.bin").exists()
    assert (folder / f"{TURBO}@{'c' * 40}/vocabulary.json").read_bytes() == b'["new"]'


def test_a_model_that_is_kept_stays_at_its_commit_and_asks_no_hub(server: FakeHub, hub: Hub, folder: Path) -> None:
    index = fetch(folder, hub, diarization=DEFAULT_DIARIZATION)
    server.repos[TURBO] = replace(whisper(), revision="c" * 40, files=whisper().files | {"vocabulary.json": b'["new"]'})
    server.requests.clear()

    assert fetch(folder, hub, diarization=DEFAULT_DIARIZATION, keep=True) == index
    assert ModelsIndex.from_json((folder / "index.json").read_bytes()) == index
    assert server.requests == []


def test_keeping_fetches_what_is_missing_or_not_whole(server: FakeHub, hub: Hub, folder: Path) -> None:
    fetch(folder, hub)
    (folder / f"{TURBO}@{'a' * 40}/model.bin").write_bytes(WEIGHTS[1:])
    index = fetch(folder, hub, diarization=DEFAULT_DIARIZATION, keep=True)

    assert [entry.name for entry in index.models] == ["large-v3-turbo", DEFAULT_DIARIZATION]
    assert (folder / f"{TURBO}@{'a' * 40}/model.bin").read_bytes() == WEIGHTS


def test_the_command_keeps_what_is_there(
    server: FakeHub, hub: Hub, folder: Path, hub_of_workers: pytest.MonkeyPatch
) -> None:
    index = fetch(folder, hub, diarization=DEFAULT_DIARIZATION)
    server.repos[TURBO] = replace(whisper(), revision="c" * 40)
    app(["fetch-models", "--keep", "--to", str(folder)], standalone_mode=False)
    assert ModelsIndex.from_json((folder / "index.json").read_bytes()) == index


def test_a_file_lost_from_the_store_comes_again(server: FakeHub, hub: Hub, folder: Path) -> None:
    fetch(folder, hub)
    (folder / f"{TURBO}@{'a' * 40}/model.bin").unlink()
    fetch(folder, hub)
    assert (folder / f"{TURBO}@{'a' * 40}/model.bin").read_bytes() == WEIGHTS


# --- what the network does


def test_a_transfer_that_is_cut_goes_on_where_it_was(
    server: FakeHub, hub: Hub, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chunk = 50_000
    monkeypatch.setattr(constants, "DOWNLOAD_CHUNK_SIZE", chunk)  # 10 MB: what the client loses at most
    path = f"/{hashlib.sha256(WEIGHTS).hexdigest()}"
    server.faults[path] = ["cut"]
    fetch(folder, hub)

    ranges = [request.headers.get("range") for request in server.requests if request.path == path]
    assert ranges == [None, f"bytes={int(len(WEIGHTS) * CUT_AT) // chunk * chunk}-"]
    assert (folder / f"{TURBO}@{'a' * 40}/model.bin").read_bytes() == WEIGHTS


@pytest.mark.parametrize(
    "path",
    [f"/api/models/{TURBO}/revision/main", f"/{hashlib.sha256(WEIGHTS).hexdigest()}"],
    ids=["description", "file"],
)
def test_a_hub_that_stumbles_is_asked_again(server: FakeHub, hub: Hub, folder: Path, path: str) -> None:
    server.faults[path] = [500, 503]
    fetch(folder, hub)
    assert server.asked().count(path) == 3


def test_a_hub_that_stays_down_is_not_reachable_and_no_index_is_left(server: FakeHub, hub: Hub, folder: Path) -> None:
    server.faults[f"/{hashlib.sha256(WEIGHTS).hexdigest()}"] = [500] * 3
    with pytest.raises(StoreNotReachable, match=r"answers 500 .* try again later"):
        fetch(folder, hub)
    assert not folder.exists()


def test_after_a_failure_the_next_run_fetches_only_what_is_missing(server: FakeHub, hub: Hub, folder: Path) -> None:
    server.faults[f"/{hashlib.sha256(WEIGHTS).hexdigest()}"] = [500] * 3
    with pytest.raises(StoreNotReachable):
        fetch(folder, hub)
    server.requests.clear()
    fetch(folder, hub)
    assert not any(path.endswith("config.json") and "/resolve/" in path for path in server.asked("GET"))


def test_without_a_network_the_message_names_the_ways_out(hub: Hub, folder: Path) -> None:
    nobody = replace(hub, endpoint="http://127.0.0.1:9")
    with pytest.raises(StoreNotReachable, match=r"HTTPS_PROXY .* HF_ENDPOINT .* copy the folder"):
        fetch(folder, nobody)


def test_a_page_instead_of_a_hub_is_told_from_one(server: FakeHub, hub: Hub, folder: Path) -> None:
    server.page = b"<html>Please log in to the hotel's network"
    with pytest.raises(StoreNotReachable, match="not like a model hub"):
        fetch(folder, hub)


def test_offline_mode_is_named(hub: Hub, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(Misconfigured, match="HF_HUB_OFFLINE"):
        fetch(folder, hub)


# --- what the hub refuses


def test_a_gated_model_without_a_token_says_the_three_steps(hub: Hub, folder: Path) -> None:
    with pytest.raises(Misconfigured) as refused:
        fetch(folder, replace(hub, token=None), transcription=None, diarization=DEFAULT_DIARIZATION)
    for step in (
        "accept the terms at https://huggingface.co/pyannote/speaker-diarization-community-1 while logged in",
        "make a token at https://huggingface.co/settings/tokens",
        "set HF_TOKEN (or HF_TOKEN_FILE)",
    ):
        assert step in refused.value.message


def test_a_token_whose_owner_did_not_accept_the_terms_is_told_so(hub: Hub, folder: Path) -> None:
    stranger = replace(hub, token="hf_stranger")
    with pytest.raises(Misconfigured, match=r"the token does not open it: accept the terms") as refused:
        fetch(folder, stranger, transcription=None, diarization=DEFAULT_DIARIZATION)
    assert "hf_stranger" not in refused.value.message


def test_a_missing_token_is_said_before_the_large_model_is_fetched(server: FakeHub, hub: Hub, folder: Path) -> None:
    with pytest.raises(Misconfigured, match="set HF_TOKEN"):
        fetch(folder, replace(hub, token=None), diarization=DEFAULT_DIARIZATION)
    assert not [path for path in server.asked() if TURBO in path]


def test_what_was_fetched_before_a_refusal_stays_in_the_index(hub: Hub, folder: Path) -> None:
    with pytest.raises(Misconfigured):
        fetch(folder, hub, diarization=DEFAULT_DIARIZATION, transcription="nobody/nothing")
    assert [entry.name for entry in ModelCatalog.open(str(folder)).entries] == [DEFAULT_DIARIZATION]


def test_a_token_that_the_hub_does_not_know_is_named_but_not_shown(
    hub: Hub, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(Misconfigured, match="does not accept the token") as refused:
        fetch(folder, replace(hub, token="hf_expired"))
    assert "hf_expired" not in refused.value.message + caplog.text + repr(replace(hub, token="hf_expired"))


@pytest.mark.parametrize(
    ("token", "why"), [(None, "it is private or gated"), ("hf_welcome", "this token does not see it")]
)
def test_a_repo_that_is_not_there(hub: Hub, folder: Path, token: str | None, why: str) -> None:
    with pytest.raises(Misconfigured, match=f"has no model nobody/nothing, or {why}"):
        fetch(folder, replace(hub, token=token), transcription="nobody/nothing")


def test_an_unknown_name_lists_the_known_ones_before_anything_is_asked(server: FakeHub, hub: Hub, folder: Path) -> None:
    with pytest.raises(Misconfigured, match=r"'largest' is no transcription model.*large-v3-turbo"):
        fetch(folder, hub, transcription="largest")
    assert server.requests == []


def test_nothing_to_fetch_is_a_usage_error(hub: Hub, folder: Path) -> None:
    with pytest.raises(InvalidJob):
        fetch(folder, hub, transcription=None)


def test_a_repo_of_another_kind_is_refused(server: FakeHub, hub: Hub, folder: Path) -> None:
    server.repos["openai/whisper"] = Repo(files={"config.json": b"{}", "model.safetensors": b"weights"})
    with pytest.raises(Misconfigured, match=r"not a Whisper model for faster-whisper \(CTranslate2\): it has no model"):
        fetch(folder, hub, transcription="openai/whisper")


def test_a_pipeline_that_takes_its_weights_from_elsewhere_is_refused_before_they_come(
    server: FakeHub, hub: Hub, folder: Path
) -> None:
    elsewhere = PIPELINE.replace(b"$model/segmentation", b"pyannote/segmentation-3.0")
    server.repos[DEFAULT_DIARIZATION].files["config.yaml"] = elsewhere
    with pytest.raises(Misconfigured, match=r"takes its segmentation from 'pyannote/segmentation-3\.0'"):
        fetch(folder, hub, transcription=None, diarization=DEFAULT_DIARIZATION)
    assert not any("pytorch_model.bin" in path for path in server.asked("HEAD"))


# --- what can be trusted


def test_the_token_goes_to_the_hub_alone_and_nothing_else_is_told(server: FakeHub, hub: Hub, folder: Path) -> None:
    fetch(folder, hub, diarization=DEFAULT_DIARIZATION)

    for request in server.requests:
        assert ("authorization" in request.headers) == (request.server == "hub")
        assert "torch" not in request.headers["user-agent"]
    assert {request.server for request in server.requests} == {"hub", "cdn"}
    assert all(path.startswith("/api/models/") or "/resolve/" in path or len(path) == 65 for path in server.asked())


def test_a_damaged_file_in_the_hubs_cache_is_fetched_again(server: FakeHub, hub: Hub, folder: Path) -> None:
    fetch(folder, hub)
    for blob in hub.cache.rglob("blobs/*"):
        if blob.stat().st_size == len(WEIGHTS):
            blob.write_bytes(bytes(len(WEIGHTS)))
    (folder / f"{TURBO}@{'a' * 40}/model.bin").unlink()
    fetch(folder, hub)
    assert (folder / f"{TURBO}@{'a' * 40}/model.bin").read_bytes() == WEIGHTS


def test_content_that_is_not_what_the_hub_describes_is_refused(server: FakeHub, hub: Hub, folder: Path) -> None:
    server.tampered = True
    with pytest.raises(Misconfigured, match=r"model\.bin of .* with other content than the hub describes"):
        fetch(folder, hub)
    assert not folder.exists()


# --- a file that the store has lost


@pytest.fixture
def hub_of_workers(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The environment of a worker whose fallback is that hub; it has no token."""
    for name in ("HF_TOKEN", "HF_TOKEN_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("debate_worker.models.hub.get_token", lambda: None)
    monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
    return monkeypatch


@pytest.fixture(params=["folder", "s3"])
def damaged(request: pytest.FixtureRequest, hub: Hub, folder: Path) -> ObjectStore:
    """The default models, whose large file is gone and whose tokenizer is cut."""
    to = str(folder) if request.param == "folder" else request.getfixturevalue("s3_store_uri")
    fetch(to, hub)
    store = open_store(to)
    for info in list(store.list("")):
        if info.key.endswith("/model.bin"):
            store.delete(info.key)
        if info.key.endswith("/tokenizer.json"):
            store.put(info.key, b"{")
    return store


def test_a_lost_file_comes_from_the_hub_as_the_index_names_it(
    server: FakeHub, damaged: ObjectStore, hub_of_workers: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    server.requests.clear()
    catalog = ModelCatalog.open(damaged.uri, fallback_of("hub", tmp_path / "cache"))
    entry = catalog.transcription("large-v3-turbo")
    before = entry.digest
    catalog.require(entry)
    assert not server.asked("GET"), "only looked whether it is there"
    found = catalog.materialize(entry, tmp_path / "cache")
    assert (found / "model.bin").read_bytes() == WEIGHTS
    assert (found / "tokenizer.json").read_bytes() == b'{"version": "1.0"}'
    assert {path.rpartition("/")[2] for path in server.asked("HEAD")} == {"model.bin", "tokenizer.json"}
    assert catalog.transcription("large-v3-turbo").digest == before
    assert not [info for info in damaged.list("") if info.key.endswith("model.bin")], "a worker does not write models"


def test_nothing_is_asked_of_the_hub_while_the_store_has_it_all(
    server: FakeHub, hub: Hub, folder: Path, tmp_path: Path
) -> None:
    fetch(folder, hub)
    server.requests.clear()
    catalog = ModelCatalog.open(str(folder), fallback_of("hub", tmp_path / "cache"))
    for entry in catalog.entries:
        catalog.require(entry)
        catalog.materialize(entry, tmp_path / "cache")
    assert server.requests == []


def test_without_a_fallback_the_loss_is_final(server: FakeHub, damaged: ObjectStore, tmp_path: Path) -> None:
    server.requests.clear()
    catalog = ModelCatalog.open(damaged.uri, fallback_of("none", tmp_path))
    entry = catalog.transcription("large-v3-turbo")
    for look in (catalog.require, lambda entry: catalog.materialize(entry, tmp_path / "cache")):
        with pytest.raises(Misconfigured, match=r"(model\.bin|tokenizer\.json) of .* fetch it again"):
            look(entry)
    assert server.requests == []


@pytest.mark.parametrize("look", ["require", "materialize"])
def test_another_file_on_the_hub_is_refused(
    server: FakeHub, damaged: ObjectStore, hub_of_workers: pytest.MonkeyPatch, tmp_path: Path, look: str
) -> None:
    server.repos[TURBO].files["model.bin"] = WEIGHTS[::-1]
    catalog = ModelCatalog.open(damaged.uri, fallback_of("hub", tmp_path / "cache"))
    entry = catalog.transcription("large-v3-turbo")
    with pytest.raises(Misconfigured, match=r"is missing.*Nor does the hub give it: model\.bin"):
        catalog.require(entry) if look == "require" else catalog.materialize(entry, tmp_path / "cache")


def test_a_gated_file_says_so_before_a_gpu_is_asked_for(
    server: FakeHub, hub: Hub, folder: Path, hub_of_workers: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fetch(folder, hub, diarization=DEFAULT_DIARIZATION)
    entry = ModelCatalog.open(str(folder)).diarization()
    (folder / entry.path / "config.yaml").unlink()
    catalog = ModelCatalog.open(str(folder), fallback_of("hub", tmp_path / "cache"))
    with pytest.raises(Misconfigured, match=r"config\.yaml .* is missing.*is gated: accept the terms"):
        catalog.require(entry)


# --- --check


def test_a_check_fetches_and_writes_nothing(server: FakeHub, hub: Hub, folder: Path) -> None:
    said = list(check_models(str(folder), transcription=["large-v3-turbo"], diarization=DEFAULT_DIARIZATION, hub=hub))
    assert [line.split(":")[0] for line in said] == [f"ok   {DEFAULT_DIARIZATION}", "ok   large-v3-turbo"]
    assert not folder.exists()
    assert not [path for path in server.asked() if "/resolve/" in path]


def test_a_check_sees_that_the_terms_are_not_accepted(hub: Hub, folder: Path) -> None:
    stranger = replace(hub, token="hf_stranger")
    with pytest.raises(Misconfigured, match="is gated and the token does not open it"):
        list(check_models(str(folder), transcription=[], diarization=DEFAULT_DIARIZATION, hub=stranger))


def test_models_that_are_there_need_no_terms(server: FakeHub, hub: Hub, folder: Path) -> None:
    fetch(folder, hub, diarization=DEFAULT_DIARIZATION)
    server.requests.clear()
    nobody = replace(hub, token=None)
    said = list(
        check_models(str(folder), transcription=["large-v3-turbo"], diarization=DEFAULT_DIARIZATION, hub=nobody)
    )
    assert all("the hub is not needed" in line for line in said)
    assert server.requests == []


def test_the_command_checks_without_fetching(
    server: FakeHub,
    folder: Path,
    hub_of_workers: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    command = ["fetch-models", "--check", "--to", str(folder)]
    with pytest.raises(Misconfigured, match="is gated: accept the terms"):
        app(command, standalone_mode=False)
    hub_of_workers.setenv("HF_TOKEN", server.welcome)
    app(command, standalone_mode=False)
    assert capsys.readouterr().out.splitlines() == [
        f"ok   {DEFAULT_DIARIZATION}: {server.endpoint} gives {DEFAULT_DIARIZATION} to us",
        f"ok   large-v3-turbo: {server.endpoint} gives {TURBO} to us",
    ]
    assert not folder.exists()
