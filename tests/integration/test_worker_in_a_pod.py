"""The worker as its pods run it: steps apart, models and media on S3, no GPU libraries in two of three, stopped at
any time. Each end must leave a result where Kubernetes reads it.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import cast

import pytest
from faulty_proxy import Fault, FaultyProxy
from versitygw import S3Server
from worker_process import NAME, ROOT, SHORT_WINDOWS, WORKER, read_until, stable

from debate_core.documents.step_result import Progress, StepResult
from debate_core.reasons import Reason
from debate_core.store import ObjectStore, open_store

UID = "0f3c2a1b-aaaa-bbbb-cccc-000000000000"
MODELS = ROOT / "examples" / "models"

# What the cpu image does not have.
CPU_IMAGE = """
import sys
from importlib.abc import MetaPathFinder

class Missing(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("torch", "torchaudio", "torchcodec", "lightning") or name == "pyannote.audio":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Missing())
from debate_worker.cli import main
main()
"""


@pytest.fixture
def proxy(s3_server: S3Server, s3_store_uri: str, aws_environment: pytest.MonkeyPatch) -> Iterator[FaultyProxy]:
    """Before the session's server, for pods alone: the test's own stores ask the server itself."""
    with FaultyProxy(s3_server.port).running() as running:
        yield running


@pytest.fixture
def store(s3_store_uri: str) -> ObjectStore:
    """A store on S3 that holds the demo models."""
    found = open_store(s3_store_uri)
    for path in MODELS.rglob("*"):
        if path.is_file():
            found.put_file(f"models/{path.relative_to(MODELS).as_posix()}", path)
    return found


class Pod:
    """One run of one step, with the environment of a pod."""

    def __init__(self, folder: Path, store: ObjectStore, proxy: FaultyProxy, spec: dict[str, object]) -> None:
        self.log = folder / "termination-log"
        self.log.touch()
        self._folder = folder
        self._job = folder / "job.json"
        self._job.write_text(
            json.dumps(
                {
                    "apiVersion": "debate-analyzer.io/v1alpha1",
                    "kind": "DebateJob",
                    "metadata": {"name": "a-debate", "namespace": "debates", "uid": UID},
                    "spec": {"jobId": NAME, "language": "en", "transcription": {"model": "whisper-demo"}} | spec,
                }
            )
        )
        self._variables = {
            "DEBATE_JOB": str(self._job),
            "DEBATE_STORE": store.uri,
            "DEBATE_MODELS": f"{store.uri}/models",
            "DEBATE_CACHE": str(folder / "cache"),
            "DEBATE_TERMINATION_LOG": str(self.log),
            "AWS_ENDPOINT_URL_S3": proxy.endpoint_url,
            "KUBERNETES_SERVICE_HOST": "10.0.0.1",
        }

    def start(self, step: str, *more: str, cpu_image: bool = False, **variables: str) -> subprocess.Popen[str]:
        program = [sys.executable, "-c", CPU_IMAGE] if cpu_image else [str(WORKER)]
        return subprocess.Popen(
            [*program, "run", "--step", step, *SHORT_WINDOWS, *more],
            env=os.environ | self._variables | variables,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, step: str, *more: str, cpu_image: bool = False, **variables: str) -> StepResult:
        """Run to the end; the last words, which the exit code must agree with."""
        with self.start(step, *more, cpu_image=cpu_image, **variables) as process:
            said = process.communicate(timeout=500)[1]
        result = self.last_words()
        assert result.exit_code == process.returncode, said
        assert all(json.loads(line)["level"] for line in said.splitlines() if not line.startswith("  "))
        return result

    def last_words(self) -> StepResult:
        return StepResult.from_json(self.log.read_bytes())


MakePod = Callable[..., Pod]


@pytest.fixture
def pod(tmp_path: Path, store: ObjectStore, proxy: FaultyProxy) -> MakePod:
    """A new pod, with nothing of the ones before it on its disk."""

    def make(**spec: object) -> Pod:
        folder = tmp_path / f"pod-{len(list(tmp_path.glob('pod-*')))}"
        folder.mkdir()
        source = {"source": {"object": f"{store.uri}/uploads/short-debate.mp4"}}
        return Pod(folder, store, proxy, source | spec)

    return make


@pytest.fixture
def uploaded(store: ObjectStore, media: Path) -> ObjectStore:
    store.put_file("uploads/short-debate.mp4", media)
    return store


class Operator(ThreadingHTTPServer):
    """Takes progress; `heard`: all of it."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.heard: list[Progress] = []


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        cast(Operator, self.server).heard.append(Progress.from_json(body))
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Silent."""


@pytest.fixture
def operator() -> Iterator[Operator]:
    with Operator() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def models_read(proxy: FaultyProxy) -> set[str]:
    """The names of the models' files whose content was asked for."""
    paths = [path.partition("?")[0] for method, path in proxy.requests if method == "GET"]
    return {path.rpartition("/")[2] for path in paths if "/models/" in path}


