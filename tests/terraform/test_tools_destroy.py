"""debate-aws destroy against a server that plays AWS: what the cluster left goes, and nothing else; and the order.

helm, kubectl, aws and terraform are played: the server has no Kubernetes in it. What Terraform itself destroys is in
test_apply.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aws_server
import pytest
from hcl_text import blocks
from plants import Garden, of_karpenter, of_load_balancers, of_services
from terraform_cli import ROOT
from tool_world import BUCKET, NAME, REGION, World, cluster, listed, world

from debate_aws import destroy, emptying, inventory, leftovers, sweep
from debate_aws.account import Denied

OTHERS = "talks-2"  # begins like ours
ABROAD = "eu-central-1"
OUTPUTS = {
    "cluster_name": NAME,
    "region": REGION,
    "bucket": BUCKET,
    "bucket_force_destroy": False,
    "namespaces": {"release": "debates", "karpenter": "kube-system"},
}
MADE = ["module.storage.aws_s3_bucket.store", "module.cluster.aws_eks_cluster.this"]
OF_THE_BUCKET = [
    "module.storage.aws_s3_bucket_policy.store",
    "module.storage.aws_s3_bucket_cors_configuration.store[0]",
]
OF_THE_COPY = [
    "module.storage.aws_iam_role.replication[0]",
    "module.storage.aws_iam_role_policy.replication[0]",
    "module.storage.aws_s3_bucket_replication_configuration.store[0]",
]


FINDS = {"load balancer": "_balancers", "classic load balancer": "_classic", "target group": "_target_groups"}


class HurriedClock:
    """Time that passes only where somebody waits, and then by minutes: who asks every few seconds is soon done."""

    def __init__(self) -> None:
        self.time = 0.0

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += max(seconds, 100)


@pytest.fixture(scope="module")
def aws() -> Iterator[str]:
    with aws_server.running_fast() as address:
        yield address


@pytest.fixture(scope="module")
def gardens(aws: str) -> dict[str, Garden]:
    return {region: Garden(aws, region) for region in (REGION, ABROAD)}


@pytest.fixture
def here(
    aws: str,
    gardens: dict[str, Garden],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> Iterator[World]:
    found = world(aws, tmp_path, monkeypatch, capfd)
    monkeypatch.setattr("debate_aws.commands.SystemClock", HurriedClock)
    found.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    found.applied(OUTPUTS, MADE)
    kept = {region: garden.there() for region, garden in gardens.items()}
    yield found
    found.clear()
    for region, garden in gardens.items():
        garden.clear(kept[region])


@pytest.fixture
def garden(here: World, gardens: dict[str, Garden]) -> Garden:
    return gardens[REGION]


@pytest.fixture
def running(here: World, garden: Garden) -> World:
    """With a cluster that answers, and what Karpenter and users have in it."""
    endpoint = cluster(here, garden.subnets[0])
    kubectl = here.programs.answer
    kubectl("kubectl", "get", listed())
    kubectl("kubectl", "config view", endpoint)
    kubectl("kubectl", "get --raw=/version", {"major": "1", "minor": "35"})
    kubectl("kubectl", "get debatejobs", listed({}, {}))
    kubectl("kubectl", "get nodepools", listed({}, {}))
    kubectl("kubectl", "get ingresses", listed({"metadata": {"name": "page", "namespace": "debates"}}))
    services = [
        {"metadata": {"name": name, "namespace": "debates"}, "spec": {"type": kind}}
        for name, kind in (("open", "LoadBalancer"), ("inner", "ClusterIP"))
    ]
    kubectl("kubectl", "get services", listed(*services))
    return here


def terraform_ends_the_cluster(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What `terraform destroy` does to the account, in one stroke."""
    real = destroy.Root.destroy

    def ended(self: Any, var_file: str, region: str) -> None:
        real(self, var_file, region)
        if world.client("eks").list_clusters()["clusters"]:
            world.client("eks").delete_cluster(name=NAME)
        world.client("s3").delete_bucket(Bucket=BUCKET)
        world.applied({}, [])

    monkeypatch.setattr(destroy.Root, "destroy", ended)


