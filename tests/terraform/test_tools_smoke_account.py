"""debate-aws smoke with the account of an apply: the sample goes into its bucket, and the exit code says how it was."""

from __future__ import annotations

import json
from typing import Any

import pytest
from applied_account import outputs
from boto3 import Session
from tool_world import BUCKET, World

from debate_aws import smoke


@pytest.fixture
def succeeding(served: World) -> World:
    """Whatever debate is asked for has ended well, with its outputs and statistics in the bucket."""
    outputs = {"transcript": "jobs/a/transcripts/a_transcription.json"}
    status = {"phase": "Succeeded", "step": "finish", "progress": 100, "outputs": outputs, "result": {}}
    served.programs.answer("kubectl", "get debatejob ", {"metadata": {"uid": "u-1"}, "status": status})
    for key in outputs.values():
        served.client("s3").put_object(Bucket=BUCKET, Key=key, Body=b"{}")
    return served


@pytest.fixture(autouse=True)
def _same_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smoke, "new_name", lambda _: "smoke-1")


def put_statistics(world: World) -> None:
    world.client("s3").put_object(Bucket=BUCKET, Key="statistics/by-job/smoke-1.json", Body=b"{}")


def test_the_sample_goes_into_the_accounts_bucket(succeeding: World) -> None:
    put_statistics(succeeding)
    code, said = succeeding.tool("smoke", "--keep")
    assert code == 0, said
    sample = succeeding.client("s3").get_object(Bucket=BUCKET, Key="jobs/smoke-1/videos/sample-debate.mp4")["Body"]
    assert sample.read() == (succeeding.folder / "examples/sample-debate.mp4").read_bytes()
    (applied,) = succeeding.programs.calls("kubectl .*apply")
    (manifest,) = json.loads(applied.given)["items"]
    assert manifest["metadata"] == {"name": "smoke-1", "namespace": "debates"}
    assert manifest["spec"]["source"] == {"object": f"s3://{BUCKET}/jobs/smoke-1/videos/sample-debate.mp4"}
    assert "https://d1.cloudfront.net/#/debate/smoke-1" in said


def test_without_cloudfront(succeeding: World) -> None:
    put_statistics(succeeding)
    succeeding.applied(outputs("") | {"page": None})
    code, said = succeeding.tool("smoke", "--keep")
    assert code == 0, said
    assert "#/debate/" not in said


def test_a_store_that_is_not_there(succeeding: World) -> None:
    code, said = succeeding.tool("smoke", "--kubeconfig", "mine", "--store", "s3://mistyped")
    assert code == 1
    assert "Cannot put sample-debate.mp4 into s3://mistyped: NoSuchBucket" in said


def test_no_such_profile(succeeding: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("debate_aws.account.boto3.Session", Session)
    monkeypatch.setenv("AWS_PROFILE", "nope")
    code, said = succeeding.tool("smoke", "--kubeconfig", "mine", "--store", "s3://any")
    assert code == 1
    assert "The config profile (nope) could not be found." in said
    assert "aws configure list-profiles" in said


def test_exit_code_1_where_it_does_not_work(succeeding: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smoke, "STATISTICS_WITHIN_S", 0)
    code, said = succeeding.tool("smoke")
    assert code == 1
    assert "No statistics" in said


def test_stopped_by_hand_it_says_how_to_watch_on(succeeding: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: Any, **__: Any) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr(smoke, "wait_until", interrupted)
    code, said = succeeding.tool("smoke")
    assert code == 130
    assert "The debate goes on, if it was begun:" in said
    assert "-n debates get debatejob smoke-1 --watch" in said
    assert succeeding.programs.calls("kubectl .*delete") == []


def test_another_cluster_needs_its_store(succeeding: World) -> None:
    code, said = succeeding.tool("smoke", "--context", "kind-debates")
    assert code == 1
    assert "--store s3://bucket" in said


def test_no_cluster(succeeding: World) -> None:
    succeeding.client("eks").delete_cluster(name="talks")
    code, said = succeeding.tool("smoke")
    assert code == 1
    assert "There is no cluster talks" in said
