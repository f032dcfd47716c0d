"""The debate view for everybody: axe with everything open, both languages and schemes; small, printed, old, empty."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from golden_statistics import Golden
from lively_debate import hostile, lively, overwrite, statistics_of_lively
from page_tools import Complaints, Site
from playwright.sync_api import Browser, Page, expect
from test_accessibility import RULES, SMALLEST_TARGET_PX, tab_to
from test_list import no_sideways_scrolling

LATER = {
    "totals": [
        *["segments", "mean_turn_seconds", "median_turn_seconds", "longest_turn_seconds", "switches_per_minute"],
        *["floor_transfers", "median_floor_transfer_seconds", "questions", "balance", "unknown_share"],
        *["low_confidence_seconds", "low_confidence_share", "untimed_segments"],
    ],
    "speakers": [
        *["person", "share_of_duration", "segments", "share_of_words", "mean_confidence", "low_confidence_seconds"],
        *["mean_turn_seconds", "median_turn_seconds", "median_patience_seconds", "patience_count", "questions"],
        *["fillers_per_100_words", "mtld", "hdd", "mattr", "flesch_reading_ease", "flesch_kincaid_grade"],
        "first_second",
    ],
}


@pytest.fixture(params=["light", "dark"])
def scheme(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=["en-GB", "cs-CZ"])
def localised(browser: Browser, complaints: Complaints, scheme: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page in the language of `request.param` and the colours of `scheme`."""
    context = browser.new_context(
        locale=request.param, color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce"
    )
    page = context.new_page()
    page.on("pageerror", lambda error: complaints.texts.append(f"uncaught: {error}"))
    yield page
    context.close()
    assert complaints.unexpected() == []


def everything(page: Page) -> None:
    for summary in page.locator("summary").all():
        summary.click()
    page.locator(".segments").first.locator("input").last.check(force=True)
    page.locator(".heat button").first.click()
    page.locator(".zoom button").first.click()
    page.locator(".utterance").nth(2).click()
    page.locator(".utterance").nth(4).click(modifiers=["Shift"])
    page.evaluate(
        "() => { navigator.clipboard.writeText = () => Promise.reject(new DOMException('no', 'NotAllowedError')); }"
    )
    page.locator(".selection-tools button").first.click()
    expect(page.locator("#copy-by-hand")).to_be_visible()


def naming(page: Page) -> None:
    page.locator(".rename-line .button").click()
    expect(page.locator("dialog[open]")).to_be_visible()


def defining(page: Page) -> None:
    page.locator(".define").first.click()
    expect(page.locator("dialog[open]")).to_be_visible()


def shortcuts(page: Page) -> None:
    page.locator(".moment-line .plain-button").click()
    expect(page.locator("dialog[open]")).to_be_visible()


def publish(site: Site, golden: Golden) -> None:
    site.publish(golden)
    overwrite(site.statistics, statistics_of_lively(golden))


@pytest.mark.parametrize("prepare", [everything, naming, defining, shortcuts])
def test_axe_finds_nothing_in_either_language_or_scheme(
    localised: Page, site: Site, prepare: Callable[[Page], None]
) -> None:
    publish(site, lively(utterances=120))
    localised.goto(f"{site.url}#/debate/lively")
    expect(localised.locator(".utterance").first).to_be_attached()
    prepare(localised)
    found = Axe().run(localised, options=RULES).response["violations"]
    assert [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found] == []


@pytest.mark.parametrize("width", [320, 1280])
def test_targets_and_width_with_everything_open(page: Page, site: Site, width: int) -> None:
    publish(site, lively(utterances=120))
    page.set_viewport_size({"width": width, "height": 640})
    page.goto(f"{site.url}#/debate/lively")
    expect(page.locator(".utterance").first).to_be_attached()
    everything(page)
    no_sideways_scrolling(page)
    small = page.evaluate(
        """least => [...document.querySelectorAll('main a, main button, main input, main select, main summary')]
            .filter((target) => target.checkVisibility() && !target.closest('li p, .quality li, .no-recording'))
            .map((target) => [target.textContent, target.getBoundingClientRect()])
            .filter(([, box]) => box.width < least || box.height < least)
            .map(([text, box]) => `${text}: ${box.width} x ${box.height}`)""",
        SMALLEST_TARGET_PX,
    )
    assert small == []
    for opens in (naming, defining, shortcuts):
        opens(page)
        dialog = page.locator("dialog[open]")
        assert dialog.evaluate("dialog => dialog.scrollWidth <= dialog.clientWidth")
        page.keyboard.press("Escape")


def test_the_new_parts_by_keyboard_alone(page: Page, site: Site) -> None:
    publish(site, lively(utterances=60, audio=False))
    page.goto(f"{site.url}#/debate/lively")
    expect(page.locator(".utterance").first).to_be_attached()
    tab_to(page, "Name the speakers")
    page.keyboard.press("Enter")
    page.keyboard.type("Eva")
    page.keyboard.press("Enter")
    expect(page.locator(".bars")).to_contain_text("Eva*")
    tab_to(page, "The whole debate in figures")
    tab_to(page, "+")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Zoom out")).to_have_attribute("aria-disabled", "false")
    page.keyboard.press("Tab")
    tab_to(page, "Shares over time as a table")
    page.keyboard.press("Enter")
    expect(page.get_by_role("table", name="Share of speech, stretch after stretch")).to_be_visible()
    page.locator(".heat button").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".moment-list a").first).to_be_visible()


