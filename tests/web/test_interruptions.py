"""Who came in on whom: numbers, sums, moments that lead there, butt-ins, and why there is none."""

from __future__ import annotations

import pytest
from golden_statistics import Golden, talk
from lively_debate import NAMES, lively, overwrite, statistics_of_lively
from page_tools import Site
from playwright.sync_api import Page, ViewportSize, expect
from test_list import no_sideways_scrolling


def open_lively(page: Page, site: Site, *, pairs: bool = True) -> Golden:
    golden = lively(utterances=120)
    site.publish(golden)
    overwrite(site.statistics, statistics_of_lively(golden, pairs=pairs))
    page.goto(f"{site.url}#/debate/lively")
    expect(page.locator(".utterance").first).to_be_attached()
    return golden


def test_numbers_and_sums_are_those_of_the_document(page: Page, site: Site, viewport: ViewportSize) -> None:
    golden = open_lively(page, site)
    pairs = statistics_of_lively(golden).interruptions or []
    table = page.get_by_role("table", name="Rows come in on columns")
    for pair in pairs:
        by, of = (NAMES[label] or label for label in (pair.by, pair.of))
        times = "time" if pair.count == 1 else "times"
        cell = page.get_by_role("button", name=f"{by} on {of}: {pair.count} {times}")
        expect(table.locator("td").filter(has=cell)).to_have_text(str(pair.count))
    expect(table.locator(".sums td").last).to_have_text(str(sum(pair.count for pair in pairs)))
    no_sideways_scrolling(page)


def test_a_cell_lists_moments_that_lead_just_before(page: Page, site: Site) -> None:
    golden = open_lively(page, site)
    pair = (statistics_of_lively(golden).interruptions or [])[0]
    by, of = (NAMES[label] or label for label in (pair.by, pair.of))
    cell = page.get_by_role("button", name=f"{by} on {of}:")
    cell.focus()
    page.keyboard.press("Enter")
    expect(cell).to_have_attribute("aria-expanded", "true")
    moments = page.locator(".moment-list a")
    expect(moments).to_have_count(pair.count)
    moments.first.click()
    seconds = pair.at[0] - 2
    slider = page.get_by_role("slider", name="Position in the debate")
    expect(slider).to_have_attribute("aria-valuenow", str(round(seconds)))
    assert page.url.endswith(f"?t={round(seconds, 3):g}")
    cell.click()
    expect(moments).to_have_count(0)
    expect(cell).to_have_attribute("aria-expanded", "false")


def test_butt_ins_are_counted_apart(page: Page, site: Site) -> None:
    golden = open_lively(page, site)
    butt_ins = statistics_of_lively(golden).butt_ins or []
    page.get_by_role("radio", name="Interruptions").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name="Butt-ins")).to_be_checked()
    expect(page.locator(".heat .sums td").last).to_have_text(str(len(butt_ins)))
    page.locator(".heat button").first.click()
    expect(page.locator(".moments")).to_contain_text("butts in on")


def test_the_rule_is_one_click_away(page: Page, site: Site) -> None:
    open_lively(page, site)
    page.locator(".interruptions").get_by_role("button", name="What it means: Interruptions").click()
    expect(page.get_by_role("dialog", name="Interruptions (estimated)")).to_be_visible()


def test_not_known_none_and_one_speaker(page: Page, site: Site, three_voices: Golden) -> None:
    golden = open_lively(page, site, pairs=False)
    expect(page.locator(".interruptions .notice")).to_have_text("There is no diarization with overlaps.")
    figures = statistics_of_lively(golden)
    overwrite(site.statistics, figures.model_copy(update={"interruptions": [], "butt_ins": None}))
    page.reload()
    expect(page.locator(".interruptions .notice")).to_have_text("No interruption was found.")
    page.get_by_role("radio", name="Butt-ins").check(force=True)
    expect(page.locator(".interruptions .notice")).to_have_text("Interruptions are not known for this debate.")
    alone = Golden(job_id="alone", names={"SPEAKER_00": None}, utterances=talk(["SPEAKER_00"], 8))
    site.publish(alone)
    page.goto(f"{site.url}#/debate/alone")
    expect(page.locator(".interruptions .notice")).to_have_text("It takes two speakers to interrupt.")


@pytest.mark.parametrize("count", [0, 1])
def test_fifty_speakers_of_whom_few_interrupt(page: Page, site: Site, count: int, viewport: ViewportSize) -> None:
    names: dict[str, str | None] = {f"SPEAKER_{i:02d}": f"Delegate {i}" for i in range(50)}
    golden = lively("plenary", names=names, utterances=200)
    site.publish(golden)
    figures = statistics_of_lively(golden)
    some = [pair.model_copy(update={"count": count}) for pair in (figures.interruptions or [])[:1]]
    overwrite(site.statistics, figures.model_copy(update={"interruptions": some}))
    page.goto(f"{site.url}#/debate/plenary")
    expect(page.locator(".interruptions h2")).to_be_visible()
    expect(page.locator(".heat tbody tr")).to_have_count(3 if count else 0)
    no_sideways_scrolling(page)
