"""Two debates side by side: the figures, how far they are apart in words, and what keeps them from being compared."""

from __future__ import annotations

import json
from typing import Any

import pytest
from golden_statistics import Golden, change, talk
from page_tools import Complaints, Site
from playwright.sync_api import Locator, Page, ViewportSize, expect
from test_list import HOSTILE, no_sideways_scrolling

SHORT = Golden(
    job_id="short",
    title="Short debate",
    names={"SPEAKER_00": "Anna Novák", "SPEAKER_01": "Ben Carter"},
    people={"SPEAKER_00": "anna-novak"},
    utterances=talk(["SPEAKER_00", "SPEAKER_01"], 6),
)
LONG = Golden(
    job_id="long",
    title="Long debate",
    names={"SPEAKER_00": "Karl Weiss", "SPEAKER_01": "Anna Novák"},
    people={"SPEAKER_00": "karl-weiss", "SPEAKER_01": "anna-novak"},
    utterances=talk(["SPEAKER_00", "SPEAKER_01"], 30),
)
ADDRESS = "#/compare/short/long"


def compare(page: Page, site: Site) -> None:
    page.goto(site.url + ADDRESS)
    expect(page.get_by_role("heading", level=1)).to_have_text("Two debates compared")


def row(page: Page, name: str) -> Locator:
    table = page.get_by_role("table", name="Key figures of both debates")
    return table.get_by_role("row").filter(has=page.get_by_role("rowheader", name=name))


def cells(page: Page, name: str) -> list[str]:
    return [text.strip() for text in row(page, name).get_by_role("cell").all_inner_texts()]


def alter(site: Site, job_id: str, **totals: Any) -> None:
    path = site.statistics / f"by-job/{job_id}.json"
    change(path, totals={**json.loads(path.read_bytes())["totals"], **totals})


def test_figures_of_both_and_the_difference_in_words(page: Page, site: Site) -> None:
    site.publish(SHORT, LONG)
    alter(site, "short", duration_seconds=60, speech_seconds=45, words=150, switches_per_minute=7.5, balance=0.91)
    alter(site, "long", duration_seconds=240, speech_seconds=120, words=300, switches_per_minute=6.04, balance=0.912)
    compare(page, site)
    expect(page).to_have_title("Short debate and Long debate, compared \N{EN DASH} Debate Analyzer")
    for name, texts in (
        ("Length", ["1 min", "4 min", "3 min more in B"]),
        ("Speech, share of the recording", ["75%", "50%", "25.0 percentage points more in A"]),
        ("Words a minute", ["200", "150", "50 more in A"]),
        ("Changes of speaker", ["7.5", "6.0", "1.5 more in A"]),
        ("Balance", ["0.91", "0.91", "the same"]),
        ("Median turn", ["5.5 s", "5.5 s", "the same"]),
        # Two in 45 s and two in 120 s.
        ("Interruptions, estimated", ["160.0", "60.0", "100.0 more in A"]),
    ):
        assert cells(page, name) == texts, name
    summary = page.locator(".summary")
    expect(summary).to_contain_text("B lasts 4.0 times as long as A.")
    expect(summary).to_contain_text("the speaker changes 7.5 times in A and 6.0 times in B")
    page.get_by_role("link", name="Long debate").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Long debate")


def test_somebody_who_speaks_in_both_keeps_the_colour(page: Page, site: Site, viewport: ViewportSize) -> None:
    site.publish(SHORT, LONG)
    compare(page, site)
    expect(page.locator(".share-chart")).to_have_count(2)
    tones: dict[str, list[str]] = {}
    for side, figure in enumerate(page.locator(".share-chart").all()):
        for bar in figure.locator("li").all():
            tone = bar.locator(".swatch").get_attribute("class") or ""
            tones.setdefault(bar.locator(".name").inner_text(), []).append(f"{side} {tone}")
    anna = [text.split(" ", 1)[1] for text in tones.pop("Anna Novák")]
    assert len(anna) == 2
    assert anna[0] == anna[1]
    others = [text.split(" ", 1)[1] for texts in tones.values() for text in texts]
    assert len({*others, anna[0]}) == 3
    both = page.get_by_role("table", name="Share of speech of those who speak in both")
    expect(both.get_by_role("link", name="Anna Novák")).to_have_attribute("href", "#/person/anna-novak")
    no_sideways_scrolling(page)


def test_nothing_stands_between_two_debates_of_one_kind(page: Page, site: Site) -> None:
    site.publish(SHORT, LONG)
    alter(site, "short", duration_seconds=100)
    alter(site, "long", duration_seconds=104)
    compare(page, site)
    expect(page.locator(".summary")).to_contain_text("Both debates are about equally long.")
    expect(page.get_by_text("Before you compare")).to_have_count(0)


