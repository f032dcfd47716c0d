"""What a figure means, one click away; every figure of speakers and debate in a table."""

from __future__ import annotations

from typing import Any

from golden_statistics import Golden, statistics_of
from lively_debate import lively, overwrite, statistics_of_lively
from page_tools import Site
from playwright.sync_api import Page, ViewportSize, expect
from test_list import no_sideways_scrolling

from debate_core.documents.statistics import SpeakerStatistics, Totals

PACE = "speakers[].words_per_minute"


def definitions(page: Page) -> dict[str, dict[str, Any]]:
    """As the page has them in English."""
    found: dict[str, dict[str, Any]] = page.evaluate(
        "async () => (await import('./js/words/en/definitions.js')).default"
    )
    return found


def test_a_definition_opens_by_keyboard_and_gives_the_focus_back(page: Page, site: Site, three_voices: Golden) -> None:
    site.publish(three_voices)
    figures = statistics_of(three_voices)
    parameters = {**figures.parameters, "pace_min_speech_s": 12.5}
    overwrite(site.statistics, figures.model_copy(update={"parameters": parameters}))
    page.goto(f"{site.url}#/debate/council")
    expect(page.locator(".define").first).to_be_attached()
    definition = definitions(page)[PACE]
    button = page.locator("thead").get_by_role("button", name=f"What it means: {definition['name']}")
    button.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name=definition["name"])
    expect(dialog).to_contain_text(definition["definition"])
    expect(dialog).to_contain_text(definition["formula"])
    assert "pace_min_speech_s" in definition["parameters"]
    expect(dialog.locator("div").filter(has_text="pace_min_speech_s").last).to_contain_text("12.5")
    expect(dialog).to_contain_text(PACE)
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(button).to_be_focused()


def test_a_parameter_that_the_document_lacks_is_said(page: Page, site: Site, three_voices: Golden) -> None:
    site.publish(three_voices)
    page.goto(f"{site.url}#/debate/council")
    expect(page.locator(".define").first).to_be_attached()
    page.locator("thead").get_by_role("button", name=definitions(page)[PACE]["name"]).last.click()
    expect(page.get_by_role("dialog")).to_contain_text("not in this debate's file")
    page.get_by_role("dialog").get_by_role("button", name="Close").click()
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_every_figure_of_a_speaker_is_in_the_table(
    page: Page, site: Site, three_voices: Golden, viewport: ViewportSize
) -> None:
    site.publish(three_voices)
    page.goto(f"{site.url}#/debate/council")
    page.get_by_role("radio", name="All", exact=True).check(force=True)
    figures = set(SpeakerStatistics.model_fields) - {"label", "name", "person"}
    table = page.get_by_role("table", name="Every speaker in figures")
    expect(table.get_by_role("columnheader")).to_have_count(1 + len(figures))
    for title in ("MTLD", "Patience, median", "Flesch reading ease", "First heard at"):
        table.get_by_role("button", name=title, exact=True).click()
        expect(table.get_by_role("columnheader", name=title, exact=True)).to_have_attribute("aria-sort", "descending")
    expect(page.locator("#live")).to_have_text("Sorted by first heard at, descending")
    no_sideways_scrolling(page)


def test_columns_come_in_groups_chosen_by_arrow_keys(page: Page, site: Site) -> None:
    golden = lively(utterances=60)
    site.publish(golden)
    overwrite(site.statistics, statistics_of_lively(golden))
    page.goto(f"{site.url}#/debate/lively")
    page.get_by_role("radio", name="Overview").focus()
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name="Language")).to_be_checked()
    row = page.get_by_role("table", name="Every speaker in figures").get_by_role("row").nth(1)
    assert row.get_by_role("cell").all_inner_texts() == ["74.3", "0.83", "0.77", "62.5", "7.1"]


def test_every_figure_of_the_debate_is_in_a_table(
    page: Page, site: Site, three_voices: Golden, viewport: ViewportSize
) -> None:
    site.publish(three_voices)
    page.goto(f"{site.url}#/debate/council")
    page.get_by_text("The whole debate in figures").click()
    table = page.get_by_role("table", name="Every figure of the debate as a whole")
    expect(table.locator("td")).to_have_count(len(Totals.model_fields))
    expect(table.get_by_role("row").filter(has_text="Balance")).to_contain_text("0.93")
    expect(table.get_by_role("row").filter(has_text="Median wait")).to_contain_text("0.40 s")
    no_sideways_scrolling(page)


def test_figures_without_a_definition_have_no_button(page: Page, site: Site, three_voices: Golden) -> None:
    site.publish(three_voices)
    page.goto(f"{site.url}#/debate/council")
    page.get_by_text("The whole debate in figures").click()
    known = definitions(page)
    table = page.get_by_role("table", name="Every figure of the debate as a whole")
    expect(table.locator(".define")).to_have_count(sum(f"totals.{field}" in known for field in Totals.model_fields))


def test_both_languages_define_the_same(page: Page, site: Site) -> None:
    site.publish()
    page.goto(site.url)
    keys = [
        page.evaluate(f"async () => Object.keys((await import('./js/words/{language}/definitions.js')).default)")
        for language in ("en", "cs")
    ]
    assert sorted(keys[0]) == sorted(keys[1])
