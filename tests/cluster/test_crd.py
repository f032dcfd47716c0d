"""The DebateJob resource on a real API server: what it accepts, refuses, fills in, shows, and lets nobody change.

The pydantic model gets the same objects (debatejobs.yaml) and must come to the same verdicts: what the API server lets
in, the operator can read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from kube import Cluster
from kubernetes.client import ApiException, CoreV1Api, CustomObjectsApi
from pydantic import BaseModel

from debate_core.documents.debatejob import DebateJob, DebateJobSpec, Source
from debate_core.documents.debatejob_status import (
    Condition,
    DebateJobStatus,
    Display,
    Outputs,
    Phase,
    Publication,
    Result,
    StepState,
    StepStatus,
)
from debate_core.errors import InvalidJob
from debate_core.reasons import Reason

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted(path for path in (ROOT / "examples").glob("*.yaml") if path.name != "sample-debate.yaml")
WHERE = ("debate-analyzer.io", "v1alpha1")
LINK = {"url": "https://example.org/debate.mp4"}


def manifest(case: dict[str, Any]) -> dict[str, Any]:
    """The DebateJob of a case. `%%7` stands for seven letters."""
    text = json.dumps({"name": case.get("name", "debate"), "spec": {"source": LINK} | case.get("spec", {})})
    given = json.loads(re.sub(r"%%(\d+)", lambda match: "a" * int(match[1]), text))
    return {
        "apiVersion": "debate-analyzer.io/v1alpha1",
        "kind": "DebateJob",
        "metadata": {"name": given["name"]},
        "spec": given["spec"],
    }


CASES = yaml.safe_load((Path(__file__).parent / "debatejobs.yaml").read_text(encoding="utf-8"))
GOOD = pytest.mark.parametrize("case", CASES["good"], ids=lambda case: case["title"])
BAD = pytest.mark.parametrize("case", CASES["bad"], ids=lambda case: case["title"])


class Api:
    """DebateJobs of one namespace, by the API server. What it refuses, it refuses with ApiException."""

    def __init__(self, cluster: Cluster, namespace: str) -> None:
        self._objects, self.namespace = CustomObjectsApi(cluster.client()), namespace

    def create(self, body: dict[str, Any], *, dry_run: bool = True) -> dict[str, Any]:
        """The object as it would be stored: pruned, and with its defaults."""
        stored: dict[str, Any] = self._objects.create_namespaced_custom_object(
            *WHERE, self.namespace, "debatejobs", body, field_validation="Strict", dry_run="All" if dry_run else None
        )
        return stored

    def patch(self, name: str, spec: dict[str, Any]) -> dict[str, Any]:
        """A merge patch of the spec that is tried, not done."""
        patched: dict[str, Any] = self._objects.patch_namespaced_custom_object(
            *WHERE,
            self.namespace,
            "debatejobs",
            name,
            {"spec": spec},
            field_validation="Strict",
            dry_run="All",
            _content_type="application/merge-patch+json",
        )
        return patched

    def write_status(self, name: str, status: dict[str, Any]) -> dict[str, Any]:
        written: dict[str, Any] = self._objects.patch_namespaced_custom_object_status(
            *WHERE,
            self.namespace,
            "debatejobs",
            name,
            {"status": status},
            field_validation="Strict",
            _content_type="application/merge-patch+json",
        )
        return written


def message(refused: ApiException) -> str:
    """What a person reads of it."""
    assert refused.status in {400, 422}, refused
    return str(json.loads(str(refused.body))["message"])


@pytest.fixture(scope="module")
def api(cluster: Cluster) -> Iterator[Api]:
    """A namespace of these tests' own, which no operator watches. The CRD is the one that the chart installed."""
    core = CoreV1Api(cluster.client())
    namespace = core.create_namespace({"metadata": {"generateName": "crd-"}}).metadata.name
    yield Api(cluster, namespace)
    core.delete_namespace(namespace)


@pytest.fixture(scope="module")
def stored(api: Api) -> str:
    """A DebateJob that exists and says everything that can be left out; its name."""
    spec = {
        "source": {"object": "s3://bucket/a.mp4", "etag": "abc"},
        "jobId": "a-1",
        "run": 3,
        "extras": ["clips", "scenes"],
        "speakers": ["Jana"],
        "queueName": "night",
        "callback": {"url": "https://example.org/hook", "secretRef": {"name": "hook", "key": "key"}},
        "podOverrides": {"env": [{"name": "DEBATE_A", "value": "1"}, {"name": "DEBATE_B", "value": "2"}]},
    }
    return str(api.create(manifest({"name": "stored", "spec": spec}), dry_run=False)["metadata"]["name"])


# --- what is accepted and refused, by both ---


def test_there_are_enough_cases() -> None:
    assert len(CASES["good"]) >= 25
    assert len(CASES["bad"]) >= 35


@GOOD
def test_good_for_the_model(case: dict[str, Any]) -> None:
    DebateJob.from_resource(manifest(case))


