"""What the operator asks the API server for before it decides, on a real one: what events say, and what really is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from operator_world import World, failed, passes, play, until

from debate_core.documents.debatejob_status import DebateJobStatus, StepState, StepStatus
from debate_operator import parse
from debate_operator.cache import Cache
from debate_operator.facts import DebateJobFacts, JobFacts, PodFacts
from debate_operator.kube import EVENTS, JOBS, ApiError, Kube
from debate_operator.observe import Observer, Sight
from debate_operator.parse import Seen

pytestmark = pytest.mark.usefixtures("api_server")


class Scene:
    """A DebateJob and its Job, as the cache has them; their events are real."""

    def __init__(self, world: World, age_s: float, *pods: PodFacts) -> None:
        self.world, self.now = world, datetime.now(UTC)
        self.created = self.now - timedelta(seconds=age_s)
        self.cache, self.uid = Cache(), str(uuid4())
        job = JobFacts("debate-prepare", self.uid, "prepare", 1, 1, self.created, self.created)
        self.cache.jobs.put(Seen(world.namespace, job.name, job.uid, 1, "dj-uid", "debate", job))
        for pod in pods:
            self.cache.pods.put(Seen(world.namespace, pod.name, pod.uid, 1, self.uid, "debate", pod))
        self.status = DebateJobStatus()

    async def look(self) -> Sight:
        job = DebateJobFacts(self.world.namespace, "debate", "dj-uid", "1", 1, self.created, {}, self.status)
        return await Observer(self.world.hands, self.cache, lambda _: {}).look(job, self.now)

    async def say(self, uid: str, reason: str, message: str, ago_s: float = 1) -> None:
        at = (self.now - timedelta(seconds=ago_s)).strftime("%Y-%m-%dT%H:%M:%SZ")
        about = {"kind": "Job", "namespace": self.world.namespace, "name": "debate-prepare", "uid": uid}
        body = {"metadata": {"generateName": "e."}, "involvedObject": about, "reason": reason, "message": message}
        await Kube.create(self.world.hands, EVENTS, self.world.namespace, body | {"lastTimestamp": at})


def creating(age_s: float, **changes: Any) -> PodFacts:
    fields: dict[str, Any] = {
        "name": "pod",
        "uid": str(uuid4()),
        "phase": "Pending",
        "node": "node-1",
        "created_at": datetime.now(UTC) - timedelta(seconds=age_s),
        "waiting_reason": "ContainerCreating",
    }
    return PodFacts(**(fields | changes))


def test_why_a_job_has_no_pod_is_said_once_it_should_have_one() -> None:
    async def scenario(world: World) -> None:
        scene = Scene(world, 20)
        await scene.say(scene.uid, "FailedCreate", "it was so before", ago_s=15)
        await scene.say(scene.uid, "FailedCreate", "no such service account")
        await scene.say(scene.uid, "SomethingElse", "not this", ago_s=0)
        await scene.say(str(uuid4()), "FailedCreate", "of another Job", ago_s=0)
        sight = await scene.look()
        assert sight.observed.jobs[0].trouble == "no such service account"
        assert sight.look_again_s == pytest.approx(20)

        young = await Scene(world, 2).look()
        assert young.observed.jobs[0].trouble is None
        assert young.look_again_s == pytest.approx(3)

    play(scenario)


def test_why_a_container_is_not_made_is_said_while_it_is_so() -> None:
    async def scenario(world: World) -> None:
        pod = creating(30)
        scene = Scene(world, 30, pod)
        assert (await scene.look()).observed.jobs[0].pods == (pod,)
        await scene.say(pod.uid, "FailedMount", 'secret "cookies" not found', ago_s=170)
        seen = (await scene.look()).observed.jobs[0].pods[0]
        assert (seen.waiting_reason, seen.waiting_message) == ("FailedMount", 'secret "cookies" not found')
        # The kubelet would have said it again: since then the Secret is there, and an image is being fetched.
        scene.now += timedelta(seconds=20)
        assert (await scene.look()).observed.jobs[0].pods == (pod,)

    play(scenario)


def test_a_job_that_the_cache_lacks_is_asked_for_by_name_before_it_is_called_gone() -> None:
    async def scenario(world: World) -> None:
        raw = await world.submit()
        meta, name = raw["metadata"], "debate-prepare-x"
        owner = {"apiVersion": raw["apiVersion"], "kind": "DebateJob", "name": "debate", "uid": meta["uid"]}
        template = {"spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "c"}]}}
        body = {"metadata": {"name": name, "ownerReferences": [owner | {"controller": True}]}}
        await Kube.create(world.hands, JOBS, world.namespace, body | {"spec": {"suspend": True, "template": template}})
        status = DebateJobStatus(steps=[StepStatus(name="prepare", state=StepState.RUNNING, job=name)])
        job = DebateJobFacts(world.namespace, "debate", meta["uid"], "1", 1, parse.EPOCH, {}, status)
        observer = Observer(world.hands, Cache(), lambda _: {})
        assert [found.name for found in (await observer.look(job, datetime.now(UTC))).observed.jobs] == [name]

    play(scenario)


def test_a_quota_that_is_used_up_is_told_once_and_tried_again() -> None:
    async def scenario(world: World) -> None:
        quota = {"metadata": {"name": "none"}, "spec": {"hard": {"count/jobs.batch": "0"}}}
        made = await world.hands.post(f"/api/v1/namespaces/{world.namespace}/resourcequotas", quota)
        # What the quota controller writes; where there is none, the test does.
        del made["metadata"]["resourceVersion"]  # whoever came first
        made["status"] = {"hard": {"count/jobs.batch": "0"}, "used": {"count/jobs.batch": "0"}}
        path = f"/api/v1/namespaces/{world.namespace}/resourcequotas/none"
        await world.hands._request("PUT", f"{path}/status", body=made)
        await until(lambda: _forbidden(world))
        async with world.operator() as operator:
            await world.submit()
            await until(lambda: failed(operator) >= 2)
            await operator.recorder.posted()
            assert (await world.told()).count("CreateForbidden") == 1
            assert await world.jobs() == []
            await world.hands._request("DELETE", path)
            await world.started()
            assert passes(operator) >= 3

    play(scenario)


async def _forbidden(world: World) -> bool:
    """Whether the API server has noticed the quota."""
    template = {"spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "c"}]}}
    body = {"metadata": {"name": "probe"}, "spec": {"suspend": True, "template": template}}
    try:
        await world.hands._request("POST", JOBS.path(world.namespace), query={"dryRun": "All"}, body=body)
    except ApiError as error:
        return error.status == 403
    return False
