"""Statistics at once after a success, and when spec.publish changes: against an API server of a few dictionaries."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar

import pytest
from operator_builders import NOW, UID, debatejob, later, result

from debate_core.documents.debatejob_status import DebateJobStatus, Outputs, Phase, Publication
from debate_operator.cache import Cache
from debate_operator.facts import DebateJobFacts, Event
from debate_operator.kube import CRONJOBS, JOBS, ApiError, Resource
from debate_operator.parse import Seen
from debate_operator.policies.publication import LOOK_S, PATIENCE_S, RETRY_S
from debate_operator.publisher import Publisher
from debate_operator.settings import StatsSettings
from debate_operator.status import publication_of, with_conditions

KEY = ("debates", "debate")
STATS = StatsSettings(namespace="home", cron_job="debate-stats")
CRON_JOB = {
    "metadata": {"name": "debate-stats", "uid": "cron-uid", "labels": {"a": "cron"}},
    "spec": {
        "jobTemplate": {
            "metadata": {"labels": {"component": "stats", "instance": "debate"}},
            "spec": {
                "backoffLimit": 0,
                "template": {
                    "metadata": {"labels": {"component": "stats"}},
                    "spec": {
                        "serviceAccountName": "debate-stats",
                        "containers": [{"name": "stats", "command": ["debate-stats", "run"], "env": [{"name": "X"}]}],
                    },
                },
            },
        }
    },
}


def succeeded(publication: Publication | None, *, generation: int = 1, **spec: Any) -> DebateJobFacts:
    status = DebateJobStatus(
        job_id="debate-0f1e2d3c",
        phase=Phase.SUCCEEDED,
        completion_time=NOW,
        outputs=Outputs(transcript="t.json"),
        publication=publication,
    )
    status = with_conditions(status, accepted=True, message="", now=NOW, generation=1)
    return replace(debatejob(status, **spec), generation=generation)


class World:
    """Kube, the recorder and the clock that Publisher is given, and what it did with them."""

    cron_job: ClassVar[dict[str, Any]] = CRON_JOB

    def __init__(self, job: DebateJobFacts) -> None:
        self.now = later(1)
        self.jobs: dict[str, dict[str, Any]] = {}
        self.has_cron_job = True
        self.told: list[str] = []
        self.cache = Cache()
        self.put(job)
        self.publisher = Publisher(self, self.cache, self, STATS, self._write, lambda: self.now)  # type: ignore[arg-type]

    def put(self, job: DebateJobFacts, name: str = "debate") -> None:
        version = 1 + sum(seen.version for seen in self.cache.debatejobs)
        self.cache.debatejobs.put(
            Seen("debates", name, f"{UID}{name}", version, None, name, replace(job, name=name, uid=f"{UID}{name}"))
        )

    @property
    def publication(self) -> Publication | None:
        seen = self.cache.debatejobs.get(*KEY)
        assert seen is not None
        return seen.facts.status.publication

    def look(self, name: str = "debate") -> float | None:
        return asyncio.run(self.publisher(("debates", name)))

    def end(self, name: str, kind: str = "Complete") -> None:
        self.jobs[name]["status"] = {"conditions": [{"type": kind, "status": "True"}]}

    def started(self) -> list[tuple[str, list[str]]]:
        return [
            (name, body["spec"]["template"]["spec"]["containers"][0]["command"]) for name, body in self.jobs.items()
        ]

    # As Kube and Recorder.

    async def get(self, resource: Resource, namespace: str, name: str) -> dict[str, Any] | None:
        assert namespace == "home"
        if resource is CRONJOBS:
            return self.cron_job if self.has_cron_job and name == "debate-stats" else None
        return self.jobs.get(name)

    async def list(self, resource: Resource, namespace: str, read: Any, *, labels: str) -> tuple[list[Any], int]:
        assert (resource, namespace, labels) == (JOBS, "home", "component=stats,instance=debate")
        await asyncio.sleep(0)  # others may come in here
        return [read(body) for body in self.jobs.values()], 1

    async def create(self, resource: Resource, namespace: str, body: dict[str, Any]) -> dict[str, Any]:
        assert (resource, namespace) == (JOBS, "home")
        name = body["metadata"]["name"]
        if name in self.jobs:
            raise ApiError(409, "AlreadyExists", name)
        meta = body["metadata"] | {"namespace": "home", "uid": name, "creationTimestamp": _text(self.now)}
        self.jobs[name] = body | {"metadata": meta}
        return self.jobs[name]

    def tell(self, _job: DebateJobFacts, events: tuple[Event, ...]) -> None:
        self.told += [event.reason for event in events]

    async def _write(self, job: DebateJobFacts, status: DebateJobStatus) -> None:
        self.put(replace(job, status=status), job.name)


def _text(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


PENDING = Publication(publish=True)


def test_a_success_starts_one_run_like_the_cron_jobs_and_waits_for_its_end() -> None:
    world = World(succeeded(PENDING))
    assert world.look() == LOOK_S
    ((name, command),) = world.started()
    assert command == ["debate-stats", "run"]
    job = world.jobs[name]
    assert job["metadata"]["labels"] == {"component": "stats", "instance": "debate"}
    assert job["metadata"]["annotations"] == {"cronjob.kubernetes.io/instantiate": "manual"}
    (owner,) = job["metadata"]["ownerReferences"]
    assert (owner["kind"], owner["name"], owner["uid"], owner["controller"]) == (
        "CronJob",
        "debate-stats",
        "cron-uid",
        True,
    )
    assert world.look() == LOOK_S
    assert len(world.jobs) == 1
    assert world.publication == PENDING
    world.end(name)
    assert world.look() is None
    assert world.publication == Publication(publish=True, current=True)
    assert world.told == ["Published"]
    assert world.look() is None


def test_many_that_end_together_ask_for_one() -> None:
    world = World(succeeded(PENDING))
    for n in range(20):
        world.put(succeeded(PENDING), f"debate-{n}")

    async def all_at_once() -> None:
        await asyncio.gather(*(world.publisher(("debates", f"debate-{n}")) for n in range(20)))

    asyncio.run(all_at_once())
    assert len(world.jobs) == 1


def test_a_run_that_began_before_the_end_does_not_count() -> None:
    world = World(succeeded(PENDING))
    world.now = later(-5)
    asyncio.run(world.create(JOBS, "home", _finished_run("debate-stats-1")))
    world.now = later(1)
    assert world.look() == LOOK_S
    assert len(world.jobs) == 1, "it is still running: two at a time are of no use"
    world.end("debate-stats-1")
    assert world.look() == LOOK_S
    assert len(world.jobs) == 2


def test_a_run_of_the_schedule_counts_as_well() -> None:
    world = World(succeeded(PENDING))
    asyncio.run(world.create(JOBS, "home", _finished_run("debate-stats-2")))
    world.end("debate-stats-2")
    assert world.look() is None
    assert len(world.jobs) == 1


def test_a_run_that_failed_is_repeated_after_a_minute() -> None:
    world = World(succeeded(PENDING))
    world.look()
    ((name, _),) = world.started()
    world.end(name, "Failed")
    assert world.look() == RETRY_S
    assert len(world.jobs) == 1
    world.now = later(RETRY_S + 2)
    assert world.look() == LOOK_S
    assert len(world.jobs) == 2


def test_after_an_hour_the_schedule_alone_sees_to_it() -> None:
    world = World(succeeded(PENDING))
    world.now = later(PATIENCE_S + 1)
    assert world.look() is None
    assert not world.jobs


def test_unpublishing_is_one_job_a_change() -> None:
    current = Publication(publish=True, current=True)
    world = World(succeeded(current, generation=3, publish=False))
    assert world.look() == LOOK_S
    assert world.started() == [("debate-stats-unpublish-0f1e2-3", ["debate-stats", "unpublish", "debate-0f1e2d3c"])]
    job = world.jobs["debate-stats-unpublish-0f1e2-3"]
    assert "ownerReferences" not in job["metadata"], "the CronJob would delete it with its history"
    assert job["spec"]["backoffLimit"] == 4
    assert job["spec"]["ttlSecondsAfterFinished"] == 600
    assert job["spec"]["template"]["spec"]["containers"][0]["env"] == [{"name": "X"}]
    assert world.look() == LOOK_S
    assert world.publication == current, "nothing is called private before it is"
    world.end("debate-stats-unpublish-0f1e2-3", "Failed")
    assert world.look() == RETRY_S
    assert world.publication == current
    world.end("debate-stats-unpublish-0f1e2-3")
    assert world.look() is None
    assert world.publication == Publication(publish=False, current=True)
    assert world.told == ["Unpublished"]


def test_publishing_again_is_another() -> None:
    world = World(succeeded(Publication(publish=False, current=True), generation=4, publish=True))
    world.look()
    assert world.started() == [("debate-stats-publish-0f1e2-4", ["debate-stats", "publish", "debate-0f1e2d3c"])]


def test_one_of_an_earlier_release_is_left_alone_unless_it_is_to_be_private() -> None:
    world = World(succeeded(None))
    assert world.look() is None
    assert not world.jobs
    world = World(succeeded(None, publish=False))
    world.look()
    assert [command[1] for _, command in world.started()] == ["unpublish"]


@pytest.mark.parametrize(
    "job",
    [
        debatejob(DebateJobStatus(job_id="x", phase=Phase.RUNNING)),
        replace(succeeded(PENDING), deleting=True),
        replace(succeeded(PENDING), status=succeeded(PENDING).status.model_copy(update={"outputs": None})),
        replace(succeeded(PENDING), status=succeeded(PENDING).status.model_copy(update={"phase": Phase.FAILED})),
    ],
    ids=["running", "being deleted", "without a transcript", "failed"],
)
def test_nothing_is_published_of(job: DebateJobFacts) -> None:
    world = World(job)
    assert world.look() is None
    assert not world.jobs


def test_without_the_cron_job_nothing_happens_and_nothing_breaks() -> None:
    world = World(succeeded(PENDING))
    world.has_cron_job = False
    assert world.look() is None
    world.put(succeeded(Publication(publish=True, current=True), publish=False))
    assert world.look() is None


def test_what_finish_wrote_counts_not_what_the_spec_says_by_then() -> None:
    spec = debatejob(publish=False).spec
    parsed = _spec(spec)
    assert publication_of(result("finish", facts={"publish": True}), parsed) == Publication(publish=True)
    assert publication_of(result("finish", facts={}), parsed) == Publication(publish=False)


def _spec(spec: dict[str, Any]) -> Any:
    from debate_core.documents.debatejob import DebateJob

    return DebateJob.from_resource({"metadata": {"name": "debate", "uid": UID}, "spec": spec}).spec


def _finished_run(name: str) -> dict[str, Any]:
    return {"metadata": {"name": name, "labels": {}}, "spec": {"template": {"spec": {"containers": [{"command": []}]}}}}
