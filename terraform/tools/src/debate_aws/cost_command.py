"""`debate-aws cost`: the tables of what an installation with these variables costs."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer

from debate_aws.account import Account, explained
from debate_aws.cli_options import Assignments, Folder, VarFiles
from debate_aws.cost import Cost
from debate_aws.cost_live import live_prices
from debate_aws.cost_report import Report
from debate_aws.prices import load_prices
from debate_aws.variables import read_variables


def cost(
    terraform: Folder = Path(),
    var_file: VarFiles = None,
    var: Assignments = None,
    hours: Annotated[
        float | None, typer.Option(metavar="N", min=0, help="Show a month with N hours of debate too.")
    ] = None,
    live: Annotated[bool, typer.Option("--live", help="Ask AWS for current prices, where it tells them.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of text.")] = False,
) -> None:
    """What it costs: an idle month line by line, one debate hour, and from how many hours on it is worth it.

    Reads the variables as Terraform would, and a file of prices with sources. Without --live it needs no credentials.
    """
    variables = read_variables(terraform, var_files=var_file or (), assignments=var or ())
    prices = load_prices()
    notes: list[str] = []
    region, today = str(variables["region"]), datetime.now(UTC).date()
    if live:
        with explained("use your AWS profile"):
            account = Account(region)
        found, notes = live_prices(account, Cost(variables, prices).used(), today)
        prices = prices.with_live(found)
    report = Report(
        cost=Cost(variables, prices),
        prices=prices,
        region=region,
        region_from=variables.sources.get("region", "the default"),
        today=today,
        hours=None if hours is None else Decimal(str(hours)),
        notes=notes,
    )
    print(json.dumps(report.json(), indent=2) if as_json else report.text())
