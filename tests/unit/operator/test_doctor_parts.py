"""The doctor's lines, one subject after the other; what it cannot look at is no failure."""

from __future__ import annotations

import os
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError

from debate_core.documents.models_index import ModelEntry, ModelFile, ModelsIndex
from debate_core.store import ObjectStore, StoreDenied, open_store
from debate_operator import names
from debate_operator.doctor import identity, quota, store
from debate_operator.doctor.cluster import version
from debate_operator.doctor.finding import State, not_checked, summary, well, wrong
from debate_operator.doctor.parts import Role
from debate_operator.doctor.reach import progress
from debate_operator.settings import Settings, StoreSettings

ROOT = Path(__file__).parents[3]
AWS = StoreSettings(uri="s3://debates")
OWN = StoreSettings(uri="s3://debates", endpoint_url="http://127.0.0.1:1")


def settings(uri: str, **changes: Any) -> Settings:
    base = {"namespaces": ["d"], "store": {"uri": uri}, "models": f"{uri}/models", "images": {"cpu": "a", "gpu": "b"}}
    return Settings.model_validate(base | changes)


@pytest.fixture(autouse=True)
def nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing of this machine's own AWS settings, and no cluster."""
    for name in [name for name in os.environ if name.startswith(("AWS_", "KUBERNETES_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "no-config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "no-credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


# --- lines


def test_a_line_says_its_state_and_the_fix_below() -> None:
    assert str(well("a: b")) == "ok   a: b"
    assert str(wrong("a: c", "do d")) == "FAIL a: c\n     -> do d"
    assert str(not_checked("a: e", "do f")) == "---- a: e\n     -> do f"
    assert [one.ok for one in (well("a"), wrong("a", "b"), not_checked("a", "b"))] == [True, False, True]
    assert summary([well("a"), well("b"), wrong("c", "d")]) == "3 checks: 2 ok, 1 failed, 0 not checked"


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ("v1.34.0", State.OK),
        ("v1.35.4-eks-3abbec1", State.OK),
        ("v2.0.0", State.OK),
        ("v1.33.9", State.FAIL),
        ("v1.9.1", State.FAIL),
        ("odd", State.OK),
    ],
)
def test_kubernetes_must_be_new_enough(said: str, state: State) -> None:
    assert version(said, "https://api").state is state


# --- credentials


def test_a_pod_that_was_admitted_too_early_is_told_from_other_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    laptop = identity.credentials(AWS)
    assert laptop.state is State.FAIL
    assert "AWS_PROFILE" in laptop.fix
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1")
    early = identity.credentials(AWS)
    assert early.what == "credentials: none; AWS_CONTAINER_CREDENTIALS_FULL_URI is not set"
    assert "admitted before its Pod Identity association" in early.fix
    assert "delete the pod" in early.fix
    assert "store.existingSecret" in identity.credentials(OWN).fix


def test_a_folder_needs_none() -> None:
    assert identity.credentials(StoreSettings(uri="/debates")).state is State.OK


def test_keys_of_another_server_are_named_and_not_asked_of_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    _keys(monkeypatch)
    assert identity.credentials(OWN).what.startswith("credentials: keys in variables; yours, not the pods'")
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1")
    assert identity.credentials(OWN) == well("credentials: keys in variables")


def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKID")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")


class Answering:
    """A client of AWS whose every call has this end."""

    def __init__(self, end: Any) -> None:
        self.end = end

    def __getattr__(self, _operation: str) -> Any:
        def call(**_arguments: Any) -> Any:
            if isinstance(self.end, Exception):
                raise self.end
            return self.end

        return call


def aws_answers(monkeypatch: pytest.MonkeyPatch, end: Any) -> None:
    monkeypatch.setattr(boto3.session.Session, "client", lambda *_words, **_more: Answering(end))


def refusal(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code}}, "Anything")


