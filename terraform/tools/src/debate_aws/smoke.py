"""`debate-aws smoke`: one debate from its video to its statistics, with a line for each change, and then gone again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from botocore.exceptions import ClientError

from debate_aws.account import Account, AccountError, error_code, explained
from debate_aws.programs import Kube, ProgramFailed, bearing
from debate_aws.say import Say
from debate_aws.waiting import Clock, wait_until

POLL_S: Final = 3.0
STATISTICS_WITHIN_S: Final = 420.0
"""The CronJob comes every 5 minutes, should the one at a debate's end have failed."""
DELETED_WITHIN_S: Final = 600.0
"""Deleting needs a pod, which may need a node."""

_UID: Final = "debate-analyzer.io/uid"
_STEP: Final = "debate-analyzer.io/step"


@dataclass(frozen=True)
class Store:
    """Bucket and prefix. uri: s3://bucket or s3://bucket/prefix."""

    account: Account
    uri: str

    @property
    def bucket(self) -> str:
        return urlsplit(self.uri).netloc

    def key(self, path: str) -> str:
        prefix = urlsplit(self.uri).path.strip("/")
        return f"{prefix}/{path}" if prefix else path

    def put(self, path: str, file: Path) -> str:
        """Its address. Raises AccountError."""
        # Not upload_file: its errors are none of botocore's, and the sample is small.
        with explained(f"put {file.name} into {self.uri}"), file.open("rb") as body:
            self.account.client("s3").put_object(Bucket=self.bucket, Key=self.key(path), Body=body)
        return f"s3://{self.bucket}/{self.key(path)}"

    def has(self, key: str) -> bool:
        """key: in the bucket. Raises AccountError."""
        with explained(f"look for {key} in {self.bucket}"):
            try:
                self.account.client("s3").head_object(Bucket=self.bucket, Key=key)
            except ClientError as error:
                if error_code(error) in {"404", "NoSuchKey", "NotFound"}:
                    return False
                raise
        return True

    def names(self, path: str) -> int:
        """How many objects are below. Raises AccountError."""
        with explained(f"list {path} of {self.bucket}"):
            listed = self.account.client("s3").list_objects_v2(Bucket=self.bucket, Prefix=self.key(path))
        return int(listed["KeyCount"])


@dataclass(frozen=True)
class Trial:
    """What is tried. video: a file that is put into the store; source: or what is in some bucket already."""

    kube: Kube
    namespace: str
    store: Store
    name: str
    video: Path
    source: str | None = None
    language: str = "en"
    model: str | None = None
    page: str | None = None

    def manifest(self) -> dict[str, Any]:
        """Its own id, so that all of it lies below jobs/<name>/ and goes with it."""
        lies = f"jobs/{self.name}/videos/{self.video.name}"
        here = f"s3://{self.store.bucket}/{self.store.key(lies)}"
        what: dict[str, Any] = {"source": {"object": self.source or here}}
        if self.source is None:
            what["mode"] = "TranscribeOnly"
        if self.model is not None:
            what["transcription"] = {"model": self.model}
        return {
            "apiVersion": "debate-analyzer.io/v1alpha1",
            "kind": "DebateJob",
            "metadata": {"name": self.name, "namespace": self.namespace},
            "spec": {**what, "jobId": self.name, "language": self.language, "deletionPolicy": "DeleteOutputs"},
        }

    @property
    def watch(self) -> str:
        """The command that goes on watching it."""
        kube = self.kube
        words = ["kubectl"]
        words += [f"--kubeconfig {kube.kubeconfig}"] if kube.kubeconfig else []
        words += [f"--context {kube.context}"] if kube.context else []
        return " ".join([*words, f"-n {self.namespace} get debatejob {self.name} --watch"])


def new_name(now: datetime) -> str:
    """Such as smoke-1126-091500: no two of one person are the same."""
    return f"smoke-{now.astimezone(UTC):%m%d-%H%M%S}"


def smoke(trial: Trial, *, within_s: float, keep: bool, say: Say, clock: Clock) -> bool:
    """Whether all of it worked. Raises AccountError where it cannot even be tried; KeyboardInterrupt goes through."""
    begun = clock.now()
    if trial.source is None:
        address = trial.store.put(f"jobs/{trial.name}/videos/{trial.video.name}", trial.video)
        say("video", address)
    trial.kube.apply(trial.manifest(), fix="Is the chart installed? make -C terraform install")
    say("debate", f"{trial.namespace}/{trial.name}; Ctrl-C stops watching, not the debate")

    watched = Watched(trial, say, clock)
    if not wait_until(bearing(watched.ended), within_s=within_s, every_s=POLL_S, clock=clock):
        say("late", f"It has not ended within {_minutes(within_s)}. It goes on; look with\n{trial.watch}")
        return False
    status = watched.status
    if status.get("phase") != "Succeeded":
        say("failed", f"{status.get('reason')}: {status.get('message')}\nIt is kept: {trial.watch}")
        return False
    worked = _outputs(trial, status, say) and _statistics(trial, say, clock)
    took = f"{_minutes(clock.now() - begun)}; analyze ran on {watched.node or 'a node that was not seen'}"
    say("time", took)
    if worked and trial.page:
        say("page", f"{trial.page}/#/debate/{trial.name}")
    if worked and not keep:
        _delete(trial, say, clock)
    elif not worked:
        say("kept", trial.watch)
    return worked


