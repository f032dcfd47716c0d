"""Kubernetes Jobs as pure functions: the manifest of one try of one step."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from debate_core.documents.debatejob import API_VERSION, KIND, DebateJobSpec
from debate_core.documents.debatejob_status import StepStatus
from debate_core.reasons import ExitCode
from debate_core.steps import ANALYZE, FINISH, PREPARE, Step
from debate_operator import names
from debate_operator.facts import DebateJobFacts
from debate_operator.policies import active_deadline, on_demand
from debate_operator.settings import DownloadSettings, Settings

USER: Final = 10001
"""Of the images' user `debate`."""

CACHE: Final = "/cache"
_DOWNLOAD: Final = "/etc/debate-download"

# Requests fit the smallest GPU node that we name (g4dn.xlarge: 4 CPUs, 16 GiB, less what the node itself takes).
# prepare decodes in a stream; finish holds a debate's words; analyze holds models and one window.
_RESOURCES: Final[dict[tuple[str, str], dict[str, dict[str, str]]]] = {
    (PREPARE.name, "local"): {"requests": {"cpu": "1", "memory": "2Gi"}, "limits": {"memory": "4Gi"}},
    (ANALYZE.name, "local"): {"requests": {"cpu": "3", "memory": "12Gi"}, "limits": {"memory": "12Gi"}},
    (FINISH.name, "local"): {"requests": {"cpu": "1", "memory": "2Gi"}, "limits": {"memory": "4Gi"}},
}

_OPERATORS_OWN: Final = {"pod_overrides", "callback", "deadlines", "retry", "ttl", "queue_name", "priority_class_name"}


@dataclass(frozen=True, slots=True)
class Try:
    """One try of a step: the row of the table, its status, its number, and over how many pods it is shared."""

    row: Step
    step: StepStatus
    number: int
    shards: int
    interruptions: int


def job_manifest(job: DebateJobFacts, spec: DebateJobSpec, this: Try, settings: Settings) -> dict[str, Any]:
    """The batch/v1 Job of one try. One Job is one attempt: it never makes a second pod for a shard."""
    labels = _labels(job, spec, this)
    body: dict[str, Any] = {
        "activeDeadlineSeconds": active_deadline.backstop_seconds(spec.deadlines),
        "podFailurePolicy": {
            "rules": [
                {
                    "action": "FailJob",
                    "onExitCodes": {
                        "containerName": names.CONTAINER,
                        "operator": "In",
                        "values": sorted(code.value for code in ExitCode if code.is_final),
                    },
                }
            ]
        },
        # A second pod, and a second GPU, only when the first is really gone.
        "podReplacementPolicy": "Failed",
        "ttlSecondsAfterFinished": settings.workers.finished_ttl_seconds,
        "template": _pod_template(job, spec, this, settings, labels),
    }
    if this.shards > 1:
        # Without a common backoffLimit: when one pod fails, the others go on, and do its windows too.
        body |= {
            "completionMode": "Indexed",
            "completions": this.shards,
            "parallelism": this.shards,
            "backoffLimitPerIndex": 0,
        }
    else:
        body["backoffLimit"] = 0
    if spec.queue_name:
        body["suspend"] = True  # until the queue releases it
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {
            "name": names.job_name(job.name, this.row.name, job.uid, this.number),
            "namespace": job.namespace,
            "labels": labels | ({names.LABEL_QUEUE: spec.queue_name} if spec.queue_name else {}),
            "ownerReferences": [
                {"apiVersion": API_VERSION, "kind": KIND, "name": job.name, "uid": job.uid, "controller": True}
            ],
        },
        "spec": body,
    }


def deletion_manifest(job: DebateJobFacts, spec: DebateJobSpec, job_id: str, settings: Settings) -> dict[str, Any]:
    """The Job that deletes a gone DebateJob's outputs: a pod like finish's, that nobody owns and that tries again."""
    this = Try(FINISH, StepStatus(name=FINISH.name), number=1, shards=1, interruptions=0)
    manifest = job_manifest(job, spec.model_copy(update={"queue_name": None}), this, settings)
    del manifest["metadata"]["ownerReferences"]
    manifest["metadata"]["name"] = names.job_name(job.name, "delete", job.uid, 1)
    template = manifest["spec"]["template"]
    for labels in (manifest["metadata"]["labels"], template["metadata"]["labels"]):
        labels |= {names.LABEL_COMPONENT: "delete", names.LABEL_STEP: "delete"}
    manifest["spec"]["backoffLimit"] = 6
    (container,) = template["spec"]["containers"]
    container["command"] = ["debate-worker", "delete", "--job-id", job_id, "--owner-uid", job.uid]
    return manifest


