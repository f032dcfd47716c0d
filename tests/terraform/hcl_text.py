"""What the tests read of Terraform's files themselves: variables with their texts, and the cases of a test file.

Enough for files that `terraform fmt` has laid out: a block begins in the first column and ends at a `}` there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Variable:
    name: str
    description: str
    has_default: bool
    messages: tuple[str, ...]


def blocks(path: Path, kind: str) -> dict[str, str]:
    """Label -> body of the top-level blocks of this kind."""
    text = path.read_text(encoding="utf-8")
    return dict(re.findall(rf'^{kind} "([^"]+)" \{{\n(.*?)^\}}$', text, re.DOTALL | re.MULTILINE))


def variables(path: Path) -> list[Variable]:
    return [
        Variable(
            name,
            _description(body),
            re.search(r"^  default +=", body, re.MULTILINE) is not None,
            tuple(
                message.replace('\\"', '"') for message in re.findall(r'error_message += "(.*)"$', body, re.MULTILINE)
            ),
        )
        for name, body in blocks(path, "variable").items()
    ]


def _description(body: str) -> str:
    found = re.search(r'^  description = (?:"(.*)"|<<-EOT\n(.*?)^  EOT)$', body, re.DOTALL | re.MULTILINE)
    return (found[1] or found[2]) if found else ""
