"""`debate-aws`: the command line behind the targets of terraform/Makefile. An error is two sentences, exit code 1."""

from __future__ import annotations

import sys

import typer

from debate_aws import commands
from debate_aws.account import AccountError
from debate_aws.cost_command import cost
from debate_aws.preflight import preflight

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Debate Analyzer's AWS account: what to check before, what it costs, install, smoke test, destroy.",
)


@app.callback()
def _group() -> None:
    """So that a single command keeps its name."""


app.command()(preflight)
app.command()(cost)
commands.add_to(app)


def main() -> None:
    """The entry point."""
    try:
        app()
    except AccountError as error:
        print(error.what, f"  -> {error.fix}", sep="\n", file=sys.stderr)
        sys.exit(1)
