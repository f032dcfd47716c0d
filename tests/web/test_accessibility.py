"""WCAG 2.2 AA as far as a program can see it: axe in both colour schemes, the keyboard alone, target sizes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from golden_statistics import Golden, talk
from page_tools import NARROW, WIDE, Complaints, Site
from playwright.sync_api import Page, ViewportSize, expect
from test_list import no_sideways_scrolling

RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
}
SMALLEST_TARGET_PX = 24


def violations(page: Page) -> list[tuple[str, list[str]]]:
    """What axe finds wrong: the rule and the elements."""
    found = Axe().run(page, options=RULES).response["violations"]
    return [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found]


def publish_all(site: Site, three_voices: Golden) -> None:
    names: dict[str, str | None] = {f"SPEAKER_{i:02d}": f"Delegate {i}" for i in range(20)}
    site.publish(
        three_voices,
        Golden(job_id="plenary", title="Plenary", names=names, utterances=talk(list(names), 60), overlap_known=False),
        Golden(job_id="silence", title="Silence", names={}, audio=False),
    )


def with_everything_open(page: Page) -> None:
    expect(page.locator(".utterance").first).to_be_attached()
    page.locator(".utterance").nth(2).click()
    page.locator(".transcript input[type=search]").fill("bridge")
    expect(page.locator("mark").first).to_be_attached()
    for summary in page.locator("summary").all():
        summary.click()


def with_shortcuts(page: Page) -> None:
    expect(page.locator(".utterance").first).to_be_attached()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()


def as_it_comes(page: Page) -> None:
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator(".loading")).to_have_count(0)


def with_a_pair_chosen(page: Page) -> None:
    boxes = page.get_by_role("checkbox")
    boxes.nth(0).check()
    boxes.nth(1).check()
    expect(page.locator(".pair-bar")).to_be_visible()


ADDRESSES: list[tuple[str, Callable[[Page], None]]] = [
    ("#/", as_it_comes),
    ("#/", with_a_pair_chosen),
    ("#/?q=nothing+like+it", as_it_comes),
    ("#/compare/council/plenary", as_it_comes),
    ("#/compare/silence/plenary", as_it_comes),
    ("#/people", as_it_comes),
    ("#/person/anna-novak", as_it_comes),
    ("#/person/nobody", as_it_comes),
    ("#/debate/council", with_everything_open),
    ("#/debate/council", with_shortcuts),
    ("#/debate/plenary", as_it_comes),
    ("#/debate/silence", as_it_comes),
    ("#/debate/none", as_it_comes),
    ("#/elsewhere", as_it_comes),
]


@pytest.mark.parametrize(("language", "viewport"), [("en", WIDE), ("cs", NARROW)])
@pytest.mark.parametrize(("address", "prepare"), ADDRESSES)
def test_axe_finds_nothing(
    page: Page,
    site: Site,
    three_voices: Golden,
    complaints: Complaints,
    language: str,
    viewport: ViewportSize,
    address: str,
    prepare: Callable[[Page], None],
) -> None:
    complaints.expected.append("404")
    publish_all(site, three_voices)
    page.goto(site.url + address)
    prepare(page)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        assert violations(page) == [], scheme


def test_targets_are_large_enough(page: Page, site: Site, three_voices: Golden, viewport: ViewportSize) -> None:
    publish_all(site, three_voices)
    for address in ("#/", "#/compare/council/plenary", "#/people", "#/person/anna-novak", "#/debate/council"):
        page.goto(site.url + address)
        as_it_comes(page)
        if address == "#/":
            with_a_pair_chosen(page)
        small = page.evaluate(
            """least => [...document.querySelectorAll('a, button, input, select, summary')]
                .filter((target) => target.checkVisibility() && !target.closest('li p, .quality li'))
                .map((target) => [target.textContent, target.getBoundingClientRect()])
                .filter(([, box]) => box.width < least || box.height < least)
                .map(([text, box]) => `${text}: ${box.width} x ${box.height}`)""",
            SMALLEST_TARGET_PX,
        )
        assert small == []


def test_nothing_is_wider_than_320_pixels(
    page: Page, site: Site, three_voices: Golden, complaints: Complaints, language: str
) -> None:
    complaints.expected.append("404")
    publish_all(site, three_voices)
    page.set_viewport_size({"width": 320, "height": 640})
    for address, prepare in ADDRESSES:
        # Without it the browser would only change the part behind "#".
        page.goto("about:blank")
        page.goto(site.url + address)
        prepare(page)
        no_sideways_scrolling(page)


def focused(page: Page) -> str:
    text: str = page.evaluate("(document.activeElement.innerText || document.activeElement.id).trim()")
    return text


def tab_to(page: Page, wanted: str) -> None:
    for _ in range(60):
        page.keyboard.press("Tab")
        if focused(page).startswith(wanted):
            return
    raise AssertionError(f"Tab never reached {wanted!r}")


def test_the_whole_path_by_keyboard_alone(page: Page, site: Site, three_voices: Golden) -> None:
    publish_all(site, three_voices)
    page.goto(site.url)
    as_it_comes(page)
    page.keyboard.press("Tab")
    assert focused(page) == "Skip to the content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    tab_to(page, three_voices.title)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_be_focused()

    tab_to(page, "Words a minute")
    page.keyboard.press("Enter")
    expect(page.get_by_role("columnheader", name="Words a minute")).to_have_attribute("aria-sort", "descending")

    expect(page.locator(".utterance").first).to_be_attached()
    tab_to(page, "search")
    page.keyboard.type("school")
    expect(page.locator(".matches")).to_contain_text("1 of")
    tab_to(page, "0:00")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.locator(".utterance").nth(2).locator(".time")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".utterance").nth(2)).to_have_attribute("aria-current", "true")
    # One step leaves the transcript, however long it is.
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.utterances') === null")


def test_the_focus_is_never_hidden_under_the_player(page: Page, site: Site, three_voices: Golden) -> None:
    publish_all(site, three_voices)
    page.goto(f"{site.url}#/debate/council")
    expect(page.locator(".utterance").first).to_be_attached()
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    page.locator(".downloads a").first.focus()
    for _ in range(12):
        page.keyboard.press("Shift+Tab")
        hidden = page.evaluate(
            """() => {
                const box = document.activeElement.getBoundingClientRect();
                const player = document.querySelector('.player');
                if (player.contains(document.activeElement)) return false;
                const [x, y] = [box.left + box.width / 2, box.top + Math.min(box.height, 20) / 2];
                const over = document.elementFromPoint(x, y);
                return over !== null && player.contains(over);
            }"""
        )
        assert not hidden, f"the player covers {focused(page)!r}"


def test_the_focus_is_never_hidden_under_the_bar_of_the_list(page: Page, site: Site, viewport: ViewportSize) -> None:
    site.publish(*[Golden(job_id=f"debate-{i}", title=f"Debate {i}", names={}) for i in range(20)])
    page.goto(site.url)
    with_a_pair_chosen(page)
    page.get_by_label("Order").focus()
    for _ in range(24):
        page.keyboard.press("Tab")
        hidden = page.evaluate(
            """() => {
                const box = document.activeElement.getBoundingClientRect();
                const bar = document.querySelector('.pair-bar');
                if (bar.contains(document.activeElement)) return false;
                return box.bottom > bar.getBoundingClientRect().top || box.top < 0;
            }"""
        )
        assert not hidden, f"the bar covers {focused(page)!r}"


@pytest.mark.parametrize("address", ["#/", "#/compare/council/plenary", "#/person/anna-novak", "#/people"])
def test_every_chart_has_its_numbers_as_text_and_every_table_a_name(
    page: Page, site: Site, three_voices: Golden, address: str
) -> None:
    publish_all(site, three_voices)
    page.goto(site.url + address)
    as_it_comes(page)
    assert page.evaluate("[...document.querySelectorAll('table')].every((table) => table.caption.textContent !== '')")
    assert page.evaluate(
        "[...document.querySelectorAll('main svg')].every((drawing) => drawing.getAttribute('aria-hidden') === 'true')"
    )
    assert page.evaluate(
        "[...document.querySelectorAll('.bar-value')].every((value) => value.textContent.trim() !== '')"
    )


def test_shortcuts_act_and_can_be_turned_off(page: Page, site: Site, three_voices: Golden) -> None:
    publish_all(site, three_voices)
    page.goto(f"{site.url}#/debate/council")
    expect(page.locator(".utterance").first).to_be_attached()
    slider = page.get_by_role("slider", name="Position in the debate")
    page.wait_for_function("document.querySelector('audio').readyState > 0")
    page.keyboard.press("l")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("j")
    page.keyboard.press("l")
    expect(slider).to_have_attribute("aria-valuenow", "10")
    page.evaluate("document.querySelector('audio').muted = true")
    for key in ("k", " "):
        page.keyboard.press(key)
        page.wait_for_function("!document.querySelector('audio').paused")
        page.keyboard.press(key)
        page.wait_for_function("document.querySelector('audio').paused")
    page.keyboard.press("/")
    expect(page.get_by_label("Search the transcript")).to_be_focused()
    page.keyboard.type("kj/ l?")
    expect(page.get_by_label("Search the transcript")).to_have_value("kj/ l?")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(dialog).to_be_visible()
    dialog.get_by_role("checkbox").uncheck()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()

    page.reload()
    expect(page.locator(".utterance").first).to_be_attached()
    before = slider.get_attribute("aria-valuenow")
    page.keyboard.press("l")
    page.keyboard.press("?")
    expect(dialog).to_be_hidden()
    assert slider.get_attribute("aria-valuenow") == before


def test_transcript_text_has_its_own_language(page: Page, site: Site, three_voices: Golden) -> None:
    site.publish(Golden(job_id="cesky", language="cs", utterances=talk(["SPEAKER_00"], 5)))
    page.goto(f"{site.url}#/debate/cesky")
    expect(page.get_by_role("group", name="Transcript")).to_have_attribute("lang", "cs")
    assert page.locator("html").get_attribute("lang") == "en"
