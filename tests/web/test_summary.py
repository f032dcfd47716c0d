"""The debate in one sentence: from its figures alone, for any number of speakers, in both languages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from golden_statistics import Golden, statistics_of, talk
from lively_debate import lively, overwrite, statistics_of_lively
from page_tools import Site
from playwright.sync_api import Browser, Page, expect

from debate_core.documents.statistics import DebateStatistics, Pair


@pytest.fixture
def czech(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(locale="cs-CZ")
    yield context.new_page()
    context.close()


def lead(page: Page, site: Site, golden: Golden, **fields: object) -> str:
    site.publish(golden)
    overwrite(site.statistics, statistics_of(golden).model_copy(update=fields))
    page.goto(f"{site.url}#/debate/{golden.job_id}")
    return page.locator(".lead").inner_text()


def totals(golden: Golden, **fields: object) -> object:
    return statistics_of(golden).totals.model_copy(update=fields)


def test_who_spoke_longest_and_who_was_interrupted(page: Page, site: Site, three_voices: Golden) -> None:
    assert lead(page, site, three_voices) == (
        "Three people spoke for 43 seconds; SPEAKER_02 spoke longest (45%); "
        "interrupted most often was Anna Novák (2 times, estimated). Two or more talked at once for 2.8% of it."
    )


def test_what_is_not_known_is_left_out(page: Page, site: Site, three_voices: Golden) -> None:
    unknown = {
        "interruptions": None,
        "speakers": [
            speaker.model_copy(update={"share_of_speech": None}) for speaker in statistics_of(three_voices).speakers
        ],
        "totals": totals(three_voices, overlap_seconds=None, overlap_ratio=None),
    }
    assert lead(page, site, three_voices, **unknown) == "Three people spoke for 43 seconds."


def test_equally_often_interrupted_is_not_most_often(page: Page, site: Site, three_voices: Golden) -> None:
    labels = list(three_voices.names)
    pairs = [Pair(by=labels[i], of=labels[1 - i], count=1, at=[1.0]) for i in range(2)]
    assert "interrupted" not in lead(page, site, three_voices, interruptions=pairs)


def test_nobody_and_one_alone(page: Page, site: Site) -> None:
    silence = Golden(job_id="silence", names={})
    assert lead(page, site, silence) == "No speaker was heard in 60 seconds of recording."
    alone = Golden(job_id="alone", names={"SPEAKER_00": "Anna Novák"}, utterances=talk(["SPEAKER_00"], 30))
    text = lead(page, site, alone, totals=totals(alone, overlap_ratio=0))
    assert text == "Anna Novák speaks alone, for 3 minutes."


def test_fifty_speakers_for_hours(page: Page, site: Site) -> None:
    names: dict[str, str | None] = {f"SPEAKER_{i:02d}": f"Delegate {i}" for i in range(50)}
    golden = lively("plenary", names=names, utterances=500)
    text = lead(page, site, golden, totals=totals(golden, speech_seconds=3600 + 35 * 60, overlap_ratio=0))
    assert text.startswith("50 people spoke for 1 hour 35 minutes; ")


def test_in_czech(czech: Page, site: Site, three_voices: Golden) -> None:
    text = lead(czech, site, three_voices)
    assert text.startswith("V debatě mluví tři lidé, celkem 43 sekund; nejvíc mluví SPEAKER_02 (45")
    assert "(2krát, odhad)" in text
    five: dict[str, str | None] = {f"SPEAKER_{i:02d}": None for i in range(5)}
    golden = lively("pet", names=five, utterances=60)
    assert "mluví pět lidí" in lead(czech, site, golden, totals=totals(golden, speech_seconds=61 * 60))
    assert "celkem 1 hodinu 1 minutu" in czech.locator(".lead").inner_text()


def warned(document: DebateStatistics, **fields: object) -> DebateStatistics:
    return document.model_copy(update={"totals": document.totals.model_copy(update=fields)})


def test_doubtful_figures_carry_a_warning_beside_them(page: Page, site: Site) -> None:
    golden = lively()
    site.publish(golden)
    figures = statistics_of_lively(golden)
    page.goto(f"{site.url}#/debate/lively")
    expect(page.locator(".headline")).to_be_visible()
    expect(page.locator(".caution")).to_have_count(0)
    overwrite(site.statistics, warned(figures, unknown_share=0.12, low_confidence_share=0.31, untimed_segments=3))
    page.reload()
    for place, text in (
        (".speakers", "For 12% of the speech it is not known who spoke."),
        (".shares", "For 12% of the speech"),
        (".headline", "The machine was not sure of 31% of the speech"),
        (".headline", "3 utterances have no times"),
        (".when", "3 utterances have no times"),
    ):
        expect(page.locator(place).locator(".caution").filter(has_text=text)).to_be_visible()
    overwrite(site.statistics, warned(figures, unknown_share=0.05, low_confidence_share=0.2, untimed_segments=0))
    page.reload()
    expect(page.locator(".headline")).to_be_visible()
    expect(page.locator(".caution")).to_have_count(0)
