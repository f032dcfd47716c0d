"""Questions to AWS that are refused name the right; findings as lines; what the node pools may take, by their chart."""

from __future__ import annotations

from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from debate_aws.account import AccountError, Denied, home_of
from debate_aws.preflight_site import Pools, asking, fail, ok, pools_of

SCP = "User: x is not authorized to perform: eks:ListClusters with an explicit deny in a service control policy"


@pytest.mark.parametrize(
    ("code", "message", "what"),
    [
        ("AccessDeniedException", "no", "may not eks:ListClusters"),
        ("UnauthorizedOperation", "no", "may not eks:ListClusters"),
        ("AccessDenied", SCP, "may not eks:ListClusters, a policy of the organisation (SCP) forbids it"),
    ],
)
def test_a_refusal_names_the_right(code: str, message: str, what: str) -> None:
    with pytest.raises(Denied) as raised, asking("list clusters", "eks:ListClusters"):
        raise ClientError({"Error": {"Code": code, "Message": message}}, "ListClusters")
    assert raised.value.what == what


def test_another_error_is_told_as_it_is() -> None:
    error = ClientError({"Error": {"Code": "Throttling", "Message": "slower"}}, "ListClusters")
    with pytest.raises(AccountError) as raised, asking("list clusters", "eks:ListClusters"):
        raise error
    assert raised.value.what == "Cannot list clusters: Throttling: slower"
    assert not isinstance(raised.value, Denied)


def test_a_finding_is_a_line_and_its_fixes_are_under_it() -> None:
    assert ok("helm 3.22").text() == "ok           helm 3.22"
    assert fail("quota", "one", "two").text() == "FAIL         quota\n              -> one\n              -> two"


@pytest.mark.parametrize(
    ("region", "home"),
    [("eu-central-1", "us-east-1"), ("cn-northwest-1", "cn-north-1"), ("us-gov-east-1", "us-gov-west-1")],
)
def test_where_a_partition_is_at_home(region: str, home: str) -> None:
    assert home_of(region) == home


def test_pools_of_the_chart(pytestconfig: pytest.Config, tmp_path: Path) -> None:
    types = tuple(f"{family}.{size}" for family in ("g4dn", "g6", "g5", "g6e") for size in ("xlarge", "2xlarge"))
    assert pools_of(pytestconfig.rootpath / "terraform") == Pools(types, 16, 16)
    with pytest.raises(AccountError, match="cannot be read"):
        pools_of(tmp_path)
