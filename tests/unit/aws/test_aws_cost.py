"""What an installation costs, against arithmetic by hand in us-east-1; each variable that costs; what is not known."""

from __future__ import annotations

import json
import re
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

from debate_aws.account import AccountError
from debate_aws.cost import BreakEven, Cost, Table
from debate_aws.cost_report import Report
from debate_aws.prices import load_prices
from debate_aws.variables import read_variables

D = Decimal
TERRAFORM = Path(__file__).parents[3] / "terraform"
PRICES = load_prices()


@cache
def cost(*assignments: str, profile: str = "lean", region: str = "us-east-1") -> Cost:
    given = [f"region={region}", *assignments]
    return Cost(read_variables(TERRAFORM, var_files=[f"{profile}.tfvars"], assignments=given, environ={}), PRICES)


def lines(table: Table) -> dict[str, Decimal | None]:
    return {line.name: line.usd for line in table.lines}


LEAN = {
    "control plane (EKS)": D("73.00"),  # 730 h x 0.10
    "system nodes": D("27.448"),  # 730 h x 0.0376
    "their disks": D("1.60"),  # 20 GB x 0.08
    "public IPv4": D("3.65"),  # 730 h x 0.005
    "secrets": D("0.40"),
    "images (ECR), one release": D("0.903"),  # 9.03 GB x 0.10
    "models (S3)": D("0.0391"),  # 1.7 GB x 0.023
    "alarms": D("0.70"),  # 7 metrics x 0.10: of the queue 2, pods-waiting 1, gpu-running 2, karpenter-silent 2
    "the page by CloudFront": D(0),
    "encryption keys (KMS)": D(0),
}
PROD = LEAN | {
    "system nodes": D("54.896"),  # 2 x 730 h x 0.0376
    "their disks": D("3.20"),  # 2 x 20 GB x 0.08
    "NAT gateway": D("33.075"),  # 730 h x 0.045 = 32.85, and 5 GB x 0.045 = 0.225
    "secrets": D("1.20"),  # 3 x 0.40
    # api 0.5, audit 1.9, authenticator 0.1: 2.5 GB x 0.50 = 1.25; kept 90 days: 7.5 GB x 0.03 = 0.225
    "control-plane logs": D("1.475"),
    # two nodes, 1 GB each: 2 GB x 0.50 = 1.00; kept 90 days: 6 GB x 0.03 = 0.18
    "container logs": D("1.18"),
}


