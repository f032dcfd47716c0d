"""A passage of the transcript: chosen by mouse, keys or text, linked, quoted, opened and played to its end."""

from __future__ import annotations

import re

import pytest
from golden_statistics import Golden, statistics_of, talk
from lively_debate import overwrite
from page_modules import call
from page_tools import Complaints, Site
from playwright.sync_api import Locator, Page, ViewportSize, expect
from test_list import no_sideways_scrolling
from test_transcript import in_box, open_debate

ALLOWED = ["clipboard-read", "clipboard-write"]


def chosen(page: Page) -> list[int]:
    indices: list[int] = page.evaluate("[...document.querySelectorAll('.chosen')].map((one) => +one.dataset.index)")
    return indices


def bar(page: Page) -> Locator:
    return page.get_by_role("group", name="Chosen passage")


def copied(page: Page) -> str:
    expect(bar(page).locator(".copied")).to_have_text("Copied")
    text: str = page.evaluate("navigator.clipboard.readText()")
    return text


def address(site: Site, golden: Golden, first: int, last: int) -> str:
    spans = golden.utterances
    end = max(utterance.end for utterance in spans[first : last + 1])
    return f"{site.url}#/debate/{golden.job_id}?sel={round(spans[first].start, 3):g}-{round(end, 3):g}"


def test_shift_and_click_choose_and_the_address_follows(
    page: Page, site: Site, three_voices: Golden, viewport: ViewportSize
) -> None:
    open_debate(page, site, three_voices)
    page.locator(".utterance").nth(1).click()
    page.locator(".utterance").nth(3).click(modifiers=["Shift"])
    assert chosen(page) == [1, 2, 3]
    expect(bar(page)).to_contain_text(re.compile(r"3 utterances, 0:0\d to 0:\d\d"))
    assert page.url == address(site, three_voices, 1, 3)
    page.locator(".utterance").nth(0).click(modifiers=["Shift"])
    assert chosen(page) == [0, 1]
    bar(page).get_by_role("button", name="Add the next").click()
    assert chosen(page) == [0, 1, 2]
    no_sideways_scrolling(page)
    bar(page).get_by_role("button", name="Clear").click()
    assert chosen(page) == []
    expect(bar(page)).to_be_hidden()
    assert "sel=" not in page.url


def test_shift_and_arrows_choose_and_escape_gives_up(page: Page, site: Site, three_voices: Golden) -> None:
    open_debate(page, site, three_voices)
    page.locator(".utterance .time").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Shift+ArrowDown")
    assert chosen(page) == [1, 2, 3]
    page.keyboard.press("Shift+ArrowUp")
    assert chosen(page) == [1, 2]
    expect(page.locator("#live")).to_have_text(re.compile("^2 utterances, "))
    page.keyboard.press("Escape")
    assert chosen(page) == []


def test_selected_words_are_the_quote(page: Page, site: Site, three_voices: Golden) -> None:
    page.context.grant_permissions(ALLOWED)
    open_debate(page, site, three_voices)
    page.evaluate(
        """() => {
            const [first, last] = [1, 2].map((i) => document.querySelectorAll('.utterance .text')[i].firstChild);
            const range = document.createRange();
            range.setStart(first, first.data.indexOf('the money'));
            range.setEnd(last, last.data.indexOf(' has waited'));
            getSelection().addRange(range);
        }"""
    )
    expect(bar(page)).to_be_visible()
    assert chosen(page) == [1, 2]
    bar(page).get_by_role("button", name="Copy quote").click()
    names = [three_voices.names[three_voices.utterances[i].speaker] or "SPEAKER_02" for i in (1, 2)]
    assert copied(page).splitlines() == [
        f"{names[0]} (0:04): “the money should go to the road.”",
        f"{names[1]} (0:09): “The bridge”",
        three_voices.title,
        address(site, three_voices, 1, 2),
    ]


