"""debate-aws smoke without a cluster: what it asks for, says of each change, and when it says that all is well."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from debate_aws import smoke
from debate_aws.account import Account
from debate_aws.programs import BORNE, Kube, ProgramFailed, bearing
from debate_aws.smoke import Store, Trial
from debate_core.documents.debatejob import DebateJob

NAME = "smoke-1126-091500"
OUTPUTS = {
    kind: f"jobs/{NAME}/transcripts/sample-debate{ending}"
    for kind, ending in (("transcript", "_transcription.json"), ("words", ".words.json"), ("captions", ".vtt"))
}
DONE = {
    "phase": "Succeeded",
    "step": "finish",
    "progress": 100,
    "outputs": OUTPUTS,
    "result": {"words": 488, "speakers": 3},
}
STATISTICS = f"statistics/by-job/{NAME}.json"


class Clock:
    """Time passes only where somebody waits."""

    def __init__(self) -> None:
        self.time = 0.0

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += seconds


@dataclass(frozen=True)
class Bucket(Store):
    """A store in memory: the real one is tried on a cluster."""

    keys: set[str] = field(default_factory=set)

    def put(self, path: str, file: Path) -> str:
        self.keys.add(self.key(path))
        return f"s3://{self.bucket}/{self.key(path)}"

    def has(self, key: str) -> bool:
        return key in self.keys

    def names(self, path: str) -> int:
        return len([key for key in self.keys if key.startswith(self.key(path))])


@dataclass(frozen=True)
class Cluster(Kube):
    """Answers with one status after the other, the last for ever. bucket: emptied when the debate is deleted."""

    statuses: list[dict[str, Any]] = field(default_factory=list)
    bucket: Bucket | None = None
    applied: list[Any] = field(default_factory=list)
    deleted: list[tuple[str, ...]] = field(default_factory=list)

    def get(self, *words: str) -> Any:
        if words[0] == "node":
            labels = {"node.kubernetes.io/instance-type": "g4dn.xlarge", "karpenter.sh/capacity-type": "spot"}
            return {"metadata": {"labels": labels}}
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        return {"metadata": {"uid": "u-1"}, "status": status}

    def items(self, *words: str) -> list[Any]:
        assert words == ("pods", "--namespace", "debates", f"--selector={smoke._UID}=u-1,{smoke._STEP}=analyze")
        return [{"spec": {"nodeName": "ip-10-42-0-1"}}]

    def apply(self, *objects: Any, fix: str = "") -> None:
        self.applied.extend(objects)

    def kubectl(self, *words: str, given: str | None = None, fix: str = "") -> str:
        self.deleted.append(words)
        if self.bucket is not None:
            self.bucket.keys.clear()
        return ""


def cluster_with(*statuses: dict[str, Any], bucket: Bucket | None = None) -> Cluster:
    return Cluster(Path("/kubeconfig"), statuses=list(statuses), bucket=bucket)


@pytest.fixture
def bucket() -> Bucket:
    return Bucket(Account("eu-west-1"), "s3://talks", {*OUTPUTS.values(), STATISTICS})


def run(cluster: Cluster, bucket: Bucket, *, keep: bool = False, **trial: Any) -> tuple[bool, list[tuple[str, str]]]:
    lines: list[tuple[str, str]] = []
    tried = Trial(cluster, "debates", bucket, NAME, Path("sample-debate.mp4"), **trial)
    worked = smoke.smoke(
        tried, within_s=600, keep=keep, say=lambda subject, what: lines.append((subject, what)), clock=Clock()
    )
    return worked, lines


def running(step: str, progress: int) -> dict[str, Any]:
    return {"phase": "Running", "step": step, "progress": progress}


def test_a_line_for_each_change_and_none_for_none(bucket: Bucket) -> None:
    waiting = {"phase": "Provisioning", "step": "prepare", "message": "waits for a node"}
    states = [{}, waiting, waiting, running("prepare", 5), running("analyze", 10), running("analyze", 10), DONE]
    worked, lines = run(cluster_with(*states, bucket=bucket), bucket)
    assert worked
    timed = [(subject, what) for subject, what in lines if subject[:2].isdigit()]
    assert timed == [
        ("00:00", "Pending"),
        ("00:03", "Provisioning prepare - waits for a node"),
        ("00:09", "Running prepare 5%"),
        ("00:12", "Running analyze 10% on g4dn.xlarge (spot)"),
        ("00:18", "Succeeded finish 100%"),
    ]
    assert ("outputs", "captions, transcript, words: 488 words of 3 speakers") in lines
    assert ("time", "18 s; analyze ran on g4dn.xlarge (spot)") in lines


def test_it_deletes_its_own_and_waits_for_that(bucket: Bucket) -> None:
    cluster = cluster_with(DONE, bucket=bucket)
    worked, lines = run(cluster, bucket)
    assert worked
    assert cluster.deleted == [("delete", "debatejob", NAME, "--namespace", "debates", "--wait=true")]
    assert lines[-1][0] == "deleted"


def test_it_keeps_what_it_is_told_to_keep(bucket: Bucket) -> None:
    cluster = cluster_with(DONE)
    assert run(cluster, bucket, keep=True)[0]
    assert cluster.deleted == []


@pytest.mark.parametrize(
    ("status", "lost", "said"),
    [
        ({"phase": "Failed", "reason": "NoCapacity", "message": "No GPU came."}, None, "NoCapacity: No GPU came."),
        (running("analyze", 10), None, "It has not ended within 10 min 00 s."),
        (DONE, OUTPUTS["words"], "These outputs are not in s3://talks: words"),
        (DONE, STATISTICS, "No statistics within 7 min 00 s"),
    ],
    ids=["failed", "late", "an output is missing", "no statistics"],
)
def test_what_does_not_work_is_said_and_kept(
    bucket: Bucket, status: dict[str, Any], lost: str | None, said: str
) -> None:
    cluster = cluster_with(status)
    bucket.keys.discard(lost or "")
    worked, lines = run(cluster, bucket)
    assert not worked
    assert said in "\n".join(what for _, what in lines)
    assert cluster.deleted == []
    watch = f"kubectl --kubeconfig /kubeconfig -n debates get debatejob {NAME} --watch"
    assert watch in "\n".join(what for _, what in lines)


def asked(answers: Sequence[bool | str]) -> list[bool]:
    """What is heard where these come one after the other. A text: of kubectl, which failed."""
    left = list(answers)

    def ask() -> bool:
        answer = left.pop(0)
        if isinstance(answer, str):
            raise ProgramFailed("kubectl get failed", "", answer)
        return answer

    heard = bearing(ask)
    return [heard() for _ in answers]


def test_an_api_that_is_away_for_a_moment_ends_no_watching() -> None:
    away = ["dial tcp: i/o timeout"] * (BORNE - 1)
    assert asked([*away, False, *away, True]) == [*[False] * (2 * BORNE - 1), True]
    with pytest.raises(ProgramFailed):
        asked([*away, "dial tcp: i/o timeout"])
    with pytest.raises(ProgramFailed):
        asked(['Error from server (NotFound): debatejobs "a" not found'])


def test_smoke_bears_it(bucket: Bucket) -> None:
    @dataclass(frozen=True)
    class Away(Cluster):
        calls: list[str] = field(default_factory=list)

        def get(self, *words: str) -> Any:
            self.calls.append(words[0])
            if len(self.calls) == 2:
                raise ProgramFailed("kubectl get failed", "", "dial tcp: i/o timeout")
            return super().get(*words)

    cluster = Away(Path("/kubeconfig"), statuses=[running("prepare", 5), DONE], bucket=bucket)
    assert run(cluster, bucket)[0]


@pytest.mark.parametrize("uri", ["s3://talks", "s3://talks/of/mine"])
def test_the_operator_takes_the_manifest(uri: str) -> None:
    """The sample is put where its key names the id, so that one deletion takes it along."""
    bucket = Bucket(Account("eu-west-1"), uri)
    trial = Trial(cluster_with(DONE), "debates", bucket, NAME, Path("sample-debate.mp4"))
    job = DebateJob.model_validate(trial.manifest())
    assert job.spec.job_id == NAME
    assert job.spec.mode == "TranscribeOnly"
    assert str(job.spec.source.object) == f"{uri}/jobs/{NAME}/videos/sample-debate.mp4"
    assert job.spec.deletion_policy == "DeleteOutputs"


def test_a_video_of_another_bucket(bucket: Bucket) -> None:
    cluster = cluster_with(DONE, bucket=bucket)
    run(cluster, bucket, source="s3://recordings/a.mp4", model="whisper-demo")
    (manifest,) = cluster.applied
    job = DebateJob.model_validate(manifest)
    assert (str(job.spec.source.object), job.spec.mode) == ("s3://recordings/a.mp4", "Full")
    assert job.spec.transcription.model == "whisper-demo"


def test_its_name_is_one_of_kubernetes() -> None:
    assert smoke.new_name(datetime(2026, 11, 26, 9, 15, tzinfo=UTC)) == NAME
