"""Ten hours and 60,000 words: how soon the page can be used.

The times are printed; only their order of size is asserted.
"""

from __future__ import annotations

import pytest
from golden_statistics import Golden, talk
from page_tools import Site
from playwright.sync_api import Page, ViewportSize, expect
from test_transcript import in_box

SPEAKERS = {f"SPEAKER_{i:02d}": f"Delegate {i}" for i in range(12)}
UTTERANCES = 8_000
# The goal is 1 s (DESIGN 8). A shared machine may take a few times as long; a page that lays everything out takes more.
SLOWEST_S = 5.0

USABLE = """async () => {
    const start = performance.now();
    location.hash = '#/debate/long?t=18000';
    for (;;) {
        await new Promise(requestAnimationFrame);
        const current = document.querySelector('.utterance[aria-current]');
        if (current && current.getBoundingClientRect().height > 0) break;
    }
    // One more turn: everything that was queued has run, and the next click is heard.
    await new Promise((resolve) => setTimeout(resolve));
    return (performance.now() - start) / 1000;
}"""
SCROLL = """async () => {
    const box = document.querySelector('.utterances');
    const frames = [];
    let last = performance.now();
    for (let i = 0; i < 60; i += 1) {
        box.scrollBy({ top: 300, behavior: 'instant' });
        await new Promise(requestAnimationFrame);
        frames.push(performance.now() - last);
        last = performance.now();
    }
    return frames.sort((a, b) => a - b)[57];
}"""
SEARCH = """async () => {
    const start = performance.now();
    document.querySelector('mark')?.remove();
    const field = document.getElementById('search');
    field.value = 'bridge';
    field.dispatchEvent(new Event('input'));
    while (!document.querySelector('mark')) await new Promise((resolve) => setTimeout(resolve));
    return (performance.now() - start) / 1000;
}"""


@pytest.fixture(scope="session")
def ten_hours() -> Golden:
    sentences = talk(list(SPEAKERS), UTTERANCES, pause_s=0.7)
    # Shorter than SENTENCES: 8,000 utterances of 60,000 words have 7.5 words each.
    short = tuple(
        utterance.model_copy(update={"text": " ".join(utterance.text.split()[:8])}) for utterance in sentences
    )
    return Golden(job_id="long", title="Ten hours", names=dict(SPEAKERS), utterances=short, audio=False)


def test_ten_hours_stay_usable(
    page: Page, site: Site, ten_hours: Golden, viewport: ViewportSize, capsys: pytest.CaptureFixture[str]
) -> None:
    words = sum(len(utterance.text.split()) for utterance in ten_hours.utterances)
    assert ten_hours.duration > 9.5 * 3600
    assert 55_000 < words < 65_000
    site.publish(ten_hours)
    page.goto(site.url)
    expect(page.get_by_role("link", name="Ten hours")).to_be_visible()
    usable_s = page.evaluate(USABLE)
    assert in_box(page, ".utterance[aria-current]")
    frame_ms = page.evaluate(SCROLL)
    search_s = page.evaluate(SEARCH)
    with capsys.disabled():
        print(
            f"\n{words} words at {viewport['width']} px: usable after {usable_s:.2f} s, "
            f"19 of 20 scroll frames within {frame_ms:.0f} ms, search {search_s:.2f} s"
        )
    assert usable_s < SLOWEST_S
    assert search_s < SLOWEST_S

    # However far the jump, the utterance asked for is in sight.
    for seconds in (100, 35_000, 5):
        page.evaluate("seconds => { location.hash = `#/debate/long?t=${seconds}`; }", seconds)
        index = max(i for i, utterance in enumerate(ten_hours.utterances) if utterance.start <= seconds)
        expect(page.locator(".utterance[aria-current]")).to_have_attribute("data-index", str(index))
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        assert in_box(page, ".utterance[aria-current]")


def test_all_of_it_is_in_the_page_for_the_browsers_own_search(page: Page, site: Site, ten_hours: Golden) -> None:
    site.publish(ten_hours)
    page.goto(f"{site.url}#/debate/long")
    expect(page.locator(".utterance")).to_have_count(UTTERANCES)
    assert page.evaluate("find(document.querySelectorAll('.utterance .text')[7999].textContent)")
