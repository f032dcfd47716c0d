"""The list of debates: what stands in a row, search and filters, choosing two, hundreds of rows, hostile text."""

from __future__ import annotations

import re

import pytest
from golden_statistics import Golden, change, talk, write_index
from page_tools import Complaints, Site
from playwright.sync_api import Page, ViewportSize, expect

HOSTILE = "<script>window.broken = true</script><img src=x onerror='window.broken = true'>"


def no_sideways_scrolling(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page is wider than the window"


def test_a_row_says_what_a_debate_is_and_leads_to_it(
    page: Page, site: Site, three_voices: Golden, viewport: ViewportSize
) -> None:
    site.publish(three_voices, Golden(job_id="other", title="Other", utterances=talk(["SPEAKER_00"], 3), language="cs"))
    page.goto(site.url)
    row = page.get_by_role("listitem").filter(has_text=three_voices.title)
    expect(row).to_contain_text("22 November 2026")
    expect(row).to_contain_text("3 speakers")
    expect(row).to_contain_text("English")
    expect(row).to_contain_text("Anna Novák, Ben Carter, SPEAKER_02")
    expect(page.get_by_role("listitem").filter(has_text="Other")).to_contain_text("Czech")
    no_sideways_scrolling(page)

    row.get_by_role("link", name=three_voices.title).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(three_voices.title)
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    expect(page).to_have_title(f"{three_voices.title} \N{EN DASH} Debate Analyzer")
    page.get_by_role("link", name="All debates").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Debates")


def test_an_empty_list_says_what_will_come(page: Page, site: Site) -> None:
    site.publish()
    page.goto(site.url)
    expect(page.get_by_role("heading", level=1)).to_have_text("No debates yet")


def test_markup_in_titles_and_names_is_text(page: Page, site: Site, viewport: ViewportSize) -> None:
    golden = Golden(
        job_id="hostile",
        title=HOSTILE,
        names={"SPEAKER_00": HOSTILE, "SPEAKER_01": "ﺎﻠﺴﻴﺩ\u202e أحمد", "SPEAKER_02": "W" * 300},
        utterances=talk(["SPEAKER_00", "SPEAKER_01", "SPEAKER_02"], 9),
    )
    site.publish(golden)
    page.goto(site.url)
    expect(page.get_by_role("link", name=HOSTILE)).to_have_count(2)
    no_sideways_scrolling(page)
    page.locator(".debate-title").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(HOSTILE)
    expect(page.get_by_role("table", name="Every speaker in figures")).to_contain_text("<script>")
    expect(page.get_by_role("group", name="Transcript").get_by_text(HOSTILE).first).to_be_visible()
    assert page.evaluate("window.broken === undefined")
    no_sideways_scrolling(page)


def test_an_index_that_was_never_written_is_no_fault_of_the_reader(
    page: Page, site: Site, complaints: Complaints
) -> None:
    complaints.expected.append("404")
    page.goto(site.url)
    expect(page.get_by_role("heading", level=1)).to_have_text("No statistics here yet")
    site.publish()
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("No debates yet")


@pytest.fixture
def three_debates(site: Site, three_voices: Golden) -> list[str]:
    """Their titles, newest first."""
    debates = [
        three_voices,
        Golden(
            job_id="rozpocet",
            title="Příští rozpočet",
            names={"SPEAKER_00": "Šárka Řehořová"},
            people={},
            utterances=talk(["SPEAKER_00"], 30),
            language="cs",
        ),
        Golden(job_id="am-see", title="Am See", names={}, utterances=(), language=None),
    ]
    site.publish(*debates)
    return [debate.title for debate in debates]


def shown(page: Page) -> list[str]:
    """Titles, also of rows that the browser has not drawn yet (content-visibility): these have no inner text."""
    return page.locator(".debates > li:not([hidden]) .debate-title").all_text_contents()


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("PRISTI rozp", [1]),
        ("rehorova", [1]),
        ("šarka", [1]),
        ("carter bridge", [0]),
        ("a", [0, 1, 2]),
        ("carter see", []),
    ],
)
def test_the_search_looks_at_titles_and_names_without_accents(
    page: Page, site: Site, three_debates: list[str], typed: str, found: list[int]
) -> None:
    page.goto(site.url)
    page.get_by_label("Search titles and names").fill(typed)
    count = page.get_by_role("status").filter(has_text="of 3 debates")
    expect(count).to_have_text(f"{len(found)} of 3 debates")
    assert shown(page) == [three_debates[i] for i in found]
    expect(page.get_by_text("No debate matches.")).to_be_visible(visible=not found)
    page.get_by_role("button", name="Clear search and filters").click()
    expect(page.get_by_label("Search titles and names")).to_be_focused()
    expect(page.locator(".count")).to_have_text("3 debates")
    assert shown(page) == three_debates
    expect(page.get_by_role("button", name="Clear search and filters")).to_be_hidden()


