"""What the page says when something is wrong: each failure by its name, and the way out."""

from __future__ import annotations

import json
from typing import Any

import pytest
from golden_statistics import Golden, change, statistics_of, write_index
from page_tools import Complaints, Site
from playwright.sync_api import Page, Route, ViewportSize, expect
from test_accessibility import violations
from test_list import no_sideways_scrolling

DEBATE = "**/statistics/by-job/council.json"
TRANSCRIPT = "**/statistics/files/council/debate_transcription.json"


@pytest.mark.parametrize("address", ["#/debate/none", "#/debate/a-debate-that-was-withdrawn"])
def test_a_debate_that_is_not_there(page: Page, site: Site, complaints: Complaints, address: str) -> None:
    complaints.expected.append("404")
    site.publish()
    page.goto(site.url + address)
    expect(page.get_by_role("heading", level=1)).to_have_text("Debate not found")
    page.get_by_role("link", name="All debates").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("No debates yet")


@pytest.mark.parametrize(
    "address", ["#/debate/../index", "#/debate/%2e%2e", "#/debate/A_B", "#/debate/", "#/elsewhere", "#x"]
)
def test_an_address_that_means_nothing_asks_for_nothing(page: Page, site: Site, address: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(site.url + address)
    expect(page.get_by_role("heading", level=1)).to_have_text("There is no such page")
    assert not any("/statistics/" in url for url in asked)


@pytest.mark.parametrize(
    ("status", "heading"),
    [
        (401, "You may not read this"),
        (403, "You may not read this"),
        (404, "Debate not found"),
        (500, "The server has a problem"),
        (503, "The server has a problem"),
    ],
)
def test_a_refusal_is_told_from_a_failure(
    page: Page, site: Site, three_voices: Golden, complaints: Complaints, status: int, heading: str
) -> None:
    complaints.expected.append(str(status))
    site.publish(three_voices)
    page.route(DEBATE, lambda route: route.fulfill(status=status))
    page.goto(f"{site.url}#/debate/council")
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    expect(page.locator(".detail")).to_contain_text(f"HTTP {status}")
    page.unroute(DEBATE)
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(three_voices.title)


def test_no_connection(page: Page, site: Site, three_voices: Golden, complaints: Complaints) -> None:
    complaints.expected.append("ERR_CONNECTION_REFUSED")
    site.publish(three_voices)
    page.route("**/statistics/**", lambda route: route.abort("connectionrefused"))
    for address in ("#/debate/council", "#/", "#/compare/council/other", "#/people", "#/person/anna-novak"):
        page.goto(site.url + address)
        expect(page.get_by_role("heading", level=1)).to_have_text("The server cannot be reached")
        assert violations(page) == []
        page.goto("about:blank")


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ("", "JSON"),
        ('{"schema_version": 1, "jobs": [', "JSON"),
        ("[]", "not an object"),
        ('{"schema_version": 1}', "generated_at: missing"),
        ('{"schema_version": 1, "generated_at": "x", "jobs": [{"job_id": 7}]}', "jobs[0].job_id: not a text"),
        ('{"schema_version": "1", "generated_at": "x", "jobs": []}', "schema_version: not a number"),
    ],
)
def test_a_damaged_document_is_named(page: Page, site: Site, body: str, where: str, viewport: ViewportSize) -> None:
    (site.statistics / "index.json").write_text(body, encoding="utf-8")
    page.goto(site.url)
    expect(page.get_by_role("heading", level=1)).to_have_text("The data cannot be read")
    expect(page.locator(".detail")).to_contain_text(where)
    no_sideways_scrolling(page)


def test_data_newer_than_the_page(page: Page, site: Site, three_voices: Golden) -> None:
    site.publish(three_voices)
    change(site.statistics / "by-job/council.json", schema_version=2, totals="in another shape")
    page.goto(f"{site.url}#/debate/council")
    expect(page.get_by_role("heading", level=1)).to_have_text("This page is older than the data")


