"""How a Job's end is read from typed facts."""

from __future__ import annotations

import pytest
from operator_builders import ended, job_facts, pod_facts, result, running

from debate_core.reasons import Reason
from debate_operator.failures import Kind, classify


@pytest.mark.parametrize(
    ("code", "kind", "reason"),
    [
        (10, Kind.FINAL, Reason.INVALID_SPEC),
        (11, Kind.FINAL, Reason.SOURCE_UNAVAILABLE),
        (12, Kind.WAITING, Reason.SOURCE_BUSY),
        (13, Kind.FINAL, Reason.MEDIA_UNDECODABLE),
        (14, Kind.FINAL, Reason.MISCONFIGURED),
        (15, Kind.LARGER_GPU, Reason.GPU_OUT_OF_MEMORY),
        (16, Kind.WAITING, Reason.STORE_UNREACHABLE),
        (70, Kind.ATTEMPT, Reason.INTERNAL_ERROR),
        (75, Kind.INTERRUPTION, None),
        (1, Kind.ATTEMPT, Reason.INTERNAL_ERROR),
        (127, Kind.ATTEMPT, Reason.INTERNAL_ERROR),
        (137, Kind.ATTEMPT, Reason.INTERNAL_ERROR),  # killed, and nothing says that a node did it
    ],
)
def test_exit_code_decides_what_an_end_means(code: int, kind: Kind, reason: Reason | None) -> None:
    end = classify(ended("analyze", code))
    assert (end.kind, end.reason) == (kind, reason)


@pytest.mark.parametrize("code", [10, 11, 12, 13, 14, 15, 16, 70])
def test_the_workers_own_words_are_kept(code: int) -> None:
    assert classify(ended("analyze", code)).message == "the worker's own words"


@pytest.mark.parametrize(
    "signs",
    [
        {"disrupted": True, "exit_code": 137},
        {"disrupted": True, "exit_code": 143},
        {"deleting": True, "exit_code": 137},
        {"status_reason": "Evicted", "exit_code": None},
        {"status_reason": "NodeShutdown", "exit_code": 137},
        {"terminated_reason": "ContainerStatusUnknown", "exit_code": 137},  # the node was started again
        {"status_reason": "UnexpectedAdmissionError", "exit_code": None},
        {"disrupted": True, "exit_code": 75},
        {"deleting": True, "exit_code": 0},
    ],
)
def test_a_pod_that_its_node_ended_was_interrupted(signs: dict[str, object]) -> None:
    pod = running(phase="Failed", **signs)
    assert classify(job_facts("analyze", 1, pod, finished="Failed")).kind is Kind.INTERRUPTION


def test_a_disruption_does_not_hide_what_the_worker_said_for_good() -> None:
    pod = running(phase="Failed", disrupted=True, exit_code=13, message=result("prepare", 13).to_json().decode())
    assert classify(job_facts("prepare", 1, pod, finished="Failed")).reason is Reason.MEDIA_UNDECODABLE


def test_out_of_memory_is_an_attempt_even_on_a_node_under_pressure() -> None:
    pod = running(phase="Failed", terminated_reason="OOMKilled", exit_code=137, disrupted=True)
    end = classify(job_facts("analyze", 1, pod, finished="Failed"))
    assert (end.kind, end.reason) == (Kind.ATTEMPT, Reason.OUT_OF_MEMORY)


def test_a_kill_that_nobody_explains_is_told_as_what_it_most_likely_was() -> None:
    pod = running(phase="Failed", terminated_reason="Error", exit_code=137)
    end = classify(job_facts("analyze", 1, pod, finished="Failed"))
    assert (end.kind, end.reason) == (Kind.ATTEMPT, Reason.INTERNAL_ERROR)
    assert "most likely because it ran out of memory" in end.message
    assert "spec.podOverrides.resources.limits.memory" in end.message


def test_job_and_pod_that_are_gone_are_interruptions() -> None:
    assert classify(None).kind is Kind.INTERRUPTION
    assert classify(job_facts("analyze", 1, finished="Failed")).kind is Kind.INTERRUPTION


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Container worker for pod debates/x failed with exit code 13 matching FailJob rule", Reason.MEDIA_UNDECODABLE),
        ("another release says it otherwise", Reason.INTERNAL_ERROR),
        (None, Reason.INTERNAL_ERROR),
    ],
)
def test_final_without_a_pod_is_proven_by_the_jobs_reason(text: str | None, reason: Reason) -> None:
    job = job_facts("prepare", 1, finished="Failed", failure_reason="PodFailurePolicy", failure_message=text)
    end = classify(job)
    assert (end.kind, end.reason) == (Kind.FINAL, reason)


def test_the_backstop_is_final() -> None:
    end = classify(job_facts("analyze", 1, finished="Failed", failure_reason="DeadlineExceeded"))
    assert (end.kind, end.reason) == (Kind.FINAL, Reason.DEADLINE_EXCEEDED)


def test_a_complete_job_is_done_only_with_its_result() -> None:
    assert classify(ended("analyze")).kind is Kind.DONE
    assert classify(job_facts("analyze", 1, finished="Complete")).kind is Kind.INTERRUPTION
    garbled = running(phase="Succeeded", exit_code=0, message="{not json")
    assert classify(job_facts("analyze", 1, garbled, finished="Complete")).kind is Kind.ATTEMPT


def test_another_steps_exit_code_in_the_message_is_not_believed() -> None:
    pod = running(phase="Failed", exit_code=1, message=result("analyze", 12).to_json().decode())
    end = classify(job_facts("analyze", 1, pod, finished="Failed"))
    assert (end.kind, end.reason) == (Kind.ATTEMPT, Reason.INTERNAL_ERROR)


def test_of_several_pods_the_gravest_end_counts() -> None:
    done = running(phase="Succeeded", exit_code=0)
    lost = running(phase="Failed", exit_code=143, disrupted=True)
    crashed = running(phase="Failed", exit_code=70)
    final = running(phase="Failed", exit_code=13, message=result("analyze", 13).to_json().decode())
    for pods, kind in [
        ((done, lost), Kind.INTERRUPTION),
        ((done, lost, crashed), Kind.ATTEMPT),
        ((crashed, final, lost), Kind.FINAL),
    ]:
        assert classify(job_facts("analyze", 1, *pods, finished="Failed", completions=3)).kind is kind


def test_a_pod_that_never_started_was_interrupted() -> None:
    pod = pod_facts(phase="Failed", status_reason="OutOfcpu")
    assert classify(job_facts("analyze", 1, pod, finished="Failed")).kind is Kind.INTERRUPTION
