"""The page's objects: its Ingress leads to its pods, its configuration is the values', its password a Secret's."""

from __future__ import annotations

import json
from typing import Any

import pytest
from helm_chart import Chart, Object, Rendered

ALB = {"alb.ingress.kubernetes.io/listen-ports": '[{"HTTP": 80}, {"HTTPS": 443}]'}


def page_pod(rendered: Rendered) -> Object:
    deployment = rendered.one("Deployment", "debate-web", "debates")
    pod: Object = deployment["spec"]["template"]
    return pod


def container(pod: Object, name: str) -> Object:
    return next(found for found in pod["spec"]["containers"] if found["name"] == name)


def test_the_ingress_leads_to_the_pages_port(chart: Chart) -> None:
    """No controller routes here: host, path, Service, selector and port are followed by hand."""
    ingress = {"enabled": True, "className": "alb", "host": "debates.example.org", "annotations": ALB}
    rendered = chart.render({"web": {"ingress": ingress | {"tlsSecret": "debates-tls"}}})
    (found,) = rendered.of("Ingress")
    assert found["metadata"]["annotations"] == ALB
    assert found["spec"]["ingressClassName"] == "alb"
    assert found["spec"]["tls"] == [{"hosts": ["debates.example.org"], "secretName": "debates-tls"}]
    (rule,) = found["spec"]["rules"]
    assert rule["host"] == "debates.example.org"
    (path,) = rule["http"]["paths"]
    assert (path["path"], path["pathType"]) == ("/", "Prefix")

    backend = path["backend"]["service"]
    service = rendered.one("Service", backend["name"], "debates")
    (port,) = [found for found in service["spec"]["ports"] if found["name"] == backend["port"]["name"]]
    pod = page_pod(rendered)
    assert service["spec"]["selector"].items() <= pod["metadata"]["labels"].items()
    (listens,) = [found for found in container(pod, "nginx")["ports"] if found["name"] == port["targetPort"]]
    (config,) = [found for found in rendered.of("ConfigMap") if found["metadata"]["name"] == "debate-web"]
    assert f"listen {listens['containerPort']};" in config["data"]["nginx.conf"]


def test_without_class_and_tls_there_is_neither(chart: Chart) -> None:
    (found,) = chart.render({"web": {"ingress": {"enabled": True, "host": "a.example"}}}).of("Ingress")
    assert not {"ingressClassName", "tls"} & found["spec"].keys()
    assert not chart.render().of("Ingress")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, {"title": None, "language": None, "contact": None}),
        (
            {"title": 'The "Gazette" <3', "language": "cs", "contact": "mailto:a@example.org"},
            {"title": 'The "Gazette" <3', "language": "cs", "contact": "mailto:a@example.org"},
        ),
    ],
)
def test_the_page_is_told_its_title_language_and_contact(
    chart: Chart, given: dict[str, Any], expected: dict[str, Any]
) -> None:
    rendered = chart.render({"web": given})
    (config,) = [found for found in rendered.of("ConfigMap") if found["metadata"]["name"] == "debate-web"]
    assert json.loads(config["data"]["config.json"]) == expected
    mounts = container(page_pod(rendered), "nginx")["volumeMounts"]
    (mount,) = [found for found in mounts if found["mountPath"] == "/srv/web/config.json"]
    assert (mount["name"], mount["subPath"], mount["readOnly"]) == ("config", "config.json", True)


def test_another_configuration_is_another_pod(chart: Chart) -> None:
    """nginx reads its configuration once, and a file mounted by its path does not follow."""
    sums = {
        page_pod(chart.render({"web": {"title": title}}))["metadata"]["annotations"]["checksum/config"]
        for title in ("One", "Two")
    }
    assert len(sums) == 2


@pytest.mark.parametrize("contact", ["javascript:alert(1)", "debates@example.org"])
def test_a_contact_is_a_link(chart: Chart, contact: str) -> None:
    assert "contact" in chart.refusal({"web": {"contact": contact}})


def test_a_password_is_a_secrets_and_nginx_alone_sees_it(chart: Chart) -> None:
    rendered = chart.render({"web": {"auth": {"existingSecret": "page-password"}}})
    pod = page_pod(rendered)
    (volume,) = [found for found in pod["spec"]["volumes"] if "secret" in found]
    assert volume["secret"] == {"secretName": "page-password", "items": [{"key": "auth", "path": "auth"}]}
    assert {"name": "auth", "mountPath": "/etc/debate-web-auth", "readOnly": True} in container(pod, "nginx")[
        "volumeMounts"
    ]
    assert "auth" not in {mount["name"] for mount in container(pod, "mirror")["volumeMounts"]}
    (config,) = [found for found in rendered.of("ConfigMap") if found["metadata"]["name"] == "debate-web"]
    assert "auth_basic_user_file /etc/debate-web-auth/auth;" in config["data"]["auth.conf"]
    (volume,) = [found for found in pod["spec"]["volumes"] if found["name"] == "config"]
    assert {"key": "auth.conf", "path": "server/auth.conf"} in volume["configMap"]["items"]


def test_without_a_password_there_is_no_trace_of_one(chart: Chart) -> None:
    rendered = chart.render()
    (config,) = [found for found in rendered.of("ConfigMap") if found["metadata"]["name"] == "debate-web"]
    assert "auth.conf" not in config["data"]
    assert not [volume for volume in page_pod(rendered)["spec"]["volumes"] if "secret" in volume]