class TestIdleMonth:
    def test_lean(self) -> None:
        table = cost().idle_month()
        assert lines(table) == LEAN
        assert table.complete
        # 73 + 27.448 + 1.6 + 3.65 + 0.4 + 0.903 + 0.0391 + 0.6
        assert table.usd == D("107.7401")

    def test_lean_is_at_most_110_dollars(self) -> None:
        assert cost().idle_month().usd <= 110

    def test_prod(self) -> None:
        table = cost(profile="prod").idle_month()
        assert lines(table) == PROD
        # 73 + 54.896 + 3.2 + 3.65 + 33.075 + 1.2 + 0.903 + 0.0391 + 1.475 + 1.18 + 0.6
        assert table.usd == D("173.3181")

    def test_in_frankfurt(self) -> None:
        """Machines have prices of their own there; 730 h x (0.0432 - 0.0376) more."""
        assert cost(region="eu-central-1").idle_month().usd - D("107.7401") == D("4.088")

    @pytest.mark.parametrize(
        ("assignments", "more"),
        [
            (["system_node_count=2"], D("27.448") + D("1.60") + D("3.65")),
            (['system_instance_types=["t3.medium"]'], 730 * (D("0.0416") - D("0.0376"))),
            (["network_mode=nat_instance"], 730 * D("0.0042") + 8 * D("0.08") + D("0.10")),  # and its alarm
            (["network_mode=nat_gateway"], 730 * D("0.045") + 5 * D("0.045")),
            (["network_mode=nat_gateway", "system_node_count=2"], D("33.075") + D("27.448") + D("1.60")),
            (["secrets=[]"], -D("0.40")),
            (['secrets=["huggingface-token", "callback-keys"]'], D("0.40")),
            # 1.9 GB x 0.50, kept a month x 0.03
            (['cluster_log_types=["audit"]'], D("1.9") * D("0.53")),
            (['cluster_log_types=["audit"]', "log_retention_days=90"], D("1.9") * (D("0.50") + 3 * D("0.03"))),
            (["container_logs=true"], D("0.53")),
            (["database=true"], 730 * D("0.016") + 20 * D("0.115") + D("0.10")),
            (["database=true", "alarms=[]"], 730 * D("0.016") + 20 * D("0.115") - D("0.50")),
            (['alarms=["gpu-running"]'], -D("0.30")),
            (["database=true", "database_multi_az=true"], 2 * (730 * D("0.016") + 20 * D("0.115")) + D("0.10")),
        ],
    )
    def test_each_variable_that_costs(self, assignments: list[str], more: Decimal) -> None:
        assert cost(*assignments).idle_month().usd - cost().idle_month().usd == more

    @pytest.mark.parametrize(
        "assignments",
        [
            ["zone_count=2"],
            ["cdn=false"],
            ['alarm_emails=["a@example.org"]', "monthly_budget_usd=100"],
            ["log_retention_days=365"],
            ["github_repository=example/debates"],
            ["name=another", "old_version_days=90", "create_spot_role=true"],
        ],
    )
    def test_what_costs_nothing(self, assignments: list[str]) -> None:
        assert cost(*assignments).idle_month().usd == cost().idle_month().usd

    def test_what_images_cost_when_the_registry_is_full(self) -> None:
        """kept_images 10: five times both workers (8.49 GB), ten times the other two (0.54 GB), x 0.10."""
        (line,) = [one for one in cost().idle_month().lines if one.name.startswith("images")]
        assert line.why == "at most $4.78 once kept_images is reached"
        assert (5 * D("8.49") + 10 * D("0.54")) * D("0.10") == D("4.785")
        (line,) = [one for one in cost("kept_images=4").idle_month().lines if one.name.startswith("images")]
        assert line.why.startswith("at most $1.91 ")


class TestWhatIsNotKnown:
    """It is never 0, and the sum says that it is a lower bound."""

    @pytest.mark.parametrize(
        ("assignments", "name"),
        [
            (['system_instance_types=["x9.mega"]'], "system nodes"),
            (["database=true", "database_class=db.x9.mega"], "database"),
            (["network_mode=existing", "vpc_id=vpc-1", 'subnet_ids=["subnet-1", "subnet-2"]'], "your network"),
        ],
    )
    def test_a_line(self, assignments: list[str], name: str) -> None:
        made = cost(*assignments)
        table = made.idle_month()
        assert lines(table)[name] is None
        assert not table.complete
        text = report(made).text()
        assert re.search(rf"^  {name} +not known   ", text, re.MULTILINE)
        assert re.search(r"^  sum +at least \d+\.\d\d   and what is not known$", text, re.MULTILINE)
        assert "more than " in text
        assert json.loads(json.dumps(report(made).json()))["idle_month"]["complete"] is False

    def test_a_mode_that_does_not_exist(self) -> None:
        with pytest.raises(AccountError, match="network_mode is privat") as raised:
            cost("network_mode=privat")
        assert "nat_gateway" in raised.value.fix


