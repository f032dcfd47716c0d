"""People over debates: the list of them, one of them debate by debate, and what is said where little is known."""

from __future__ import annotations

import json
from typing import Any

import pytest
from golden_statistics import Golden, change, talk
from page_tools import Complaints, Site
from playwright.sync_api import Page, ViewportSize, expect
from test_list import HOSTILE, no_sideways_scrolling


def debate(number: int, **more: Any) -> Golden:
    return Golden(
        job_id=f"debate-{number}",
        title=f"Debate {number}",
        names={"SPEAKER_00": "Anna Novák", "SPEAKER_01": "Čeněk Žák"},
        people={"SPEAKER_00": "anna-novak", **({"SPEAKER_01": "cenek-zak"} if number == 0 else {})},
        utterances=talk(["SPEAKER_00", "SPEAKER_01"], 12 + 3 * number),
        **more,
    )


def edit_people(site: Site, **fields: Any) -> None:
    path = site.statistics / "summary.json"
    people = json.loads(path.read_bytes())["people"]
    change(path, people=[{**person, **fields} for person in people])


def test_people_in_the_order_of_the_alphabet_lead_to_their_figures(
    page: Page, site: Site, viewport: ViewportSize
) -> None:
    site.publish(debate(0), debate(1))
    page.goto(f"{site.url}#/people")
    table = page.get_by_role("table", name="2 people followed across debates")
    expect(table).to_be_visible()
    assert table.get_by_role("rowheader").all_inner_texts() == ["Anna Novák", "Čeněk Žák"]
    expect(page.get_by_text("ratios of sums, not means")).to_be_visible()
    no_sideways_scrolling(page)
    table.get_by_role("link", name="Anna Novák").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Anna Novák")
    expect(page.get_by_role("heading", level=1)).to_be_focused()


def test_one_person_debate_by_debate(page: Page, site: Site, viewport: ViewportSize) -> None:
    site.publish(debate(0), debate(1), debate(2, overlap_known=False))
    edit_people(site, speaking_seconds=90, share_of_speech=0.414, words=240, words_per_minute=160.4, questions=7)
    page.goto(f"{site.url}#/person/anna-novak")
    expect(page.locator(".person > .facts")).to_have_text("in 3 debates")
    figures = page.locator(".headline dl > div").all_inner_texts()
    assert [text.split("\n")[:2] for text in figures[:4]] == [
        ["Speaking time", "1 min 30 s"],
        ["Share of speech", "41%"],
        ["Words", "240"],
        ["Words a minute", "160"],
    ]
    expect(page.get_by_text("ratios of sums, not means")).to_be_visible()
    for caption in ("Share of each debate's speech", "Words a minute in each debate"):
        expect(page.locator("figure").filter(has_text=caption).get_by_role("listitem")).to_have_count(3)
    table = page.get_by_role("table", name="The figures of each debate")
    expect(table.get_by_role("row")).to_have_count(4)
    last = table.get_by_role("row").filter(has_text="Debate 2")
    expect(last).to_contain_text("22 November 2026")
    expect(last).to_contain_text("not known: It is not known there who talks at once.")
    expect(page.locator(".headline")).to_contain_text("known in 2 of 3 debates")
    no_sideways_scrolling(page)
    table.get_by_role("link", name="Debate 1").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Debate 1")


def test_a_link_goes_to_where_the_person_first_speaks_if_that_is_known(page: Page, site: Site) -> None:
    site.publish(debate(0))
    path = site.statistics / "summary.json"
    document = json.loads(path.read_bytes())
    document["people"][0]["debates"][0]["first_second"] = 12.5
    path.write_text(json.dumps(document), encoding="utf-8")
    page.goto(f"{site.url}#/person/anna-novak")
    expect(page.get_by_text("first speaks at 0:12")).to_be_visible()
    expect(page.get_by_role("link", name="Debate 0")).to_have_attribute("href", "#/debate/debate-0?t=12.5")
    # One debate needs no chart of debates.
    expect(page.locator("figure")).to_have_count(0)


def test_more_debates_than_bars(page: Page, site: Site) -> None:
    site.publish(*[debate(number) for number in range(1, 26)])
    page.goto(f"{site.url}#/person/anna-novak")
    expect(page.locator("figure").first.get_by_role("listitem")).to_have_count(20)
    expect(page.get_by_text("5 more debates: see the table.")).to_be_visible()
    expect(page.get_by_role("table").get_by_role("row")).to_have_count(26)


def test_figures_without_the_list_have_no_dates(page: Page, site: Site, complaints: Complaints) -> None:
    complaints.expected.append("404")
    site.publish(debate(0), debate(1))
    (site.statistics / "index.json").unlink()
    page.goto(f"{site.url}#/person/anna-novak")
    expect(page.get_by_role("table")).to_contain_text("Debate 1")
    expect(page.get_by_role("table")).not_to_contain_text("November")


def test_nobody_is_known_yet(page: Page, site: Site) -> None:
    site.publish()
    page.goto(f"{site.url}#/people")
    expect(page.get_by_role("heading", level=1)).to_have_text("Nobody is followed across debates yet")
    page.goto(f"{site.url}#/person/anna-novak")
    expect(page.get_by_role("heading", level=1)).to_have_text("Person not found")
    page.get_by_role("link", name="People across debates").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Nobody is followed across debates yet")


def test_a_summary_of_an_earlier_release_knows_nobody(page: Page, site: Site) -> None:
    site.publish(debate(0))
    change(site.statistics / "summary.json", people=None)
    page.goto(f"{site.url}#/people")
    expect(page.get_by_role("heading", level=1)).to_have_text("Nobody is followed across debates yet")


@pytest.mark.parametrize("address", ["#/people", "#/person/anna-novak"])
@pytest.mark.parametrize(
    ("status", "heading"),
    [(403, "You may not read this"), (404, "No figures of people yet"), (502, "The server has a problem")],
)
def test_a_refusal_is_told_from_a_failure(
    page: Page, site: Site, complaints: Complaints, address: str, status: int, heading: str
) -> None:
    complaints.expected.append(str(status))
    site.publish(debate(0))
    page.route("**/summary.json", lambda route: route.fulfill(status=status))
    page.goto(site.url + address)
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    page.unroute("**/summary.json")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("table").first).to_be_visible()


@pytest.mark.parametrize("address", ["#/person/", "#/person/A", "#/person/../x", "#/people/x"])
def test_an_address_that_names_nobody(page: Page, site: Site, address: str) -> None:
    page.goto(site.url + address)
    expect(page.get_by_role("heading", level=1)).to_have_text("There is no such page")


@pytest.mark.parametrize("name", [HOSTILE, "W" * 300, "\u202eأحمد بن محمد"])
def test_any_name_is_text(page: Page, site: Site, viewport: ViewportSize, name: str) -> None:
    site.publish(debate(0), debate(1))
    edit_people(site, name=name)
    for address in ("#/people", "#/person/anna-novak"):
        page.goto(site.url + address)
        expect(page.get_by_text(name).first).to_be_visible()
        no_sideways_scrolling(page)
    assert page.evaluate("window.broken === undefined")