@GOOD
def test_good_for_the_api_server_and_read_back_as_it_was_meant(api: Api, case: dict[str, Any]) -> None:
    kept = api.create(manifest(case))

    assert DebateJob.from_resource(kept).spec == DebateJob.from_resource(manifest(case)).spec


@BAD
def test_bad_for_the_model(case: dict[str, Any]) -> None:
    with pytest.raises(InvalidJob) as refused:
        DebateJob.from_resource(manifest(case))

    where, _, what = refused.value.message.partition(": ")
    field = re.sub(r"\[(\d+)\]", r".\1", case["of"])
    assert f"{field}.".startswith(f"{where}.") or where.startswith(f"{field}.")
    assert case.get("says", "") in refused.value.message
    assert what


@BAD
def test_bad_for_the_api_server(api: Api, case: dict[str, Any]) -> None:
    with pytest.raises(ApiException) as refused:
        api.create(manifest(case))

    assert case["of"] in message(refused.value)
    assert case.get("says", "") in message(refused.value)


def test_both_fill_in_the_same_defaults(api: Api) -> None:
    kept = api.create(manifest({}))["spec"]

    own = DebateJobSpec(source=Source(url=LINK["url"])).model_dump(mode="json", by_alias=True, exclude_none=True)
    assert kept == own


def test_a_spec_must_be_there(api: Api) -> None:
    bare = {key: value for key, value in manifest({}).items() if key != "spec"}

    with pytest.raises(ApiException) as refused:
        api.create(bare)

    assert "spec: Required value" in message(refused.value)


def test_a_name_that_is_made_up_is_checked_too(api: Api) -> None:
    with pytest.raises(ApiException) as refused:
        api.create(manifest({}) | {"metadata": {"generateName": "a" * 43}})

    assert "metadata.name may have at most 43 characters" in message(refused.value)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_can_be_applied(cluster: Cluster, api: Api, path: Path) -> None:
    said = cluster.kubectl("apply", "--dry-run=server", "--validate=strict", "-n", api.namespace, "-f", str(path))

    assert "created (server dry run)" in said


def test_every_mode_has_an_example() -> None:
    shown = {DebateJob.from_yaml(path.read_text(encoding="utf-8")).spec.mode for path in EXAMPLES}

    assert shown == {"Full", "DownloadOnly", "TranscribeOnly"}


# --- what may be changed ---


@pytest.mark.parametrize(
    "spec",
    [
        {},
        {"suspend": True},
        {"run": 3},
        {"run": 4},
        {"deadlines": {"pendingSeconds": 60}},
        {"ttl": {"succeededSeconds": 0}},
        {"priorityClassName": "high"},
        {"speakers": []},
        {"publish": False},
        {"publish": None},
        {"run": 4, "suspend": True, "deadlines": None},
        # The same in other words.
        {"mode": None, "retry": None, "extras": ["scenes", "clips"]},
        {"podOverrides": {"env": [{"name": "DEBATE_B", "value": "2"}, {"name": "DEBATE_A", "value": "1"}]}},
    ],
    ids=str,
)
def test_what_may_be_changed(api: Api, stored: str, spec: dict[str, Any]) -> None:
    api.patch(stored, spec)


AGAIN = "cannot be changed: delete this DebateJob and create another one"


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        ({"run": 2}, "spec.run: Invalid value: run may only grow"),
        ({"run": None}, "spec.run: Invalid value: run may only grow"),
        ({"source": {"object": "s3://bucket/b.mp4"}}, f"spec.source {AGAIN}"),
        ({"source": {"etag": None}}, f"spec.source {AGAIN}"),
        ({"source": {"etag": None, "object": None, "url": "https://example.org/a"}}, f"spec.source {AGAIN}"),
        ({"jobId": "a-2"}, f"spec.jobId {AGAIN}"),
        ({"jobId": None}, f"spec.jobId {AGAIN}"),
        ({"mode": "DownloadOnly"}, f"spec.mode {AGAIN}"),
        ({"download": {"video": False}}, f"spec.download {AGAIN}"),
        ({"language": "cs"}, f"spec.language {AGAIN}"),
        ({"transcription": {"hotwords": ["NATO"]}}, f"spec.transcription {AGAIN}"),
        ({"diarization": {"maxSpeakers": 2}}, f"spec.diarization {AGAIN}"),
        ({"extras": []}, f"spec.extras {AGAIN}"),
        ({"parallelism": 2}, f"spec.parallelism {AGAIN}"),
        ({"queueName": "day"}, f"spec.queueName {AGAIN}"),
        ({"queueName": None}, f"spec.queueName {AGAIN}"),
        ({"retry": {"attempts": 3}}, "spec.retry cannot be changed: for fresh budgets set spec.run to one more"),
        ({"deletionPolicy": "DeleteOutputs"}, f"spec.deletionPolicy {AGAIN}"),
        ({"callback": None}, f"spec.callback {AGAIN}"),
        ({"callback": {"url": "https://example.org/other"}}, f"spec.callback {AGAIN}"),
        ({"podOverrides": {"env": []}}, f"spec.podOverrides {AGAIN}"),
        ({"podOverrides": {"serviceAccountName": "admin"}}, f"spec.podOverrides {AGAIN}"),
        ({"suspend": True, "language": "cs"}, f"spec.language {AGAIN}"),
    ],
    ids=str,
)
def test_what_may_not_be_changed(api: Api, stored: str, spec: dict[str, Any], says: str) -> None:
    with pytest.raises(ApiException) as refused:
        api.patch(stored, spec)

    assert says in message(refused.value)


