"""Names that the reader gives: everywhere at once, in this browser alone, as speakers.json and back."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from golden_statistics import Golden
from lively_debate import hostile, lively, overwrite, statistics_of_lively
from page_modules import call
from page_tools import Site
from playwright.sync_api import Locator, Page, ViewportSize, expect
from test_list import no_sideways_scrolling

from debate_core.documents.manifest import Speakers

NEW = "Dr. Eva Malá"


def open_dialog(page: Page, site: Site, golden: Golden) -> Locator:
    site.publish(golden)
    page.goto(f"{site.url}#/debate/{golden.job_id}")
    expect(page.locator(".utterance").first).to_be_attached()
    page.get_by_role("button", name="Name the speakers").click()
    dialog = page.get_by_role("dialog", name="Names of the speakers")
    expect(dialog).to_be_visible()
    return dialog


def rename(dialog: Locator, label: str, name: str) -> None:
    dialog.get_by_label(label, exact=True).fill(name)
    dialog.get_by_role("button", name="Use these names").click()
    expect(dialog).to_be_hidden()


def test_a_name_shows_everywhere_at_once_with_its_mark(
    page: Page, site: Site, three_voices: Golden, viewport: ViewportSize
) -> None:
    dialog = open_dialog(page, site, three_voices)
    rename(dialog, "SPEAKER_02", f"  {NEW} \n")
    marked = f"{NEW}*"
    for place in (".lead", ".bars", ".lanes", ".flow .legend", ".utterances"):
        expect(page.locator(place)).to_contain_text(marked)
        expect(page.locator(place)).not_to_contain_text("SPEAKER_02")
    expect(page.get_by_role("table", name="Every speaker in figures")).to_contain_text(marked)
    expect(page.get_by_label("Speaker", exact=True)).to_contain_text(marked)
    expect(page.locator(".local-names")).to_contain_text("* 1 name is yours, kept in this browser only.")
    expect(page.get_by_role("button", name="Name the speakers")).to_be_focused()
    no_sideways_scrolling(page)

    page.reload()
    expect(page.locator(".utterances")).to_contain_text(marked)
    page.locator(".local-names").get_by_role("button", name="Take back my names").click()
    expect(page.locator(".utterances")).to_contain_text("SPEAKER_02")
    expect(page.locator(".local-names")).to_be_hidden()
    page.reload()
    expect(page.locator(".utterances")).to_contain_text("SPEAKER_02")


def test_drawing_anew_keeps_zoom_columns_and_what_is_counted(page: Page, site: Site) -> None:
    golden = lively(utterances=60)
    site.publish(golden)
    overwrite(site.statistics, statistics_of_lively(golden))
    page.goto(f"{site.url}#/debate/lively")
    page.get_by_role("button", name="Zoom in").click()
    window = page.locator(".track").first.get_attribute("viewBox")
    page.get_by_role("radio", name="Quality").check(force=True)
    page.get_by_role("radio", name="Butt-ins").check(force=True)
    page.get_by_role("button", name="Name the speakers").click()
    rename(page.get_by_role("dialog"), "SPEAKER_03", NEW)
    expect(page.locator(".lanes")).to_contain_text(NEW)
    assert page.locator(".track").first.get_attribute("viewBox") == window
    expect(page.get_by_role("radio", name="Quality")).to_be_checked()
    expect(page.get_by_role("radio", name="Butt-ins")).to_be_checked()


def test_names_of_another_debate_stay_there(page: Page, site: Site, three_voices: Golden) -> None:
    other = Golden(job_id="other", utterances=three_voices.utterances)
    site.publish(three_voices, other)
    rename(open_dialog(page, site, three_voices), "SPEAKER_02", NEW)
    site.publish(three_voices, other)
    page.goto(f"{site.url}#/debate/other")
    expect(page.locator(".utterances")).to_contain_text("SPEAKER_02")


def test_speakers_json_is_the_stores_document_and_can_be_read_back(
    page: Page, site: Site, three_voices: Golden, tmp_path: Path
) -> None:
    dialog = open_dialog(page, site, three_voices)
    expect(dialog).to_contain_text("debate-stats name council --import speakers.json")
    dialog.get_by_label("SPEAKER_01", exact=True).fill(NEW)
    with page.expect_download() as download:
        dialog.get_by_role("button", name="Save speakers.json").click()
    assert download.value.suggested_filename == "speakers.json"
    saved = tmp_path / "speakers.json"
    download.value.save_as(saved)
    document = Speakers.from_json(saved.read_bytes())
    assert {label: (who.name, who.person, who.source) for label, who in document.speakers.items()} == {
        "SPEAKER_00": ("Anna Novák", "anna-novak", "page"),
        "SPEAKER_01": (NEW, None, "page"),
    }
    dialog.get_by_role("button", name="Take back my names").click()
    expect(dialog.get_by_label("SPEAKER_01", exact=True)).to_have_value("Ben Carter")
    dialog.get_by_label("Read speakers.json").set_input_files(saved)
    expect(dialog.get_by_role("status")).to_have_text("2 names were read and are used")
    expect(dialog.get_by_label("SPEAKER_01", exact=True)).to_have_value(NEW)
    expect(page.locator(".utterances")).to_contain_text(f"{NEW}*")
    # As published it is no name of this browser.
    expect(page.locator(".utterances")).not_to_contain_text("Anna Novák*")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "This file is no JSON."),
        ("[]", "This file is no speakers.json."),
        ('{"schema_version": 1, "speakers": {"SPEAKER_00": {"name": 7}}}', "This file is no speakers.json."),
        ('{"schema_version": 9, "speakers": {}}', "This speakers.json is of another release."),
    ],
)
def test_a_file_of_something_else_changes_nothing(
    page: Page, site: Site, three_voices: Golden, content: str, said: str
) -> None:
    dialog = open_dialog(page, site, three_voices)
    file = {"name": "speakers.json", "mimeType": "application/json", "buffer": content.encode()}
    dialog.get_by_label("Read speakers.json").set_input_files(file)  # type: ignore[arg-type]
    expect(dialog.get_by_role("status")).to_contain_text(said)
    expect(page.locator(".local-names")).to_be_hidden()


def test_storage_that_is_refused_keeps_names_as_long_as_the_page(page: Page, site: Site, three_voices: Golden) -> None:
    page.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError'); } })"
    )
    rename(open_dialog(page, site, three_voices), "SPEAKER_02", NEW)
    expect(page.locator(".utterances")).to_contain_text(f"{NEW}*")


@pytest.mark.parametrize("stored", ["{", "null", "[1]", '{"SPEAKER_02": 7}'])
def test_what_is_stored_may_be_anything(page: Page, site: Site, three_voices: Golden, stored: str) -> None:
    page.add_init_script(f"localStorage.setItem('debate-analyzer.names.council', {json.dumps(stored)})")
    site.publish(three_voices)
    page.goto(f"{site.url}#/debate/council")
    expect(page.locator(".utterances")).to_contain_text("SPEAKER_02")


def test_a_voice_can_be_heard_while_it_is_named(page: Page, site: Site, three_voices: Golden) -> None:
    dialog = open_dialog(page, site, three_voices)
    page.evaluate("document.querySelector('audio').muted = true")
    dialog.get_by_role("button", name="Hear SPEAKER_01").click()
    page.wait_for_function("() => !document.querySelector('audio').paused")


def saved_csv(page: Page) -> list[dict[str, str]]:
    with page.expect_download() as download:
        page.get_by_role("button", name="Speakers in figures").click()
    data = download.value.path().read_bytes()
    assert data.startswith("\ufeff".encode())
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_csv_has_every_figure_under_the_names_that_are_shown(page: Page, site: Site, three_voices: Golden) -> None:
    rename(open_dialog(page, site, three_voices), "SPEAKER_02", NEW)
    rows = saved_csv(page)
    figures = json.loads((site.statistics / "by-job/council.json").read_bytes())["speakers"]
    assert [row["name"] for row in rows] == ["Anna Novák", "Ben Carter", NEW]
    for row, speaker in zip(rows, figures, strict=True):
        assert set(row) == {"job_id", "title", *speaker}
        assert float(row["speaking_seconds"]) == speaker["speaking_seconds"]
        assert row["mtld"] == ""


def test_no_text_of_a_debate_is_a_formula_in_a_spreadsheet(page: Page, site: Site) -> None:
    golden = hostile(lively(utterances=40))
    site.publish(golden)
    page.goto(f"{site.url}#/debate/lively")
    names = [row["name"] for row in saved_csv(page)]
    assert names[2] == '\'=HYPERLINK("http://x")'
    rows = call(page, "csv", "table", [["@a", "+1", "-x", "\tb", 'say "no"', "a,b", -1.5, None, "a=b"]])
    assert rows == '\ufeff\'@a,\'+1,\'-x,\'\tb,"say ""no""","a,b",-1.5,,a=b\r\n'
