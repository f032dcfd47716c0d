"""DebateJob (DESIGN 5.1): what a user writes. The spec is checked here; the status belongs to the operator."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic.alias_generators import to_camel

from debate_core.documents.base import explain
from debate_core.errors import InvalidJob
from debate_core.ids import JOB_ID

API_VERSION: Literal["debate-analyzer.io/v1alpha1"] = "debate-analyzer.io/v1alpha1"
KIND: Literal["DebateJob"] = "DebateJob"

Text = Annotated[str, Field(min_length=1, max_length=253)]
Name = Annotated[str, Field(max_length=43, pattern=r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$")]
NonNegative = Annotated[int, Field(ge=0)]
Positive = Annotated[int, Field(ge=1)]


class _Model(BaseModel):
    # Unknown fields are refused: a typo must not pass for a default.
    model_config = ConfigDict(
        extra="forbid", frozen=True, alias_generator=to_camel, validate_by_name=True, allow_inf_nan=False
    )


class Source(_Model):
    """Exactly one of url, object and (for `debate-worker run` alone) file."""

    url: Annotated[str, Field(max_length=2048, pattern=r"^https?://")] | None = None
    object: Annotated[str, Field(max_length=2048, pattern=r"^s3://[^/]+/.+")] | None = None
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

    pending_seconds: Positive = 1800
    active_seconds: Positive = 21_600
    retry_seconds: Positive = 86_400


class Retry(_Model):
    """attempts: runs in total. interruptions: lost nodes. on_demand_after: interruptions until spot is given up."""

    attempts: Annotated[int, Field(ge=1, le=10)] = 2
    interruptions: Annotated[int, Field(ge=0, le=100)] = 10
    on_demand_after: Annotated[int, Field(ge=0, le=100)] = 3


class Ttl(_Model):
    """Seconds after the end until the DebateJob and its Jobs are deleted; null: never. Outputs stay."""

    succeeded_seconds: NonNegative | None = None
    failed_seconds: NonNegative | None = None


class SecretKey(_Model):
    name: Text
    key: Text


class Callback(_Model):
    url: Annotated[str, Field(max_length=2048, pattern=r"^https://")]
    secret_ref: SecretKey


class EnvVar(_Model):
    """A literal value; `valueFrom` does not exist here: who may create a DebateJob must not gain more."""

    name: Annotated[str, Field(max_length=128, pattern=r"^DEBATE_[A-Z0-9_]+$")]
    value: Annotated[str, Field(max_length=1024)]


class PodOverrides(_Model):
    """What a DebateJob may change about its pods."""

    node_selector: Annotated[dict[str, str], Field(max_length=20)] = {}
    tolerations: Annotated[list[dict[str, Any]], Field(max_length=20)] = []
    resources: dict[str, dict[str, str | int]] = {}
    env: Annotated[list[EnvVar], Field(max_length=20)] = []
    annotations: Annotated[dict[str, str], Field(max_length=20)] = {}
    service_account_name: Text | None = None


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
    extras: Annotated[list[Literal["scenes", "summary", "clips"]], Field(max_length=3)] = []
    publish: bool = True
    parallelism: Annotated[int, Field(ge=1, le=64)] = 1
    suspend: bool = False
    run: Positive = 1
    queue_name: Text | None = None
    priority_class_name: Text | None = None
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
            data = yaml.safe_load(text)
        except yaml.YAMLError as error:
            raise InvalidJob(f"the manifest is not YAML: {error}") from error
        if not isinstance(data, dict):
            raise InvalidJob("the manifest is empty or not one object: it needs apiVersion, kind, metadata and spec")
        try:
            # As strict as the cluster's API server: no "yes" for true, no `job_id` for jobId.
            return cls.model_validate(data, strict=True, by_alias=True, by_name=False)
        except ValidationError as error:
            raise InvalidJob(explain(error)) from error
