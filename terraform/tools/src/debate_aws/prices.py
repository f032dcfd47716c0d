"""The price file as data: what a thing costs in a region, who says so, since when. What is not in it is not known."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from importlib.resources import files
from typing import Any, Final

HOURS_PER_MONTH: Final = 730
# Where AWS is as cheap as anywhere, and whose prices everybody quotes.
REFERENCE_REGION: Final = "us-east-1"
GLOBAL: Final = "global"
STALE_AFTER_DAYS: Final = 365


class BadPrices(ValueError):
    """The file says something that cannot be. The message names the list."""


@dataclass(frozen=True)
class Price:
    """service: such as on-demand. item: such as g4dn.xlarge. amount: US dollars a `unit`.

    region: where it was asked for. of: where the amount is from, if that is another region; "" else.
    live: AWS said so just now.
    """

    service: str
    item: str
    amount: Decimal
    unit: str
    source: str
    date: date
    estimate: bool
    region: str
    of: str = ""
    live: bool = False


@dataclass(frozen=True)
class Prices:
    """All prices, by service, item and region; what our code says and what is assumed (name -> value), and why."""

    known: Mapping[tuple[str, str, str], Price]
    facts: Mapping[str, Any]
    assumptions: Mapping[str, Any]
    reasons: Mapping[str, str]

    def find(self, service: str, item: str, region: str) -> Price | None:
        """In this region; else the same everywhere; else that of the reference region, which then says so."""
        for place in (region, GLOBAL):
            if (service, item, place) in self.known:
                return replace(self.known[service, item, place], region=region)
        reference = self.known.get((service, item, REFERENCE_REGION))
        return replace(reference, region=region, of=REFERENCE_REGION) if reference else None

    def items(self, service: str) -> list[str]:
        """What there is of a service, in the order of the file."""
        return list(dict.fromkeys(item for kind, item, _ in self.known if kind == service))

    def with_live(self, found: list[Price]) -> Prices:
        """These in place of the file's."""
        return replace(self, known={**self.known, **{(one.service, one.item, one.region): one for one in found}})

    def stale(self, today: date) -> list[Price]:
        """Older than twelve months."""
        return [one for one in self.known.values() if (today - one.date).days > STALE_AFTER_DAYS and not one.live]


def load_prices(text: str | None = None) -> Prices:
    """Of this package, or of `text` (TOML). Raises BadPrices."""
    if text is None:
        text = (files("debate_aws") / "prices.toml").read_text(encoding="utf-8")
    content = tomllib.loads(text, parse_float=Decimal)
    known: dict[tuple[str, str, str], Price] = {}
    for number, entry in enumerate(content.get("lists", []), 1):
        for price in _of_list(entry, f"list {number} ({entry.get('service')})"):
            key = price.service, price.item, price.region
            if key in known:
                raise BadPrices(f"{' '.join(key)} has two prices.")
            known[key] = price
    facts, assumptions = content.get("facts", {}), content.get("assumptions", {})
    for name, said in [*facts.items(), *assumptions.items()]:
        if set(said) != {"value", "why"} or not said["why"]:
            raise BadPrices(f"{name} needs value and why, and nothing else.")
    return Prices(
        known,
        {name: said["value"] for name, said in facts.items()},
        {name: said["value"] for name, said in assumptions.items()},
        {name: said["why"] for name, said in assumptions.items()},
    )


def _of_list(entry: Mapping[str, Any], name: str) -> list[Price]:
    for field, kind in (("service", str), ("unit", str), ("source", str), ("regions", dict)):
        if not isinstance(entry.get(field), kind) or not entry[field]:
            raise BadPrices(f"{name} has no {field}.")
    if type(entry.get("date")) is not date:
        raise BadPrices(f"{name} has no date.")
    unknown = set(entry) - {"service", "unit", "source", "regions", "date", "estimate"}
    if unknown:
        raise BadPrices(f"{name} has {', '.join(sorted(unknown))}, which means nothing.")
    return [
        Price(
            service=entry["service"],
            item=item,
            amount=_amount(amount, f"{name}, {region}, {item}"),
            unit=entry["unit"],
            source=entry["source"],
            date=entry["date"],
            estimate=bool(entry.get("estimate", False)),
            region=region,
        )
        for region, items in entry["regions"].items()
        for item, amount in items.items()
    ]


def _amount(value: Any, name: str) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or value < 0:
        raise BadPrices(f"{name} is no amount: {value!r}.")
    return Decimal(value)