@pytest.mark.parametrize(
    ("end", "state", "said"),
    [
        ({"Arn": "arn:aws:iam::1:user/me"}, State.OK, "arn:aws:iam::1:user/me"),
        (refusal("ExpiredToken"), State.FAIL, "AWS does not accept (ExpiredToken)"),
        (refusal("InvalidClientTokenId"), State.FAIL, "AWS does not accept (InvalidClientTokenId)"),
        (ConnectTimeoutError(endpoint_url="https://sts"), State.UNKNOWN, "not reached"),
    ],
)
def test_aws_says_whose_they_are(monkeypatch: pytest.MonkeyPatch, end: Any, state: State, said: str) -> None:
    _keys(monkeypatch)
    aws_answers(monkeypatch, end)
    found = identity.credentials(AWS)
    assert found.state is state
    assert said in found.what


def test_an_agent_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1")
    monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:1/v1/credentials")
    monkeypatch.setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", str(tmp_path / "no-token"))
    found = identity.credentials(AWS)
    assert found.state is State.FAIL
    assert "Pod Identity agent" in found.fix


# --- the store


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "store"
    (folder / "models/o/r@1").mkdir(parents=True)
    for name, size in (("a.bin", 10), ("b.json", 2)):
        (folder / "models/o/r@1" / name).write_bytes(bytes(size))
    files = {name: ModelFile(sha256="0" * 64, bytes=size) for name, size in (("a.bin", 10), ("b.json", 2))}
    common = {"repo": "o/r", "revision": "1", "path": "o/r@1", "files": files}
    models = [
        ModelEntry(role="transcription", name="large-v3-turbo", **common),
        ModelEntry(role="diarization", name="pyannote", **common),
    ]
    (folder / "models/index.json").write_bytes(ModelsIndex(models=models).to_json())
    return folder


def lines(home: Path, role: Role = Role.WORKER) -> list[str]:
    return [str(finding) for finding in store.store(settings(str(home)), role)]


