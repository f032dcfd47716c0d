"""What this checkout has beside terraform/: the charts with their versions, the page, the example; and their values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from debate_aws.account import AccountError
from debate_aws.values import Values, merged


@dataclass(frozen=True)
class Project:
    """folder: the one that holds terraform/."""

    folder: Path

    @property
    def chart(self) -> Path:
        return self.folder / "charts/debate-analyzer"

    @property
    def nodes_chart(self) -> Path:
        return self.folder / "charts/gpu-nodepool"

    @property
    def web(self) -> Path:
        return self.folder / "web"

    @property
    def sample(self) -> Path:
        """Three minutes of debate."""
        return self.folder / "examples/sample-debate.mp4"

    @cached_property
    def app_version(self) -> str:
        """The default tag of the images."""
        return str(_yaml(self.chart / "Chart.yaml")["appVersion"])

    def with_defaults(self, *values: Values) -> Values:
        """The chart's own values with these over them."""
        return merged(_yaml(self.chart / "values.yaml"), *values)


def read_files(paths: Iterable[Path]) -> list[Values]:
    """Files of values, as `helm -f` takes them. Raises AccountError."""
    return [_yaml(path) for path in paths]


def _yaml(path: Path) -> Any:
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise AccountError(f"{path} cannot be read: {error}", "Name a YAML file with values of the chart.") from error
    if not isinstance(found, dict | None):
        raise AccountError(f"{path} holds no values: a map is expected.", "See charts/debate-analyzer/values.yaml.")
    return found or {}
