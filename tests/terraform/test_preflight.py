"""`debate-aws preflight` against a server that plays AWS: a good account, and each thing that can be wrong with one."""

from __future__ import annotations

import json
import os
import threading
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, ClassVar

import aws_limits
import aws_server
import boto3
import botocore.loaders
import pytest
from account import ACCOUNT, REGION, Account
from moto.acm.models import acm_backends
from moto.ec2.models import instance_types
from terraform_cli import ROOT
from typer.testing import CliRunner, Result

import debate_aws.account
from debate_aws import preflight
from debate_aws.cli import app
from debate_aws.preflight import check_everything
from debate_aws.preflight_site import Finding, State
from debate_aws.variables import read_variables

SPOT_ROLE = "AWSServiceRoleForEC2Spot"
OURS = [{"Key": "debate-analyzer", "Value": "debate-analyzer"}]
BUCKET = f"debate-analyzer-{ACCOUNT}-{REGION}"


class _Remembering(debate_aws.account.Account):
    """Makes each client once for all tests: a look would else spend most of its time on that."""

    made: ClassVar[dict[tuple[str | None, ...], Any]] = {}

    def client(self, service: str, region: str | None = None) -> Any:
        whose = os.environ.get("AWS_ACCESS_KEY_ID"), os.environ.get("AWS_ENDPOINT_URL")
        key = service, region or self.region, *whose
        if key not in self.made:
            self.made[key] = super().client(service, region)
        return self.made[key]


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    aws_limits.add_to_moto()
    loader = botocore.loaders.create_loader()
    with aws_server.running() as address:
        with pytest.MonkeyPatch.context() as patch:
            # A reset would read AWS's own 1,400 policies again each time, of which nothing here needs one; and every
            # look the descriptions of all services.
            patch.setenv("MOTO_IAM_LOAD_MANAGED_POLICIES", "false")
            patch.setattr(botocore.loaders, "create_loader", lambda *_: loader)
            patch.setattr(preflight, "Account", _Remembering)
            yield address
        _post(address, "reset")  # with those policies, for whoever comes next