def _labels(job: DebateJobFacts, spec: DebateJobSpec, this: Try) -> dict[str, str]:
    return {
        "app.kubernetes.io/name": "debate-worker",
        names.LABEL_MANAGED_BY: names.MANAGER,
        names.LABEL_COMPONENT: this.row.name,
        names.LABEL_JOB: job.name,
        names.LABEL_UID: job.uid,
        names.LABEL_STEP: this.row.name,
        names.LABEL_RUN: str(spec.run),
        names.LABEL_NUMBER: str(this.number),
    }


def _pod_template(
    job: DebateJobFacts, spec: DebateJobSpec, this: Try, settings: Settings, labels: dict[str, str]
) -> dict[str, Any]:
    overrides, workers = spec.pod_overrides, settings.workers
    on_gpu = this.row.accelerator == "gpu"
    place = settings.gpu if on_gpu else settings.cpu
    selector = place.node_selector | overrides.node_selector
    if on_gpu:
        selector |= on_demand.escalation(this.step, this.interruptions, spec.retry, settings.gpu)
    pod: dict[str, Any] = {
        "restartPolicy": "Never",
        "terminationGracePeriodSeconds": workers.termination_grace_seconds,
        "serviceAccountName": overrides.service_account_name or workers.service_account_name,
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": USER,
            "runAsGroup": USER,
            "fsGroup": USER,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [_container(spec, this, settings)],
        "volumes": _volumes(this, settings),
    }
    tolerations = place.tolerations + [
        toleration.model_dump(by_alias=True, exclude_none=True) for toleration in overrides.tolerations
    ]
    optional = {
        "nodeSelector": selector,
        "tolerations": tolerations,
        "imagePullSecrets": [{"name": name} for name in settings.images.pull_secrets],
        "priorityClassName": spec.priority_class_name,
    }
    pod |= {key: value for key, value in optional.items() if value}
    annotations = (
        workers.annotations | overrides.annotations | {names.ANNOTATION_MANIFEST: _worker_manifest(job, spec, this.row)}
    )
    return {"metadata": {"labels": workers.labels | labels, "annotations": annotations}, "spec": pod}


def _worker_manifest(job: DebateJobFacts, spec: DebateJobSpec, row: Step) -> str:
    """The DebateJob as the worker reads it; without what is the operator's alone, so that nothing leaks into pods.

    prepare gets all of it, with the labels: it keeps it in the store, from where `restore` makes the DebateJob anew.
    """
    metadata: dict[str, Any] = {"name": job.name, "namespace": job.namespace, "uid": job.uid}
    hidden = _OPERATORS_OWN
    if row is PREPARE:
        hidden = set()
        metadata |= {"labels": dict(job.labels)} if job.labels else {}
    return json.dumps(
        {
            "apiVersion": API_VERSION,
            "kind": KIND,
            "metadata": metadata,
            "spec": spec.model_dump(mode="json", by_alias=True, exclude=hidden, exclude_unset=True),
        },
        ensure_ascii=False,
        sort_keys=True,
    )


def _container(spec: DebateJobSpec, this: Try, settings: Settings) -> dict[str, Any]:
    mounts = [
        {"name": "job", "mountPath": "/etc/debate", "readOnly": True},
        {"name": "cache", "mountPath": CACHE},
        {"name": "tmp", "mountPath": "/tmp"},  # noqa: S108
    ]
    if settings.progress_url:
        mounts.append({"name": "token", "mountPath": names.TOKEN_PATH.rpartition("/")[0], "readOnly": True})
    if _download_secrets(this, settings):
        mounts.append({"name": "download", "mountPath": _DOWNLOAD, "readOnly": True})
    return {
        "name": names.CONTAINER,
        "image": getattr(settings.images, this.row.image),
        "imagePullPolicy": settings.images.pull_policy,
        "command": ["debate-worker", "run", "--step", this.row.name],
        "env": _env(spec, this, settings),
        "resources": resources(spec, this.row, settings),
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "terminationMessagePolicy": "File",
        "volumeMounts": mounts,
    }


