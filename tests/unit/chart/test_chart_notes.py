"""What a person reads after `helm install` works, and is about what was installed."""

from __future__ import annotations

from typing import Any

import pytest
from chart_variants import EVERYTHING, VARIANTS
from helm_chart import Chart

from debate_core.documents.debatejob import DebateJob


@pytest.mark.parametrize("values", VARIANTS.values(), ids=VARIANTS)
def test_the_manifest_that_it_shows_is_a_debatejob(chart: Chart, values: dict[str, Any]) -> None:
    _, _, rest = chart.notes(values).partition("<<EOF\n")
    DebateJob.from_yaml(rest.partition("    EOF")[0])


@pytest.mark.parametrize(
    ("values", "command"),
    [
        ({}, "helm test debate --namespace debates"),
        ({}, "kubectl --namespace debates get debatejobs --watch"),
        ({}, "kubectl --namespace debates port-forward service/debate-web 8080:80"),
        ({}, "debate-worker fetch-models --to s3://debates/prefix/models"),
        ({"namespaces": ["team-a"]}, "kubectl apply --namespace team-a -f -"),
        ({"models": {"fetch": {"enabled": True}}}, "wait --for=condition=Complete"),
        (EVERYTHING, "https://debates.example.org"),
    ],
)
def test_it_tells_the_next_command(chart: Chart, values: dict[str, Any], command: str) -> None:
    assert command in chart.notes(values)


def test_it_does_not_speak_of_what_is_not_there(chart: Chart) -> None:
    assert "port-forward" not in chart.notes({"web": {"enabled": False}})


def test_the_service_that_it_forwards_to_exists(chart: Chart) -> None:
    assert chart.render().one("Service", "-web")["metadata"]["name"] in chart.notes()