def without_plan(documents: dict[str, bytes]) -> dict[str, bytes]:
    return {key: data for key, data in documents.items() if not key.endswith("/plan.json")}


def test_a_debate_through_three_pods(
    pod: MakePod,
    uploaded: ObjectStore,
    proxy: FaultyProxy,
    operator: Operator,
    undisturbed: ObjectStore,
    tmp_path: Path,
) -> None:
    token = tmp_path / "token"
    token.write_text("secret")
    progress = {
        "DEBATE_PROGRESS_URL": f"http://127.0.0.1:{operator.server_port}/progress",
        "DEBATE_PROGRESS_TOKEN_FILE": str(token),
        "DEBATE_JOB_UID": UID,
    }
    prepared = pod().run("prepare", cpu_image=True, **progress)
    assert (prepared.step, prepared.facts["windows"]) == ("prepare", 4)
    assert models_read(proxy) == {"index.json"}
    proxy.requests.clear()

    analyzed = pod().run("analyze", "--window-shard", "1/2", **progress)
    assert (analyzed.step, analyzed.shard, analyzed.facts["windows_done_here"]) == ("analyze", 1, 4)
    assert "model.bin" in models_read(proxy)
    proxy.requests.clear()

    finished = pod().run("finish", cpu_image=True, **progress)
    assert models_read(proxy) == {"index.json"}
    assert uploaded.exists(finished.outputs["transcript"])
    assert finished == StepResult.from_json(uploaded.get(f"work/{NAME}/results/finish-0.json"))
    # But for the plan, which names another source, the bytes are those of a laptop's run.
    assert without_plan(stable(uploaded)) == without_plan(stable(undisturbed))

    for step, shard in (("prepare", 0), ("analyze", 1), ("finish", 0)):
        heard = [post for post in operator.heard if (post.step, post.shard) == (step, shard)]
        assert [post.done_seconds for post in heard] == sorted(post.done_seconds for post in heard)
        assert heard[-1].done_seconds == heard[-1].total_seconds
    (own,) = {post.total_seconds for post in operator.heard if post.step == "analyze"}
    assert 15 < own < 30  # of the two windows of this shard, of four


@pytest.mark.parametrize("damage", ["missing", "cut", "another"])
def test_damaged_models_are_final_and_found_before_a_gpu_where_a_look_can_tell(
    pod: MakePod, uploaded: ObjectStore, damage: str
) -> None:
    key = "models/debate-analyzer/whisper-demo@1/model.bin"
    data = uploaded.get(key)
    uploaded.delete(key)
    if damage != "missing":
        uploaded.put(key, data[:-1] if damage == "cut" else data[:-1] + bytes([data[-1] ^ 1]))
    result = pod().run("prepare", cpu_image=True)
    if damage == "another":
        assert result.exit_code == 0
        result = pod().run("analyze")
    assert (result.exit_code, result.reason) == (14, Reason.MISCONFIGURED)
    assert "model.bin" in result.message
    assert "debate-worker fetch-models" in result.message


