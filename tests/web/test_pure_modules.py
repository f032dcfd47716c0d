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
    for text in ("-1", "1e3", "x", "", "1.2.3"):
        assert module("route", "parseRoute", f"#/debate/x?t={text}")["seconds"] is None


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
