"""values.schema.json refuses what the chart does not know and names the field; values.yaml explains each value."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from chart_variants import VARIANTS
from helm_chart import CHART, Chart, default_values, schema

# Maps whose keys are the user's.
OPEN = re.compile(r"(nodeSelector|onDemandNodeSelector|largerNodeSelector|labels|annotations|env|requests|limits)$")


def sections(values: dict[str, Any], path: str = "") -> Iterator[str]:
    """The path of every map whose keys are the chart's, the whole among them as ``."""
    yield path
    for key, value in values.items():
        if isinstance(value, dict) and not OPEN.fullmatch(key):
            yield from sections(value, f"{path}.{key}".lstrip("."))


def nested(path: str, value: Any) -> dict[str, Any]:
    for part in reversed(path.split(".")):
        value = {part: value}
    return dict(value)


@pytest.mark.parametrize("section", list(sections(default_values())))
def test_a_typo_is_refused_by_name_wherever_it_is(chart: Chart, section: str) -> None:
    said = chart.refusal(nested(f"{section}.tyop".lstrip("."), 1))
    assert "'tyop' not allowed" in said
    assert section.replace(".", "/") in said


WRONG = [
    ("namespaces", "debates"),
    ("namespaces", ["Not_A_Name"]),
    ("namespaces", ["a", "a"]),
    ("store.uri", "my-bucket"),
    ("store.uri", "https://my-bucket.s3.amazonaws.com"),
    ("store.uri", "s3://My_Bucket"),
    ("store.uri", "s3://bucket//prefix"),
    ("store.endpointUrl", "s3.debates.svc:7070"),
    ("store.existingSecret", ""),
    ("models.uri", "/models"),
    ("models.fetch.enabled", "true"),
    ("models.fetch.diarization", "community-1"),
    ("models.fetch.tokenSecret", "hub"),
    ("models.fetch.cacheSize", "20 GB"),
    ("images.pullPolicy", "Sometimes"),
    ("images.pullSecrets", "registry"),
    ("images.pullSecrets", [{"name": "registry"}]),
    ("images.operator.tag", 1.0),
    ("images.operator.tag", "with space"),
    ("images.operator.digest", "abc"),
    ("images.registry", "https://registry.example.org"),
    ("gpu.resource", 1),
    ("gpu.nodeSelector", {"gpu": True}),
    ("gpu.tolerations", {"key": "gpu"}),
    ("gpu.tolerations", [{"key": "gpu", "efect": "NoSchedule"}]),
    ("cpu.tolerations", [{"key": "gpu", "effect": "Never"}]),
    ("workers.env", {"A": 1}),
    ("workers.env", {"A B": "1"}),
    ("workers.allowedEnv", ["PATH"]),
    ("workers.resources", {"analyse": {}}),
    ("workers.resources", {"analyze": {"limits": {"memory": 14}}}),
    ("workers.cacheSize", 20),
    ("workers.terminationGraceSeconds", 0),
    ("workers.finishedTtlSeconds", 1),
    ("workers.terminationGraceSeconds", None),
    ("download.cookiesSecret", "Cookies"),
    ("download.allowedHosts", ["https://youtube.com"]),
    ("download.allowedNetworks", ["10.1.0.0"]),
    ("download.maxBytes", "8Gi"),
    ("download.maxSeconds", 0),
    ("backoff.waitSeconds", -1),
    ("backoff.waitSeconds", "30s"),
    ("operator.concurrency", 0),
    ("operator.concurrency", 101),
    ("operator.concurrency", 1.5),
    ("operator.resyncSeconds", 0),
    ("operator.resources", {"limit": {}}),
    ("operator.resources", {"limits": {"memory": "512 MB"}}),
    ("serviceAccounts.worker", "worker"),
    ("serviceAccounts.worker.create", "no"),
    ("serviceAccounts.worker.annotations", {"role": 1}),
    ("crds.install", "yes"),
    ("networkPolicy.storePeers", [{"podSelektor": {}}]),
    ("networkPolicy.storePeers", [{}]),
    ("networkPolicy.storePeers", [{"ipBlock": {"except": []}}]),
    ("networkPolicy.extraEgress", [{"from": []}]),
    ("metrics.serviceMonitor.interval", "30"),
    ("stats.schedule", "every minute"),
    ("stats.schedule", "* * * *"),
    ("stats.startingDeadlineSeconds", 5),
    ("web.replicas", -1),
    ("web.mirror.everySeconds", 0),
    ("web.service.type", "ExternalName"),
    ("web.service.port", 0),
    ("web.service.nodePort", "30080"),
    ("web.ingress.host", "https://debates.example.org"),
    ("web.ingress.host", "debates.example.org/page"),
    ("fullnameOverride", "Debates"),
    ("fullnameOverride", "d" * 41),
]


