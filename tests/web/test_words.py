"""The interface in two languages: the catalogs agree with each other and with the sources; nothing stays English."""

from __future__ import annotations

import re
from typing import Any

import pytest
from golden_statistics import Golden, change, talk
from page_tools import Complaints, Site
from playwright.sync_api import Page, expect
from real_nginx import WEB

NO_CATALOG = {"all.js", "definitions.js"}
# What each language needs to count whole numbers; "many" is for Czech fractions, and falls back to "other".
PLURALS = {"en": {"one", "other"}, "cs": {"one", "few", "other"}}
PLACEHOLDER = re.compile(r"\{(\w+)\}")
KEY_IN_CALL = re.compile(r"\b(?:t|parts)\(\s*\"([^\"]+)\"")
LITERAL = re.compile(r"\"([^\"\n]+)\"")
TEMPLATE = re.compile(r"`(\w[^`\n]*\$\{[^`\n]*)`")
CZECH = Golden(
    job_id="rada",
    title="Zastupitelstvo",
    names={"SPEAKER_00": "Jana Dvořáková", "SPEAKER_01": "Petr Svoboda", "SPEAKER_02": None},
    people={"SPEAKER_00": "jana-dvorakova"},
    utterances=talk(["SPEAKER_00", "SPEAKER_01", "SPEAKER_02"], 30),
    language="cs",
)
OTHER = Golden(
    job_id="snemovna",
    title="Poslanecká sněmovna",
    names={"SPEAKER_00": "Jana Dvořáková", "SPEAKER_01": "Karel Němec"},
    people={"SPEAKER_00": "jana-dvorakova"},
    utterances=talk(["SPEAKER_00", "SPEAKER_01"], 12),
    overlap_known=False,
)


@pytest.fixture
def catalogs(page: Page, site: Site) -> dict[str, dict[str, Any]]:
    site.publish()
    page.goto(site.url)
    loaded: dict[str, dict[str, Any]] = page.evaluate(
        """async () => Object.fromEntries(await Promise.all(['en', 'cs'].map(
            async (language) => [language, (await import(`./js/words/${language}/all.js`)).default])))"""
    )
    return loaded


def texts(entry: Any) -> list[str]:
    return [entry] if isinstance(entry, str) else list(entry.values())


def test_every_language_has_the_same_keys_with_its_own_plurals(catalogs: dict[str, dict[str, Any]]) -> None:
    assert catalogs["en"].keys() == catalogs["cs"].keys()
    for language, words in catalogs.items():
        for key, entry in words.items():
            other = catalogs["cs" if language == "en" else "en"][key]
            assert isinstance(entry, str) == isinstance(other, str), f"{key}: plural forms in one language alone"
            if not isinstance(entry, str):
                more = entry.keys() - PLURALS[language]
                assert PLURALS[language] <= entry.keys(), f"{language} {key}"
                assert more == set() or (language == "cs" and more == {"many"}), f"{language} {key}"
            assert all(text.strip() for text in texts(entry)), f"{language} {key}"


def test_no_file_of_a_catalog_takes_a_key_of_another() -> None:
    for language in PLURALS:
        files = [path for path in (WEB / "js/words" / language).glob("*.js") if path.name not in NO_CATALOG]
        keys = [key for path in files for key in re.findall(r'^  "([^"]+)":', path.read_text(encoding="utf-8"), re.M)]
        assert len(files) > 1
        assert [key for key in keys if keys.count(key) > 1] == []


def test_every_text_has_the_same_places_for_values(catalogs: dict[str, dict[str, Any]]) -> None:
    for key in catalogs["en"]:
        # A form for "one" may leave the number out; each language's forms together need all.
        places = {
            language: {place for text in texts(words[key]) for place in PLACEHOLDER.findall(text)}
            for language, words in catalogs.items()
        }
        assert places["en"] == places["cs"], key


def pattern(template: str) -> re.Pattern[str]:
    return re.compile(r"[\w.-]+".join(re.escape(text) for text in re.split(r"\$\{[^}]*\}", template)))


def test_no_key_is_missing_and_none_is_left_over(catalogs: dict[str, dict[str, Any]]) -> None:
    sources = [path.read_text(encoding="utf-8") for path in WEB.glob("js/*.js")]
    html = (WEB / "index.html").read_text(encoding="utf-8")
    known = set(catalogs["en"])
    asked = {key for source in sources for key in KEY_IN_CALL.findall(source)}
    asked |= set(re.findall(r'data-words="([^"]+)"', html))
    assert asked - known == set()
    # A key may also come out of a table of keys, or be put together: `problem.${kind}`.
    literals = {text for source in sources for text in LITERAL.findall(source)}
    built = [pattern(template) for source in sources for template in TEMPLATE.findall(source)]
    left_over = {key for key in known - asked - literals if not any(one.fullmatch(key) for one in built)}
    assert left_over == set()


def test_a_key_or_a_value_that_is_missing_is_an_error(page: Page, site: Site) -> None:
    site.publish()
    page.goto(site.url)
    for key, error in (
        ("no.such", "no words for no.such"),
        ("toString", "no words for toString"),
        ("list.written", "no date for list.written"),
    ):
        said = page.evaluate(
            "async (key) => { const { t } = await import('./js/words.js');"
            " try { return t(key); } catch (error) { return error.message; } }",
            key,
        )
        assert said == error