def test_link_and_quote_of_one_utterance(page: Page, site: Site, three_voices: Golden) -> None:
    page.context.grant_permissions(ALLOWED)
    open_debate(page, site, three_voices)
    page.locator(".utterance").nth(3).click()
    page.locator(".utterance").nth(3).click(modifiers=["Shift"])
    bar(page).get_by_role("button", name="Copy link").click()
    assert copied(page) == address(site, three_voices, 3, 3)
    bar(page).get_by_role("button", name="Copy quote").click()
    page.wait_for_function(
        "() => navigator.clipboard.readText().then((text) => text.startsWith('“Who will pay for it?” \\u2013 '))"
    )


def test_a_clipboard_that_is_refused_shows_the_text(
    page: Page, site: Site, three_voices: Golden, viewport: ViewportSize
) -> None:
    page.add_init_script(
        "navigator.clipboard.writeText = () => Promise.reject(new DOMException('no', 'NotAllowedError'))"
    )
    open_debate(page, site, three_voices)
    page.locator(".utterance").nth(3).click()
    page.locator(".utterance").nth(3).click(modifiers=["Shift"])
    bar(page).get_by_role("button", name="Copy link").click()
    by_hand = page.get_by_label("Copy this by hand")
    expect(by_hand).to_be_focused()
    expect(by_hand).to_have_value(address(site, three_voices, 3, 3))
    assert by_hand.evaluate("field => field.selectionEnd - field.selectionStart") == len(by_hand.input_value())
    no_sideways_scrolling(page)


def test_a_link_to_a_passage_opens_there(page: Page, site: Site, viewport: ViewportSize) -> None:
    golden = Golden(job_id="council", utterances=talk(["SPEAKER_00", "SPEAKER_01"], 40), audio=False)
    start, end = golden.utterances[20].start, golden.utterances[22].end
    open_debate(page, site, golden, f"?sel={start + 0.2:.1f}-{end - 0.2:.1f}")
    expect(page.locator(".chosen")).to_have_count(3)
    assert chosen(page) == [20, 21, 22]
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert in_box(page, ".chosen")
    expect(page.locator(".utterance[aria-current]")).to_have_attribute("data-index", "20")
    # The reader's own bounds stay, to the tenth of a second.
    assert page.url.endswith(f"?sel={start + 0.2:.1f}-{end - 0.2:.1f}")
    # Another passage of the same debate by the address alone.
    first = golden.utterances[2]
    page.evaluate("address => { location.hash = address; }", f"#/debate/council?sel={first.start:.1f}-{first.end:.1f}")
    expect(page.locator(".chosen")).to_have_count(1)
    assert chosen(page) == [2]


def test_a_passage_plays_from_its_start_and_stops_at_its_end(page: Page, site: Site, three_voices: Golden) -> None:
    second = three_voices.utterances[1]
    open_debate(page, site, three_voices, f"?sel={second.start:.1f}-{second.start + 1:.1f}")
    expect(page.locator(".chosen")).to_have_count(1)
    page.wait_for_function(
        "start => Math.abs(document.querySelector('audio').currentTime - start) < 0.2", arg=second.start
    )
    assert page.evaluate("document.querySelector('audio').paused")
    page.evaluate(
        """() => {
            const audio = document.querySelector('audio');
            audio.muted = true;
            window.ends = [];
            audio.addEventListener('pause', () => ends.push(audio.currentTime));
            audio.play();
        }"""
    )
    page.wait_for_function("() => ends.length === 1")
    assert page.evaluate("ends[0]") == pytest.approx(second.start + 1, abs=0.3)
    # Played on, it does not stop again; asked for the passage, it does.
    page.evaluate("document.querySelector('audio').play()")
    page.wait_for_function("end => document.querySelector('audio').currentTime > end", arg=second.start + 1.6)
    page.evaluate("document.querySelector('audio').pause()")
    bar(page).get_by_role("button", name="Play").click()
    page.wait_for_function("() => ends.length === 3")
    assert page.evaluate("ends[2]") == pytest.approx(second.start + 1, abs=0.3)


