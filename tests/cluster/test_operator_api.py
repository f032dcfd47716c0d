"""The operator's runtime on a real API server, in this process: what it does at conflicts, crashes and edits by hand.

Every DebateJob here has a queue, so that its Jobs are created suspended and no pod is ever made: these tests are about
what the API server and the operator say to each other. With DEBATE_TEST_KUBECONFIG they run on any API server that has
the CRD, without the cluster of the other tests.
"""

from __future__ import annotations

import pytest
from operator_world import Stumbling, World, failed, only, passes, play, status_with, until

from debate_core.documents.debatejob_status import Phase
from debate_operator import names
from debate_operator.kube import DEBATEJOBS, JOBS, Kube, Raw, load_configuration

pytestmark = pytest.mark.usefixtures("api_server")


def test_a_debatejob_becomes_a_job_a_status_and_events() -> None:
    async def scenario(world: World) -> None:
        async with world.operator() as operator:
            await world.submit()
            status = await world.started()
            (name,) = await world.jobs()
            assert status["steps"][0]["job"] == name
            assert status["observedGeneration"] == 1
            await until(lambda: operator.queue.idle)
            await operator.recorder.posted()
            assert sorted(await world.told()) == ["Accepted", "JobCreated"]
            raw = await world.hands.get(DEBATEJOBS, world.namespace, "debate")
            assert raw is not None
            assert not raw["metadata"].get("finalizers")
            assert not raw["metadata"].get("annotations")

    play(scenario)


def test_killed_between_create_and_status_write_it_finds_its_job_again() -> None:
    async def scenario(world: World) -> None:
        world.hands.before = "status"
        async with world.operator() as operator:
            await world.submit()
            await until(world.jobs)
            await until(lambda: operator.queue.idle)
            assert await world.status() == {}
        # What it knew died with it: this one begins with nothing.
        world.hands.before = None
        async with world.operator() as operator:
            status = await world.started()
            await until(lambda: operator.queue.idle)
            assert await world.jobs() == [status["steps"][0]["job"]]
            assert status["attempts"] == 1

    play(scenario)


def test_killed_before_the_create_nothing_is_lost() -> None:
    async def scenario(world: World) -> None:
        world.hands.before = "create jobs"
        async with world.operator() as operator:
            await world.submit()
            await until(lambda: failed(operator))
        assert await world.jobs() == []
        world.hands.before = None
        async with world.operator():
            await world.started()
            assert len(await world.jobs()) == 1

    play(scenario)


def test_two_operators_at_once_make_one_job() -> None:
    async def scenario(world: World) -> None:
        async with world.operator() as one, world.operator() as other:
            for number in range(10):
                await world.submit(f"debate-{number}")
            for number in range(10):
                await world.started(f"debate-{number}")
            await until(lambda: one.queue.idle and other.queue.idle)
            assert len(await world.jobs()) == 10

    play(scenario)


def test_a_job_that_somebody_deleted_is_an_interruption_and_the_next_one_follows() -> None:
    async def scenario(world: World) -> None:
        async with world.operator(backoff={"interruptionSeconds": 0}):
            await world.submit()
            first = (await world.started())["steps"][0]["job"]
            raw = await world.hands.get(JOBS, world.namespace, first)
            assert raw is not None
            await world.hands._request(
                "DELETE", JOBS.path(world.namespace, first), body={"propagationPolicy": "Background"}
            )
            second = await until(lambda: only(world.jobs(), lambda name: name != first))
            assert second == first[:-1] + "2"
            status = await until(lambda: status_with(world, interruptions=1))
            assert status["attempts"] == 1

    play(scenario)


def test_a_job_that_vanished_while_no_operator_ran_is_noticed() -> None:
    async def scenario(world: World) -> None:
        async with world.operator():
            await world.submit()
            first = (await world.started())["steps"][0]["job"]
        await world.hands._request(
            "DELETE", JOBS.path(world.namespace, first), body={"propagationPolicy": "Background"}
        )
        async with world.operator(backoff={"interruptionSeconds": 0}):
            await until(lambda: status_with(world, interruptions=1))
            assert await until(lambda: only(world.jobs(), lambda name: name != first))

    play(scenario)


def test_a_job_stripped_of_our_labels_is_still_ours() -> None:
    async def scenario(world: World) -> None:
        async with world.operator() as operator:
            await world.submit()
            name = (await world.started())["steps"][0]["job"]
            await world.hands.patch_away(
                JOBS, world.namespace, name, lambda raw: raw["metadata"].update(labels={"mine": "now"})
            )
            # To a watch with a label selector this looks like a deletion.
            await until(lambda: passes(operator) >= 2 and operator.queue.idle)
            await operator.resync.once()
            await until(lambda: operator.queue.idle)
            assert await world.jobs() == [name]
            assert (await world.status())["interruptions"] == 0

    play(scenario)


