"""Current prices, where AWS tells them: a client plays the Pricing API and EC2."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from botocore.exceptions import ClientError

from debate_aws.account import Account
from debate_aws.cost_live import live_prices
from debate_aws.prices import Price, load_prices

TODAY = date(2026, 11, 26)
REGION = "eu-central-1"


def product(usd: str, usagetype: str = "EUC1-BoxUsage", *more: str) -> str:
    dimensions = {
        str(step): {"pricePerUnit": {"USD": amount}, "beginRange": "0" if step == 0 else "100"}
        for step, amount in enumerate([usd, *more])
    }
    return json.dumps(
        {
            "product": {"attributes": {"usagetype": usagetype}},
            "terms": {"OnDemand": {"term": {"priceDimensions": dimensions}}},
        }
    )


class Fake(Account):
    """products: what the API says of an instance type, a product family or a service. spot: of each zone."""

    def __init__(self, products: Mapping[str, list[str]], spot: list[str], error: str = "") -> None:
        self.region, self._products, self._spot, self._error = REGION, products, spot, error
        self.asked: list[dict[str, str]] = []

    def client(self, service: str, region: str | None = None) -> Any:
        assert (service, region) in {("pricing", "us-east-1"), ("ec2", None)}
        return self

    def get_paginator(self, name: str) -> Any:
        assert name == "get_products"
        return self

    def paginate(self, *, ServiceCode: str, Filters: list[dict[str, str]]) -> Iterator[dict[str, Any]]:
        if self._error:
            raise ClientError({"Error": {"Code": self._error, "Message": "no"}}, "GetProducts")
        asked = {one["Field"]: one["Value"] for one in Filters}
        assert {one["Type"] for one in Filters} == {"TERM_MATCH"}
        self.asked.append(asked)
        key = asked.get("instanceType") or asked.get("productFamily") or ServiceCode
        yield {"PriceList": self._products.get(key, [])}

    def describe_spot_price_history(self, **_: Any) -> dict[str, Any]:
        return {"SpotPriceHistory": [{"SpotPrice": one} for one in self._spot]}


def price(service: str, item: str) -> Price:
    found = load_prices().find(service, item, REGION)
    assert found is not None
    return found


MACHINE, SPOT, NAT = price("on-demand", "t3a.medium"), price("spot", "g4dn.xlarge"), price("network", "NAT gateway")
EKS, SECRET, SPEECH = price("eks", "control-plane"), price("items", "secret"), price("speech", "Speechmatics")


def test_current_prices_take_the_place_of_the_files() -> None:
    account = Fake(
        {
            "t3a.medium": [product("0.0440000000")],
            "NAT Gateway": [product("0.06", "EUC1-NatGateway-Hours"), product("0.07", "EUC1-NatGateway-Bytes")],
            "AmazonEKS": [product("0.11", "EUC1-AmazonEKS-Hours:perCluster"), product("9", "EUC1-Fargate")],
        },
        ["0.20", "0.25"],
    )
    found, notes = live_prices(account, [MACHINE, SPOT, NAT, EKS, SECRET, SPEECH], TODAY)
    assert {one.item: one.amount for one in found} == {
        "t3a.medium": Decimal("0.0440000000"),
        "g4dn.xlarge": Decimal("0.25"),
        "NAT gateway": Decimal("0.06"),
        "control-plane": Decimal("0.11"),
    }
    assert all(one.live and one.date == TODAY and not one.estimate for one in found)
    assert notes == ["Asked AWS for 4 prices; from the file are still: secret."]
    assert {one["regionCode"] for one in account.asked} == {REGION}
    merged = load_prices().with_live(found)
    assert merged.find("eks", "control-plane", REGION) == found[-1]
    assert merged.find("items", "secret", REGION) == SECRET


def test_several_answers_are_none() -> None:
    account = Fake({"t3a.medium": [product("0.04"), product("0.05")]}, [])
    found, notes = live_prices(account, [MACHINE, SPOT], TODAY)
    assert found == []
    assert notes == ["Asked AWS for 0 prices; from the file are still: t3a.medium, g4dn.xlarge."]


def test_of_steps_the_first_counts() -> None:
    account = Fake({"t3a.medium": [product("0.04", "x", "0.03")]}, [])
    (found,), _ = live_prices(account, [MACHINE], TODAY)
    assert found.amount == Decimal("0.04")


@pytest.mark.parametrize("code", ["AccessDeniedException", "ExpiredToken", "Throttling"])
def test_what_aws_refuses_stays_as_it_is_and_is_told(code: str) -> None:
    found, notes = live_prices(Fake({}, ["0.2"], code), [MACHINE, SPOT, EKS], TODAY)
    assert [one.item for one in found] == ["g4dn.xlarge"]
    assert notes[0].endswith("from the file are still: t3a.medium, control-plane.")
    assert len(notes) == 2
    assert "pricing:GetProducts" in notes[1]