@pytest.mark.parametrize(("path", "value"), WRONG)
def test_a_wrong_value_is_refused_by_name(chart: Chart, path: str, value: Any) -> None:
    said = chart.refusal(nested(path, value))
    section, _, name = path.rpartition(".")
    assert f"/{path.replace('.', '/')}" in said or f"'/{section}': missing property '{name}'" in said


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (
            {"store": {}},
            "store.uri is missing: say where debates are kept, such as --set store.uri=s3://my-bucket/debates",
        ),
        (
            {"web": {"ingress": {"enabled": True}}},
            "web.ingress.host is missing: say under which name the page answers, such as debates.example.org",
        ),
    ],
)
def test_what_has_no_good_default_is_asked_for(chart: Chart, values: dict[str, Any], sentence: str) -> None:
    assert sentence in chart.refusal(values)


@pytest.mark.parametrize("values", VARIANTS.values(), ids=VARIANTS)
def test_helm_finds_nothing_to_complain_about(chart: Chart, values: dict[str, Any]) -> None:
    assert "[WARNING]" not in chart.lint(values)


def test_the_schema_knows_the_default_values_and_no_others() -> None:
    def paths(values: dict[str, Any], known: dict[str, Any], path: str = "") -> Iterator[str]:
        known = _resolved(known)
        assert known["additionalProperties"] is False, path
        assert set(known["properties"]) - {"global"} == set(values), path
        for key, value in values.items():
            yield f"{path}.{key}"
            if isinstance(value, dict) and not OPEN.fullmatch(key) and value:
                yield from paths(value, known["properties"][key], f"{path}.{key}")

    assert len(list(paths(default_values(), schema()))) > 100


def _resolved(part: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in part:
        found: dict[str, Any] = schema()["definitions"][part["$ref"].rpartition("/")[2]]
        return found
    return part


def test_every_value_is_explained() -> None:
    """By a comment above it, above its neighbour, or above the section whose first it is."""
    lines = (CHART / "values.yaml").read_text(encoding="utf-8").splitlines()
    explained: dict[int, bool] = {}
    for number, line in enumerate(lines):
        if not re.match(r" *[A-Za-z]+:", line):
            continue
        above, indent = lines[number - 1], len(line) - len(line.lstrip())
        if above.lstrip().startswith("#"):
            explained[number] = True
        elif number - 1 in explained:
            explained[number] = explained[number - 1] and len(above) - len(above.lstrip()) <= indent
        else:
            explained[number] = False
    names = [lines[number].strip() for number, good in explained.items() if not good and not _opens(lines, number)]
    assert not names


def _opens(lines: list[str], number: int) -> bool:
    """It is only a title: its own values are what is explained."""
    following = lines[number + 1] if number + 1 < len(lines) else ""
    return lines[number].rstrip().endswith(":") and following.startswith(" ")


def test_defaults_are_valid_yaml_without_surprises() -> None:
    """No `yes`, no octal, no key given twice (the last would win in silence)."""

    class Strict(yaml.SafeLoader):
        pass

    def unique(loader: yaml.SafeLoader, node: yaml.MappingNode) -> dict[str, Any]:
        keys = [key.value for key, _ in node.value]
        assert len(keys) == len(set(keys)), keys
        return {str(key): value for key, value in yaml.SafeLoader.construct_mapping(loader, node, deep=True).items()}

    Strict.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, unique)
    yaml.load((CHART / "values.yaml").read_text(encoding="utf-8"), Strict)  # a SafeLoader
