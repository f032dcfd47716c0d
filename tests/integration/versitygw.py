"""A real S3 server for tests: versitygw over a folder, on a free port of 127.0.0.1."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
from pathlib import Path

from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

ACCESS_KEY = "test-access-key"
SECRET_KEY = "test-secret-key"
REGION = "us-east-1"


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
