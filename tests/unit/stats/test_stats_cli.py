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

OTHER_VARIABLES = ("KUBERNETES_SERVICE_HOST", "JOB_IDS", "MANIFEST_S3_URI", "STATS_OUTPUT_S3_URI")
COMMAND = Path(sys.executable).parent / "debate-stats"


@dataclass
class Done:
    code: int
    stderr: str
    stdout: str = ""

    @property
    def lines(self) -> list[str]:
        return self.stderr.splitlines()


class Run(Protocol):
    def __call__(self, *arguments: str | Path, **variables: str) -> Done: ...


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Run]:
    """The command in this process: starting Python a dozen times proves nothing more."""
    for name in [*os.environ]:
        if name.startswith("DEBATE_") or name in OTHER_VARIABLES:
            monkeypatch.delenv(name)

    def call(*arguments: str | Path, **variables: str) -> Done:
        monkeypatch.setattr(sys, "argv", ["debate-stats", *map(str, arguments)])
        with monkeypatch.context() as patch:
            for name, value in variables.items():
                patch.setenv(name, value)
            with pytest.raises(SystemExit) as ended:
                cli.main()
        said = capsys.readouterr()
        return Done(int(ended.value.code or 0), said.err, said.out)

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
        (["run", "--store", "{store}", "--adopt"], 10, "--adopt is for jobs that are named"),
        (["run", "--store", "{store}", "--adopt", "--job-id", "nobody"], 1, "has none"),
        (["publish", "nobody", "--store", "{store}"], 1, "no job of this id has finished"),
        (["publish", "../x", "--store", "{store}"], 10, "no job id"),
        (["unpublish", "--store", "{store}"], 10, "JOB"),
        (["name", "nobody", "--store", "{store}"], 10, "There is no manifest/nobody.json"),
        (["name", "council", "SPEAKER_00", "--store", "{store}"], 10, "Give a name behind it"),
        (["name", "council", "--remove", "--store", "{store}"], 10, "Give LABEL and NAME"),
        (["name", "council", "SPEAKER_00", "Ada", "--remove", "--store", "{store}"], 10, "Give LABEL and NAME"),
        (["name", "council", "--person", "ada", "--store", "{store}"], 10, "Give LABEL and NAME"),
        (["name", "council", "SPEAKER_00", "--import", "x", "--store", "{store}"], 10, "Give LABEL and NAME"),
        (["name", "council", "--import", "{missing}", "--store", "{store}"], 10, "cannot be read"),
        (["export", "--store", "{store}"], 10, "need --to"),
        (["export", "--store", "{store}", "--to", "{missing}"], 14, "There is no statistics/index.json"),
        (["export", "--store", "{store}", "--to", "{missing}", "--format", "xlsx"], 10, "xlsx"),
        (["export", "--store", "{store}", "--to", "postgresql://x", "--format", "postgresql"], 10, "not in --to"),
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


def test_a_speaker_gets_a_name(run: Run, store: Path) -> None:
    run("run", "--store", store)
    assert run("name", "council", "--store", store).stdout.splitlines() == [
        "SPEAKER_00    0 min 20 s  -",
        "SPEAKER_01    0 min 22 s  -",
    ]
    done = run("name", "council", "SPEAKER_00", "Jane Doe", "--store", store)
    assert done.code == 0
    assert done.stdout.splitlines() == [
        "SPEAKER_00 of council is Jane Doe (jane-doe).",
        f"The statistics show it after the next run; at once: debate-stats run --store {store} --job-id council",
    ]
    assert "Jane Doe" not in (store / "statistics/by-job/council.json").read_text()
    assert run("run", "--store", store).lines[0] == "council: computed"
    assert "Jane Doe" in (store / "statistics/summary.json").read_text()
    assert "Jane Doe (jane-doe)" in run("name", "council", "--store", store).stdout
    done = run("name", "council", "SPEAKER_00", "--remove", "--run", "--store", store)
    assert (done.code, done.stdout) == (0, "SPEAKER_00 of council has no name any more.\n")
    assert "Jane Doe" not in (store / "statistics/summary.json").read_text()


def test_a_new_name_of_a_person_reaches_every_debate(run: Run, store: Path) -> None:
    finish_job(FolderStore(store), "other")
    for job in ("council", "other"):
        run("name", job, "SPEAKER_00", "Jane Doe", "--store", store)
    run("run", "--store", store)
    done = run("name", "other", "SPEAKER_00", "Jane Roe", "--person", "jane-doe", "--run", "--store", store)
    assert (
        done.stdout.splitlines()[0]
        == "jane-doe was called Jane Doe so far, and is called Jane Roe now, in every debate."
    )
    assert done.lines == ["council: computed", "other: computed", "Statistics: 2 computed."]


