"""DebateJobs to test with, and what can be asked of one: its status, its Jobs and pods, what was told about it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from kube import LABEL_STEP, LABEL_UID, Cluster, Object, Witness, label, owners

PATIENCE_S = 240
"""For what takes a second alone: the tests run dozens of debates at once on two cores."""


def act(**what: Any) -> dict[str, Any]:
    """What one Job of the no-op worker does: see noop/main.go."""
    return what


def manifest(
    namespace: str, name: str, acts: dict[str, list[dict[str, Any]]] | None = None, **spec: Any
) -> dict[str, Any]:
    """A DebateJob for the no-op worker. acts: what the 1st, 2nd, ... Job of a step does; else it is done at once."""
    body: dict[str, Any] = {"source": {"url": "https://example.org/debate.mp4"}} | spec
    if acts:
        overrides = {"env": [{"name": "DEBATE_NOOP", "value": json.dumps(acts)}]} | body.get("podOverrides", {})
        body["podOverrides"] = overrides
    return {
        "apiVersion": "debate-analyzer.io/v1alpha1",
        "kind": "DebateJob",
        "metadata": {"name": name, "namespace": namespace},
        "spec": body,
    }


@dataclass
class Debate:
    """One DebateJob in the cluster, also when it is gone. operator_log: gives what its operator logged."""

    cluster: Cluster
    witness: Witness
    namespace: str
    name: str
    operator_log: Callable[[], str] = field(default=str, repr=False)
    known_uid: str = ""

    # --- what it is now ---

    @property
    def uid(self) -> str:
        """Of the last one that was seen with this name."""
        if not self.known_uid:
            self.known_uid = self.witness.wait(self._last_uid, 30, f"{self.namespace}/{self.name} was never there")
        return self.known_uid

    def _last_uid(self) -> str | None:
        mine = [
            states[0]["metadata"]
            for states in self.witness.ever("debatejobs")
            if (states[0]["metadata"]["namespace"], states[0]["metadata"]["name"]) == (self.namespace, self.name)
        ]
        return max(mine, key=lambda found: found["creationTimestamp"])["uid"] if mine else None

    @property
    def resource(self) -> Object:
        """The last state that was seen."""
        return self.witness.states("debatejobs", self.uid)[-1]

    @property
    def status(self) -> Object:
        """The last that was seen, also of one that is gone."""
        return self.resource.get("status") or {}

    def step(self, name: str) -> Object:
        return next((step for step in self.status.get("steps") or [] if step["name"] == name), {})

    def condition(self, kind: str) -> Object:
        return next((found for found in self.status.get("conditions") or [] if found["type"] == kind), {})

    # --- what it was ---

    @property
    def history(self) -> list[Object]:
        """Every status that was seen, first to last."""
        return [state.get("status") or {} for state in self.witness.states("debatejobs", self.uid)]

    @property
    def phases(self) -> list[str]:
        """The phases that it went through, each change once."""
        phases = [status["phase"] for status in self.history if status.get("phase")]
        return [phase for index, phase in enumerate(phases) if index == 0 or phases[index - 1] != phase]

    def jobs(self, step: str | None = None) -> list[Object]:
        """The last state of each Job that it ever owned, in the order of their numbers."""
        found = [states[-1] for states in self.witness.ever("jobs") if self.uid in owners(states[0])]
        chosen = [job for job in found if step is None or f"-{step}-" in job["metadata"]["name"]]
        return sorted(chosen, key=lambda job: int(job["metadata"]["name"].rpartition("-")[2]))

    def pods(self, step: str | None = None) -> list[Object]:
        """The last state of each pod that ever existed for it."""
        found = [states[-1] for states in self.witness.ever("pods") if label(states[0], LABEL_UID) == self.uid]
        return [pod for pod in found if step is None or label(pod, LABEL_STEP) == step]

    @property
    def living_pods(self) -> list[Object]:
        """Those that exist and have not ended."""
        return [
            pod
            for pod in self.witness.all("pods", self.namespace)
            if label(pod, LABEL_UID) == self.uid and pod["status"].get("phase") in {"Pending", "Running"}
        ]

    @property
    def events(self) -> list[tuple[str, str, str]]:
        """(type, reason, message) of what the operator told about it."""
        last = [states[-1] for states in self.witness.ever("events")]
        mine = [event for event in last if event["involvedObject"].get("uid") == self.uid]
        return [(event["type"], event["reason"], event.get("message") or "") for event in mine]

    def told(self, reason: str) -> list[str]:
        """The messages of its events with this reason."""
        return [message for _, found, message in self.events if found == reason]

    # --- waiting ---

    def wait(self, predicate: Any, what: str, timeout_s: float = PATIENCE_S) -> Any:
        """Wait until the predicate, which is asked at each change, gives something; else tells all that is known."""
        try:
            return self.witness.wait(predicate, timeout_s, f"{self.namespace}/{self.name}: {what}")
        except AssertionError as late:
            raise AssertionError(f"{late}\n{self.report()}") from None

    def phase(self, *wanted: str, timeout_s: float = PATIENCE_S) -> Object:
        """Wait for one of these phases; the status then."""
        self.wait(lambda: self.status.get("phase") in wanted, f"phase {' or '.join(wanted)} was not reached", timeout_s)
        return self.status

    def end(self, timeout_s: float = PATIENCE_S) -> Object:
        """Wait for either end; the status then."""
        return self.phase("Succeeded", "Failed", timeout_s=timeout_s)

    def running(self, step: str) -> Object:
        """Wait until a pod of the step runs and the status says so; the pod."""

        def look() -> Object | None:
            at_work = (self.status.get("phase"), self.status.get("step")) == ("Running", step)
            pods = [pod for pod in self.living_pods if label(pod, LABEL_STEP) == step]
            return next((pod for pod in pods if at_work and pod["status"]["phase"] == "Running"), None)

        found: Object = self.wait(look, f"no pod of {step} runs")
        return found

    def gone(self) -> None:
        """Wait until neither it nor anything of it exists."""
        uid = self.uid

        def nothing() -> bool:
            mine = [job for job in self.witness.all("jobs", self.namespace) if uid in owners(job)]
            pods = [pod for pod in self.witness.all("pods", self.namespace) if label(pod, LABEL_UID) == uid]
            found = self.witness.get("debatejobs", self.namespace, self.name)
            return not mine and not pods and (found is None or found["metadata"]["uid"] != uid)

        self.wait(nothing, "something of it is left")

    # --- doing ---

    def patch(self, spec: Object) -> str:
        return self.cluster.kubectl(
            "patch", "debatejob", self.name, "-n", self.namespace, "--type=merge", "-p", json.dumps({"spec": spec})
        )

    def delete(self, *words: str) -> None:
        self.cluster.kubectl("delete", "debatejob", self.name, "-n", self.namespace, *words)

    def report(self) -> str:
        """For a failed test: describe, Jobs, pods, and the operator's lines about it."""
        parts = [f"phases: {self.phases}", f"events: {self.events}"]
        for words in (
            ("describe", "debatejob", self.name, "-n", self.namespace),
            ("get", "jobs,pods", "-n", self.namespace, "-o", "wide", "-l", f"{LABEL_UID}={self.uid}"),
        ):
            try:
                parts.append(self.cluster.kubectl(*words))
            except AssertionError as error:
                parts.append(str(error))
        parts.append("\n".join([line for line in self.operator_log().splitlines() if self.name in line][-40:]))
        return "\n".join(parts)


def send_signal(pod: Object, name: str) -> None:
    """A signal for the first process of a running pod's container, from its node, as the kernel would send it."""
    container = pod["status"]["containerStatuses"][0]["containerID"].removeprefix("containerd://")
    words = ("docker", "exec", pod["spec"]["nodeName"], "ctr", "-n", "k8s.io", "task", "kill", "-s", name)
    subprocess.run([*words, container], check=True, capture_output=True, timeout=60)


def kill(pod: Object) -> None:
    send_signal(pod, "SIGKILL")


def finish_work(pod: Object) -> None:
    """A no-op worker that works for ever is done now."""
    send_signal(pod, "SIGUSR1")