def test_download_only_needs_no_models(pod: MakePod, uploaded: ObjectStore) -> None:
    result = pod(mode="DownloadOnly").run("prepare", cpu_image=True, DEBATE_MODELS=f"{uploaded.uri}/no-models")
    assert result.exit_code == 0
    assert result.facts["duration_seconds"] == pytest.approx(45, abs=0.3)
    assert uploaded.exists(result.outputs["media"])
    assert not uploaded.exists(f"work/{NAME}/plan.json")
    assert pod(mode="DownloadOnly").run("prepare", cpu_image=True) == result


def test_media_that_is_in_the_store_is_not_copied(
    pod: MakePod, store: ObjectStore, media: Path, proxy: FaultyProxy
) -> None:
    store.put_file("jobs/taken-from-the-key/videos/talk.mp4", media)
    spec = {"source": {"object": f"{store.uri}/jobs/taken-from-the-key/videos/talk.mp4"}, "mode": "TranscribeOnly"}
    result = pod(jobId=None, **spec).run("prepare", cpu_image=True)
    assert (result.exit_code, result.facts["windows"]) == (0, 4)
    assert [info.key for info in store.list("jobs/taken-from-the-key/videos/")] == [result.facts["media_key"]]
    assert not [path for method, path in proxy.requests if method in ("PUT", "POST") and "/videos/" in path]


def test_a_link_is_refused_with_what_to_do(pod: MakePod) -> None:
    result = pod(source={"url": "http://169.254.169.254/latest/"}).run("prepare", cpu_image=True)
    assert (result.exit_code, result.reason) == (10, Reason.INVALID_SPEC)
    assert "links lead to public ones alone" in result.message


def wait_for_request(proxy: FaultyProxy, method: str, where: str) -> None:
    end = time.monotonic() + 60
    while not any(seen == method and where in path for seen, path in proxy.requests):
        assert time.monotonic() < end, f"no {method} of {where} in 60 s"
        time.sleep(0.05)


def stopped(pod: Pod, process: subprocess.Popen[str]) -> StepResult:
    """SIGTERM; the last words. It must end with 75 within 20 s."""
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=20)
    assert process.returncode == 75, said
    assert "Traceback" not in said
    result = pod.last_words()
    assert (result.exit_code, result.reason) == (75, None)
    return result


@pytest.mark.parametrize(
    ("step", "method", "where"),
    [
        ("prepare", "GET", "uploads/"),
        ("prepare", "PUT", "/videos/"),
        ("analyze", "GET", "model.bin"),
        ("finish", "PUT", "/transcripts/"),
    ],
    ids=["download", "upload", "models", "finish"],
)
def test_a_stop_where_the_store_does_not_answer(
    pod: MakePod,
    uploaded: ObjectStore,
    proxy: FaultyProxy,
    undisturbed: ObjectStore,
    step: str,
    method: str,
    where: str,
) -> None:
    if step != "prepare":
        for info in undisturbed.list(f"work/{NAME}/"):
            if step == "finish" or "/windows/" not in info.key:
                uploaded.put(info.key, undisturbed.get(info.key))
    proxy.faults = [Fault(method, "stall", where=where) for _ in range(8)]
    slow = pod()
    with slow.start(step) as process:
        wait_for_request(proxy, method, where)
        assert stopped(slow, process).step == step
    proxy.faults = []
    if step != "analyze":
        assert pod().run(step).exit_code == 0


def test_a_stop_while_a_long_recording_is_decoded(pod: MakePod, store: ObjectStore, tmp_path: Path) -> None:
    long = tmp_path / "long.flac"
    silence: Sequence[str] = ("-f", "lavfi", "-i", "anullsrc=r=44100:cl=stereo", "-t", "10800")
    subprocess.run(["ffmpeg", "-nostdin", "-loglevel", "error", *silence, long], check=True)
    store.put_file("uploads/long.flac", long)
    decoding = pod(source={"object": f"{store.uri}/uploads/long.flac"})
    with decoding.start("prepare", cpu_image=True) as process:
        read_until(process, "decoding")
        started = time.monotonic()
        stopped(decoding, process)
    assert time.monotonic() - started < 5
    assert not store.exists(f"work/{NAME}/plan.json")
