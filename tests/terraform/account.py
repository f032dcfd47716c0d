"""What is in an account: everything that Terraform could have made, by name, and what its roles may do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Any
from urllib.parse import unquote

import boto3
import iam

ACCOUNT = "123456789012"  # moto's
REGION = "eu-central-1"


class Account:
    def __init__(self, endpoint: str) -> None:
        self._endpoint = endpoint

    def client(self, service: str, region: str = REGION) -> Any:
        session = boto3.Session("test", "test", region_name=region)
        make: Any = session.client  # whose types name every service by itself
        return make(service, endpoint_url=self._endpoint)

    def everything(self) -> set[str]:
        """kind name, of all that there is. What an account has from its beginning is in it too."""
        return {f"{kind} {name}" for kind, name in self._things()}

    def role_allows(self, role: str, request: iam.Request) -> bool:
        """Whether the role's inline policies allow it; it must have no other."""
        return iam.allows(self._policies(role), request)

    def trust(self, role: str) -> Any:
        """The one statement that says who may take the role."""
        trust = document(self.client("iam").get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"])
        (statement,) = trust["Statement"]
        return statement

    @cache  # noqa: B019 (an account lives as long as the tests)
    def _policies(self, role: str) -> list[iam.Document]:
        client = self.client("iam")
        assert client.list_attached_role_policies(RoleName=role)["AttachedPolicies"] == []
        names = client.list_role_policies(RoleName=role)["PolicyNames"]
        assert names
        return [document(client.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]) for name in names]

    def _things(self) -> Iterator[tuple[str, str]]:
        for service, call, found, name in _LISTS:
            answer = getattr(self.client(service), call)()
            for item in answer.get(found, []):
                yield f"{service}.{found}", item if isinstance(item, str) else item[name]
        yield from self._what_outlives_its_end()

    def _what_outlives_its_end(self) -> Iterator[tuple[str, str]]:
        """What EC2 still tells of for a while when it is gone, without that."""
        ec2 = self.client("ec2")
        instances = [one for group in ec2.describe_instances()["Reservations"] for one in group["Instances"]]
        yield from (("ec2.Instances", one["InstanceId"]) for one in instances if one["State"]["Name"] != "terminated")
        gateways = ec2.describe_nat_gateways()["NatGateways"]
        yield from (("ec2.NatGateways", one["NatGatewayId"]) for one in gateways if one["State"] != "deleted")
        endpoints = ec2.describe_vpc_endpoints()["VpcEndpoints"]
        yield from (("ec2.VpcEndpoints", one["VpcEndpointId"]) for one in endpoints if one["State"] != "deleted")
        # moto forgets the interface of a NAT gateway, whose subnet is gone.
        subnets = {subnet["SubnetId"] for subnet in ec2.describe_subnets()["Subnets"]}
        interfaces = ec2.describe_network_interfaces()["NetworkInterfaces"]
        yield from (
            ("ec2.NetworkInterfaces", one["NetworkInterfaceId"]) for one in interfaces if one["SubnetId"] in subnets
        )


_LISTS = (
    ("ec2", "describe_vpcs", "Vpcs", "VpcId"),
    ("ec2", "describe_subnets", "Subnets", "SubnetId"),
    ("ec2", "describe_security_groups", "SecurityGroups", "GroupId"),
    ("ec2", "describe_route_tables", "RouteTables", "RouteTableId"),
    ("ec2", "describe_internet_gateways", "InternetGateways", "InternetGatewayId"),
    ("ec2", "describe_addresses", "Addresses", "AllocationId"),
    ("ec2", "describe_launch_templates", "LaunchTemplates", "LaunchTemplateName"),
    ("ec2", "describe_volumes", "Volumes", "VolumeId"),
    ("s3", "list_buckets", "Buckets", "Name"),
    ("sqs", "list_queues", "QueueUrls", ""),
    ("sns", "list_topics", "Topics", "TopicArn"),
    ("iam", "list_roles", "Roles", "RoleName"),
    ("iam", "list_instance_profiles", "InstanceProfiles", "InstanceProfileName"),
    ("iam", "list_open_id_connect_providers", "OpenIDConnectProviderList", "Arn"),
    ("eks", "list_clusters", "clusters", ""),
    ("logs", "describe_log_groups", "logGroups", "logGroupName"),
    ("cloudwatch", "describe_alarms", "MetricAlarms", "AlarmName"),
    ("events", "list_rules", "Rules", "Name"),
    ("ecr", "describe_repositories", "repositories", "repositoryName"),
    ("secretsmanager", "list_secrets", "SecretList", "Name"),
)


def document(policy: Any) -> Any:
    """A policy document, which some answers have as text."""
    return json.loads(unquote(policy)) if isinstance(policy, str) else policy
