"""Whether there is room for the VPC that is made, or whether yours is as the cluster needs it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from debate_aws.preflight_capacity import read_quota
from debate_aws.preflight_site import Finding, Site, asking, fail, ok, warn

_FEW_ADDRESSES: Final = 32  # a node takes some for its pods


def check_network(site: Site) -> Iterator[Finding]:
    if site.variables["network_mode"] == "existing":
        yield from _check_existing(site)
    else:
        yield from _check_room(site)


def _check_room(site: Site) -> Iterator[Finding]:
    """Of VPCs an account has five at first; of fixed addresses too, of which a NAT takes one."""
    ec2: Any = site.account.client("ec2")
    with asking("list the VPCs", "ec2:DescribeVpcs"):
        vpcs = ec2.describe_vpcs()["Vpcs"]
    if any(site.is_ours(vpc.get("Tags", [])) for vpc in vpcs):
        yield ok("VPC: there, and of this installation")
        return
    yield _room("VPCs", len(vpcs), read_quota(site, "vpc", "L-F678F1CE"), site, "vpc", "L-F678F1CE")
    if site.variables["network_mode"] in {"nat_instance", "nat_gateway"}:
        with asking("list the fixed addresses", "ec2:DescribeAddresses"):
            used = len(ec2.describe_addresses()["Addresses"])
        yield _room("fixed addresses", used, read_quota(site, "ec2", "L-0263D0A3"), site, "ec2", "L-0263D0A3")


def _room(what: str, used: int, quota: float, site: Site, service: str, code: str) -> Finding:
    text = f"{what}: {used} of {quota:g} are used"
    if used + 1 <= quota:
        return ok(text)
    return fail(
        f"{text}, and one is needed",
        f"Delete one, or: aws service-quotas request-service-quota-increase --region {site.region}"
        f" --service-code {service} --quota-code {code} --desired-value {used + 1}",
    )


def _check_existing(site: Site) -> Iterator[Finding]:
    wanted, vpc_id = [str(one) for one in site.variables["subnet_ids"]], site.variables["vpc_id"]
    if not vpc_id or not wanted:
        yield fail("your network: vpc_id or subnet_ids is not set", 'network_mode = "existing" needs both.')
        return
    subnets = _subnets(site, wanted)
    missing = sorted(set(wanted) - {one["SubnetId"] for one in subnets})
    if missing:
        yield fail(
            f"your subnets: {site.region} has no {', '.join(missing)}",
            "See `aws ec2 describe-subnets`; is it the region?",
        )
    strangers = sorted(one["SubnetId"] for one in subnets if one["VpcId"] != vpc_id)
    if strangers:
        yield fail(f"your subnets: {', '.join(strangers)} not in {vpc_id}", "Name subnets of one VPC, and that VPC.")
    zones = sorted({one["AvailabilityZone"] for one in subnets})
    if len(zones) < 2:
        yield fail(
            f"your subnets: in {', '.join(zones) or 'no zone'} alone", "EKS wants two zones: name one more subnet."
        )
    elif not missing and not strangers:
        yield ok(f"your subnets: in {vpc_id}, zones {', '.join(zones)}")
    full = [one["SubnetId"] for one in subnets if one["AvailableIpAddressCount"] < _FEW_ADDRESSES]
    if full:
        yield warn(
            f"your subnets: fewer than {_FEW_ADDRESSES} addresses are free in {', '.join(full)}", "Every pod takes one."
        )
    yield from _check_endpoint(site)


def _check_endpoint(site: Site) -> Iterator[Finding]:
    """A route table takes one S3 gateway endpoint."""
    tables = {str(one) for one in site.variables["route_table_ids"]}
    if not tables:
        return
    with asking("list the VPC endpoints", "ec2:DescribeVpcEndpoints"):
        filters = [
            {"Name": "vpc-id", "Values": [str(site.variables["vpc_id"])]},
            {"Name": "service-name", "Values": [f"com.amazonaws.{site.region}.s3"]},
        ]
        endpoints = site.account.client("ec2").describe_vpc_endpoints(Filters=filters)["VpcEndpoints"]
    taken = sorted(
        {table for one in endpoints if not site.is_ours(one.get("Tags", [])) for table in one.get("RouteTableIds", [])}
        & tables
    )
    if taken:
        yield fail(f"S3 endpoint: {', '.join(taken)} has one already", "Set route_table_ids = [] and use yours.")
    else:
        yield ok("S3 endpoint: there is room for it")


def _subnets(site: Site, wanted: list[str]) -> list[Any]:
    """Those of `wanted` that exist. By a filter: with ids, one that is missing would hide the others."""
    with asking("look at your subnets", "ec2:DescribeSubnets"):
        filters = [{"Name": "subnet-id", "Values": wanted}]
        return list(site.account.client("ec2").describe_subnets(Filters=filters)["Subnets"])
