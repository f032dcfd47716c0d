"""debate-aws install, web, push-images: order, what is asked first, secrets in no list of processes, nothing twice.

AWS is played by a server. helm, kubectl and aws are played, because there is no EKS here, but for what helm renders:
the charts are rendered by the real one with what install gives them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aws_server
import pytest
import yaml
from go_tools import HELM, NoTool
from hcl_text import blocks
from helm_chart import Chart, Rendered
from terraform_cli import ROOT
from tool_world import ACCOUNT, BUCKET, NAME, REGION, World, client, cluster, world

from debate_aws import charts, web_files
from debate_aws.programs import parse_version

REGISTRY = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com"
TOKEN = "hf_of-the-test"
COOKIES = "# Netscape HTTP Cookie File\n.example.org\tTRUE\t/\tTRUE\t0\tsession\tof-the-test\n"
SECRETS = {kind: f"{NAME}/{kind}" for kind in ("huggingface-token", "download-cookies", "callback-keys")}
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
    with aws_server.running() as address:
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


def acts(world: World) -> list[str]:
    """What changed something, in its order, with the part that says what."""
    changing = world.programs.calls(r"helm upgrade|kubectl .*apply|aws eks update-kubeconfig")
    lines = [re.sub(r"--kubeconfig=\S+ ", "", call.line) for call in changing]
    return [" ".join(line.split()[:3]) for line in lines]


def values_of(world: World, release: str) -> dict[str, Any]:
    (call,) = world.programs.calls(f"helm upgrade {release} ")
    found: dict[str, Any] = json.loads(call.given)
    return found


class TestInstall:
    def test_in_the_order_that_works(self, here: World) -> None:
        code, said = here.tool("install")
        assert code == 0, said
        assert acts(here) == [
            "aws eks update-kubeconfig",
            "kubectl apply --server-side",  # namespaces
            "kubectl apply --server-side",  # secrets
            "helm upgrade karpenter-crd",
            "helm upgrade karpenter",
            "helm upgrade nodes",
            "helm upgrade debate",
        ]
        for call in here.programs.calls("helm upgrade"):
            assert {"--install", "--wait", "--values=-"} <= set(call.words)
        for release in ("karpenter-crd", "karpenter"):
            (call,) = here.programs.calls(f"helm upgrade {release} ")
            assert f"oci://public.ecr.aws/karpenter/{release}" in call.words
            assert call.words[call.words.index("--version") + 1] == charts.KARPENTER
            assert call.words[call.words.index("--namespace") + 1] == "kube-system"
            assert ("--skip-crds" in call.words) is (release == "karpenter")

    def test_it_ends_with_what_users_need(self, served: World) -> None:
        _, said = served.tool("install")
        end = said.split("Next:")[1]
        assert f"aws eks update-kubeconfig --region {REGION} --name {NAME}" in end
        assert "kubectl --namespace debates apply -f DEBATE.yaml" in end
        assert "open https://d1.cloudfront.net" in end

    def test_again_and_nothing_changes(self, served: World) -> None:
        here = served
        here.tool("install")
        first = [(call.line, call.given) for call in here.programs.calls()]
        here.programs.forget()
        code, said = here.tool("install")
        assert code == 0
        assert [(call.line, call.given) for call in here.programs.calls()] == first
        assert "unchanged" in said
        assert here.programs.calls("create|delete|restart") == []

    def test_a_kubeconfig_of_its_own(self, here: World) -> None:
        here.tool("install")
        own = str(here.terraform.resolve() / ".kubeconfig")
        for call in here.programs.calls("kubectl .*(get|apply|config)|helm (upgrade|list)|update-kubeconfig"):
            assert own in call.line
        assert (here.terraform / ".kubeconfig").stat().st_mode & 0o077 == 0

    def test_the_users_own_where_they_ask_for_it(self, here: World, tmp_path: Path) -> None:
        asked = tmp_path / "mine"
        here.tool("install", "--kubeconfig", str(asked))
        (call,) = here.programs.calls("update-kubeconfig")
        assert call.words[-2:] == ("--kubeconfig", str(asked))

    def test_what_a_person_wants_wins(self, served: World, tmp_path: Path) -> None:
        here = served
        mine = tmp_path / "mine.yaml"
        mine.write_text(yaml.safe_dump({"web": {"title": "Town council"}, "images": {"web": {"tag": "x"}}}), "utf-8")
        nodes = tmp_path / "nodes.yaml"
        nodes.write_text(yaml.safe_dump({"gpu": {"limits": {"gpus": 1, "cpu": 8}}}), "utf-8")
        code, said = here.tool("install", "--values", str(mine), "--node-values", str(nodes))
        assert code == 0, said
        (release,) = here.programs.calls("helm upgrade debate ")
        assert [word for word in release.words if word.startswith("--values")] == ["--values=-", f"--values={mine}"]
        (pools,) = here.programs.calls("helm upgrade nodes ")
        assert f"--values={nodes}" in pools.words
        config = here.client("s3").get_object(Bucket=BUCKET, Key="website/config.json")["Body"].read()
        assert json.loads(config)["title"] == "Town council"


class TestSecrets:
    def test_their_values_go_by_standard_input_alone(self, here: World) -> None:
        code, said = here.tool("install")
        assert code == 0
        applied = [json.loads(call.given)["items"] for call in here.programs.calls("kubectl .*apply")]
        objects = {item["metadata"]["name"]: item for items in applied for item in items if item["kind"] == "Secret"}
        assert objects.keys() == {"debate-huggingface-token", "debate-download-cookies"}
        assert objects["debate-huggingface-token"]["data"] == {"token": "aGZfb2YtdGhlLXRlc3Q="}
        assert objects["debate-download-cookies"]["data"].keys() == {"cookies.txt"}
        for secret in (TOKEN, "of-the-test", "aGZfb2YtdGhlLXRlc3Q="):
            assert secret not in said
            assert not [call for call in here.programs.calls() if secret in call.line]
            assert not [path for path in here.folder.rglob("*") if path.is_file() and self._holds(path, secret)]

    @staticmethod
    def _holds(path: Path, secret: str) -> bool:
        return path.name not in {"calls.jsonl"} and secret.encode() in path.read_bytes()

    def test_nor_are_they_told_where_kubectl_fails(self, here: World) -> None:
        here.programs.answer(
            "kubectl", "apply", code=1, err='Secret "x" is invalid: data[token]: aGZfb2YtdGhlLXRlc3Q= hf_of-the-test'
        )
        here.programs.answer("kubectl", "apply(?!.*Secret)", code=1, err="aGZfb2YtdGhlLXRlc3Q= hf_of-the-test")
        from debate_aws.install import _secrets  # the step alone: the one before it fails here, too
        from debate_aws.programs import Kube, ProgramFailed
        from debate_aws.secrets import Secret

        class Plan:
            secrets = [Secret("huggingface-token", "x", {"token": TOKEN.encode()})]
            outputs = {"namespaces": {"release": "debates"}}
            values: dict[str, Any] = {}
            release_namespace = "debates"

        with pytest.raises(ProgramFailed) as failed:
            _secrets(Kube(None), Plan(), [], lambda *_: None)  # type: ignore[arg-type]
        assert "***" in str(failed.value)
        assert TOKEN not in str(failed.value)
        assert "aGZf" not in str(failed.value)

    def test_the_chart_is_told_their_names(self, here: World) -> None:
        here.tool("install")
        values = values_of(here, "debate")
        token = {"name": "debate-huggingface-token", "key": "token"}
        assert values["models"]["fetch"] == {"enabled": True, "tokenSecret": token}
        assert values["download"] == {"cookiesSecret": "debate-download-cookies"}

    def test_an_empty_one_is_said_with_the_command_that_fills_it(self, here: World) -> None:
        code, said = here.tool("install")
        assert code == 0
        assert f"{SECRETS['callback-keys']} is empty" in said
        assert (
            f"aws secretsmanager put-secret-value --region {REGION} --secret-id {SECRETS['callback-keys']} "
            "--secret-string file://FILE" in said
        )

    def test_a_rotated_one_is_taken(self, here: World) -> None:
        here.tool("install")
        put_secret(here, "huggingface-token", "hf_another")
        here.programs.forget()
        _, said = here.tool("install")
        assert "aGZfYW5vdGhlcg==" in "".join(call.given for call in here.programs.calls("kubectl .*apply"))
        assert "a changed value is taken by the next Job" in said


class TestRefusals:
    """Each before anything is changed, and with what to do."""

    @pytest.fixture(autouse=True)
    def _nothing_was_done(self, here: World) -> Iterator[None]:
        yield
        assert here.programs.calls("helm upgrade|kubectl .*apply") == []
        assert "Contents" not in here.client("s3").list_objects_v2(Bucket=BUCKET)

    @pytest.mark.parametrize(
        ("program", "pattern", "version"),
        [
            ("helm", "^version", "v3.13.2"),
            ("kubectl", "version --client", "gitVersion: v1.29.0"),
            ("aws", "--version", "aws-cli/1.16.1"),
        ],
    )
    def test_a_tool_that_is_too_old(self, here: World, program: str, pattern: str, version: str) -> None:
        here.programs.answer(program, pattern, version)
        code, said = here.tool("install")
        assert code == 1
        assert f"{program} " in said
        assert "is too old." in said

    def test_helm_4_is_taken(self, here: World) -> None:
        here.programs.answer("helm", "^version", "v4.0.1+g1")
        here.programs.answer("kubectl", "config view", "https://stop.example.org")
        _, said = here.tool("install")
        assert "helm 4.0.1" in said

    def test_no_such_cluster(self, here: World) -> None:
        here.client("eks").delete_cluster(name=NAME)
        code, said = here.tool("install")
        assert code == 1
        assert f"There is no cluster {NAME} in {REGION}" in said

    def test_another_cluster(self, here: World) -> None:
        here.programs.answer("kubectl", "config view", "https://another.example.org")
        code, said = here.tool("install")
        assert code == 1
        assert "leads to https://another.example.org" in said

    def test_an_api_that_does_not_answer(self, here: World) -> None:
        here.programs.answer("kubectl", "get --raw=/version", code=1, err="Unauthorized")
        code, said = here.tool("install")
        assert code == 1
        assert "Unauthorized" in said
        assert "admin_principal_arns" in said

    def test_an_account_without_its_role(self, here: World) -> None:
        aws_server.forget_eks()
        associate(here, "kube-system", "karpenter")
        code, said = here.tool("install")
        assert code == 1
        assert (
            "no role in talks (Pod Identity): debates/talks-models, debates/talks-stats, debates/talks-worker." in said
        )

    def test_an_image_that_is_missing(self, here: World) -> None:
        client = here.client("ecr")
        client.batch_delete_image(repositoryName=f"{NAME}/worker", imageIds=[{"imageTag": "0.1.0-gpu"}])
        code, said = here.tool("install")
        assert code == 1
        assert f"not in the registry: {REGISTRY}/{NAME}/worker:0.1.0-gpu\n" in said
        assert "make -C terraform images" in said

    def test_a_newer_karpenter(self, here: World) -> None:
        here.programs.answer("helm", "^list", [{"name": "karpenter", "app_version": "1.15.0"}])
        code, said = here.tool("install")
        assert code == 1
        assert f"karpenter 1.15.0 is installed, which is newer than {charts.KARPENTER}" in said

    def test_nothing_is_applied(self, here: World) -> None:
        here.applied({})
        code, said = here.tool("install")
        assert code == 1
        assert "nothing is applied" in said

    def test_values_that_are_none(self, here: World, tmp_path: Path) -> None:
        (tmp_path / "mine.yaml").write_text("- web\n", encoding="utf-8")
        code, said = here.tool("install", "--values", str(tmp_path / "mine.yaml"))
        assert code == 1
        assert "holds no values" in said


class TestCharts:
    """What install gives, rendered by the real helm: values.schema.json takes it, and pods find the pools' nodes."""

    @pytest.fixture
    def given(self, here: World) -> dict[str, Any]:
        """Release -> its values."""
        here.tool("install")
        return {release: values_of(here, release) for release in ("debate", "nodes")}

    @pytest.fixture
    def release(self, given: dict[str, Any], helm: Path) -> Rendered:
        return Chart(helm, given={}).render(given["debate"], release="debate", namespace="debates")

    @pytest.fixture
    def pools(self, given: dict[str, Any], helm: Path, repository: Path) -> list[Any]:
        return Chart(helm, repository / "charts/gpu-nodepool", {}).render(given["nodes"], release="nodes").objects

    def test_pods_land_on_the_pools(self, release: Rendered, pools: list[Any]) -> None:
        settings = yaml.safe_load(release.settings)
        nodepools = {item["metadata"]["name"]: item["spec"] for item in pools if item["kind"] == "NodePool"}
        assert len(nodepools) == 2
        for kind, gpus in (("gpu", True), ("cpu", False)):
            selector = settings[kind]["nodeSelector"]
            assert selector.keys() == {"karpenter.sh/nodepool"}
            spec = nodepools.pop(selector["karpenter.sh/nodepool"])
            assert ("nvidia.com/gpu" in spec["limits"]) is gpus
            for taint in spec["template"]["spec"]["taints"]:
                assert any(self._tolerates(one, taint) for one in settings[kind]["tolerations"])

    @staticmethod
    def _tolerates(toleration: dict[str, str], taint: dict[str, str]) -> bool:
        return all(toleration[key] == taint[key] for key in ("key", "value", "effect"))

    def test_the_fetching_pod_too(self, release: Rendered) -> None:
        (pod,) = [spec for name, spec in release.pods() if name.startswith("Job/debate-models")]
        assert pod["nodeSelector"] == {"karpenter.sh/nodepool": "debate-cpu"}
        assert pod["serviceAccountName"] == "talks-models"

    def test_nodes_carry_the_installations_tag(self, pools: list[Any]) -> None:
        classes = [item["spec"] for item in pools if item["kind"] == "EC2NodeClass"]
        assert [spec["tags"] for spec in classes] == [{"debate-analyzer": NAME}] * 2

    def test_every_account_that_uses_the_store_was_checked(self, release: Rendered) -> None:
        made = {(one["metadata"]["namespace"], one["metadata"]["name"]) for one in release.of("ServiceAccount")}
        assert made - {("debates", "talks-operator")} == set(ACCOUNTS[1:])

    def test_karpenter_is_the_one_that_the_pools_were_tested_with(self, repository: Path) -> None:
        chart = yaml.safe_load((repository / "charts/gpu-nodepool/Chart.yaml").read_text(encoding="utf-8"))
        assert chart["appVersion"] == charts.KARPENTER
        tests = (repository / "tests/unit/chart/test_nodepool_chart.py").read_text(encoding="utf-8")
        assert f'KARPENTER = "{charts.KARPENTER}"' in tests

    def test_the_outputs_are_those_of_terraform(self) -> None:
        assert outputs("").keys() <= blocks(ROOT / "outputs.tf", "output").keys()