class TestDebateHour:
    # GPU: 5 to start + 10 + 2 idle = 17 min; CPU: 4 to start + 5 + 2 x 2 idle = 13 min; together half an hour.
    GPU, CPU = D(17) / 60, D(13) / 60

    def test_on_spot(self) -> None:
        found = lines(cost().debate_hour("spot"))
        disks = (self.GPU + self.CPU) / 730 * (104 * D("0.08") + (600 - 125) * D("0.04"))
        assert found == {
            "GPU node (analyze)": self.GPU * D("0.2025"),
            "CPU nodes (prepare, finish)": self.CPU * D("0.077"),
            "their disks": pytest.approx(disks),
            "their addresses": D("0.0025"),  # half an hour x 0.005
            "image and models": D(0),  # through the S3 endpoint
        }

    def test_on_demand_differs_by_the_gpu_alone(self) -> None:
        more = cost().debate_hour("on-demand").usd - cost().debate_hour("spot").usd
        assert more == pytest.approx(self.GPU * (D("0.526") - D("0.2025")))

    def test_in_private_subnets(self) -> None:
        """No addresses, and what is downloaded goes through the NAT gateway: 1.5 GB x 0.045."""
        found = lines(cost(profile="prod").debate_hour("spot"))
        assert "their addresses" not in found
        assert found["download"] == D("0.0675")
        assert found["image and models"] == D(0)
        assert "download" not in lines(cost("network_mode=nat_instance").debate_hour("spot"))

    def test_in_a_network_of_yours(self) -> None:
        """9.7 GB of image and models through your NAT, unless the S3 endpoint is made."""
        own = ["network_mode=existing", "vpc_id=vpc-1", 'subnet_ids=["subnet-1", "subnet-2"]']
        assert lines(cost(*own).debate_hour("spot"))["image and models"] == D("9.7") * D("0.045")
        assert lines(cost(*own, 'route_table_ids=["rtb-1"]').debate_hour("spot"))["image and models"] == D(0)

    def test_keeping_it(self) -> None:
        """Sound 0.1 and video 1.5 GB a month; 0.115 GB of work/ for 7 of 30 days; x 0.023."""
        assert cost().kept_hour().usd == pytest.approx(D("1.6") * D("0.023") + D("0.115") * 7 / 30 * D("0.023"))

    def test_a_copy_in_another_region(self) -> None:
        """1.6 GB go there once (x 0.02), and are kept there (x 0.0125)."""
        copied = cost("replica_bucket_arn=arn:aws:s3:::a-copy")
        assert copied.kept_hour().usd - cost().kept_hour().usd == D("1.6") * D("0.0125")
        assert copied.debate_hour("spot").usd - cost().debate_hour("spot").usd == pytest.approx(D("1.6") * D("0.02"))
        assert copied.idle_month().usd - cost().idle_month().usd == D("1.7") * D("0.0125")  # the models


class TestBreakEven:
    def test_hours_from_which_it_is_cheaper(self) -> None:
        """One hour: 0.0953 + 0.0374 kept = 0.1327. Azure 0.36: 107.7401 / 0.2273 = 474.0."""
        found = {one.service: one.hours for one in cost().break_even()}
        assert round(cost().per_hour(), 4) == D("0.1327")
        assert found["Azure Speech, batch"] == 474
        for one in cost().break_even():
            if one.hours is not None:
                assert cost().month(D(one.hours)) <= one.hours * one.price.amount
                assert cost().month(D(one.hours - 1)) > (one.hours - 1) * one.price.amount

    def test_never(self) -> None:
        """With 0.1662 + 0.0374 = 0.2036 an hour, no number of hours beats 0.17."""
        found = cost(profile="prod").break_even()[0]
        assert (found.service, found.hours) == ("AssemblyAI Universal-2", None)
        assert re.search(r"AssemblyAI Universal-2 +never ", report(cost(profile="prod")).text())


def report(made: Cost, *, today: date = date(2026, 11, 26), hours: str = "40") -> Report:
    return Report(
        cost=made,
        prices=PRICES,
        region="us-east-1",
        region_from="--var",
        today=today,
        hours=D(hours),
        notes=["A note."],
    )


