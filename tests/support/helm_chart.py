"""The chart as helm renders it: values in, Kubernetes objects or a refusal out."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

Object = dict[str, Any]
Values = dict[str, Any]

CHART = Path(__file__).parents[2] / "charts/debate-analyzer"
KUBERNETES = "1.35.0"  # a helm that is built from its module, without flags, takes the cluster for a very old one
NOTES = 'notes: {{ include (print .Template.BasePath "/NOTES.txt") . | toJson }}'
STORE: Values = {"uri": "s3://debates/prefix"}


class Refused(Exception):
    """helm does not render these values; the message is what a person reads."""


class Rendered:
    """The objects of one rendering, hooks among them."""

    def __init__(self, objects: list[Object]) -> None:
        self.objects = objects

    def of(self, kind: str) -> list[Object]:
        return [item for item in self.objects if item["kind"] == kind]

    def one(self, kind: str, name: str, namespace: str | None = None) -> Object:
        """The object of this kind whose name ends so; there must be exactly one."""
        found = [
            item
            for item in self.of(kind)
            if item["metadata"]["name"].endswith(name) and namespace in (None, item["metadata"].get("namespace"))
        ]
        assert len(found) == 1, f"{kind} {name}: {[item['metadata']['name'] for item in self.of(kind)]}"
        return found[0]

    @cached_property
    def settings(self) -> str:
        """The operator's settings file."""
        return str(self.one("ConfigMap", "-operator")["data"]["settings.yaml"])

    def pods(self) -> Iterator[tuple[str, Object]]:
        """(kind/name, PodSpec) of everything that makes pods."""
        for item in self.objects:
            spec: Object = item.get("spec", {})
            if item["kind"] == "CronJob":
                spec = spec["jobTemplate"]["spec"]
            if item["kind"] in {"Deployment", "Job", "CronJob"}:
                spec = spec["template"]["spec"]
            if item["kind"] in {"Deployment", "Job", "CronJob", "Pod"}:
                yield f"{item['kind']}/{item['metadata']['name']}", spec


class Chart:
    """A chart, and the helm that reads it. given: values of every rendering, which others add to."""

    def __init__(self, helm: Path, folder: Path = CHART, given: Values | None = None) -> None:
        self._helm, self._folder = helm, folder
        self._given = {"store": STORE} if given is None else given
        self._rendered: dict[str, Rendered] = {}

    def render(self, values: Values | None = None, *, release: str = "debate", namespace: str = "debates") -> Rendered:
        """With what is given, unless `values` brings its own. Raises Refused."""
        given = json.dumps(self._given | (values or {}))
        key = f"{release} {namespace} {given}"
        if key not in self._rendered:
            words = ("template", release, str(self._folder), "-n", namespace, "--kube-version", KUBERNETES, "-f", "-")
            text = self._run(*words, values=given)
            self._rendered[key] = Rendered([item for item in yaml.safe_load_all(text) if item])
        return self._rendered[key]

    def refusal(self, values: Values) -> str:
        """What helm says to these values, which it must refuse."""
        try:
            self.render(values)
        except Refused as refused:
            return str(refused)
        raise AssertionError(f"accepted: {values}")

    def notes(self, values: Values | None = None) -> str:
        """What `helm install` says at the end."""
        with tempfile.TemporaryDirectory() as folder:
            # Only an installation says it, and that needs a cluster: here a template includes it.
            copy = Path(shutil.copytree(self._folder, Path(folder) / self._folder.name))
            (copy / "templates/notes.yaml").write_text(NOTES, encoding="utf-8")
            words = ("template", "debate", str(copy), "-n", "debates", "--kube-version", KUBERNETES, "-f", "-")
            given = json.dumps(self._given | (values or {}))
            text = self._run(*words, "-s", "templates/notes.yaml", values=given)
        return str(yaml.safe_load(text)["notes"])

    def lint(self, values: Values) -> str:
        words = ("lint", "--strict", str(self._folder), "-f", "-")
        return self._run(*words, values=json.dumps(self._given | values))

    def _run(self, *words: str, values: str) -> str:
        done = subprocess.run([self._helm, *words], input=values, capture_output=True, text=True, check=False)
        if done.returncode:
            raise Refused(done.stderr + done.stdout)
        return done.stdout


def default_values() -> Values:
    values: Values = yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))
    return values


def schema() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))
    return found
