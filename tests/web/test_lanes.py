"""The timeline: zoom by buttons, keys and wheel, overlaps, interruptions; shares over time beside it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from golden_statistics import Golden
from lively_debate import NAMES, lively, overwrite, statistics_of_lively
from page_modules import call
from page_tools import Site
from playwright.sync_api import Locator, Page, ViewportSize, expect
from test_list import no_sideways_scrolling

from debate_core.documents.statistics import Note


@pytest.fixture
def golden(site: Site) -> Golden:
    # The tests' audio is shorter than this debate.
    debate = lively(audio=False)
    site.publish(debate)
    overwrite(site.statistics, statistics_of_lively(debate))
    return debate


@pytest.fixture
def slider(page: Page, site: Site, golden: Golden) -> Locator:
    page.goto(f"{site.url}#/debate/lively")
    found = page.get_by_role("slider", name="Position in the debate")
    expect(found).to_be_visible()
    return found


def shown(page: Page) -> tuple[float, float]:
    """Start and length of what the lanes show, in seconds."""
    start, _, length, _ = (page.locator(".track").first.get_attribute("viewBox") or "").split()
    return float(start), float(length)


def test_buttons_zoom_and_move_and_say_so(page: Page, slider: Locator, golden: Golden, viewport: ViewportSize) -> None:
    assert shown(page) == (0, golden.duration)
    closer, farther, later = (page.get_by_role("button", name=name) for name in ("Zoom in", "Zoom out", "Later"))
    expect(farther).to_have_attribute("aria-disabled", "true")
    closer.click()
    closer.click()
    assert shown(page)[1] == pytest.approx(golden.duration / 4)
    later.click()
    assert shown(page)[0] == pytest.approx(golden.duration / 8)
    expect(page.locator("#live")).to_have_text(re.compile(r"^\d+:\d\d to \d+:\d\d$"))
    expect(page.locator(".zoom-range")).to_have_text(page.locator("#live").inner_text())
    for _ in range(5):
        later.click()
    later.click(force=True)
    assert sum(shown(page)) == pytest.approx(golden.duration)
    expect(later).to_have_attribute("aria-disabled", "true")
    expect(later).to_be_focused()
    page.get_by_role("button", name="Show the whole debate").click()
    assert shown(page) == (0, golden.duration)
    no_sideways_scrolling(page)


def test_keys_zoom_move_and_seek(page: Page, slider: Locator, golden: Golden) -> None:
    slider.press("End")
    slider.press("+")
    assert shown(page) == pytest.approx((golden.duration / 2, golden.duration / 2))
    slider.press("Shift+ArrowLeft")
    assert shown(page)[0] == pytest.approx(golden.duration / 4)
    slider.press("Home")
    assert shown(page)[0] == 0
    for _ in range(20):
        slider.press("+")
    assert shown(page)[1] == 10
    slider.press("PageUp")
    start, length = shown(page)
    assert start <= 60 <= start + length
    slider.press("-")
    assert shown(page)[1] == 20
    slider.press("0")
    assert shown(page) == (0, golden.duration)


def test_ctrl_and_wheel_zoom_about_the_pointer(page: Page, slider: Locator, golden: Golden) -> None:
    slider.scroll_into_view_if_needed()
    plane = page.locator(".plane").bounding_box()
    assert plane is not None
    page.mouse.move(plane["x"] + plane["width"] / 4, plane["y"] + 20)
    page.keyboard.down("Control")
    page.mouse.wheel(0, -100)
    page.keyboard.up("Control")
    page.wait_for_function("() => document.querySelector('.track').getAttribute('viewBox').split(' ')[0] > 0")
    start, length = shown(page)
    assert start + length / 4 == pytest.approx(golden.duration / 4, abs=2)
    # Without Ctrl the page scrolls and the timeline stays.
    page.mouse.wheel(0, 100)
    page.wait_for_function("() => scrollY > 0")
    assert shown(page) == (start, length)


def test_a_click_in_a_zoomed_timeline_goes_to_what_is_seen(page: Page, slider: Locator, golden: Golden) -> None:
    slider.press("+")
    slider.press("+")
    plane = page.locator(".plane").bounding_box()
    assert plane is not None
    page.mouse.click(plane["x"] + plane["width"] / 2, plane["y"] + 20)
    assert int(slider.get_attribute("aria-valuenow") or -1) == pytest.approx(golden.duration / 8, abs=2)


def test_overlaps_and_interruptions_are_drawn_and_said(page: Page, slider: Locator, golden: Golden) -> None:
    together = page.locator(".lane-of-all path").get_attribute("d") or ""
    pairs = statistics_of_lively(golden).interruptions or []
    assert together.count("M") == sum(pair.count for pair in pairs)
    expect(page.locator(".when .legend li")).to_have_count(3)
    first = min((second, pair.by, pair.of) for pair in pairs for second in pair.at)
    expect(page.locator(".lane").filter(has_text=NAMES[first[1]] or first[1]).locator(".mark-head")).to_have_attribute(
        "d", re.compile(rf"M{first[0]:.2f} ")
    )
    page.evaluate("seconds => { location.hash = `#/debate/lively?t=${seconds}`; }", first[0])
    said = f"{NAMES[first[1]] or first[1]} comes in on {NAMES[first[2]] or first[2]} (estimated)"
    expect(slider).to_have_attribute("aria-valuetext", re.compile(re.escape(said)))


def test_without_overlaps_there_is_no_row_for_them(page: Page, site: Site) -> None:
    golden = lively()
    figures = statistics_of_lively(golden, pairs=False)
    unknown = figures.totals.model_copy(update={"overlap_seconds": None, "overlap_ratio": None})
    site.publish(golden)
    overwrite(site.statistics, figures.model_copy(update={"totals": unknown}))
    page.goto(f"{site.url}#/debate/lively")
    expect(page.locator(".lane")).to_have_count(4)
    expect(page.locator(".lane-of-all")).to_have_count(0)
    expect(page.locator(".when .legend li")).to_have_count(1)


def test_shares_over_time_by_key_and_as_a_table(
    page: Page, site: Site, golden: Golden, slider: Locator, viewport: ViewportSize
) -> None:
    flow = page.get_by_role("slider", name="Shares of speech at a moment")
    windows = statistics_of_lively(golden).share_windows.windows
    expect(flow).to_have_attribute("aria-valuetext", re.compile(r"^0:00 to 2:30: .*Anna Novák \d"))
    expect(page.locator(".band")).to_have_count(4)
    flow.press("End")
    flow.press("ArrowLeft")
    expect(slider).to_have_attribute("aria-valuenow", str(round(golden.duration - 30)))
    page.get_by_text("Shares over time as a table").click()
    table = page.get_by_role("table", name="Share of speech, stretch after stretch")
    expect(table.get_by_role("row")).to_have_count(1 + len(windows[::5]))
    shares = windows[0].shares
    assert shares is not None
    texts = table.get_by_role("row").nth(1).get_by_role("cell").all_inner_texts()
    assert [float(text.rstrip("%")) for text in texts] == pytest.approx([100 * share for share in shares], abs=0.5)
    no_sideways_scrolling(page)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"windows": []}, "The debate is too short, or has too few speakers"),
        (None, "Shares need the words' times."),
    ],
)
def test_shares_that_are_not_there_are_explained(
    page: Page, site: Site, golden: Golden, change: dict[str, Any] | None, text: str
) -> None:
    figures = statistics_of_lively(golden)
    windows = figures.share_windows.model_copy(update=change or {"windows": []})
    notes = figures.notes + ([] if change else [Note(field="share_windows", reason=text)])
    overwrite(site.statistics, figures.model_copy(update={"share_windows": windows, "notes": notes}))
    page.goto(f"{site.url}#/debate/lively")
    expect(page.locator(".shares .notice")).to_contain_text(text)
    expect(page.locator(".bands")).to_have_count(0)


def test_geometry_of_overlaps_marks_and_zoom(page: Page, site: Site) -> None:
    site.publish()
    page.goto(site.url)
    lanes = [[{"start": 0, "end": 4}, {"start": 6, "end": 8}], [{"start": 4, "end": 7}], [{"start": 3, "end": 5}]]
    assert call(page, "timeline-shapes", "overlaps", lanes, 10) == [{"start": 3, "end": 5}, {"start": 6, "end": 7}]
    assert call(page, "timeline-shapes", "overlaps", [], 10) == []
    window = {"start": 10, "length": 20}
    assert call(page, "timeline-shapes", "spaced", [31, 30, 12, 11, 10.5, 9], window, 1) == [10.5, 12, 30]
    assert call(page, "timeline-shapes", "ticks", 20, 4, 13) == [15, 20, 25, 30]
    assert call(page, "timeline-shapes", "countByPart", [0, 4, 9.9, 10], 10, 2) == [2, 2]
    pairs = [{"by": "A", "of": "B", "count": 2, "at": [5, 9]}, {"by": "B", "of": "A", "count": 1, "at": [8.5]}]
    assert call(page, "timeline-shapes", "interruptionNear", pairs, 8.6, 1) == {"by": "B", "of": "A"}
    assert call(page, "timeline-shapes", "interruptionNear", pairs, 7, 1) is None
    whole = {"start": 0, "length": 100}
    assert call(page, "zoom", "zoomed", whole, 2, 80, 100) == {"start": 40, "length": 50}
    assert call(page, "zoom", "zoomed", whole, 1000, 0, 100) == {"start": 0, "length": 10}
    assert call(page, "zoom", "zoomed", {"start": 95, "length": 5}, 0.001, 95, 100) == whole
    assert call(page, "zoom", "zoomed", {"start": 0, "length": 4}, 2, 1, 4) == {"start": 0, "length": 4}
    assert call(page, "zoom", "panned", {"start": 80, "length": 20}, 1, 100) == {"start": 80, "length": 20}
    assert call(page, "zoom", "showing", {"start": 0, "length": 20}, 50, 100) == {"start": 48, "length": 20}


def test_geometry_of_shares(page: Page, site: Site) -> None:
    site.publish()
    page.goto(site.url)
    windows = [
        {"start": 0, "end": 10, "shares": [0.25, 0.75]},
        {"start": 5, "end": 15, "shares": None},
        {"start": 10, "end": 20, "shares": [1, 0]},
    ]
    stack = call(page, "share-shapes", "stacked", windows, [[0], [1]])
    assert [part["levels"] for part in stack] == [[0, 0.25, 1], None, [0, 1, 1]]
    path = call(page, "share-shapes", "bandPath", stack, 0)
    assert path.count("M") == 2
    assert path.startswith("M0.0 75.00L5.0 75.00L10.0 75.00L10.0 100.00L")
    assert call(page, "share-shapes", "tallest", stack, 1) == {"x": 5, "y": 37.5, "share": 0.75}
    assert call(page, "share-shapes", "windowAt", windows, 11) == 1