@pytest.mark.parametrize(
    "query", ["?sel=", "?sel=5", "?sel=9-3", "?sel=-1-4", "?sel=a-b", "?sel=99998-99999", "?sel=1-2-3"]
)
def test_a_passage_that_is_none_does_no_harm(page: Page, site: Site, three_voices: Golden, query: str) -> None:
    open_debate(page, site, three_voices, query)
    expect(page.locator(".utterance").first).to_be_visible()
    assert len(chosen(page)) <= 1


def test_a_passage_of_one_speaker_leaves_out_the_others(page: Page, site: Site, three_voices: Golden) -> None:
    page.context.grant_permissions(ALLOWED)
    open_debate(page, site, three_voices)
    page.get_by_label("Speaker", exact=True).select_option(label="Ben Carter")
    shown = page.locator(".utterance:visible")
    shown.first.click()
    shown.last.click(modifiers=["Shift"])
    bar(page).get_by_role("button", name="Copy quote").click()
    lines = copied(page).splitlines()[:-2]
    assert len(lines) == shown.count()
    assert all("Ben Carter" in line for line in lines)


def test_addresses_of_passages_there_and_back(page: Page, site: Site) -> None:
    site.publish()
    page.goto(site.url)
    href = call(page, "route", "passageHref", "a-debate", {"start": 83.2, "end": 97.0004})
    assert href == "#/debate/a-debate?sel=83.2-97"
    route = call(page, "route", "parseRoute", href)
    assert route == {"view": "debate", "id": "a-debate", "seconds": None, "selection": {"start": 83.2, "end": 97}}
    assert call(page, "route", "parseRoute", "#/debate/x?t=4&sel=5-9")["seconds"] == 4


SOURCES = (
    ("https://www.youtube.com/watch?v=abc&t=5s", "https://www.youtube.com/watch?v=abc&t=83s"),
    ("https://youtu.be/abc", "https://youtu.be/abc?t=83s"),
    ("https://www.youtube-nocookie.com/embed/abc?start=4", "https://www.youtube-nocookie.com/embed/abc?start=83"),
    ("https://vimeo.com/76979871#t=1s", "https://vimeo.com/76979871#t=83s"),
    ("https://video.example/debate.mp4", "https://video.example/debate.mp4#t=83"),
    ("https://notyoutube.com/watch?v=1", "https://notyoutube.com/watch?v=1#t=83"),
)


@pytest.mark.parametrize(("source", "link"), SOURCES)
def test_the_source_video_opens_at_the_second(page: Page, site: Site, source: str, link: str) -> None:
    site.publish()
    page.goto(site.url)
    statistics = {"source_url": source, "media": {"source_url": None, "offset_seconds": 0.5}}
    assert call(page, "source-link", "sourceAt", statistics, 83.1) == link


def test_without_a_recording_every_moment_leads_into_the_source_video(page: Page, site: Site) -> None:
    golden = Golden(job_id="council", utterances=talk(["SPEAKER_00", "SPEAKER_01"], 20), audio=False)
    site.publish(golden)
    figures = statistics_of(golden)
    media = figures.media.model_copy(update={"offset_seconds": 10.0})
    overwrite(site.statistics, figures.model_copy(update={"media": media}))
    page.goto(f"{site.url}#/debate/council")
    page.locator(".utterance").nth(3).click()
    second = int(golden.utterances[3].start + 10)
    beside = page.locator(".utterance").nth(3).locator(".source-beside")
    for link in (beside, page.locator(".player .source-here")):
        expect(link).to_have_attribute("href", f"https://video.example/watch?v=1#t={second}")
    page.locator(".utterance").nth(4).click()
    expect(page.locator(".source-beside")).to_have_count(1)


def test_a_source_that_is_no_address_is_no_link(
    page: Page, site: Site, complaints: Complaints, three_voices: Golden
) -> None:
    golden = Golden(job_id="council", utterances=three_voices.utterances, audio=False)
    site.publish(golden)
    figures = statistics_of(golden)
    overwrite(site.statistics, figures.model_copy(update={"source_url": "javascript:alert(1)"}))
    page.goto(f"{site.url}#/debate/council")
    page.locator(".utterance").nth(3).click()
    expect(page.locator(".source-beside, .source-here")).to_have_count(0)
    assert complaints.unexpected() == []
