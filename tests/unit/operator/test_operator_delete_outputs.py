"""deletionPolicy DeleteOutputs: which outputs go with their DebateJob, and by which Job."""

from __future__ import annotations

from typing import Any

import pytest
from operator_builders import NOW, SETTINGS, UID, debatejob, later

from debate_core.documents.debatejob_status import DebateJobStatus, Phase
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
