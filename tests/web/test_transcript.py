"""The transcript beside the recording: seeking, following, searching, choosing a speaker, links to a moment."""

from __future__ import annotations

import re

import pytest
from golden_statistics import Golden, talk
from page_tools import Complaints, Site
from playwright.sync_api import Locator, Page, ViewportSize, expect


def open_debate(page: Page, site: Site, golden: Golden, query: str = "") -> Locator:
    site.publish(golden)
    page.goto(f"{site.url}#/debate/{golden.job_id}{query}")
    transcript = page.get_by_role("group", name="Transcript")
    expect(transcript).to_be_visible()
    return transcript


def in_box(page: Page, selector: str) -> bool:
    inside: bool = page.evaluate(
        """selector => {
            const box = document.querySelector('.utterances').getBoundingClientRect();
            const item = document.querySelector(selector).getBoundingClientRect();
            return item.top >= box.top && item.top < box.bottom;
        }""",
        selector,
    )
    return inside


def test_a_click_on_an_utterance_seeks_and_the_address_keeps_it(
    page: Page, site: Site, three_voices: Golden, viewport: ViewportSize
) -> None:
    transcript = open_debate(page, site, three_voices)
    third = three_voices.utterances[2]
    transcript.get_by_text("The bridge has waited").first.click()
    expect(page.locator(".utterance").nth(2)).to_have_attribute("aria-current", "true")
    page.wait_for_function(
        "start => Math.abs(document.querySelector('audio').currentTime - start) < 0.2", arg=third.start
    )
    address = f"#/debate/council?t={third.start:g}"
    assert page.url.endswith(address)
    expect(page.get_by_role("link", name=re.compile("^Link to 0:0"))).to_have_attribute("href", address)


def test_a_link_to_a_moment_opens_there(page: Page, site: Site, three_voices: Golden, viewport: ViewportSize) -> None:
    moment = three_voices.utterances[5].start + 1
    open_debate(page, site, three_voices, f"?t={moment:.1f}")
    expect(page.locator(".utterance").nth(5)).to_have_attribute("aria-current", "true")
    page.wait_for_function("start => Math.abs(document.querySelector('audio').currentTime - start) < 0.2", arg=moment)
    assert in_box(page, ".utterance[aria-current]")
    # Another moment of the same debate by the address alone.
    page.evaluate("location.hash = '#/debate/council?t=1'")
    expect(page.locator(".utterance").first).to_have_attribute("aria-current", "true")


@pytest.mark.parametrize("query", ["?t=-5", "?t=NaN", "?t=", "?t=1e9", "?t=99999", "?x=1"])
def test_a_moment_that_is_none_does_no_harm(page: Page, site: Site, three_voices: Golden, query: str) -> None:
    open_debate(page, site, three_voices, query)
    expect(page.locator(".utterance").first).to_be_visible()


def test_the_playing_recording_moves_the_highlight(page: Page, site: Site, three_voices: Golden) -> None:
    transcript = open_debate(page, site, three_voices)
    second = three_voices.utterances[1]
    # Before it knows its length the recording would be sent back to where the page is.
    page.wait_for_function("() => document.querySelector('audio').readyState > 0")
    page.evaluate(
        "start => { const audio = document.querySelector('audio'); audio.muted = true; audio.currentTime = start; }",
        second.start - 0.3,
    )
    expect(page.locator(".utterance").first).to_have_attribute("aria-current", "true")
    page.evaluate("document.querySelector('audio').play()")
    expect(page.locator(".utterance").nth(1)).to_have_attribute("aria-current", "true")
    expect(transcript.locator("[aria-current]")).to_have_count(1)


def test_following_yields_to_the_reader_and_comes_back(page: Page, site: Site) -> None:
    golden = Golden(job_id="council", utterances=talk(["SPEAKER_00", "SPEAKER_01", "SPEAKER_02"], 60))
    transcript = open_debate(page, site, golden)
    transcript.hover()
    page.mouse.wheel(0, 900)
    back = page.get_by_role("button", name="Follow along again")
    expect(back).to_be_visible()
    top = transcript.evaluate("list => list.scrollTop")
    assert top > 0
    page.evaluate("document.querySelector('audio').currentTime = 20")
    expect(page.locator(".utterance[aria-current]")).to_have_count(1)
    assert transcript.evaluate("list => list.scrollTop") == top
    back.click()
    expect(back).to_be_hidden()
    assert in_box(page, ".utterance[aria-current]")


