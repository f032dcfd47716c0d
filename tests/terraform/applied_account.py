"""What install, web, push-images and smoke meet: an account after an apply, played by a server, with all in order.

helm, kubectl, aws and docker are played, because there is no EKS here; what helm renders is rendered by the real one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aws_server
import pytest
import yaml
from go_tools import HELM, NoTool
from tool_world import ACCOUNT, BUCKET, KUBERNETES, NAME, REGION, REPOSITORY, World, client, cluster, listed, world

VALUES = yaml.safe_load((REPOSITORY / "charts/gpu-nodepool/values.yaml").read_text("utf-8"))
ALIAS = str(VALUES["nodeClass"]["amiAlias"]).partition("@v")[2]
REGISTRY = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com"
TOKEN = "hf_of-the-test"
COOKIES = "# Netscape HTTP Cookie File\n.example.org\tTRUE\t/\tTRUE\t0\tsession\tof-the-test\n"
SECRETS = {kind: f"{NAME}/{kind}" for kind in ("huggingface-token", "download-cookies", "callback-keys")}
BOTTLEROCKET = [
    f"/aws/service/bottlerocket/aws-k8s-{KUBERNETES}{variant}/x86_64/{ALIAS}/image_id" for variant in ("", "-nvidia")
]
ACCOUNTS = [("kube-system", "karpenter"), *(("debates", f"talks-{part}") for part in ("worker", "models", "stats"))]
TAGS = {"operator": ["0.1.0"], "worker": ["0.1.0-cpu", "0.1.0-gpu"], "web": ["0.1.0"]}


def outputs(distribution: str) -> dict[str, Any]:
    """As lean.tfvars gives them; test_apply has those of a real apply."""
    return {
        "cluster_name": NAME,
        "region": REGION,
        "bucket": BUCKET,
        "namespaces": {"release": "debates", "karpenter": "kube-system"},
        "kubeconfig_command": f"aws eks update-kubeconfig --region {REGION} --name {NAME}",
        "registry": {"host": REGISTRY, "repositories": {}},
        "secret_names": SECRETS,
        "page": {"url": "https://d1.cloudfront.net", "distribution_id": distribution},
        "karpenter_values": {"replicas": 1, "serviceAccount": {"name": "karpenter"}, "settings": {"clusterName": NAME}},
        "node_values": {
            "nodeClass": {
                "instanceProfile": "talks-karpenter-node",
                "subnetIds": ["subnet-0a1b"],
                "securityGroupIds": ["sg-0a1b"],
                "tags": {"debate-analyzer": NAME},
            }
        },
        "helm_values": {
            "store": {"uri": f"s3://{BUCKET}", "region": REGION},
            "models": {"uri": f"s3://{BUCKET}/models"},
            "images": {
                "registry": REGISTRY,
                **{
                    part: {"repository": f"{NAME}/{name}"}
                    for part, name in (
                        ("operator", "operator"),
                        ("workerCpu", "worker"),
                        ("workerGpu", "worker"),
                        ("web", "web"),
                    )
                },
            },
            "serviceAccounts": {
                part: {"name": f"talks-{part}"} for part in ("operator", "worker", "models", "stats", "web")
            },
            "web": {"enabled": False},
        },
    }


@pytest.fixture(scope="module")
def aws() -> Iterator[str]:
    with aws_server.running_fast() as address:
        yield address


@pytest.fixture(scope="module")
def helm() -> Path:
    try:
        return HELM.find_or_build()
    except NoTool as missing:
        pytest.fail(f"install is tested with the real charts, which needs helm. {missing}")


@pytest.fixture(scope="module")
def distribution(aws: str) -> str:
    origin = {"Id": "store", "DomainName": f"{BUCKET}.s3.amazonaws.com", "S3OriginConfig": {"OriginAccessIdentity": ""}}
    behaviour = {"TargetOriginId": "store", "ViewerProtocolPolicy": "redirect-to-https", "MinTTL": 1}
    config = {
        "CallerReference": "page",
        "Comment": "",
        "Enabled": True,
        "Origins": {"Quantity": 1, "Items": [origin]},
        "DefaultCacheBehavior": behaviour | {"ForwardedValues": {"QueryString": False, "Cookies": {"Forward": "none"}}},
    }
    made = client(aws, "cloudfront", "us-east-1").create_distribution(DistributionConfig=config)
    found: str = made["Distribution"]["Id"]
    return found


@pytest.fixture(scope="module")
def subnet(aws: str) -> str:
    ec2 = client(aws, "ec2", REGION)
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    made: str = ec2.create_subnet(VpcId=vpc, CidrBlock="10.9.0.0/20")["Subnet"]["SubnetId"]
    return made


@pytest.fixture
def here(
    aws: str,
    helm: Path,
    distribution: str,
    subnet: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> Iterator[World]:
    """Everything in order: what each test then spoils is its own."""
    found = world(aws, tmp_path, monkeypatch, capfd)
    endpoint = cluster(found, subnet)
    found.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    aws_server.publish(REGION, *BOTTLEROCKET)
    for namespace, account in ACCOUNTS:
        associate(found, namespace, account)
    for repository, tags in TAGS.items():
        found.client("ecr").create_repository(repositoryName=f"{NAME}/{repository}")
        for tag in tags:
            put_image(found, repository, tag)
    for kind in SECRETS:
        found.client("secretsmanager").create_secret(Name=SECRETS[kind])
    put_secret(found, "huggingface-token", f"{TOKEN}\n")
    put_secret(found, "download-cookies", COOKIES)
    found.applied(outputs(distribution) | {"page": None})
    answer = found.programs.answer
    found.programs.pass_on("helm", "^template ", helm)
    answer("helm", "^version", "v3.22.0+g0000000")
    answer("helm", "^list", [])
    answer("aws", "^--version", "aws-cli/2.31.0 Python/3.13.0")
    answer("kubectl", "version --client", "clientVersion:\n  gitVersion: v1.35.4\n")
    answer("kubectl", "config view", endpoint)
    answer("kubectl", "get --raw=/version", {"major": "1", "minor": "35"})
    answer("kubectl", "get jobs", listed())
    yield found
    found.clear()
    for one in found.client("ecr").describe_repositories()["repositories"]:
        found.client("ecr").delete_repository(repositoryName=one["repositoryName"], force=True)
    for name in SECRETS.values():
        found.client("secretsmanager").delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
    aws_server.forget_eks()


@pytest.fixture
def served(here: World, distribution: str) -> World:
    """By CloudFront, as in both profiles; its files take a while to put."""
    here.applied(outputs(distribution))
    return here


def associate(world: World, namespace: str, account: str) -> None:
    role = f"arn:aws:iam::{ACCOUNT}:role/{account}"
    eks = world.client("eks")
    eks.create_pod_identity_association(clusterName=NAME, namespace=namespace, serviceAccount=account, roleArn=role)


def put_image(world: World, repository: str, tag: str) -> None:
    kind = "application/vnd.docker.distribution.manifest.v2+json"
    manifest = json.dumps({"schemaVersion": 2, "mediaType": kind, "config": {"digest": tag}, "layers": []})
    world.client("ecr").put_image(repositoryName=f"{NAME}/{repository}", imageTag=tag, imageManifest=manifest)


def put_secret(world: World, kind: str, value: str) -> None:
    world.client("secretsmanager").put_secret_value(SecretId=SECRETS[kind], SecretString=value)


def values_of(world: World, release: str) -> dict[str, Any]:
    (call,) = world.programs.calls(f"helm upgrade {release} ")
    found: dict[str, Any] = json.loads(call.given)
    return found
