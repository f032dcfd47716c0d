"""Raw objects to facts: as the API server sends them, and as somebody's edit may leave them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from operator_builders import NOW, SETTINGS, UID, debatejob

from debate_core.documents.debatejob import DebateJobSpec
from debate_core.documents.debatejob_status import StepStatus
from debate_core.steps import ANALYZE
from debate_operator import manifests, names, parse

AT = "2026-05-04T12:00:00Z"


def raw_job(**changes: Any) -> dict[str, Any]:
    """One of our own manifests, with what the API server adds."""
    this = manifests.Try(ANALYZE, StepStatus(name="analyze"), 3, 2, 0)
    job = manifests.job_manifest(debatejob(), DebateJobSpec.model_validate(debatejob().spec), this, SETTINGS)
    job["metadata"] |= {"uid": "job-uid", "resourceVersion": "77", "creationTimestamp": AT}
    return job | changes


def raw_pod(status: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    return {
        "metadata": {
            "name": "pod",
            "namespace": "debates",
            "uid": "pod-uid",
            "resourceVersion": "78",
            "creationTimestamp": AT,
            "labels": {names.LABEL_JOB: "debate", "batch.kubernetes.io/job-completion-index": "1"},
            "ownerReferences": [{"kind": "Job", "name": "job", "uid": "job-uid", "controller": True}],
        }
        | metadata,
        "spec": {"nodeName": "node-1"},
        "status": status,
    }


def container(**state: Any) -> dict[str, Any]:
    return {"containerStatuses": [{"name": "sidecar"}, {"name": "worker", "state": state}]}


def test_our_own_manifest_reads_back_as_what_it_was_made_of() -> None:
    seen = parse.job(raw_job())
    assert (seen.namespace, seen.owner, seen.debatejob, seen.version) == ("debates", UID, "debate", 77)
    facts = seen.facts
    assert (facts.step, facts.run, facts.number, facts.completions, facts.created_at) == ("analyze", 1, 3, 2, NOW)
    assert (facts.finished, facts.suspended, facts.deleting) == (None, False, False)


def test_a_job_without_our_labels_is_known_by_its_name() -> None:
    raw = raw_job()
    raw["metadata"]["labels"] = None
    facts = parse.job(raw).facts
    assert (facts.step, facts.number) == ("analyze", 3)


def test_a_job_of_somebody_else_has_no_owner() -> None:
    raw = raw_job()
    raw["metadata"]["ownerReferences"] = [{"kind": "CronJob", "name": "x", "uid": "y", "controller": True}]
    assert parse.job(raw).owner is None


@pytest.mark.parametrize(
    ("conditions", "finished", "reason"),
    [
        (None, None, None),
        ([{"type": "Suspended", "status": "True"}], None, None),
        ([{"type": "FailureTarget", "status": "True", "reason": "PodFailurePolicy"}], None, None),
        ([{"type": "Failed", "status": "False"}], None, None),
        ([{"type": "Failed", "status": "True", "reason": "PodFailurePolicy"}], "Failed", "PodFailurePolicy"),
        ([{"type": "SuccessCriteriaMet", "status": "True"}, {"type": "Complete", "status": "True"}], "Complete", None),
    ],
)
def test_a_job_is_finished_when_its_condition_says_so(
    conditions: list[dict[str, str]] | None, finished: str | None, reason: str | None
) -> None:
    facts = parse.job(raw_job(status={"conditions": conditions, "startTime": AT})).facts
    assert (facts.finished, facts.failure_reason, facts.started_at) == (finished, reason, NOW)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ({"phase": "Pending"}, {"phase": "Pending", "started_at": None, "exit_code": None}),
        (
            {
                "phase": "Pending",
                "conditions": [
                    {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/3 nodes"}
                ],
            },
            {"unschedulable": "0/3 nodes"},
        ),
        (
            {"phase": "Pending"} | container(waiting={"reason": "ImagePullBackOff", "message": "no such image"}),
            {"waiting_reason": "ImagePullBackOff", "waiting_message": "no such image"},
        ),
        ({"phase": "Running"} | container(running={"startedAt": AT}), {"phase": "Running", "started_at": NOW}),
        (
            {"phase": "Failed", "conditions": [{"type": "DisruptionTarget", "status": "True"}]}
            | container(terminated={"exitCode": 137, "reason": "OOMKilled", "startedAt": AT, "finishedAt": AT}),
            {"exit_code": 137, "terminated_reason": "OOMKilled", "disrupted": True, "finished_at": NOW},
        ),
        ({"phase": "Failed", "reason": "Evicted"}, {"status_reason": "Evicted", "exit_code": None}),
        (
            {"phase": "Succeeded"} | container(terminated={"exitCode": 0, "message": '{"step":"analyze"}'}),
            {"exit_code": 0, "message": '{"step":"analyze"}'},
        ),
        ({"phase": "Nonsense", "containerStatuses": None, "conditions": None}, {"phase": "Unknown"}),
        ({}, {"phase": "Unknown"}),
    ],
)
def test_a_pod_is_read_from_its_worker_container(status: dict[str, Any], expected: dict[str, Any]) -> None:
    seen = parse.pod(raw_pod(status))
    assert (seen.owner, seen.debatejob, seen.facts.index, seen.facts.node) == ("job-uid", "debate", 1, "node-1")
    assert {name: getattr(seen.facts, name) for name in expected} == expected


def test_deletion_shows() -> None:
    assert parse.pod(raw_pod({}, deletionTimestamp=AT)).facts.deleting


def test_a_debatejob_with_a_status_that_somebody_made_unreadable_counts_as_new() -> None:
    raw = {
        "metadata": {"name": "debate", "namespace": "debates", "uid": UID, "resourceVersion": "5", "generation": 2},
        "spec": {"source": {"url": "https://example.org"}},
        "status": {"phase": "Nonsense", "steps": "none"},
    }
    facts = parse.debatejob(raw).facts
    assert facts.labels == {}
    assert (facts.generation, facts.resource_version, facts.status.phase, facts.status.steps) == (2, "5", None, [])


def test_a_status_with_a_time_of_no_zone_counts_as_new() -> None:
    raw = {
        "metadata": {"name": "debate", "namespace": "debates", "uid": UID, "resourceVersion": "5"},
        "status": {"phase": "Running", "startTime": "2026-05-04T12:00:00"},
    }
    assert parse.debatejob(raw).facts.status.phase is None


@pytest.mark.parametrize(
    "fields",
    [
        {"lastTimestamp": AT},
        {"lastTimestamp": None, "eventTime": AT},
        {"series": {"lastObservedTime": AT}, "lastTimestamp": "2026-05-04T11:00:00Z"},
    ],
)
def test_an_events_time_is_read_from_the_field_that_its_writer_filled(fields: dict[str, Any]) -> None:
    assert parse.told(fields | {"message": "why"}) == (datetime(2026, 5, 4, 12, tzinfo=UTC), "why")


@pytest.mark.parametrize("labels", [None, {"team": "press"}])
def test_labels_of_a_debatejob_are_kept_for_its_restore(labels: dict[str, str] | None) -> None:
    meta = {"namespace": "debates", "name": "debate", "uid": UID, "resourceVersion": "1", "labels": labels}
    assert parse.debatejob({"metadata": meta}).facts.labels == (labels or {})