def test_the_dialogs_stop_the_single_keys(page: Page, site: Site) -> None:
    publish(site, lively(utterances=60, audio=False))
    page.goto(f"{site.url}#/debate/lively")
    expect(page.locator(".utterance").first).to_be_attached()
    defining(page)
    page.keyboard.press("l")
    expect(page.get_by_role("slider", name="Position in the debate")).to_have_attribute("aria-valuenow", "0")


def test_print_shows_figures_and_the_whole_transcript_without_controls(page: Page, site: Site) -> None:
    names: dict[str, str | None] = {f"SPEAKER_{i:02d}": f"Delegate {i}" for i in range(20)}
    publish(site, lively(names=names, utterances=200))
    page.goto(f"{site.url}#/debate/lively")
    expect(page.locator(".utterance").first).to_be_attached()
    page.emulate_media(media="print")
    for hidden in (".player", ".tools", ".zoom", ".segments", ".rename-line .button", ".downloads", ".define"):
        expect(page.locator(hidden).first).to_be_hidden()
    expect(page.locator(".lane:visible")).to_have_count(20)
    box = page.locator(".utterances")
    assert box.evaluate("box => box.scrollHeight - box.clientHeight") <= 1
    expect(page.locator(".utterance").last).to_be_visible()


def older(site: Site, job_id: str) -> None:
    """Take out of the document what earlier releases did not write."""
    path = site.statistics / f"by-job/{job_id}.json"
    document = json.loads(path.read_bytes())
    for name in ("interruptions", "butt_ins", "share_windows"):
        del document[name]
    for name in LATER["totals"]:
        del document["totals"][name]
    for speaker in document["speakers"]:
        for name in LATER["speakers"]:
            del speaker[name]
    del document["media"]["offset_seconds"]
    path.write_text(json.dumps(document), encoding="utf-8")


def test_statistics_of_an_older_release_are_shown_with_what_they_have(
    page: Page, site: Site, three_voices: Golden
) -> None:
    site.publish(three_voices)
    older(site, "council")
    page.goto(f"{site.url}#/debate/council")
    expect(page.locator(".lead")).to_have_text(
        "Three people spoke for 43 seconds; SPEAKER_02 spoke longest (45%). Two or more talked at once for 2.8% of it."
    )
    expect(page.locator(".shares .notice")).to_have_text("Shares over time are not known for this debate.")
    expect(page.locator(".interruptions .notice")).to_have_text("Interruptions are not known for this debate.")
    page.get_by_role("radio", name="All", exact=True).check(force=True)
    page.get_by_text("The whole debate in figures").click()
    table = page.get_by_role("table", name="Every figure of the debate as a whole")
    expect(table.get_by_role("row").filter(has_text="Balance")).to_contain_text("\N{EN DASH}")
    with page.expect_download():
        page.get_by_role("button", name="Speakers in figures").click()


@pytest.mark.parametrize(
    ("field", "value", "where"),
    [
        ("interruptions", "x", "interruptions: not a list"),
        ("butt_ins", [{"by": "A", "of": "B", "count": 1, "at": ["1"]}], "butt_ins[0].at[0]: not a number"),
        ("share_windows", {"window_seconds": 1, "step_seconds": 1}, "share_windows.windows: missing"),
    ],
)
def test_a_new_part_in_a_wrong_shape_is_named(
    page: Page, site: Site, three_voices: Golden, field: str, value: object, where: str
) -> None:
    site.publish(three_voices)
    path = site.statistics / "by-job/council.json"
    path.write_text(json.dumps({**json.loads(path.read_bytes()), field: value}), encoding="utf-8")
    page.goto(f"{site.url}#/debate/council")
    expect(page.locator(".detail")).to_contain_text(where)


@pytest.mark.parametrize("width", [320, 1280])
def test_hostile_and_endless_names_stay_text_and_inside(page: Page, site: Site, width: int) -> None:
    publish(site, hostile(lively(utterances=60)))
    page.set_viewport_size({"width": width, "height": 640})
    page.goto(f"{site.url}#/debate/lively")
    expect(page.locator(".utterance").first).to_be_attached()
    everything(page)
    expect(page.locator("main img, main script")).to_have_count(0)
    no_sideways_scrolling(page)


def test_one_speaker_and_none(page: Page, site: Site) -> None:
    alone = lively("alone", names={"SPEAKER_00": "Anna Novák"}, utterances=60)
    silence = Golden(job_id="silence", names={}, audio=False)
    site.publish(alone, silence)
    overwrite(site.statistics, statistics_of_lively(alone))
    page.goto(f"{site.url}#/debate/alone")
    expect(page.locator(".lane")).to_have_count(1)
    expect(page.locator(".lane-of-all")).to_have_count(0)
    expect(page.locator(".shares .notice")).to_be_visible()
    page.goto(f"{site.url}#/debate/silence")
    for section in (".speakers", ".when", ".shares", ".interruptions"):
        expect(page.locator(section).locator(".notice").first).to_be_visible()
    expect(page.get_by_role("button", name="Name the speakers")).to_have_count(0)
