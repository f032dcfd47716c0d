"""A program under test: started, asked for memory and CPU time, stopped; what it prints goes to a file."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path


class Process:
    """One run of it."""

    def __init__(self, command: Sequence[str | Path], environment: Mapping[str, str], log: Path) -> None:
        self.log = log
        self._file = log.open("wb")
        self._process = subprocess.Popen(  # noqa: S603
            command, env=environment, stdout=self._file, stderr=subprocess.STDOUT
        )

    def memory_mb(self) -> float:
        """Resident, now."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        (line,) = (line for line in status.splitlines() if line.startswith("VmRSS:"))
        return int(line.split()[1]) * 1024 / 1e6

    def cpu_s(self) -> float:
        """CPU time since its start."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def check(self) -> None:
        """Raises RuntimeError with its last words, where it has ended by itself."""
        if self._process.poll() is not None:
            raise RuntimeError(f"it ended with {self._process.returncode}: {self.log.read_text()[-2000:]}")

    def stop(self, grace_s: float = 20) -> None:
        """SIGTERM, and SIGKILL after the grace."""
        self._process.terminate()
        try:
            self._process.wait(grace_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._file.close()
