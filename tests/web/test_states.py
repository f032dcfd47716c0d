"""What the page says when something is wrong: each failure by its name, and the way out."""

from __future__ import annotations

import json

import pytest
from golden_statistics import Golden, change, statistics_of
from page_tools import Complaints, Site
from playwright.sync_api import Page, Route, ViewportSize, expect
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
    page.route(DEBATE, lambda route: route.abort("connectionrefused"))
    page.goto(f"{site.url}#/debate/council")
    expect(page.get_by_role("heading", level=1)).to_have_text("The server cannot be reached")


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
    page.evaluate("location.hash = '#/'")
    expect(page.get_by_role("heading", level=1)).to_have_text("Debates")
    for route in waiting:
        route.fulfill(json=json.loads(statistics_of(three_voices).to_json()))
    expect(page.get_by_role("heading", level=1)).to_have_text("Debates")
