"""What a test of the page holds in its hands: the site that it publishes to, and what the browser complains of."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from golden_statistics import Golden, write_debate, write_index, write_summary
from playwright.sync_api import ViewportSize

WIDE: ViewportSize = {"width": 1280, "height": 800}
NARROW: ViewportSize = {"width": 360, "height": 740}


@dataclass
class Site:
    """A served page. `statistics`: the folder behind statistics/, free to be changed."""

    url: str
    statistics: Path
    audio: bytes = field(repr=False)

    def publish(self, *goldens: Golden) -> None:
        for golden in goldens:
            write_debate(self.statistics, golden, audio=self.audio)
        write_index(self.statistics, goldens)
        write_summary(self.statistics, goldens)


@dataclass
class Complaints:
    """What the browser reported. `expected`: parts of console texts that a test provokes."""

    texts: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    def unexpected(self) -> list[str]:
        return [text for text in self.texts if not any(part in text for part in self.expected)]
