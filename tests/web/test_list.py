"""The list of debates: what stands in a row, where it leads, what hostile text does."""

from __future__ import annotations

from golden_statistics import Golden, talk
from page_tools import Complaints, Site
from playwright.sync_api import Page, ViewportSize, expect

HOSTILE = "<script>window.broken = true</script><img src=x onerror='window.broken = true'>"


def no_sideways_scrolling(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page is wider than the window"


def test_a_row_says_what_a_debate_is_and_leads_to_it(
    page: Page, site: Site, three_voices: Golden, viewport: ViewportSize
) -> None:
    site.publish(three_voices, Golden(job_id="other", title="Other", utterances=talk(["SPEAKER_00"], 3), language="cs"))
    page.goto(site.url)
    row = page.get_by_role("listitem").filter(has_text=three_voices.title)
    expect(row).to_contain_text("22 November 2026")
    expect(row).to_contain_text("3 speakers")
    expect(row).to_contain_text("English")
    expect(row).to_contain_text("Anna Novák, Ben Carter, SPEAKER_02")
    expect(page.get_by_role("listitem").filter(has_text="Other")).to_contain_text("Czech")
    no_sideways_scrolling(page)

    row.get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(three_voices.title)
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    expect(page).to_have_title(f"{three_voices.title} \N{EN DASH} Debate Analyzer")
    page.get_by_role("link", name="All debates").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Debates")


def test_an_empty_list_says_what_will_come(page: Page, site: Site) -> None:
    site.publish()
    page.goto(site.url)
    expect(page.get_by_role("heading", level=1)).to_have_text("No debates yet")


def test_markup_in_titles_and_names_is_text(page: Page, site: Site, viewport: ViewportSize) -> None:
    golden = Golden(
        job_id="hostile",
        title=HOSTILE,
        names={"SPEAKER_00": HOSTILE, "SPEAKER_01": "ﺎﻠﺴﻴﺩ\u202e أحمد", "SPEAKER_02": "W" * 300},
        utterances=talk(["SPEAKER_00", "SPEAKER_01", "SPEAKER_02"], 9),
    )
    site.publish(golden)
    page.goto(site.url)
    expect(page.get_by_role("link", name=HOSTILE)).to_be_visible()
    no_sideways_scrolling(page)
    page.get_by_role("link", name=HOSTILE).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(HOSTILE)
    expect(page.get_by_role("table")).to_contain_text("<script>")
    expect(page.get_by_role("group", name="Transcript").get_by_text(HOSTILE).first).to_be_visible()
    assert page.evaluate("window.broken === undefined")
    no_sideways_scrolling(page)


def test_an_index_that_was_never_written_is_no_fault_of_the_reader(
    page: Page, site: Site, complaints: Complaints
) -> None:
    complaints.expected.append("404")
    page.goto(site.url)
    expect(page.get_by_role("heading", level=1)).to_have_text("No statistics here yet")
    site.publish()
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("No debates yet")
