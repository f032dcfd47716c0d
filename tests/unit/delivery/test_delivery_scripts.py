"""What the workflows call: charts into a real registry, images by a docker that notes what it is asked, summaries."""

from __future__ import annotations

import os
import socket
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
import yaml
from go_tools import HELM, REGISTRY, NoTool
from tenacity import Retrying, stop_after_delay, wait_fixed

ROOT = Path(__file__).parents[3]
PREFIX = "ghcr.io/example/debates"
DIGEST = "sha256:" + "a" * 64
OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"

# It knows the images whose names are lines of $THERE, adds what is pushed, and fails like a registry out of reach.
DOCKER = r"""#!/bin/bash
printf '%s\n' "$*" >>"$ASKED"
case "$2 $3" in
"imagetools inspect")
    [ -z "${AWAY:-}" ] || { echo "dial tcp: i/o timeout" >&2; exit 1; }
    grep -qxF "${!#}" "$THERE" || { echo "ERROR: ${!#}: not found" >&2; exit 1; }
    echo "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" ;;
"imagetools create") echo "$5" >>"$THERE" ;;
*)
    while [ $# -gt 0 ] && [ "$1" != -t ]; do shift; done
    echo "$2" >>"$THERE" ;;
esac
"""


class Registry:
    """The folder of the docker that is none."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "docker").write_text(DOCKER, encoding="utf-8")
        (folder / "docker").chmod(0o755)
        (folder / "there").touch()
        (folder / "asked").touch()

    def holds(self, *references: str) -> None:
        (self.folder / "there").write_text("".join(f"{one}\n" for one in references), encoding="utf-8")

    def asked(self, kind: str) -> list[list[str]]:
        lines = (self.folder / "asked").read_text(encoding="utf-8").splitlines()
        return [line.split() for line in lines if line.startswith(f"buildx {kind}")]

    def push(self, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [ROOT / "scripts/push-images", *words],
            env=os.environ
            | {"PATH": f"{self.folder}:{os.environ['PATH']}", "THERE": str(self.folder / "there")}
            | {"ASKED": str(self.folder / "asked"), **env},
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry(tmp_path)


@pytest.mark.parametrize(
    ("image", "reference", "file", "target"),
    [
        ("operator", f"{PREFIX}/operator:1.2.3", "Dockerfile.operator", None),
        ("web", f"{PREFIX}/web:1.2.3", "Dockerfile.web", None),
        ("worker-cpu", f"{PREFIX}/worker:1.2.3-cpu", "Dockerfile.worker", "cpu"),
        ("worker-gpu", f"{PREFIX}/worker:1.2.3-gpu", "Dockerfile.worker", "gpu"),
    ],
)
def test_an_image_is_built_described_and_pushed(
    registry: Registry, image: str, reference: str, file: str, target: str | None
) -> None:
    done = registry.push(PREFIX, "1.2.3", image)
    assert (done.returncode, done.stdout) == (0, f"{reference.rpartition(':')[0]}@{DIGEST}\n"), done.stderr
    (words,) = registry.asked("build ")
    assert {"--push", "--sbom=true", "--provenance=mode=max", "--platform=linux/amd64"} <= set(words)
    assert words[words.index("-t") + 1] == reference
    assert words[words.index("-f") + 1] == file
    assert (ROOT / file).is_file()
    assert (words[words.index("--target") + 1] if target else None) == target
    assert not [word for word in words if word.startswith("--cache")]


def test_names_are_those_of_the_chart() -> None:
    """So that images.registry is all that a user sets."""
    values = yaml.safe_load((ROOT / "charts/debate-analyzer/values.yaml").read_text(encoding="utf-8"))["images"]
    repositories = {part["repository"] for part in values.values() if isinstance(part, dict)}
    assert repositories == {f"debate-analyzer/{name}" for name in ("operator", "worker", "web")}


def test_a_tag_that_is_there_is_left_alone(registry: Registry) -> None:
    registry.holds(f"{PREFIX}/web:1.2.3")
    done = registry.push(PREFIX, "1.2.3", "web", "operator")
    assert done.stdout.splitlines() == [f"{PREFIX}/web@{DIGEST}", f"{PREFIX}/operator@{DIGEST}"]
    assert "web:1.2.3 is there already" in done.stderr
    assert len(registry.asked("build ")) == 1


def test_a_registry_out_of_reach_is_not_an_empty_one(registry: Registry) -> None:
    done = registry.push(PREFIX, "1.2.3", "web", AWAY="1")
    assert done.returncode == 1
    assert "is not known: dial tcp: i/o timeout" in done.stderr
    assert not registry.asked("build ")


def test_images_are_copied_as_they_are(registry: Registry) -> None:
    there = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/debates"
    done = registry.push(there, "1.2.3", "worker-gpu", FROM=PREFIX)
    assert (done.returncode, done.stdout) == (0, f"{there}/worker@{DIGEST}\n")
    assert not registry.asked("build ")
    (words,) = registry.asked("imagetools create")
    assert words[-1] == f"{PREFIX}/worker:1.2.3-gpu"


def test_layers_are_kept_where_asked(registry: Registry) -> None:
    registry.push(PREFIX, "main-abc", "worker-gpu", CACHE="1")
    (words,) = registry.asked("build ")
    assert f"--cache-from=type=registry,ref={PREFIX}/worker:cache-worker-gpu" in words


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((PREFIX, "1.2.3"), "usage"),
        ((PREFIX, "1.2.3", "wrong"), "there is no image wrong: operator, worker-cpu"),
        (("ghcr.io/Example/Debates", "1.2.3", "web"), "lower case"),
        (("ghcr.io", "1.2.3", "web"), "no registry with a prefix"),
        ((PREFIX, "1.2.3;id", "web"), "is no tag"),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_done(
    registry: Registry, words: tuple[str, ...], message: str
) -> None:
    done = registry.push(*words)
    assert done.returncode == 1
    assert message in done.stderr
    assert registry.asked("") == []


@pytest.fixture(scope="module")
def helm() -> Path:
    try:
        return HELM.find_or_build()
    except NoTool as error:
        pytest.fail(str(error), pytrace=False)


def test_charts_become_files_of_their_version(helm: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [ROOT / "scripts/package-charts", tmp_path],
        env=os.environ | {"HELM": str(helm)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == ""  # nothing was pushed
    packed = {}
    for path in tmp_path.glob("*.tgz"):
        with tarfile.open(path) as files:
            chart = files.extractfile(f"{path.name.rpartition('-')[0]}/Chart.yaml")
            assert chart is not None
            about = yaml.safe_load(chart.read())
        packed[about["name"]] = about["version"]
        assert path.name == f"{about['name']}-{about['version']}.tgz"
    assert packed.keys() == {path.parent.name for path in ROOT.glob("charts/*/Chart.yaml")}
    assert len(set(packed.values())) == 1


@pytest.fixture(scope="module")
def chart_registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """host:port of a real registry with nothing in it."""
    try:
        program = REGISTRY.find_or_build()
    except NoTool as error:
        pytest.fail(str(error), pytrace=False)
    folder = tmp_path_factory.mktemp("registry")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    settings = {
        "version": 0.1,
        "storage": {"filesystem": {"rootdirectory": str(folder / "data")}},
        "http": {"addr": address},
        "log": {"level": "error"},
    }
    (folder / "registry.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    server = subprocess.Popen(
        [program, "serve", folder / "registry.yaml"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        for attempt in Retrying(stop=stop_after_delay(30), wait=wait_fixed(0.05), reraise=True):
            with attempt:
                requests.get(f"http://{address}/v2/", timeout=5).raise_for_status()
        yield address
    finally:
        server.terminate()
        server.wait(timeout=10)


@pytest.fixture
def plain_helm(helm: Path, tmp_path: Path) -> Path:
    """helm that talks to a registry without TLS."""
    program = tmp_path / "helm"
    plain = f'#!/bin/sh\ncase $1 in package) ;; *) set -- "$@" --plain-http ;; esac\nexec {helm} "$@"\n'
    program.write_text(plain, encoding="utf-8")
    program.chmod(0o755)
    return program


def push_charts(program: Path, folder: Path, registry: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [ROOT / "scripts/package-charts", folder, f"oci://{registry}/charts"],
        env=os.environ | {"HELM": str(program)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_charts_are_pushed_once(plain_helm: Path, chart_registry: str, tmp_path: Path) -> None:
    first = push_charts(plain_helm, tmp_path / "dist", chart_registry)
    assert first.returncode == 0, first.stderr
    pushed = dict(line.split("@") for line in first.stdout.splitlines())
    assert pushed.keys() == {f"{chart_registry}/charts/{path.parent.name}" for path in ROOT.glob("charts/*/Chart.yaml")}
    for name, digest in pushed.items():
        path = name.partition("/")[2]
        address = f"http://{chart_registry}/v2/{path}/manifests/{digest}"
        requests.head(address, headers={"Accept": OCI_MANIFEST}, timeout=5).raise_for_status()

    again = push_charts(plain_helm, tmp_path / "dist", chart_registry)

    # Signed again where it was, and at last where the first run failed to.
    assert (again.returncode, again.stdout) == (0, first.stdout)
    assert again.stderr.count("is there already") == len(pushed)


def test_a_registry_of_charts_out_of_reach_is_not_an_empty_one(plain_helm: Path, tmp_path: Path) -> None:
    done = push_charts(plain_helm, tmp_path / "dist", "127.0.0.1:1")
    assert (done.returncode, done.stdout) == (1, "")
    assert "is not known" in done.stderr


def summary(text: str) -> str:
    return subprocess.run(
        [ROOT / "scripts/plan-summary"], input=text, capture_output=True, text=True, check=True
    ).stdout


@pytest.mark.parametrize(
    ("said", "line"),
    [
        (
            "# a will be created\nPlan: 1 to add, 0 to change, 0 to destroy.\n",
            "- Plan: 1 to add, 0 to change, 0 to destroy.",
        ),
        ("No changes. Your infrastructure matches the configuration.\n", "- No changes. Your infrastructure matches"),
        ("╷\n│ Error: Invalid value for variable\n│\n", "- Error: Invalid value for variable"),
        ("Killed\n", "- It said neither"),
    ],
)
def test_a_plans_summary_begins_with_what_would_change(said: str, line: str) -> None:
    text = summary(said)
    head, _, rest = text.partition("<details>")
    assert line in head
    assert said in rest


def test_a_plan_too_long_for_github_is_cut() -> None:
    text = summary("x" * 80 + "\n" + "y" * 2_000_000)
    assert len(text.encode()) < 1_000_000
    assert "cut after 900000 bytes" in text
    assert text.rstrip().endswith("</details>")


def test_the_workflows_call_what_is_here() -> None:
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / ".github/workflows").glob("*.yml")]
    for script in ("push-images", "package-charts", "plan-summary", "release.py"):
        assert any(f"scripts/{script}" in text for text in texts), script
        assert os.access(ROOT / "scripts" / script, os.X_OK)
