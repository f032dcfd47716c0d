"""Current prices: on-demand and monthly ones by AWS's Pricing API, spot ones by EC2's price history.

An answer counts only where it is one price. For whatever has none, the file's price stays, and a note says so.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final

from debate_aws.account import Account, AccountError, explained
from debate_aws.prices import Price

# The API is in a few regions alone, and tells of all.
_PRICING_REGION: Final = "us-east-1"

_MACHINE: Final = {
    "operatingSystem": "Linux",
    "tenancy": "Shared",
    "preInstalledSw": "NA",
    "capacitystatus": "Used",
}
# (service, item) -> service code, filters, and what the usage type ends with.
_PRODUCTS: Final[Mapping[tuple[str, str], tuple[str, Mapping[str, str], str]]] = {
    ("eks", "control-plane"): ("AmazonEKS", {}, "AmazonEKS-Hours:perCluster"),
    ("network", "NAT gateway"): ("AmazonEC2", {"productFamily": "NAT Gateway"}, "NatGateway-Hours"),
    ("traffic", "through the NAT gateway"): ("AmazonEC2", {"productFamily": "NAT Gateway"}, "NatGateway-Bytes"),
    ("storage", "gp3"): ("AmazonEC2", {"productFamily": "Storage", "volumeApiName": "gp3"}, "EBS:VolumeUsage.gp3"),
}


def live_prices(account: Account, used: list[Price], today: date) -> tuple[list[Price], list[str]]:
    """The current ones of `used`, and notes on what stays as the file has it."""
    found, kept = [], []
    reasons: list[str] = []
    for price in used:
        if price.service == "speech":
            continue
        try:
            amount = _spot(account, price.item) if price.service == "spot" else _listed(account, price)
        except AccountError as error:
            amount = None
            reasons.append(error.what)
        if amount is None:
            kept.append(price.item)
        else:
            found.append(replace(price, amount=amount, of="", live=True, estimate=False, date=today, source="AWS"))
    notes = [f"Asked AWS for {len(found)} prices; from the file are still: {', '.join(dict.fromkeys(kept))}."]
    return found, notes + [f"  {reason}" for reason in dict.fromkeys(reasons)]


def _listed(account: Account, price: Price) -> Decimal | None:
    if price.service == "on-demand":
        return _only(account, "AmazonEC2", {**_MACHINE, "instanceType": price.item}, price.region, "")
    product = _PRODUCTS.get((price.service, price.item))
    if product is None:
        return None
    code, filters, ending = product
    return _only(account, code, filters, price.region, ending)


def _only(account: Account, code: str, filters: Mapping[str, str], region: str, ending: str) -> Decimal | None:
    """The one price that there is; None where there is none, or several."""
    asked = [
        {"Type": "TERM_MATCH", "Field": name, "Value": value}
        for name, value in {**filters, "regionCode": region}.items()
    ]
    with explained("ask for current prices (pricing:GetProducts)"):
        pages = account.client("pricing", _PRICING_REGION).get_paginator("get_products")
        products = [
            json.loads(one) for page in pages.paginate(ServiceCode=code, Filters=asked) for one in page["PriceList"]
        ]
    amounts = {amount for product in products if _ends(product, ending) for amount in _on_demand(product)}
    return amounts.pop() if len(amounts) == 1 else None


def _ends(product: Mapping[str, Any], ending: str) -> bool:
    return str(product["product"]["attributes"].get("usagetype", "")).endswith(ending)


def _on_demand(product: Mapping[str, Any]) -> Iterator[Decimal]:
    """Of the first step, where the price depends on how much it is."""
    for term in product["terms"].get("OnDemand", {}).values():
        for dimension in term["priceDimensions"].values():
            if dimension.get("beginRange", "0") == "0" and "USD" in dimension["pricePerUnit"]:
                yield Decimal(dimension["pricePerUnit"]["USD"])


def _spot(account: Account, machine: str) -> Decimal | None:
    """Of the dearest zone: Karpenter may have to take it."""
    with explained("ask for spot prices (ec2:DescribeSpotPriceHistory)"):
        history = account.client("ec2").describe_spot_price_history(
            InstanceTypes=[machine], ProductDescriptions=["Linux/UNIX"], StartTime=datetime.now(UTC)
        )["SpotPriceHistory"]
    return max((Decimal(one["SpotPrice"]) for one in history), default=None)
