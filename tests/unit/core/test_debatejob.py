"""DebateJob manifests: what is accepted, what is refused, and in which words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from debate_core.documents.debatejob import DebateJob
from debate_core.errors import InvalidJob
from debate_core.reasons import ExitCode, Reason

EXAMPLES = sorted((Path(__file__).parents[3] / "examples").glob("*.yaml"))

LINK = {"url": "https://www.youtube.com/watch?v=abc"}
OBJECT = {"object": "s3://bucket/jobs/a-1/videos/debate.mp4"}


def manifest(spec: dict[str, Any] | None = None, **top: Any) -> str:
    """A manifest with a link as its source, but for what is given."""
    whole = {
        "apiVersion": "debate-analyzer.io/v1alpha1",
        "kind": "DebateJob",
        "metadata": {"name": "debate"},
        "spec": {"source": LINK} | (spec or {}),
    }
    return yaml.safe_dump(whole | top)


def deep(text: str) -> dict[str, Any]:
    """`a.b=1` as {"a": {"b": 1}}; the value is YAML."""
    path, _, value = text.partition("=")
    nested: Any = yaml.safe_load(value)
    for part in reversed(path.split(".")):
        nested = {part: nested}
    return dict(nested)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_every_example_can_be_read(path: Path) -> None:
    DebateJob.from_yaml(path.read_text(encoding="utf-8"))


def test_there_are_examples() -> None:
    assert EXAMPLES


def test_defaults() -> None:
    job = DebateJob.from_yaml(manifest())

    assert job.metadata.name == "debate"
    assert job.spec.mode == "Full"
    assert job.spec.language == "auto"
    assert job.spec.transcription.model == "large-v3-turbo"
    assert job.spec.diarization.enabled
    assert job.spec.publish
    assert (job.spec.parallelism, job.spec.run) == (1, 1)
    assert (job.spec.retry.attempts, job.spec.retry.interruptions, job.spec.retry.on_demand_after) == (2, 10, 3)
    assert job.spec.deadlines.model_dump() == {"pending_seconds": 1800, "active_seconds": 21600, "retry_seconds": 86400}


@pytest.mark.parametrize(
    "spec",
    [
        "source={url: 'http://example.org/a.mp4'}",
        "source={object: 's3://bucket/a key with spaces.mp4', etag: abc}",
        "source={file: 'some folder/a.mp4'}",
        "jobId=a",
        "jobId=2026-11-22-debate",
        "mode=DownloadOnly",
        "language=cs",
        "language=yue",
        "transcription={model: large-v3, task: translate}",
        "transcription.hotwords=[NATO, 'Ústavní soud']",
        "diarization={enabled: false}",
        "diarization={minSpeakers: 2, maxSpeakers: 2}",
        "speakers=[Jana Nováková, 'O''Brien']",
        "extras=[scenes, summary, clips]",
        "parallelism=64",
        "deadlines={pendingSeconds: 1, activeSeconds: 1, retrySeconds: 1}",
        "ttl={succeededSeconds: 0}",
        "callback={url: 'https://example.org/hook', secretRef: {name: hook, key: secret}}",
        "podOverrides.env=[{name: DEBATE_DEVICE, value: cpu}]",
        "podOverrides.resources={limits: {nvidia.com/gpu: 1, memory: 8Gi}}",
        "podOverrides.tolerations=[{key: gpu, operator: Exists}]",
    ],
)
def test_accepted(spec: str) -> None:
    job = DebateJob.from_yaml(manifest(deep(spec)))

    written = job.model_dump(mode="json", by_alias=True, exclude_unset=True)["spec"]
    assert written == {"source": LINK} | deep(spec)


def test_a_file_in_the_store_can_be_transcribed_again() -> None:
    job = DebateJob.from_yaml(manifest({"mode": "TranscribeOnly", "source": OBJECT}))

    assert job.spec.source.object == OBJECT["object"]


def test_what_kubectl_adds_is_ignored() -> None:
    job = DebateJob.from_yaml(
        manifest(
            metadata={"name": "a", "namespace": "talks", "uid": "0d3f", "resourceVersion": "7", "managedFields": []},
            status={"phase": "Running"},
        )
    )

    assert (job.metadata.namespace, job.metadata.uid) == ("talks", "0d3f")


def test_json_is_yaml() -> None:
    text = '{"metadata": {"name": "a"}, "spec": {"source": {"file": "a.mp4"}}}'

    assert DebateJob.from_yaml(text).spec.source.file == "a.mp4"


@pytest.mark.parametrize(
    ("spec", "where", "what"),
    [
        ("source={}", "spec.source", "exactly one"),
        ("source={url: 'https://a.org/b', file: c.mp4}", "spec.source", "exactly one"),
        ("source={url: null}", "spec.source", "exactly one"),
        ("source={url: 'ftp://a.org/b'}", "spec.source.url", "pattern"),
        ("source={url: 'file:///etc/passwd'}", "spec.source.url", "pattern"),
        ("source={object: 'https://bucket/key'}", "spec.source.object", "pattern"),
        ("source={object: 's3://bucket'}", "spec.source.object", "pattern"),
        ("source={object: 's3://bucket/'}", "spec.source.object", "pattern"),
        ("source={file: ''}", "spec.source.file", "at least 1 character"),
        ("source={file: a.mp4, etag: abc}", "spec.source", "etag goes with object"),
        ("source={path: a.mp4}", "spec.source.path", "not permitted"),
        ("source=a.mp4", "spec.source", "dictionary"),
        ("source=null", "spec.source", "required"),
        ("jobId=Debate", "spec.jobId", "pattern"),
        ("jobId=../other", "spec.jobId", "pattern"),
        ("jobId=-a", "spec.jobId", "pattern"),
        ("jobId=''", "spec.jobId", "pattern"),
        (f"jobId={'a' * 64}", "spec.jobId", "pattern"),
        ('jobId="a\\n"', "spec.jobId", "pattern"),
        ("job_id=a", "spec.job_id", "not permitted"),
        ("mode=full", "spec.mode", "'Full', 'DownloadOnly' or 'TranscribeOnly'"),
        ("mode=TranscribeOnly", "spec", "needs source.object"),
        ("language=english", "spec.language", "pattern"),
        ("language=no", "spec.language", "valid string"),  # YAML's no is false
        ("transcription={model: large-v3-turbo, task: translate}", "spec.transcription", "cannot translate"),
        ("transcription={task: translate}", "spec.transcription", "cannot translate"),  # turbo is the default
        ("transcription={backend: http}", "spec.transcription.backend", "'local'"),
        ("transcription={model: ''}", "spec.transcription.model", "at least 1 character"),
        (f"transcription.hotwords={['a'] * 101}", "spec.transcription.hotwords", "at most 100 items"),
        ("diarization={minSpeakers: 3, maxSpeakers: 2}", "spec.diarization", "above maxSpeakers"),
        ("diarization={minSpeakers: 0}", "spec.diarization.minSpeakers", "greater than or equal to 1"),
        ("diarization={maxSpeakers: 101}", "spec.diarization.maxSpeakers", "less than or equal to 100"),
        ("extras=[quiz]", "spec.extras.0", "'scenes', 'summary' or 'clips'"),
        ("publish='yes'", "spec.publish", "boolean"),
        ("parallelism=0", "spec.parallelism", "greater than or equal to 1"),
        ("parallelism='2'", "spec.parallelism", "integer"),
        ("parallelism=1.5", "spec.parallelism", "integer"),
        ("parallelism=65", "spec.parallelism", "less than or equal to 64"),
        ("run=0", "spec.run", "greater than or equal to 1"),
        ("deadlines={activeSeconds: 0}", "spec.deadlines.activeSeconds", "greater than or equal to 1"),
        ("deadlines={activeHours: 2}", "spec.deadlines.activeHours", "not permitted"),
        ("retry={attempts: 11}", "spec.retry.attempts", "less than or equal to 10"),
        ("retry={interruptions: -1}", "spec.retry.interruptions", "greater than or equal to 0"),
        ("ttl={failedSeconds: -1}", "spec.ttl.failedSeconds", "greater than or equal to 0"),
        ("ttl={failedSeconds: .nan}", "spec.ttl.failedSeconds", "integer"),
        ("deletionPolicy=Delete", "spec.deletionPolicy", "'Retain' or 'DeleteOutputs'"),
        ("callback={url: 'http://a.org', secretRef: {name: a, key: b}}", "spec.callback.url", "pattern"),
        ("callback={url: 'https://a.org'}", "spec.callback.secretRef", "required"),
        ("podOverrides.env=[{name: PATH, value: /tmp}]", "spec.podOverrides.env.0.name", "pattern"),
        ("podOverrides.env=[{name: DEBATE_A, valueFrom: {}}]", "spec.podOverrides.env.0", "required"),
        ("podOverrides={image: other}", "spec.podOverrides.image", "not permitted"),
        ("download={maxHeight: 100}", "spec.download.maxHeight", "greater than or equal to 144"),
        (f"speakers=['{'a' * 254}']", "spec.speakers.0", "at most 253 characters"),
        ("colour=red", "spec.colour", "not permitted"),
    ],
)
def test_refused_with_the_field_and_the_reason(spec: str, where: str, what: str) -> None:
    with pytest.raises(InvalidJob) as refused:
        DebateJob.from_yaml(manifest(deep(spec)))

    assert refused.value.message.startswith(f"{where}")
    assert what in refused.value.message
    assert refused.value.exit_code is ExitCode.INVALID_JOB
    assert refused.value.reason is Reason.INVALID_SPEC


@pytest.mark.parametrize("name", ["", "A", "-a", "a-", "a_b", "a.b", "a/b", "../a", "ž", "a" * 44, "a\n"])
def test_refused_names(name: str) -> None:
    with pytest.raises(InvalidJob, match=r"^metadata\.name: "):
        DebateJob.from_yaml(manifest(metadata={"name": name}))


@pytest.mark.parametrize("name", ["a", "0", "a" * 43, "2026-budget-debate"])
def test_accepted_names(name: str) -> None:
    assert DebateJob.from_yaml(manifest(metadata={"name": name})).metadata.name == name


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "empty or not one object"),
        ("[]", "empty or not one object"),
        ("just text", "empty or not one object"),
        ("a: [", "not YAML"),
        ("a: 1\n---\nb: 2\n", "not YAML"),
        ("!!python/object/apply:os.system ['true']", "not YAML"),
        ("spec: {source: {file: a.mp4}}", "metadata: Field required"),
        ("metadata: {name: a}", "spec: Field required"),
        (manifest(kind="Job"), "kind: Input should be 'DebateJob'"),
        (manifest(apiVersion="v1"), "apiVersion: Input should be 'debate-analyzer.io/v1alpha1'"),
    ],
)
def test_refused_manifests(text: str, what: str) -> None:
    with pytest.raises(InvalidJob, match=what):
        DebateJob.from_yaml(text)


def test_the_message_counts_the_other_mistakes() -> None:
    with pytest.raises(InvalidJob, match=r"\(and 1 more\)$"):
        DebateJob.from_yaml(manifest({"parallelism": 0, "run": 0}))


UID = "0f3c2a1b-aaaa-bbbb-cccc-000000000000"


@pytest.mark.parametrize(
    ("spec", "uid", "expected"),
    [
        ({}, "", "debate"),
        ({}, UID, "debate-0f3c2a1b"),
        ({"jobId": "chosen"}, UID, "chosen"),
        ({"mode": "TranscribeOnly", "source": OBJECT}, UID, "a-1"),
        ({"mode": "TranscribeOnly", "source": {"object": "s3://b/in/here/jobs/a-1/videos/x.mp4"}}, UID, "a-1"),
        ({"mode": "TranscribeOnly", "source": {"object": "s3://jobs/jobs/jobs/videos/x.mp4"}}, UID, "jobs"),
        ({"mode": "TranscribeOnly", "source": {"object": "s3://jobs/a-1/videos/x.mp4"}}, UID, "debate-0f3c2a1b"),
        ({"mode": "TranscribeOnly", "source": {"object": "s3://b/uploads/x.mp4"}}, UID, "debate-0f3c2a1b"),
        ({"mode": "TranscribeOnly", "source": OBJECT, "jobId": "chosen"}, UID, "chosen"),
        ({"source": OBJECT}, UID, "debate-0f3c2a1b"),
    ],
)
def test_the_job_id(spec: dict[str, Any], uid: str, expected: str) -> None:
    job = DebateJob.from_yaml(manifest(spec, metadata={"name": "debate", "uid": uid}))
    assert job.job_id == expected


def test_a_uid_that_kubernetes_never_makes_is_refused() -> None:
    job = DebateJob.from_yaml(manifest(metadata={"name": "debate", "uid": "not-a-uid"}))
    with pytest.raises(InvalidJob, match=r"^metadata: uid 'not-a-uid' does not begin"):
        _ = job.job_id
