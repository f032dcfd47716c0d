"""What the command line of `doctor` chooses among."""

from __future__ import annotations

from enum import StrEnum


class Part(StrEnum):
    """Of the checks.

    cluster: what the operator itself needs. nodes: where pods find room. store: what its users need of it. progress:
    whether workers reach the operator. quota: whether AWS lets the account have GPUs.
    """

    CLUSTER = "cluster"
    NODES = "nodes"
    STORE = "store"
    PROGRESS = "progress"
    QUOTA = "quota"


class Role(StrEnum):
    """Whose rights on the store are checked: the service accounts of the chart that have any."""

    WORKER = "worker"
    STATS = "stats"
    WEB = "web"
    MODELS = "models"
