"""The file of prices: each with who says so and since when; what cannot be is refused; what is old is told."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from debate_aws.prices import BadPrices, load_prices

PRICES = load_prices()
GOOD = """
[[lists]]
service = "eks"
unit = "hour"
source = "https://example.org"
date = 2026-11-01
[lists.regions.us-east-1]
"control-plane" = 0.10
"""


@pytest.fixture
def terraform(pytestconfig: pytest.Config) -> Path:
    return pytestconfig.rootpath / "terraform"


def test_every_price_has_a_source_and_a_day() -> None:
    assert len(PRICES.known) > 60
    for price in PRICES.known.values():
        assert len(price.source) > 20
        assert date(2026, 1, 1) <= price.date <= datetime.now(UTC).date()


def test_what_no_vendor_lists_is_an_estimate() -> None:
    assert all(price.estimate for price in PRICES.known.values() if price.service == "spot")
    assert all(price.estimate for price in PRICES.known.values() if "as quoted" in price.source)


def test_every_assumption_says_why() -> None:
    assert PRICES.reasons.keys() == PRICES.assumptions.keys()
    assert min(map(len, PRICES.reasons.values())) > 10


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ('source = "https://example.org"\n', "", "has no source"),
        ("date = 2026-11-01\n", "", "has no date"),
        ("date = 2026-11-01\n", 'date = "2026-11-01"\n', "has no date"),
        ('unit = "hour"\n', "", "has no unit"),
        ("0.10", "-1", "is no amount"),
        ("0.10", '"free"', "is no amount"),
        ("0.10", "true", "is no amount"),
        ('unit = "hour"\n', 'unit = "hour"\ncurrency = "EUR"\n', "currency, which means nothing"),
    ],
)
def test_what_cannot_be_is_refused(old: str, new: str, what: str) -> None:
    assert GOOD.count(old) == 1
    with pytest.raises(BadPrices, match=what):
        load_prices(GOOD.replace(old, new))


def test_two_prices_of_one_thing_are_refused() -> None:
    with pytest.raises(BadPrices, match="eks control-plane us-east-1 has two prices"):
        load_prices(GOOD + GOOD)


def test_an_assumption_without_a_reason_is_refused() -> None:
    with pytest.raises(BadPrices, match="idle needs value and why"):
        load_prices(GOOD + "[assumptions]\nidle = {value = 1}\n")


class TestFind:
    def test_in_the_region(self) -> None:
        found = PRICES.find("on-demand", "g4dn.xlarge", "eu-central-1")
        assert found is not None
        assert (found.amount, found.region, found.of) == (Decimal("0.658"), "eu-central-1", "")

    def test_the_same_everywhere(self) -> None:
        found = PRICES.find("eks", "control-plane", "ap-south-2")
        assert found is not None
        assert (found.amount, found.of) == (Decimal("0.10"), "")

    def test_of_another_region_which_it_says(self) -> None:
        found = PRICES.find("storage", "gp3", "ap-south-2")
        assert found is not None
        assert (found.amount, found.region, found.of) == (Decimal("0.08"), "ap-south-2", "us-east-1")

    def test_not_known(self) -> None:
        assert PRICES.find("on-demand", "x9.mega", "us-east-1") is None


def test_what_is_older_than_twelve_months() -> None:
    prices = load_prices(GOOD)
    day = date(2026, 11, 1)
    assert prices.stale(day + timedelta(days=365)) == []
    assert [price.item for price in prices.stale(day + timedelta(days=366))] == ["control-plane"]


class TestFactsAreWhatOurCodeSays:
    """What the file takes from elsewhere in the repository is still so there."""

    FACTS = PRICES.facts

    @pytest.mark.parametrize(
        ("fact", "file", "pattern"),
        [
            ("system_disk_gb", "modules/cluster/nodes.tf", r"volume_size += (\d+)"),
            ("nat_disk_gb", "modules/network/nat.tf", r"volume_size += (\d+)"),
            ("database_disk_gb", "modules/database/main.tf", r" allocated_storage += (\d+)"),
            ("work_days", "modules/storage/main.tf", r'prefix = "work/"\n +}\n +expiration {\n +days = (\d+)'),
        ],
    )
    def test_of_terraform(self, terraform: Path, fact: str, file: str, pattern: str) -> None:
        (found,) = re.findall(pattern, (terraform / file).read_text(encoding="utf-8"))
        assert self.FACTS[fact] == int(found)

    def test_alarms(self, terraform: Path) -> None:
        """Billed by the metric: an alarm over an expression looks at several."""
        queue = (terraform / "modules/queue/main.tf").read_text(encoding="utf-8")
        assert self.FACTS["queue_alarms"] == queue.count("metric_name ")
        optional = (
            (terraform / "modules/alarms/main.tf").read_text(encoding="utf-8").split("aws_cloudwatch_metric_alarm")
        )
        metrics = {}
        for alarm in optional[1:]:
            (name,) = re.findall(r'contains\(var.alarms, "([a-z-]+)"\)', alarm)
            times = re.findall(r"for_each = \{(.*)\}", alarm)
            metrics[name] = times[0].count("=") if times else alarm.count("metric_name ")
        assert self.FACTS["alarm_metrics"] == metrics

    def test_of_the_node_pools(self, terraform: Path) -> None:
        chart = terraform.parent / "charts/gpu-nodepool"
        values = yaml.safe_load((chart / "values.yaml").read_text(encoding="utf-8"))
        assert values["nodeClass"]["dataVolume"]["size"] == f"{self.FACTS['node_disk_gb'] - 4}Gi"
        assert "volumeSize: 4Gi" in (chart / "templates/nodeclasses.yaml").read_text(encoding="utf-8")
        assert values["nodeClass"]["dataVolume"]["throughput"] == self.FACTS["node_disk_throughput"]
        assert {values[pool]["consolidateAfter"] for pool in ("gpu", "cpu")} == {f"{self.FACTS['idle_minutes']}m"}
        assert PRICES.assumptions["gpu_type"].split(".")[0] in values["gpu"]["instanceFamilies"]

    def test_of_the_images(self, terraform: Path) -> None:
        text = (terraform.parent / "docs/container-images.md").read_text(encoding="utf-8")
        rows = re.findall(r"^\| `debate-analyzer/(\w+):\S+` \|.*?\| ([\d.]+) (MB|GB) \|", text, re.MULTILINE)
        sizes = [(name, Decimal(size) / (1000 if unit == "MB" else 1)) for name, size, unit in rows]
        assert self.FACTS["release_gb"] == sum(size for _, size in sizes)
        assert self.FACTS["worker_images_gb"] == sum(size for name, size in sizes if name == "worker")