def test_search_finds_without_case_and_accents_and_walks(
    page: Page, site: Site, three_voices: Golden, viewport: ViewportSize
) -> None:
    open_debate(page, site, three_voices)
    field = page.get_by_label("Search the transcript")
    field.fill("PRISTI rok")
    expect(page.locator("mark")).to_have_text("Příští rok")
    expect(page.locator(".matches")).to_have_text("1 of 1 match")
    field.fill("bridge")
    expect(page.locator("mark")).to_have_count(3)
    expect(page.locator(".matches")).to_have_text("1 of 3 matches")
    field.press("Enter")
    expect(page.locator(".matches")).to_have_text("2 of 3 matches")
    field.press("Shift+Enter")
    field.press("Shift+Enter")
    expect(page.locator(".matches")).to_have_text("3 of 3 matches")
    assert in_box(page, "mark[aria-current]")
    page.get_by_role("button", name="Next match").click()
    expect(page.locator(".matches")).to_have_text("1 of 3 matches")
    field.fill("nowhere")
    expect(page.locator(".matches")).to_have_text("Nothing found")
    expect(page.locator("mark")).to_have_count(0)
    field.fill("")
    expect(page.locator(".matches")).to_have_text("")


def test_folded_search_marks_the_right_letters(page: Page, site: Site, three_voices: Golden) -> None:
    open_debate(page, site, three_voices)
    # One letter of the first text is two code units and folds to none or one; of the second, to two.
    for text, needle, marked in (("a\u0301bc xyz", "xyz", "xyz"), ("İİ yes", "yes", "yes"), ("Ǆ žába", "zaba", "žába")):
        found = page.evaluate(
            """async ([text, needle]) => {
                const search = await import('./js/transcript-search.js');
                return search.rangesOf(text, search.fold(text), search.fold(needle)).map(([a, b]) => text.slice(a, b));
            }""",
            [text, needle],
        )
        assert found == [marked]


def test_one_speaker_alone(page: Page, site: Site, three_voices: Golden) -> None:
    open_debate(page, site, three_voices)
    page.get_by_label("Search the transcript").fill("bridge")
    expect(page.locator("mark")).to_have_count(3)
    page.get_by_label("Speaker", exact=True).select_option(label="Ben Carter")
    mine = sum(utterance.speaker == "SPEAKER_01" for utterance in three_voices.utterances)
    expect(page.locator(".utterance:visible")).to_have_count(mine)
    expect(page.locator("mark")).to_have_count(1)
    page.get_by_label("Speaker", exact=True).select_option(label="Everyone")
    expect(page.locator(".utterance:visible")).to_have_count(len(three_voices.utterances))
    expect(page.locator("mark")).to_have_count(3)


def test_selecting_text_does_not_seek(page: Page, site: Site, three_voices: Golden) -> None:
    transcript = open_debate(page, site, three_voices)
    transcript.get_by_text("Who will pay").first.dblclick()
    before = page.url
    transcript.get_by_text("Who will pay").first.evaluate("text => getSelection().selectAllChildren(text)")
    transcript.locator(".utterance").nth(5).locator(".text").dispatch_event("click")
    assert page.url == before


def test_without_a_recording_timeline_and_transcript_still_move(page: Page, site: Site) -> None:
    golden = Golden(job_id="council", utterances=talk(["SPEAKER_00", "SPEAKER_01"], 20), audio=False)
    transcript = open_debate(page, site, golden)
    expect(page.get_by_role("heading", name="Follow the debate")).to_be_visible()
    transcript.get_by_text("Who will pay").first.click()
    expect(page.locator(".utterance").nth(3)).to_have_attribute("aria-current", "true")
    expect(page.get_by_role("slider", name="Position in the debate")).to_have_attribute(
        "aria-valuenow", str(round(golden.utterances[3].start))
    )


def test_a_recording_that_is_missing_is_said(
    page: Page, site: Site, three_voices: Golden, complaints: Complaints
) -> None:
    complaints.expected.append("404")
    site.publish(three_voices)
    (site.statistics / "files/council/debate.audio.m4a").unlink()
    page.goto(f"{site.url}#/debate/council")
    expect(page.locator(".player").get_by_text("The recording cannot be played")).to_be_visible()
    page.locator(".utterance").nth(2).click()
    expect(page.locator(".utterance").nth(2)).to_have_attribute("aria-current", "true")


def test_leaving_a_debate_ends_its_sound(page: Page, site: Site, three_voices: Golden) -> None:
    open_debate(page, site, three_voices)
    page.evaluate("window.kept = document.querySelector('audio'); kept.muted = true; kept.play()")
    page.wait_for_function("() => !kept.paused")
    page.get_by_role("link", name="All debates").click()
    page.wait_for_function("() => kept.paused")