def test_what_keeps_two_debates_from_being_compared(page: Page, site: Site) -> None:
    site.publish(
        SHORT, Golden(job_id="long", title="Long", utterances=LONG.utterances, language="cs", overlap_known=False)
    )
    alter(site, "long", unknown_share=0.25)
    change(site.statistics / "by-job/short.json", parameters={"definitions_version": 1, "turn_gap_s": 1.0, "mtld": 1})
    change(site.statistics / "by-job/long.json", parameters={"definitions_version": 2, "turn_gap_s": 2.0})
    compare(page, site)
    remarks = page.get_by_role("note").get_by_role("listitem").all_inner_texts()
    assert [text.split(":")[0] for text in remarks] == [
        "The two were counted by different versions of the definitions",
        "2 parameters of the figures differ",
        "In B it is not known who talks at once",
        "The languages differ (English, Czech)",
        "The lengths differ much",
        "In B over 10% of speech has no known speaker",
    ]
    assert "mtld and turn_gap_s" in remarks[1]
    known, unknown, apart = row(page, "Talking at once").get_by_role("cell").all()
    expect(known).to_contain_text("%")
    expect(unknown).to_contain_text("not known: The diarization of this debate has no overlaps.")
    expect(apart).to_have_text("not known")
    expect(page.locator(".summary")).not_to_contain_text("talk at once")


def test_debates_without_speakers_and_of_an_earlier_release(page: Page, site: Site, viewport: ViewportSize) -> None:
    silent = Golden(job_id="long", title="Silence", names={}, language=None)
    site.publish(SHORT, silent)
    path = site.statistics / "by-job/short.json"
    document = json.loads(path.read_bytes())
    for name in ("interruptions", "butt_ins", "share_windows"):
        del document[name]
    for name in ("switches_per_minute", "balance", "questions", "unknown_share", "median_turn_seconds"):
        del document["totals"][name]
    for speaker in document["speakers"]:
        del speaker["person"], speaker["first_second"]
    path.write_text(json.dumps(document), encoding="utf-8")
    compare(page, site)
    expect(page.get_by_text("No speaker was heard in this recording.")).to_be_visible()
    expect(page.get_by_text("The languages differ (English, language not known)")).to_be_visible()
    expect(row(page, "Balance").get_by_role("cell").last).to_have_text("not known")
    expect(row(page, "Questions").get_by_role("cell").last).to_have_text("not known")
    no_sideways_scrolling(page)


def test_rates_over_little_speech_are_none(page: Page, site: Site) -> None:
    site.publish(SHORT, LONG)
    alter(site, "short", speech_seconds=9.9)
    compare(page, site)
    for name in ("Words a minute", "Interruptions, estimated", "Questions"):
        first, second, apart = row(page, name).get_by_role("cell").all()
        expect(first).to_contain_text("not known: With so little speech a rate says nothing.")
        expect(second).not_to_contain_text("not known")
        expect(apart).to_have_text("not known")
    # Said once below the table.
    expect(page.locator(".reasons li")).to_have_count(1)


def test_hostile_titles_and_names_are_text(page: Page, site: Site, viewport: ViewportSize) -> None:
    names: dict[str, str | None] = {"SPEAKER_00": "W" * 300, "SPEAKER_01": "\u202eAnna"}
    site.publish(
        Golden(job_id="short", title=HOSTILE, names=names, people={"SPEAKER_01": "x"}, utterances=SHORT.utterances),
        Golden(
            job_id="long", title="مناظرة " * 40, names=names, people={"SPEAKER_01": "x"}, utterances=LONG.utterances
        ),
    )
    change(site.statistics / "by-job/short.json", parameters={HOSTILE: HOSTILE})
    compare(page, site)
    expect(page.get_by_role("link", name=HOSTILE)).to_be_visible()
    assert page.evaluate("window.broken === undefined")
    no_sideways_scrolling(page)


@pytest.mark.parametrize("address", ["#/compare/short", "#/compare/short/short", "#/compare/short/..", "#/compare//"])
def test_an_address_without_two_debates(page: Page, site: Site, address: str) -> None:
    page.goto(site.url + address)
    expect(page.get_by_role("heading", level=1)).to_have_text("There is no such page")


def test_one_of_them_was_withdrawn(page: Page, site: Site, complaints: Complaints) -> None:
    complaints.expected.append("404")
    site.publish(SHORT)
    page.goto(site.url + ADDRESS)
    expect(page.get_by_role("heading", level=1)).to_have_text("One of the debates is not here")
    expect(page.locator(".detail")).to_contain_text("long.json: HTTP 404")
    site.publish(SHORT, LONG)
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Two debates compared")
