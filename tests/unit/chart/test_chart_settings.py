"""The operator reads what the chart writes: values and debate_operator.settings are one to one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from chart_variants import EVERYTHING, VARIANTS
from helm_chart import STORE, Chart

from debate_operator.settings import Settings

PORTS = {"listenHost", "healthPort", "progressPort"}  # a pod has its own network: nothing to set

# value, what to give it, the setting, what it then is
ONE_TO_ONE: list[tuple[str, Any, str, Any]] = [
    ("namespaces", ["a", "b"], "namespaces", ["a", "b"]),
    ("store", {"uri": "s3://other"}, "store.uri", "s3://other"),
    ("store", {"uri": "s3://other/"}, "models", "s3://other/models"),
    ("store", {**STORE, "endpointUrl": "http://s3:7070"}, "store.endpoint_url", "http://s3:7070"),
    ("store", {**STORE, "region": "eu-central-1"}, "store.region", "eu-central-1"),
    ("store", {**STORE, "existingSecret": "keys"}, "store.secret_name", "keys"),
    ("models.uri", "s3://models/here", "models", "s3://models/here"),
    ("images.workerCpu.tag", "dev-cpu", "images.cpu", "debate-analyzer/worker:dev-cpu"),
    ("images.workerGpu.tag", "dev-gpu", "images.gpu", "debate-analyzer/worker:dev-gpu"),
    ("images.pullPolicy", "Never", "images.pull_policy", "Never"),
    ("images.pullSecrets", ["registry"], "images.pull_secrets", ["registry"]),
    ("gpu.resource", None, "gpu.resource", None),
    ("gpu.nodeSelector", {"a": "b"}, "gpu.node_selector", {"a": "b"}),
    ("gpu.tolerations", [], "gpu.tolerations", []),
    ("gpu.onDemandNodeSelector", None, "gpu.on_demand_node_selector", {}),
    ("gpu.onDemandNodeSelector", {"karpenter.sh/capacity-type": None}, "gpu.on_demand_node_selector", {}),
    ("gpu.largerNodeSelector", {"a": "b"}, "gpu.larger_node_selector", {"a": "b"}),
    ("cpu.nodeSelector", {"a": "b"}, "cpu.node_selector", {"a": "b"}),
    ("cpu.tolerations", [{"operator": "Exists"}], "cpu.tolerations", [{"operator": "Exists"}]),
    ("serviceAccounts.worker.name", "mine", "workers.service_account_name", "mine"),
    ("workers.allowedServiceAccounts", ["other"], "workers.allowed_service_accounts", ["other"]),
    ("workers.env", {"HTTPS_PROXY": "http://<proxy>&:1"}, "workers.env", {"HTTPS_PROXY": "http://<proxy>&:1"}),
    ("workers.allowedEnv", ["DEBATE_X"], "workers.allowed_env", ["DEBATE_X"]),
    ("workers.allowedAnnotations", ["team/"], "workers.allowed_annotations", ["team/"]),
    (
        "workers.resources",
        {"analyze": {"limits": {"memory": "14Gi"}}},
        "workers.resources",
        {"analyze": {"limits": {"memory": "14Gi"}}},
    ),
    ("workers.cacheSize", "10Gi", "workers.cache_size", "10Gi"),
    ("workers.terminationGraceSeconds", 60, "workers.termination_grace_seconds", 60),
    ("workers.finishedTtlSeconds", 12345678, "workers.finished_ttl_seconds", 12345678),
    ("workers.annotations", {"a": "1"}, "workers.annotations", {"a": "1"}),
    ("workers.labels", {"a": "true"}, "workers.labels", {"a": "true"}),
    ("download.cookiesSecret", "cookies", "download.cookies_secret", "cookies"),
    ("download.proxySecret", "proxy", "download.proxy_secret", "proxy"),
    ("download.allowedHosts", ["youtube.com"], "download.allowed_hosts", ["youtube.com"]),
    ("download.allowedNetworks", ["10.1.0.0/16"], "download.allowed_networks", ["10.1.0.0/16"]),
    ("download.maxSeconds", 12345678, "download.max_seconds", 12345678),
    ("download.maxBytes", 123456789012, "download.max_bytes", 123456789012),
    ("download.timeoutSeconds", 60, "download.timeout_seconds", 60),
    ("backoff.attemptSeconds", 0, "backoff.attempt_seconds", 0),
    ("backoff.interruptionSeconds", 0.5, "backoff.interruption_seconds", 0.5),
    ("backoff.interruptionMaxSeconds", 30, "backoff.interruption_max_seconds", 30),
    ("backoff.waitSeconds", 3, "backoff.wait_seconds", 3),
    ("backoff.maxSeconds", 3000000, "backoff.max_seconds", 3000000),
    ("stats.onSuccess", False, "stats", None),
    ("fullnameOverride", "mine", "stats.cron_job", "mine-stats"),
    ("fullnameOverride", "mine", "stats.namespace", "debates"),
    ("operator.resyncSeconds", 5, "resync_seconds", 5),
    ("operator.concurrency", 100, "concurrency", 100),
    ("operator.queueStaleSeconds", 60, "queue_stale_seconds", 60),
    ("operator.misconfiguredGraceSeconds", 0, "misconfigured_grace_seconds", 0),
    ("fullnameOverride", "mine", "progress_url", "http://mine-operator.debates.svc:8081/progress"),
]


def nested(path: str, value: Any) -> dict[str, Any]:
    for part in reversed(path.split(".")):
        value = {part: value}
    return dict(value)


def attribute(settings: Any, path: str) -> Any:
    for part in path.split("."):
        settings = getattr(settings, part)
    return settings


def load(chart: Chart, folder: Path, values: dict[str, Any]) -> Settings:
    path = folder / "settings.yaml"
    path.write_text(chart.render(values).settings, encoding="utf-8")
    return Settings.load(path)


@pytest.mark.parametrize("values", VARIANTS.values(), ids=VARIANTS)
def test_the_operator_accepts_what_the_chart_writes(chart: Chart, tmp_path: Path, values: dict[str, Any]) -> None:
    load(chart, tmp_path, values)


def test_the_defaults_are_the_operators(chart: Chart, tmp_path: Path) -> None:
    required = {
        "namespaces": ["debates"],
        "store": {"uri": "s3://debates/prefix"},
        "models": "s3://debates/prefix/models",
        "images": {"cpu": "debate-analyzer/worker:0.1.0-cpu", "gpu": "debate-analyzer/worker:0.1.0-gpu"},
        "stats": {"namespace": "debates", "cronJob": "debate-stats"},
        "progress_url": "http://debate-operator.debates.svc:8081/progress",
    }
    assert load(chart, tmp_path, {}) == Settings.model_validate(required)


@pytest.mark.parametrize(("value", "given", "setting", "expected"), ONE_TO_ONE)
def test_each_value_reaches_its_setting(
    chart: Chart, tmp_path: Path, value: str, given: Any, setting: str, expected: Any
) -> None:
    assert attribute(load(chart, tmp_path, nested(value, given)), setting) == expected


def test_every_setting_is_written_and_tested(chart: Chart, tmp_path: Path) -> None:
    text = chart.render(EVERYTHING).settings
    complete = load(chart, tmp_path, EVERYTHING).model_dump(by_alias=True)
    written = yaml.safe_load(text)
    assert _leaves(complete) - PORTS == _leaves(written)
    # Of python names, since the table names them.
    tested = {setting for _, _, setting, _ in ONE_TO_ONE} - {"stats"}  # which is null where the statistics are off
    fields = {name.lower() for name in _leaves(written)}
    assert {setting.replace("_", "") for setting in tested} == fields


def _leaves(settings: dict[str, Any]) -> set[str]:
    """`store.uri` and so on; a section is a mapping that the settings describe field by field."""
    sections = {"store", "images", "gpu", "cpu", "workers", "download", "backoff", "stats"}
    return {
        name
        for section, value in settings.items()
        for name in ([f"{section}.{field}" for field in value] if section in sections else [section])
    }


def test_probes_services_and_workers_find_the_operators_ports(chart: Chart, tmp_path: Path) -> None:
    settings = load(chart, tmp_path, {})
    rendered = chart.render()
    (container,) = rendered.one("Deployment", "-operator")["spec"]["template"]["spec"]["containers"]
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    assert ports == {"metrics": settings.health_port, "progress": settings.progress_port}
    service = rendered.one("Service", "-operator")
    assert {port["name"]: (port["port"], port["targetPort"]) for port in service["spec"]["ports"]} == {
        name: (number, name) for name, number in ports.items()
    }
    url = f"http://{service['metadata']['name']}.{service['metadata']['namespace']}.svc:{ports['progress']}/progress"
    assert settings.progress_url == url
    probes = {name: probe["httpGet"] for name, probe in container.items() if name.endswith("Probe")}
    assert probes == {
        "startupProbe": {"path": "/livez", "port": "metrics"},
        "livenessProbe": {"path": "/livez", "port": "metrics"},
        "readinessProbe": {"path": "/readyz", "port": "metrics"},
    }


def test_the_operator_finds_its_settings(chart: Chart) -> None:
    spec = chart.render().one("Deployment", "-operator")["spec"]["template"]["spec"]
    (container,) = spec["containers"]
    assert {"name": "DEBATE_OPERATOR_SETTINGS", "value": "/etc/debate/settings.yaml"} in container["env"]
    assert {"name": "settings", "mountPath": "/etc/debate", "readOnly": True} in container["volumeMounts"]
    assert {"name": "settings", "configMap": {"name": "debate-operator"}} in spec["volumes"]


def test_workers_run_as_the_account_that_the_chart_makes(chart: Chart, tmp_path: Path) -> None:
    settings = load(chart, tmp_path, {"namespaces": ["a"]})
    chart.render({"namespaces": ["a"]}).one("ServiceAccount", settings.workers.service_account_name, "a")
