"""What debate-aws meets after an apply: an account (moto's), the programs on the PATH, a checkout; and a call of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import pytest
from on_path import OnPath

from debate_aws import cli

_Session = boto3.Session
NAME = "talks"
REGION = "eu-west-1"
ACCOUNT = "123456789012"  # moto's
BUCKET = "talks-store"
KUBERNETES = "1.35"
REPOSITORY = Path(__file__).parents[2]
PROGRAMS = ("helm", "kubectl", "aws", "docker", "terraform")


@cache
def client(endpoint: str, service: str, region: str) -> Any:
    """Of boto3, which takes its time to make one."""
    make: Any = _Session("test", "test", region_name=region).client
    return make(service, endpoint_url=endpoint)


@cache
def session(region_name: str) -> boto3.Session:
    return _Session(region_name=region_name)


@dataclass
class World:
    """endpoint: of the server that plays AWS. folder: a checkout, of which terraform/ is its own."""

    endpoint: str
    folder: Path
    programs: OnPath
    monkeypatch: pytest.MonkeyPatch
    capfd: pytest.CaptureFixture[str]

    @property
    def terraform(self) -> Path:
        return self.folder / "terraform"

    def client(self, service: str, region: str = REGION) -> Any:
        return client(self.endpoint, service, region)

    def tool(self, command: str, *words: str) -> tuple[int, str]:
        """Exit code, and all that it said."""
        self.monkeypatch.setattr("sys.argv", ["debate-aws", command, "--terraform", str(self.terraform), *words])
        self.capfd.readouterr()
        try:
            cli.main()
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
        said = self.capfd.readouterr()
        return code, said.out + said.err

    def clear(self) -> None:
        """Cluster, bucket, topics, databases: for the next test."""
        eks, s3, sns, rds = map(self.client, ("eks", "s3", "sns", "rds"))
        for name in eks.list_clusters()["clusters"]:
            eks.delete_cluster(name=name)
        for bucket in (one["Name"] for one in s3.list_buckets()["Buckets"]):
            found = s3.list_object_versions(Bucket=bucket)
            for one in found.get("Versions", []) + found.get("DeleteMarkers", []):
                s3.delete_object(Bucket=bucket, Key=one["Key"], VersionId=one["VersionId"])
            s3.delete_bucket(Bucket=bucket)
        for topic in sns.list_topics()["Topics"]:
            sns.delete_topic(TopicArn=topic["TopicArn"])
        for one in rds.describe_db_instances()["DBInstances"]:
            name = one["DBInstanceIdentifier"]
            rds.modify_db_instance(DBInstanceIdentifier=name, DeletionProtection=False)
            rds.delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True)

    def applied(self, outputs: dict[str, Any], addresses: list[str] | None = None) -> None:
        """What terraform then answers: nothing of an output that is null."""
        told = {
            name: {"value": value, "sensitive": False, "type": "dynamic"}
            for name, value in outputs.items()
            if value is not None
        }
        self.programs.answer("terraform", "output -json", told)
        self.programs.answer("terraform", "state list", "\n".join(addresses or []))


def world(endpoint: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> World:
    """With credentials that the server takes, and none of who runs the tests."""
    (folder / "terraform").mkdir()
    (folder / "terraform/main.tf").touch()
    for name in ("charts", "web", "examples", "scripts"):
        (folder / name).symlink_to(REPOSITORY / name)
    programs = OnPath(folder / "programs", *PROGRAMS)
    monkeypatch.setenv("PATH", programs.path)
    for name, value in {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_EC2_METADATA_DISABLED": "true",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    # A session knows its services from then on: each of the tool's own would read their descriptions again.
    monkeypatch.setattr("debate_aws.account.boto3.Session", session)
    return World(endpoint, folder, programs, monkeypatch, capfd)


def cluster(world: World, subnet: str) -> str:
    """EKS's, active; its endpoint."""
    eks = world.client("eks")
    role = f"arn:aws:iam::{ACCOUNT}:role/talks-control-plane"
    eks.create_cluster(name=NAME, version=KUBERNETES, roleArn=role, resourcesVpcConfig={"subnetIds": [subnet]})
    endpoint: str = eks.describe_cluster(name=NAME)["cluster"]["endpoint"]
    return endpoint


def listed(*items: Any) -> str:
    """As `kubectl get -o json` answers."""
    return json.dumps({"items": list(items)})
