"""Log lines: plain for a person, JSON in a pod, on standard error as it is at that moment."""

from __future__ import annotations

import contextlib
import io
import json

import pytest
import structlog

from debate_core import logs


def said(json_lines: bool | None, **bound: str) -> str:
    logs.configure(json=json_lines, **bound)
    stream = io.StringIO()
    # After configure, as progress bars do it: the lines must follow.
    with contextlib.redirect_stderr(stream):
        structlog.get_logger().info("prepare   20%")
        structlog.get_logger().error("the disk is full", reason="StoreUnreachable")
    return stream.getvalue()


def test_plain_lines_leave_out_what_is_for_machines() -> None:
    assert said(json_lines=False, job="a") == "prepare   20%\nerror: the disk is full (reason=StoreUnreachable)\n"


def test_json_lines_name_the_job() -> None:
    first, second = (json.loads(line) for line in said(json_lines=True, job="a").splitlines())
    assert (first["event"], first["level"], first["job"]) == ("prepare   20%", "info", "a")
    assert second["reason"] == "StoreUnreachable"
    assert first["timestamp"].endswith("Z")


def test_json_is_the_default_in_kubernetes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    assert said(json_lines=None).startswith("prepare")
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1")
    assert said(json_lines=None).startswith("{")


def test_an_exception_keeps_its_traceback() -> None:
    logs.configure(json=False)
    stream = io.StringIO()
    with contextlib.redirect_stderr(stream):
        try:
            raise ZeroDivisionError
        except ZeroDivisionError:
            structlog.get_logger().exception("analyze failed")
    assert stream.getvalue().startswith("error: analyze failed\nTraceback")
