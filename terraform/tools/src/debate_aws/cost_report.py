"""The tables of `debate-aws cost` as text, and the same as JSON. Cents are rounded here and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from debate_aws.cost import CAPACITY_TYPES, BreakEven, Cost, Line, Part, Table
from debate_aws.prices import REFERENCE_REGION, Price, Prices

_CENT: Final = Decimal("0.01")
_NOT_KNOWN: Final = "not known"


@dataclass(frozen=True)
class Report:
    """What is shown. region_from: where the region was set. hours: of a month that is shown too. notes: of --live."""

    cost: Cost
    prices: Prices
    region: str
    region_from: str
    today: date
    hours: Decimal | None = None
    notes: Sequence[str] = field(default=())

    def text(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"In {self.region} (from {self.region_from}), US dollars, without taxes and free tiers. ~ is an estimate."
        yield from ("", "An idle month (730 hours)")
        yield from self._table(self.cost.idle_month())
        yield from ("", "One debate of an hour, alone, on a spot GPU node")
        yield from self._table(self.cost.debate_hour("spot"))
        yield _row("the same on-demand", _sum(self.cost.debate_hour("on-demand")), "")
        yield from ("", "A month of keeping it")
        yield from self._table(self.cost.kept_hour())
        if self.hours is not None:
            yield from self._month(self.hours)
        yield from ("", "Cheaper than a hosted service (recorded files, speakers told apart) from")
        at_least = "" if self.cost.idle_month().complete else "more than "
        for one in self.cost.break_even():
            yield _row(one.service, at_least + _hours(one), f"{_mark(one.price)}{one.price.amount} an hour of sound")
        yield from ("", "Assumed (prices.toml)")
        for name, value in self.prices.assumptions.items():
            shown = ", ".join(f"{key} {one}" for key, one in value.items()) if isinstance(value, dict) else value
            yield f"  {name} = {shown}: {self.prices.reasons[name]}"
        yield from self._about_the_prices()

    def _month(self, hours: Decimal) -> Iterator[str]:
        idle = self.cost.idle_month()
        shown = _short(hours)
        yield from ("", f"A month with {shown} hours of debate, each a debate of an hour, on spot GPU nodes")
        yield _row("idle month", _sum(idle), "")
        yield _row("debates", _cents(hours * self.cost.per_hour()), f"{shown} x {_short(self.cost.per_hour())}")
        yield _row("sum", _cents(self.cost.month(hours), at_least=not idle.complete), "")
        for one in self.cost.break_even():
            yield _row(
                f"by {one.service}", _cents(hours * one.price.amount), f"{shown} x {_mark(one.price)}{one.price.amount}"
            )

    def _about_the_prices(self) -> Iterator[str]:
        used = self.cost.used()
        days = sorted(price.date for price in used if not price.live)
        yield ""
        if days:
            yield f"Prices said between {days[0]} and {days[-1]}; --live asks AWS. Their sources are in prices.toml."
        others = sorted({price.item for price in used if price.of})
        if others:
            yield f"Of {self.region} these are not known, and {REFERENCE_REGION}'s are taken: {', '.join(others)}."
        stale = sorted({price.item for price in self.prices.stale(self.today)} & {price.item for price in used})
        if stale:
            yield f"OLD, more than twelve months: {', '.join(stale)}. Look them up before you rely on the sums."
        yield from self.notes

    def _table(self, table: Table) -> Iterator[str]:
        for line in table.lines:
            yield _row(line.name, _NOT_KNOWN if line.usd is None else _cents(line.usd), _how(line))
        yield _row("sum", _sum(table), "" if table.complete else "and what is not known")

    def json(self) -> dict[str, Any]:
        cost = self.cost
        return {
            "region": self.region,
            "region_from": self.region_from,
            "currency": "USD",
            "idle_month": _table_json(cost.idle_month()),
            "debate_hour": {capacity: _table_json(cost.debate_hour(capacity)) for capacity in CAPACITY_TYPES},
            "kept_hour": _table_json(cost.kept_hour()),
            "month": None
            if self.hours is None
            else {"hours": float(self.hours), "usd": _number(cost.month(self.hours))},
            "break_even": [
                {"service": one.service, "usd_per_hour": _number(one.price.amount), "hours_a_month": one.hours}
                for one in cost.break_even()
            ],
            "assumptions": {name: _plain(value) for name, value in self.prices.assumptions.items()},
            "prices": [_price_json(price, self.today) for price in cost.used()],
            "notes": list(self.notes),
        }


def _row(name: str, amount: str, how: str) -> str:
    return f"  {name:<30} {amount:>18}   {how}".rstrip()


def _cents(amount: Decimal, *, at_least: bool = False) -> str:
    rounded = amount.quantize(_CENT, ROUND_HALF_UP)
    shown = "< 0.01" if amount > 0 and rounded == 0 else f"{rounded:,}"
    return f"at least {shown}" if at_least else shown


def _sum(table: Table) -> str:
    return _cents(table.usd, at_least=not table.complete)


def _hours(one: BreakEven) -> str:
    return "never" if one.hours is None else f"{one.hours:,} hours"


def _how(line: Line) -> str:
    return "; ".join([*(_part(part) for part in line.parts), *([line.why] if line.why else [])])


def _part(part: Part) -> str:
    if part.price is None:
        return f"{part.item}: price not known"
    unit = (
        part.price.unit
        if part.quantity == 1 or not part.price.unit.endswith(("hour", "month"))
        else f"{part.price.unit}s"
    )
    quantity = f"{'~' if part.assumed else ''}{_short(part.quantity)} {unit}"
    place = f" [{part.price.of}'s]" if part.price.of else " [live]" if part.price.live else ""
    return f"{part.item}: {quantity} x {_mark(part.price)}{part.price.amount}{place}"


def _mark(price: Price) -> str:
    return "~" if price.estimate else ""


def _short(quantity: Decimal) -> str:
    """Three decimals at most."""
    text = f"{quantity.quantize(Decimal('0.001'), ROUND_HALF_UP):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _number(amount: Decimal | None) -> float | None:
    return None if amount is None else float(amount)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    return float(value) if isinstance(value, Decimal) else value


def _table_json(table: Table) -> dict[str, Any]:
    lines = [{"name": line.name, "usd": _number(line.usd), "how": _how(line)} for line in table.lines]
    return {"usd": _number(table.usd), "complete": table.complete, "lines": lines}


def _price_json(price: Price, today: date) -> dict[str, Any]:
    return {
        "service": price.service,
        "item": price.item,
        "usd": _number(price.amount),
        "unit": price.unit,
        "region": price.of or price.region,
        "estimate": price.estimate,
        "source": price.source,
        "date": price.date.isoformat(),
        "age_days": (today - price.date).days,
    }
