"""The Jobs that are created: golden files for whole manifests, statements for what must never change.

`python tests/unit/operator/test_operator_manifests.py` writes the golden files anew: read the difference then.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from operator_builders import SETTINGS, debatejob

from debate_core.documents.debatejob import DebateJob
from debate_core.documents.debatejob_status import StepStatus
from debate_core.steps import BY_NAME, STEPS
from debate_operator import names
from debate_operator.manifests import Try, job_manifest
from debate_operator.settings import Settings

GOLDEN = Path(__file__).parent / "golden"

OVERRIDES = {
    "nodeSelector": {"topology.kubernetes.io/zone": "eu-central-1a"},
    "tolerations": [{"key": "team", "operator": "Equal", "value": "news", "effect": "NoSchedule"}],
    "resources": {"requests": {"memory": "6Gi"}, "limits": {"memory": "8Gi", "nvidia.com/gpu": 4}},
    "env": [{"name": "DEBATE_DEVICE", "value": "cpu"}],
    "annotations": {"example.org/team": "news", names.ANNOTATION_MANIFEST: "forged"},
}

DOWNLOAD = Settings.model_validate(
    SETTINGS.model_dump() | {"download": {"cookiesSecret": "cookies", "proxySecret": "proxy"}}
)

CASES: dict[str, tuple[str, dict[str, Any], dict[str, Any], Settings]] = {
    # name: step, spec, fields of Try, settings
    "prepare": ("prepare", {}, {}, DOWNLOAD),
    "analyze": ("analyze", {"language": "en"}, {}, SETTINGS),
    "analyze-shared-queued-on-demand": (
        "analyze",
        {"parallelism": 4, "queueName": "gpus", "priorityClassName": "high", "run": 2},
        {"number": 3, "shards": 3, "interruptions": 3},
        SETTINGS,
    ),
    "finish-overrides": ("finish", {"podOverrides": OVERRIDES}, {}, SETTINGS),
}


def manifest(
    step: str, spec: dict[str, Any] | None = None, this: dict[str, Any] | None = None, settings: Settings = SETTINGS
) -> dict[str, Any]:
    job = debatejob(**(spec or {}))
    parsed = DebateJob.from_resource({"metadata": {"name": job.name, "uid": job.uid}, "spec": job.spec})
    fields: dict[str, Any] = {"number": 1, "shards": 1, "interruptions": 0} | (this or {})
    return job_manifest(job, parsed.spec, Try(BY_NAME[step], StepStatus(name=step), **fields), settings)


def pod(job: dict[str, Any]) -> dict[str, Any]:
    spec: dict[str, Any] = job["spec"]["template"]["spec"]
    return spec


@pytest.mark.parametrize("case", CASES)
def test_golden(case: str) -> None:
    assert manifest(*CASES[case]) == yaml.safe_load((GOLDEN / f"{case}.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("step", [step.name for step in STEPS])
def test_pods_pass_pod_security_restricted(step: str) -> None:
    spec = pod(manifest(step, settings=DOWNLOAD))
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    for container in spec["containers"]:
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
    kinds = {key for volume in spec["volumes"] for key in volume if key != "name"}
    assert kinds <= {"downwardAPI", "emptyDir", "projected", "secret"}
    assert spec["automountServiceAccountToken"] is False


@pytest.mark.parametrize("step", [step.name for step in STEPS])
def test_a_gpu_is_asked_for_by_analyze_alone_whatever_the_job_says(step: str) -> None:
    limits = pod(manifest(step, {"podOverrides": OVERRIDES}))["containers"][0]["resources"]["limits"]
    assert limits.get("nvidia.com/gpu") == ("1" if step == "analyze" else None)


@pytest.mark.parametrize("step", [step.name for step in STEPS])
def test_requests_fit_the_smallest_gpu_node(step: str) -> None:
    requests = pod(manifest(step))["containers"][0]["resources"]["requests"]
    assert int(requests["cpu"]) <= 3
    assert int(requests["memory"].removesuffix("Gi")) <= 12


def test_one_job_is_one_attempt() -> None:
    alone, shared = manifest("analyze")["spec"], manifest("analyze", this={"shards": 2})["spec"]
    assert (alone["backoffLimit"], alone.get("completions")) == (0, None)
    assert (shared["backoffLimitPerIndex"], shared["completions"], shared.get("backoffLimit")) == (0, 2, None)
    assert pod(manifest("analyze"))["restartPolicy"] == "Never"


def test_only_the_final_codes_fail_a_job_by_policy() -> None:
    (policy,) = manifest("prepare")["spec"]["podFailurePolicy"]["rules"]
    assert (policy["action"], policy["onExitCodes"]["values"]) == ("FailJob", [10, 11, 13, 14])


def test_the_worker_reads_the_job_without_what_is_the_operators() -> None:
    spec = {"callback": {"url": "https://a.example/x", "secretRef": {"name": "s", "key": "k"}}, "speakers": ["Ján"]}
    template = manifest("finish", spec)["spec"]["template"]
    text = template["metadata"]["annotations"][names.ANNOTATION_MANIFEST]
    seen = DebateJob.from_yaml(text)
    assert seen.spec.speakers == ["Ján"]
    assert seen.job_id == "debate-0f1e2d3c"
    assert set(json.loads(text)["spec"]) == {"source", "speakers"}


def test_prepare_reads_all_of_it_to_keep_it_in_the_store() -> None:
    spec = {"callback": {"url": "https://a.example/x", "secretRef": {"name": "s", "key": "k"}}, "ttl": {}}
    template = manifest("prepare", spec)["spec"]["template"]
    kept = json.loads(template["metadata"]["annotations"][names.ANNOTATION_MANIFEST])
    assert kept["spec"] == {"source": {"object": "s3://debates/in/debate.mp4"}} | spec
    assert "labels" not in kept["metadata"]


def test_secrets_of_downloads_go_to_prepare_alone() -> None:
    for step in STEPS:
        text = json.dumps(manifest(step.name, settings=DOWNLOAD))
        assert ("cookies" in text, '"proxy"' in text) == (step.name == "prepare", step.name == "prepare")


def test_the_longest_names_fit() -> None:
    name = names.job_name("d" * 43, "analyze", "0f1e2d3c", 99)
    assert len(f"{name}-63") <= 63  # an Indexed Job's pods are named so
    assert names.parse_job_name(name, "d" * 43, "0f1e2d3c") == ("analyze", 99)


@pytest.mark.parametrize("other", ["debate-prepare-0f1e2-0", "debate-prepare-aaaaa-1", "x-prepare-0f1e2-1", "debate"])
def test_names_of_others_are_not_parsed(other: str) -> None:
    assert names.parse_job_name(other, "debate", "0f1e2d3c") is None


if __name__ == "__main__":
    for case, arguments in CASES.items():
        (GOLDEN / f"{case}.yaml").write_text(
            yaml.safe_dump(manifest(*arguments), sort_keys=True, width=120), encoding="utf-8"
        )
