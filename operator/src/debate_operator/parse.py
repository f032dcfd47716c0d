"""Objects of the API server, raw, to the few facts that are kept of them. Pure.

Whatever is missing or odd in an object reads as "not known": a hand-edited object must never stop the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Generic, Literal, TypeVar

from debate_core.documents.debatejob import KIND
from debate_core.documents.debatejob_status import DebateJobStatus
from debate_operator import names
from debate_operator.facts import DebateJobFacts, JobFacts, PodFacts

Raw = Mapping[str, Any]
Facts_co = TypeVar("Facts_co", DebateJobFacts, JobFacts, PodFacts, covariant=True)

EPOCH: Final = datetime.fromtimestamp(0, UTC)
_PHASES: Final[dict[str, Literal["Pending", "Running", "Succeeded", "Failed", "Unknown"]]] = {
    "Pending": "Pending",
    "Running": "Running",
    "Succeeded": "Succeeded",
    "Failed": "Failed",
}


@dataclass(frozen=True, slots=True)
class Seen(Generic[Facts_co]):
    """An object as it was seen: who it is, which version, and what is kept of it.

    owner: uid of the DebateJob that owns a Job, or of the Job that owns a pod; None where there is none.
    debatejob: name of the DebateJob to look at when the object changes: a hint, not a proof of ownership.
    """

    namespace: str
    name: str
    uid: str
    version: int
    owner: str | None
    debatejob: str | None
    facts: Facts_co


def debatejob(raw: Raw) -> Seen[DebateJobFacts]:
    meta = raw["metadata"]
    facts = DebateJobFacts(
        namespace=meta["namespace"],
        name=meta["name"],
        uid=meta["uid"],
        resource_version=meta["resourceVersion"],
        generation=meta.get("generation", 1),
        created_at=_time(meta.get("creationTimestamp")) or EPOCH,
        spec=raw.get("spec") or {},
        status=DebateJobStatus.from_resource(raw.get("status")),
        deleting="deletionTimestamp" in meta,
        labels=meta.get("labels") or {},
    )
    return _seen(meta, None, meta["name"], facts)


def job(raw: Raw) -> Seen[JobFacts]:
    """A Job; without its pods, which are seen for themselves."""
    meta, spec, status = raw["metadata"], raw.get("spec") or {}, raw.get("status") or {}
    labels = meta.get("labels") or {}
    owner = _owner(meta, KIND)
    end = next(
        (
            condition
            for condition in status.get("conditions") or []
            if condition.get("type") in {"Complete", "Failed"} and condition.get("status") == "True"
        ),
        None,
    )
    named = names.parse_job_name(meta["name"], owner["name"], owner["uid"]) if owner else None
    facts = JobFacts(
        name=meta["name"],
        uid=meta["uid"],
        step=named[0] if named else labels.get(names.LABEL_STEP, ""),
        run=_int(labels.get(names.LABEL_RUN)),
        number=named[1] if named else _int(labels.get(names.LABEL_NUMBER)),
        created_at=_time(meta.get("creationTimestamp")) or EPOCH,
        started_at=_time(status.get("startTime")),
        suspended=bool(spec.get("suspend")),
        finished=end["type"] if end else None,
        failure_reason=end.get("reason") if end and end["type"] == "Failed" else None,
        failure_message=end.get("message") if end and end["type"] == "Failed" else None,
        deleting="deletionTimestamp" in meta,
        completions=spec.get("completions") or 1,
    )
    return _seen(meta, owner["uid"] if owner else None, owner["name"] if owner else None, facts)


def pod(raw: Raw) -> Seen[PodFacts]:
    meta, status = raw["metadata"], raw.get("status") or {}
    labels = meta.get("labels") or {}
    owner = _owner(meta, "Job")
    container: Raw = next(
        (one for one in status.get("containerStatuses") or [] if one.get("name") == names.CONTAINER), {}
    )
    state = container.get("state") or {}
    waiting, running, ended = (state.get(key) or {} for key in ("waiting", "running", "terminated"))
    conditions = {one.get("type"): one for one in status.get("conditions") or []}
    scheduled = conditions.get("PodScheduled") or {}
    facts = PodFacts(
        name=meta["name"],
        uid=meta["uid"],
        phase=_PHASES.get(status.get("phase") or "", "Unknown"),
        index=_int(labels.get("batch.kubernetes.io/job-completion-index")),
        node=(raw.get("spec") or {}).get("nodeName"),
        created_at=_time(meta.get("creationTimestamp")),
        started_at=_time(running.get("startedAt") or ended.get("startedAt")),
        finished_at=_time(ended.get("finishedAt")),
        exit_code=ended.get("exitCode"),
        terminated_reason=ended.get("reason"),
        message=ended.get("message"),
        status_reason=status.get("reason"),
        disrupted=(conditions.get("DisruptionTarget") or {}).get("status") == "True",
        deleting="deletionTimestamp" in meta,
        waiting_reason=waiting.get("reason"),
        waiting_message=waiting.get("message"),
        unschedulable=scheduled.get("message") if scheduled.get("status") == "False" else None,
    )
    return _seen(meta, owner["uid"] if owner else None, labels.get(names.LABEL_JOB), facts)


def told(raw: Raw) -> tuple[datetime, str]:
    """When an Event last happened, by whichever of its fields its writer filled; and what it says."""
    series = raw.get("series") or {}
    times = (series.get("lastObservedTime"), raw.get("lastTimestamp"), raw.get("eventTime"))
    return next((at for text in times if (at := _time(text)) is not None), EPOCH), raw.get("message") or ""


def _seen(meta: Raw, owner: str | None, debatejob: str | None, facts: Facts_co) -> Seen[Facts_co]:
    return Seen(
        meta["namespace"], meta["name"], meta["uid"], _int(meta.get("resourceVersion")), owner, debatejob, facts
    )


def _owner(meta: Raw, kind: str) -> Raw | None:
    return next(
        (one for one in meta.get("ownerReferences") or [] if one.get("kind") == kind and one.get("controller")), None
    )


def _time(text: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if text else None
    except (TypeError, ValueError):
        return None


def _int(text: Any) -> int:
    """Resource versions are numbers that grow, by Kubernetes' own word since 1.35 (KEP-5504), by practice before."""
    try:
        return int(text)
    except (TypeError, ValueError):
        return 0
