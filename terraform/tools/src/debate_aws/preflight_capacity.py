"""Whether the region has the machines and the Kubernetes, and whether the account may start as many as it takes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from botocore.exceptions import ClientError

from debate_aws.account import error_code
from debate_aws.preflight_site import Finding, Site, asking, fail, ok, warn

# The smallest machine of each pool, in vCPUs: an xlarge with a GPU, a large without.
_GPU_NODE_VCPUS: Final = 4
_CPU_NODE_VCPUS: Final = 2
# Zones below which "sold out" comes often.
_FEW_ZONES: Final = 2


@dataclass(frozen=True)
class Quota:
    """least: without which a debate cannot run. enough: what the node pools may use at a time."""

    code: str
    what: str
    least: int
    enough: int


def check_machines(site: Site) -> Iterator[Finding]:
    """GPU types of the pool, and the system nodes' type."""
    system = [str(one) for one in site.variables["system_instance_types"]]
    zones = _zones(site, [*site.pools.gpu_types, *system])
    gpu = {kind: len(zones[kind]) for kind in site.pools.gpu_types if kind in zones}
    shown = ", ".join(f"{kind} in {count}" for kind, count in gpu.items())
    somewhere = {zone for kind in gpu for zone in zones[kind]}
    if not gpu:
        yield fail(
            f"GPU machines: {site.region} has none of {', '.join(site.pools.gpu_types)}",
            "Take another region, or other families in the node pool (gpu.instanceFamilies of charts/gpu-nodepool).",
        )
    elif len(somewhere) < _FEW_ZONES:
        yield warn(
            f"GPU machines: in one zone of {site.region} alone ({shown})",
            "When it is sold out, debates wait: a region with more zones waits less.",
        )
    else:
        yield ok(f"GPU machines, zones of {site.region}: {shown}")
    if any(kind in zones for kind in system):
        yield ok(f"system nodes: {', '.join(kind for kind in system if kind in zones)}")
    else:
        yield fail(
            f"system nodes: {site.region} has no {', '.join(system)}",
            'Set system_instance_types, such as ["t3.medium"].',
        )


def _zones(site: Site, types: list[str]) -> dict[str, set[str]]:
    """Type -> zones that have it."""
    found: dict[str, set[str]] = {}
    with asking("list the machines of the region", "ec2:DescribeInstanceTypeOfferings"):
        pages = site.account.client("ec2").get_paginator("describe_instance_type_offerings")
        filters = [{"Name": "instance-type", "Values": types}]
        for page in pages.paginate(LocationType="availability-zone", Filters=filters):
            for one in page["InstanceTypeOfferings"]:
                found.setdefault(one["InstanceType"], set()).add(one["Location"])
    return found


def check_kubernetes(site: Site, today: date) -> Iterator[Finding]:
    """Whether EKS offers the version, and still in its standard support."""
    version = str(site.variables["kubernetes_version"])
    with asking("list the versions of EKS", "eks:DescribeClusterVersions"):
        offered = site.account.client("eks").describe_cluster_versions(clusterVersions=[version])["clusterVersions"]
    found = next((one for one in offered if one["clusterVersion"] == version), None)
    status = str((found or {}).get("versionStatus") or (found or {}).get("status", "")).lower().replace("_", "-")
    if found is None or status == "unsupported":
        yield fail(f"Kubernetes {version}: EKS does not offer it", "Set kubernetes_version to one that it does.")
    elif status == "extended-support":
        yield fail(
            f"Kubernetes {version}: in extended support, where the control plane costs six times as much",
            "Set kubernetes_version to a newer one; the cluster made here would be upgraded by AWS at once.",
        )
    else:
        end = found.get("endOfStandardSupportDate")
        yield ok(f"Kubernetes {version}: supported" + (f" until {end.date()}" if end else ""))
        if end and (end.date() - today).days < 90:
            yield warn(
                f"Kubernetes {version}: standard support ends in {(end.date() - today).days} days",
                "AWS upgrades the cluster then: choose a newer one now.",
            )


def check_quotas(site: Site) -> Iterator[Finding]:
    """vCPUs of G machines and of all others, on-demand and spot. Each may be refused by itself."""
    system = _vcpus(site) * int(site.variables["system_node_count"])
    nat = 2 if site.variables["network_mode"] == "nat_instance" else 0
    gpu, cpu = site.pools.gpu_vcpus, site.pools.cpu_vcpus
    yield _quota_finding(site, Quota("L-3819A6DF", "vCPUs of spot GPU machines (G and VT)", _GPU_NODE_VCPUS, gpu))
    yield _quota_finding(site, Quota("L-DB2E81BA", "vCPUs of on-demand GPU machines (G and VT)", _GPU_NODE_VCPUS, gpu))
    yield _quota_finding(site, Quota("L-34B43A08", "vCPUs of other spot machines", _CPU_NODE_VCPUS, cpu))
    fixed = system + nat
    yield _quota_finding(
        site, Quota("L-1216C47A", "vCPUs of other on-demand machines", fixed + _CPU_NODE_VCPUS, fixed + cpu)
    )


def _vcpus(site: Site) -> int:
    kind = str(site.variables["system_instance_types"][0])
    with asking("look at the system nodes' machine", "ec2:DescribeInstanceTypes"):
        (found,) = site.account.client("ec2").describe_instance_types(InstanceTypes=[kind])["InstanceTypes"]
    return int(found["VCpuInfo"]["DefaultVCpus"])


def _quota_finding(site: Site, quota: Quota) -> Finding:
    value = read_quota(site, "ec2", quota.code)
    what = f"quota {quota.code}, {quota.what}: {value:g}"
    ask = (
        f"aws service-quotas request-service-quota-increase --region {site.region} --service-code ec2"
        f" --quota-code {quota.code} --desired-value {quota.enough}"
    )
    when = "AWS answers within minutes or within some days; for GPUs of a new account a person often looks at it."
    if value < quota.least:
        return fail(f"{what}, and {quota.least} are needed", ask, when)
    if value < quota.enough:
        return warn(f"{what}: a debate runs, and the node pools may use {quota.enough}", ask, when)
    return ok(f"{what} (at most {quota.enough} are used)")


def read_quota(site: Site, service: str, code: str) -> float:
    """As it is for this account; AWS's default where it was never changed."""
    client: Any = site.account.client("service-quotas")
    with asking("read a quota", "servicequotas:GetServiceQuota"):
        try:
            return float(client.get_service_quota(ServiceCode=service, QuotaCode=code)["Quota"]["Value"])
        except ClientError as error:
            if error_code(error) != "NoSuchResourceException":
                raise
    with asking("read a quota's default", "servicequotas:GetAWSDefaultServiceQuota"):
        return float(client.get_aws_default_service_quota(ServiceCode=service, QuotaCode=code)["Quota"]["Value"])