class TestReport:
    def test_cents_and_sums_of_exact_values(self) -> None:
        text = report(cost()).text()
        assert re.search(r"^  system nodes +27\.45   t3a\.medium: 730 hours x 0\.0376$", text, re.MULTILINE)
        assert re.search(r"^  sum +107\.74$", text, re.MULTILINE)
        # 107.7401 + 40 x 0.13269 = 113.0477
        assert re.search(r"^  sum +113\.05$", text, re.MULTILINE)
        assert re.search(r"^  their addresses +< 0\.01 ", text, re.MULTILINE)
        assert re.search(r"^  by Google Chirp 3 +38\.40   40 x 0\.96$", text, re.MULTILINE)
        assert text.endswith("A note.")

    def test_estimates_are_marked(self) -> None:
        text = report(cost()).text()
        assert "g4dn.xlarge: ~0.283 hours x ~0.2025" in text
        assert "gpu_minutes_per_hour = 10: " in text

    def test_prices_of_another_region_are_named(self) -> None:
        made = cost(region="ap-south-2")
        text = Report(
            cost=made, prices=PRICES, region="ap-south-2", region_from="--var", today=date(2026, 11, 26)
        ).text()
        assert "t3a.medium: 730 hours x 0.0376 [us-east-1's]" in text
        assert "Of ap-south-2 these are not known, and us-east-1's are taken: " in text
        assert "these are not known" not in report(cost()).text()

    def test_old_prices_are_named(self) -> None:
        assert "OLD" not in report(cost()).text()
        assert re.search(
            r"^OLD, more than twelve months: .*t3a\.medium", report(cost(), today=date(2027, 8, 1)).text(), re.M
        )

    def test_json_has_the_same(self) -> None:
        made = report(cost())
        told = json.loads(json.dumps(made.json()))
        assert told["idle_month"]["usd"] == 107.7401
        assert told["debate_hour"]["spot"]["usd"] < told["debate_hour"]["on-demand"]["usd"]
        assert told["month"]["hours"] == 40
        assert {one["service"] for one in told["break_even"]} == {one.service for one in cost().break_even()}
        assert all(one["source"] and one["date"] for one in told["prices"])


class TestTextsThatNameFigures:
    """What the comments say of costs is what the price file says."""

    def test_profiles(self) -> None:
        for profile in ("lean", "prod"):
            (said,) = re.findall(r"some \$(\d+) a month", (TERRAFORM / f"{profile}.tfvars").read_text(encoding="utf-8"))
            assert int(said) == round(cost(profile=profile).idle_month().usd), profile

    def test_variables(self) -> None:
        text = (TERRAFORM / "variables.tf").read_text(encoding="utf-8")
        for variable, figures in _figures().items():
            (body,) = re.findall(rf'^variable "{variable}" \{{\n(.*?)^\}}$', text, re.DOTALL | re.MULTILINE)
            said = {figure.rstrip(".") for figure in re.findall(r"\d+(?:\.\d+)?", body)}
            for figure in figures:
                assert figure in said, f"{variable} does not name {figure}"

    def test_every_figure_of_the_variables_is_known(self) -> None:
        """A figure that is not in the table below would grow old unseen."""
        text = (TERRAFORM / "variables.tf").read_text(encoding="utf-8")
        known = {figure for figures in _figures().values() for figure in figures}
        assert {figure.rstrip(".") for figure in re.findall(r"\$([\d.]+)", text)} - known == NOT_OURS


