"""What the checks of `debate-aws preflight` share: findings, the place that is checked, and questions to AWS."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import yaml

from debate_aws.account import Account, AccountError, Denied, explained, home_of
from debate_aws.variables import Variables

# By which everything of an installation is found (versions.tf).
TAG: Final = "debate-analyzer"


class State(StrEnum):
    """Of a finding. FAIL: an apply, or the first debate after it, would fail."""

    OK = "ok"
    FAIL = "FAIL"
    WARN = "warn"
    NOT_CHECKED = "not checked"


@dataclass(frozen=True)
class Finding:
    """One line, and under it what to do, a line each."""

    state: State
    what: str
    fixes: tuple[str, ...] = ()

    def text(self) -> str:
        return "\n".join([f"{self.state:<12} {self.what}", *(f"{'':<12}  -> {fix}" for fix in self.fixes)])


def ok(what: str, *hints: str) -> Finding:
    return Finding(State.OK, what, hints)


def fail(what: str, *fixes: str) -> Finding:
    return Finding(State.FAIL, what, fixes)


def warn(what: str, *fixes: str) -> Finding:
    return Finding(State.WARN, what, fixes)


def not_checked(what: str, *fixes: str) -> Finding:
    return Finding(State.NOT_CHECKED, what, fixes)


@dataclass(frozen=True)
class Pools:
    """What charts/gpu-nodepool may start: instance types of the GPU pool, vCPUs of each pool at a time."""

    gpu_types: tuple[str, ...]
    gpu_vcpus: int
    cpu_vcpus: int


@dataclass(frozen=True)
class Site:
    """The installation that is to be: variables, account, region."""

    variables: Variables
    account: Account
    account_id: str
    pools: Pools

    @property
    def region(self) -> str:
        return str(self.variables["region"])

    @property
    def name(self) -> str:
        return str(self.variables["name"])

    def global_client(self, service: str) -> Any:
        """Of what is not in any region, such as IAM; whatever is wrong with the region set."""
        return self.account.client(service, home_of(self.region))

    def is_ours(self, tags: Sequence[Mapping[str, str]] | Mapping[str, str]) -> bool:
        """Whether an earlier apply of this installation made it. tags: [{Key, Value}] or {key: value}."""
        pairs = tags if isinstance(tags, Mapping) else {tag["Key"]: tag["Value"] for tag in tags}
        return pairs.get(TAG) == self.name


def pools_of(folder: Path) -> Pools:
    """The chart's own values. folder: the one with main.tf. Raises AccountError."""
    path = folder / "../charts/gpu-nodepool/values.yaml"
    try:
        values: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise AccountError(f"{path} cannot be read: {error}", "Run it in a whole checkout.") from error
    gpu, cpu = values["gpu"], values["cpu"]
    types = [f"{family}.{size}" for family in gpu["instanceFamilies"] for size in gpu["instanceSizes"]]
    return Pools(tuple(types), int(gpu["limits"]["cpu"]), int(cpu["limits"]["cpu"]))


@contextmanager
def asking(doing: str, right: str) -> Iterator[None]:
    """A question to AWS. A Denied names the right that is missing. right: such as eks:DescribeCluster."""
    try:
        with explained(doing):
            yield
    except Denied as error:
        policy = ", a policy of the organisation (SCP) forbids it" if "service control policy" in error.what else ""
        raise Denied(f"may not {right}{policy}", "Ask for this right, or let somebody run this who has it.") from error