def test_data_with_more_fields_than_the_page_knows(page: Page, site: Site, three_voices: Golden) -> None:
    site.publish(three_voices)
    change(site.statistics / "by-job/council.json", topics=[{"later": True}])
    page.goto(f"{site.url}#/debate/council")
    expect(page.get_by_role("heading", level=1)).to_have_text(three_voices.title)


def test_a_damaged_transcript_leaves_the_figures(
    page: Page, site: Site, three_voices: Golden, complaints: Complaints
) -> None:
    site.publish(three_voices)
    path = site.statistics / "files/council/debate_transcription.json"
    good = path.read_bytes()
    path.write_text('{"duration": 4.2, "transcription": [{"start": 0}]}', encoding="utf-8")
    page.goto(f"{site.url}#/debate/council")
    problem = page.get_by_role("group", name="Transcript")
    expect(problem).to_contain_text("the data cannot be read")
    expect(problem).to_contain_text("transcription[0].end: missing")
    expect(page.get_by_role("table", name="Every speaker in figures")).to_be_visible()
    path.unlink()
    complaints.expected.append("404")
    problem.get_by_role("button", name="Try again").click()
    expect(problem).to_contain_text("it is not on the server")
    path.write_bytes(good)
    problem.get_by_role("button", name="Try again").click()
    expect(page.locator(".utterance")).to_have_count(len(three_voices.utterances))


def test_a_transcript_that_is_not_published(page: Page, site: Site, three_voices: Golden) -> None:
    site.publish(three_voices)
    document = statistics_of(three_voices)
    files = document.files.model_copy(update={"transcript": None})
    (site.statistics / "by-job/council.json").write_bytes(document.model_copy(update={"files": files}).to_json())
    page.goto(f"{site.url}#/debate/council")
    expect(page.get_by_text("The transcript is not published with this debate.")).to_be_visible()


def test_loading_is_said_and_an_answer_that_comes_too_late_is_dropped(
    page: Page, site: Site, three_voices: Golden
) -> None:
    site.publish(three_voices)
    waiting: list[Route] = []
    page.route(DEBATE, lambda route: waiting.append(route))
    page.goto(f"{site.url}#/debate/council")
    expect(page.locator("main")).to_have_text("Loading…")
    expect(page.locator("#live")).to_have_text("Loading")
    # What is about to be drawn has the heading.
    assert [rule for rule, _ in violations(page) if rule != "page-has-heading-one"] == []
    page.evaluate("location.hash = '#/'")
    expect(page.get_by_role("heading", level=1)).to_have_text("Debates")
    for route in waiting:
        route.fulfill(json=json.loads(statistics_of(three_voices).to_json()))
    expect(page.get_by_role("heading", level=1)).to_have_text("Debates")


def of_an_earlier_release(document: dict[str, Any], *names: str) -> None:
    """Fields that the first release did not write, neither in the document nor in its parts."""
    for part in (document, document["totals"], *document["speakers"]):
        for name in names:
            part.pop(name, None)


def test_statistics_of_an_earlier_release_are_read(page: Page, site: Site, three_voices: Golden) -> None:
    site.publish(three_voices)
    path = site.statistics / "by-job/council.json"
    document = json.loads(path.read_bytes())
    of_an_earlier_release(
        document,
        *("share_windows", "interruptions", "butt_ins", "switches_per_minute", "balance", "unknown_share", "questions"),
        *("median_turn_seconds", "floor_transfers", "low_confidence_share", "untimed_segments"),
        *("person", "patience_count", "mtld", "flesch_reading_ease", "first_second"),
    )
    path.write_text(json.dumps(document), encoding="utf-8")
    page.goto(f"{site.url}#/debate/council")
    expect(page.get_by_role("heading", level=1)).to_have_text(three_voices.title)


