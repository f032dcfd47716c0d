"""deletionPolicy DeleteOutputs: which outputs go with their DebateJob, and by which Job."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from operator_builders import NOW, SETTINGS, UID, debatejob, later, pod_facts, running

from debate_core.documents.debatejob_status import DebateJobStatus, Phase
from debate_operator.cache import Cache
from debate_operator.facts import PodFacts
from debate_operator.farewell import PODS_LEAVE_S, Farewell
from debate_operator.parse import Seen
from debate_operator.policies.delete_outputs import job_for
from debate_operator.status import with_conditions

RAN = DebateJobStatus(job_id="debate-0f1e2d3c", phase=Phase.RUNNING)
DONE = with_conditions(
    DebateJobStatus(job_id="debate-0f1e2d3c", phase=Phase.SUCCEEDED, completion_time=NOW),
    accepted=True,
    message="",
    now=NOW,
    generation=1,
)


@pytest.mark.parametrize("status", [RAN, DONE])
def test_the_job_deletes_what_this_debatejob_claimed(status: DebateJobStatus) -> None:
    manifest = job_for(debatejob(status, deletionPolicy="DeleteOutputs"), [], later(60), SETTINGS)
    assert manifest is not None
    assert manifest["metadata"]["name"] == "debate-delete-0f1e2-1"
    assert "ownerReferences" not in manifest["metadata"]
    (container,) = manifest["spec"]["template"]["spec"]["containers"]
    assert container["command"] == ["debate-worker", "delete", "--job-id", "debate-0f1e2d3c", "--owner-uid", UID]


@pytest.mark.parametrize(
    ("status", "spec"),
    [
        (DONE, {}),
        (DONE, {"deletionPolicy": "Retain"}),
        (DebateJobStatus(), {"deletionPolicy": "DeleteOutputs"}),  # never accepted
        (DONE, {"deletionPolicy": "DeleteOutputs", "ttl": {"succeededSeconds": 60}}),  # its time was up
        (DONE, {"deletionPolicy": "DeleteOutputs", "mode": "Half"}),
    ],
)
def test_outputs_stay_otherwise(status: DebateJobStatus, spec: dict[str, Any]) -> None:
    assert job_for(debatejob(status, **spec), [], later(60), SETTINGS) is None


def test_outputs_stay_when_another_debatejob_has_taken_the_id_over() -> None:
    gone = debatejob(DONE, deletionPolicy="DeleteOutputs", jobId="debate-0f1e2d3c")
    assert job_for(gone, [debatejob(RAN)], later(1), SETTINGS) is None


class Creations:
    """Stands for Kube, of which Farewell uses `create` alone."""

    def __init__(self) -> None:
        self.names: list[str] = []

    async def create(self, _resource: object, _namespace: str, manifest: dict[str, Any]) -> None:
        self.names.append(manifest["metadata"]["name"])


@pytest.mark.parametrize(
    ("pod", "made"),
    [
        (None, True),
        (running(), False),
        (pod_facts(), False),
        (running(phase="Succeeded"), True),  # of an earlier deletion, say, after a DebateJob of the same name
        (running(phase="Failed"), True),
    ],
)
def test_outputs_are_deleted_when_no_pod_can_write_any_more(pod: PodFacts | None, made: bool) -> None:
    key = ("debates", "debate")
    cache, kube = Cache(), Creations()
    cache.departed[key] = debatejob(DONE, deletionPolicy="DeleteOutputs")
    if pod is not None:
        cache.pods.put(Seen("debates", pod.name, pod.uid, 1, "job-uid", "debate", pod))
    farewell = Farewell(kube, cache, SETTINGS, lambda: later(1))  # type: ignore[arg-type]
    again_s = asyncio.run(farewell(key))
    assert (kube.names, again_s) == ((["debate-delete-0f1e2-1"], None) if made else ([], PODS_LEAVE_S))
    assert (key in cache.departed) is not made
