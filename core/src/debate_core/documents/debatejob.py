"""DebateJob (DESIGN 5.1): what a user writes. The spec is checked here; the status belongs to the operator.

crds/debatejobs.yaml says the same to the API server; tests/cluster/test_crd.py holds the two together.
"""

from __future__ import annotations

from collections.abc import Container
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic.alias_generators import to_camel

from debate_core import keys, plain_yaml
from debate_core.documents.base import explain
from debate_core.errors import InvalidJob
from debate_core.ids import JOB_ID, InvalidName, check_job_id, job_id_for
from debate_core.plain_yaml import InvalidYaml

API_VERSION: Literal["debate-analyzer.io/v1alpha1"] = "debate-analyzer.io/v1alpha1"
KIND: Literal["DebateJob"] = "DebateJob"

YEAR_SECONDS = 31_536_000
"""The longest time that a DebateJob may name: what is longer is a mistake, and would not fit a date."""

# The names of other objects: what Kubernetes would refuse later, in a Job that cannot be made, is refused here.
_DNS_NAME = r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$"
_LABEL_KEY = r"^([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$"
_LABEL_VALUE = r"^([A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?)?$"

Text = Annotated[str, Field(min_length=1, max_length=253)]
Name = Annotated[str, Field(max_length=43, pattern=r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$")]
DnsName = Annotated[str, Field(max_length=253, pattern=_DNS_NAME)]
LabelKey = Annotated[str, Field(max_length=317, pattern=_LABEL_KEY)]
LabelValue = Annotated[str, Field(max_length=63, pattern=_LABEL_VALUE)]
Quantity = (
    Annotated[str, Field(max_length=32, pattern=r"^[0-9]+(\.[0-9]+)?(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$")]
    | Annotated[int, Field(ge=0)]
)
Seconds = Annotated[int, Field(ge=1, le=YEAR_SECONDS)]
SecondsOrZero = Annotated[int, Field(ge=0, le=YEAR_SECONDS)]


def _without_nulls(value: Any, names: Container[str] | None = None) -> Any:
    """Null is "not given", as for the API server, which drops nulls and then fills in the defaults."""
    if not isinstance(value, dict):
        return value
    return {key: item for key, item in value.items() if item is not None or not (names is None or key in names)}


def _each_once(names: list[str]) -> list[str]:
    twice = next((name for index, name in enumerate(names) if name in names[:index]), None)
    if twice is not None:
        raise ValueError(f"{twice} is there twice")
    return names


class _Model(BaseModel):
    # Unknown fields are refused: a typo must not pass for a default.
    model_config = ConfigDict(
        extra="forbid", frozen=True, alias_generator=to_camel, validate_by_name=True, allow_inf_nan=False
    )

    @model_validator(mode="before")
    @classmethod
    def _null_is_not_given(cls, data: Any) -> Any:
        return _without_nulls(data, {field.alias or name for name, field in cls.model_fields.items()})


class Source(_Model):
    """Exactly one of url, object and (for `debate-worker run` alone) file."""

    url: Annotated[str, Field(max_length=2048, pattern=r"^https?://[^/?#@ \t\r\n]+([/?#][^ \t\r\n]*)?$")] | None = None
    object: Annotated[str, Field(max_length=2048, pattern=r"^s3://[^/]+/.+$")] | None = None
    etag: Text | None = None
    file: Annotated[str, Field(min_length=1, max_length=4096)] | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(value is not None for value in (self.url, self.object, self.file)) != 1:
            raise ValueError("name exactly one of url, object and file")
        if self.etag is not None and self.object is None:
            raise ValueError("etag goes with object")
        return self


class Download(_Model):
    """What is fetched from a link beside the sound."""

    video: bool = True
    max_height: Annotated[int, Field(ge=144, le=4320)] = 1080
    subtitles: bool = True


class TranscriptionSpec(_Model):
    """model: a name of models/index.json."""

    backend: Literal["local"] = "local"
    model: Text = "large-v3-turbo"
    task: Literal["transcribe", "translate"] = "transcribe"
    hotwords: Annotated[list[Text], Field(max_length=100)] = []

    @model_validator(mode="after")
    def _turbo_cannot_translate(self) -> Self:
        if self.task == "translate" and "turbo" in self.model:
            raise ValueError(f"{self.model} cannot translate: choose large-v3, or task: transcribe")
        return self


class DiarizationSpec(_Model):
    """max_speakers bounds each window; both bound the linking."""

    enabled: bool = True
    min_speakers: Annotated[int, Field(ge=1, le=100)] | None = None
    max_speakers: Annotated[int, Field(ge=1, le=100)] | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min_speakers and self.max_speakers and self.min_speakers > self.max_speakers:
            raise ValueError("minSpeakers is above maxSpeakers")
        return self


class Deadlines(_Model):
    """Seconds: without a node; running; waiting for a busy source or an unreachable store."""

    pending_seconds: Seconds = 1800
    active_seconds: Seconds = 21_600
    retry_seconds: Seconds = 86_400


class Retry(_Model):
    """attempts: runs in total. interruptions: lost nodes. on_demand_after: interruptions until spot is given up."""

    attempts: Annotated[int, Field(ge=1, le=10)] = 2
    interruptions: Annotated[int, Field(ge=0, le=100)] = 10
    on_demand_after: Annotated[int, Field(ge=0, le=100)] = 3


class Ttl(_Model):
    """Seconds after the end until the DebateJob and its Jobs are deleted; null: never. Outputs stay."""

    succeeded_seconds: SecondsOrZero | None = None
    failed_seconds: SecondsOrZero | None = None


class SecretKey(_Model):
    """One value of a Secret in the DebateJob's namespace."""

    name: DnsName
    key: Annotated[str, Field(max_length=253, pattern=r"^[A-Za-z0-9._-]+$")]


class Callback(_Model):
    """Who is told of the end; the value of secret_ref signs the message."""

    url: Annotated[str, Field(max_length=2048, pattern=r"^https://[^/ \t\r\n][^ \t\r\n]*$")]
    secret_ref: SecretKey


class EnvVar(_Model):
    """A literal value; `valueFrom` does not exist here: who may create a DebateJob must not gain more."""

    name: Annotated[str, Field(max_length=128, pattern=r"^DEBATE_[A-Z0-9_]+$")]
    value: Annotated[str, Field(max_length=1024)]


class Toleration(_Model):
    """As in a pod. toleration_seconds: how long a NoExecute taint is borne; null: for ever."""

    key: LabelKey | None = None
    operator: Literal["Exists", "Equal"] = "Equal"
    value: LabelValue | None = None
    effect: Literal["NoSchedule", "PreferNoSchedule", "NoExecute"] | None = None
    toleration_seconds: SecondsOrZero | None = None

    @model_validator(mode="after")
    def _as_kubernetes_has_it(self) -> Self:
        if self.key is None and self.operator != "Exists":
            raise ValueError("a toleration without key needs operator: Exists")
        if self.operator == "Exists" and self.value:
            raise ValueError("operator Exists takes no value")
        if self.toleration_seconds is not None and self.effect != "NoExecute":
            raise ValueError("tolerationSeconds goes with effect: NoExecute")
        return self


Quantities = Annotated[dict[LabelKey, Quantity], Field(max_length=10), BeforeValidator(_without_nulls)]


class Resources(_Model):
    """By resource name, over what the step asks for by itself."""

    requests: Quantities = {}
    limits: Quantities = {}


class PodOverrides(_Model):
    """What a DebateJob may change about its pods."""

    node_selector: Annotated[dict[LabelKey, LabelValue], Field(max_length=20), BeforeValidator(_without_nulls)] = {}
    tolerations: Annotated[list[Toleration], Field(max_length=20)] = []
    resources: Resources = Resources()
    env: Annotated[list[EnvVar], Field(max_length=20)] = []
    annotations: Annotated[
        dict[LabelKey, Annotated[str, Field(max_length=1024)]], Field(max_length=20), BeforeValidator(_without_nulls)
    ] = {}
    service_account_name: DnsName | None = None

    @field_validator("env")
    @classmethod
    def _each_variable_once(cls, env: list[EnvVar]) -> list[EnvVar]:
        _each_once([variable.name for variable in env])
        return env


Extras = Annotated[list[Literal["scenes", "summary", "clips"]], Field(max_length=3), AfterValidator(_each_once)]


class DebateJobSpec(_Model):
    """DESIGN 5.1; every field but `source` has a default."""

    source: Source
    job_id: Annotated[str, Field(pattern=rf"^{JOB_ID}$")] | None = None
    mode: Literal["Full", "DownloadOnly", "TranscribeOnly"] = "Full"
    download: Download = Download()
    language: Annotated[str, Field(pattern=r"^(auto|[a-z]{2,3})$")] = "auto"
    transcription: TranscriptionSpec = TranscriptionSpec()
    diarization: DiarizationSpec = DiarizationSpec()
    speakers: Annotated[list[Text], Field(max_length=100)] = []
    extras: Extras = []
    publish: bool = True
    parallelism: Annotated[int, Field(ge=1, le=64)] = 1
    suspend: bool = False
    run: Annotated[int, Field(ge=1, le=1000)] = 1
    queue_name: Annotated[str, Field(max_length=63, pattern=_DNS_NAME)] | None = None
    priority_class_name: DnsName | None = None
    deadlines: Deadlines = Deadlines()
    retry: Retry = Retry()
    ttl: Ttl = Ttl()
    deletion_policy: Literal["Retain", "DeleteOutputs"] = "Retain"
    callback: Callback | None = None
    pod_overrides: PodOverrides = PodOverrides()

    @model_validator(mode="after")
    def _mode_fits_source(self) -> Self:
        if self.mode == "TranscribeOnly" and self.source.object is None:
            raise ValueError("mode TranscribeOnly needs source.object: the media must already be in the store")
        return self


class Metadata(BaseModel):
    """The part of Kubernetes' ObjectMeta that we read."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    name: Name
    namespace: str = "default"
    uid: str = ""
    labels: dict[str, str] = {}


class DebateJob(BaseModel):
    """The manifest. A status that `kubectl get -o yaml` added is ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True, validate_by_name=True, alias_generator=to_camel)

    api_version: Literal["debate-analyzer.io/v1alpha1"] = API_VERSION
    kind: Literal["DebateJob"] = KIND
    metadata: Metadata
    spec: DebateJobSpec

    @classmethod
    def from_yaml(cls, text: str) -> Self:
        """Read a manifest (YAML or JSON); raises InvalidJob saying which field is wrong and why."""
        try:
            data = plain_yaml.read(text)
        except InvalidYaml as error:
            raise InvalidJob(f"the manifest is not YAML: {error}") from error
        if not isinstance(data, dict):
            raise InvalidJob("the manifest is empty or not one object: it needs apiVersion, kind, metadata and spec")
        return cls._checked(data)

    @classmethod
    def from_resource(cls, resource: dict[str, Any]) -> Self:
        """Read what the API server has; raises InvalidJob also for what only `debate-worker run` alone can do."""
        job = cls._checked(resource)
        if job.spec.source.file is not None:
            raise InvalidJob("spec.source.file: is for debate-worker run alone: upload it and name it in source.object")
        return job

    @classmethod
    def _checked(cls, data: dict[str, Any]) -> Self:
        try:
            # As strict as the cluster's API server: no "yes" for true, no `job_id` for jobId.
            return cls.model_validate(data, strict=True, by_alias=True, by_name=False)
        except ValidationError as error:
            raise InvalidJob(explain(error)) from error

    def order(self) -> dict[str, Any]:
        """The DebateJob as it can be applied again, in another cluster too: its id is written out, its uid left out.

        `jobs/<id>/debatejob.json` holds it. Secrets are in it by their names alone. Raises InvalidJob without an id.
        """
        metadata = self.metadata.model_dump(include={"name", "namespace"})
        spec = self.spec.model_dump(mode="json", by_alias=True, exclude_unset=True)
        return {
            "apiVersion": self.api_version,
            "kind": self.kind,
            "metadata": metadata | ({"labels": self.metadata.labels} if self.metadata.labels else {}),
            "spec": spec | {"jobId": self.job_id},
        }

    @property
    def job_id(self) -> str:
        """spec.jobId; else the id in TranscribeOnly's object key (jobs/<id>/videos/...); else `<name>-<8 of uid>`.

        A manifest that was never in a cluster has no uid: the name alone. Raises InvalidJob where no id can be made.
        """
        if self.spec.job_id is not None:
            return self.spec.job_id
        if self.spec.mode == "TranscribeOnly" and self.spec.source.object is not None:
            key = self.spec.source.object.removeprefix("s3://").partition("/")[2]
            fields = keys.MEDIA.parse("/".join(key.split("/")[-4:]))
            if fields is not None:
                return fields["job_id"]
        name, uid = self.metadata.name, self.metadata.uid
        try:
            return job_id_for(name, uid) if uid else check_job_id(name)
        except InvalidName as error:
            raise InvalidJob(f"metadata: {error}") from error