@pytest.mark.parametrize(
    ("field", "value", "where"),
    [
        ("interruptions", [{"by": "A", "of": "B", "count": 1, "at": ["x"]}], "interruptions[0].at[0]: not a number"),
        ("butt_ins", {}, "butt_ins: not a list"),
        ("share_windows", {"window_seconds": 1, "step_seconds": 1, "windows": [{}]}, "windows[0].start: missing"),
        ("totals", {"duration_seconds": "long"}, "totals.duration_seconds: not a number"),
    ],
)
def test_a_wrong_value_is_named_and_never_drawn(
    page: Page, site: Site, three_voices: Golden, field: str, value: object, where: str
) -> None:
    site.publish(three_voices)
    change(site.statistics / "by-job/council.json", **{field: value})
    page.goto(f"{site.url}#/debate/council")
    expect(page.get_by_role("heading", level=1)).to_have_text("The data cannot be read")
    expect(page.locator(".detail")).to_contain_text(where)


def look_again(page: Page) -> None:
    """What the browser says when a tab comes to the front, which a test's tab always is."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def test_a_tab_left_open_offers_new_figures(page: Page, site: Site, three_voices: Golden) -> None:
    site.publish(three_voices)
    page.goto(site.url)
    expect(page.locator(".count")).to_have_text("1 debate")
    # Written again with nothing new in it.
    index = site.statistics / "index.json"
    index.write_bytes(index.read_bytes().replace(b"T10:30:00Z", b"T10:45:00Z", 1))
    with page.expect_response("**/summary.json"):
        look_again(page)
    expect(page.locator(".news")).to_have_count(0)

    write_index(site.statistics, [three_voices, Golden(job_id="new", title="New debate", names={})])
    look_again(page)
    news = page.locator(".news")
    expect(news).to_be_visible()
    expect(page.locator("#live")).to_contain_text("New figures have been published")
    look_again(page)
    expect(news).to_have_count(1)
    assert violations(page) == []
    news.get_by_role("button", name="Show them").click()
    expect(page.locator(".count")).to_have_text("2 debates")
    expect(news).to_have_count(0)


def test_a_debate_that_was_withdrawn_meanwhile(
    page: Page, site: Site, three_voices: Golden, complaints: Complaints
) -> None:
    complaints.expected.append("404")
    site.publish(three_voices)
    page.goto(f"{site.url}#/debate/council")
    expect(page.get_by_role("heading", level=1)).to_have_text(three_voices.title)
    (site.statistics / "by-job/council.json").unlink()
    look_again(page)
    page.get_by_role("button", name="Show them").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Debate not found")


def test_a_tab_left_open_without_a_connection_stays_as_it_is(
    page: Page, site: Site, three_voices: Golden, complaints: Complaints
) -> None:
    complaints.expected.append("ERR_CONNECTION_REFUSED")
    site.publish(three_voices)
    page.goto(site.url)
    expect(page.locator(".count")).to_have_text("1 debate")
    page.route("**/statistics/**", lambda route: route.abort("connectionrefused"))
    with page.expect_event("requestfailed", lambda request: "summary" in request.url):
        look_again(page)
    expect(page.locator(".news")).to_have_count(0)
    expect(page.locator(".count")).to_have_text("1 debate")


def test_going_on_while_it_looks_again_leaves_nothing_behind(page: Page, site: Site, three_voices: Golden) -> None:
    site.publish(three_voices)
    page.goto(site.url)
    expect(page.locator(".count")).to_have_text("1 debate")
    waiting: list[Route] = []
    page.route("**/index.json", lambda route: waiting.append(route))
    with page.expect_request("**/index.json"):
        look_again(page)
    page.locator(".debate-title").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(three_voices.title)
    expect(page.locator(".news")).to_have_count(0)


def test_a_page_without_its_configuration_is_whole(
    page: Page, site: Site, three_voices: Golden, complaints: Complaints
) -> None:
    complaints.expected.append("404")
    site.publish(three_voices)
    page.route("**/config.json", lambda route: route.fulfill(status=404))
    page.goto(site.url)
    expect(page.get_by_role("heading", level=1)).to_have_text("Debates")
