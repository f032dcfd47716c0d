"""The page with a ten-hour debate: seconds until it can be used, frame times of scrolling. `make bench` prints it.

60,000 words in 6,000 utterances of 6 speakers, 3,000 interruptions, from the real nginx to a real Chromium. Usable: the
utterance that the address names is marked, laid out and in sight, and the next event is heard.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests" / "web"))

import real_nginx  # type: ignore[import-not-found]  # noqa: E402
from golden_statistics import Golden, write_debate, write_index  # type: ignore[import-not-found]  # noqa: E402
from lively_debate import lively, overwrite, statistics_of_lively  # type: ignore[import-not-found]  # noqa: E402
from playwright.sync_api import Browser, Page, sync_playwright  # noqa: E402

from debate_core.documents.statistics import DebateStatistics, Pair  # noqa: E402

CHROMIUM = os.environ.get("DEBATE_CHROMIUM", "/usr/bin/chromium")
SPEAKERS = {f"SPEAKER_{i:02d}": f"Delegate {i}" for i in range(6)}
UTTERANCES = 6_000
INTERRUPTIONS = 3_000
GOAL_S = 1
RUNS = 5
SIZES = {"1280 px": (1280, 800), "360 px": (360, 740)}
# As measured with nothing else to do: the goal is a frame of a 60 Hz display.
FRAME_MS = 1000 / 60

USABLE = """async () => {
    const heard = () => new Promise((done) => setTimeout(done));
    for (;;) {
        const current = document.querySelector('.utterance[aria-current]');
        const box = document.querySelector('.utterances')?.getBoundingClientRect();
        const place = current?.getBoundingClientRect();
        if (place && place.height > 0 && place.top >= box.top && place.top < box.bottom) break;
        await new Promise(requestAnimationFrame);
    }
    await heard();
    return performance.now() / 1000;
}"""
# Each step waits for the frame that shows it; the distance from frame to frame is what the eye sees.
FRAMES = """async ([selector, step, count]) => {
    const box = selector === null ? document.scrollingElement : document.querySelector(selector);
    const frame = () => new Promise(requestAnimationFrame);
    const times = [];
    await frame();
    let last = await frame();
    for (let i = 0; i < count; i += 1) {
        box.scrollBy({ top: step, behavior: 'instant' });
        const now = await frame();
        times.push(now - last);
        last = now;
    }
    return times;
}"""
ZOOM = """async (count) => {
    const lanes = document.querySelector('.lanes');
    const frame = () => new Promise(requestAnimationFrame);
    const times = [];
    await frame();
    let last = await frame();
    for (let i = 0; i < count; i += 1) {
        const key = i % 20 < 10 ? '+' : '-';
        lanes.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
        const now = await frame();
        times.push(now - last);
        last = now;
    }
    return times;
}"""
# Of the transcript, of the page with all its charts, of the timeline's zoom.
MOVEMENTS: list[tuple[str, Any]] = [(FRAMES, [".utterances", 240, 240]), (FRAMES, [None, -40, 120]), (ZOOM, 60)]


def ten_hours() -> tuple[Golden, DebateStatistics]:
    golden = lively("long", names=dict(SPEAKERS), utterances=UTTERANCES, audio=False, words=12)
    # The utterances of the tests are quick and short: stretched to ten hours.
    stretch = 36_000 / golden.duration
    utterances = tuple(
        each.model_copy(update={"start": round(each.start * stretch, 3), "end": round(each.end * stretch, 3)})
        for each in golden.utterances
    )
    long = Golden(job_id="long", title="Ten hours", names=dict(SPEAKERS), utterances=utterances, audio=False)
    figures = statistics_of_lively(long)
    starts = [each.start for each in utterances]
    labels = list(SPEAKERS)
    places = [(by, of) for by in labels for of in labels if by != of]
    each = INTERRUPTIONS // len(places)
    pairs = [Pair(by=by, of=of, count=each, at=starts[i :: len(places)][:each]) for i, (by, of) in enumerate(places)]
    return long, figures.model_copy(update={"interruptions": pairs, "butt_ins": pairs})


def opened(browser: Browser, url: str, size: tuple[int, int], use: Callable[[Page], Any]) -> Any:
    """What `use` makes of a page that was never open before, so that nothing is cached."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, reduced_motion="reduce")
    page = context.new_page()
    page.goto(f"{url}#/debate/long?t=18000", wait_until="commit")
    try:
        return use(page)
    finally:
        context.close()


def usable(page: Page) -> tuple[float, float]:
    """Seconds until it can be used, and of them those in which the page's own thread works, whatever else runs here."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    seconds: float = page.evaluate(USABLE)
    metrics = {metric["name"]: metric["value"] for metric in session.send("Performance.getMetrics")["metrics"]}
    return seconds, metrics["TaskDuration"]


def frames(script: str, argument: Any, page: Page) -> list[float]:
    page.evaluate(USABLE)
    times: list[float] = page.evaluate(script, argument)
    return times


def quantiles(times: list[float]) -> str:
    cuts = statistics.quantiles(times, n=100, method="inclusive")
    return f"{cuts[49]:.0f} · {cuts[94]:.0f} · {max(times):.0f} ms"


def main() -> None:
    golden, figures = ten_hours()
    words = sum(len(utterance.text.split()) for utterance in golden.utterances)
    print("## page\n")
    print(
        f"{words:,} words in {len(golden.utterances):,} utterances, {INTERRUPTIONS:,} interruptions. Goal: usable in "
        f"< {GOAL_S} s, frames of {FRAME_MS:.0f} ms. Frames: median · 95 of 100 · slowest.\n"
    )
    print(
        "| width | usable after (median of 5, slowest) | of it working | scrolling the transcript "
        "| scrolling the page | zooming |"
    )
    print("|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        statistics_dir, server = Path(folder) / "statistics", Path(folder) / "nginx"
        server.mkdir()
        write_debate(statistics_dir, golden, audio=b"")
        overwrite(statistics_dir, figures)
        write_index(statistics_dir, [golden])
        with real_nginx.serve(server, statistics_dir) as url, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            for name, size in SIZES.items():
                runs = [opened(browser, url, size, usable) for _ in range(RUNS)]
                seconds, working = [run[0] for run in runs], [run[1] for run in runs]
                row = [
                    f"{statistics.median(seconds):.2f} s, {max(seconds):.2f} s",
                    f"{statistics.median(working):.2f} s",
                    *(quantiles(opened(browser, url, size, partial(frames, *task))) for task in MOVEMENTS),
                ]
                print(f"| {name} | {' | '.join(row)} |", flush=True)
            browser.close()


if __name__ == "__main__":
    main()
