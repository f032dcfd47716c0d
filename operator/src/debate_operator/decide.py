"""The decision: one DebateJob, what is seen around it, the time and the settings in; a Plan out. Pure.

Level-triggered: it looks at what is, never at what has just happened, so that a lost event, a crash between any two of
the plan's deeds, or a second operator for a moment costs a repeated look and nothing else.
"""

from __future__ import annotations

from datetime import datetime

from debate_core.documents.debatejob import DebateJob, DebateJobSpec
from debate_core.documents.debatejob_status import DebateJobStatus, Phase
from debate_core.errors import InvalidJob
from debate_core.reasons import Reason
from debate_operator.draft import Draft
from debate_operator.facts import DebateJobFacts, Event, Observed, Plan
from debate_operator.policies import overrides, rerun, ttl
from debate_operator.settings import Settings
from debate_operator.status import with_conditions


def decide(job: DebateJobFacts, observed: Observed, now: datetime, settings: Settings) -> Plan:
    """What to do now. The same arguments always give the same plan; doing it twice changes nothing more."""
    if job.deleting:
        return Plan(status=job.status)  # its Jobs go with it, by their ownerReferences
    try:
        parsed = DebateJob.from_resource(
            {"metadata": {"name": job.name, "namespace": job.namespace, "uid": job.uid}, "spec": job.spec}
        )
        overrides.check(parsed.spec.pod_overrides, settings.workers)
        job_id = parsed.job_id
    except InvalidJob as error:
        return _refused(job, observed, error, now)
    spec = parsed.spec
    if job.status.is_finished and not rerun.is_new_run(job.status, spec):
        return _finished(job.status, spec, observed, now)
    draft = Draft(job, spec, observed, now, settings, job.status)
    draft.begin(job_id)
    draft.follow()
    draft.delete_strays()
    return draft.plan()


def _refused(job: DebateJobFacts, observed: Observed, error: InvalidJob, now: datetime) -> Plan:
    """A spec that the API server let pass and we cannot take: said at once, before anything is asked for."""
    if job.status.is_finished:
        return Plan(status=job.status, delete=observed.live)
    status = job.status.model_copy(
        update={
            "phase": Phase.FAILED,
            "reason": Reason(error.reason or Reason.INVALID_SPEC),
            "message": error.message,
            "observed_generation": job.generation,
            "observed_run": job.spec.get("run", 1),
            "start_time": job.status.start_time or now,
            "completion_time": now,
        }
    )
    status = with_conditions(status, accepted=False, message=error.message, now=now, generation=job.generation)
    return Plan(status=status, delete=observed.live, events=(Event("Warning", str(status.reason), error.message),))


def _finished(status: DebateJobStatus, spec: DebateJobSpec, observed: Observed, now: datetime) -> Plan:
    """A terminal status is never recomputed. What still runs is removed, and after its time the job itself."""
    left_s = ttl.remaining_s(status, spec.ttl, now)
    return Plan(
        status=status,
        delete=observed.live,
        delete_self=left_s is not None and left_s <= 0,
        requeue_after_s=left_s if left_s is not None and left_s > 0 else None,
    )
