"""The peer: the same first step as a plain kopf operator makes it, as its documentation and most examples show.

A Job for each DebateJob from `@kopf.on.create`, `@kopf.index` to know which exist, `kopf.adopt` for the owner, the
official synchronous client. To be run by `kopf run`.
"""

from __future__ import annotations

from typing import Any

import kopf
from kubernetes import client, config


@kopf.on.startup()
def configure(settings: kopf.OperatorSettings, **_: Any) -> None:
    config.load_kube_config()  # type: ignore[no-untyped-call]


@kopf.index("batch", "v1", "jobs")
def jobs_of(body: kopf.Body, name: str, **_: Any) -> dict[str, str]:
    owners = body.metadata.get("ownerReferences", [])
    return {owner["uid"]: name for owner in owners}


@kopf.on.resume("debate-analyzer.io", "v1alpha1", "debatejobs")
@kopf.on.create("debate-analyzer.io", "v1alpha1", "debatejobs")  # type: ignore[arg-type]
def create_job(spec: kopf.Spec, name: str, namespace: str, uid: str, jobs_of: Any, **_: Any) -> None:
    if uid in jobs_of:
        return
    job: Any = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": f"{name}-prepare"},
        "spec": {
            "suspend": bool(spec.get("queueName")),
            "backoffLimit": 0,
            "template": {
                "spec": {
                    "restartPolicy": "Never",
                    "containers": [{"name": "worker", "image": "worker", "args": [spec["source"]["url"]]}],
                }
            },
        },
    }
    kopf.adopt(job)
    client.BatchV1Api().create_namespaced_job(namespace, job)