class TestDocument:
    """docs/costs.md shows what the command prints. After a change, paste the new lines."""

    TEXT = (TERRAFORM.parent / "docs/costs.md").read_text(encoding="utf-8")

    @pytest.mark.parametrize("profile", ["lean", "prod"])
    def test_idle_month(self, profile: str) -> None:
        assert _indented(report(cost(profile=profile)).text(), "An idle month") in self.TEXT

    @pytest.mark.parametrize("title", ["One debate of an hour", "A month of keeping it"])
    def test_debate_hour(self, title: str) -> None:
        assert _indented(report(cost()).text(), title) in self.TEXT

    def test_break_even(self) -> None:
        rows = re.findall(r"^\| ([^|]+) \| (~?[\d.]+) \| ([^|]+) \| ([^|]+) \|$", self.TEXT, re.MULTILINE)
        lean, prod = cost().break_even(), cost(profile="prod").break_even()
        assert rows == [
            (one.service, f"{'~' if one.price.estimate else ''}{one.price.amount}", _hours(one), _hours(other))
            for one, other in zip(lean, prod, strict=True)
        ]

    def test_the_formula(self) -> None:
        for profile in ("lean", "prod"):
            made = cost(profile=profile)
            assert f"{made.idle_month().usd:.2f} / (p - {made.per_hour():.3f})" in self.TEXT

    def test_one_machine(self) -> None:
        hour = PRICES.known["on-demand", "g4dn.xlarge", "us-east-1"].amount
        disk = PRICES.known["storage", "gp3", "us-east-1"].amount * 100
        assert f"costs ${hour} an hour while it runs, so some ${hour / 6:.2f} for ten minutes" in self.TEXT
        assert f"a disk of 100 GB ${disk:.2f} a month" in self.TEXT

    def test_frankfurt(self) -> None:
        there, here = cost(region="eu-central-1"), cost()
        assert round(there.idle_month().usd / here.idle_month().usd, 2) == D("1.04")
        for capacity in ("spot", "on-demand"):
            assert D("1.1") < there.debate_hour(capacity).usd / here.debate_hour(capacity).usd < D("1.21")


def _indented(text: str, title: str) -> str:
    """The block of the report that begins so, as a code block."""
    block = text[text.index(f"\n{title}") + 1 :].split("\n\n")[0]
    return "\n".join(f"    {line}" for line in block.splitlines())


def _hours(one: BreakEven) -> str:
    return "never" if one.hours is None else f"{one.hours:,} hours"


NOT_OURS = {"16", "0.01"}  # a load balancer, which nothing here makes; requests, which no line counts


def _figures() -> dict[str, list[str]]:
    """Variable -> figures that its description names, computed."""

    def price(service: str, item: str, quantity: int = 1) -> str:
        found = PRICES.find(service, item, "us-east-1")
        assert found is not None
        amount = (found.amount * quantity).normalize()
        return f"{amount:.2f}" if quantity > 1 or amount >= D("0.1") else f"{amount:f}"

    def whole(text: str) -> str:
        return text.removesuffix(".00")

    address = price("network", "public IPv4 address", 730)
    machine = price("on-demand", "t3a.medium", 730)
    disk = price("storage", "gp3", 20)
    full = re.findall(r"\$([\d.]+)", next(one.why for one in cost().idle_month().lines if "ECR" in one.name))
    return {
        "network_mode": [
            address,
            price("on-demand", "t4g.nano", 730),
            price("network", "NAT gateway", 730),
            price("traffic", "through the NAT gateway"),
        ],
        "route_table_ids": [price("traffic", "through the NAT gateway")],
        "kubernetes_version": [
            whole(price("eks", "control-plane", 730)),
            whole(price("eks", "control-plane in extended support", 730)),
        ],
        "cluster_log_types": [price("logs", "taken in"), "1"],
        "log_retention_days": [price("storage", "logs")],
        "system_instance_types": [machine, disk],
        "system_node_count": [str(round(D(machine) + D(disk)))],
        "bucket_name": [price("storage", "S3")],
        "old_version_days": [price("storage", "S3")],
        "upload_days": [price("storage", "S3")],
        "kept_images": [price("storage", "ECR"), str(round(D("9.03") * D("0.10"), 2)), *full],
        "secrets": [price("items", "secret")],
        "replica_bucket_arn": [
            price("storage", "S3, the copy elsewhere (infrequent access)"),
            price("traffic", "to another region"),
        ],
        "gpu_alarm_hours": [price("on-demand", "g4dn.xlarge", 24)],
        "alarms": [price("items", "alarm metric"), *map(str, PRICES.facts["alarm_metrics"].values())],
        "container_logs": [price("logs", "taken in")],
        "database": [price("database", "db.t4g.micro", 730), price("storage", "database gp3", 20)],
        "database_class": [price("database", "db.t4g.micro", 730)],
        "database_protected": [price("storage", "database snapshot")],
    }
