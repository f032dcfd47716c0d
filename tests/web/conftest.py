"""The page in a real Chromium against the real nginx.

Every test fails on a console error, a CSP violation or a request to elsewhere.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import real_nginx
from golden_statistics import Golden, make_audio, talk
from page_tools import NARROW, WIDE, Complaints, Site
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, ViewportSize, sync_playwright

CHROMIUM = Path(os.environ.get("DEBATE_CHROMIUM", "/usr/bin/chromium"))
ARGUMENTS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
LOCALES = {"en": "en-GB", "cs": "cs-CZ"}
AUDIO_S = 60


@pytest.fixture(scope="session")
def audio(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return make_audio(tmp_path_factory.mktemp("audio") / "hum.m4a", AUDIO_S)


@pytest.fixture(scope="session")
def three_voices() -> Golden:
    """A usual debate: three speakers, one without a name, 47 s, with audio."""
    labels = ["SPEAKER_00", "SPEAKER_01", "SPEAKER_02"]
    return Golden(job_id="council", utterances=talk(labels, 9))


@pytest.fixture
def site(tmp_path: Path, audio: bytes) -> Iterator[Site]:
    statistics = tmp_path / "statistics"
    statistics.mkdir()
    server = tmp_path / "nginx"
    server.mkdir()
    with real_nginx.serve(server, statistics) as url:
        yield Site(url=url, statistics=statistics, audio=audio)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One a module: while playwright's event loop lives in this thread, no other test can run one of its own."""
    assert CHROMIUM.exists(), f"{CHROMIUM} is missing: apt-get install chromium, or set DEBATE_CHROMIUM to yours"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture(params=[WIDE, NARROW], ids=["1280", "360"])
def viewport(request: pytest.FixtureRequest) -> ViewportSize:
    size: ViewportSize = request.param
    return size


@pytest.fixture(params=["en", "cs"])
def language(request: pytest.FixtureRequest) -> str:
    """What the browser asks for."""
    asked: str = request.param
    return asked


@pytest.fixture
def complaints() -> Complaints:
    return Complaints()


@pytest.fixture
def page(browser: Browser, site: Site, complaints: Complaints, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page at 1280 x 800 in English, or at the test's `viewport` and in its `language`."""
    size = request.getfixturevalue("viewport") if "viewport" in request.fixturenames else WIDE
    language = request.getfixturevalue("language") if "language" in request.fixturenames else "en"
    context = browser.new_context(
        viewport=size, locale=LOCALES[language], reduced_motion="reduce", accept_downloads=True
    )
    page = context.new_page()
    page.set_default_timeout(10_000)
    page.add_init_script(
        "addEventListener('securitypolicyviolation',"
        " (event) => console.error(`CSP: ${event.violatedDirective} ${event.blockedURI}`))"
    )

    def on_console(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            complaints.texts.append(f"{message.type}: {message.text}")

    def on_request(sent: Request) -> None:
        if not sent.url.startswith((site.url, "data:", "blob:")):
            complaints.texts.append(f"request to elsewhere: {sent.url}")

    page.on("console", on_console)
    page.on("pageerror", lambda error: complaints.texts.append(f"uncaught: {error}"))
    page.on("request", on_request)
    yield page
    context.close()
    assert complaints.unexpected() == []
