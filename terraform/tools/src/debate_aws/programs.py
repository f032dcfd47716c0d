"""The programs that a person would type by hand, such as helm and kubectl: found, asked their version, run."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from debate_aws.account import AccountError

Version = tuple[int, ...]

BORNE: Final = 10
"""So often in a row may a program fail that is asked again and again: half a minute at least."""

_ABOVE: Final = "See the message above."


class ProgramFailed(AccountError):
    """A program ended with an error, and says why. said: its own words."""

    def __init__(self, what: str, fix: str, said: str) -> None:
        super().__init__(what, fix)
        self.said = said


@dataclass(frozen=True)
class Program:
    """One program. version_words: what makes it say its version. least: the oldest that works."""

    name: str
    version_words: tuple[str, ...]
    least: Version
    where: str

    def path(self) -> str:
        """Raises AccountError where it is not on the PATH."""
        found = shutil.which(self.name)
        if found is None:
            raise AccountError(f"There is no {self.name} on the PATH.", f"Install it: {self.where}")
        return found

    def version(self) -> str:
        """Such as 3.22.0. Raises AccountError where it is missing or too old."""
        said = self.run(*self.version_words)
        found = re.search(r"[0-9]+\.[0-9]+(\.[0-9]+)?", said)
        if found is None:
            raise AccountError(f"{self.name} does not say its version: {said.strip()[:200]}", f"See {self.where}")
        if parse_version(found.group()) < self.least:
            least = ".".join(map(str, self.least))
            raise AccountError(f"{self.name} {found.group()} is too old.", f"Install {least} or newer: {self.where}")
        return found.group()

    def run(self, *words: str, given: str | None = None, fix: str = _ABOVE) -> str:
        """Its standard output. given: standard input, the place for what no process list may show.

        Raises ProgramFailed.
        """
        done = subprocess.run(  # noqa: S603
            [self.path(), *words], input=given, capture_output=True, text=True, check=False
        )
        if done.returncode:
            said = (done.stderr or done.stdout).strip()
            raise ProgramFailed(f"{self.name} {_shown(words)} failed:\n{said}", fix, said)
        return done.stdout

    def stream(self, *words: str, fix: str = _ABOVE, within: Path | None = None) -> None:
        """Its output goes to the terminal. Raises ProgramFailed."""
        done = subprocess.run([self.path(), *words], cwd=within, check=False)  # noqa: S603
        if done.returncode:
            raise ProgramFailed(f"{self.name} {_shown(words)} failed (exit code {done.returncode}).", fix, "")


HELM: Final = Program("helm", ("version", "--short"), (3, 14), "https://helm.sh/docs/intro/install")
KUBECTL: Final = Program(
    "kubectl", ("version", "--client", "--output=yaml"), (1, 30), "https://kubernetes.io/docs/tasks/tools"
)
AWS: Final = Program(
    "aws", ("--version",), (1, 32), "https://docs.aws.amazon.com/cli/latest/userguide/install-cliv2.html"
)
DOCKER: Final = Program("docker", ("--version",), (20,), "https://docs.docker.com/engine/install")


@dataclass(frozen=True)
class Kube:
    """kubectl and helm, both told which cluster: what is current in anybody's own file does not matter."""

    kubeconfig: Path | None
    context: str | None = None

    def kubectl(self, *words: str, given: str | None = None, fix: str = _ABOVE) -> str:
        """Raises ProgramFailed."""
        where = [f"--kubeconfig={self.kubeconfig}"] if self.kubeconfig else []
        where += [f"--context={self.context}"] if self.context else []
        return KUBECTL.run(*where, *words, given=given, fix=fix)

    def helm(self, *words: str, given: str | None = None, fix: str = _ABOVE) -> str:
        """Raises ProgramFailed."""
        where = [f"--kubeconfig={self.kubeconfig}"] if self.kubeconfig else []
        where += [f"--kube-context={self.context}"] if self.context else []
        return HELM.run(*words, *where, given=given, fix=fix)

    def get(self, *words: str) -> Any:
        """What `kubectl get` answers, as data. Raises ProgramFailed."""
        return json.loads(self.kubectl("get", *words, "--output=json", "--request-timeout=20s"))

    def version(self) -> str:
        """Of the API server. Raises ProgramFailed where it does not answer."""
        said = json.loads(self.kubectl("get", "--raw=/version", "--request-timeout=20s"))
        return f"{said['major']}.{said['minor']}"

    def items(self, *words: str) -> list[Any]:
        """Of a list; [] where the cluster does not know such a kind. Raises ProgramFailed."""
        try:
            found: list[Any] = self.get(*words)["items"]
        except ProgramFailed as error:
            if "the server doesn't have a resource type" in error.said:
                return []
            raise
        return found

    def apply(self, *objects: Any, fix: str = _ABOVE) -> None:
        """On the server's side, so that fields of others stay. By standard input. Raises ProgramFailed."""
        listed = {"apiVersion": "v1", "kind": "List", "items": list(objects)}
        words = ("apply", "--server-side", "--force-conflicts", "--field-manager=debate-aws", "--filename=-")
        self.kubectl(*words, given=json.dumps(listed), fix=fix)


def bearing(ask: Callable[[], bool]) -> Callable[[], bool]:
    """`ask`, for waiting: a program that fails is no answer yet, since an API may be away for a moment.

    Raises ProgramFailed where it failed BORNE times in a row, and at once where what is asked for is not there.
    """
    failed = 0

    def asked() -> bool:
        nonlocal failed
        try:
            answer = ask()
        except ProgramFailed as error:
            failed += 1
            if failed >= BORNE or "(NotFound)" in error.said:
                raise
            return False
        failed = 0
        return answer

    return asked


def parse_version(text: str) -> Version:
    """ "v1.14.1" -> (1, 14, 1); what is no number ends it."""
    found = re.match(r"v?([0-9]+(?:\.[0-9]+)*)", text)
    return tuple(map(int, found.group(1).split("."))) if found else ()


def _shown(words: tuple[str, ...]) -> str:
    """The command without its options: what a person needs to know which one it was."""
    return " ".join([word for word in words if not word.startswith("-")][:3])
