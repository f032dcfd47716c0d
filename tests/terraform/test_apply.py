"""apply with prod.tfvars against a server that plays AWS; what is then there, and what each role may do; destroy.

The options that moto cannot play (CloudFront's policies, budgets) are off here and have their tests with mocks.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import aws_server
import pytest
from account import ACCOUNT, REGION, Account, document
from botocore.exceptions import ClientError
from go_tools import HELM, module_folder
from helm_chart import Chart
from iam import Request
from terraform_cli import NoTerraform, Terraform, copy_of_root

from debate_aws.account import Account as DoomedAccount
from debate_aws.charts import KARPENTER
from debate_aws.cluster import associations
from debate_aws.destroy import Doomed
from debate_aws.project import Project
from debate_aws.root import Root
from debate_aws.values import accounts, merged, pods_to_pools

CHARTS = Path(__file__).parents[2] / "charts"
NAME = "debate-analyzer"
BUCKET = f"{NAME}-{ACCOUNT}-{REGION}"
STORE = f"arn:aws:s3:::{BUCKET}"
REPLICA = "debates-replica"
OWN_BACKEND = 'terraform {\n  backend "local" {}\n}\n'
OPTIONS = {
    "region": REGION,
    "cdn": "false",
    "github_repository": "example/debates",
    "github_plan": "true",
    "replica_bucket_arn": f"arn:aws:s3:::{REPLICA}",
    "bucket_force_destroy": "true",
    "upload_origins": '["https://debates.example.org"]',
    "source_bucket_arns": '["arn:aws:s3:::recordings"]',
    "admin_principal_arns": f'["arn:aws:iam::{ACCOUNT}:role/ops"]',
    "alarm_emails": '["ops@example.org"]',
}
# The server answers at once; what takes time is the provider, which waits between its questions.
AT_A_TIME = "-parallelism=40"


@dataclass(frozen=True)
class Applied:
    terraform: Terraform
    account: Account
    outputs: dict[str, Any]
    before: set[str]

    def destroy(self) -> None:
        self.terraform.run("destroy", *_arguments())


def _arguments() -> list[str]:
    options = [f"-var={name}={value}" for name, value in OPTIONS.items()]
    return ["-auto-approve", "-input=false", "-no-color", AT_A_TIME, "-var-file=prod.tfvars", *options]


@pytest.fixture(scope="module")
def aws() -> Iterator[str]:
    """Address of a server that plays AWS, with nothing in it."""
    with aws_server.running() as address:
        yield address


def make_replica(account: Account) -> None:
    """The bucket that Terraform does not make, as terraform/README.md says."""
    s3 = account.client("s3", "eu-west-1")
    s3.create_bucket(Bucket=REPLICA, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_bucket_versioning(Bucket=REPLICA, VersioningConfiguration={"Status": "Enabled"})


@pytest.fixture(scope="module")
def applied(aws: str, tmp_path_factory: pytest.TempPathFactory) -> Applied:
    env = {"AWS_ENDPOINT_URL": aws, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    account = Account(aws)
    make_replica(account)
    before = account.everything()
    try:
        terraform = copy_of_root(tmp_path_factory.mktemp("applied") / "root", env)
        (terraform.folder / "backend_override.tf").write_text(OWN_BACKEND, encoding="utf-8")
        terraform.init()
    except NoTerraform as error:
        pytest.fail(str(error), pytrace=False)
    terraform.run("apply", *_arguments())
    return Applied(terraform, account, terraform.outputs(), before)


class TestBucket:
    @pytest.fixture
    def s3(self, applied: Applied) -> Any:
        return applied.account.client("s3")

    def test_versions_and_encryption(self, s3: Any) -> None:
        assert s3.get_bucket_versioning(Bucket=BUCKET)["Status"] == "Enabled"
        (rule,) = s3.get_bucket_encryption(Bucket=BUCKET)["ServerSideEncryptionConfiguration"]["Rules"]
        assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"

    def test_nothing_can_be_made_public(self, s3: Any) -> None:
        assert set(s3.get_public_access_block(Bucket=BUCKET)["PublicAccessBlockConfiguration"].values()) == {True}

    def test_by_tls_alone(self, s3: Any) -> None:
        (statement,) = document(s3.get_bucket_policy(Bucket=BUCKET)["Policy"])["Statement"]
        assert statement["Effect"] == "Deny"
        assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
        assert set(statement["Resource"]) == {STORE, f"{STORE}/*"}

    def test_what_ends_and_when(self, s3: Any) -> None:
        rules = s3.get_bucket_lifecycle_configuration(Bucket=BUCKET)["Rules"]
        days = {
            rule["Filter"]["Prefix"]: rule["Expiration"]["Days"]
            for rule in rules
            if "Days" in rule.get("Expiration", {})
        }
        assert days == {"work/": 7, "uploads/": 7}
        assert [rule["Filter"]["Prefix"] for rule in rules if "AbortIncompleteMultipartUpload" in rule] == [""]

    def test_what_cannot_be_computed_again_is_copied(self, s3: Any) -> None:
        copied = s3.get_bucket_replication(Bucket=BUCKET)["ReplicationConfiguration"]
        rules = copied["Rules"]
        # By their names: moto forgets the prefixes.
        assert [rule["ID"] for rule in rules] == ["jobs", "manifest", "models", "people.json"]
        assert {rule["Destination"]["Bucket"] for rule in rules} == {f"arn:aws:s3:::{REPLICA}"}
        assert copied["Role"] == f"arn:aws:iam::{ACCOUNT}:role/{NAME}-replication"

    def test_a_browser_sees_etags(self, s3: Any) -> None:
        (rule,) = s3.get_bucket_cors(Bucket=BUCKET)["CORSRules"]
        assert rule["AllowedOrigins"] == ["https://debates.example.org"]
        assert rule["ExposeHeaders"] == ["ETag"]

    def test_a_request_without_tls_is_refused(self, s3: Any) -> None:
        with pytest.raises(ClientError, match="403"):
            s3.put_object(Bucket=BUCKET, Key="jobs/a/job.json", Body=b"x")

    def test_an_upload_is_told_and_our_own_copy_is_not(self, s3: Any, applied: Applied) -> None:
        sqs = applied.account.client("sqs")
        url = applied.outputs["queues"]["uploads"]
        sqs.purge_queue(QueueUrl=url)  # S3's own test message
        policy = s3.get_bucket_policy(Bucket=BUCKET)["Policy"]
        s3.delete_bucket_policy(Bucket=BUCKET)  # the server here has no TLS
        for key in ("jobs/a/videos/a.mp4", "uploads/one/source.mp4", "work/a/audio.s16"):
            s3.put_object(Bucket=BUCKET, Key=key, Body=b"x")
        s3.put_bucket_policy(Bucket=BUCKET, Policy=policy)
        messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=0)["Messages"]
        records = [record for message in messages for record in json.loads(message["Body"])["Records"]]
        assert [unquote(record["s3"]["object"]["key"]) for record in records] == ["uploads/one/source.mp4"]


class TestQueue:
    def test_what_fails_is_put_aside(self, applied: Applied) -> None:
        sqs = applied.account.client("sqs")
        queues = applied.outputs["queues"]
        told = sqs.get_queue_attributes(QueueUrl=queues["uploads"], AttributeNames=["All"])["Attributes"]
        dead = sqs.get_queue_attributes(QueueUrl=queues["dead"], AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        assert json.loads(told["RedrivePolicy"]) == {"deadLetterTargetArn": dead, "maxReceiveCount": 5}
        allow, deny = json.loads(told["Policy"])["Statement"]
        assert allow["Principal"] == {"Service": "s3.amazonaws.com"}
        assert allow["Condition"] == {
            "ArnEquals": {"aws:SourceArn": STORE},
            "StringEquals": {"aws:SourceAccount": ACCOUNT},
        }
        assert deny["Effect"] == "Deny"

    def test_alarms_tell(self, applied: Applied) -> None:
        alarms = applied.account.client("cloudwatch").describe_alarms()["MetricAlarms"]
        topic = applied.outputs["alarm_topic_arn"]
        assert {alarm["AlarmName"]: alarm["AlarmActions"] for alarm in alarms} == {
            f"{NAME}-{alarm}": [topic]
            for alarm in ("uploads-failed", "uploads-waiting", "pods-waiting", "gpu-running", "karpenter-silent")
        }
        subscribed = applied.account.client("sns").list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
        assert [(one["Protocol"], one["Endpoint"]) for one in subscribed] == [("email", "ops@example.org")]


class TestCluster:
    @pytest.fixture
    def eks(self, applied: Applied) -> Any:
        return applied.account.client("eks")

    def test_system_nodes(self, eks: Any) -> None:
        group = eks.describe_nodegroup(clusterName=NAME, nodegroupName="system")["nodegroup"]
        assert group["taints"] == [{"key": "CriticalAddonsOnly", "value": "true", "effect": "NO_SCHEDULE"}]
        assert group["scalingConfig"] == {"minSize": 2, "desiredSize": 2, "maxSize": 3}
        assert len(group["subnets"]) == 3

    def test_private_nodes(self, applied: Applied) -> None:
        subnets = applied.account.client("ec2").describe_subnets(
            SubnetIds=applied.outputs["node_values"]["nodeClass"]["subnetIds"]
        )
        assert not any(subnet["MapPublicIpOnLaunch"] for subnet in subnets["Subnets"])

    def test_addons(self, eks: Any) -> None:
        assert set(eks.list_addons(clusterName=NAME)["addons"]) == {
            "vpc-cni",
            "kube-proxy",
            "eks-pod-identity-agent",
            "coredns",
            "amazon-cloudwatch-observability",
        }

    def test_who_may_come_in(self, eks: Any) -> None:
        principals = eks.list_access_entries(clusterName=NAME)["accessEntries"]
        assert {arn.rsplit("/", 1)[1] for arn in principals} == {"ops", f"{NAME}-karpenter-node"}

    def test_every_log_ends(self, applied: Applied) -> None:
        groups = applied.account.client("logs").describe_log_groups()["logGroups"]
        assert len(groups) == 4
        assert {group.get("retentionInDays") for group in groups} == {90}

    def test_images_and_secrets(self, applied: Applied) -> None:
        repositories = applied.account.client("ecr").describe_repositories()["repositories"]
        assert {one["repositoryName"]: one["imageTagMutability"] for one in repositories} == {
            f"{NAME}/{part}": "IMMUTABLE" for part in ("operator", "worker", "web")
        }
        secrets = applied.account.client("secretsmanager")
        for name in applied.outputs["secret_names"].values():
            assert "VersionIdsToStages" not in secrets.describe_secret(SecretId=name)  # no value, so none in the state


# part -> what it may do with a key, of r(ead), w(rite), d(elete). What is not here it may not.
RIGHTS = {
    "worker": {
        "models/a/b@1/model.bin": "r",
        "models/index.json": "r",
        "jobs/a/owner.json": "rwd",
        "work/a/plan.json": "rwd",
        "manifest/a.json": "rwd",
        "uploads/one/source.mp4": "r",
        "people.json": "r",
        "statistics/by-job/a.json": "rd",
        "statistics/files/a/a.vtt": "rd",
    },
    "stats": {
        "jobs/a/owner.json": "r",
        "manifest/a.json": "rw",
        "people.json": "r",
        "statistics/index.json": "rwd",
        "statistics/by-job/a.json": "rwd",
        "statistics/files/a/a.vtt": "rwd",
    },
    "web": {
        "statistics/index.json": "r",
        "statistics/by-job/a.json": "r",
        "statistics/files/a/a.vtt": "r",
    },
    "models": {"models/a/b@1/model.bin": "rwd", "models/index.json": "rwd"},
    "gateway": {"uploads/one/source.mp4": "rwd"},
    "github": {"website/index.html": "rwd"},
}
KEYS = sorted({key for rights in RIGHTS.values() for key in rights})
ACTIONS = {"r": "s3:GetObject", "w": "s3:PutObject", "d": "s3:DeleteObject"}


class TestRoles:
    @pytest.mark.parametrize("part", RIGHTS)
    def test_what_it_may_do_with_the_store(self, applied: Applied, part: str) -> None:
        may = {
            key: "".join(
                letter
                for letter, action in ACTIONS.items()
                if applied.account.role_allows(f"{NAME}-{part}", Request(action, f"{STORE}/{key}"))
            )
            for key in KEYS
        }
        assert {key: letters for key, letters in may.items() if letters} == RIGHTS[part]

    @pytest.mark.parametrize("part", [part for part in RIGHTS if part != "github"])
    def test_it_lists_what_it_reads_and_learns_what_is_missing(self, applied: Applied, part: str) -> None:
        def may_list(prefix: str | None) -> bool:
            context = {} if prefix is None else {"s3:prefix": prefix}
            return applied.account.role_allows(f"{NAME}-{part}", Request("s3:ListBucket", STORE, context))

        assert may_list(None)  # what S3 asks for before it says 404 instead of 403, and of HeadBucket
        for folder in ("models/", "jobs/a/", "work/a/", "manifest/", "uploads/", "statistics/by-job/"):
            readable = any(key.startswith(folder) and "r" in rights for key, rights in RIGHTS[part].items())
            assert may_list(folder) is readable, folder

    @pytest.mark.parametrize("part", RIGHTS)
    def test_it_changes_nothing_of_the_bucket_and_no_old_version(self, applied: Applied, part: str) -> None:
        for action in ("s3:PutBucketPolicy", "s3:DeleteBucket", "s3:PutLifecycleConfiguration"):
            assert not applied.account.role_allows(f"{NAME}-{part}", Request(action, STORE))
        for key in KEYS:
            assert not applied.account.role_allows(
                f"{NAME}-{part}", Request("s3:DeleteObjectVersion", f"{STORE}/{key}")
            )

    def test_sources_in_other_buckets(self, applied: Applied) -> None:
        source = "arn:aws:s3:::recordings/a.mp4"
        assert applied.account.role_allows(f"{NAME}-worker", Request("s3:GetObject", source))
        assert not applied.account.role_allows(f"{NAME}-worker", Request("s3:PutObject", source))
        assert not applied.account.role_allows(f"{NAME}-worker", Request("s3:GetObject", "arn:aws:s3:::others/a.mp4"))
        assert not applied.account.role_allows(f"{NAME}-stats", Request("s3:GetObject", source))

    def test_the_queue_is_the_gateways(self, applied: Applied) -> None:
        queue = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{NAME}-uploads"
        receivers = [
            part
            for part in RIGHTS
            if applied.account.role_allows(f"{NAME}-{part}", Request("sqs:ReceiveMessage", queue))
        ]
        assert receivers == ["gateway"]
        assert not applied.account.role_allows(f"{NAME}-gateway", Request("sqs:SendMessage", queue))

    def test_no_role_touches_anything_else(self, applied: Applied) -> None:
        for part in RIGHTS:
            for action in ("sts:AssumeRole", "iam:PassRole", "ec2:RunInstances", "secretsmanager:GetSecretValue"):
                assert not applied.account.role_allows(f"{NAME}-{part}", Request(action, "*"))

    def test_roles_are_for_pods_of_this_cluster(self, applied: Applied) -> None:
        for part in [part for part in RIGHTS if part != "github"]:
            trust = applied.account.trust(f"{NAME}-{part}")
            assert trust["Principal"] == {"Service": "pods.eks.amazonaws.com"}
            assert trust["Condition"]["ArnEquals"] == {
                "aws:SourceArn": f"arn:aws:eks:{REGION}:{ACCOUNT}:cluster/{NAME}"
            }

    def test_github_delivers_from_main_and_releases(self, applied: Applied) -> None:
        trust = applied.account.trust(f"{NAME}-github")
        assert trust["Condition"]["StringLike"] == {
            "token.actions.githubusercontent.com:sub": [
                "repo:example/debates:ref:refs/heads/main",
                "repo:example/debates:ref:refs/tags/v*",
            ]
        }
        repository = f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository"
        for part in ("operator", "worker", "web"):
            push = Request("ecr:PutImage", f"{repository}/{NAME}/{part}")
            assert applied.account.role_allows(f"{NAME}-github", push)
        assert not applied.account.role_allows(f"{NAME}-github", Request("ecr:PutImage", f"{repository}/other"))


class TestReplication:
    ROLE = f"{NAME}-replication"
    READ, WRITE = "s3:GetObjectVersionForReplication", "s3:ReplicateObject"

    def test_it_reads_what_it_copies_and_writes_there_alone(self, applied: Applied) -> None:
        def allows(action: str, resource: str) -> bool:
            return applied.account.role_allows(self.ROLE, Request(action, resource))

        copied = [key for key in KEYS if allows(self.READ, f"{STORE}/{key}")]
        models = ["models/a/b@1/model.bin", "models/index.json"]
        assert copied == ["jobs/a/owner.json", "manifest/a.json", *models, "people.json"]
        assert allows(self.WRITE, f"arn:aws:s3:::{REPLICA}/jobs/a/owner.json")
        assert not allows(self.WRITE, f"{STORE}/jobs/a/owner.json")
        assert not any(allows("s3:GetObject", f"arn:aws:s3:::{REPLICA}/{key}") for key in KEYS)

    def test_s3_takes_it_for_this_bucket(self, applied: Applied) -> None:
        trust = applied.account.trust(self.ROLE)
        assert trust["Principal"] == {"Service": "s3.amazonaws.com"}
        assert trust["Condition"]["ArnEquals"] == {"aws:SourceArn": STORE}


class TestPlan:
    """What a pull request may see, and that it may do nothing."""

    ROLE = f"{NAME}-github-plan"
    STATE = f"arn:aws:s3:::{NAME}-state-{ACCOUNT}-eu-west-1"

    def allows(self, applied: Applied, action: str, resource: str = "*") -> bool:
        return applied.account.role_allows(self.ROLE, Request(action, resource))

    def test_it_is_for_pull_requests_of_this_repository(self, applied: Applied) -> None:
        trust = applied.account.trust(self.ROLE)
        assert "StringLike" not in trust["Condition"]
        assert trust["Condition"]["StringEquals"] == {
            "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
            "token.actions.githubusercontent.com:sub": "repo:example/debates:pull_request",
        }

    def test_it_reads_settings_and_the_state(self, applied: Applied) -> None:
        assert self.allows(applied, "ec2:DescribeVpcs")
        assert self.allows(applied, "s3:GetBucketPolicy", STORE)
        assert self.allows(applied, "s3:GetObject", f"{self.STATE}/{NAME}.tfstate")
        assert self.allows(applied, "ssm:GetParameter", f"arn:aws:ssm:{REGION}::parameter/aws/service/ami/x")

    def test_it_reads_no_word_of_a_debate_and_no_secret(self, applied: Applied) -> None:
        assert not any(self.allows(applied, "s3:GetObject", f"{STORE}/{key}") for key in KEYS)
        assert not self.allows(applied, "secretsmanager:GetSecretValue")
        assert not self.allows(applied, "ssm:GetParameter", f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/yours")

    def test_it_changes_nothing(self, applied: Applied) -> None:
        assert not self.allows(applied, "s3:PutObject", f"{self.STATE}/{NAME}.tfstate")
        for action in ("ec2:RunInstances", "iam:PutRolePolicy", "s3:PutBucketPolicy", "ecr:PutImage"):
            assert not self.allows(applied, action, STORE if action.startswith("s3:") else "*")


class TestKarpenter:
    ROLE = f"{NAME}-karpenter"
    EC2 = f"arn:aws:ec2:{REGION}:{ACCOUNT}"
    TAGS = {
        f"kubernetes.io/cluster/{NAME}": "owned",
        "karpenter.sh/nodepool": "gpu",
        "eks:eks-cluster-name": NAME,
    }

    def allows(self, applied: Applied, action: str, resource: str, context: dict[str, str] | None = None) -> bool:
        return applied.account.role_allows(self.ROLE, Request(action, resource, context or {}))

    def test_starts_machines_that_are_marked_as_its_own(self, applied: Applied) -> None:
        marked = {f"aws:RequestTag/{key}": value for key, value in self.TAGS.items()}
        for kind in ("fleet", "instance", "volume", "network-interface", "spot-instances-request"):
            assert self.allows(applied, "ec2:CreateFleet", f"{self.EC2}:{kind}/*", marked)
            assert not self.allows(applied, "ec2:CreateFleet", f"{self.EC2}:{kind}/*")
            others = marked | {f"aws:RequestTag/kubernetes.io/cluster/{NAME}": "shared"}
            assert not self.allows(applied, "ec2:CreateFleet", f"{self.EC2}:{kind}/*", others)
        assert self.allows(applied, "ec2:RunInstances", f"{self.EC2}:subnet/subnet-1")
        assert self.allows(applied, "ec2:RunInstances", f"arn:aws:ec2:{REGION}::image/ami-1")

    def test_ends_its_own_and_no_other(self, applied: Applied) -> None:
        own = {f"aws:ResourceTag/{key}": value for key, value in self.TAGS.items()}
        instance = f"{self.EC2}:instance/i-1"
        assert self.allows(applied, "ec2:TerminateInstances", instance, own)
        assert not self.allows(applied, "ec2:TerminateInstances", instance)
        of_another_cluster = own | {f"aws:ResourceTag/kubernetes.io/cluster/{NAME}": "shared"}
        assert not self.allows(applied, "ec2:TerminateInstances", instance, of_another_cluster)

    def test_marks_nothing_as_its_own_afterwards(self, applied: Applied) -> None:
        marked = {f"aws:RequestTag/{key}": value for key, value in self.TAGS.items()}
        assert self.allows(
            applied, "ec2:CreateTags", f"{self.EC2}:instance/i-1", marked | {"ec2:CreateAction": "CreateFleet"}
        )
        keys = {"aws:TagKeys": ",".join(self.TAGS)}
        assert not self.allows(applied, "ec2:CreateTags", f"{self.EC2}:instance/i-1", marked | keys)

    def test_gives_nodes_their_role_and_no_other(self, applied: Applied) -> None:
        to_ec2 = {"iam:PassedToService": "ec2.amazonaws.com"}
        roles = f"arn:aws:iam::{ACCOUNT}:role"
        assert self.allows(applied, "iam:PassRole", f"{roles}/{NAME}-karpenter-node", to_ec2)
        assert not self.allows(applied, "iam:PassRole", f"{roles}/{NAME}-worker", to_ec2)
        assert not self.allows(applied, "iam:CreateInstanceProfile", "*")

    def test_looks_around_in_its_region(self, applied: Applied) -> None:
        for call in ("InstanceTypes", "Images", "Subnets", "SpotPriceHistory", "InstanceStatus", "PlacementGroups"):
            here, there = {"aws:RequestedRegion": REGION}, {"aws:RequestedRegion": "us-east-1"}
            assert self.allows(applied, f"ec2:Describe{call}", "*", here)
            assert not self.allows(applied, f"ec2:Describe{call}", "*", there)

    def test_hears_of_interruptions(self, applied: Applied) -> None:
        events, sqs = applied.account.client("events"), applied.account.client("sqs")
        url = sqs.get_queue_url(QueueName=f"{NAME}-karpenter")["QueueUrl"]
        assert applied.outputs["karpenter_values"]["settings"]["interruptionQueue"] == f"{NAME}-karpenter"
        rules = events.list_rules()["Rules"]
        targets = [events.list_targets_by_rule(Rule=rule["Name"])["Targets"][0]["Arn"] for rule in rules]
        assert len(rules) == 5
        assert {arn.rsplit(":", 1)[1] for arn in targets} == {f"{NAME}-karpenter"}
        policy = json.loads(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"]["Policy"])
        assert set(policy["Statement"][0]["Condition"]["ArnEquals"]["aws:SourceArn"]) == {rule["Arn"] for rule in rules}


WITHOUT_AWS = {("debates", "debate-operator"), ("debates", "debate-test-nodes")}
"""Accounts that talk to Kubernetes alone."""


def test_the_chart_takes_the_values_and_its_accounts_have_their_roles(applied: Applied) -> None:
    rendered = Chart(HELM.find_or_build()).render(applied.outputs["helm_values"] | {"web": {"enabled": True}})
    accounts = {(one["metadata"]["namespace"], one["metadata"]["name"]) for one in rendered.of("ServiceAccount")}
    eks = applied.account.client("eks")
    listed = eks.list_pod_identity_associations(clusterName=NAME)["associations"]
    described = [
        eks.describe_pod_identity_association(clusterName=NAME, associationId=one["associationId"])["association"]
        for one in listed
    ]
    associated = {(one["namespace"], one["serviceAccount"]): one["roleArn"] for one in described}
    assert accounts - associated.keys() == WITHOUT_AWS
    for part in ("worker", "stats", "web"):
        assert associated["debates", f"debate-{part}"] == applied.outputs["role_arns"][part]
    (operator,) = [pod for name, pod in rendered.pods() if name == "Deployment/debate-operator"]
    assert operator["containers"][0]["image"].startswith(f"{applied.outputs['registry']['repositories']['operator']}:")
    assert operator["tolerations"] == [{"key": "CriticalAddonsOnly", "operator": "Exists", "effect": "NoSchedule"}]


def test_the_charts_take_what_install_makes_of_the_outputs(applied: Applied) -> None:
    """Karpenter's own chart, too: it is in the module that the node pools are checked against."""
    helm = HELM.find_or_build()
    outputs = applied.outputs
    nodes = Chart(helm, CHARTS / "gpu-nodepool", {}).render(outputs["node_values"])
    pools = pods_to_pools(nodes.of("NodePool"))
    assert pools.keys() == {"gpu", "cpu"}
    values = merged(outputs["helm_values"], pools, {"models": {"fetch": {"enabled": True}}})
    release = Chart(helm, given={}).render(values, release="debate", namespace="debates")
    made = {(one["metadata"]["namespace"], one["metadata"]["name"]) for one in release.of("ServiceAccount")}
    project = Project(CHARTS.parent)
    assert made - accounts(outputs, project.with_defaults(values)) == WITHOUT_AWS
    associated = associations(applied.account, NAME)  # type: ignore[arg-type]  # which has clients as well
    assert accounts(outputs, project.with_defaults(values)) <= associated
    karpenter = module_folder("github.com/aws/karpenter-provider-aws", f"v{KARPENTER}") / "charts/karpenter"
    (deployment,) = Chart(helm, karpenter, {}).render(outputs["karpenter_values"]).of("Deployment")
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    env = {one["name"]: one.get("value") for one in container["env"]}
    assert env["CLUSTER_NAME"] == NAME
    assert env["INTERRUPTION_QUEUE"] == f"{NAME}-karpenter"
    assert container["resources"]["requests"] == {"cpu": "200m", "memory": "384Mi"}


