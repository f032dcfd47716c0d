"""A real S3 server for tests: versitygw over a folder, on a free port of 127.0.0.1."""

from __future__ import annotations

import http.client
import os
import shutil
import socket
import subprocess
from pathlib import Path

from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

MODULE = "github.com/versity/versitygw/cmd/versitygw"
VERSION = "v1.8.0"
ACCESS_KEY = "test-access-key"
SECRET_KEY = "test-secret-key"
REGION = "us-east-1"


class NoServerBinary(Exception):
    """There is no versitygw and none could be built; the message says what was tried."""


def cache_folder() -> Path:
    """Where built tools are kept between runs."""
    return Path(os.environ.get("DEBATE_CACHE") or Path.home() / ".cache/debate-analyzer")


def find_or_build() -> Path:
    """The server's binary: of the PATH, of the cache, or built from source into the cache (about a minute)."""
    if found := shutil.which("versitygw"):
        return Path(found)
    folder = cache_folder() / "bin"
    binary = folder / "versitygw"
    if binary.is_file():
        return binary
    go = shutil.which("go")
    if go is None:
        raise NoServerBinary(f"versitygw is neither on the PATH nor at {binary}, and there is no go to build it.")
    folder.mkdir(parents=True, exist_ok=True)
    built = subprocess.run(
        [go, "install", f"{MODULE}@{VERSION}"],
        env=os.environ | {"GOBIN": str(folder)},
        capture_output=True,
        text=True,
        timeout=480,
        check=False,
    )
    if built.returncode or not binary.is_file():
        raise NoServerBinary(f"go install {MODULE}@{VERSION} failed: {built.stderr[-2000:]}")
    return binary


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class S3Server:
    """One server process; it may be killed and started again on the same port and folder."""

    def __init__(self, binary: Path, folder: Path) -> None:
        self._binary = binary
        self._data = folder / "data"
        self._data.mkdir(parents=True)
        self._log = folder / "versitygw.log"
        self._process: subprocess.Popen[bytes] | None = None
        self.port = free_port()

    @property
    def endpoint_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def make_bucket(self, name: str) -> None:
        # For the server a bucket is a folder; without an owner written to it, it is the root user's.
        (self._data / name).mkdir()

    def start(self) -> None:
        """Start and wait until it answers; raises `OSError` when it does not within 20 s."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [self._binary, "--quiet", "--port", f"127.0.0.1:{self.port}", "posix", self._data],
                env=os.environ | {"ROOT_ACCESS_KEY": ACCESS_KEY, "ROOT_SECRET_KEY": SECRET_KEY, "VGW_REGION": REGION},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        Retrying(
            stop=stop_after_delay(20),
            wait=wait_fixed(0.02),
            retry=retry_if_exception_type(ConnectionError),
            reraise=True,
        )(self._ask)

    def kill(self) -> None:
        """End it at once, as a lost node would; requests under way break off."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _ask(self) -> None:
        assert self._process is not None
        if self._process.poll() is not None:
            raise OSError(f"versitygw ended: {self._log.read_text()[-2000:]}")
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/")
            connection.getresponse().read()
        finally:
            connection.close()
