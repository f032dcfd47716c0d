"""The images: who they run as, what is in them and what is not, and that a read-only root is enough for them."""

from __future__ import annotations

import json
import re
import subprocess
import time
import tomllib
import urllib.request
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError

import pytest

ROOT = Path(__file__).parents[2]
OPERATOR = "debate-analyzer/operator:dev"
CPU = "debate-analyzer/worker:dev-cpu"
GPU = "debate-analyzer/worker:dev-gpu"
WEB = "debate-analyzer/web:dev"
WITH_PYTHON = [OPERATOR, CPU, GPU]
ALL = [*WITH_PYTHON, WEB]
GOALS_MB = {OPERATOR: 550, CPU: 900, WEB: 100}
RESTRICTED = ["--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges", "--network=none"]
VOLUMES = ["--tmpfs=/tmp", "--tmpfs=/cache:uid=10001,gid=10001"]  # as every pod has them
BUILD_S = 1800
"""The most that all images take from nothing."""


def docker(*words: str) -> str:
    done = subprocess.run(["docker", *words], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, f"docker {' '.join(words)}: {done.stdout}{done.stderr}"
    return done.stdout


def run(image: str, program: str, *words: str, options: list[str] | None = None) -> str:
    """What a program of the image prints, run as a pod would be."""
    return docker("run", "--rm", *RESTRICTED, *(options or []), f"--entrypoint={program}", image, *words)


def python(image: str, code: str) -> str:
    return run(image, "python3", "-c", code, options=VOLUMES)


def config(image: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(docker("image", "inspect", image))[0]
    return found


@pytest.fixture(scope="module", autouse=True)
def built() -> str:
    """All images as they are now; what the build prints."""
    made = subprocess.run([ROOT / "scripts/images"], capture_output=True, text=True, timeout=BUILD_S, check=False)
    assert made.returncode == 0, made.stderr
    return made.stdout


@pytest.mark.parametrize("image", ALL)
def test_user_is_debate_by_number_and_by_name(image: str) -> None:
    # By number: Kubernetes cannot tell otherwise that a name is not root's.
    assert config(image)["Config"]["User"] == "10001:10001"
    assert run(image, "id").startswith("uid=10001(debate) gid=10001(debate)")


@pytest.mark.parametrize(("image", "home"), [(OPERATOR, "/tmp"), (CPU, "/cache"), (GPU, "/cache"), (WEB, "/tmp")])
def test_home_is_a_volume(image: str, home: str) -> None:
    assert f"HOME={home}" in config(image)["Config"]["Env"]
    assert run(image, "getent", "passwd", "debate").split(":")[5] == home


@pytest.mark.parametrize("image", ALL)
def test_labels_say_what_it_is(image: str) -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]

    labels = {
        name.removeprefix("org.opencontainers.image."): value
        for name, value in config(image)["Config"]["Labels"].items()
    }

    assert labels["title"].startswith("Debate Analyzer: ")
    assert labels["version"] == version
    assert labels["licenses"] == "Apache-2.0"
    assert re.fullmatch("[0-9a-f]{40}", labels["revision"])
    assert labels["source"]


@pytest.mark.parametrize("image", GOALS_MB)
def test_size_is_within_its_goal(image: str, built: str) -> None:
    size_mb = config(image)["Size"] / 1e6

    assert size_mb < GOALS_MB[image]
    assert re.search(rf"{image} +{int(size_mb)} MB, goal < {GOALS_MB[image]} MB", built)


@pytest.mark.parametrize(
    ("image", "command"),
    [(OPERATOR, "debate-operator"), (OPERATOR, "debate-stats"), (CPU, "debate-worker"), (GPU, "debate-worker")],
)
def test_command_starts_without_any_place_to_write(image: str, command: str) -> None:
    assert "Usage:" in run(image, command, "--help")


@pytest.mark.parametrize("image", WITH_PYTHON)
def test_packages_are_those_of_the_lock(image: str) -> None:
    lock = tomllib.loads((ROOT / "uv.lock").read_text())
    locked = {(package["name"], package.get("version")) for package in lock["package"]}

    listed = python(image, "import importlib.metadata as m; [print(d.name, d.version) for d in m.distributions()]")
    installed = {
        (re.sub(r"[-_.]+", "-", name).lower(), version) for name, version in map(str.split, listed.splitlines())
    }

    assert installed - locked == set()
    assert ("debate-core", "0.1.0") in installed


@pytest.mark.parametrize("image", ALL)
def test_nothing_that_builds_is_left_in(image: str) -> None:
    tools = "uv pip pip3 gcc cc make git"

    assert run(image, "sh", "-c", f"for tool in {tools}; do command -v $tool; done; true") == ""


@pytest.mark.parametrize("image", ALL)
def test_own_files_cannot_be_changed_by_who_runs_it(image: str) -> None:
    # Without --read-only: it holds by the files' owners alone.
    folders = ["/opt", "/srv", "/usr"]
    files = docker("run", "--rm", "--entrypoint=find", image, *folders, "-writable", "!", "-type", "l").split()

    assert [file for file in files if file != "/opt/debate/venv/.lock"] == []  # uv's, which says nothing


def test_cpu_image_has_what_prepare_and_finish_need_and_no_torch() -> None:
    python(CPU, "import debate_worker.prepare.step, debate_worker.finish.step")
    assert python(CPU, "import importlib.util; print(importlib.util.find_spec('torch'))").strip() == "None"


def test_gpu_image_has_the_models_libraries() -> None:
    # getpass is what some of them ask who they run as; triton is left out on purpose.
    said = python(
        GPU,
        "import getpass, importlib.util, faster_whisper, pyannote.audio, torch;"
        "print(getpass.getuser(), torch.version.cuda, importlib.util.find_spec('triton'))",
    )

    assert re.fullmatch(r"debate 12\.\d+ None\n", said)


def test_gpu_image_finds_the_cuda_library_of_ctranslate2_without_torch() -> None:
    python(GPU, "import ctypes; ctypes.CDLL('libcublas.so.12')")


def test_web_image_serves_the_page_and_nothing_else() -> None:
    container = docker("run", "-d", "--rm", *RESTRICTED[:-1], "--tmpfs=/tmp", "-p=127.0.0.1::8080", WEB).strip()
    try:
        address = f"http://{docker('port', container, '8080/tcp').splitlines()[0]}"
        assert get_soon(f"{address}/healthz") == 200
        assert get(f"{address}/") == 200
        assert get(f"{address}/nginx.conf") == 404
        assert get(f"{address}/statistics/index.json") == 404
    finally:
        docker("kill", container)


def test_web_image_accepts_its_configuration() -> None:
    run(WEB, "nginx", "-e", "stderr", "-t", "-c", "/srv/web/nginx.conf", options=["--tmpfs=/tmp"])


def get(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            status: int = answer.status
            return status
    except HTTPError as error:
        return error.code


def get_soon(url: str) -> int:
    """As `get`, once the server is up."""
    end = time.monotonic() + 20
    while True:
        try:
            return get(url)
        except (URLError, ConnectionError):
            if time.monotonic() > end:
                raise
            time.sleep(0.1)