def test_filters_and_order(page: Page, site: Site, three_debates: list[str], viewport: ViewportSize) -> None:
    council, budget, lake = three_debates
    page.goto(site.url)
    language, speaker, order = (page.get_by_label(label, exact=True) for label in ("Language", "Speaker", "Order"))
    expect(order).to_be_visible()
    assert language.locator("option").all_inner_texts() == ["All languages", "Czech", "English"]
    # Who has only a label cannot be looked for.
    assert speaker.locator("option").all_inner_texts() == ["All speakers", "Anna Novák", "Ben Carter", "Šárka Řehořová"]
    for sort, expected in (
        ("By title", [lake, council, budget]),
        ("Longest first", [budget, lake, council]),
        ("Most speakers first", [council, budget, lake]),
        ("Newest first", [council, budget, lake]),
    ):
        order.select_option(sort)
        assert shown(page) == expected, sort
    language.select_option("Czech")
    assert shown(page) == [budget]
    speaker.select_option("Ben Carter")
    assert shown(page) == []
    language.select_option("All languages")
    assert shown(page) == [council]
    no_sideways_scrolling(page)


def test_the_choice_stays_when_reloading_and_coming_back(page: Page, site: Site, three_debates: list[str]) -> None:
    page.goto(site.url)
    page.get_by_label("Search titles and names").fill("rozp & # ?")
    page.get_by_label("Search titles and names").fill("rozp")
    page.get_by_label("Language", exact=True).select_option("Czech")
    page.get_by_label("Order").select_option("By title")
    expect(page).to_have_url(f"{site.url}#/?q=rozp&lang=cs&sort=title")
    page.reload()
    expect(page.get_by_label("Search titles and names")).to_have_value("rozp")
    expect(page.locator(".count")).to_have_text("1 of 3 debates")
    page.get_by_role("link", name=three_debates[1]).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(three_debates[1])
    page.go_back()
    expect(page.get_by_label("Order")).to_have_value("title")
    assert shown(page) == [three_debates[1]]


def test_what_is_typed_last_is_in_the_address_without_a_click(page: Page, site: Site, three_debates: list[str]) -> None:
    page.goto(site.url)
    page.get_by_label("Search titles and names").press_sequentially("am %&=#")
    expect(page).to_have_url(f"{site.url}#/?q=am+%25%26%3D%23")
    page.reload()
    expect(page.get_by_label("Search titles and names")).to_have_value("am %&=#")


@pytest.mark.parametrize("query", ["lang=fr", "speaker=Nobody", "sort=worst", "pick=gone.elsewhere", "q=%00", "x=%"])
def test_an_address_that_asks_for_what_is_not_there(
    page: Page, site: Site, three_debates: list[str], query: str
) -> None:
    page.goto(f"{site.url}#/?{query}")
    expect(page.locator(".count")).to_contain_text("3 debates")
    if not query.startswith("q="):
        assert shown(page) == three_debates


def test_two_debates_are_chosen_by_keyboard_and_compared(
    page: Page, site: Site, three_debates: list[str], viewport: ViewportSize
) -> None:
    council, budget, lake = three_debates
    page.goto(site.url)
    bar = page.get_by_role("region", name="Debates chosen to compare")
    expect(bar).to_be_hidden()
    page.get_by_role("checkbox", name=f"Compare {council}").focus()
    page.keyboard.press("Space")
    expect(bar).to_contain_text(f"{council}: choose a second debate")
    expect(page.locator("#live")).to_contain_text(f"{council}: choose a second debate")
    expect(bar.get_by_role("link")).to_have_count(0)
    page.get_by_role("checkbox", name=f"Compare {lake}").focus()
    page.keyboard.press("Space")
    expect(page.locator("#live")).to_have_text(f"Chosen: {council} and {lake}")
    expect(page.get_by_role("checkbox", name=f"Compare {budget}")).to_be_disabled()
    expect(page).to_have_url(f"{site.url}#/?pick=council.am-see")
    no_sideways_scrolling(page)

    # The way on is the next stop of the keyboard, however long the list.
    page.keyboard.press("Tab")
    expect(
        page.get_by_role("listitem").filter(has_text=lake).get_by_role("link", name="Compare the two")
    ).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Two debates compared")
    assert page.url == f"{site.url}#/compare/council/am-see"
    page.go_back()
    bar.get_by_role("button", name="Choose others").click()
    expect(bar).to_be_hidden()
    expect(page.get_by_role("checkbox", name=f"Compare {council}")).to_be_focused()
    expect(page.get_by_role("checkbox", checked=True)).to_have_count(0)


def test_one_debate_needs_no_tools(page: Page, site: Site, three_voices: Golden) -> None:
    site.publish(three_voices)
    page.goto(site.url)
    expect(page.locator(".count")).to_have_text("1 debate")
    for role in ("searchbox", "combobox", "checkbox"):
        expect(page.get_by_role(role)).to_have_count(0)  # type: ignore[arg-type]


