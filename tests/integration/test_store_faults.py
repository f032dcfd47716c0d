"""How the S3 store meets trouble: what it tries again, what it does not, and what it says in the end."""

from __future__ import annotations

import io
import itertools
import random
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import boto3
import pytest
from faulty_proxy import Fault, FaultyProxy
from versitygw import S3Server, free_port

from debate_core.store import (
    NoSuchStore,
    ObjectExists,
    ObjectStore,
    RetryPolicy,
    S3Settings,
    StoreDenied,
    StoreError,
    StoreUnreachable,
    open_store,
)

MIB = 1 << 20
BUCKET = "test-store"
LARGE = random.Random(1).randbytes(20 * MIB + 11)

Waits = list[float]


def settings_for(endpoint_url: str, waits: Waits, *, attempts: int = 4) -> S3Settings:
    """Retries that wait for nothing, and say how long they would have waited."""
    policy = RetryPolicy(attempts=attempts, first_wait_s=1.0, max_wait_s=3.0, sleep=waits.append)
    return S3Settings(endpoint_url=endpoint_url, connect_timeout_s=1, read_timeout_s=5, retry=policy)


@pytest.fixture
def waits() -> Waits:
    return []


@pytest.fixture
def proxy(s3_server: S3Server, aws_environment: pytest.MonkeyPatch) -> Iterator[FaultyProxy]:
    with FaultyProxy(s3_server.port).running() as running:
        yield running


_prefixes = itertools.count()


@pytest.fixture
def store(proxy: FaultyProxy, waits: Waits) -> ObjectStore:
    """A store behind the proxy."""
    return open_store(f"s3://{BUCKET}/faults-{next(_prefixes)}", settings=settings_for(proxy.endpoint_url, waits))


# --- what is tried again


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (500, "InternalError"),
        (502, "BadGateway"),
        (503, "SlowDown"),
        (503, "ServiceUnavailable"),
        (504, "GatewayTimeout"),
        (429, "TooManyRequests"),
        (400, "RequestTimeout"),
        (409, "ConditionalRequestConflict"),
    ],
)
def test_a_passing_refusal_is_tried_again(
    store: ObjectStore, proxy: FaultyProxy, waits: Waits, status: int, code: str
) -> None:
    proxy.faults = [Fault("PUT", "answer", status=status, code=code)] * 2
    store.put("owner.json", b"mine", create_only=True)
    proxy.faults = [Fault("GET", "answer", status=status, code=code)] * 2
    assert store.get("owner.json") == b"mine"
    assert proxy.faults == []
    assert len(waits) == 4


def test_every_call_tries_again(store: ObjectStore, proxy: FaultyProxy, waits: Waits, tmp_path: Path) -> None:
    store.put("a/b", b"abc")
    calls: dict[str, list[Callable[[], object]]] = {
        "GET": [
            lambda: store.get_range("a/b", 1, 1),
            lambda: list(store.list("a/")),
            lambda: store.open("a/b").read(),
            lambda: store.download("a/b", tmp_path / "copy"),
        ],
        "HEAD": [lambda: store.stat("a/b")],
        "DELETE": [lambda: store.delete("a/c")],
        "POST": [lambda: store.delete_prefix("a/")],
    }
    for method, of_method in calls.items():
        for call in of_method:
            proxy.faults = [Fault(method, "answer")]
            waits.clear()
            assert call() != b""
            assert proxy.faults == []
            assert len(waits) == 1


@pytest.mark.parametrize("kind", ["lose", "cut"])
def test_an_answer_that_breaks_off_is_asked_for_again(
    store: ObjectStore, proxy: FaultyProxy, waits: Waits, tmp_path: Path, kind: str
) -> None:
    store.put("large", LARGE)
    fault = Fault("GET", kind)  # type: ignore[arg-type]
    proxy.faults = [fault]
    assert store.get("large") == LARGE
    proxy.faults = [fault] * 2
    store.download("large", tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == LARGE
    with store.open("large") as stream:
        assert stream.read(5) == LARGE[:5]
        proxy.faults = [fault]
        assert stream.read() == LARGE[5:]
    assert proxy.faults == []
    assert len(waits) == 4


def test_only_the_part_that_failed_is_sent_again(store: ObjectStore, proxy: FaultyProxy, tmp_path: Path) -> None:
    proxy.faults = [Fault("PUT", "answer", where="partNumber=2"), Fault("PUT", "lose", where="partNumber=3")]
    (tmp_path / "large").write_bytes(LARGE)
    with (tmp_path / "large").open("rb") as source:
        store.put("large", source)
    assert proxy.faults == []
    assert proxy.count("PUT") == 5
    assert store.get("large") == LARGE


def test_a_failed_upload_leaves_no_parts_behind(store: ObjectStore, proxy: FaultyProxy) -> None:
    proxy.faults = [Fault("PUT", "answer", where="partNumber=2", status=403, code="AccessDenied")]
    with pytest.raises(StoreDenied):
        store.put("large", LARGE)
    client = boto3.Session().client("s3", endpoint_url=proxy.endpoint_url)
    assert not [
        upload
        for upload in client.list_multipart_uploads(Bucket=BUCKET).get("Uploads", [])
        if upload["Key"].startswith(store.uri.removeprefix(f"s3://{BUCKET}/"))
    ]
    assert not store.exists("large")


# --- a put whose answer is lost


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"mine", Fault("PUT", "lose", where="owner.json")),
        (LARGE, Fault("POST", "lose", where="uploadId=")),
    ],
    ids=["one request", "multipart"],
)
@pytest.mark.parametrize("create_only", [True, False])
def test_a_put_that_succeeded_unheard_is_ours(
    store: ObjectStore, proxy: FaultyProxy, data: bytes, fault: Fault, create_only: bool
) -> None:
    proxy.faults = [fault]
    info = store.put("owner.json", data, create_only=create_only)
    assert proxy.faults == []
    found = store.stat("owner.json")
    assert found is not None
    assert (info.size, info.etag) == (found.size, found.etag)
    assert store.get("owner.json") == data
    with pytest.raises(ObjectExists):
        store.put("owner.json", data, create_only=True)  # the same bytes, but another's put


