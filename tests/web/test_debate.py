"""One debate: figures, the table of speakers, the timeline, downloads."""

from __future__ import annotations

import pytest
from golden_statistics import Golden, statistics_of, talk
from page_tools import Site
from playwright.sync_api import Locator, Page, ViewportSize, expect
from test_list import no_sideways_scrolling

from debate_core.documents.statistics import Note

COLUMNS = (
    "Speaker",
    "Speaking time",
    "Share of speech",
    "Words",
    "Words a minute",
    "Longest turn",
    "Turns",
    "In overlap",
)


def speakers_table(page: Page) -> Locator:
    return page.get_by_role("table", name="Every speaker in figures")


def names_in_order(page: Page) -> list[str]:
    return [text.split("\n")[0].strip() for text in speakers_table(page).get_by_role("rowheader").all_inner_texts()]


def test_figures_and_table_show_the_document(
    page: Page, site: Site, three_voices: Golden, viewport: ViewportSize
) -> None:
    site.publish(three_voices)
    page.goto(f"{site.url}#/debate/council")
    statistics = statistics_of(three_voices)
    expect(page.locator(".headline")).to_contain_text(str(statistics.totals.words))
    for title in COLUMNS:
        expect(speakers_table(page).get_by_role("columnheader", name=title, exact=True)).to_be_attached()
    for speaker in statistics.speakers:
        row = speakers_table(page).get_by_role("row").filter(has_text=speaker.label)
        expect(row).to_contain_text(f"{round((speaker.share_of_speech or 0) * 100)}%")
        expect(row).to_contain_text(str(speaker.words))
    expect(page.locator(".bars > li")).to_have_count(3)
    no_sideways_scrolling(page)


def test_columns_sort_both_ways_and_say_so(page: Page, site: Site, three_voices: Golden) -> None:
    site.publish(three_voices)
    page.goto(f"{site.url}#/debate/council")
    by_time = sorted(statistics_of(three_voices).speakers, key=lambda speaker: -speaker.speaking_seconds)
    expect(speakers_table(page).get_by_role("columnheader", name="Speaking time")).to_have_attribute(
        "aria-sort", "descending"
    )
    assert names_in_order(page) == [speaker.name or speaker.label for speaker in by_time]

    speakers_table(page).get_by_role("button", name="Speaker", exact=True).click()
    assert names_in_order(page) == ["Anna Novák", "Ben Carter", "SPEAKER_02"]
    speakers_table(page).get_by_role("button", name="Speaker", exact=True).click()
    assert names_in_order(page) == ["SPEAKER_02", "Ben Carter", "Anna Novák"]
    expect(speakers_table(page).get_by_role("columnheader", name="Speaker", exact=True)).to_have_attribute(
        "aria-sort", "descending"
    )
    expect(speakers_table(page).locator("[aria-sort]")).to_have_count(1)
    expect(page.locator("#live")).to_have_text("Sorted by speaker, descending")


def test_what_is_not_known_is_a_dash_with_its_reason_and_sorts_last(page: Page, site: Site) -> None:
    labels = ["SPEAKER_00", "SPEAKER_01"]
    utterances = talk([labels[0]], 8)
    golden = Golden(
        job_id="quiet", names=dict.fromkeys(labels), utterances=utterances, overlap_known=False, title="Quiet"
    )
    site.publish(golden)
    page.goto(f"{site.url}#/debate/quiet")
    silent = speakers_table(page).get_by_role("row").filter(has_text="SPEAKER_01")
    pace = silent.get_by_role("cell").nth(3)
    expect(pace).to_contain_text("\N{EN DASH}")
    expect(pace.locator("[title]")).to_have_attribute("title", "Under 10 s of speech a pace says nothing.")
    expect(page.locator(".speakers .reasons").first).to_contain_text("Under 10 s of speech a pace says nothing.")
    expect(page.locator(".headline")).to_contain_text("The diarization of this debate has no overlaps.")
    for direction in ("descending", "ascending"):
        speakers_table(page).get_by_role("button", name="Words a minute", exact=True).click()
        expect(speakers_table(page).locator("[aria-sort]")).to_have_attribute("aria-sort", direction)
        assert names_in_order(page) == labels
    expect(page.locator(".quality")).to_contain_text("For 3.5 s of speech (9.3%) it is not known who spoke.")


def test_the_timeline_seeks_by_click_and_by_keys(
    page: Page, site: Site, three_voices: Golden, viewport: ViewportSize
) -> None:
    site.publish(three_voices)
    page.goto(f"{site.url}#/debate/council")
    expect(page.locator(".utterance").first).to_be_attached()
    slider = page.get_by_role("slider", name="Position in the debate")
    slider.scroll_into_view_if_needed()
    plane = page.locator(".plane").bounding_box()
    assert plane is not None
    page.mouse.click(plane["x"] + plane["width"] * 0.5, plane["y"] + plane["height"] * 0.5)
    middle = round(three_voices.duration / 2)
    assert abs(int(slider.get_attribute("aria-valuenow") or -1) - middle) <= 1
    expect(page.locator(".utterance[aria-current]")).to_have_count(1)
    page.wait_for_function("() => document.querySelector('audio').currentTime > 20")

    slider.press("Home")
    expect(slider).to_have_attribute("aria-valuenow", "0")
    slider.press("ArrowRight")
    expect(slider).to_have_attribute("aria-valuenow", "5")
    expect(slider).to_have_attribute("aria-valuetext", "0:05 \N{EN DASH} Ben Carter")
    slider.press("End")
    expect(page.locator(".utterance").last).to_have_attribute("aria-current", "true")