@pytest.mark.parametrize("language", ["cs"])
def test_czech_counts_as_czechs_do(page: Page, site: Site, language: str) -> None:
    site.publish()
    page.goto(site.url)
    counted = page.evaluate(
        "async () => { const { t } = await import('./js/words.js');"
        " return [0, 1, 2, 4, 5, 21, 1000].map((n) => t('list.count', { n })); }"
    )
    assert counted == ["0 debat", "1 debata", "2 debaty", "4 debaty", "5 debat", "21 debat", "1\u00a0000 debat"]
    formats = page.evaluate(
        "async () => { const f = await import('./js/format.js'); return [f.percent(0.41), f.percent(0.034),"
        " f.duration(8.44), f.duration(62), f.date('2026-11-22T10:30:00Z'), f.language('en')]; }"
    )
    assert formats == ["41\u00a0%", "3,4\u00a0%", "8,4 s", "1 min 2 s", "22. listopadu 2026", "angličtina"]


VIEWS = [
    ("#/", "Debaty"),
    ("#/?q=zzz", "Debaty"),
    ("#/?pick=rada.snemovna", "Debaty"),
    ("#/compare/rada/snemovna", "Porovnání dvou debat"),
    ("#/people", "Osoby napříč debatami"),
    ("#/person/jana-dvorakova", "Jana Dvořáková"),
    ("#/person/nobody", "Osoba nenalezena"),
    ("#/debate/none", "Debata nenalezena"),
    ("#/compare/rada/none", "Jedna z debat tu není"),
    ("#/elsewhere", "Taková stránka neexistuje"),
]

# All that a reader meets of a page in Czech: text, names for screen readers, hints; not what is marked as English.
SEEN = """() => {
    const seen = [document.title];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode())
        if (!node.parentElement.closest('[lang="en"], script, noscript, code')) seen.push(node.data);
    for (const element of document.querySelectorAll('[title], [aria-label], [placeholder]'))
        if (!element.closest('[lang="en"]'))
            for (const name of ['title', 'aria-label', 'placeholder']) seen.push(element.getAttribute(name) ?? '');
    return seen.join('\\n');
}"""


def words_of(text: str) -> set[str]:
    return set(re.findall(r"\b[^\W\d_]{3,}\b", PLACEHOLDER.sub(" ", text).lower()))


@pytest.mark.parametrize("language", ["cs"])
@pytest.mark.parametrize(("address", "heading"), VIEWS)
def test_a_czech_page_has_no_english_in_it(
    page: Page,
    site: Site,
    catalogs: dict[str, dict[str, Any]],
    complaints: Complaints,
    language: str,
    address: str,
    heading: str,
) -> None:
    complaints.expected.append("404")
    site.publish(CZECH, OTHER)
    page.goto("about:blank")
    page.goto(site.url + address)
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    english, czech = (
        {word for entry in catalogs[name].values() for text in texts(entry) for word in words_of(text)}
        for name in ("en", "cs")
    )
    seen = words_of(page.evaluate(SEEN))
    assert seen & (english - czech) - words_of("Debate Analyzer English") == set()
    assert len(seen & czech) > 10
    assert page.locator("html").get_attribute("lang") == "cs"


def test_the_browser_decides_the_language_and_the_reader_may_choose_another(
    page: Page, site: Site, language: str
) -> None:
    site.publish(CZECH, OTHER)
    page.goto(f"{site.url}#/?sort=title")
    expect(page.get_by_role("heading", level=1)).to_have_text({"en": "Debates", "cs": "Debaty"}[language])
    own = page.get_by_role("button", name={"en": "English", "cs": "Čeština"}[language])
    expect(own).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name={"en": "Čeština", "cs": "English"}[language]).click()
    expect(page.get_by_role("heading", level=1)).to_have_text({"en": "Debaty", "cs": "Debates"}[language])
    assert page.url == f"{site.url}#/?sort=title"
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text({"en": "Debaty", "cs": "Debates"}[language])


def test_the_choice_holds_where_the_browser_keeps_nothing(page: Page, site: Site) -> None:
    site.publish(CZECH)
    page.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError'); } })"
    )
    page.goto(site.url)
    page.get_by_role("button", name="Čeština").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Debaty")
    assert page.url == f"{site.url}?language=cs"
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Debates")


def configure(page: Page, text: str) -> None:
    page.route("**/config.json", lambda route: route.fulfill(body=text, content_type="application/json"))


def test_the_configuration_names_the_page_its_language_and_whom_to_ask(page: Page, site: Site) -> None:
    site.publish(CZECH)
    configure(page, '{"title": "Debaty Deníku", "language": "cs", "contact": "mailto:data@example.org"}')
    page.goto(site.url)
    expect(page.get_by_role("heading", level=1)).to_have_text("Debaty")
    expect(page.locator(".wordmark")).to_have_text("Debaty Deníku")
    expect(page).to_have_title("Debaty Deníku")
    expect(page.get_by_role("link", name="Kontakt")).to_have_attribute("href", "mailto:data@example.org")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        '"text"',
        '{"title": 7, "language": "xx", "contact": "javascript:alert(1)"}',
        '{"title": " ", "contact": "data:text/html,x", "toString": "x"}',
    ],
)
def test_a_configuration_that_is_none_changes_nothing(page: Page, site: Site, text: str) -> None:
    site.publish(CZECH)
    configure(page, text)
    page.goto(site.url)
    expect(page.get_by_role("heading", level=1)).to_have_text("Debates")
    expect(page).to_have_title("Debate Analyzer")
    expect(page.locator(".colophon a")).to_have_count(0)


@pytest.mark.parametrize("language", ["cs"])
def test_the_reasons_of_the_statistics_are_marked_as_english(page: Page, site: Site, language: str) -> None:
    site.publish(CZECH, OTHER)
    change(site.statistics / "by-job/snemovna.json", notes=[{"field": "interruptions", "reason": "No diarization."}])
    page.goto(f"{site.url}#/compare/rada/snemovna")
    expect(page.locator(".reasons [lang=en]").first).to_have_text("No diarization.")
