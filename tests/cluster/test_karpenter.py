"""Nodes from zero and back, by the real Karpenter: the chart's node pools, the chart's operator, real DebateJobs.

Karpenter decides with its own scheduler and its own disruption; its kwok provider makes the nodes that it asks for, and
KWOK plays them and the pods on them (karpenter/stages.yaml). So what is not shown: EC2 itself (quotas, spot prices and
notices, boot, the image's pull, the device plugin). An interruption here is a deleted NodeClaim, which Karpenter drains
as it does on a spot notice. All debates run side by side, each scene on a GPU pool of its own; what a hand has to do
in a scene is done meanwhile, and its test looks at what came of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
from debates import Debate, act, manifest
from karpenter import controllers, operators
from karpenter.fleet import CAPACITY, GPU, POOL, TYPE, Fleet, condition, time_of
from karpenter.instance_types import GPU_TYPES
from karpenter.pools import EMPTY_S, Pools, differences, scene_label
from karpenter.scenes import HANDS, PENDING_S, POOLS, SCENES, World, first_debates, node_name
from kube import LABEL_STEP, Cluster, Object, label

CHEAPEST, LARGER = "g4dn.xlarge", "g5.xlarge"
BURST = tuple(f"burst-{number}" for number in range(10))


@pytest.fixture(scope="module")
def world(cluster: Cluster, noop_image: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Karpenter, pools and operators; all debates but the ten. In the end the cluster is as it was."""
    pools = Pools()
    on, off = operators.with_cpu_pool(pools.values_that_lead_here()), operators.without_cpu_pool()
    log = tmp_path_factory.mktemp("karpenter")
    labels = {key: value for name in SCENES for key, value in scene_label(name).items()}
    with ExitStack() as stack:
        stack.enter_context(controllers.running(cluster, log))
        stack.enter_context(operators.installed(cluster, noop_image, on, off))
        fleet = Fleet(cluster)
        stack.callback(fleet.close)
        fleet.watch(on.namespace, off.namespace)
        scenes = {name: pools.scene(name, **values) for name, values in SCENES.items()}
        scenes["unprotected"]["spec"]["disruption"]["budgets"] = [{"nodes": "100%"}]
        cluster.apply(*pools.tested(), *scenes.values())
        # A DebateJob's node selector is for all its pods: those of prepare and finish have a place too.
        stack.enter_context(operators.labelled_worker(cluster, labels))
        world = World(cluster, fleet, pools, on, off, log)
        cluster.apply(*first_debates(world))
        threads = stack.enter_context(ThreadPoolExecutor())
        world.hands.update({hand.__name__: threads.submit(hand, world) for hand in HANDS})
        yield world


def types_of(nodes: list[Object]) -> list[tuple[str, str]]:
    return [(label(node, TYPE), label(node, CAPACITY)) for node in nodes]


# --- from zero and back ---


def test_the_pools_are_the_charts_but_for_node_class_and_delay(world: World) -> None:
    real, tested = (
        {pool["metadata"]["name"]: pool for pool in found} for found in (world.pools.real(), world.pools.tested())
    )

    assert real.keys() == tested.keys() == {"gpu", "debate-cpu"}
    for name, pool in real.items():
        assert differences(pool, tested[name]) == {
            *(f"spec.template.spec.nodeClassRef.{key}" for key in ("group", "kind", "name")),
            "spec.disruption.consolidateAfter",
        }


def test_analyze_brings_one_gpu_node_of_the_cheapest_type_on_spot(world: World) -> None:
    it = world.debate("alone")
    assert it.end()["phase"] == "Succeeded", it.report()
    (node,) = world.fleet.nodes_of(it, "analyze")
    prices = {one.name: one.price for one in GPU_TYPES}

    assert types_of([node]) == [(CHEAPEST, "spot")]
    assert min(prices, key=lambda name: prices[name]) == CHEAPEST
    assert {"key": GPU, "value": "true", "effect": "NoSchedule"} in node["spec"]["taints"]
    assert label(node, "nvidia.com/gpu.present") == "true"
    assert (node["status"]["allocatable"][GPU], label(node, POOL)) == ("1", "gpu")
    assert (len(world.fleet.claims("gpu")), world.fleet.most["gpu"]) == (1, 1)
    assert it.status["result"]["speakers"] == 2


def test_prepare_and_finish_bring_a_cpu_node_alone(world: World) -> None:
    it = world.debate("alone")
    it.end()
    nodes = [node for step in ("prepare", "finish") for node in world.fleet.nodes_of(it, step)]

    assert {label(node, POOL) for node in nodes} == {"debate-cpu"}
    assert set(types_of(nodes)) == {("c6a.large", "spot")}
    assert all(GPU not in node["status"]["allocatable"] for node in nodes)


def test_without_a_cpu_pool_prepare_and_finish_bring_no_node(world: World) -> None:
    it = world.debate("larger")
    it.end()
    fake = {node["metadata"]["name"] for node in world.fleet.nodes(*SCENES, "gpu", "debate-cpu")}
    places = {(label(pod, LABEL_STEP), pod["spec"]["nodeName"] in fake) for pod in it.pods()}

    assert places == {("prepare", False), ("analyze", True), ("finish", False)}
    assert len(world.fleet.claims("larger")) == len(it.jobs("analyze"))


def test_the_node_is_waited_for_and_said_so(world: World) -> None:
    it = world.debate("alone")
    it.end()
    analyze = [status for status in it.history if status.get("step") == "analyze"]
    phases = [status["phase"] for status in analyze]

    assert (phases[0], set(phases)) == ("Provisioning", {"Provisioning", "Running"}), it.report()
    assert any(status["message"].startswith("no node yet: 0/") for status in analyze), it.report()


