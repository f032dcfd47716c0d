"""Programs from PyPI that the tests run beside the project's own .venv: each in one of its own, in the cache."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from go_tools import cache_folder

INSTALLED_WITHIN_S = 300


class NoTool(Exception):
    """It could not be installed; the message says why."""


@dataclass(frozen=True)
class PythonTool:
    name: str
    version: str

    def find_or_install(self) -> Path:
        """The folder with its programs, `python` among them. Raises NoTool."""
        folder = cache_folder() / f"{self.name}-{self.version}"
        programs = folder / "bin"
        if not (programs / self.name).is_file():
            self._install(folder)
        return programs

    def _install(self, folder: Path) -> None:
        uv = shutil.which("uv") or cache_folder() / "uv/bin/uv"  # where scripts/setup puts it
        for words in (
            ("venv", "-q", "--clear", "--python", sys.executable, folder),
            ("pip", "install", "-q", "--python", folder / "bin/python", f"{self.name}=={self.version}"),
        ):
            done = subprocess.run([uv, *words], capture_output=True, text=True, timeout=INSTALLED_WITHIN_S, check=False)
            if done.returncode:
                raise NoTool(f"{self.name} {self.version} could not be installed into {folder}: {done.stderr[-2000:]}")


CHECKOV = PythonTool("checkov", "3.3.30")
ZIZMOR = PythonTool("zizmor", "1.32.0")
