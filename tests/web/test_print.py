"""The page on paper: nothing to press, black on white, everything that the screen keeps out of sight."""

from __future__ import annotations

import pytest
from golden_statistics import Golden, talk
from page_tools import Site
from playwright.sync_api import Page, expect
from test_list import no_sideways_scrolling

# A4 without its margins, at 96 pixels an inch.
PAPER = {"width": 688, "height": 1000}


@pytest.mark.parametrize(
    "address", ["#/", "#/?pick=council.plenary", "#/compare/council/plenary", "#/person/anna-novak", "#/debate/council"]
)
def test_paper_has_no_controls_and_no_darkness(page: Page, site: Site, three_voices: Golden, address: str) -> None:
    plenary = Golden(job_id="plenary", title="Plenary", utterances=talk(["SPEAKER_00", "SPEAKER_01"], 40))
    site.publish(three_voices, plenary)
    page.set_viewport_size({"width": PAPER["width"], "height": PAPER["height"]})
    page.emulate_media(color_scheme="dark")
    page.goto(site.url + address)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator(".loading")).to_have_count(0)
    page.emulate_media(media="print", color_scheme="dark")
    # The buttons in the heads of tables are their words.
    for control in (
        "input",
        "select",
        "audio",
        ".plain-button",
        ".pair-bar",
        "button:not(thead button)",
        "button[aria-haspopup]",
    ):
        assert [place for place in page.locator(control).all() if place.is_visible()] == [], control
    colours = page.evaluate(
        "[document.body, document.querySelector('h1')].map((element) => getComputedStyle(element))"
        ".map((style) => [style.backgroundColor, style.color])"
    )
    assert colours[0] == ["rgb(255, 255, 255)", "rgb(0, 0, 0)"]
    assert colours[1][1] == "rgb(0, 0, 0)"
    no_sideways_scrolling(page)


def test_paper_has_every_row_of_the_list(page: Page, site: Site) -> None:
    site.publish(*[Golden(job_id=f"debate-{i}", title=f"Debate {i}", names={}) for i in range(40)])
    page.goto(site.url)
    expect(page.locator(".count")).to_have_text("40 debates")
    page.emulate_media(media="print")
    rows = page.locator(".debates > li")
    assert rows.evaluate_all("(rows) => rows.map((row) => getComputedStyle(row).contentVisibility)") == ["visible"] * 40


def test_paper_has_the_whole_transcript(page: Page, site: Site) -> None:
    site.publish(Golden(job_id="long", title="Long", utterances=talk(["SPEAKER_00", "SPEAKER_01"], 120)))
    page.goto(f"{site.url}#/debate/long")
    expect(page.locator(".utterance")).to_have_count(120)
    page.emulate_media(media="print")
    heights = page.locator(".utterances").evaluate("(list) => [list.clientHeight, list.scrollHeight]")
    assert heights[0] == heights[1] > 5000


def test_paper_says_where_the_source_is(page: Page, site: Site, three_voices: Golden) -> None:
    site.publish(three_voices)
    page.goto(f"{site.url}#/debate/council")
    source = page.locator(".facts a[href^='https://video.example']")
    expect(source).to_be_visible()
    page.emulate_media(media="print")
    said = source.evaluate("(link) => getComputedStyle(link, '::after').content")
    assert "video.example" in said