def _post(address: str, what: str, data: bytes = b"") -> None:
    plain = {"Content-Type": "text/plain"}
    with urllib.request.urlopen(urllib.request.Request(f"{address}/moto-api/{what}", data, plain)) as answer:
        assert answer.status == 200


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Sets the variables of AWS, and nothing of whoever runs the tests."""

    def put(**variables: str) -> None:
        for name in list(os.environ):
            if name.startswith(("AWS_", "TF_VAR_")):
                monkeypatch.delenv(name)
        own = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
        for name, value in {**own, "AWS_EC2_METADATA_DISABLED": "true", **variables}.items():
            monkeypatch.setenv(name, value)

    return put


@pytest.fixture
def aws(server: str, environment: Callable[..., None]) -> Account:
    """A good account, with nothing of ours in it."""
    _post(server, "reset")
    aws_limits.reset()
    environment(AWS_ENDPOINT_URL=server, AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test")
    account = Account(server)
    account.client("iam").create_role(RoleName=SPOT_ROLE, AssumeRolePolicyDocument="{}")
    return account


def look(*assignments: str, var_file: str = "lean.tfvars", region: str = REGION) -> list[Finding]:
    variables = read_variables(ROOT, var_files=[var_file], assignments=[f"region={region}", *assignments])
    return list(check_everything(ROOT, variables, tools=False))


def bad(findings: list[Finding]) -> list[Finding]:
    return [one for one in findings if one.state is not State.OK]


def the_one(findings: list[Finding]) -> Finding:
    (found,) = bad(findings)
    return found


@pytest.mark.parametrize("profile", ["lean.tfvars", "prod.tfvars"])
def test_a_good_account(aws: Account, profile: str) -> None:
    findings = look(var_file=profile)
    assert bad(findings) == []
    told = "\n".join(one.what for one in findings)
    for part in (
        f"account {ACCOUNT}",
        f"region {REGION}: enabled (from --var)",
        "g4dn.xlarge in 3",
        "Kubernetes 1.35: supported until 2099-03-27",
        "quota L-3819A6DF, vCPUs of spot GPU machines (G and VT): 16",
        f"role {SPOT_ROLE}: there",
        f"bucket {BUCKET}: the name is free",
        "cluster debate-analyzer: the name is free",
        "VPCs: 1 of 5 are used",
    ):
        assert part in told


class TestQuotas:
    @pytest.mark.parametrize("code", ["L-3819A6DF", "L-DB2E81BA"])
    @pytest.mark.parametrize("value", [0, 2])
    def test_too_few_for_one_gpu_node(self, aws: Account, code: str, value: int) -> None:
        aws_limits.quotas[code] = value
        found = the_one(look())
        assert found.state is State.FAIL
        assert f"{code}," in found.what
        assert found.what.endswith(f": {value}, and 4 are needed")
        assert found.fixes[0] == (
            f"aws service-quotas request-service-quota-increase --region {REGION} --service-code ec2"
            f" --quota-code {code} --desired-value 16"
        )

    def test_enough_for_one_node_and_not_for_the_pool(self, aws: Account) -> None:
        aws_limits.quotas["L-3819A6DF"] = 8
        found = the_one(look())
        assert (found.state, found.what.split(": ")[1:]) == (
            State.WARN,
            ["8", "a debate runs, and the node pools may use 16"],
        )

    def test_a_new_account_has_the_defaults(self, aws: Account) -> None:
        aws_limits.quotas.clear()
        states = {one.what.split(",")[0]: one.state for one in bad(look())}
        assert states == {
            "quota L-3819A6DF": State.FAIL,
            "quota L-DB2E81BA": State.FAIL,
            "quota L-34B43A08": State.WARN,
            "quota L-1216C47A": State.WARN,
        }

    def test_system_nodes_count(self, aws: Account) -> None:
        aws_limits.quotas["L-1216C47A"] = 5
        found = the_one(look("system_node_count=2"))
        assert (found.state, found.what.endswith(": 5, and 6 are needed")) == (State.FAIL, True)

    def test_no_room_for_a_vpc_nor_an_address(self, aws: Account) -> None:
        aws_limits.quotas |= {"L-F678F1CE": 1, "L-0263D0A3": 0}
        vpcs, addresses = bad(look(var_file="prod.tfvars"))
        assert vpcs.what == "VPCs: 1 of 1 are used, and one is needed"
        assert addresses.what == "fixed addresses: 0 of 0 are used, and one is needed"
        assert [one.what for one in bad(look())] == [vpcs.what]


class TestSpotRole:
    def test_missing(self, aws: Account) -> None:
        aws.client("iam").delete_role(RoleName=SPOT_ROLE)
        found = the_one(look())
        assert found.state is State.FAIL
        assert found.fixes == (
            "aws iam create-service-linked-role --aws-service-name spot.amazonaws.com",
            "or let Terraform make it: create_spot_role = true",
        )
        assert bad(look("create_spot_role=true")) == []

    def test_there_and_to_be_made_again(self, aws: Account) -> None:
        found = the_one(look("create_spot_role=true"))
        assert (found.state, found.fixes) == (State.FAIL, ("Set create_spot_role = false.",))
        aws.client("iam").tag_role(RoleName=SPOT_ROLE, Tags=OURS)
        assert bad(look("create_spot_role=true")) == []


class TestRegion:
    def test_that_does_not_exist(self, aws: Account) -> None:
        wrong, later = bad(look(region="eu-centrl-1"))
        assert wrong.what.startswith("region eu-centrl-1: there is none of this name")
        assert "Did you mean eu-central-1?" in wrong.fixes[0]
        assert (later.state, "quotas" in later.what) == (State.NOT_CHECKED, True)

    def test_that_is_not_enabled(self, aws: Account) -> None:
        wrong, _ = bad(look(region="eu-central-2"))
        assert wrong.state is State.FAIL
        assert wrong.fixes[0].startswith("aws account enable-region --region-name eu-central-2")

    def test_without_gpus(self, aws: Account, monkeypatch: pytest.MonkeyPatch) -> None:
        offered = instance_types.INSTANCE_TYPE_OFFERINGS["availability-zone"]
        others = [one for one in offered[REGION] if not one["InstanceType"].startswith("g")]
        monkeypatch.setitem(offered, REGION, others)
        assert the_one(look()).what.startswith(f"GPU machines: {REGION} has none of g4dn.xlarge, ")
        one_zone = [one for one in others if one["InstanceType"] != "t3a.medium"] + [
            {"InstanceType": "g4dn.xlarge", "Location": f"{REGION}a", "LocationType": "availability-zone"}
        ]
        monkeypatch.setitem(offered, REGION, one_zone)
        gpu, system = bad(look())
        assert (gpu.state, gpu.what.split(": ")[1]) == (
            State.WARN,
            f"in one zone of {REGION} alone (g4dn.xlarge in 1)",
        )
        assert (system.state, system.what) == (State.FAIL, f"system nodes: {REGION} has no t3a.medium")

    @pytest.mark.parametrize(("version", "why"), [("1.33", "in extended support"), ("1.34", "EKS does not offer it")])
    def test_without_that_kubernetes(self, aws: Account, version: str, why: str) -> None:
        found = the_one(look(f"kubernetes_version={version}"))
        assert (found.state, why in found.what) == (State.FAIL, True)

    def test_kubernetes_whose_support_ends_soon(self, aws: Account) -> None:
        aws_limits.versions["1.35"]["endOfStandardSupportDate"] = datetime.now(UTC) + timedelta(days=30)
        assert the_one(look()).state is State.WARN


class TestNames:
    def test_a_role_of_the_name_without_its_cluster(self, aws: Account) -> None:
        aws.client("iam").create_role(RoleName="debate-analyzer-control-plane", AssumeRolePolicyDocument="{}")
        found = the_one(look())
        assert found.state is State.WARN
        assert f"not in {REGION}, and the account has its role debate-analyzer-control-plane" in found.what
        assert "apply again, it goes on" in found.fixes[0]

    def test_a_cluster_that_is_not_ours(self, aws: Account) -> None:
        subnets = [one["SubnetId"] for one in aws.client("ec2").describe_subnets()["Subnets"]][:2]
        tags = {"debate-analyzer": "other"}
        aws.client("eks").create_cluster(
            name="debate-analyzer",
            roleArn=f"arn:aws:iam::{ACCOUNT}:role/x",
            resourcesVpcConfig={"subnetIds": subnets},
            tags=tags,
        )
        assert the_one(look()).state is State.FAIL
        assert "(--var name=...)" in the_one(look()).fixes[0]
        assert bad(look("name=another")) == []

    def test_a_bucket_that_is_not_ours(self, aws: Account) -> None:
        s3 = aws.client("s3")
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        assert "this installation did not make it" in the_one(look()).what
        assert bad(look("bucket_name=another-one")) == []
        s3.put_bucket_tagging(Bucket=BUCKET, Tagging={"TagSet": OURS})
        findings = look()
        assert bad(findings) == []
        (kept,) = [one for one in findings if one.what == f"bucket {BUCKET}: there, and of this installation"]
        assert f'import {{ / to = module.storage.aws_s3_bucket.store / id = "{BUCKET}" / }}' in kept.fixes[0]

    def test_githubs_provider(self, aws: Account) -> None:
        repository = "github_repository=example/debates"
        assert bad(look(repository)) == []
        assert "missing" in the_one(look(repository, "create_github_provider=false")).what
        made = aws.client("iam").create_open_id_connect_provider(
            Url="https://token.actions.githubusercontent.com", ClientIDList=["sts.amazonaws.com"]
        )
        assert the_one(look(repository)).fixes == ("Set create_github_provider = false.",)
        assert bad(look(repository, "create_github_provider=false")) == []
        aws.client("iam").tag_open_id_connect_provider(
            OpenIDConnectProviderArn=made["OpenIDConnectProviderArn"], Tags=OURS
        )
        assert bad(look(repository)) == []

    def test_a_certificate(self, aws: Account) -> None:
        arn = f"arn:aws:acm:us-east-1:{ACCOUNT}:certificate/none"
        domain = "domain=debates.example.org"
        assert "there is none in us-east-1" in the_one(look(domain, f"certificate_arn={arn}")).what
        acm: Any = boto3.Session(region_name="us-east-1").client("acm")
        arn = acm.request_certificate(DomainName="*.example.org", ValidationMethod="DNS")["CertificateArn"]
        assert "PENDING_VALIDATION" in the_one(look(domain, f"certificate_arn={arn}")).what
        acm_backends[ACCOUNT]["us-east-1"]._certificates[arn].status = "ISSUED"
        assert bad(look(domain, f"certificate_arn={arn}")) == []
        found = the_one(look("domain=a.debates.example.org", f"certificate_arn={arn}"))
        assert found.what == "certificate of *.example.org: not for a.debates.example.org"


class TestOwnNetwork:
    def test_as_it_must_be(self, aws: Account) -> None:
        vpc, subnets = _default_network(aws)
        assert bad(look(*_existing(vpc, subnets[:2]))) == []

    def test_in_one_zone_missing_or_of_another_vpc(self, aws: Account) -> None:
        vpc, subnets = _default_network(aws)
        missing, one_zone = bad(look(*_existing(vpc, [subnets[0], "subnet-0123"])))
        assert missing.what == f"your subnets: {REGION} has no subnet-0123"
        assert one_zone.what == f"your subnets: in {REGION}a alone"
        assert "not in vpc-0123" in the_one(look(*_existing("vpc-0123", subnets[:2]))).what

    def test_an_s3_endpoint_that_is_there(self, aws: Account) -> None:
        ec2 = aws.client("ec2")
        vpc, subnets = _default_network(aws)
        table = ec2.describe_route_tables()["RouteTables"][0]["RouteTableId"]
        asked = [*_existing(vpc, subnets[:2]), f'route_table_ids=["{table}"]']
        assert bad(look(*asked)) == []
        service = f"com.amazonaws.{REGION}.s3"
        made = ec2.create_vpc_endpoint(VpcId=vpc, ServiceName=service, RouteTableIds=[table])["VpcEndpoint"]
        found = the_one(look(*asked))
        assert (found.state, found.what) == (State.FAIL, f"S3 endpoint: {table} has one already")
        ec2.create_tags(Resources=[made["VpcEndpointId"]], Tags=OURS)
        assert bad(look(*asked)) == []


def _default_network(aws: Account) -> tuple[str, list[str]]:
    found = sorted(aws.client("ec2").describe_subnets()["Subnets"], key=lambda one: str(one["AvailabilityZone"]))
    return str(found[0]["VpcId"]), [str(one["SubnetId"]) for one in found]


def _existing(vpc: str, subnets: list[str]) -> list[str]:
    return ["network_mode=existing", f"vpc_id={vpc}", f"subnet_ids={json.dumps(subnets)}"]


class TestCredentials:
    def test_none(self, aws: Account, environment: Callable[..., None], server: str) -> None:
        environment(AWS_ENDPOINT_URL=server)
        nobody, later = bad(look())
        assert nobody.state is State.FAIL
        assert nobody.what.endswith("no AWS credentials were found.")
        assert "aws configure" in nobody.fixes[0]
        assert later.state is State.NOT_CHECKED

    def test_expired(self, environment: Callable[..., None]) -> None:
        with _answering(
            403, _error("ExpiredToken", "The security token included in the request is expired")
        ) as address:
            environment(AWS_ENDPOINT_URL=address, AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test")
            expired, later = bad(look())
        assert "AWS does not accept the credentials (ExpiredToken)" in expired.what
        assert later.state is State.NOT_CHECKED

    def test_a_user_who_may_little(self, aws: Account, environment: Callable[..., None], server: str) -> None:
        """Every check that is refused names its right, and the others go on."""
        iam = aws.client("iam")
        iam.create_user(UserName="guest")
        allowed = ["sts:GetCallerIdentity", "ec2:DescribeRegions", "iam:GetRole", "ec2:DescribeVpcs"]
        statement = {"Effect": "Allow", "Action": allowed, "Resource": "*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        iam.put_user_policy(UserName="guest", PolicyName="little", PolicyDocument=policy)
        key = iam.create_access_key(UserName="guest")["AccessKey"]
        environment(
            AWS_ENDPOINT_URL=server,
            AWS_ACCESS_KEY_ID=key["AccessKeyId"],
            AWS_SECRET_ACCESS_KEY=key["SecretAccessKey"],
        )
        _post(server, "reset-auth", b"0")
        try:
            findings = look("github_repository=example/debates")
        finally:
            _post(server, "reset-auth", b"inf")
        told = {one.what for one in bad(findings)}
        assert "GitHub's OIDC provider: may not iam:ListOpenIDConnectProviders" in told
        assert "machines: may not ec2:DescribeInstanceTypeOfferings" in told
        assert {one.state for one in bad(findings)} <= {State.NOT_CHECKED, State.FAIL}
        good = "\n".join(one.what for one in findings if one.state is State.OK)
        assert "user/guest" in good
        assert f"role {SPOT_ROLE}: there" in good


def _error(code: str, message: str) -> bytes:
    return (
        f'<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>{code}</Code>'
        f"<Message>{message}</Message></Error><RequestId>1</RequestId></ErrorResponse>"
    ).encode()


class _answering:
    """A server that says the same to everything."""

    def __init__(self, status: int, body: bytes) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None: ...

        self._server = HTTPServer(("127.0.0.1", 0), Handler)

    def __enter__(self) -> str:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{self._server.server_port}"

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class TestCommand:
    def run(self, *words: str) -> Result:
        return CliRunner().invoke(app, [*words, "--terraform", str(ROOT)])

    def test_exit_codes_and_lines(self, aws: Account) -> None:
        words = ("preflight", "--no-tools", "--var-file", "lean.tfvars", "--var", f"region={REGION}")
        good = self.run(*words)
        assert good.exit_code == 0
        assert good.stdout.endswith("\nReady for `terraform apply`.\n")
        aws.client("iam").delete_role(RoleName=SPOT_ROLE)
        wrong = self.run(*words)
        assert wrong.exit_code == 1
        lines = wrong.stdout.splitlines()
        at = next(number for number, line in enumerate(lines) if line.startswith("FAIL "))
        assert lines[at + 1].strip() == "-> aws iam create-service-linked-role --aws-service-name spot.amazonaws.com"
        assert lines[-1] == "1 to mend before `terraform apply`."
        told = json.loads(self.run(*words, "--json").stdout)
        assert [one["state"] for one in told].count("FAIL") == 1