# --- what is not


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (403, "AccessDenied", StoreDenied),
        (403, "InvalidAccessKeyId", StoreDenied),
        (403, "SignatureDoesNotMatch", StoreDenied),
        (403, "RequestTimeTooSkewed", StoreUnreachable),
        (400, "ExpiredToken", StoreUnreachable),
        (400, "AuthorizationHeaderMalformed", StoreDenied),
        (400, "EntityTooLarge", StoreError),
        (404, "NoSuchBucket", NoSuchStore),
    ],
)
def test_a_lasting_refusal_is_not_tried_again(
    store: ObjectStore, proxy: FaultyProxy, waits: Waits, status: int, code: str, expected: type[StoreError]
) -> None:
    proxy.faults = [Fault("PUT", "answer", status=status, code=code)]
    with pytest.raises(StoreError) as refused:
        store.put("a", b"")
    assert type(refused.value) is expected
    assert proxy.count("PUT") == 1
    assert waits == []


@pytest.mark.parametrize(
    ("status", "code", "expected"), [(400, "ExpiredToken", StoreUnreachable), (403, "AccessDenied", StoreDenied)]
)
def test_a_head_that_does_not_say_why_is_asked_again_in_words(
    store: ObjectStore, proxy: FaultyProxy, status: int, code: str, expected: type[StoreError]
) -> None:
    # Several: boto3 itself asks HEAD again, in case the bucket has moved to another region.
    proxy.faults = [Fault(method, "answer", status=status, code=code) for method in ["HEAD"] * 5 + ["GET"]]
    with pytest.raises(expected, match=code):
        store.stat("a")


def test_an_object_that_is_replaced_while_it_is_read_is_not_mixed(
    store: ObjectStore, proxy: FaultyProxy, tmp_path: Path
) -> None:
    store.put("large", LARGE)
    with store.open("large") as stream:
        assert stream.read(5) == LARGE[:5]
        store.put("large", LARGE[::-1])
        with pytest.raises(StoreUnreachable, match="anew"):
            stream.read()


@pytest.mark.parametrize("method", ["get", "stat", "list", "put", "delete", "exists"])
def test_a_key_that_is_wrong_is_denied(
    s3_server: S3Server, aws_environment: pytest.MonkeyPatch, waits: Waits, method: str
) -> None:
    aws_environment.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    store = open_store(f"s3://{BUCKET}/x", settings=settings_for(s3_server.endpoint_url, waits))
    arguments = {"list": [""], "put": ["a", b""]}.get(method, ["a"])
    with pytest.raises(StoreDenied, match="SignatureDoesNotMatch"):
        list(itertools.chain(getattr(store, method)(*arguments)))
    assert waits == []


def test_without_credentials_the_store_is_unreachable(
    s3_server: S3Server, aws_environment: pytest.MonkeyPatch, waits: Waits
) -> None:
    aws_environment.delenv("AWS_ACCESS_KEY_ID")
    aws_environment.delenv("AWS_SECRET_ACCESS_KEY")
    store = open_store(f"s3://{BUCKET}/x", settings=settings_for(s3_server.endpoint_url, waits))
    with pytest.raises(StoreUnreachable, match="credentials"):
        store.stat("a")
    with pytest.raises(StoreUnreachable, match="credentials"):
        store.presigned_url("a", expires_s=60)


def test_a_profile_that_is_not_there_is_no_crash(aws_environment: pytest.MonkeyPatch) -> None:
    aws_environment.setenv("AWS_PROFILE", "nobody")
    with pytest.raises(StoreUnreachable, match="nobody"):
        open_store(f"s3://{BUCKET}/x")


