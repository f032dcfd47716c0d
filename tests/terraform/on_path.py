"""Programs that play others: first on the PATH, they write down how they were called and answer what a test told them.

For helm, kubectl, aws, docker and terraform where the real ones would need an account, a cluster of EKS or a registry.
"""

from __future__ import annotations

import json
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path

SCRIPT = f"""#!{sys.executable} -IS
import json, os, re, sys
from pathlib import Path
here = Path(__file__).resolve().parent
program, words = Path(__file__).name, sys.argv[1:]
given = "" if sys.stdin is None or sys.stdin.isatty() else sys.stdin.read()
line = " ".join(words)
for answer in json.loads((here / "answers.json").read_text()):
    if answer["program"] == program and re.search(answer["pattern"], line):
        break
else:
    answer = {{"out": "", "err": "", "code": 0, "real": None}}
with (here / "calls.jsonl").open("a") as calls:
    calls.write(json.dumps({{"program": program, "words": words, "given": given}}) + "\\n")
if answer["real"]:
    import subprocess
    sys.exit(subprocess.run([answer["real"], *words], input=given, text=True).returncode)
sys.stdout.write(answer["out"])
sys.stderr.write(answer["err"])
sys.exit(answer["code"])
"""


@dataclass(frozen=True)
class Call:
    program: str
    words: tuple[str, ...]
    given: str

    @property
    def line(self) -> str:
        return " ".join((self.program, *self.words))


class OnPath:
    """A folder of such programs. The last answer that was told for a call is the one that it gets."""

    def __init__(self, folder: Path, *programs: str) -> None:
        self._folder = folder
        folder.mkdir(parents=True)
        self._answers: list[dict[str, object]] = []
        self._write()
        for program in programs:
            script = folder / program
            script.write_text(SCRIPT, encoding="utf-8")
            script.chmod(0o755)

    @property
    def path(self) -> str:
        """The value of PATH that finds them first."""
        return f"{self._folder}{os.pathsep}{os.environ['PATH']}"

    def answer(self, program: str, pattern: str, out: object = "", *, code: int = 0, err: str = "") -> None:
        """pattern: a regular expression, found in the words of the call. out: text, or data as JSON."""
        text = out if isinstance(out, str) else json.dumps(out)
        self._tell({"program": program, "pattern": pattern, "out": text, "err": err, "code": code, "real": None})

    def pass_on(self, program: str, pattern: str, real: Path) -> None:
        """Such calls go to the real one."""
        self._tell({"program": program, "pattern": pattern, "real": str(real)})

    def calls(self, pattern: str = "") -> list[Call]:
        """In their order."""
        log = self._folder / "calls.jsonl"
        lines = log.read_text(encoding="utf-8").splitlines() if log.is_file() else []
        found = [Call(one["program"], tuple(one["words"]), one["given"]) for one in map(json.loads, lines)]
        return [call for call in found if re.search(pattern, call.line)]

    def forget(self) -> None:
        """The calls so far."""
        (self._folder / "calls.jsonl").unlink(missing_ok=True)

    def _tell(self, answer: dict[str, object]) -> None:
        self._answers.insert(0, answer)
        self._write()

    def _write(self) -> None:
        (self._folder / "answers.json").write_text(json.dumps(self._answers), encoding="utf-8")