class TestPage:
    def test_all_of_it_with_its_types(self, served: World) -> None:
        code, said = served.tool("web")
        assert code == 0, said
        s3 = served.client("s3")
        keys = {item["Key"] for item in s3.list_objects_v2(Bucket=BUCKET)["Contents"]}
        web = served.folder / "web"
        expected = {f"website/{path.relative_to(web).as_posix()}" for path in web.rglob("*") if path.is_file()} - {
            "website/nginx.conf"
        }
        assert keys == expected
        types = {
            "index.html": "text/html; charset=utf-8",
            "css/base.css": "text/css; charset=utf-8",
            "js/main.js": "text/javascript; charset=utf-8",
            "icon.svg": "image/svg+xml; charset=utf-8",
            "config.json": "application/json; charset=utf-8",
        }
        for key, content_type in types.items():
            head = s3.head_object(Bucket=BUCKET, Key=f"website/{key}")
            assert (head["ContentType"], head["CacheControl"]) == (content_type, "no-cache")
        assert self.invalidations(served) == ["/*"]

    def test_again_and_nothing_is_put(self, served: World, monkeypatch: pytest.MonkeyPatch) -> None:
        served.tool("web")
        before = self.modified(served)
        count = len(self.invalidations(served))
        code, said = served.tool("web")
        assert code == 0
        assert "unchanged" in said
        assert self.modified(served) == before
        assert len(self.invalidations(served)) == count

    def test_what_changed_and_what_went(self, served: World) -> None:
        s3 = served.client("s3")
        served.tool("web")
        others = ("statistics/index.json", "jobs/a/job.json", "website.html", "websites/a")
        for key in (*others, "website/js/old.js"):
            s3.put_object(Bucket=BUCKET, Key=key, Body=b"{}")
        s3.put_object(Bucket=BUCKET, Key="website/icon.svg", Body=b"<svg/>")
        _, said = served.tool("web")
        assert "1 of " in said
        assert "1 deleted" in said
        keys = self.modified(served).keys()
        assert set(others) <= keys
        assert "website/js/old.js" not in keys
        icon = s3.get_object(Bucket=BUCKET, Key="website/icon.svg")["Body"].read()
        assert icon == (served.folder / "web/icon.svg").read_bytes()

    def test_the_page_comes_after_what_it_names(self, repository: Path) -> None:
        assert web_files.files(repository / "web", {})[-1].key == "website/index.html"

    def test_what_it_says_of_itself_is_what_the_chart_would(self, served: World, helm: Path) -> None:
        values = {"web": {"title": "Rat", "language": "cs", "contact": "mailto:a@example.org"}}
        config = Chart(helm).render(values).one("ConfigMap", "-web")["data"]["config.json"]
        mine = served.folder / "mine.json"
        mine.write_text(json.dumps(values), encoding="utf-8")
        served.tool("web", "--values", str(mine))
        ours = served.client("s3").get_object(Bucket=BUCKET, Key="website/config.json")["Body"].read()
        assert json.loads(ours) == json.loads(config)

    def test_without_cloudfront(self, served: World, distribution: str) -> None:
        served.applied(outputs(distribution) | {"page": None})
        code, said = served.tool("web")
        assert code == 1
        assert "the cluster serves the page" in said

    @staticmethod
    def modified(world: World) -> dict[str, Any]:
        listed = world.client("s3").list_objects_v2(Bucket=BUCKET)["Contents"]
        return {item["Key"]: item["LastModified"] for item in listed}

    @staticmethod
    def invalidations(world: World) -> list[str]:
        client = world.client("cloudfront", "us-east-1")
        distribution = client.list_distributions()["DistributionList"]["Items"][0]["Id"]
        listed = client.list_invalidations(DistributionId=distribution)["InvalidationList"].get("Items", [])
        found = [client.get_invalidation(DistributionId=distribution, Id=one["Id"]) for one in listed[-1:]]
        return [path for one in found for path in one["Invalidation"]["InvalidationBatch"]["Paths"]["Items"]]