@pytest.mark.parametrize("method", ["get", "stat", "list", "put", "delete", "delete_prefix", "open", "download"])
def test_a_bucket_that_is_not_there_is_no_store(
    s3_server: S3Server, aws_environment: pytest.MonkeyPatch, waits: Waits, method: str, tmp_path: Path
) -> None:
    store = open_store("s3://no-such-bucket", settings=settings_for(s3_server.endpoint_url, waits))
    arguments: dict[str, list[object]] = {
        "list": [""],
        "put": ["a", b""],
        "delete_prefix": ["a/"],
        "download": ["a", tmp_path / "a"],
    }
    with pytest.raises(NoSuchStore, match="no-such-bucket"):
        list(itertools.chain(getattr(store, method)(*arguments.get(method, ["a"]))))
    assert waits == []


# --- a server that is gone


def test_a_server_that_is_down_is_given_up_on_in_bounded_time(
    aws_environment: pytest.MonkeyPatch, waits: Waits, tmp_path: Path
) -> None:
    endpoint_url = f"http://127.0.0.1:{free_port()}"
    store = open_store(f"s3://{BUCKET}/x", settings=settings_for(endpoint_url, waits))
    calls: list[Callable[[], object]] = [
        lambda: store.get("a"),
        lambda: store.stat("a"),
        lambda: store.put("a", b"abc"),
        lambda: store.put("a", LARGE),
        lambda: list(store.list("")),
        lambda: store.delete("a"),
        lambda: store.open("a"),
        lambda: store.download("a", tmp_path / "a"),
    ]
    for call in calls:
        waits.clear()
        with pytest.raises(StoreUnreachable, match="try again later"):
            call()
        assert len(waits) == 3
        assert all(0 <= wait <= most for wait, most in zip(waits, [1.0, 2.0, 3.0], strict=True))


def test_a_server_that_dies_in_the_middle_and_comes_back_is_no_failure(
    own_s3_server: S3Server, aws_environment: pytest.MonkeyPatch
) -> None:
    server = Restarted(own_s3_server)
    settings = S3Settings(
        endpoint_url=own_s3_server.endpoint_url, retry=RetryPolicy(first_wait_s=0.01, sleep=server.wait)
    )
    store = open_store(f"s3://{BUCKET}/x", settings=settings)
    own_s3_server.start()

    store.put("large", DeadlyPipe(LARGE, 8 * MIB, server.kill), create_only=True)  # type: ignore[arg-type]
    assert server.restarts == 1
    with store.open("large") as stream:
        assert stream.read(10) == LARGE[:10]
        server.kill()
        assert stream.read() == LARGE[10:]
    assert server.restarts == 2
    server.kill()
    assert [info.key for info in store.list("")] == ["large"]
    assert server.restarts == 3


class Restarted:
    """A server that is back once a client has waited for it."""

    def __init__(self, server: S3Server) -> None:
        self._server = server
        self._dead = False
        self._lock = threading.Lock()  # several threads wait at once: all for the same restart
        self.restarts = 0

    def kill(self) -> None:
        self._server.kill()
        self._dead = True

    def wait(self, _seconds: float) -> None:
        with self._lock:
            if self._dead:
                self._server.start()
                self._dead = False
                self.restarts += 1


class DeadlyPipe:
    """A stream whose reader loses the server once `deadly_at` bytes have been read."""

    def __init__(self, data: bytes, deadly_at: int, kill: Callable[[], None]) -> None:
        self._data = io.BytesIO(data)
        self._deadly_at = deadly_at
        self._kill = kill
        self._killed = False

    def read(self, size: int) -> bytes:
        if self._data.tell() >= self._deadly_at and not self._killed:
            self._killed = True
            self._kill()
        return self._data.read(size)


# --- presigned


def test_a_presigned_put_writes_the_object_without_credentials(s3_store: ObjectStore) -> None:
    url = s3_store.presigned_url("uploads/a.mp4", expires_s=60, method="PUT")
    with urlopen(Request(url, data=b"picture", method="PUT"), timeout=10) as answer:
        assert answer.status == 200
    assert s3_store.get("uploads/a.mp4") == b"picture"


def test_a_presigned_url_is_for_one_key_and_one_method(s3_store: ObjectStore) -> None:
    s3_store.put("a", b"abc")
    url = s3_store.presigned_url("a", expires_s=60)
    for request in (Request(url, data=b"evil", method="PUT"), Request(url.replace("/a?", "/b?"))):
        with pytest.raises(HTTPError) as refused:
            urlopen(request, timeout=10)
        assert refused.value.code == 403
        refused.value.close()
    assert s3_store.get("a") == b"abc"


# --- metadata


def test_the_content_type_is_kept_for_those_who_fetch_by_url(s3_store: ObjectStore) -> None:
    s3_store.put("small.vtt", b"WEBVTT", content_type="text/vtt")
    s3_store.put("large.mp4", LARGE, content_type="video/mp4")
    for key, content_type in (("small.vtt", "text/vtt"), ("large.mp4", "video/mp4")):
        with urlopen(s3_store.presigned_url(key, expires_s=60), timeout=10) as answer:
            assert answer.headers["Content-Type"] == content_type
