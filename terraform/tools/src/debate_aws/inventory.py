"""What AWS still lists under the installation's tag. The list is late: what lingers is looked at itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from botocore.exceptions import ClientError

from debate_aws.account import Account, Denied, error_code, explained, home_of
from debate_aws.belongs import INSTALLATION


def tagged(account: Account, name: str) -> tuple[list[str], str | None]:
    """ARNs of all with the tag debate-analyzer=<name>, in the region and in none; and the region that may not be asked.

    What has no region, such as CloudFront, is listed in one of its partition, from which an organisation may keep its
    accounts. Raises AccountError.
    """
    found, home, refused = _in_region(account, name, account.region), home_of(account.region), None
    if home != account.region:
        try:
            # It has things of its own, too, of an installation of the same name there.
            found += [arn for arn in _in_region(account, name, home) if arn.split(":")[3] == ""]
        except Denied:
            refused = home
    return sorted(arn for arn in set(found) if not _ended(account, arn)), refused


def _in_region(account: Account, name: str, region: str) -> list[str]:
    with explained(f"list what has the tag {INSTALLATION}={name} in {region}"):
        client = account.client("resourcegroupstaggingapi", region)
        pages = client.get_paginator("get_resources").paginate(TagFilters=[{"Key": INSTALLATION, "Values": [name]}])
        return [one["ResourceARN"] for page in pages for one in page["ResourceTagMappingList"]]


def _ended(account: Account, arn: str) -> bool:
    """Whether it is gone and only listed still. What nobody here can tell counts as there."""
    kind, _, thing = arn.split(":", 5)[5].partition("/")
    look = _LOOKS.get(f"{arn.split(':')[2]}:{kind}")
    if look is None:
        return False
    with explained(f"look at {arn}"):
        try:
            return look(account, thing)
        except ClientError as error:
            if "NotFound" in error_code(error):
                return True
            raise


def _instance_ended(account: Account, thing: str) -> bool:
    groups = account.client("ec2").describe_instances(InstanceIds=[thing])["Reservations"]
    return all(one["State"]["Name"] == "terminated" for group in groups for one in group["Instances"])


def _gateway_ended(account: Account, thing: str) -> bool:
    found = account.client("ec2").describe_nat_gateways(NatGatewayIds=[thing])["NatGateways"]
    return all(one["State"] == "deleted" for one in found)


def _endpoint_ended(account: Account, thing: str) -> bool:
    found = account.client("ec2").describe_vpc_endpoints(VpcEndpointIds=[thing])["VpcEndpoints"]
    return all(one["State"] == "deleted" for one in found)


def _exists(call: str, parameter: str) -> Callable[[Account, str], bool]:
    """Of what EC2 forgets at once: asking for it is the answer."""

    def ended(account: Account, thing: str) -> bool:
        client: Any = account.client("ec2")
        getattr(client, call)(**{parameter: [thing]})
        return False

    return ended


_LOOKS: Final[dict[str, Callable[[Account, str], bool]]] = {
    "ec2:instance": _instance_ended,
    "ec2:natgateway": _gateway_ended,
    "ec2:vpc-endpoint": _endpoint_ended,
    "ec2:volume": _exists("describe_volumes", "VolumeIds"),
    "ec2:network-interface": _exists("describe_network_interfaces", "NetworkInterfaceIds"),
    "ec2:vpc": _exists("describe_vpcs", "VpcIds"),
    "ec2:subnet": _exists("describe_subnets", "SubnetIds"),
    "ec2:security-group": _exists("describe_security_groups", "GroupIds"),
}
