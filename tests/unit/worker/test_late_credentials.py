"""A pod on a fresh node may have no credentials yet: that ends with 16 (wait, no attempt spent), never for good.

boto3 is the real one; what it asks on a node (the Pod Identity agent, the instance's metadata service) and S3 are
answered by one small server.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import botocore.utils
import pytest
import structlog

from debate_core.documents.step_result import StepResult
from debate_worker import cli

AGENT = "/v1/credentials"
NODE = "/latest/meta-data/iam/security-credentials/"
KEYS = {
    "Code": "Success",
    "AccessKeyId": "AKIDEXAMPLE",
    "SecretAccessKey": "secret",
    "Token": "session",
    "Expiration": "2100-01-01T00:00:00Z",
}
DENIED = b"<Error><Code>AccessDenied</Code><Message>no</Message></Error>"
Answer = tuple[int, bytes]


@dataclass
class Node:
    """answers: path -> status and body, also of paths below it. What has none is S3's, which denies it.

    silent: paths that are never answered, while the server runs.
    """

    answers: dict[str, Answer] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)
    endpoint: str = ""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def _answer(self) -> None:
        node, path = self.server.node, self.path.partition("?")[0]
        node.asked.append((self.command, path, self.headers.get("Authorization", "")))
        if path in node.silent:
            node.ended.wait()
            return
        status, body = node.answers.get(path, (403, DENIED))
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _answer


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, node: Node) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.node = node


@pytest.fixture
def node(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Node]:
    """A pod on a node, with nothing of this machine's own AWS settings; both services can be asked."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    found = Node()
    server = _Server(found)
    found.endpoint = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "no-config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "no-credentials"))
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", found.endpoint)
    monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", found.endpoint)
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(botocore.utils.ContainerMetadataFetcher, "SLEEP_TIME", 0)
    monkeypatch.setattr(botocore.utils.ContainerMetadataFetcher, "TIMEOUT_SECONDS", 0.2)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield found
    found.ended.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def end(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Callable[[], StepResult]]:
    """How a command that begins by asking the store ends."""
    monkeypatch.setenv("DEBATE_TERMINATION_LOG", str(tmp_path / "log"))
    monkeypatch.setattr(sys, "argv", ["debate-worker", "delete", "--job-id", "a-debate", "--store", "s3://debates"])

    def call() -> StepResult:
        with pytest.raises(SystemExit):
            cli.main()
        return StepResult.from_json((tmp_path / "log").read_bytes())

    yield call
    structlog.reset_defaults()


def with_agent(monkeypatch: pytest.MonkeyPatch, node: Node, token: Path) -> None:
    """What EKS puts into a pod of an associated service account."""
    monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"{node.endpoint}{AGENT}")
    monkeypatch.setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", str(token))


@pytest.fixture
def token(tmp_path: Path) -> Path:
    path = tmp_path / "token"
    path.write_text("pod-token")
    return path


def test_with_an_identity_of_its_own_a_refusal_is_final(
    node: Node, end: Callable[[], StepResult], monkeypatch: pytest.MonkeyPatch, token: Path
) -> None:
    with_agent(monkeypatch, node, token)
    node.answers[AGENT] = 200, json.dumps(KEYS).encode()
    assert (end().exit_code, end().reason) == (14, "Misconfigured")
    assert ("GET", AGENT, "pod-token") in node.asked


@pytest.mark.parametrize(
    "answer",
    [
        (400, b"{}"),
        (403, b'{"message": "unauthorized"}'),
        (404, b"no association"),
        (500, b"oops"),
        (503, b""),
        (200, b"not JSON"),
        (200, b"{}"),
    ],
    ids=lambda answer: f"{answer[0]} {answer[1].decode()}",
)
def test_an_agent_that_has_none_yet_is_waited_for(
    node: Node, end: Callable[[], StepResult], monkeypatch: pytest.MonkeyPatch, token: Path, answer: Answer
) -> None:
    with_agent(monkeypatch, node, token)
    node.answers[AGENT] = answer
    result = end()
    assert (result.exit_code, result.reason) == (16, "StoreUnreachable")
    assert "credentials" in result.message
    assert "pod identity" in result.message


def test_so_is_one_that_does_not_answer(
    node: Node, end: Callable[[], StepResult], monkeypatch: pytest.MonkeyPatch, token: Path
) -> None:
    with_agent(monkeypatch, node, token)
    node.silent.add(AGENT)
    assert end().exit_code == 16


def test_so_is_one_that_is_not_there(
    node: Node, end: Callable[[], StepResult], monkeypatch: pytest.MonkeyPatch, token: Path
) -> None:
    with_agent(monkeypatch, node, token)
    monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:1/v1/credentials")
    assert end().exit_code == 16


@pytest.mark.parametrize("content", [None, "two\nlines"])
def test_so_is_a_token_file_that_is_not_there_or_not_whole(
    node: Node, end: Callable[[], StepResult], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: str | None
) -> None:
    if content is not None:
        (tmp_path / "later").write_text(content)
    with_agent(monkeypatch, node, tmp_path / "later")
    result = end()
    assert result.exit_code == 16
    assert "pod identity" in result.message
    assert not [path for _, path, _ in node.asked if path == AGENT]


def test_a_pod_without_any_credentials_waits(node: Node, end: Callable[[], StepResult]) -> None:
    result = end()
    assert result.exit_code == 16
    assert "no valid credentials" in result.message


def _as_the_node(node: Node) -> None:
    node.answers |= {
        "/latest/api/token": (200, b"metadata-token"),
        NODE: (200, b"node-role"),
        f"{NODE}node-role": (200, json.dumps(KEYS).encode()),
    }


def test_a_pod_that_is_refused_as_its_node_waits_for_its_own_identity(
    node: Node, end: Callable[[], StepResult]
) -> None:
    _as_the_node(node)
    result = end()
    assert result.exit_code == 16
    assert "role of the node" in result.message
    assert "Pod Identity association" in result.message
    assert [path for _, path, authorization in node.asked if "AKIDEXAMPLE" in authorization], "S3 was asked as the node"


def test_on_a_machine_of_its_own_that_role_is_its_identity(
    node: Node, end: Callable[[], StepResult], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST")
    _as_the_node(node)
    assert end().exit_code == 14
