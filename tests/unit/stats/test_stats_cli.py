"""The `debate-stats` command as a person runs it: lines, exit codes, variables."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest
import structlog
from stats_builders import finish_job

from debate_core.store import FolderStore, StoreDenied, StoreUnreachable
from debate_stats import cli

COMMAND = Path(sys.executable).parent / "debate-stats"


@dataclass
class Done:
    code: int
    stderr: str

    @property
    def lines(self) -> list[str]:
        return self.stderr.splitlines()


class Run(Protocol):
    def __call__(self, *arguments: str | Path, **variables: str) -> Done: ...


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Run]:
    """The command in this process: starting Python a dozen times proves nothing more."""
    for name in [*os.environ]:
        if name.startswith("DEBATE_") or name == "KUBERNETES_SERVICE_HOST":
            monkeypatch.delenv(name)

    def call(*arguments: str | Path, **variables: str) -> Done:
        monkeypatch.setattr(sys, "argv", ["debate-stats", *map(str, arguments)])
        with monkeypatch.context() as patch:
            for name, value in variables.items():
                patch.setenv(name, value)
            with pytest.raises(SystemExit) as ended:
                cli.main()
        return Done(int(ended.value.code or 0), capsys.readouterr().err)

    handler = signal.getsignal(signal.SIGTERM)
    yield call
    signal.signal(signal.SIGTERM, handler)
    structlog.reset_defaults()


@pytest.fixture
def store(tmp_path: Path) -> Path:
    finish_job(FolderStore(tmp_path / "store"))
    return tmp_path / "store"


def test_run_says_what_it_did_in_plain_lines(run: Run, store: Path) -> None:
    done = run("run", "--store", store)
    assert done.code == 0
    assert done.lines == ["council: computed", "Statistics: 1 computed."]
    again = run("run", DEBATE_STORE=str(store))
    assert again.lines == ["council: unchanged", "Statistics: 1 unchanged."]
    assert json.loads((store / "statistics/by-job/council.json").read_text())["totals"]["speakers"] == 2


def test_a_broken_job_makes_the_exit_code_1_and_says_which(run: Run, store: Path) -> None:
    finish_job(FolderStore(store), "broken")
    (store / "jobs/broken/transcripts/clip.rttm").unlink()
    done = run("run", "--store", store)
    assert done.code == 1
    assert "error: broken: failed: manifest/broken.json names" in done.stderr
    assert done.lines[-1] == "error: 1 of 2 jobs failed, as said above: broken"
    assert (store / "statistics/by-job/council.json").is_file()


def test_jobs_can_be_named(run: Run, store: Path, tmp_path: Path) -> None:
    for job_id in ("a", "b", "c"):
        finish_job(FolderStore(store), job_id)
    (tmp_path / "list.json").write_text('["jobs/b/"]')
    done = run("run", "--store", store, "--job-id", "a", "--manifest", tmp_path / "list.json")
    assert done.code == 0
    assert sorted(path.stem for path in (store / "statistics/by-job").iterdir()) == ["a", "b"]


def test_logs_are_json_in_a_pod(run: Run, store: Path) -> None:
    done = run("run", "--store", store, KUBERNETES_SERVICE_HOST="10.0.0.1")
    first = json.loads(done.lines[0])
    assert (first["job_id"], first["state"], first["level"]) == ("council", "computed", "info")


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["run"], 10, "--store"),
        (["run", "--store", "ftp://x"], 10, "ftp://x"),
        (["run", "--store", "{missing}"], 14, "There is no folder"),
        (["run", "--store", "{store}", "--job-id", "../x"], 10, "no job id"),
        (["run", "--store", "{store}", "--job-id", "nobody"], 1, "no job of this id has finished"),
        (["run", "--store", "{store}", "--manifest", "{missing}"], 10, "--manifest"),
        (["serve", "--store", "{missing}"], 10, "There is no folder"),
        (["serve", "--store", "s3://bucket"], 10, "serve shows a folder"),
        (["serve", "--store", "{store}", "--web", "{missing}"], 10, "There is no page"),
        (["mirror", "--store", "{store}"], 10, "--to"),
        (["mirror", "--store", "{store}", "--to", "{store}"], 10, "has other files"),
        (["mirror", "--store", "{store}", "--to", "{store}/manifest/council.json/x"], 14, "cannot be used"),
        (["mirror", "--store", "{store}", "--to", "{missing}", "--every", "0"], 10, "--every"),
        (["mirror", "--store", "{missing}", "--to", "{missing}2", "--once"], 14, "There is no folder"),
        (["nonsense"], 10, "nonsense"),
    ],
)
def test_what_is_wrong_is_one_sentence_and_an_exit_code(
    run: Run, store: Path, tmp_path: Path, arguments: list[str], code: int, message: str
) -> None:
    filled = [argument.format(store=store, missing=tmp_path / "missing") for argument in arguments]
    done = run(*filled)
    assert done.code == code
    assert message in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (StoreUnreachable("no answer"), 16, "no answer"),
        (StoreDenied("not yours"), 14, "not yours"),
        (KeyboardInterrupt(), 75, "run again to go on"),
    ],
)
def test_what_happens_to_a_run_has_its_exit_code(
    run: Run, store: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int, message: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("debate_stats.run.run", fail)
    done = run("run", "--store", store)
    assert (done.code, len(done.lines)) == (code, 1)
    assert message in done.stderr


def test_a_port_in_use_is_said_clearly(run: Run, store: Path, tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<!doctype html>")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = run("serve", "--store", store, "--web", tmp_path, "--port", port)
    assert done.code == 10
    assert f"Port {port} on 127.0.0.1 is in use" in done.stderr


def test_serve_says_where_and_ends_with_ctrl_c(store: Path, tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<!doctype html>the page")
    command = [COMMAND, "serve", "--store", store, "--web", tmp_path, "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        line = server.stdout.readline()
        try:
            assert line.startswith("The page: http://127.0.0.1:")
            with urllib.request.urlopen(line.removeprefix("The page: ").strip(), timeout=60) as page:
                assert b"the page" in page.read()
        finally:
            server.send_signal(signal.SIGINT)
            out, errors = server.communicate(timeout=60)
    assert server.returncode == 0
    assert out == "Stopped.\n"
    assert "Traceback" not in errors


def test_mirror_once_says_what_changed(run: Run, store: Path, tmp_path: Path) -> None:
    run("run", "--store", store)
    done = run("mirror", "--once", DEBATE_STORE=str(store), DEBATE_MIRROR_TO=str(tmp_path / "page"))
    assert (done.code, done.lines) == (0, ["statistics mirrored: 12 fetched, 0 deleted"])
    assert run("mirror", "--store", store, "--to", tmp_path / "page", "--once").lines == []


def test_mirror_follows_the_store_and_ends_at_once_with_sigterm(run: Run, store: Path, tmp_path: Path) -> None:
    command = [COMMAND, "mirror", "--store", store, "--to", tmp_path / "page", "--every", "1"]
    pod = os.environ | {"KUBERNETES_SERVICE_HOST": "10.0.0.1"}
    run("run", "--store", store)
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=pod) as mirror:
        assert mirror.stderr is not None
        try:
            first = json.loads(mirror.stderr.readline())
            FolderStore(store).delete("manifest/council.json")
            run("run", "--store", store)
            while [*(tmp_path / "page").glob("*/council*")]:
                assert json.loads(mirror.stderr.readline())["level"] == "info"
        finally:
            mirror.terminate()
            mirror.communicate(timeout=10)
    assert mirror.returncode == 0
    assert first["event"] == "statistics mirrored: 12 fetched, 0 deleted"
