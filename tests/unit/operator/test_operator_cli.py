"""The command line: help that says what to do, one line where it cannot start, and a log that machines read."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
import structlog

from debate_operator import logs

COMMAND = Path(sys.executable).with_name("debate-operator")
GOOD = "{namespaces: [d], store: {uri: s3://d}, models: s3://d/models, images: {cpu: a, gpu: b}}"


def run(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """In an environment without a cluster."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("KUBE", "DEBATE"))}
    return subprocess.run([COMMAND, *words], env=environment | variables, capture_output=True, text=True, check=False)


def test_help_names_command_variable_and_ports() -> None:
    said = run("--help").stdout
    assert all(word in said for word in ("doctor", "DEBATE_OPERATOR_SETTINGS", "8080", "8081", "/livez", "SIGTERM"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "cannot be read"),
        ("{namespace: [debates]}", "namespaces: Field required"),
        (GOOD, "set KUBECONFIG or run in a pod"),
    ],
)
def test_what_keeps_it_from_starting_is_said_in_one_line(tmp_path: Path, text: str | None, said: str) -> None:
    settings = tmp_path / "settings.yaml"
    if text is not None:
        settings.write_text(text)
    done = run(DEBATE_OPERATOR_SETTINGS=str(settings), HOME=str(tmp_path))
    assert done.returncode == 1
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("options", "wrong"),
    [
        ([], ["FAIL API server", "FAIL models"]),
        (["--only", "cluster"], ["FAIL API server"]),
        (["--only", "store"], ["FAIL models"]),
        (["--only", "nodes", "--only", "store", "--as", "models"], ["FAIL API server", "FAIL models"]),
    ],
)
def test_the_doctor_says_what_is_wrong_and_how_to_fix_it(tmp_path: Path, options: list[str], wrong: list[str]) -> None:
    settings = tmp_path / "settings.yaml"
    settings.write_text(GOOD.replace("s3://d", str(tmp_path)))
    done = run("--settings", str(settings), "doctor", *options, HOME=str(tmp_path))
    lines = done.stdout.splitlines()
    assert done.returncode == 1
    assert lines[0] == f"ok   settings: {settings}"
    failed = [number for number, line in enumerate(lines) if line.startswith("FAIL")]
    assert [lines[number].split(": ")[0] for number in failed] == wrong
    assert all(lines[number + 1].startswith("     -> ") for number in failed)
    checks = [line for line in lines[:-1] if not line.startswith("     ")]
    assert lines[-1].startswith(f"{len(checks)} checks: ")
    assert f" {len(failed)} failed, " in lines[-1]


def test_what_cannot_be_looked_at_is_no_failure(tmp_path: Path) -> None:
    settings = tmp_path / "settings.yaml"
    settings.write_text(GOOD)
    done = run("--settings", str(settings), "doctor", "--only", "progress", "--only", "quota", HOME=str(tmp_path))
    assert done.returncode == 0
    assert [line[:4] for line in done.stdout.splitlines()[1:-1] if line[0] != " "] == ["----", "----"]
    assert done.stdout.endswith("3 checks: 1 ok, 0 failed, 2 not checked\n")


def test_the_operator_itself_loads_none_of_what_the_checks_need() -> None:
    """Memory: it runs for weeks, the checks for seconds."""
    told = (
        "import sys, debate_operator.cli; print(sorted({'boto3', 'debate_operator.doctor.store'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_kopfs_lines_come_out_as_ours_do(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(json=True)
    try:
        with structlog.contextvars.bound_contextvars(namespace="debates", debatejob="debate"):
            structlog.get_logger().info("ours")
        about = {"k8s_ref": {"kind": "Job", "namespace": "debates", "name": "job"}}
        logging.getLogger("kopf.objects").warning("of %s", "kopf", extra=about)
        logging.getLogger("kopf.objects").info("of every event")
        ours, theirs = (json.loads(line) for line in capsys.readouterr().err.splitlines())
    finally:
        structlog.reset_defaults()
        logging.basicConfig(handlers=[], level=logging.WARNING, force=True)
    assert (ours["event"], ours["namespace"], ours["debatejob"]) == ("ours", "debates", "debate")
    assert (theirs["event"], theirs["level"], theirs["name"]) == ("of kopf", "warning", "job")