def test_a_kept_bucket_is_all_that_stays(applied: Applied) -> None:
    """What destroy --keep-bucket forgets, of a bucket that was copied elsewhere."""
    made = applied.account.everything() - applied.before
    assert len(made) > 50
    addresses = frozenset(applied.terraform.run("state", "list", "-no-color").splitlines())
    what = Doomed(Root(Path()), DoomedAccount(REGION), {}, addresses, "", Path(), keep_bucket=True)
    applied.terraform.run("state", "rm", *what.of_the_bucket)
    applied.destroy()
    assert applied.account.everything() - applied.before == {f"s3.Buckets {BUCKET}"}


def test_destroy_leaves_nothing(applied: Applied) -> None:
    """Of the kept bucket, too, which an apply takes back by the file that destroy names."""
    bucket = "module.storage.aws_s3_bucket.store"
    block = f'import {{\n  to = {bucket}\n  id = "{BUCKET}"\n}}\n'
    (applied.terraform.folder / "import.tf").write_text(block, encoding="utf-8")
    applied.terraform.run("apply", f"-target={bucket}", *_arguments())
    # It stayed with the bucket and wants TLS, which this server does not speak: else its objects could not be deleted.
    applied.account.client("s3").delete_bucket_policy(Bucket=BUCKET)
    applied.destroy()
    assert applied.account.everything() - applied.before == set()