class TestSweep:
    def test_all_of_ours_goes_and_nothing_of_others(
        self, here: World, gardens: dict[str, Garden], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        garden, abroad = gardens[REGION], gardens[ABROAD]
        far = abroad.plant("far", NAME)
        before = garden.there()
        ours = garden.plant("ours", NAME)
        others = garden.plant("theirs", OTHERS)
        nobodys = garden.plant("nobodys", None)
        assert garden.there() >= ours.everything | others.everything | nobodys.everything
        terraform_ends_the_cluster(here, monkeypatch)

        code, said = here.tool("destroy", "--yes", NAME)

        assert code == 0, said
        assert garden.there().isdisjoint(ours.everything)
        assert garden.there() >= before | others.everything | nobodys.everything
        assert abroad.there() >= far.everything
        for kind, found in ours.everything:
            assert f"swept       {kind} {found}" in said
        for _, found in others.everything | nobodys.everything | (far.everything - ours.everything):
            assert found not in said
        assert said.rstrip().endswith("left        nothing")

    def test_system_nodes_and_the_clusters_own_group_are_terraforms(self, here: World, garden: Garden) -> None:
        cluster(here, garden.subnets[0])
        node = garden.instance({"eks:cluster-name": NAME, f"kubernetes.io/cluster/{NAME}": "owned"})
        own = garden.group(
            f"eks-cluster-sg-{NAME}-1", {"aws:eks:cluster-name": NAME, f"kubernetes.io/cluster/{NAME}": "owned"}
        )
        template = garden.ec2.create_launch_template(
            LaunchTemplateName=f"{NAME}-system",
            LaunchTemplateData={"InstanceType": "t3a.medium"},
            TagSpecifications=[
                {"ResourceType": "launch-template", "Tags": [{"Key": "debate-analyzer", "Value": NAME}]}
            ],
        )["LaunchTemplate"]["LaunchTemplateId"]
        code, _ = here.tool("destroy", "--yes", NAME)
        assert code == 1  # nobody ended them here
        assert {("instance", node), ("security group", own), ("launch template", template)} <= garden.there()

    @pytest.mark.parametrize(
        "tags",
        [
            of_karpenter(NAME) | {"eks:eks-cluster-name": OTHERS},
            of_karpenter(NAME) | {f"kubernetes.io/cluster/{NAME}": "shared"},
            {"karpenter.sh/nodepool": "gpu"},
            {"karpenter.sh/nodepool": "gpu", "debate-analyzer": NAME},
        ],
        ids=["two clusters", "shared", "no cluster", "no cluster but the installation's tag"],
    )
    def test_doubt_leaves_it(self, here: World, garden: Garden, tags: dict[str, str]) -> None:
        machine = garden.instance(tags)
        account = destroy.Account(REGION)
        assert sweep.sweep(account, NAME, leftovers.AFTER, lambda *_: None, HurriedClock()) == []
        assert ("instance", machine) in garden.there()

    def test_a_group_that_others_name_is_taken_out_of_their_rules_first(self, here: World, garden: Garden) -> None:
        balancers = garden.group("k8s-web", of_load_balancers(NAME))
        nodes = garden.group(f"eks-cluster-sg-{NAME}-1", {f"kubernetes.io/cluster/{NAME}": "owned"})
        for group, source in ((nodes, balancers), (nodes, nodes)):
            pair = {"UserIdGroupPairs": [{"GroupId": source}], "IpProtocol": "tcp", "FromPort": 80, "ToPort": 80}
            garden.ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[pair])
        account = destroy.Account(REGION)
        assert sweep.sweep(account, NAME, leftovers.AFTER, lambda *_: None, HurriedClock()) == []
        (left,) = garden.ec2.describe_security_groups(GroupIds=[nodes])["SecurityGroups"]
        assert [pair["GroupId"] for rule in left["IpPermissions"] for pair in rule["UserIdGroupPairs"]] == [nodes]
        assert ("security group", balancers) not in garden.there()

    @pytest.mark.usefixtures("here")
    def test_rules_of_another_clusters_group_are_not_ours_to_take_out(self, garden: Garden) -> None:
        balancers = garden.group("k8s-web", of_load_balancers(NAME))
        tags = {"aws:eks:cluster-name": OTHERS, f"kubernetes.io/cluster/{OTHERS}": "owned"}
        theirs = garden.group(f"eks-cluster-sg-{OTHERS}-1", tags)
        pair = {"UserIdGroupPairs": [{"GroupId": balancers}], "IpProtocol": "tcp", "FromPort": 80, "ToPort": 80}
        garden.ec2.authorize_security_group_ingress(GroupId=theirs, IpPermissions=[pair])
        sweep.sweep(destroy.Account(REGION), NAME, leftovers.AFTER, lambda *_: None, HurriedClock())
        (left,) = garden.ec2.describe_security_groups(GroupIds=[theirs])["SecurityGroups"]
        assert [pair["GroupId"] for rule in left["IpPermissions"] for pair in rule["UserIdGroupPairs"]] == [balancers]

    @pytest.mark.usefixtures("here")
    def test_what_goes_while_it_is_looked_at_stops_nothing(
        self, garden: Garden, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ours, theirs = garden.plant("ours", NAME), garden.plant("theirs", OTHERS)
        pages = leftovers._pages

        def listed_and_gone(client: Any, call: str, **given: Any) -> Iterator[Any]:
            yield from list(pages(client, call, **given))
            if call == "describe_load_balancers":
                (arn,), (name,) = theirs.of["load balancer"], theirs.of["classic load balancer"]
                garden.elbv2.delete_load_balancer(LoadBalancerArn=arn)
                garden.elb.delete_load_balancer(LoadBalancerName=name)
            if call == "describe_target_groups":
                garden.elbv2.delete_target_group(TargetGroupArn=theirs.of["target group"][0])

        monkeypatch.setattr(leftovers, "_pages", listed_and_gone)
        account = destroy.Account(REGION)
        for kind in ("load balancer", "classic load balancer", "target group"):
            (kinds,) = [[one] for one in leftovers.AFTER if one.find.__name__ == FINDS[kind]]
            assert [one.id for one in sweep.find(account, NAME, kinds)] == ours.of[kind]

    def test_what_is_held_is_tried_again_and_then_told(
        self, here: World, garden: Garden, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        group = garden.group("k8s-held", of_services(NAME))
        tries = []
        monkeypatch.setattr(leftovers, "BUSY", {"DependencyViolation"})

        def held(*_: object) -> None:
            tries.append(group)
            raise leftovers.ClientError({"Error": {"Code": "DependencyViolation"}}, "DeleteSecurityGroup")

        (kind,) = [one for one in leftovers.BEFORE if one.find is leftovers._groups]
        stubborn = leftovers.Kind(kind.find, held)
        clock, lines = HurriedClock(), []
        left = sweep.sweep(destroy.Account(REGION), NAME, [stubborn], lambda *line: lines.append(line), clock)
        assert [one.id for one in left] == [group]
        assert len(tries) > 5
        assert clock.time >= sweep.WITHIN_S
        assert lines == [("held", f"security group {group} (k8s-held) could not be deleted within 10 minutes")]


class TestOrder:
    def test_kubernetes_takes_back_what_it_made_before_terraform_comes(
        self, running: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        terraform_ends_the_cluster(running, monkeypatch)
        code, said = running.tool("destroy", "--yes", NAME)
        assert code == 0, said
        acts = [
            call.line.replace(f"--kubeconfig={running.terraform}/.kubeconfig ", "")
            for call in running.programs.calls("(kubectl .* delete|helm uninstall|terraform .* destroy)")
        ]
        assert [line.split(" --namespace")[0].split(" --")[0] for line in acts] == [
            "helm uninstall debate",  # whose operator would delete outputs
            "kubectl delete debatejobs.debate-analyzer.io",
            "kubectl delete ingresses.networking.k8s.io page",
            "kubectl delete services open",
            "kubectl delete nodepools.karpenter.sh",
            "helm uninstall nodes",
            "helm uninstall karpenter",
            "helm uninstall karpenter-crd",
            f"terraform -chdir={running.terraform} destroy -auto-approve -input=false -var-file=lean.tfvars "
            f"-var=region={REGION}",
        ]
        assert "2 DebateJobs deleted" in said

    def test_what_kubernetes_does_not_end_in_time_is_told_and_swept(
        self, running: World, garden: Garden, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        running.programs.answer("kubectl", "get nodeclaims", listed({}))
        machine = garden.instance(of_karpenter(NAME))
        terraform_ends_the_cluster(running, monkeypatch)
        code, said = running.tool("destroy", "--yes", NAME)
        assert code == 0, said
        assert (
            f"Nodes are still there after {emptying.NODES_WITHIN_S / 60:.0f} minutes; their machines are ended" in said
        )
        assert f"swept       instance {machine}" in said

    @pytest.mark.parametrize("gone", [True, False], ids=["no cluster", "it does not answer"])
    def test_without_a_cluster_the_sweep_goes_on(
        self, here: World, garden: Garden, monkeypatch: pytest.MonkeyPatch, gone: bool
    ) -> None:
        if not gone:
            endpoint = cluster(here, garden.subnets[0])
            here.programs.answer("kubectl", "config view", endpoint)
            here.programs.answer("kubectl", "get --raw=/version", code=1, err="dial tcp: i/o timeout")
        machine = garden.instance(of_karpenter(NAME))
        terraform_ends_the_cluster(here, monkeypatch)
        code, said = here.tool("destroy", "--yes", NAME)
        assert code == 0, said
        assert ("is not there any more" if gone else "does not answer") in said
        assert ("instance", machine) not in garden.there()
        assert here.programs.calls("(delete|uninstall)") == []

    def test_another_cluster_behind_the_kubeconfig_is_left_alone(self, running: World) -> None:
        running.programs.answer("kubectl", "config view", "https://another.example.org")
        _, said = running.tool("destroy", "--yes", NAME)
        assert "leads to https://another.example.org" in said
        assert running.programs.calls("(kubectl .* delete|uninstall)") == []


class TestRefusals:
    @pytest.fixture(autouse=True)
    def _nothing_was_done(self, here: World, garden: Garden) -> Iterator[None]:
        machine = garden.instance(of_karpenter(NAME))
        yield
        assert ("instance", machine) in garden.there()
        assert here.programs.calls("destroy|delete|uninstall|state rm") == []

    @pytest.mark.parametrize("typed", ["", OTHERS, NAME.upper()])
    def test_a_wrong_name(self, here: World, typed: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("typer.prompt", lambda _: typed)
        code, said = here.tool("destroy")
        assert code == 1
        assert f"is not {NAME}: nothing was deleted." in said

    @pytest.mark.parametrize("deleted", [False, True], ids=["an object", "an older version alone"])
    def test_a_bucket_with_something_in_it(self, here: World, deleted: bool) -> None:
        s3 = here.client("s3")
        s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        s3.put_object(Bucket=BUCKET, Key="jobs/a/job.json", Body=b"{}")
        if deleted:
            s3.delete_object(Bucket=BUCKET, Key="jobs/a/job.json")
        code, said = here.tool("destroy", "--yes", NAME)
        assert code == 1
        assert f"The bucket {BUCKET} is not empty, so nothing was deleted." in said
        for choice in ("ARGS=--keep-bucket", "-var bucket_force_destroy=true", f"aws s3 rm --recursive s3://{BUCKET}"):
            assert choice in said

    def test_a_protected_database(self, here: World) -> None:
        here.applied(OUTPUTS, [*MADE, "module.database[0].aws_db_instance.this"])
        here.client("rds").create_db_instance(
            DBInstanceIdentifier=f"{NAME}-database",
            DBInstanceClass="db.t4g.micro",
            Engine="postgres",
            MasterUsername="debates",
            MasterUserPassword="only-of-the-test",
            AllocatedStorage=20,
            DeletionProtection=True,
        )
        code, said = here.tool("destroy", "--yes", NAME)
        assert code == 1
        assert "-var database_protected=false" in said

    @pytest.mark.parametrize(
        "outputs", [{}, {name: OUTPUTS[name] for name in ("region", "bucket", "bucket_force_destroy")}]
    )
    def test_an_apply_that_did_not_come_to_its_end(self, here: World, outputs: dict[str, Any]) -> None:
        here.applied(outputs, ["module.cluster.aws_iam_role.control_plane"])
        code, said = here.tool("destroy", "--yes", NAME, "--var-file", "my.tfvars")
        assert code == 1
        assert "Terraform has made 1 resource and has no output cluster_name, " in said
        for way in ("apply", "destroy"):
            assert f"terraform -chdir=terraform {way} -var-file=my.tfvars" in said

    def test_a_dry_run(self, here: World, garden: Garden) -> None:
        code, said = here.tool("destroy", "--dry-run")
        assert code == 0
        assert "all that Terraform made: 2 resources" in said
        (machine,) = [found for kind, found in garden.there() if kind == "instance"]
        assert f"goes        instance {machine} (g4dn.xlarge)" in said


class TestBucket:
    @pytest.mark.parametrize("kept", [True, False])
    def test_it_stays_or_goes_as_was_said(self, here: World, monkeypatch: pytest.MonkeyPatch, kept: bool) -> None:
        here.client("s3").put_object(Bucket=BUCKET, Key="jobs/a/job.json", Body=b"{}")
        here.applied(OUTPUTS | {"bucket_force_destroy": not kept}, [*MADE, *OF_THE_BUCKET])
        code, said = here.tool("destroy", "--yes", NAME, *(["--keep-bucket"] if kept else []))
        assert code == 0, said
        forgotten = [word for call in here.programs.calls("terraform .* state rm") for word in call.words[4:]]
        assert sorted(forgotten) == (sorted([MADE[0], *OF_THE_BUCKET]) if kept else [])
        assert (f"stays       the bucket {BUCKET}" in said) is kept
        assert (f"goes        the bucket {BUCKET}, with all that is in it" in said) is not kept
        if kept:
            assert said.rstrip().endswith(f"left        nothing, but the bucket {BUCKET}")
            assert "terraform/import.tf" in said
            assert f"to = {MADE[0]}" in said
            assert f'id = "{BUCKET}"' in said

    def test_one_that_was_deleted_by_hand_is_empty(self, here: World) -> None:
        here.client("s3").delete_bucket(Bucket=BUCKET)
        code, said = here.tool("destroy", "--yes", NAME)
        assert code == 0, said

    def test_what_copies_it_elsewhere_goes(self, here: World) -> None:
        here.applied(OUTPUTS, [*MADE, *OF_THE_COPY])
        code, said = here.tool("destroy", "--yes", NAME, "--keep-bucket")
        assert code == 0, said
        (call,) = here.programs.calls("terraform .* state rm")
        assert call.words[4:] == (MADE[0],)
        assert "it is not copied elsewhere any more" in said

    def test_the_addresses_are_those_of_the_code(self) -> None:
        for address in (destroy._BUCKET, destroy._DATABASE, destroy._COPYING):
            module, kind, name = address.removeprefix("module.").replace("[0]", "").split(".")
            code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "modules" / module).glob("*.tf"))
            assert f'resource "{kind}" "{name}"' in code

    def test_the_outputs_are_those_of_terraform(self) -> None:
        assert OUTPUTS.keys() <= blocks(ROOT / "outputs.tf", "output").keys()
        assert set(destroy._REMEMBERED) == OUTPUTS.keys()


class TestAgain:
    def test_nothing_is_there(self, here: World) -> None:
        here.applied({}, [])
        code, said = here.tool("destroy")
        assert code == 0
        assert "there is nothing to destroy" in said

    def test_twice(self, running: World, monkeypatch: pytest.MonkeyPatch) -> None:
        terraform_ends_the_cluster(running, monkeypatch)
        assert running.tool("destroy", "--yes", NAME)[0] == 0
        running.programs.forget()
        code, said = running.tool("destroy", "--yes", NAME)
        assert code == 0
        assert "there is nothing to destroy" in said
        assert running.programs.calls("destroy|delete|uninstall") == []

    def test_it_goes_on_where_terraform_stopped_and_had_forgotten_its_outputs(
        self, running: World, garden: Garden, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        running.programs.answer("terraform", "destroy", code=1)
        code, said = running.tool("destroy", "--yes", NAME)
        assert code == 1
        assert "it goes on where it stopped" in said
        late = garden.instance(of_karpenter(NAME))
        running.applied({}, MADE[:1])
        running.programs.answer("terraform", "destroy")
        terraform_ends_the_cluster(running, monkeypatch)
        code, said = running.tool("destroy", "--yes", NAME)
        assert code == 0, said
        assert ("instance", late) not in garden.there()
        assert not (running.terraform / destroy.NOTE).exists()


class TestProof:
    def test_what_is_left_is_told_with_its_arn(self, here: World, monkeypatch: pytest.MonkeyPatch) -> None:
        topic = here.client("sns").create_topic(Name="forgotten", Tags=[{"Key": "debate-analyzer", "Value": NAME}])
        here.client("sns").create_topic(Name="theirs", Tags=[{"Key": "debate-analyzer", "Value": OTHERS}])
        terraform_ends_the_cluster(here, monkeypatch)
        code, said = here.tool("destroy", "--yes", NAME)
        assert code == 1
        assert f"left        {topic['TopicArn']}" in said
        assert "theirs" not in said
        assert "Run this again in some minutes" in said

    def test_the_cluster_itself(self, running: World, monkeypatch: pytest.MonkeyPatch) -> None:
        code, said = running.tool("destroy", "--yes", NAME)
        assert code == 1
        assert f"left        cluster {NAME}" in said

    def test_what_is_only_listed_still_is_not_left(self, here: World, garden: Garden) -> None:
        machine = garden.instance(of_karpenter(NAME))
        account = inventory.Account(REGION)
        arns, _ = inventory.tagged(account, NAME)
        assert [arn for arn in arns if machine in arn] == [f"arn:aws:ec2:{REGION}:123456789012:instance/{machine}"]
        garden.ec2.terminate_instances(InstanceIds=[machine])
        assert [arn for arn in inventory.tagged(account, NAME)[0] if machine in arn] == []

    def test_a_region_that_may_not_be_asked_is_said(self, here: World, monkeypatch: pytest.MonkeyPatch) -> None:
        real, asked = inventory._in_region, []

        def refused(account: inventory.Account, name: str, region: str) -> list[str]:
            asked.append(region)
            if region != REGION:
                raise Denied("Cannot list: explicit deny in a service control policy", "Ask for this right.")
            return real(account, name, region)

        monkeypatch.setattr(inventory, "_in_region", refused)
        terraform_ends_the_cluster(here, monkeypatch)
        code, said = here.tool("destroy", "--yes", NAME)
        assert code == 0, said
        assert "not asked   us-east-1, which these credentials may not" in said
        assert set(asked) == {REGION, "us-east-1"}

    def test_a_last_snapshot_of_the_database_is_no_leftover(self, here: World, monkeypatch: pytest.MonkeyPatch) -> None:
        snapshot = f"arn:aws:rds:{REGION}:123456789012:snapshot:talks-before-the-end"
        monkeypatch.setattr(inventory, "_in_region", lambda *_: [snapshot])
        terraform_ends_the_cluster(here, monkeypatch)
        code, said = here.tool("destroy", "--yes", NAME)
        assert code == 0, said
        assert f"stays       {snapshot}" in said


def test_the_tags_that_the_sweep_finds_things_by_are_set(repository: Path) -> None:
    """By Terraform on all that it makes, by Karpenter because its role may make nothing without them."""
    assert 'tags = merge(var.tags, { "debate-analyzer" = var.name })' in (ROOT / "versions.tf").read_text("utf-8")
    assert 'tags = merge(var.tags, { "debate-analyzer" = var.name })' in (ROOT / "outputs.tf").read_text("utf-8")
    policies = (ROOT / "modules/karpenter/policies.tf").read_text(encoding="utf-8")
    demanded = policies.split('"StartTagged"')[1].split("statement {")[0]
    for tag in ("${local.cluster_tag}", "eks:eks-cluster-name", "karpenter.sh/nodepool"):
        assert f"aws:RequestTag/{tag}" in demanded