class Watched:
    """One DebateJob, asked again and again; what changed is said."""

    def __init__(self, trial: Trial, say: Say, clock: Clock) -> None:
        self._trial, self._say, self._clock = trial, say, clock
        self._begun = clock.now()
        self._last: tuple[Any, ...] = ()
        self.status: Mapping[str, Any] = {}
        self.node: str | None = None

    def ended(self) -> bool:
        """Whether it is at either end. Raises ProgramFailed where it is gone."""
        found = self._trial.kube.get("debatejob", self._trial.name, "--namespace", self._trial.namespace)
        self.status = status = found.get("status") or {}
        if self.node is None and status.get("step") == "analyze":
            self.node = self._node_of_analyze(found["metadata"]["uid"])
        now = (status.get("phase"), status.get("step"), status.get("progress"), self.node)
        if now != self._last:
            self._say(_clock_face(self._clock.now() - self._begun), _line(status, self.node))
            self._last = now
        return status.get("phase") in {"Succeeded", "Failed"}

    def _node_of_analyze(self, uid: str) -> str | None:
        """What kind of node it is on: the node itself is gone when one asks later."""
        words = ("--namespace", self._trial.namespace, f"--selector={_UID}={uid},{_STEP}=analyze")
        names = [pod["spec"].get("nodeName") for pod in self._trial.kube.items("pods", *words)]
        name = next(filter(None, names), None)
        if name is None:
            return None
        try:
            labels = self._trial.kube.get("node", name)["metadata"]["labels"]
        except ProgramFailed:  # who may make DebateJobs need not see nodes
            return str(name)
        kind = labels.get("node.kubernetes.io/instance-type") or name
        capacity = labels.get("karpenter.sh/capacity-type")
        return f"{kind} ({capacity})" if capacity else str(kind)


def _line(status: Mapping[str, Any], node: str | None) -> str:
    words = [status.get("phase") or "Pending", status.get("step") or ""]
    if status.get("progress") is not None:
        words.append(f"{status['progress']}%")
    if status.get("step") == "analyze" and node:
        words.append(f"on {node}")
    if status.get("phase") in {"Pending", "Queued", "Provisioning"} and status.get("message"):
        words.append(f"- {status['message']}")
    return " ".join(word for word in words if word)


def _outputs(trial: Trial, status: Mapping[str, Any], say: Say) -> bool:
    """What its status names is there."""
    named = {kind: key for kind, key in (status.get("outputs") or {}).items() if isinstance(key, str)}
    lost = [kind for kind, key in named.items() if not trial.store.has(_key(trial.store, key))]
    if lost or "transcript" not in named:
        say("failed", f"These outputs are not in {trial.store.uri}: {', '.join(lost) or 'transcript'}")
        return False
    result = status.get("result") or {}
    say("outputs", f"{', '.join(sorted(named))}: {result.get('words')} words of {result.get('speakers')} speakers")
    return True


def _key(store: Store, named: str) -> str:
    """Of an output, which the status names by its whole address or by its key in the store."""
    return urlsplit(named).path.lstrip("/") if named.startswith("s3://") else store.key(named)


def _statistics(trial: Trial, say: Say, clock: Clock) -> bool:
    path = f"statistics/by-job/{trial.name}.json"
    there: Callable[[], bool] = lambda: trial.store.has(trial.store.key(path))  # noqa: E731
    if wait_until(there, within_s=STATISTICS_WITHIN_S, every_s=POLL_S, clock=clock):
        say("statistics", path)
        return True
    say(
        "failed",
        f"No statistics within {_minutes(STATISTICS_WITHIN_S)}: kubectl -n {trial.namespace} get cronjobs,jobs",
    )
    return False


def _delete(trial: Trial, say: Say, clock: Clock) -> None:
    """The DebateJob with all that it made: deletionPolicy says so, and a Job does it."""
    trial.kube.kubectl("delete", "debatejob", trial.name, "--namespace", trial.namespace, "--wait=true")
    gone: Callable[[], bool] = lambda: trial.store.names(f"jobs/{trial.name}/") == 0  # noqa: E731
    if wait_until(gone, within_s=DELETED_WITHIN_S, every_s=POLL_S, clock=clock):
        say("deleted", "the debate and its outputs (--keep leaves them)")
    else:
        say("left", f"The debate is deleted; its outputs in {trial.store.uri}/jobs/{trial.name}/ are not yet.")


def _minutes(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"


def _clock_face(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes:02d}:{rest:02d}"


def check_video(path: Path) -> None:
    """Raises AccountError where it is not there."""
    if not path.is_file():
        raise AccountError(f"There is no {path}.", "Run it from a checkout of the project, or give --object s3://...")
