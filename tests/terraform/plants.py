"""What a cluster leaves in an account when nobody cleans up: made as its controllers make it, tags and all."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError
from tool_world import client

IMAGE = "ami-12c6146b"  # moto has it


def tag_list(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def tagged(tags: dict[str, str]) -> dict[str, Any]:
    """The parameter of a call, which must not be empty."""
    return {"Tags": tag_list(tags)} if tags else {}


def of_karpenter(cluster: str) -> dict[str, str]:
    """As Karpenter 1.14 marks machines, volumes, interfaces and launch templates (pkg/utils, GetTags)."""
    return {
        f"kubernetes.io/cluster/{cluster}": "owned",
        "karpenter.sh/nodepool": "gpu",
        "eks:eks-cluster-name": cluster,
        "karpenter.k8s.aws/ec2nodeclass": "debate-gpu",
        "debate-analyzer": cluster,
    }


def of_load_balancers(cluster: str) -> dict[str, str]:
    """As the AWS Load Balancer Controller does."""
    return {"elbv2.k8s.aws/cluster": cluster, "ingress.k8s.aws/stack": "debates/debate-web"}


def of_services(cluster: str) -> dict[str, str]:
    """As Kubernetes' own controller of Services does."""
    return {f"kubernetes.io/cluster/{cluster}": "owned", "kubernetes.io/service-name": "debates/web"}


def of_pod_network(cluster: str) -> dict[str, str]:
    """As the VPC CNI does."""
    return {"cluster.k8s.amazonaws.com/name": cluster, "node.k8s.amazonaws.com/instance_id": "i-0a1b"}


@dataclass
class Planted:
    """kind -> ids, of one set."""

    of: dict[str, list[str]] = field(default_factory=dict)

    def add(self, kind: str, found: str) -> str:
        self.of.setdefault(kind, []).append(found)
        return found

    @property
    def everything(self) -> set[tuple[str, str]]:
        return {(kind, one) for kind, ids in self.of.items() for one in ids}


