"""`scripts/setup` on machines that lack something: uv, a Python that uv sees, the network, room on the disk."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from demo_process import environment

pytestmark = pytest.mark.timeout(300)

TOOLS = ("sh", "awk", "sed", "df", "cksum", "cat", "dirname", "id", "mkdir", "git")


OFFLINE = {"HTTPS_PROXY": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9", "UV_HTTP_RETRIES": "0"}


class Machine:
    """A user with a home of its own, a checkout, and a PATH with nothing but the basic tools: no uv, no Python."""

    def __init__(self, folder: Path, clone: Path, *, cache: Path | None = None) -> None:
        self.checkout = folder / "checkout"
        self.bin = folder / "bin"
        self.home = folder / "home"
        self.cache = cache or self.home / "cache"
        self.home.mkdir(parents=True)
        self.bin.mkdir()
        for tool in TOOLS:
            found = shutil.which(tool)
            assert found is not None, tool
            (self.bin / tool).symlink_to(found)
        shutil.copytree(clone, self.checkout, ignore=shutil.ignore_patterns(".git", ".venv", "examples", "demo-store"))

    def install(self, name: str, script: str) -> None:
        """A command of this machine; it takes the place of the one with its name."""
        path = self.bin / name
        path.unlink(missing_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def install_python_with_pyenv(self) -> None:
        """The Python that runs this test, found below ~/.pyenv alone."""
        version = self.home / ".pyenv" / "versions" / f"3.{sys.version_info.minor}.0" / "bin"
        version.mkdir(parents=True)
        (version / "python3").symlink_to(Path(sys.base_prefix) / "bin" / "python3")

    def setup(self, **changes: str) -> subprocess.CompletedProcess[str]:
        kept = {name: value for name, value in environment().items() if not name.startswith(("PYENV_", "UV_"))}
        own = {"PATH": str(self.bin), "HOME": str(self.home), "DEBATE_CACHE": str(self.cache)}
        return subprocess.run(
            [str(self.checkout / "scripts" / "setup")],
            env=kept | own | changes,
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )


@pytest.fixture
def machine(tmp_path: Path, clone: Path) -> Machine:
    return Machine(tmp_path, clone)


@pytest.fixture(scope="module")
def cache_with_uv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of caches into which setup has installed uv before."""
    folder = tmp_path_factory.mktemp("cache")
    python = Path(sys.base_prefix) / "bin" / "python3"
    subprocess.run([python, "-m", "venv", folder / "uv"], check=True)
    subprocess.run([folder / "uv/bin/python", "-m", "pip", "install", "-q", "uv>=0.13,<0.14"], check=True)
    return folder


@pytest.fixture
def machine_with_uv(tmp_path: Path, clone: Path, cache_with_uv: Path) -> Machine:
    return Machine(tmp_path, clone, cache=cache_with_uv)


def test_uv_is_installed_where_its_shim_does_not_work_and_a_python_of_pyenv_is_found(machine: Machine) -> None:
    machine.install("uv", "echo 'pyenv: uv: command not found' >&2; exit 127")
    machine.install_python_with_pyenv()
    # The packages are not what this is about: those that are here already serve.
    packages = {"UV_CACHE_DIR": os.environ.get("UV_CACHE_DIR", str(Path.home() / ".cache" / "uv"))}

    first = machine.setup(**packages)
    assert first.returncode == 0, first.stderr
    assert "Installing uv into" in first.stderr
    made = subprocess.run([machine.checkout / ".venv/bin/debate-worker", "--help"], capture_output=True, check=False)
    assert made.returncode == 0

    second = machine.setup(**packages)
    assert (second.returncode, second.stdout, second.stderr) == (0, "", "")


def test_without_any_python(machine: Machine) -> None:
    done = machine.setup()

    assert done.returncode == 1
    assert done.stderr == "setup: no python3 found: install Python 3.11, 3.12 or 3.13 and run this again.\n"


def test_without_network_uv_cannot_be_installed(machine: Machine) -> None:
    machine.install_python_with_pyenv()

    done = machine.setup(**OFFLINE)

    assert done.returncode == 1
    assert "setup: uv could not be installed." in done.stderr


def test_without_a_python_that_is_new_enough_and_without_network(machine_with_uv: Machine) -> None:
    done = machine_with_uv.setup(**OFFLINE)

    assert done.returncode == 1
    assert done.stderr.endswith("install Python 3.11, 3.12 or 3.13 and run this again.\n")


def test_without_network_the_packages_cannot_be_installed(machine_with_uv: Machine) -> None:
    machine_with_uv.install_python_with_pyenv()

    done = machine_with_uv.setup(**OFFLINE)

    assert done.returncode == 1
    assert "downloads up to 4.5 GB once" in done.stderr
    assert "setup: the packages could not be installed." in done.stderr
    assert not (machine_with_uv.checkout / ".venv/.setup-done").exists()


def test_a_disk_that_is_too_full_is_said_before_the_download(machine_with_uv: Machine) -> None:
    machine_with_uv.install_python_with_pyenv()
    machine_with_uv.install("df", "echo Filesystem 1024-blocks; echo /dev/sda1 99000000 94000000 5000000 95% /")

    done = machine_with_uv.setup(**OFFLINE)

    assert done.returncode == 1
    assert done.stderr == f"setup: 10 GB of disk are needed in {machine_with_uv.checkout}, 5 GB are free.\n"
