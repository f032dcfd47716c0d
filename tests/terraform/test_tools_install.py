"""debate-aws install: the order, what is asked first, secrets in no list of processes, again and nothing changes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aws_server
import pytest
import yaml
from applied_account import ALIAS, BOTTLEROCKET, REGISTRY, SECRETS, TOKEN, associate, outputs, put_secret, values_of
from hcl_text import blocks
from terraform_cli import ROOT
from tool_world import BUCKET, KUBERNETES, NAME, REGION, World, listed

from debate_aws import charts, node_images, root
from debate_aws.account import Denied
from debate_aws.programs import parse_version


def acts(world: World) -> list[str]:
    """What changed something, in its order, with the part that says what."""
    changing = world.programs.calls(r"helm upgrade|kubectl .*apply|aws eks update-kubeconfig")
    lines = [re.sub(r"--kubeconfig=\S+ ", "", call.line) for call in changing]
    return [" ".join(line.split()[:3]) for line in lines]


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

    def test_by_helm_4(self, here: World) -> None:
        here.programs.answer("helm", "^version", "v4.0.1+g1")
        here.programs.answer("helm", "^list .*--all", code=1, err="Error: unknown flag: --all")
        code, said = here.tool("install")
        assert code == 0, said
        assert acts(here)[-1] == "helm upgrade debate"

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


class TestNodeImages:
    def test_they_are_looked_for_as_karpenter_does(self, here: World) -> None:
        _, said = here.tool("install")
        assert f"Bottlerocket {ALIAS} for Kubernetes {KUBERNETES}" in said

    def test_who_may_not_look_is_told_so_and_goes_on(self, here: World, monkeypatch: pytest.MonkeyPatch) -> None:
        def refused(*_: object) -> list[str]:
            raise Denied("Cannot look for Bottlerocket's images: ssm:GetParameters", "Ask for this right.")

        monkeypatch.setattr(node_images, "_lacking", refused)
        code, said = here.tool("install")
        assert code == 0, said
        assert f"Bottlerocket {ALIAS}: not looked for. Cannot look for Bottlerocket's images" in said


class TestModels:
    @staticmethod
    def told(world: World, *conditions: dict[str, str]) -> str:
        """What it says where the Job that fetches models is in this state."""
        job = {"metadata": {"name": "debate-models-1"}, "status": {"conditions": list(conditions)}}
        world.programs.answer("kubectl", "get jobs .*instance=debate,.*component=models", listed(job))
        code, said = world.tool("install")
        assert code == 0, said
        return said

    def test_a_job_that_failed_is_made_anew(self, here: World) -> None:
        limit = "Job has reached the specified backoff limit"
        said = self.told(here, {"type": "Failed", "status": "True", "message": limit})
        assert f"fetching them had failed ({limit}); it begins anew" in said
        changes = [call.line for call in here.programs.calls("delete|helm upgrade debate ")]
        assert "delete job debate-models-1 --namespace=debates" in changes[0]
        assert changes[1].startswith("helm upgrade debate ")

    @pytest.mark.parametrize(
        "conditions",
        [[], [{"type": "Complete", "status": "True"}], [{"type": "Failed", "status": "False"}]],
        ids=["runs", "done", "not failed"],
    )
    def test_any_other_is_left_alone(self, here: World, conditions: list[dict[str, str]]) -> None:
        assert "had failed" not in self.told(here, *conditions)
        assert here.programs.calls("delete") == []


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

    @pytest.mark.parametrize("lacking", BOTTLEROCKET)
    def test_nodes_that_have_no_image_for_this_kubernetes(self, here: World, lacking: str) -> None:
        aws_server.unpublish(REGION, lacking)
        code, said = here.tool("install")
        assert code == 1
        assert f"There is no Bottlerocket {ALIAS} for Kubernetes {KUBERNETES}: Karpenter would make no node." in said
        assert "Set nodeClass.amiAlias" in said
        assert f"--region {REGION} --name /aws/service/bottlerocket/aws-k8s-{KUBERNETES}-nvidia/x86_64/latest" in said

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

    @pytest.mark.parametrize("command", ["install", "destroy"])
    def test_terraform_does_not_know_its_state_yet(self, here: World, command: str) -> None:
        err = 'Error: Backend initialization required, please run "terraform init"'
        here.programs.answer("terraform", "", code=1, err=err)
        assert here.tool(command) == (
            1,
            "Terraform does not know yet where its state is kept, so it is not known what is installed.\n"
            "  -> make -C terraform bootstrap REGION=eu-central-1 && make -C terraform init\n",
        )
        (here.terraform / "backend.hcl").touch()
        assert here.tool(command)[1].endswith("  -> make -C terraform init\n")

    def test_nothing_is_applied(self, here: World) -> None:
        here.applied({})
        code, said = here.tool("install")
        assert code == 1
        assert "nothing is applied" in said

    @pytest.mark.parametrize("command", ["install", "push-images", "web", "smoke"])
    def test_an_apply_that_did_not_come_to_its_end(self, here: World, command: str) -> None:
        here.applied({"region": REGION, "bucket": BUCKET, "bucket_force_destroy": False}, ["aws_iam_role.this"])
        code, said = here.tool(command)
        assert code == 1
        assert "the last apply did not come to its end" in said
        assert "no output cluster_name, " in said
        assert "-> terraform -chdir=terraform apply -var-file=" in said

    def test_values_that_are_none(self, here: World, tmp_path: Path) -> None:
        (tmp_path / "mine.yaml").write_text("- web\n", encoding="utf-8")
        code, said = here.tool("install", "--values", str(tmp_path / "mine.yaml"))
        assert code == 1
        assert "holds no values" in said


@pytest.mark.parametrize(("text", "version"), [("v1.14.1", (1, 14, 1)), ("1.9", (1, 9)), ("none", ())])
def test_versions(text: str, version: tuple[int, ...]) -> None:
    assert parse_version(text) == version


def test_the_outputs_are_those_of_terraform() -> None:
    assert outputs("").keys() <= blocks(ROOT / "outputs.tf", "output").keys()
    assert {*root.WANTED, "page"} == outputs("").keys()