def test_names_come_from_a_file_of_the_page(run: Run, store: Path, tmp_path: Path) -> None:
    exported = {"schema_version": 1, "speakers": {"SPEAKER_01": {"name": "Ben", "person": None, "source": "page"}}}
    (tmp_path / "speakers.json").write_text(json.dumps(exported))
    done = run("name", "council", "--import", tmp_path / "speakers.json", "--run", "--store", store)
    assert (done.code, done.stdout) == (0, "SPEAKER_01 of council is Ben, in this debate only.\n")
    assert "Ben" in (store / "statistics/index.json").read_text()


def test_a_job_is_taken_down_and_published_again(run: Run, store: Path) -> None:
    run("run", "--store", store)
    done = run("unpublish", "council", DEBATE_STORE=str(store))
    assert (done.code, done.lines[0]) == (0, "council: private: publish is false: its public copies were deleted")
    assert not (store / "statistics/by-job").exists()
    assert run("run", "--store", store).lines[0] == "council: private: publish is false"
    assert run("publish", "council", "--store", store).lines[0] == "council: computed"
    assert run("unpublish", "nobody", "--store", store).code == 0


def test_an_entry_that_cannot_be_read_is_said_to_be_deleted(run: Run, store: Path) -> None:
    (store / "manifest/council.json").write_text("{")
    done = run("unpublish", "council", "--store", store)
    assert done.code == 1
    assert "delete that entry to take everything of the job down" in done.stderr


def test_the_variables_of_older_systems_are_understood(run: Run, store: Path, tmp_path: Path) -> None:
    for job in ("a", "b", "c"):
        finish_job(FolderStore(store), job)
    public = tmp_path / "public"
    run("run", DEBATE_STORE=str(store), JOB_IDS="a,b", STATS_OUTPUT_S3_URI=f"{public}/statistics/")
    assert sorted(path.stem for path in (public / "statistics/by-job").iterdir()) == ["a", "b"]
    run("run", DEBATE_STORE=str(store), JOB_IDS="a", DEBATE_JOB_ID="c", DEBATE_OUTPUT=str(tmp_path / "other"))
    assert sorted(path.stem for path in (tmp_path / "other/statistics/by-job").iterdir()) == ["c"]


def test_an_older_transcript_is_adopted_where_it_is_asked_for(run: Run, store: Path) -> None:
    (store / "jobs/old/transcripts").mkdir(parents=True)
    transcript = store / "jobs/council/transcripts/clip_transcription.json"
    (store / "jobs/old/transcripts/old_debate_transcription.json").write_bytes(transcript.read_bytes())
    assert "--adopt takes in" in run("run", DEBATE_STORE=str(store), JOB_IDS="old").stderr
    done = run("run", DEBATE_STORE=str(store), JOB_IDS="old", DEBATE_ADOPT="1")
    assert (done.code, done.lines[0]) == (0, "old: computed")
    assert run("run", "--store", store).lines[-1] == "Statistics: 1 computed, 1 unchanged."


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_export_writes_a_file_a_table(run: Run, store: Path, tmp_path: Path, ending: str) -> None:
    run("run", "--store", store)
    done = run("export", "--store", store, "--to", tmp_path / "tables", "--format", ending)
    assert (done.code, done.lines) == (
        0,
        ["Exported: 1 debates, 2 speakers, 0 interruptions, 0 people, 0 appearances."],
    )
    tables = ["appearances", "debates", "interruptions", "people", "speakers"]
    assert sorted(path.name for path in (tmp_path / "tables").iterdir()) == [f"{table}.{ending}" for table in tables]


def test_without_pyarrow_it_is_said_how_to_get_it(
    run: Run, store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("run", "--store", store)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    done = run("export", "--store", store, "--to", tmp_path / "tables", "--format", "parquet")
    assert done.code == 14
    assert "pip install 'debate-stats[parquet]'" in done.stderr


@pytest.mark.parametrize("command", ["run", "publish", "unpublish", "name", "export"])
def test_every_command_explains_itself(run: Run, command: str) -> None:
    done = run(command, "--help")
    assert (done.code, "Exit codes" in " ".join(done.stdout.split())) == (0, True)
