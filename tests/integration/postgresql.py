"""A real PostgreSQL server for tests: a cluster in a folder of its own, reached by a Unix socket and a free port."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from pathlib import Path

from versitygw import free_port

STARTED_WITHIN_S = 60


class NoPostgreSQL(Exception):
    """The server's programs are not on this machine."""


class PostgreSQL:
    """One server; its superuser has a password, which every connection by the port must give."""

    def __init__(self) -> None:
        self._programs = _programs()
        # Not below pytest's folder: root runs the tests, root may not run PostgreSQL, and others cannot enter there.
        self.folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
        self.port = free_port()
        self.password = f"p@ss/{secrets.token_hex(8)}#%"
        self._user = pwd.getpwnam("nobody" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name)
        os.chown(self.folder, self._user.pw_uid, self._user.pw_gid)

    def start(self) -> None:
        secret = self.folder / "password"
        secret.write_text(self.password)
        os.chown(secret, self._user.pw_uid, self._user.pw_gid)
        data = self.folder / "data"
        self._run("initdb", "-D", data, "-U", "owner", "--pwfile", secret, "--auth", "scram-sha-256", "--no-sync")
        options = (
            f"-c listen_addresses=127.0.0.1 -c port={self.port} -c unix_socket_directories={self.folder} -c fsync=off"
        )
        self._run(
            "pg_ctl", "-D", data, "-l", self.folder / "log", "-w", "-t", str(STARTED_WITHIN_S), "-o", options, "start"
        )

    def stop(self) -> None:
        try:
            self._run("pg_ctl", "-D", self.folder / "data", "-m", "immediate", "-w", "stop")
        finally:
            shutil.rmtree(self.folder)

    def _run(self, program: str, *arguments: str | Path) -> None:
        ids = {"user": self._user.pw_uid, "group": self._user.pw_gid, "extra_groups": []} if os.getuid() == 0 else {}
        done = subprocess.run(
            [self._programs / program, *arguments],
            cwd=self.folder,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": str(self.folder)},
            stdin=subprocess.DEVNULL,
            stdout=(self.folder / "out").open("ab"),
            stderr=subprocess.STDOUT,
            check=False,
            **ids,  # type: ignore[arg-type]
        )
        if done.returncode:
            raise OSError(f"{program} failed: {(self.folder / 'out').read_text()[-2000:]}")


def _programs() -> Path:
    """The folder of the newest server's programs: Debian keeps them out of the PATH."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    folders = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if not folders:
        raise NoPostgreSQL("PostgreSQL's server is not here: `make test` installs it, or install your system's package")
    return max(folders, key=lambda folder: float(folder.parent.name))
