"""The operator's settings: one YAML file (the chart's ConfigMap), checked whole before anything starts.

Its path is `DEBATE_OPERATOR_SETTINGS`. Unknown fields are refused, so that a typo never passes for a default.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from debate_core import plain_yaml
from debate_core.documents.base import explain
from debate_core.plain_yaml import InvalidYaml

NonNegative = Annotated[float, Field(ge=0)]
Positive = Annotated[float, Field(gt=0)]
PositiveInt = Annotated[int, Field(gt=0)]
Name = Annotated[str, Field(min_length=1)]
Selector = dict[str, str]
Toleration = dict[str, Any]
Resources = dict[str, dict[str, str]]


class SettingsInvalid(ValueError):
    """The settings cannot be used; the message says which field and why."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=to_camel, populate_by_name=True)


class StoreSettings(_Model):
    """Where workers read and write. uri: as `--store`. endpoint_url: of an S3 server that is not AWS.

    secret_name: a Secret with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, where the service account has no role.
    """

    uri: str
    endpoint_url: str | None = None
    region: str | None = None
    secret_name: str | None = None


class Images(_Model):
    """Images by the `image` of core's table of steps."""

    cpu: Name
    gpu: Name
    pull_policy: Literal["Always", "IfNotPresent", "Never"] = "IfNotPresent"
    pull_secrets: list[str] = []


class GpuSettings(_Model):
    """How a pod with accelerator `gpu` finds its node.

    resource: what is asked for, 1 a pod; null: nothing (a cluster without GPUs: the worker then runs on the CPU).
    on_demand_node_selector: added after spec.retry.onDemandAfter interruptions.
    larger_node_selector: added after exit code 15; empty: there is no larger class, and 15 is final.
    """

    resource: str | None = "nvidia.com/gpu"
    node_selector: Selector = {}
    tolerations: list[Toleration] = [{"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}]
    on_demand_node_selector: Selector = {"karpenter.sh/capacity-type": "on-demand"}
    larger_node_selector: Selector = {}


class CpuSettings(_Model):
    """How the other pods find theirs."""

    node_selector: Selector = {}
    tolerations: list[Toleration] = []


class WorkerSettings(_Model):
    """What every worker pod gets.

    service_account_name: of pods that ask for none. allowed_service_accounts: what spec.podOverrides may name.
    env: literal variables of every pod. allowed_env: DEBATE_* names that spec.podOverrides.env may set.
    allowed_annotations: what the annotations that spec.podOverrides may set begin with; a list, because with some
    tools (kube2iam, service meshes) an annotation chooses an identity.
    resources: by step, over the built-in ones. cache_size: of the emptyDir for models and scratch.
    termination_grace_seconds: from SIGTERM to SIGKILL; less than the two minutes of a spot notice.
    finished_ttl_seconds: how long a finished Job and its log stay; long, because its end is read from it.
    """

    service_account_name: str = "debate-worker"
    allowed_service_accounts: list[str] = []
    env: dict[str, str] = {}
    allowed_annotations: list[str] = ["cluster-autoscaler.kubernetes.io/", "karpenter.sh/", "prometheus.io/"]
    allowed_env: list[str] = ["DEBATE_DEVICE", "DEBATE_WINDOW_SECONDS", "DEBATE_OVERLAP_SECONDS"]
    resources: dict[str, Resources] = {}
    cache_size: str = "20Gi"
    termination_grace_seconds: int = 90
    finished_ttl_seconds: int = 86_400
    annotations: dict[str, str] = {}
    labels: dict[str, str] = {}


class DownloadSettings(_Model):
    """What prepare alone gets, for links. cookies_secret: key `cookies.txt`; proxy_secret: key `url`.

    allowed_hosts: empty allows every public one. allowed_networks: private ones that links may reach all the same.
    max_seconds, max_bytes: of one video. timeout_seconds: of its download.
    """

    cookies_secret: str | None = None
    proxy_secret: str | None = None
    allowed_hosts: list[str] = []
    allowed_networks: list[str] = []
    max_seconds: PositiveInt = 43_200
    max_bytes: PositiveInt = 8_589_934_592
    timeout_seconds: PositiveInt = 7_200


class Backoff(_Model):
    """Seconds before the next Job, doubling with each try up to the maximum.

    attempt: after a failure. interruption: after a lost node. wait: after exit codes 12 and 16 (DESIGN 6).
    """

    attempt_seconds: NonNegative = 10
    interruption_seconds: NonNegative = 2
    interruption_max_seconds: NonNegative = 300
    wait_seconds: NonNegative = 30
    max_seconds: NonNegative = 1800


class StatsSettings(_Model):
    """The CronJob that computes statistics: what the operator starts at once is a copy of it."""

    namespace: str
    cron_job: str


class Settings(_Model):
    """All of it.

    namespaces: those that are watched. models: URI of the models, `--models` of the worker.
    stats: None: nobody but the CronJob computes statistics.
    progress_url: where workers POST progress; null: they do not. resync_seconds: between two LISTs of everything.
    concurrency: passes at a time. queue_stale_seconds: a pass older than this means that the operator is stuck.
    misconfigured_grace_seconds: how long Kubernetes may say that a pod cannot start (a missing Secret, an image that
    does not exist) before the job fails: long enough for a Secret that is made a moment later.
    """

    namespaces: list[str] = Field(min_length=1)
    store: StoreSettings
    models: str
    images: Images
    gpu: GpuSettings = GpuSettings()
    cpu: CpuSettings = CpuSettings()
    workers: WorkerSettings = WorkerSettings()
    download: DownloadSettings = DownloadSettings()
    backoff: Backoff = Backoff()
    stats: StatsSettings | None = None
    progress_url: str | None = None
    resync_seconds: Positive = 300
    concurrency: Annotated[int, Field(ge=1, le=100)] = 10
    queue_stale_seconds: Positive = 120
    misconfigured_grace_seconds: NonNegative = 20
    listen_host: str = "0.0.0.0"  # noqa: S104  # a pod's own network namespace
    health_port: int = 8080
    progress_port: int = 8081

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read the file; raises SettingsInvalid."""
        try:
            data = plain_yaml.read(path.read_text(encoding="utf-8"))
            return cls.model_validate(data)
        except ValidationError as error:
            raise SettingsInvalid(f"{path}: {explain(error)}") from error
        except (OSError, UnicodeDecodeError, InvalidYaml) as error:
            raise SettingsInvalid(f"{path} cannot be read: {error}") from error
