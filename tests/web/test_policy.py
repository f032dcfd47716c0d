"""The policy acts in the browser, and the tests' guard would hear of it: without this, silence proves nothing."""

from __future__ import annotations

import re

import pytest
from page_tools import Complaints, Site
from playwright.sync_api import Page
from real_nginx import WEB


@pytest.mark.parametrize(
    ("attempt", "directive"),
    [
        ("document.body.setAttribute('style', 'color: red')", "style-src"),
        ("document.body.append(Object.assign(document.createElement('script'), {textContent: '1'}))", "script-src"),
        ("document.body.append(Object.assign(new Image(), {src: 'http://elsewhere.invalid/x.png'}))", "img-src"),
        ("document.body.append(Object.assign(new Audio(), {src: 'http://elsewhere.invalid/x.m4a'}))", "media-src"),
        ("fetch('http://elsewhere.invalid/').catch(() => {})", "connect-src"),
    ],
)
def test_what_the_policy_forbids_is_stopped_and_reported(
    page: Page, site: Site, complaints: Complaints, attempt: str, directive: str
) -> None:
    site.publish()
    page.goto(site.url)
    page.evaluate(f"() => {{ {attempt}; }}")
    page.wait_for_function("() => new Promise((done) => requestAnimationFrame(() => done(true)))")
    assert any(text.startswith(f"error: CSP: {directive}") for text in complaints.unexpected())
    complaints.expected += ["CSP: ", "Content Security Policy", "elsewhere.invalid"]


def test_the_sources_hold_nothing_that_makes_markup_of_text() -> None:
    forbidden = re.compile(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|\beval\(|new Function"
        r"|<style|\sstyle=|\son\w+=\"|cssText|setAttribute\(\"style\""
    )
    sources = [path for path in WEB.rglob("*") if path.suffix in (".html", ".js", ".css")]
    assert len(sources) > 20
    for path in sources:
        text = path.read_text(encoding="utf-8")
        assert not forbidden.search(text), f"{path.name}: {forbidden.search(text)}"
        elsewhere = set(re.findall(r"https?://[^\s\"')]+", text)) - {"http://www.w3.org/2000/svg"}
        assert elsewhere == set(), path.name
