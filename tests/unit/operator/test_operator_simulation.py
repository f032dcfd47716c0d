"""Random histories: a small model of the cluster, an operator that may die between any two of its deeds, hands that
delete and edit. Whatever happened, no job is lost, none runs twice at once, and in calm weather every job ends.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from operator_builders import NOW, SETTINGS, UID, debatejob, found_done, job_facts, result, running

from debate_core.documents.debatejob_status import DebateJobStatus, Phase
from debate_operator import names
from debate_operator.decide import decide
from debate_operator.facts import JobFacts, Observed

ENDS = [0, 0, 0, 10, 11, 12, 13, 14, 15, 16, 70, 75, 137]


class Cluster(RuleBasedStateMachine):
    """Jobs by name, as the API server has them. A name may come again only where nothing is left that knows it."""

    def __init__(self) -> None:
        super().__init__()
        self.now: datetime = NOW
        self.jobs: dict[str, JobFacts] = {}
        self.status = DebateJobStatus()
        self.spec: dict[str, Any] = {}
        self.ends: list[tuple[int, DebateJobStatus]] = []
        self.wiped = False

    @initialize(
        attempts=st.integers(1, 3), interruptions=st.integers(0, 4), mode=st.sampled_from(["Full", "DownloadOnly"])
    )
    def start(self, attempts: int, interruptions: int, mode: str) -> None:
        self.spec = {"mode": mode, "run": 1, "retry": {"attempts": attempts, "interruptions": interruptions}}

    # --- the operator ---

    def look(self, dies_after: int = 9) -> None:
        """One pass. dies_after: of its deeds (deletes, creation, write) only so many are done."""
        plan = decide(debatejob(self.status, **self.spec), Observed(jobs=tuple(self.jobs.values())), self.now, SETTINGS)
        if dies_after < 1:
            return
        for job in plan.delete:
            assert job.name in self.jobs
            self.jobs[job.name] = replace(self.jobs[job.name], deleting=True)
        if dies_after < 2:
            return
        if plan.create is not None:
            self.create(plan.create)
        if dies_after < 3:
            return
        if plan.status.is_finished and not self.status.is_finished:
            self.ends.append((plan.status.observed_run or 0, plan.status))
        self.status = plan.status

    def create(self, manifest: dict[str, Any]) -> None:
        name = manifest["metadata"]["name"]
        if name in self.jobs:
            return  # 409, and it is ours
        parsed = names.parse_job_name(name, "debate", UID)
        assert parsed is not None
        step, number = parsed
        assert not [job for job in self.jobs.values() if job.finished is None], "two Jobs at a time"
        run = int(manifest["metadata"]["labels"][names.LABEL_RUN])
        self.jobs[name] = job_facts(step, number, run=run, created_at=self.now, started_at=self.now)

    # --- what happens ---

    @rule()
    def operator_looks(self) -> None:
        self.look()

    @rule(dies_after=st.integers(0, 2))
    def operator_dies(self, dies_after: int) -> None:
        self.look(dies_after)

    @rule(seconds=st.sampled_from([1, 30, 600, 4000]))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    def live(self) -> list[JobFacts]:
        return [job for job in self.jobs.values() if job.finished is None and not job.deleting]

    @precondition(lambda self: self.live())
    @rule()
    def pod_starts(self) -> None:
        job = self.live()[0]
        self.jobs[job.name] = replace(job, pods=(running(started_at=self.now),))

    @precondition(lambda self: self.live())
    @rule(
        code=st.sampled_from(ENDS),
        pod_stays=st.booleans(),
        done=st.sampled_from([(), ("analyze",), ("analyze", "finish"), ("finish",)]),
    )
    def pod_ends(self, code: int, pod_stays: bool, done: tuple[str, ...]) -> None:
        self.end(self.live()[0], code, pod_stays, done)

    def end(self, job: JobFacts, code: int, pod_stays: bool = True, done: tuple[str, ...] = ()) -> None:
        """done: the steps that prepare finds done, some of them with a gap that no worker would leave."""
        said = {"done": found_done(*done)} if job.step == "prepare" else {}
        pod = running(
            phase="Failed" if code else "Succeeded",
            exit_code=code,
            started_at=self.now,
            message=result(job.step, code, **said).to_json().decode(),
        )
        self.jobs[job.name] = replace(
            job,
            finished="Failed" if code else "Complete",
            failure_reason="PodFailurePolicy" if code in {10, 11, 13, 14} else None,
            pods=(pod,) if pod_stays else (),
        )

    @precondition(lambda self: any(job.deleting for job in self.jobs.values()))
    @rule()
    def deleted_jobs_go(self) -> None:
        self.jobs = {name: job for name, job in self.jobs.items() if not job.deleting}

    @precondition(lambda self: self.jobs)
    @rule(data=st.data())
    def somebody_deletes_a_job(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.jobs)))
        self.jobs[name] = replace(self.jobs[name], deleting=True)

    @precondition(lambda self: not self.status.is_finished)
    @rule()
    def somebody_forges_the_phase(self) -> None:
        self.status = self.status.model_copy(update={"phase": Phase.SUCCEEDED})

    @precondition(lambda self: not self.status.is_finished)
    @rule()
    def somebody_wipes_the_status(self) -> None:
        self.status = DebateJobStatus()
        self.wiped = True

    @rule(suspend=st.booleans())
    def somebody_suspends_or_resumes(self, suspend: bool) -> None:
        self.spec["suspend"] = suspend

    @rule()
    def somebody_runs_it_again(self) -> None:
        self.spec["run"] += 1

    # --- what must hold ---

    @invariant()
    def at_most_one_job_lives(self) -> None:
        assert len([job for job in self.jobs.values() if job.finished is None]) <= 1

    @invariant()
    def budgets_are_kept(self) -> None:
        if self.status.observed_run is not None:
            assert all(0 <= step.attempts <= self.spec["retry"]["attempts"] for step in self.status.steps)

    @invariant()
    def an_end_stays(self) -> None:
        if self.ends and self.ends[-1][0] == self.status.observed_run and not self.wiped:
            assert self.status == self.ends[-1][1]

    def teardown(self) -> None:
        """Calm weather: every pod does its work, every deletion comes through. The job must come to its end."""
        if not self.spec:
            return
        self.spec["suspend"] = False
        for _ in range(60):
            self.look()
            if self.status.is_finished and self.status.observed_run == self.spec["run"]:
                break
            self.now += timedelta(seconds=3600)
            self.deleted_jobs_go_quietly()
            for job in self.live():
                self.end(job, 0)
        assert self.status.is_finished
        assert self.status.phase in {Phase.SUCCEEDED, Phase.FAILED}
        self.look()
        self.deleted_jobs_go_quietly()
        assert not self.live(), "something still runs after the end"

    def deleted_jobs_go_quietly(self) -> None:
        self.jobs = {name: job for name, job in self.jobs.items() if not job.deleting}


Cluster.TestCase.settings = settings(
    max_examples=200, stateful_step_count=40, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestHistories = Cluster.TestCase
