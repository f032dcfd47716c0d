"""Debian's nginx with the shipped web/nginx.conf; only the port and the folders are replaced."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError

WEB = Path(__file__).parents[2] / "web"
STARTS_WITHIN_S = 10.0


def nginx_command(folder: Path, statistics: Path, port: int, *, web: Path = WEB) -> list[str]:
    """Writes the configuration for this run to `folder`; returns the command that runs it."""
    text = (WEB / "nginx.conf").read_text(encoding="utf-8")
    for shipped, here in (
        ("listen 8080;", f"listen 127.0.0.1:{port};"),
        ("root /srv/web;", f"root {web};"),
        ("alias /srv/statistics/;", f"alias {statistics}/;"),
        ("/tmp/nginx", f"{folder}/nginx"),
        ("/etc/debate-web/server/", f"{folder}/server/"),
        ("/dev/stdout", f"{folder}/access.log"),
    ):
        assert shipped in text, f"nginx.conf no longer says {shipped!r}: change the tests with it"
        text = text.replace(shipped, here)
    path = folder / "nginx.conf"
    path.write_text(text, encoding="utf-8")
    return [_binary(), "-e", "stderr", "-p", str(folder), "-c", str(path)]


def _binary() -> str:
    found = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    assert found, "nginx is not installed, and the page is tested with it: apt-get install nginx-light"
    return found


@contextmanager
def serve(folder: Path, statistics: Path, *, web: Path = WEB, user: str | None = None) -> Iterator[str]:
    """The address of the page, ending with a slash, while nginx runs; `user`: someone else than we are."""
    port = _free_port()
    command = nginx_command(folder, statistics, port, web=web)
    if user is None and os.geteuid() == 0:
        # As root, nginx would drop to www-data, which cannot enter a test's temporary folder.
        command += ["-g", "user root;"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, user=user)
    try:
        _wait_until_up(f"http://127.0.0.1:{port}/healthz", process)
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.terminate()
        process.communicate(timeout=STARTS_WITHIN_S)


def _wait_until_up(url: str, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"nginx did not start: {process.communicate()[1]}")
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except URLError:
            continue
    raise RuntimeError(f"nginx did not answer within {STARTS_WITHIN_S:.0f} s")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
