"""Who is asking, and whether the region is one, and enabled. Everything else is asked of AWS only after these."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import boto3

from debate_aws.account import Account, AccountError, home_of
from debate_aws.preflight_site import Finding, asking, fail, not_checked, ok, warn

_NOT_ENABLED: Final = "not-opted-in"


@dataclass(frozen=True)
class Identity:
    account_id: str
    arn: str


def check_credentials(account: Account) -> Iterator[Finding | Identity]:
    """The identity too, where there is one."""
    try:
        with asking("say who you are", "sts:GetCallerIdentity"):
            said = account.client("sts", home_of(account.region)).get_caller_identity()
    except AccountError as error:
        yield fail(f"credentials: {error.what}", error.fix)
        return
    identity = Identity(said["Account"], said["Arn"])
    yield identity
    text = f"credentials: account {identity.account_id}, {identity.arn}"
    if identity.arn.endswith(":root"):
        yield warn(text, "This is the account's root user, whom nothing can limit: make a role of your own in IAM.")
    else:
        yield ok(text)


def check_region(account: Account) -> Iterator[Finding]:
    """FAIL where it does not exist or is not enabled: nothing can be asked there then."""
    region = account.region
    try:
        found = _region(account, region)
    except AccountError as error:
        known = _known_regions()
        if region in known:
            yield not_checked(f"region {region} enabled: {error.what}", error.fix)
        else:
            yield _no_such_region(region, known)
        return
    if found is None:
        yield _no_such_region(region, _known_regions())
    elif found["OptInStatus"] == _NOT_ENABLED:
        yield fail(
            f"region {region}: not enabled in this account",
            f"aws account enable-region --region-name {region}   (takes minutes to hours; or take another region)",
        )
    else:
        yield ok(f"region {region}: enabled")


def _region(account: Account, region: str) -> Any:
    """What EC2 says of it; None where it is not one."""
    with asking("list the regions", "ec2:DescribeRegions"):
        regions = account.client("ec2", home_of(region)).describe_regions(AllRegions=True)["Regions"]
    return next((one for one in regions if one["RegionName"] == region), None)


def _known_regions() -> list[str]:
    session = boto3.Session()
    return sorted(
        name
        for partition in session.get_available_partitions()
        for name in session.get_available_regions("eks", partition)
    )


def _no_such_region(region: str, known: list[str]) -> Finding:
    near = difflib.get_close_matches(region, known, n=1)
    hint = f"Did you mean {near[0]}?" if near else "Take one such as eu-central-1."
    return fail(f"region {region}: there is none of this name", f"{hint} `aws ec2 describe-regions` lists them.")