def test_people_are_links(page: Page, site: Site, three_debates: list[str]) -> None:
    page.goto(site.url)
    row = page.get_by_role("listitem").filter(has_text=three_debates[0])
    expect(row.get_by_role("link", name="Anna Novák")).to_have_attribute("href", "#/person/anna-novak")
    expect(row.get_by_role("link", name="Ben Carter")).to_have_count(0)
    page.get_by_role("link", name="1 person followed across debates").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("People across debates")


@pytest.mark.parametrize("body", [None, "", '{"schema_version": 9}', '{"schema_version": 1, "generated_at": "x"}'])
def test_the_list_needs_no_summary(
    page: Page, site: Site, three_debates: list[str], complaints: Complaints, body: str | None
) -> None:
    path = site.statistics / "summary.json"
    if body is None:
        complaints.expected.append("404")
        path.unlink()
    else:
        path.write_text(body, encoding="utf-8")
    with page.expect_response("**/summary.json"):
        page.goto(site.url)
    expect(page.locator(".count")).to_have_text("3 debates")
    assert shown(page) == three_debates
    expect(page.locator(".people-line a")).to_have_count(0)


def test_a_list_older_than_its_debates_says_so(page: Page, site: Site, three_debates: list[str]) -> None:
    page.goto(site.url)
    expect(page.get_by_text("List of 22 November 2026")).to_be_visible()
    expect(page.get_by_text("is older than some of its debates")).to_have_count(0)
    change(site.statistics / "index.json", generated_at="2026-11-22T09:29:59Z")
    page.reload()
    expect(page.get_by_text("is older than some of its debates")).to_be_visible()


def many(count: int) -> list[Golden]:
    return [
        Golden(
            job_id=f"debate-{i}",
            title=f"Debate {i} on {'the bridge' if i % 5 == 0 else 'the road'}",
            names={"SPEAKER_00": f"Delegate {i % 40}", "SPEAKER_01": None},
            people={},
            utterances=talk(["SPEAKER_00", "SPEAKER_01"], 3),
            language="en" if i % 2 else "cs",
        )
        for i in range(count)
    ]


def test_five_hundred_debates_change_only_what_must_change(page: Page, site: Site) -> None:
    """The work of a letter typed is counted, not timed: rows that stay as they are must not be touched."""
    site.publish()
    write_index(site.statistics, many(500))
    page.goto(site.url)
    expect(page.locator(".count")).to_have_text("500 debates")
    page.evaluate(
        """() => {
            window.changes = [];
            new MutationObserver((records) => window.changes.push(...records.map((record) => record.type)))
                .observe(document.querySelector('.debates'), {subtree: true, childList: true, attributes: true});
        }"""
    )

    def work() -> list[str]:
        done: list[str] = page.evaluate("() => window.changes.splice(0)")
        return done

    search = page.get_by_label("Search titles and names")
    search.fill("bridge")
    expect(page.locator(".count")).to_have_text("100 of 500 debates")
    assert work() == ["attributes"] * 400
    search.fill("bridge ")
    search.fill("bridge o")
    assert work() == []
    page.get_by_label("Language", exact=True).select_option("Czech")
    expect(page.locator(".count")).to_have_text("50 of 500 debates")
    assert work() == ["attributes"] * 50
    page.get_by_label("Order").select_option("By title")
    assert set(work()) == {"childList"}
    first = page.locator(".debates > li:not([hidden])").first
    expect(first).to_contain_text("Debate 0 on")
    # Rows out of sight are not laid out.
    assert first.evaluate("(row) => getComputedStyle(row).contentVisibility") == "auto"
    page.get_by_label("Speaker", exact=True).select_option("Delegate 10")
    expect(page.locator(".count")).to_have_text(re.compile(r"^\d+ of 500 debates$"))


def test_coming_back_finds_the_list_where_it_was_left(page: Page, site: Site) -> None:
    goldens = many(60)
    site.publish(*goldens)
    page.goto(site.url)
    link = page.get_by_role("link", name=goldens[40].title)
    link.scroll_into_view_if_needed()
    before = page.evaluate("scrollY")
    assert before > 1000
    # The rows' heights are estimates until they have been in sight.
    link.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(goldens[40].title)
    page.wait_for_function("scrollY === 0")
    page.go_back()
    expect(page.locator(".count")).to_have_text("60 debates")
    page.wait_for_function("before => Math.abs(scrollY - before) < 800", arg=before)


def test_a_title_that_turns_the_direction_turns_nothing_else(page: Page, site: Site) -> None:
    title = "\u202eelbasrever\u202c \u2067شسثق"
    site.publish(Golden(job_id="turned", title=title, utterances=talk(["SPEAKER_00"], 3)))
    page.goto(f"{site.url}#/debate/turned")
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", page.title())
    assert page.title().endswith("Debate Analyzer")
