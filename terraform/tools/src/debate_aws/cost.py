"""What an installation costs, as data: the idle month, one debate hour, the hours from which it is cheaper than others.

Pure: variables and prices in, exact amounts out. A part whose price is not known makes its line's amount None, never 0,
and the sum one that says "at least".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import Final

from debate_aws.account import AccountError
from debate_aws.prices import HOURS_PER_MONTH, Price, Prices
from debate_aws.variables import Variables

CAPACITY_TYPES: Final = ("spot", "on-demand")
_MODES: Final = ("public", "nat_instance", "nat_gateway", "existing")
_MINUTES: Final = 60
_FREE_THROUGHPUT: Final = 125  # MiB/s that a gp3 volume has in its price
_DAYS_PER_MONTH: Final = 30
_ELSEWHERE: Final = "S3, the copy elsewhere (infrequent access)"


@dataclass(frozen=True)
class Part:
    """So much of one thing. price: None where it is not known. assumed: the quantity is an assumption."""

    quantity: Decimal
    item: str
    price: Price | None
    assumed: bool = False

    @property
    def usd(self) -> Decimal | None:
        return None if self.price is None else self.quantity * self.price.amount


@dataclass(frozen=True)
class Line:
    """One line of a table. why: what there is to say of it beside its parts. No parts: free, and why says so."""

    name: str
    parts: tuple[Part, ...] = ()
    why: str = ""

    @property
    def usd(self) -> Decimal | None:
        amounts = [part.usd for part in self.parts]
        return None if None in amounts else sum((one for one in amounts if one is not None), Decimal(0))


@dataclass(frozen=True)
class Table:
    """Lines and their sum: of what is known, to which complete says whether anything is missing."""

    lines: tuple[Line, ...]

    @property
    def usd(self) -> Decimal:
        return sum((line.usd for line in self.lines if line.usd is not None), Decimal(0))

    @property
    def complete(self) -> bool:
        return all(line.usd is not None for line in self.lines)


@dataclass(frozen=True)
class BreakEven:
    """hours: of debate a month from which the installation costs less than the service; None: never."""

    service: str
    price: Price
    hours: int | None


class Cost:
    """Of one set of variables. Raises AccountError for a network mode that does not exist."""

    def __init__(self, variables: Variables, prices: Prices) -> None:
        self._set, self._prices, self._assume = variables, prices, {**prices.facts, **prices.assumptions}
        if variables["network_mode"] not in _MODES:
            raise AccountError(
                f"network_mode is {variables['network_mode']}.", f"It is one of {', '.join(_MODES)}: see variables.tf."
            )
        if not variables["system_instance_types"]:
            raise AccountError("system_instance_types is empty.", "Name one, such as t3a.medium.")

    def idle_month(self) -> Table:
        """730 hours in which nobody asks for anything, some weeks after the installation."""
        return Table(tuple(self._idle_lines()))

    def debate_hour(self, capacity: str) -> Table:
        """One debate of an hour, alone, from no node to none. capacity: of the GPU node, spot or on-demand."""
        return Table(tuple(self._debate_lines(capacity)))

    def kept_hour(self) -> Table:
        """A month of keeping that debate in the bucket."""
        gb = self._number("sound_gb_per_hour") + self._number("video_gb_per_hour")
        work = self._number("work_gb_per_hour") * self._number("work_days") / _DAYS_PER_MONTH
        lines = [
            self._line("video, sound, transcript", self._part(gb, "storage", "S3", assumed=True)),
            self._line("work/, in the first month", self._part(work, "storage", "S3", assumed=True)),
        ]
        if self._set["replica_bucket_arn"] is not None:
            elsewhere = self._part(gb, "storage", _ELSEWHERE, assumed=True)
            lines.append(self._line("its copy in another region", elsewhere))
        return Table(tuple(lines))

    def per_hour(self, capacity: str = "spot") -> Decimal:
        """What one more hour of debate adds to the month it comes in."""
        return self.debate_hour(capacity).usd + self.kept_hour().usd

    def month(self, hours: Decimal) -> Decimal:
        """With so many hours of debate, one at a time, on spot nodes."""
        return self.idle_month().usd + hours * self.per_hour()

    def break_even(self) -> list[BreakEven]:
        """Beside each hosted service at its list price, the cheapest first."""
        idle, ours = self.idle_month().usd, self.per_hour()
        found = []
        for item in self._prices.items("speech"):
            price = self._price("speech", item)
            assert price is not None
            gain = price.amount - ours
            hours = int((idle / gain).to_integral_value(ROUND_CEILING)) if gain > 0 else None
            found.append(BreakEven(item, price, hours))
        return sorted(found, key=lambda one: one.price.amount)

    def used(self) -> list[Price]:
        """All prices in these tables."""
        tables = [self.idle_month(), *map(self.debate_hour, CAPACITY_TYPES), self.kept_hour()]
        parts = [part.price for table in tables for line in table.lines for part in line.parts]
        return list(dict.fromkeys([price for price in parts if price] + [one.price for one in self.break_even()]))

    # --- The idle month

    def _idle_lines(self) -> Iterator[Line]:
        nodes = Decimal(self._set["system_node_count"])
        machine = self._set["system_instance_types"][0]
        disks = nodes * self._number("system_disk_gb")
        yield self._line("control plane (EKS)", self._part(Decimal(HOURS_PER_MONTH), "eks", "control-plane"))
        yield self._line("system nodes", self._part(nodes * HOURS_PER_MONTH, "on-demand", machine))
        yield self._line("their disks", self._part(disks, "storage", "gp3"))
        yield from self._network_lines(nodes)
        yield from self._kept_lines()
        yield from self._log_lines(nodes)
        yield self._line("alarms", self._part(self._alarm_metrics(), "items", "alarm metric"))
        if self._set["cdn"]:
            yield Line("the page by CloudFront", why="free up to 1 TB a month")
        if self._set["monthly_budget_usd"] is not None:
            yield Line("budget", why="the first two of an account are free")
        yield Line("encryption keys (KMS)", why="none: AWS's own keys are free")
        if self._set["database"]:
            yield from self._database_lines()

    def _alarm_metrics(self) -> Decimal:
        """Metrics that alarms look at, which is what is billed; an alarm whose subject is not there is not made."""
        absent = {"nat-failed"} if self._set["network_mode"] != "nat_instance" else set()
        absent |= set() if self._set["database"] else {"database-full"}
        metrics = self._assume["alarm_metrics"]
        wanted = sum((Decimal(metrics[name]) for name in set(self._set["alarms"]) - absent), Decimal(0))
        return self._number("queue_alarms") + wanted

    def _network_lines(self, nodes: Decimal) -> Iterator[Line]:
        mode = self._set["network_mode"]
        if mode == "existing":
            yield Line("your network", (Part(Decimal(1), "your own way out", None),), "it costs what it costs")
            return
        addresses = nodes if mode == "public" else Decimal(1)
        yield self._line("public IPv4", self._part(addresses * HOURS_PER_MONTH, "network", "public IPv4 address"))
        if mode == "nat_gateway":
            yield self._line(
                "NAT gateway",
                self._part(Decimal(HOURS_PER_MONTH), "network", "NAT gateway"),
                self._part(self._number("nat_gb_idle"), "traffic", "through the NAT gateway", assumed=True),
            )
        if mode == "nat_instance":
            yield self._line(
                "NAT instance",
                self._part(Decimal(HOURS_PER_MONTH), "on-demand", "t4g.nano"),
                self._part(self._number("nat_disk_gb"), "storage", "gp3"),
            )

    def _kept_lines(self) -> Iterator[Line]:
        yield self._line("secrets", self._part(Decimal(len(self._set["secrets"])), "items", "secret"))
        images = self._part(self._number("release_gb"), "storage", "ECR", assumed=True)
        yield Line("images (ECR), one release", (images,), self._images_when_full())
        models = self._number("models_gb")
        yield self._line("models (S3)", self._part(models, "storage", "S3", assumed=True))
        if self._set["replica_bucket_arn"] is not None:
            yield self._line("their copy in another region", self._part(models, "storage", _ELSEWHERE, assumed=True))

    def _images_when_full(self) -> str:
        """The most that the registry can hold: both workers share one repository."""
        kept = Decimal(self._set["kept_images"])
        small = self._number("release_gb") - self._number("worker_images_gb")
        price = self._price("storage", "ECR")
        full = (kept / 2 * self._number("worker_images_gb") + kept * small) * (price.amount if price else 0)
        return f"at most ${full:.2f} once kept_images is reached" if price else ""

    def _log_lines(self, nodes: Decimal) -> Iterator[Line]:
        kinds = self._assume["control_plane_logs_gb"]
        written = sum((Decimal(kinds[kind]) for kind in set(self._set["cluster_log_types"])), Decimal(0))
        if written:
            yield self._logs("control-plane logs", written)
        if self._set["container_logs"]:
            yield self._logs("container logs", nodes * self._number("container_logs_gb_per_node"))

    def _logs(self, name: str, gb: Decimal) -> Line:
        kept = gb * Decimal(self._set["log_retention_days"]) / _DAYS_PER_MONTH
        return self._line(
            name, self._part(gb, "logs", "taken in", assumed=True), self._part(kept, "storage", "logs", assumed=True)
        )

    def _database_lines(self) -> Iterator[Line]:
        machines = Decimal(2 if self._set["database_multi_az"] else 1)
        disk = machines * self._number("database_disk_gb")
        yield self._line(
            "database", self._part(machines * HOURS_PER_MONTH, "database", str(self._set["database_class"]))
        )
        yield self._line("its disk", self._part(disk, "storage", "database gp3"))

    # --- A debate hour

    def _debate_lines(self, capacity: str) -> Iterator[Line]:
        idle, nodes = self._number("idle_minutes"), self._number("cpu_nodes")
        gpu = (self._number("gpu_start_minutes") + self._number("gpu_minutes_per_hour") + idle) / _MINUTES
        cpu = (self._number("cpu_start_minutes") + self._number("cpu_minutes_per_hour") + nodes * idle) / _MINUTES
        yield self._line("GPU node (analyze)", self._part(gpu, capacity, self._assume["gpu_type"], assumed=True))
        yield self._line("CPU nodes (prepare, finish)", self._part(cpu, "spot", self._assume["cpu_type"], assumed=True))
        yield self._line("their disks", *self._node_disks(gpu + cpu))
        if self._set["network_mode"] == "public":
            yield self._line("their addresses", self._part(gpu + cpu, "network", "public IPv4 address", assumed=True))
        yield from self._traffic_lines()
        if self._set["container_logs"]:
            yield self._logs("container logs", self._number("container_logs_gb_per_hour"))

    def _node_disks(self, hours: Decimal) -> Iterator[Part]:
        share = hours / HOURS_PER_MONTH
        above = self._number("node_disk_throughput") - _FREE_THROUGHPUT
        yield self._part(share * self._number("node_disk_gb"), "storage", "gp3", assumed=True)
        yield self._part(share * above, "throughput", "gp3 above 125", assumed=True)

    def _traffic_lines(self) -> Iterator[Line]:
        mode = self._set["network_mode"]
        pulled = self._number("gpu_image_gb") + self._number("models_gb")
        nat = "through the NAT gateway"
        way = nat if mode == "existing" and not self._set["route_table_ids"] else "through the S3 gateway endpoint"
        yield self._line("image and models", self._part(pulled, "traffic", way, assumed=True))
        if mode in {"nat_gateway", "existing"}:
            yield self._line("download", self._part(self._number("video_gb_per_hour"), "traffic", nat, assumed=True))
        if self._set["replica_bucket_arn"] is not None:
            gb = self._number("sound_gb_per_hour") + self._number("video_gb_per_hour")
            yield self._line("its copy", self._part(gb, "traffic", "to another region", assumed=True))

    # --- Prices

    def _number(self, name: str) -> Decimal:
        return Decimal(self._assume[name])

    def _price(self, service: str, item: str) -> Price | None:
        return self._prices.find(service, item, self._set["region"])

    def _part(self, quantity: Decimal, service: str, item: str, *, assumed: bool = False) -> Part:
        return Part(quantity, item, self._price(service, item), assumed)

    @staticmethod
    def _line(name: str, *parts: Part) -> Line:
        return Line(name, parts)