def _env(spec: DebateJobSpec, this: Try, settings: Settings) -> list[dict[str, Any]]:
    """A later entry of the same name wins in a pod; here each name is there once, ours over the settings'."""
    store = settings.store
    literal = dict(settings.workers.env)
    literal |= {variable.name: variable.value for variable in spec.pod_overrides.env}
    literal |= {
        "DEBATE_JOB": names.MANIFEST_PATH,
        "DEBATE_STORE": store.uri,
        "DEBATE_MODELS": settings.models,
        "DEBATE_CACHE": CACHE,
        "DEBATE_NUMBER": str(this.number),
        "DEBATE_TERMINATION_LOG": "/dev/termination-log",
    }
    if this.shards > 1:
        literal["DEBATE_WINDOW_SHARD"] = f"$(JOB_COMPLETION_INDEX)/{this.shards}"
    if store.endpoint_url:
        literal["AWS_ENDPOINT_URL_S3"] = store.endpoint_url
    if store.region:
        literal["AWS_REGION"] = store.region
    if settings.progress_url:
        literal |= {"DEBATE_PROGRESS_URL": settings.progress_url, "DEBATE_PROGRESS_TOKEN_FILE": names.TOKEN_PATH}
    if this.row is PREPARE:
        literal |= _link_limits(settings.download)
    literal |= {variable: f"{_DOWNLOAD}/{file}" for variable, file, _, _ in _download_secrets(this, settings)}
    env: list[dict[str, Any]] = []
    if this.shards > 1:
        # Kubernetes sets it after the others, but $(...) sees only what stands before.
        env.append(_field("JOB_COMPLETION_INDEX", "metadata.annotations['batch.kubernetes.io/job-completion-index']"))
    env.append(_field("DEBATE_JOB_UID", "metadata.labels['batch.kubernetes.io/controller-uid']"))
    env += [{"name": name, "value": value} for name, value in sorted(literal.items())]
    if store.secret_name:
        env += [_secret(key, store.secret_name, key) for key in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")]
    return env


def _link_limits(download: DownloadSettings) -> dict[str, str]:
    limits = {
        "DEBATE_LINK_HOSTS": ",".join(download.allowed_hosts),
        "DEBATE_LINK_NETWORKS": ",".join(download.allowed_networks),
        "DEBATE_LINK_MAX_SECONDS": str(download.max_seconds),
        "DEBATE_LINK_MAX_BYTES": str(download.max_bytes),
        "DEBATE_LINK_TIMEOUT_SECONDS": str(download.timeout_seconds),
    }
    return {name: value for name, value in limits.items() if value}


def _field(name: str, path: str) -> dict[str, Any]:
    return {"name": name, "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": path}}}


def _secret(name: str, secret: str, key: str) -> dict[str, Any]:
    return {"name": name, "valueFrom": {"secretKeyRef": {"name": secret, "key": key}}}


def resources(spec: DebateJobSpec, row: Step, settings: Settings) -> dict[str, dict[str, str]]:
    """Built in by (step, back end), then the settings' by step, then the job's; a GPU for accelerator `gpu` alone."""
    layers = (
        _RESOURCES[row.name, spec.transcription.backend],
        settings.workers.resources.get(row.name, {}),
        spec.pod_overrides.resources.model_dump(exclude_none=True),
    )
    merged: dict[str, dict[str, str]] = {"requests": {}, "limits": {}}
    for kind, quantities in merged.items():
        for layer in layers:
            quantities |= {name: str(value) for name, value in layer.get(kind, {}).items()}
    if settings.gpu.resource:
        for quantities in merged.values():
            quantities.pop(settings.gpu.resource, None)
        if row.accelerator == "gpu":
            merged["limits"][settings.gpu.resource] = "1"
    return merged


def _volumes(this: Try, settings: Settings) -> list[dict[str, Any]]:
    manifest = {
        "path": names.MANIFEST_PATH.rpartition("/")[2],
        "fieldRef": {"apiVersion": "v1", "fieldPath": f"metadata.annotations['{names.ANNOTATION_MANIFEST}']"},
    }
    volumes: list[dict[str, Any]] = [
        {"name": "job", "downwardAPI": {"items": [manifest]}},
        {"name": "cache", "emptyDir": {"sizeLimit": settings.workers.cache_size}},
        {"name": "tmp", "emptyDir": {}},
    ]
    if settings.progress_url:
        token = {"audience": names.PROGRESS_AUDIENCE, "expirationSeconds": 3600, "path": "token"}
        volumes.append({"name": "token", "projected": {"sources": [{"serviceAccountToken": token}]}})
    if secrets := _download_secrets(this, settings):
        sources = [
            {"secret": {"name": secret, "items": [{"key": key, "path": file}]}} for _, file, secret, key in secrets
        ]
        volumes.append({"name": "download", "projected": {"sources": sources}})
    return volumes


def _download_secrets(this: Try, settings: Settings) -> list[tuple[str, str, str, str]]:
    """Of prepare: variable, file, Secret and its key. As files, for variables are seen in more places."""
    if this.row is not PREPARE:
        return []
    known = (
        ("DEBATE_COOKIES_FILE", "cookies.txt", settings.download.cookies_secret, "cookies.txt"),
        ("DEBATE_PROXY_FILE", "proxy", settings.download.proxy_secret, "url"),
    )
    return [(variable, file, secret, key) for variable, file, secret, key in known if secret]
