"""helm, as install needs it: what is installed, upgrade or install with values by standard input, never backwards."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import yaml

from debate_aws.account import AccountError
from debate_aws.programs import HELM, Kube, parse_version
from debate_aws.values import Values

KARPENTER: Final = "1.14.1"
"""As charts/gpu-nodepool was tested with (its appVersion)."""

KARPENTER_CHARTS: Final = "oci://public.ecr.aws/karpenter"
TIMEOUT: Final = "10m"
"""Of one chart. A node that is new, and an image that is large, take a few minutes."""


def installed(kube: Kube, namespace: str) -> dict[str, str]:
    """Release -> its app version. Raises AccountError."""
    # helm 4 lists all by itself, and does not know the flag.
    every = ("--all",) if parse_version(HELM.version()) < (4,) else ()
    listed: list[Any] = json.loads(kube.helm("list", *every, "--namespace", namespace, "--output=json") or "[]")
    return {one["name"]: one["app_version"] for one in listed}


def refuse_downgrade(release: str, here: str | None, wanted: str) -> None:
    """A Karpenter whose CRDs are newer than itself may lose what it has started. Raises AccountError."""
    if here is not None and parse_version(here) > parse_version(wanted):
        raise AccountError(
            f"{release} {here} is installed, which is newer than {wanted} of this version of the project.",
            "Use the project's version that installed it, or a newer one.",
        )


def upgrade(
    kube: Kube,
    release: str,
    chart: str,
    namespace: str,
    values: Values,
    *words: str,
    files: Iterable[Path] = (),
    fix: str,
) -> None:
    """Installs or upgrades, and waits until it runs. files: values of a person, which win. Raises ProgramFailed."""
    own = ("--values=-", *(f"--values={path}" for path in files))
    kube.helm(
        *("upgrade", release, chart, "--install", "--namespace", namespace, *own, *words),
        *("--wait", f"--timeout={TIMEOUT}"),
        given=json.dumps(values),
        fix=fix,
    )


def render(release: str, chart: Path, values: Values, files: Iterable[Path] = ()) -> list[Any]:
    """The chart's objects, without a cluster. Raises ProgramFailed."""
    own = ("--values=-", *(f"--values={path}" for path in files))
    # Without a cluster helm takes a version of its own, which may be older than the chart allows.
    text = HELM.run("template", release, str(chart), "--kube-version=1.35.0", *own, given=json.dumps(values))
    return [item for item in yaml.safe_load_all(text) if item]
