"""Statistics at once: after a success, and when spec.publish changes after it. What is due now, and its Job. Pure.

One run of the statistics covers every DebateJob that had ended before it began, so a hundred that end together ask for
one. It is a copy of the chart's CronJob, as `kubectl create job --from` makes one. spec.publish is written into the
manifest entry by finish; a change after that needs a Job of its own, named by the generation that asked for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from debate_core.documents.debatejob_status import Phase, Publication
from debate_operator import names
from debate_operator.facts import DebateJobFacts, JobFacts

LOOK_S: Final = 3
"""How often to look at a Job of which no watch tells: it may be in a namespace that is not watched."""

RETRY_S: Final = 60
"""After a run that failed. The CronJob goes on trying, too."""

PATIENCE_S: Final = 3600
"""After a success; from then on what the CronJob does is enough."""

_KEPT_S: Final = 600


def wanted(job: DebateJobFacts) -> bool:
    return job.spec.get("publish", True) is not False


def known(job: DebateJobFacts) -> Publication | None:
    """What is public of a DebateJob that has succeeded; None where nothing is left to do."""
    status = job.status
    if job.deleting or not status.is_finished or status.phase is not Phase.SUCCEEDED or status.job_id is None:
        return None
    if status.outputs is None or status.outputs.transcript is None:
        return None
    # One that ended under an earlier release has none: it was published as it was asked for, the CronJob saw to that.
    publication = status.publication or Publication(publish=True, current=True)
    return None if publication == Publication(publish=wanted(job), current=True) else publication


def is_covered(job: DebateJobFacts, runs: list[JobFacts]) -> bool:
    """Whether a run of the statistics began after the DebateJob's end and ended well."""
    return any(run.finished == "Complete" for run in _after(job, runs))


def wait_s(job: DebateJobFacts, runs: list[JobFacts], now: datetime) -> float | None:
    """Seconds to wait before the next look; None: a run is due now."""
    if any(run.finished is None for run in runs):
        return LOOK_S  # of its own or not: two at a time are of no use
    last = max((run.created_at for run in _after(job, runs)), default=None)
    if last is not None and (now - last).total_seconds() < RETRY_S:
        return RETRY_S
    return None


def is_late(job: DebateJobFacts, now: datetime) -> bool:
    """Whether it is so long after the end that the CronJob alone sees to it."""
    ended = job.status.completion_time
    return ended is None or (now - ended).total_seconds() > PATIENCE_S


def run_manifest(cron_job: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """One run of all statistics now: the CronJob's Job, which its controller counts as its own."""
    meta, template = cron_job["metadata"], cron_job["spec"]["jobTemplate"]
    body = _job(cron_job, f"{meta['name'][:45]}-now-{int(now.timestamp()):x}")
    body["metadata"]["annotations"] = {"cronjob.kubernetes.io/instantiate": "manual"} | (
        (template.get("metadata") or {}).get("annotations") or {}
    )
    body["metadata"]["ownerReferences"] = [
        {"apiVersion": "batch/v1", "kind": "CronJob", "name": meta["name"], "uid": meta["uid"], "controller": True}
    ]
    return body


def change_name(cron_job: str, job: DebateJobFacts) -> str:
    """The name of the Job for this generation's spec.publish."""
    return f"{cron_job[:30]}-{_verb(job)}-{names.uid5(job.uid)}-{job.generation}"


def change_manifest(cron_job: Mapping[str, Any], job: DebateJobFacts) -> dict[str, Any]:
    """The Job that writes spec.publish into the manifest entry, and brings the statistics up to date with it."""
    body = _job(cron_job, change_name(cron_job["metadata"]["name"], job))
    # Not the CronJob's own, which would delete it with its history before its end was seen.
    body["spec"] |= {"ttlSecondsAfterFinished": _KEPT_S, "backoffLimit": 4}
    (container,) = body["spec"]["template"]["spec"]["containers"]
    container["command"] = ["debate-stats", _verb(job), str(job.status.job_id)]
    return body


def _verb(job: DebateJobFacts) -> str:
    return "publish" if wanted(job) else "unpublish"


def _after(job: DebateJobFacts, runs: list[JobFacts]) -> list[JobFacts]:
    ended = job.status.completion_time
    return [run for run in runs if ended is not None and run.created_at >= ended]


def _job(cron_job: Mapping[str, Any], name: str) -> dict[str, Any]:
    template = cron_job["spec"]["jobTemplate"]
    spec = dict(template["spec"])
    pod = dict(spec["template"]["spec"])
    pod["containers"] = [dict(container) for container in pod["containers"]]
    spec["template"] = dict(spec["template"]) | {"spec": pod}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": name, "labels": dict((template.get("metadata") or {}).get("labels") or {})},
        "spec": spec,
    }
