"""Names that the outside relies on: group and plural, labels, annotations, paths in a worker's pod, and Job names."""

from __future__ import annotations

import re
from typing import Final

GROUP: Final = "debate-analyzer.io"
VERSION: Final = "v1alpha1"
PLURAL: Final = "debatejobs"

MANAGER: Final = "debate-operator"
"""app.kubernetes.io/managed-by of every Job: what the watch on Jobs and pods selects."""

LABEL_MANAGED_BY: Final = "app.kubernetes.io/managed-by"
LABEL_COMPONENT: Final = "app.kubernetes.io/component"
LABEL_JOB: Final = f"{GROUP}/debatejob"
LABEL_UID: Final = f"{GROUP}/uid"
LABEL_STEP: Final = f"{GROUP}/step"
LABEL_RUN: Final = f"{GROUP}/run"
LABEL_NUMBER: Final = f"{GROUP}/number"
LABEL_QUEUE: Final = "kueue.x-k8s.io/queue-name"

ANNOTATION_MANIFEST: Final = f"{GROUP}/manifest"
"""On the pod: the DebateJob as the worker reads it, mounted as a file by the downward API."""

MANIFEST_PATH: Final = "/etc/debate/job.json"
TOKEN_PATH: Final = "/var/run/secrets/debate/token"  # noqa: S105
PROGRESS_AUDIENCE: Final = "debate-operator"
CONTAINER: Final = "worker"

_JOB_NAME: Final = re.compile(r"(?P<debatejob>.+)-(?P<step>[a-z]{1,32})-(?P<uid5>[0-9a-f]{5})-(?P<number>[1-9][0-9]*)")


def job_name(debatejob: str, step: str, uid: str, number: int) -> str:
    """`<metadata.name>-<step>-<uid5>-<n>`: the same try has the same name, whoever creates it, however often."""
    return f"{debatejob}-{step}-{uid5(uid)}-{number}"


def uid5(uid: str) -> str:
    """The start of the uid, which tells two DebateJobs of one name, one after the other, apart."""
    return uid[:5]


def parse_job_name(name: str, debatejob: str, uid: str) -> tuple[str, int] | None:
    """(step, number) of a name that `job_name` made for this DebateJob; None for any other."""
    match = _JOB_NAME.fullmatch(name)
    if match is None or match["debatejob"] != debatejob or match["uid5"] != uid5(uid):
        return None
    return match["step"], int(match["number"])