def test_a_foreign_job_with_our_name_is_left_alone_and_named() -> None:
    async def scenario(world: World) -> None:
        raw = await world.submit()
        name = names.job_name("debate", "prepare", raw["metadata"]["uid"], 1)
        pod = {"restartPolicy": "Never", "containers": [{"name": "c", "image": "c"}]}
        await Kube.create(
            world.hands,
            JOBS,
            world.namespace,
            {"metadata": {"name": name}, "spec": {"suspend": True, "template": {"spec": pod}}},
        )
        async with world.operator() as operator:
            status = await until(lambda: status_with(world, reason="NameConflict"))
            assert name in status["message"]
            await until(lambda: operator.queue.idle)
            found = await world.hands.get(JOBS, world.namespace, name)
            assert found is not None
            assert "deletionTimestamp" not in found["metadata"]
            assert await world.jobs() == [name]

    play(scenario)


def test_a_status_that_somebody_edited_is_written_anew() -> None:
    async def scenario(world: World) -> None:
        async with world.operator():
            await world.submit()
            before = await world.started()
            raw = await world.hands.get(DEBATEJOBS, world.namespace, "debate")
            assert raw is not None
            raw["status"] = {"phase": "Succeeded", "message": "it is done, I say"}
            await Kube.replace_status(world.hands, world.namespace, "debate", raw)
            after = await world.started()
            assert [step["job"] for step in after["steps"][:1]] == [before["steps"][0]["job"]]
            assert await world.jobs() == [before["steps"][0]["job"]]

    play(scenario)


def test_a_conflict_is_no_error() -> None:
    """Somebody writes between our look and our write: the pass begins anew on what is there now."""

    class Interfered(Stumbling):
        done = False

        async def replace_status(self, namespace: str, name: str, body: Raw) -> Raw:
            if not self.done:
                self.done = True
                await self.patch_away(
                    DEBATEJOBS, namespace, name, lambda raw: raw["metadata"].update(annotations={"a": "b"})
                )
            return await super().replace_status(namespace, name, body)

    async def scenario(world: World) -> None:
        kube = Interfered(await load_configuration())
        async with world.operator(kube) as operator:
            await world.submit()
            await world.started()
            await until(lambda: operator.queue.idle)
            assert failed(operator) == 0
            assert len(await world.jobs()) == 1
        await kube.close()

    play(scenario)


def test_a_job_that_the_api_server_refuses_fails_with_its_words() -> None:
    async def scenario(world: World) -> None:
        resources = {"requests": {"memory": "64Gi"}, "limits": {"memory": "1Gi"}}
        async with world.operator():
            await world.submit(podOverrides={"resources": resources})
            status = await world.phase(Phase.FAILED)
            assert status["reason"] == "InvalidSpec"
            assert "memory" in status["message"]
            assert await world.jobs() == []

    play(scenario)


def test_a_debatejob_that_is_deleted_leaves_the_cache_and_is_not_worked_on() -> None:
    async def scenario(world: World) -> None:
        async with world.operator() as operator:
            raw = await world.submit()
            await world.started()
            await world.hands._request(
                "DELETE", DEBATEJOBS.path(world.namespace, "debate"), body={"propagationPolicy": "Background"}
            )
            await until(lambda: operator.cache.debatejobs.get(world.namespace, "debate") is None)
            await until(lambda: operator.queue.idle)
            assert failed(operator) == 0
            # Another of its name is another one.
            again = await world.submit()
            assert again["metadata"]["uid"] != raw["metadata"]["uid"]
            await world.started()

    play(scenario)


def test_a_delete_hits_only_the_object_that_was_meant() -> None:
    async def scenario(world: World) -> None:
        raw = await world.submit()
        await world.hands.delete(DEBATEJOBS, world.namespace, "debate", "another-uid")
        assert await world.hands.get(DEBATEJOBS, world.namespace, "debate")
        await world.hands.delete(DEBATEJOBS, world.namespace, "debate", raw["metadata"]["uid"])
        await world.hands.delete(DEBATEJOBS, world.namespace, "debate", raw["metadata"]["uid"])

    play(scenario)


def test_a_namespace_that_is_being_deleted_is_left_alone() -> None:
    async def scenario(world: World) -> None:
        # A finalizer keeps the DebateJob there while its namespace ends.
        await world.submit()
        hold = "example.org/hold"
        await world.hands.patch_away(
            DEBATEJOBS, world.namespace, "debate", lambda raw: raw["metadata"].update(finalizers=[hold])
        )
        await world.hands._request("DELETE", f"/api/v1/namespaces/{world.namespace}")
        async with world.operator() as operator:
            await until(lambda: passes(operator) >= 1 and operator.queue.idle)
            assert failed(operator) == 0
            assert await world.jobs() == []
        await world.hands.patch_away(
            DEBATEJOBS, world.namespace, "debate", lambda raw: raw["metadata"].update(finalizers=[])
        )

    play(scenario)


def test_what_a_watch_missed_comes_back_with_the_resync() -> None:
    async def scenario(world: World) -> None:
        async with world.operator(resyncSeconds=1) as operator:
            await world.submit()
            await world.started()
            await until(lambda: operator.queue.idle)
            # As if the watch had never told of it.
            seen = operator.cache.debatejobs.get(world.namespace, "debate")
            assert seen is not None
            operator.cache.debatejobs.remove(world.namespace, "debate", seen.uid)
            await until(lambda: operator.cache.debatejobs.get(world.namespace, "debate"))
            assert operator.health.trouble() is None

    play(scenario)