class Garden:
    """Plants a set of everything with the tags of one owner; and says what is there."""

    def __init__(self, endpoint: str, region: str) -> None:
        self._region = region
        self.ec2, self.elbv2, self.elb, self.logs = (
            client(endpoint, service, region) for service in ("ec2", "elbv2", "elb", "logs")
        )
        self.vpc = self.ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
        self.subnets = [
            self.ec2.create_subnet(VpcId=self.vpc, CidrBlock=cidr, AvailabilityZone=region + zone)["Subnet"]["SubnetId"]
            for zone, cidr in (("a", "10.9.0.0/20"), ("b", "10.9.16.0/20"))
        ]

    def plant(self, label: str, cluster: str | None) -> Planted:
        """A set of its kinds. label: in the names. cluster: whose; None: without any tag."""
        planted = Planted()

        def marks(kind: Any) -> dict[str, str]:
            return kind(cluster) if cluster else {}

        planted.add("instance", self.instance(marks(of_karpenter)))
        template = self.ec2.create_launch_template(
            LaunchTemplateName=f"{label}-template",
            LaunchTemplateData={"InstanceType": "g4dn.xlarge"},
            **self._specification("launch-template", marks(of_karpenter)),
        )
        planted.add("launch template", template["LaunchTemplate"]["LaunchTemplateId"])
        interface = self.ec2.create_network_interface(
            SubnetId=self.subnets[0], **self._specification("network-interface", marks(of_pod_network))
        )
        planted.add("network interface", interface["NetworkInterface"]["NetworkInterfaceId"])
        volume = self.ec2.create_volume(
            AvailabilityZone=f"{self._region}a", Size=8, **self._specification("volume", marks(of_services))
        )
        planted.add("volume", volume["VolumeId"])
        group = planted.add("security group", self.group(f"k8s-{label}", marks(of_load_balancers)))
        planted.add("security group", self.group(f"k8s-elb-{label}", marks(of_services)))
        balancer = self.elbv2.create_load_balancer(
            Name=f"k8s-{label}", Subnets=self.subnets, SecurityGroups=[group], **tagged(marks(of_load_balancers))
        )
        planted.add("load balancer", balancer["LoadBalancers"][0]["LoadBalancerArn"])
        targets = self.elbv2.create_target_group(
            Name=f"k8s-{label}", Protocol="HTTP", Port=80, VpcId=self.vpc, **tagged(marks(of_load_balancers))
        )
        planted.add("target group", targets["TargetGroups"][0]["TargetGroupArn"])
        self.elb.create_load_balancer(
            LoadBalancerName=f"classic-{label}",
            Listeners=[{"Protocol": "TCP", "LoadBalancerPort": 80, "InstancePort": 30080}],
            Subnets=self.subnets[:1],
            **tagged(marks(of_services)),
        )
        planted.add("classic load balancer", f"classic-{label}")
        for name in (f"/aws/eks/{cluster or label}/cluster", f"/aws/containerinsights/{cluster or label}/application"):
            self.logs.create_log_group(logGroupName=name)
            planted.add("log group", name)
        return planted

    def instance(self, tags: dict[str, str]) -> str:
        made = self.ec2.run_instances(
            ImageId=IMAGE,
            MinCount=1,
            MaxCount=1,
            InstanceType="g4dn.xlarge",
            SubnetId=self.subnets[0],
            **self._specification("instance", tags),
        )
        found: str = made["Instances"][0]["InstanceId"]
        return found

    def group(self, name: str, tags: dict[str, str]) -> str:
        made = self.ec2.create_security_group(
            GroupName=name, Description=name, VpcId=self.vpc, **self._specification("security-group", tags)
        )
        found: str = made["GroupId"]
        return found

    def _specification(self, kind: str, tags: dict[str, str]) -> dict[str, Any]:
        return {"TagSpecifications": [{"ResourceType": kind, "Tags": tag_list(tags)}]} if tags else {}

    def clear(self, kept: set[tuple[str, str]]) -> None:
        """All but that, for the next test: a new server would take seconds, since EC2 reads its lists anew."""
        ec2 = self.ec2
        ends = {
            "load balancer": lambda one: self.elbv2.delete_load_balancer(LoadBalancerArn=one),
            "target group": lambda one: self.elbv2.delete_target_group(TargetGroupArn=one),
            "classic load balancer": lambda one: self.elb.delete_load_balancer(LoadBalancerName=one),
            "log group": lambda one: self.logs.delete_log_group(logGroupName=one),
            "instance": lambda one: ec2.terminate_instances(InstanceIds=[one]),
            "launch template": lambda one: ec2.delete_launch_template(LaunchTemplateId=one),
            "network interface": lambda one: ec2.delete_network_interface(NetworkInterfaceId=one),
            "volume": lambda one: ec2.delete_volume(VolumeId=one),
            "security group": lambda one: ec2.delete_security_group(GroupId=one),
        }
        new = sorted(self.there() - kept)
        for kind, end in ends.items():
            for one in [one for found, one in new if found == kind]:
                with suppress(ClientError):  # gone with what held it
                    end(one)

    def there(self) -> set[tuple[str, str]]:
        """All of those kinds that is in the region, whosever."""
        ec2 = self.ec2
        instances = [one for group in ec2.describe_instances()["Reservations"] for one in group["Instances"]]
        found: dict[str, list[str]] = {
            "instance": [one["InstanceId"] for one in instances if one["State"]["Name"] != "terminated"],
            "launch template": [one["LaunchTemplateId"] for one in ec2.describe_launch_templates()["LaunchTemplates"]],
            "network interface": [
                one["NetworkInterfaceId"] for one in ec2.describe_network_interfaces()["NetworkInterfaces"]
            ],
            "volume": [one["VolumeId"] for one in ec2.describe_volumes()["Volumes"]],
            "security group": [one["GroupId"] for one in ec2.describe_security_groups()["SecurityGroups"]],
            "load balancer": [one["LoadBalancerArn"] for one in self.elbv2.describe_load_balancers()["LoadBalancers"]],
            "target group": [one["TargetGroupArn"] for one in self.elbv2.describe_target_groups()["TargetGroups"]],
            "classic load balancer": [
                one["LoadBalancerName"] for one in self.elb.describe_load_balancers()["LoadBalancerDescriptions"]
            ],
            "log group": [one["logGroupName"] for one in self.logs.describe_log_groups()["logGroups"]],
        }
        return {(kind, one) for kind, ids in found.items() for one in ids}
