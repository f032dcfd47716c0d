"""Options that several commands take."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Folder = Annotated[
    Path,
    typer.Option("--terraform", metavar="DIR", help="The folder with main.tf.", exists=True, file_okay=False),
]
VarFiles = Annotated[
    list[str] | None,
    typer.Option("--var-file", metavar="FILE", help="As terraform's -var-file; may be given several times."),
]
Assignments = Annotated[
    list[str] | None, typer.Option("--var", metavar="NAME=VALUE", help="As terraform's -var; wins over every file.")
]