def test_the_timeline_has_a_table_of_the_same(page: Page, site: Site, three_voices: Golden) -> None:
    site.publish(three_voices)
    page.goto(f"{site.url}#/debate/council")
    page.get_by_text("Timeline as a table").click()
    table = page.get_by_role("table", name="Speaking time in each tenth")
    expect(table.get_by_role("row")).to_have_count(6)
    expect(
        table.get_by_role("row").filter(has_text="Interruptions (estimated)").get_by_role("cell").first
    ).to_have_text("1")
    page.get_by_text("Timeline as a table").click()
    page.get_by_text("Timeline as a table").click()
    expect(table).to_have_count(1)


def test_every_file_can_be_taken_away(page: Page, site: Site, three_voices: Golden) -> None:
    site.publish(three_voices)
    page.goto(f"{site.url}#/debate/council")
    links = page.locator(".downloads a")
    expect(links).to_have_count(8)
    for link in [*links.all(), page.get_by_role("button", name="Speakers in figures")]:
        with page.expect_download() as download:
            link.click()
        assert download.value.path().stat().st_size > 0
    report = page.get_by_role("link", name="Quality report")
    assert page.request.get(report.evaluate("link => link.href")).ok


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "//elsewhere.example/x", "../index.html", "https://elsewhere.example/x"]
)
def test_a_document_cannot_send_the_reader_elsewhere(
    page: Page, site: Site, three_voices: Golden, address: str
) -> None:
    site.publish(three_voices)
    document = statistics_of(three_voices)
    hostile = document.model_copy(
        update={
            "source_url": "javascript:alert(1)",
            "media": document.media.model_copy(update={"url": address}),
            "files": document.files.model_copy(update={"words": address, "report": address}),
        }
    )
    (site.statistics / "by-job" / "council.json").write_bytes(hostile.to_json())
    page.goto(f"{site.url}#/debate/council")
    expect(page.locator(".downloads a")).to_have_count(6)
    expect(page.locator("audio")).to_have_count(0)
    expect(page.get_by_role("link", name="Quality report")).to_have_count(0)
    expect(page.get_by_role("link", name="Source video")).to_have_count(0)


def test_fifty_speakers_stay_readable(page: Page, site: Site, viewport: ViewportSize) -> None:
    names = {f"SPEAKER_{i:02d}": f"Delegate {i}" if i % 3 else None for i in range(50)}
    site.publish(Golden(job_id="plenary", title="Plenary", names=names, utterances=talk(list(names), 300)))
    page.goto(f"{site.url}#/debate/plenary")
    expect(speakers_table(page).get_by_role("rowheader")).to_have_count(50)
    expect(page.locator(".bars > li")).to_have_count(12)
    expect(page.locator(".share-chart")).to_contain_text("38 more speakers")
    lanes = page.locator(".lane")
    speaking = lanes.count()
    expect(page.locator(".lane:visible")).to_have_count(12)
    page.get_by_role("button", name=f"Show all {speaking} speakers").click()
    expect(page.locator(".lane:visible")).to_have_count(speaking)
    no_sideways_scrolling(page)


def test_what_a_reader_must_know_stands_on_top(page: Page, site: Site, three_voices: Golden) -> None:
    site.publish(three_voices)
    document = statistics_of(three_voices)
    notes = [
        Note(field="transcript", reason="The demo models know only the sample's voices."),
        Note(field="media", reason="The container says 50 s, 47 s were decoded."),
        *document.notes,
    ]
    (site.statistics / "by-job/council.json").write_bytes(document.model_copy(update={"notes": notes}).to_json())
    page.goto(f"{site.url}#/debate/council")
    expect(page.get_by_role("note")).to_have_text("The demo models know only the sample's voices.")
    expect(page.locator(".quality li")).to_contain_text(["The container says 50 s, 47 s were decoded."])
    expect(page.locator(".quality summary").first).to_contain_text(f"{len(document.notes)} remarks")


def test_zero_speakers_and_nothing_to_play(page: Page, site: Site, viewport: ViewportSize) -> None:
    site.publish(Golden(job_id="silence", title="Silence", names={}, audio=False))
    page.goto(f"{site.url}#/debate/silence")
    expect(page.get_by_text("No speaker was heard in this recording.")).to_be_visible()
    expect(page.get_by_text("There is no speech to draw a timeline of.")).to_be_visible()
    expect(page.get_by_text("The transcript has no words.")).to_be_visible()
    expect(page.get_by_text("The recording is not published with this debate")).to_be_visible()
    no_sideways_scrolling(page)