class TestImages:
    @pytest.fixture
    def built(self, here: World) -> World:
        """docker has them; the registry lacks one."""
        here.programs.answer("docker", "image inspect", "amd64")
        client = here.client("ecr")
        client.batch_delete_image(repositoryName=f"{NAME}/worker", imageIds=[{"imageTag": "0.1.0-gpu"}])
        return here

    def test_what_lacks_is_pushed_and_nothing_else(self, built: World) -> None:
        code, said = built.tool("push-images")
        assert code == 0, said
        name = f"{REGISTRY}/{NAME}/worker:0.1.0-gpu"
        changing = [call.line for call in built.programs.calls("docker (tag|push|login)")]
        assert changing == [
            f"docker login --username AWS --password-stdin {REGISTRY}",
            f"docker tag debate-analyzer/worker:0.1.0-gpu {name}",
            f"docker push {name}",
        ]

    def test_the_password_goes_by_standard_input(self, built: World) -> None:
        _, said = built.tool("push-images")
        (login,) = built.programs.calls("docker login")
        assert login.given
        assert login.given not in said
        assert not [call for call in built.programs.calls() if login.given in call.line]

    def test_nothing_lacks(self, here: World) -> None:
        code, _ = here.tool("push-images")
        assert code == 0
        assert here.programs.calls("docker") == []

    def test_of_another_kind_of_machine(self, built: World) -> None:
        built.programs.answer("docker", "image inspect", "arm64")
        code, said = built.tool("push-images")
        assert code == 1
        assert "is for arm64, and the nodes are amd64" in said
        assert built.programs.calls("docker push") == []


@pytest.mark.parametrize(("text", "version"), [("v1.14.1", (1, 14, 1)), ("1.9", (1, 9)), ("none", ())])
def test_versions(text: str, version: tuple[int, ...]) -> None:
    assert parse_version(text) == version
