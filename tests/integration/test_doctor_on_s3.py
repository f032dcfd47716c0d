"""The doctor on a real S3 server, which denies one thing after the other."""

from __future__ import annotations

import pytest
from faulty_proxy import Fault, FaultyProxy
from versitygw import S3Server

from debate_core.store import ObjectStore, open_store
from debate_operator.doctor.finding import State
from debate_operator.doctor.parts import Role
from debate_operator.doctor.store import store as examined
from debate_operator.settings import Settings


def settings(uri: str) -> Settings:
    base = {"namespaces": ["d"], "store": {"uri": uri}, "models": f"{uri}/models", "images": {"cpu": "a", "gpu": "b"}}
    return Settings.model_validate(base)


def failures(uri: str, role: Role) -> list[str]:
    """Those about rights; there are no models."""
    found = [finding.what for finding in examined(settings(uri), role) if finding.state is State.FAIL]
    return [what for what in found if not what.startswith("models")]


@pytest.mark.parametrize("role", Role)
def test_each_right_can_be_tried_and_nothing_is_left(s3_store: ObjectStore, s3_store_uri: str, role: Role) -> None:
    assert failures(s3_store_uri, role) == []
    assert list(s3_store.list("")) == []


@pytest.mark.parametrize(
    ("role", "method", "where", "said"),
    [
        (Role.WORKER, "HEAD", "/uploads/", "worker may not read uploads/"),
        (Role.WORKER, "PUT", "/jobs/", "worker may not write jobs/"),
        (Role.WORKER, "PUT", "/manifest/", "worker may not write manifest/"),
        (Role.WORKER, "PUT", "/work/", "worker may not write work/"),
        (Role.WORKER, "GET", "list-type", "worker may not list work/"),
        (Role.WORKER, "DELETE", "/work/", "worker may not delete work/"),
        (Role.STATS, "PUT", "/statistics/", "stats may not write statistics/"),
    ],
)
def test_a_right_that_lacks_is_named(
    s3_server: S3Server,
    s3_store_uri: str,
    aws_environment: pytest.MonkeyPatch,
    role: Role,
    method: str,
    where: str,
    said: str,
) -> None:
    with FaultyProxy(s3_server.port).running() as proxy:
        proxy.faults = [Fault(method, "answer", where, 403, "AccessDenied")]  # type: ignore[arg-type]
        if method == "HEAD":  # has no body to say why, so the store asks once more by a request that has
            proxy.faults.append(Fault("GET", "answer", "uploads", 403, "AccessDenied"))
        aws_environment.setenv("AWS_ENDPOINT_URL", proxy.endpoint_url)
        (found,) = failures(s3_store_uri, role)
    assert said in found
    assert "AccessDenied" in found


def test_a_bucket_that_is_not_there(s3_store_uri: str) -> None:
    (found,) = failures("s3://no-such-bucket", Role.WORKER)
    assert found == "store: There is no bucket for s3://no-such-bucket: check --store, or create the bucket."


def test_keys_that_the_server_does_not_know(s3_store_uri: str, aws_environment: pytest.MonkeyPatch) -> None:
    aws_environment.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    (found,) = failures(s3_store_uri, Role.WORKER)
    assert "SignatureDoesNotMatch" in found


def test_settings_name_the_server_where_the_environment_does_not(
    s3_server: S3Server, s3_store_uri: str, aws_environment: pytest.MonkeyPatch
) -> None:
    aws_environment.delenv("AWS_ENDPOINT_URL")
    named = settings(s3_store_uri).model_copy(
        update={"store": settings(s3_store_uri).store.model_copy(update={"endpoint_url": s3_server.endpoint_url})}
    )
    aws_environment.setenv("AWS_ENDPOINT_URL_S3", "")  # as it is then put back
    aws_environment.delenv("AWS_ENDPOINT_URL_S3")
    found = list(examined(named, Role.STATS))
    assert {finding.state for finding in found} == {State.OK}
    assert open_store(s3_store_uri).stat("statistics/index.json") is None
