"""The sample debate from video to page: the real worker, the real statistics, the real nginx, a real browser."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from page_tools import Site
from playwright.sync_api import Page, ViewportSize, expect
from test_list import no_sideways_scrolling

from debate_core.documents.statistics import DebateStatistics

ROOT = Path(__file__).parents[2]
COMMANDS = Path(sys.executable).parent
EXAMPLES = ROOT / "examples"


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The statistics/ of the sample debate, made as `make demo` makes them."""
    folder = tmp_path_factory.mktemp("sample")
    store = folder / "store"
    job = EXAMPLES / "sample-debate.yaml"
    worker = ["debate-worker", "run", "--job", job, "--models", EXAMPLES / "models", "--cache", folder / "cache"]
    for command in (worker, ["debate-stats", "run"]):
        arguments = [COMMANDS / command[0], *command[1:], "--store", store]
        done = subprocess.run(arguments, capture_output=True, text=True, timeout=500, check=False)
        assert done.returncode == 0, done.stderr
    return store / "statistics"


@pytest.fixture
def sample(site: Site, published: Path) -> DebateStatistics:
    shutil.copytree(published, site.statistics, dirs_exist_ok=True)
    return DebateStatistics.from_json((published / "by-job" / "sample-debate.json").read_bytes())


def test_the_page_shows_the_sample_and_plays_it(
    page: Page, site: Site, sample: DebateStatistics, viewport: ViewportSize
) -> None:
    page.goto(site.url)
    page.get_by_role("link", name=sample.title).click()
    expect(page.locator(".headline")).to_contain_text(str(sample.totals.words))
    for speaker in sample.speakers:
        row = page.get_by_role("table", name="Every speaker in figures").get_by_role("row")
        expect(row.filter(has_text=speaker.label)).to_contain_text(str(speaker.words))
    expect(page.get_by_text("Knows only the voices")).to_be_visible()
    no_sideways_scrolling(page)
    audio = page.locator("audio")
    length = audio.evaluate(
        "sound => new Promise(done => {"
        " if (sound.readyState) done(sound.duration);"
        " sound.addEventListener('loadedmetadata', () => done(sound.duration)); sound.load(); })"
    )
    assert length == pytest.approx(sample.totals.duration_seconds, abs=0.5)
    page.locator("#search").fill("welcome")
    expect(page.locator("mark").first).to_have_text("welcome", ignore_case=True)


def test_a_link_to_a_moment_of_the_sample(page: Page, site: Site, sample: DebateStatistics) -> None:
    page.goto(f"{site.url}#/debate/sample-debate?t=60")
    expect(page.locator('[aria-current="true"]').first).to_be_visible()
    assert sample.totals.speakers == 3