def files_of(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("role", Role)
def test_a_store_in_order_is_all_ok_and_left_as_it_was(home: Path, role: Role) -> None:
    before = files_of(home)
    found = lines(home, role)
    assert [line[:4] for line in found] == ["ok  "] * len(found)
    assert files_of(home) == before
    assert any("models: all 4 files" in line for line in found) is (role in (Role.WORKER, Role.MODELS))


@pytest.mark.parametrize(
    ("role", "method", "prefix", "said"),
    [
        (Role.WORKER, "stat", "uploads/", "worker may not read uploads/"),
        (Role.WORKER, "replace", "manifest/", "worker may not write manifest/"),
        (Role.WORKER, "put", "work/", "worker may not write work/"),
        (Role.WORKER, "list", "work/", "worker may not list work/"),
        (Role.WORKER, "get", "work/", "worker may not read work/"),
        (Role.WORKER, "delete", "work/", "worker may not delete work/"),
        (Role.STATS, "put", "statistics/", "stats may not write statistics/"),
        (Role.STATS, "replace", "manifest/", "stats may not write manifest/"),
        (Role.WEB, "stat", "statistics/doctor", "web may not read statistics/"),
        (Role.MODELS, "put", "models/", "models may not write models/"),
    ],
)
def test_a_right_that_lacks_is_named_with_the_role(
    home: Path, monkeypatch: pytest.MonkeyPatch, role: Role, method: str, prefix: str, said: str
) -> None:
    with_rights = getattr(type(open_store(str(home))), method)

    def denying(self: ObjectStore, key: str, *words: Any, **more: Any) -> Any:
        if key.startswith(prefix):
            raise StoreDenied("AccessDenied")
        return with_rights(self, key, *words, **more)

    monkeypatch.setattr(type(open_store(str(home))), method, denying)
    failed = [line for line in lines(home, role) if line.startswith("FAIL")]
    assert len(failed) == 1
    assert failed[0].startswith(f"FAIL bucket rights: {said} (AccessDenied)\n     -> give its role that right")


@pytest.mark.parametrize("role", Role)
def test_nothing_is_asked_beyond_the_rights_of_the_role(
    home: Path, monkeypatch: pytest.MonkeyPatch, role: Role
) -> None:
    needs, kind = store.NEEDS[role], type(open_store(str(home)))
    scratch = (needs.scratch,) if needs.scratch else ()
    reads, writes = needs.reads + scratch, needs.writes + scratch
    asks = reads + writes  # a folder looks before it replaces
    allowed = {"stat": asks, "get": reads, "list": scratch, "put": writes, "replace": writes, "delete": scratch}

    def denying(method: str, inside: tuple[str, ...], root: str) -> Any:
        with_rights = getattr(kind, method)

        def asked(self: ObjectStore, key: str, *words: Any, **more: Any) -> Any:
            if not f"{self.uri}/{key}".removeprefix(f"{root}/").startswith(inside):
                raise StoreDenied(f"AccessDenied: {method} {key}")
            return with_rights(self, key, *words, **more)

        return asked

    for method, inside in allowed.items():
        monkeypatch.setattr(kind, method, denying(method, inside, open_store(str(home)).uri))
    assert [line for line in lines(home, role) if line.startswith("FAIL")] == []


def test_a_store_that_lets_two_create_one_key_is_no_store(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kind = type(open_store(str(home)))
    put = kind.put
    monkeypatch.setattr(kind, "put", lambda self, key, data, **_more: put(self, key, data))
    before = files_of(home)
    assert next(line for line in lines(home) if line.startswith("FAIL")).startswith("FAIL store: a second writer may")
    assert files_of(home) == before


def test_models_that_lack_are_named_with_the_command(home: Path) -> None:
    whole = (home / "models/index.json").read_bytes()
    (home / "models/o/r@1/a.bin").write_bytes(b"short")
    (failed,) = [line for line in lines(home) if line.startswith("FAIL")]
    assert "models: o/r@1/a.bin in" in failed
    assert f"debate-worker fetch-models --to {home}/models" in failed
    (home / "models/index.json").write_bytes(ModelsIndex(models=[]).to_json())
    assert [line.split(" has ")[1][:9] for line in lines(home) if line.startswith("FAIL")] == ["none for "] * 2
    for index in (b"{", whole.replace(b"o/r@1", b"../r@1")):
        (home / "models/index.json").write_bytes(index)
        assert len([line for line in lines(home) if line.startswith("FAIL models")]) == 1
    (home / "models/index.json").unlink()
    assert len([line for line in lines(home) if line.startswith("FAIL models")]) == 1


def test_models_of_other_names_are_enough_for_jobs_that_name_them(home: Path) -> None:
    index = (home / "models/index.json").read_bytes().replace(b"large-v3-turbo", b"tiny")
    (home / "models/index.json").write_bytes(index)
    assert any("for transcription tiny; a DebateJob must name one" in line for line in lines(home))


def test_without_credentials_no_right_is_tried() -> None:
    found = list(store.store(settings("s3://debates"), Role.WORKER))
    assert [finding.state for finding in found] == [State.FAIL, State.UNKNOWN]


def test_an_address_that_is_none_is_said_so(tmp_path: Path) -> None:
    (found,) = store.bucket_rights(settings("ftp://debates"), Role.WORKER)
    assert found.state is State.FAIL
    assert found.fix == "correct store.uri in the values"


@pytest.mark.parametrize("role", Role)
def test_what_is_tried_is_what_terraform_grants(role: Role) -> None:
    """A right that is tried and not granted would fail every installation on AWS."""
    text = (ROOT / "terraform/modules/identities/main.tf").read_text(encoding="utf-8")
    (block,) = re.findall(rf"^    {role} = {{\n(.*?)^    }}", text, re.MULTILINE | re.DOTALL)
    granted = {
        verb: {pattern.removesuffix("*") for pattern in re.findall(r'"([^"]+)"', listed)}
        for verb, listed in re.findall(r"^ +(read|write|delete) += \[(.*)\]", block, re.MULTILINE)
    }
    needs = store.NEEDS[role]
    scratch = {needs.scratch} if needs.scratch else set()
    assert {*needs.reads} | scratch <= granted["read"]
    assert {*needs.writes} | scratch <= granted["write"]
    assert scratch <= granted["delete"]


# --- quota


@pytest.mark.parametrize(
    ("vcpus", "state", "said"),
    [
        ({"on demand": 8.0, "spot": 16.0}, State.OK, "8 vCPUs on demand, 16 vCPUs spot in eu-central-1"),
        ({"on demand": 8.0, "spot": 0.0}, State.OK, "no node comes spot"),
        ({"on demand": 0.0, "spot": 4.0}, State.OK, "no node comes on demand"),
        ({"on demand": 0.0, "spot": 3.0}, State.FAIL, "the smallest GPU instance has 4"),
    ],
)
def test_a_quota_must_let_one_gpu_come(vcpus: dict[str, float], state: State, said: str) -> None:
    found = quota.judged(vcpus, "eu-central-1")
    assert found.state is state
    assert said in found.what
    assert state is State.OK or ("L-DB2E81BA" in found.fix and "L-3819A6DF" in found.fix)


@pytest.mark.parametrize(
    ("end", "state", "said"),
    [
        ({"Quota": {"Value": 8.0}}, State.OK, "8 vCPUs"),
        (refusal("AccessDeniedException"), State.UNKNOWN, "may not read it (AccessDeniedException)"),
        (ConnectTimeoutError(endpoint_url="https://q"), State.UNKNOWN, "not reached"),
    ],
)
def test_a_quota_that_may_not_be_read_is_not_checked(
    monkeypatch: pytest.MonkeyPatch, end: Any, state: State, said: str
) -> None:
    aws_answers(monkeypatch, end)
    found = quota.quota(settings("s3://debates", store={"uri": "s3://debates", "region": "eu-central-1"}))
    assert found.state is state
    assert said in found.what
    assert state is State.OK or "make -C terraform preflight" in found.fix


def test_elsewhere_than_on_aws_there_is_none_to_read() -> None:
    elsewhere = {"uri": "s3://d", "endpointUrl": "http://s3:7070"}
    assert quota.quota(settings("s3://d", store=elsewhere)).state is State.UNKNOWN
    assert quota.quota(settings("s3://d")).what == "GPU quota: the region is not known"
    assert quota.quota(settings("s3://d", gpu={"resource": None})).state is State.OK


# --- progress


@contextmanager
def listening(status: int, text: str) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/progress"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.mark.parametrize(
    ("status", "text", "state"),
    [
        (401, f"a bearer token with the audience {names.PROGRESS_AUDIENCE} is needed\n", State.OK),
        (401, "who are you?", State.FAIL),
        (404, "", State.FAIL),
        (200, "", State.FAIL),
    ],
)
def test_the_operator_is_known_by_its_refusal(status: int, text: str, state: State) -> None:
    with listening(status, text) as url:
        assert progress(url, in_pod=True).state is state


def test_a_progress_service_that_is_not_reached_says_what_may_stand_between() -> None:
    found = progress("http://127.0.0.1:1/progress", in_pod=True)
    assert found.state is State.FAIL
    assert "network policies" in found.fix


def test_a_port_that_speaks_no_http_is_not_the_operators() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            caller, _ = server.accept()
            with caller:
                caller.sendall(b"SSH-2.0-OpenSSH_9.6\r\n")
                caller.recv(1000)

        thread = threading.Thread(target=answer)
        thread.start()
        found = progress(f"http://127.0.0.1:{server.getsockname()[1]}/progress", in_pod=True)
        thread.join()
    assert found.state is State.FAIL
    assert "SSH-2.0" in found.what


def test_outside_of_a_pod_it_cannot_be_reached() -> None:
    assert progress("http://debate-operator.debates.svc:8081/progress", in_pod=False).state is State.UNKNOWN
    assert progress(None, in_pod=True).state is State.UNKNOWN
