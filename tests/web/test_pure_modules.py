"""The page's pure modules, in the browser that runs them: numbers in words, addresses, timeline geometry."""

from __future__ import annotations

from typing import Any

import pytest
from page_tools import Site
from playwright.sync_api import Page


@pytest.fixture
def module(page: Page, site: Site) -> Any:
    """call(module, function, *arguments) -> result"""
    site.publish()
    page.goto(site.url)

    def call(name: str, function: str, *arguments: Any) -> Any:
        return page.evaluate(
            "async ([name, function_, args]) => (await import(`./js/${name}.js`))[function_](...args)",
            [name, function, list(arguments)],
        )

    return call


def test_numbers_in_words(module: Any) -> None:
    for function, value, words in (
        ("clock", 0, "0:00"),
        ("clock", 83.9, "1:23"),
        ("clock", 3723, "1:02:03"),
        ("clock", 36000, "10:00:00"),
        ("duration", 0, "0.0 s"),
        ("duration", 8.44, "8.4 s"),
        ("duration", 59.96, "1 min"),
        ("duration", 242, "4 min 2 s"),
        ("duration", 3599.7, "1 h"),
        ("duration", 5400, "1 h 30 min"),
        ("percent", 0, "0%"),
        ("percent", 0.034, "3.4%"),
        ("percent", 0.0996, "10%"),
        ("percent", 0.4149, "41%"),
        ("percent", 1, "100%"),
        ("count", 60000, "60,000"),
        ("language", "cs", "Czech"),
        ("language", "xx", "xx"),
        ("language", "not a language!", "not a language!"),
        ("date", "2026-11-22T10:30:00Z", "22 November 2026"),
        ("date", "yesterday", "yesterday"),
    ):
        assert module("format", function, value) == words, (function, value)


def test_addresses_there_and_back(module: Any) -> None:
    assert module("route", "parseRoute", "") == {"view": "list", "query": ""}
    assert module("route", "parseRoute", "#/") == {"view": "list", "query": ""}
    for seconds in (None, 0, 83.2, 8.437, 35999.999):
        address = module("route", "debateHref", "a-debate", seconds)
        assert module("route", "parseRoute", address) == {
            "view": "debate",
            "id": "a-debate",
            "seconds": seconds,
            "selection": None,
        }
    assert module("route", "debateHref", "x", 83.2) == "#/debate/x?t=83.2"
    passage = {"start": 83.2, "end": 97.0}
    assert module("route", "passageHref", "x", passage) == "#/debate/x?sel=83.2-97"
    assert module("route", "parseRoute", "#/debate/x?t=90&sel=83.2-97")["selection"] == passage
    for text in ("", "1", "2-1", "1-1", "-1-2", "a-b", "1-"):
        assert module("route", "parseRoute", f"#/debate/x?sel={text}")["selection"] is None
    assert module("route", "parseRoute", module("route", "compareHref", "a", "b-2")) == {
        "view": "compare",
        "first": "a",
        "second": "b-2",
    }
    assert module("route", "parseRoute", module("route", "personHref", "jana")) == {"view": "person", "id": "jana"}
    for text in ("-1", "1e3", "x", "", "1.2.3"):
        assert module("route", "parseRoute", f"#/debate/x?t={text}")["seconds"] is None


def test_the_choice_of_the_list_there_and_back(module: Any) -> None:
    nothing = {"q": "", "lang": "", "speaker": "", "sort": "newest", "pick": []}
    assert module("debate-filter", "parseChoice", "") == nothing
    assert module("debate-filter", "choiceQuery", nothing) == ""
    for choice in (
        {**nothing, "q": "a&b=c #?"},
        {**nothing, "lang": "cs", "speaker": "Řehoř, ml.", "sort": "length", "pick": ["a", "b-1"]},
    ):
        query = module("debate-filter", "choiceQuery", choice)
        assert module("debate-filter", "parseChoice", query) == choice
    assert module("debate-filter", "parseChoice", "sort=x&pick=a.a.b.c") == {**nothing, "pick": ["a", "b"]}
    for empty in ("", "   "):
        assert module("debate-filter", "isNarrowed", {**nothing, "q": empty}) is False
        assert module("debate-filter", "choiceQuery", {**nothing, "q": empty}) == ""


def test_a_stale_list(module: Any) -> None:
    for written, updated, stale in (
        ("2026-11-22T10:00:00Z", ["2026-11-22T10:59:00Z"], False),
        ("2026-11-22T10:00:00Z", ["2026-11-22T09:00:00Z", "2026-11-22T11:00:01Z"], True),
        ("2026-11-22T12:00:00+02:00", ["2026-11-22T10:30:00Z"], False),
        ("2026-11-22T10:00:00Z", [], False),
        ("yesterday", ["2026-11-22T10:00:00Z"], False),
        ("2026-11-22T10:00:00Z", ["soon"], False),
    ):
        document = {"generated_at": written, "jobs": [{"updated_at": moment} for moment in updated]}
        assert module("stale", "isStale", document) is stale, (written, updated)


def test_numbers_between_and_beyond(module: Any) -> None:
    for function, value, words in (
        ("decimal", 7.53, "7.5"),
        ("decimal", -0.24, "\N{MINUS SIGN}0.2"),
        ("decimal", -0.04, "0.0"),
        ("index", 0.934, "0.93"),
    ):
        assert module("format", function, value) == words
    assert module("format", "languageTag", "cs") == "cs"
    for code in (None, "xx", "not a language!"):
        assert module("format", "languageTag", code) is None
    for items, text in ((["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")):
        assert "".join(module("format", "listed", items)) == text


def test_timeline_geometry(module: Any) -> None:
    spans = [{"start": 5, "end": 9}, {"start": 0, "end": 2}, {"start": 1, "end": 3}, {"start": 9, "end": 30}]
    assert module("timeline-shapes", "union", spans, 10) == [{"start": 0, "end": 3}, {"start": 5, "end": 10}]
    parts = module("timeline-shapes", "secondsByPart", [{"start": 0.5, "end": 3}, {"start": 5, "end": 10}], 10, 4)
    assert parts == [2.0, 0.5, 2.5, 2.5]
    assert module("timeline-shapes", "ticks", 47.4, 8) == [0, 10, 20, 30, 40]
    for length in (0.3, 1, 59, 3600, 36000, 10**6):
        ticks = module("timeline-shapes", "ticks", length, 8)
        assert ticks[0] == 0
        assert len(ticks) <= 9
        assert ticks[-1] <= length
    timeline = [{"start": 0, "end": 2, "speaker": "A"}, {"start": 1, "end": 3, "speaker": "B"}]
    assert module("timeline-shapes", "speakingAt", timeline, 1.5) == ["A", "B"]
    assert module("timeline-shapes", "speakingAt", timeline, 2) == ["B"]
