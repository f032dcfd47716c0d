"""What Kubernetes makes in an account and Terraform does not know: how each kind is found, and how it is deleted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import ClientError

from debate_aws import belongs
from debate_aws.account import Account, error_code


@dataclass(frozen=True)
class Leftover:
    """One thing. what: its kind in words. note: what a person knows it by."""

    what: str
    id: str
    note: str = ""

    def __str__(self) -> str:
        return f"{self.what} {self.id}" + (f" ({self.note})" if self.note else "")


Find = Callable[[Account, str], Iterator[Leftover]]
"""(account, cluster's name); raises what boto3 raises"""
Delete = Callable[[Account, str, Leftover], None]
"""(account, cluster's name, what)"""


@dataclass(frozen=True)
class Kind:
    """find: all of it that is still there. slow: deleting only begins it, and others depend on its end."""

    find: Find
    delete: Delete
    slow: bool = False


def _pages(client: Any, call: str, **given: Any) -> Iterator[Any]:
    yield from client.get_paginator(call).paginate(**given)


# --- Machines of Karpenter


def _instances(account: Account, name: str) -> Iterator[Leftover]:
    alive = ["pending", "running", "stopping", "stopped", "shutting-down"]
    filters = [
        {"Name": "tag-key", "Values": ["karpenter.sh/nodepool"]},
        {"Name": "instance-state-name", "Values": alive},
    ]
    for page in _pages(account.client("ec2"), "describe_instances", Filters=filters):
        for one in (instance for group in page["Reservations"] for instance in group["Instances"]):
            if belongs.to_karpenter(belongs.tags(one.get("Tags")), name):
                yield Leftover("instance", one["InstanceId"], one["InstanceType"])


def _terminate(account: Account, _name: str, found: Leftover) -> None:
    account.client("ec2").terminate_instances(InstanceIds=[found.id])


def _templates(account: Account, name: str) -> Iterator[Leftover]:
    for page in _pages(account.client("ec2"), "describe_launch_templates"):
        for one in page["LaunchTemplates"]:
            marks = belongs.tags(one.get("Tags"))
            older = marks.get("karpenter.k8s.aws/cluster") == name  # before Karpenter 1.0
            if older or belongs.to_karpenter(marks, name):
                yield Leftover("launch template", one["LaunchTemplateId"], one["LaunchTemplateName"])


def _delete_template(account: Account, _name: str, found: Leftover) -> None:
    account.client("ec2").delete_launch_template(LaunchTemplateId=found.id)


# --- Load balancers of Ingresses and Services


def _balancers(account: Account, name: str) -> Iterator[Leftover]:
    yield from _of_elbv2(account, name, "load balancer", "describe_load_balancers", "LoadBalancer")


def _delete_balancer(account: Account, _name: str, found: Leftover) -> None:
    client = account.client("elbv2")
    off = [{"Key": "deletion_protection.enabled", "Value": "false"}]
    client.modify_load_balancer_attributes(LoadBalancerArn=found.id, Attributes=off)
    client.delete_load_balancer(LoadBalancerArn=found.id)


def _target_groups(account: Account, name: str) -> Iterator[Leftover]:
    yield from _of_elbv2(account, name, "target group", "describe_target_groups", "TargetGroup")


def _delete_target_group(account: Account, _name: str, found: Leftover) -> None:
    account.client("elbv2").delete_target_group(TargetGroupArn=found.id)


def _of_elbv2(account: Account, name: str, what: str, call: str, word: str) -> Iterator[Leftover]:
    """word: what AWS's names of the kind begin with."""
    client = account.client("elbv2")
    found = {one[f"{word}Arn"]: one[f"{word}Name"] for page in _pages(client, call) for one in page[f"{word}s"]}
    for one in _tagged(client, "ResourceArns", list(found), name):
        yield Leftover(what, one["ResourceArn"], found[one["ResourceArn"]])


def _tagged(client: Any, parameter: str, ids: list[str], name: str) -> Iterator[Any]:
    """Descriptions of tags, of those of the cluster. parameter: of the call, for ids."""
    for start in range(0, len(ids), 20):  # AWS tells the tags of 20 at a time
        for one in _descriptions(client, parameter, ids[start : start + 20]):
            if belongs.to_cluster(belongs.tags(one["Tags"]), name):
                yield one


def _descriptions(client: Any, parameter: str, ids: list[str]) -> list[Any]:
    """AWS answers for none where one of them, whosever it is, has gone since it was listed: then each by itself."""
    try:
        found: list[Any] = client.describe_tags(**{parameter: ids})["TagDescriptions"]
    except ClientError as error:
        if error_code(error) not in GONE:
            raise
        return [found for one in ids for found in _descriptions(client, parameter, [one])] if len(ids) > 1 else []
    return found


def _classic(account: Account, name: str) -> Iterator[Leftover]:
    client = account.client("elb")
    names = [
        one["LoadBalancerName"]
        for page in _pages(client, "describe_load_balancers")
        for one in page["LoadBalancerDescriptions"]
    ]
    for one in _tagged(client, "LoadBalancerNames", names, name):
        yield Leftover("classic load balancer", one["LoadBalancerName"])


def _delete_classic(account: Account, _name: str, found: Leftover) -> None:
    account.client("elb").delete_load_balancer(LoadBalancerName=found.id)


# --- What keeps a network from being deleted


def _interfaces(account: Account, name: str) -> Iterator[Leftover]:
    """Those that nothing uses: of nodes that ended before their pods' addresses were given back."""
    free = [{"Name": "status", "Values": ["available"]}]
    for page in _pages(account.client("ec2"), "describe_network_interfaces", Filters=free):
        for one in page["NetworkInterfaces"]:
            if belongs.to_cluster(belongs.tags(one.get("TagSet")), name):
                yield Leftover("network interface", one["NetworkInterfaceId"], one.get("Description", ""))


def _delete_interface(account: Account, _name: str, found: Leftover) -> None:
    account.client("ec2").delete_network_interface(NetworkInterfaceId=found.id)


def _groups(account: Account, name: str) -> Iterator[Leftover]:
    for page in _pages(account.client("ec2"), "describe_security_groups"):
        for one in page["SecurityGroups"]:
            marks = belongs.tags(one.get("Tags"))
            if belongs.to_cluster(marks, name) and not belongs.to_eks_itself(marks, one["GroupName"]):
                yield Leftover("security group", one["GroupId"], one["GroupName"])


def _delete_group(account: Account, name: str, found: Leftover) -> None:
    """Rules of the cluster's other groups that name it come first: AWS deletes none that is named."""
    ec2 = account.client("ec2")
    for direction, call in (
        ("ip-permission", ec2.revoke_security_group_ingress),
        ("egress.ip-permission", ec2.revoke_security_group_egress),
    ):
        naming = [{"Name": f"{direction}.group-id", "Values": [found.id]}]
        for group in ec2.describe_security_groups(Filters=naming)["SecurityGroups"]:
            marks = belongs.tags(group.get("Tags"))
            ours = belongs.to_cluster(marks, name) or belongs.to_installation(marks, name)
            if not ours or group["GroupId"] == found.id:
                continue
            field = "IpPermissions" if direction == "ip-permission" else "IpPermissionsEgress"
            rules = [_only(rule, found.id) for rule in group[field] if _names(rule, found.id)]
            call(GroupId=group["GroupId"], IpPermissions=rules)
    ec2.delete_security_group(GroupId=found.id)


def _names(rule: Any, group_id: str) -> bool:
    return any(pair["GroupId"] == group_id for pair in rule.get("UserIdGroupPairs", []))


def _only(rule: Any, group_id: str) -> Any:
    """The rule as far as it names that group."""
    kept = {key: rule[key] for key in ("IpProtocol", "FromPort", "ToPort") if key in rule}
    return kept | {"UserIdGroupPairs": [pair for pair in rule["UserIdGroupPairs"] if pair["GroupId"] == group_id]}


# --- Disks and logs


def _volumes(account: Account, name: str) -> Iterator[Leftover]:
    free = [{"Name": "status", "Values": ["available", "error"]}]
    for page in _pages(account.client("ec2"), "describe_volumes", Filters=free):
        for one in page["Volumes"]:
            if belongs.to_cluster(belongs.tags(one.get("Tags")), name):
                yield Leftover("volume", one["VolumeId"], f"{one['Size']} GiB")


def _delete_volume(account: Account, _name: str, found: Leftover) -> None:
    account.client("ec2").delete_volume(VolumeId=found.id)


def _log_groups(account: Account, name: str) -> Iterator[Leftover]:
    """By name: those that AWS makes have no tag of ours. The slash keeps out a cluster of a longer name."""
    for prefix in (f"/aws/eks/{name}/", f"/aws/containerinsights/{name}/"):
        for page in _pages(account.client("logs"), "describe_log_groups", logGroupNamePrefix=prefix):
            for one in page["logGroups"]:
                yield Leftover("log group", one["logGroupName"])


def _delete_log_group(account: Account, _name: str, found: Leftover) -> None:
    account.client("logs").delete_log_group(logGroupName=found.id)


BEFORE: Final = (
    Kind(_balancers, _delete_balancer, slow=True),
    Kind(_classic, _delete_classic, slow=True),
    Kind(_instances, _terminate, slow=True),
    Kind(_target_groups, _delete_target_group),
    Kind(_templates, _delete_template),
    Kind(_interfaces, _delete_interface),
    Kind(_groups, _delete_group),
    Kind(_volumes, _delete_volume),
)
"""In the order in which they can go: each before what it holds."""

AFTER: Final = (*BEFORE, Kind(_log_groups, _delete_log_group))
"""Logs last: as long as there are pods and a control plane, they are made anew."""

BALANCERS: Final = BEFORE[:2]
INSTANCES: Final = BEFORE[2]

GONE: Final = {
    "InvalidInstanceID.NotFound",
    "InvalidLaunchTemplateId.NotFound",
    "LoadBalancerNotFound",
    "TargetGroupNotFound",
    "InvalidNetworkInterfaceID.NotFound",
    "InvalidGroup.NotFound",
    "InvalidVolume.NotFound",
    "ResourceNotFoundException",
}
BUSY: Final = {
    "DependencyViolation",
    "ResourceInUse",
    "InvalidNetworkInterface.InUse",
    "VolumeInUse",
    "InvalidGroup.InUse",
}
"""Something that is on its way out still holds it."""


def delete(account: Account, name: str, kind: Kind, found: Leftover) -> bool:
    """Whether it is gone or going; not: what holds it goes first. Raises ClientError for what waiting cannot mend."""
    try:
        kind.delete(account, name, found)
    except ClientError as error:
        if error_code(error) in GONE:
            return True
        if error_code(error) in BUSY:
            return False
        raise
    return True