def test_every_field_of_the_spec_is_in_one_of_the_two_tables() -> None:
    changeable = {"suspend", "run", "deadlines", "ttl", "priorityClassName", "speakers", "publish"}
    properties = DebateJobSpec.model_json_schema(by_alias=True)["properties"]
    crd = yaml.safe_load((ROOT / "crds" / "debatejobs.yaml").read_text(encoding="utf-8"))
    rules = crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]["x-kubernetes-validations"]

    guarded = {rule["fieldPath"].removeprefix(".") for rule in rules if "cannot be changed" in rule["message"]}
    assert guarded == set(properties) - changeable


# --- the status ---

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
FULL_STATUS = DebateJobStatus(
    phase=Phase.RUNNING,
    step="analyze",
    progress=62,
    eta_seconds=21,
    display=Display(progress="62%", eta="21s", duration="4m02s"),
    steps=[
        StepStatus(
            name="analyze",
            state=StepState.WAITING,
            attempts=1,
            interruptions=2,
            waits=3,
            job="stored-analyze-0d3f1-4",
            started_at=NOON,
            finished_at=NOON,
            waiting_since=NOON,
            retry_at=NOON,
            running_since=NOON,
            running_seconds=90,
            larger_gpu=True,
            windows=4,
            reason=Reason.GPU_OUT_OF_MEMORY,
            message="The GPU is too small.",
        )
    ],
    job_id="a-1",
    attempts=1,
    interruptions=2,
    observed_generation=1,
    observed_run=3,
    start_time=NOON,
    completion_time=NOON,
    reason=Reason.NO_CAPACITY,
    message="There is no node.",
    outputs=Outputs(transcript="a", words="b", captions="c", rttm="d", report="e"),
    result=Result(duration_seconds=242.123, speakers=3, words=700, language="cs"),
    publication=Publication(publish=False, current=True),
    conditions=[
        Condition(
            type="Accepted",
            status="True",
            reason="Accepted",
            message="",
            last_transition_time=NOON,
            observed_generation=1,
        )
    ],
)


def unset(model: BaseModel) -> set[str]:
    """Fields that are None, here or in what is inside."""
    values = [value for _, value in model]
    inside = [item for value in values for item in (value if isinstance(value, list) else [value])]
    found = {name for name, value in model if value is None}
    return found.union(*(unset(item) for item in inside if isinstance(item, BaseModel)))


def test_the_status_that_the_operator_writes_is_kept_whole_and_shown(cluster: Cluster, api: Api, stored: str) -> None:
    assert not unset(FULL_STATUS), "the status of this test says everything"

    kept = api.write_status(stored, FULL_STATUS.to_resource())

    assert kept["status"] == FULL_STATUS.to_resource()
    assert DebateJobStatus.from_resource(kept["status"]) == FULL_STATUS
    header, row = cluster.kubectl("get", "dj", stored, "-n", api.namespace, "-o", "wide").splitlines()
    columns, cells = re.split(r"\s{2,}", header.strip()), re.split(r"\s{2,}", row.strip())
    shown = dict(zip(columns, cells, strict=True))
    assert list(shown)[:8] == ["NAME", "PHASE", "STEP", "PROGRESS", "ETA", "SPEAKERS", "DURATION", "AGE"]
    assert shown | {"AGE": ""} == {
        "NAME": "stored",
        "PHASE": "Running",
        "STEP": "analyze",
        "PROGRESS": "62%",
        "ETA": "21s",
        "SPEAKERS": "3",
        "DURATION": "4m02s",
        "AGE": "",
        "ATTEMPTS": "1",
        "INTERRUPTIONS": "2",
        "SOURCE": "s3://bucket/a.mp4",
        "REASON": "NoCapacity",
    }


def test_a_status_that_is_applied_with_the_spec_is_left_out(api: Api) -> None:
    kept = api.create(manifest({}) | {"status": {"phase": "Succeeded"}})

    assert "status" not in kept


def test_debates_have_a_category_of_their_own(cluster: Cluster, api: Api, stored: str) -> None:
    assert f"/{stored}" in cluster.kubectl("get", "debate-analyzer", "-n", api.namespace, "-o", "name")
    assert stored not in cluster.kubectl("get", "all", "-n", api.namespace, "-o", "name")
