"""`debate-aws`: the command line behind the targets of terraform/Makefile. An error is two sentences, exit code 1."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from debate_aws.account import AccountError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Debate Analyzer's AWS account: what to check before, what it costs, install, smoke test, destroy.",
)

Folder = Annotated[
    Path,
    typer.Option("--terraform", metavar="DIR", help="The folder with main.tf.", exists=True, file_okay=False),
]


@app.callback()
def _group() -> None:
    """So that a single command keeps its name."""


def main() -> None:
    """The entry point."""
    try:
        app()
    except AccountError as error:
        print(error.what, f"  -> {error.fix}", sep="\n", file=sys.stderr)
        sys.exit(1)
