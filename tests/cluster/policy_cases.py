"""The debates of test_policies.py: what the no-op worker does in each, and how each has to end."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from debates import act
from release import BARE, POLICIES

Acts = dict[str, list[dict[str, Any]]]

FOREVER = act(seconds=3600)
CRASH = act(exit=70, message="a bug")
LOST = act(exit=75)
ONE_STEP = {"mode": "DownloadOnly"}


def busy(**more: Any) -> dict[str, Any]:
    return act(exit=12, reason="SourceBusy", message="the source asks to come back later", **more)


@dataclass(frozen=True)
class Case:
    """One debate, and how it ends. jobs: how many Jobs each step had in the end. says: is part of the message."""

    name: str
    acts: Acts
    phase: str
    reason: str = ""
    jobs: dict[str, int] = field(default_factory=lambda: {"prepare": 1})
    attempts: int = 1
    interruptions: int = 0
    says: str = ""
    spec: dict[str, Any] = field(default_factory=lambda: ONE_STEP)
    namespace: str = POLICIES


def one_step(**more: Any) -> dict[str, Any]:
    return ONE_STEP | more


CASES = (
    Case("all-steps", {}, "Succeeded", spec={}, jobs={"prepare": 1, "analyze": 1, "finish": 1}),
    Case("download-only", {}, "Succeeded"),
    # attempts
    Case("crashed-once", {"prepare": [CRASH]}, "Succeeded", jobs={"prepare": 2}, attempts=2),
    Case(
        "crashed-too-often",
        {"prepare": [CRASH, CRASH, CRASH]},
        "Failed",
        "AttemptsExhausted",
        jobs={"prepare": 3},
        attempts=3,
        says="a bug",
        spec=one_step(retry={"attempts": 3}),
    ),
    Case("no-last-words", {"prepare": [act(exit=1, silent=True)]}, "Succeeded", jobs={"prepare": 2}, attempts=2),
    Case("unreadable-result", {"prepare": [act(garbage=True)]}, "Succeeded", jobs={"prepare": 2}, attempts=2),
    Case(
        "out-of-memory",
        {"prepare": [act(oom=True), act(oom=True)]},
        "Failed",
        "AttemptsExhausted",
        jobs={"prepare": 2},
        attempts=2,
        says="OutOfMemory",
    ),
    # interruptions
    Case("interrupted", {"prepare": [LOST] * 3}, "Succeeded", jobs={"prepare": 4}, interruptions=3),
    Case(
        "interrupted-too-often",
        {"prepare": [LOST] * 3},
        "Failed",
        "InterruptionsExhausted",
        jobs={"prepare": 3},
        attempts=0,
        interruptions=3,
        says="spec.run",
        spec=one_step(retry={"interruptions": 2}),
    ),
    Case(
        "interrupted-and-crashed",
        {"prepare": [LOST, CRASH, LOST]},
        "Succeeded",
        jobs={"prepare": 4},
        attempts=2,
        interruptions=2,
    ),
    # waiting
    Case("source-busy", {"prepare": [busy(), busy(retry_after=1)]}, "Succeeded", jobs={"prepare": 3}),
    Case(
        "store-away",
        {"prepare": [act(exit=16, reason="StoreUnreachable", message="no answer")]},
        "Succeeded",
        jobs={"prepare": 2},
    ),
    Case(
        "source-stays-busy",
        {"prepare": [busy(), busy(retry_after=900)]},
        "Failed",
        "SourceBusy",
        jobs={"prepare": 2},
        attempts=0,
        says="come back later",
        spec=one_step(deadlines={"retrySeconds": 600}),
    ),
    # final ends
    *(
        Case(
            f"exit-{code}",
            {"prepare": [act(exit=code, reason=reason, message=f"code {code}")]},
            "Failed",
            reason,
            says=f"code {code}",
        )
        for code, reason in (
            (10, "InvalidSpec"),
            (11, "SourceUnavailable"),
            (13, "MediaUndecodable"),
            (14, "Misconfigured"),
        )
    ),
    Case(
        "job-id-taken",
        {"prepare": [act(exit=10, reason="JobIdTaken", message="another source has this id")]},
        "Failed",
        "JobIdTaken",
        says="another source",
    ),
    # GPU memory: a larger class first, then the end
    Case(
        "gpu-too-small",
        {"analyze": [act(exit=15, reason="GpuOutOfMemory", message="does not fit")]},
        "Succeeded",
        spec={},
        jobs={"prepare": 1, "analyze": 2, "finish": 1},
    ),
    Case(
        "every-gpu-too-small",
        {"analyze": [act(exit=15, reason="GpuOutOfMemory", message="does not fit")] * 2},
        "Failed",
        "GpuOutOfMemory",
        spec={},
        jobs={"prepare": 1, "analyze": 2},
        says="does not fit",
    ),
    # deadlines
    Case(
        "no-such-gpu",
        {},
        "Failed",
        "NoCapacity",
        says="didn't match Pod's node affinity/selector",
        spec=one_step(
            deadlines={"pendingSeconds": 20}, podOverrides={"nodeSelector": {"nvidia.com/gpu.product": "none-has-it"}}
        ),
    ),
    Case(
        "runs-too-long",
        {"prepare": [FOREVER]},
        "Failed",
        "DeadlineExceeded",
        says="activeSeconds",
        spec=one_step(deadlines={"activeSeconds": 3}),
    ),
    # several pods
    Case(
        "shared",
        {"prepare": [act(windows=3)]},
        "Succeeded",
        spec={"parallelism": 5},
        jobs={"prepare": 1, "analyze": 1, "finish": 1},
    ),
    Case(
        "shared-and-interrupted",
        {"prepare": [act(windows=2)], "analyze": [act(shard=1, exit=75)]},
        "Succeeded",
        spec={"parallelism": 2},
        jobs={"prepare": 1, "analyze": 2, "finish": 1},
        interruptions=1,
    ),
    # what CEL cannot refuse
    Case(
        "account-not-allowed",
        {},
        "Failed",
        "InvalidSpec",
        jobs={},
        attempts=0,
        says="not allowed",
        spec=one_step(podOverrides={"serviceAccountName": "default"}),
    ),
    Case(
        "variable-not-allowed",
        {},
        "Failed",
        "InvalidSpec",
        jobs={},
        attempts=0,
        says="not allowed",
        spec=one_step(podOverrides={"env": [{"name": "DEBATE_STORE", "value": "s3://elsewhere"}]}),
    ),
    Case(
        "no-such-priority",
        {},
        "Failed",
        "Misconfigured",
        says="PriorityClass",
        spec={"priorityClassName": "nobody-made-it"},
    ),
    Case("no-such-secret", {}, "Failed", "Misconfigured", says="secret", spec={}, namespace=BARE),
)

OTHERS: dict[str, tuple[Acts, dict[str, Any]]] = {
    "suspended": ({"analyze": [FOREVER]}, {}),
    "suspended-from-the-start": ({}, one_step(suspend=True)),
    "wants-on-demand": ({"analyze": [LOST, LOST]}, {"retry": {"onDemandAfter": 2}}),
    "run-again": ({"prepare": [act(exit=11, reason="SourceUnavailable", message="private")]}, one_step()),
    "run-again-after-success": ({}, one_step()),
    "goes-after-success": ({}, one_step(ttl={"succeededSeconds": 2})),
    "goes-after-failure": ({"prepare": [act(exit=11)]}, one_step(ttl={"failedSeconds": 2, "succeededSeconds": 3600})),
    "queued": ({}, one_step(queueName="evening")),
    "tells-progress": ({"analyze": [act(seconds=15)]}, {}),
    "edited": ({"prepare": [FOREVER]}, one_step()),
}
"""Those that a test takes by the hand: acts and spec."""
