"""One running `make demo`, and the environment that it runs in."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

CLEARED = (
    *("SOURCE", "MODELS", "PORT", "CALLED_FROM", "VIRTUAL_ENV"),
    "PYTHONDONTWRITEBYTECODE",  # a user's second run finds what the first has compiled
    *("MAKEFLAGS", "MFLAGS", "MAKEOVERRIDES", "MAKELEVEL"),
)


def environment() -> dict[str, str]:
    """This process's environment without what `make test` around it has set; the caches are shared, the hub is not."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in CLEARED and (not name.startswith(("DEBATE_", "DEMO_")) or name == "DEBATE_CACHE")
    }
    return kept | {"HF_HUB_OFFLINE": "1"}


@dataclass
class MakeDemo:
    """One running `make demo`, in a process group of its own, as a shell starts it."""

    process: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)

    @property
    def output(self) -> str:
        return "\n".join(self.lines)

    def until(self, text: str) -> str:
        """Read on to the first line with this text, and return it; fails where the demo ends without it."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))
            if text in line:
                return self.lines[-1]
        pytest.fail(f"the demo ended without {text!r}:\n{self.output}")

    def end(self) -> int:
        """Read all that is left; the exit status."""
        assert self.process.stdout is not None
        self.lines += [line.rstrip("\n") for line in self.process.stdout]
        return self.process.wait()

    def interrupt(self) -> int:
        """Ctrl-C, and the exit status."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self.end()


Start = Callable[..., MakeDemo]
