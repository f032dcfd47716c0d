"""The evaluator itself: a wrong one would prove anything."""

from __future__ import annotations

import pytest
from iam import Request, allows

BUCKET = "arn:aws:s3:::store"
READ = {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": f"{BUCKET}/jobs/*"}


def document(*statements: object) -> dict[str, object]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


@pytest.mark.parametrize(
    ("request_", "allowed"),
    [
        (Request("s3:GetObject", f"{BUCKET}/jobs/a/job.json"), True),
        (Request("s3:getobject", f"{BUCKET}/jobs/a"), True),
        (Request("s3:PutObject", f"{BUCKET}/jobs/a"), False),
        (Request("s3:GetObject", f"{BUCKET}/jobs"), False),
        (Request("s3:GetObject", f"{BUCKET}2/jobs/a"), False),
    ],
)
def test_action_and_resource(request_: Request, allowed: bool) -> None:
    assert allows([document(READ)], request_) is allowed


def test_what_is_denied_is_denied_whoever_allows_it() -> None:
    deny = READ | {"Effect": "Deny"}
    assert not allows([document(READ), document(deny)], Request("s3:GetObject", f"{BUCKET}/jobs/a"))


@pytest.mark.parametrize(
    ("operator", "given", "allowed"),
    [
        ("StringLike", "jobs/a/", True),
        ("StringLike", "work/", False),
        ("StringLike", None, False),
        ("StringLikeIfExists", None, True),
        ("StringLikeIfExists", "work/", False),
        ("StringEquals", "jobs/*", True),
        ("StringEquals", "jobs/a/", False),
        ("ForAllValues:StringLike", "jobs/a,jobs/b", True),
        ("ForAllValues:StringLike", "jobs/a,work/b", False),
        ("ForAllValues:StringLike", None, True),
    ],
)
def test_conditions(operator: str, given: str | None, allowed: bool) -> None:
    statement = READ | {"Condition": {operator: {"s3:prefix": ["jobs/*"]}}}
    context = {} if given is None else {"s3:prefix": given}
    assert allows([document(statement)], Request("s3:GetObject", f"{BUCKET}/jobs/a", context)) is allowed


def test_what_it_does_not_know_is_an_error() -> None:
    with pytest.raises(NotImplementedError):
        allows(
            [document(READ | {"Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}})],
            Request("s3:GetObject", f"{BUCKET}/jobs/a", {"aws:SourceIp": "10.0.0.1"}),
        )
    with pytest.raises(NotImplementedError):
        allows([document({"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"})], Request("s3:GetObject", BUCKET))
