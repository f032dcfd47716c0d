"""Fixtures of the integration tests: a real S3 server for the session, stores on it and in folders, a debate."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from go_tools import VERSITYGW, NoTool
from versitygw import ACCESS_KEY, REGION, SECRET_KEY, S3Server
from worker_process import ROOT, manifest, run

from debate_core.store import ObjectStore, RetryPolicy, S3Settings, open_store

BUCKET = "test-store"


@pytest.fixture(scope="session")
def versitygw_binary() -> Path:
    try:
        return VERSITYGW.find_or_build()
    except NoTool as missing:
        pytest.fail(f"The store tests need a real S3 server. {missing}")


@pytest.fixture(scope="session")
def s3_server(versitygw_binary: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """The session's server, with the bucket `test-store`. A test that kills a server takes one of its own."""
    server = S3Server(versitygw_binary, tmp_path_factory.mktemp("s3"))
    server.make_bucket(BUCKET)
    server.start()
    yield server
    server.kill()


@pytest.fixture
def own_s3_server(versitygw_binary: Path, tmp_path: Path) -> Iterator[S3Server]:
    """A server that the test may kill, not yet started, with the bucket `test-store`."""
    server = S3Server(versitygw_binary, tmp_path / "s3")
    server.make_bucket(BUCKET)
    yield server
    server.kill()


@pytest.fixture
def aws_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """The server's credentials, and nothing of the machine's own AWS settings."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "no-config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "no-credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCESS_KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
    monkeypatch.setenv("AWS_REGION", REGION)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    return monkeypatch


@pytest.fixture
def s3_store_uri(s3_server: S3Server, aws_environment: pytest.MonkeyPatch) -> str:
    """An empty store on the session's server; the AWS variables say where it is, as a user would set them."""
    aws_environment.setenv("AWS_ENDPOINT_URL", s3_server.endpoint_url)
    return f"s3://{BUCKET}/{uuid4().hex}"


@pytest.fixture
def s3_store(s3_store_uri: str) -> ObjectStore:
    return open_store(s3_store_uri, settings=S3Settings(retry=RetryPolicy(first_wait_s=0.01)))


@pytest.fixture
def folder_store(tmp_path: Path) -> ObjectStore:
    folder = tmp_path / "store"
    folder.mkdir()
    return open_store(str(folder))


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest) -> ObjectStore:
    """An empty store, once of each back end."""
    found: ObjectStore = request.getfixturevalue(f"{request.param}_store")
    return found


@pytest.fixture(scope="session")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first 45 s of the sample, picture and sound: four windows of at most 20 s."""
    if shutil.which("ffmpeg") is None:
        pytest.fail("ffmpeg is missing: `make test` installs it, or install your system's package")
    path = tmp_path_factory.mktemp("media") / "short debate.mp4"
    sample = ROOT / "examples" / "sample-debate.mp4"
    command = ["ffmpeg", "-nostdin", "-loglevel", "error", "-i", sample, "-t", "45", "-c", "copy", path]
    subprocess.run(command, check=True)
    return path


@pytest.fixture(scope="session")
def undisturbed(media: Path, tmp_path_factory: pytest.TempPathFactory) -> ObjectStore:
    """The store of one run that nothing disturbed."""
    folder = tmp_path_factory.mktemp("undisturbed")
    run(manifest(folder, media), str(folder / "store"))
    return open_store(str(folder / "store"))