# --- spot ---


def test_an_interruption_brings_a_new_node_and_after_enough_of_them_one_on_demand(world: World) -> None:
    world.hands["interrupt_twice"].result()
    it = world.debate("lost")
    status = it.end()

    assert (status["phase"], status["attempts"], status["interruptions"]) == ("Succeeded", 1, 2), it.report()
    nodes = types_of(world.fleet.nodes_of(it, "analyze"))
    assert nodes == [(CHEAPEST, "spot"), (CHEAPEST, "spot"), (CHEAPEST, "on-demand")]
    assert [len(it.jobs(step)) for step in ("prepare", "analyze", "finish")] == [1, 3, 1]
    assert [condition(pod, "DisruptionTarget") for pod in it.pods("analyze")] == ["True", "True", ""]
    assert len(it.told("Interrupted")) == 2
    assert any("on demand" in message for message in it.told("JobCreated"))


# --- a larger GPU, and none ---


def test_a_debate_that_does_not_fit_gets_a_larger_gpu(world: World) -> None:
    it = world.debate("larger")
    status = it.end()

    assert (status["phase"], status["attempts"]) == ("Succeeded", 1), it.report()
    assert types_of(world.fleet.nodes_of(it, "analyze")) == [(CHEAPEST, "spot"), (LARGER, "spot")]


def test_a_gpu_that_the_pool_does_not_offer_ends_in_no_capacity(world: World) -> None:
    it = world.debate("unoffered")
    assert_no_capacity(world, it)

    assert types_of(world.fleet.nodes("unoffered")) == [(CHEAPEST, "spot")]


def test_a_limit_that_is_reached_ends_in_no_capacity(world: World) -> None:
    columns, described = world.hands["fill_up"].result()

    assert columns.splitlines()[1].split()[:3] == ["waits", "Provisioning", "analyze"]
    assert "no node yet: 0/" in described
    assert_no_capacity(world, world.debate("waits"))
    assert world.fleet.most["held"] == 1


def assert_no_capacity(world: World, it: Debate) -> None:
    """It ends so, in a sentence that says what to do; its last Job is gone, and brought no node."""
    status = it.end()

    assert (status["phase"], status["reason"]) == ("Failed", "NoCapacity"), it.report()
    assert f"no pod started within {PENDING_S} s (no node yet: " in status["message"]
    assert "raise spec.deadlines.pendingSeconds, then raise spec.run" in status["message"]
    it.wait(lambda: it.jobs("analyze")[-1].get("gone"), "its Job is still there")
    assert "nodeName" not in it.pods("analyze")[-1]["spec"]


# --- many ---


def test_ten_debates_keep_to_the_limit(world: World) -> None:
    world.cluster.apply(*(manifest(world.on.namespace, name, {"analyze": [act(seconds=1)]}) for name in BURST))
    for name in BURST:
        it = world.debate(name)
        assert it.end()["phase"] == "Succeeded", it.report()
    spent = [label(node, TYPE) for name in BURST for node in world.fleet.nodes_of(world.debate(name), "analyze")]

    assert len(spent) == len(BURST)
    assert set(spent) == {CHEAPEST}
    assert world.fleet.most["gpu"] == 2, "the limit of two is reached, and kept"


# --- changes while a debate runs ---


def test_a_changed_pool_leaves_the_node_of_a_running_debate_alone(world: World) -> None:
    claim, pod = world.hands["change_pools"].result()
    it = world.debate("changed")
    status = it.end()

    assert (condition(claim, "Drifted"), claim["metadata"].get("deletionTimestamp")) == ("True", None)
    assert (pod["status"]["phase"], pod["metadata"].get("deletionTimestamp")) == ("Running", None)
    assert (status["phase"], status["attempts"], status["interruptions"]) == ("Succeeded", 1, 0), it.report()
    assert len(world.fleet.claims("changed")) == 1
    assert world.debate("unprotected").end()["phase"] == "Succeeded"


# --- at the end ---


def test_nodes_go_when_they_have_been_empty_for_the_delay_and_nothing_is_left(world: World) -> None:
    for hand in world.hands.values():
        hand.result()
    for namespace in (world.on.namespace, world.off.namespace):
        for debate in world.fleet.all("debatejobs", namespace):
            world.debate(debate["metadata"]["name"]).end()
    world.gone(*POOLS)

    disturbed = [pod for name in ("lost", "unprotected") for pod in world.debate(name).pods("analyze")]
    drained = {pod["spec"]["nodeName"] for pod in disturbed if condition(pod, "DisruptionTarget")}
    assert len(drained) == 3
    empty = [claim for claim in world.fleet.claims(*POOLS) if node_name(claim) not in drained]
    assert {label(claim, POOL) for claim in empty} == set(POOLS)
    assert min(empty_for_s(claim) for claim in empty) >= EMPTY_S
    assert world.cluster.get_json("nodeclaims")["items"] == []
    assert world.cluster.get_json("nodes", "-l", controllers.FAKE)["items"] == []
    assert world.fleet.overlaps() == []


def empty_for_s(claim: Object) -> float:
    """Seconds from the last that Karpenter saw of a pod on it, else from its beginning, until it was given up."""
    began = claim["status"].get("lastPodEventTime") or claim["metadata"]["creationTimestamp"]
    return (time_of(claim["metadata"]["deletionTimestamp"]) - time_of(began)).total_seconds()
