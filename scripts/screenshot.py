"""Pictures of the page for docs/images: `.venv/bin/python scripts/screenshot.py [STORE]`, after `make demo`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
CHROMIUM = os.environ.get("DEBATE_CHROMIUM", "/usr/bin/chromium")

PICTURES = (
    ("page", 1280, 900, None),
    ("page-transcript", 1280, 900, "Listen and read"),
    ("page-narrow", 360, 740, None),
)


def main() -> None:
    store = sys.argv[1] if len(sys.argv) > 1 else str(ROOT / "demo-store")
    serve = [str(Path(sys.executable).parent / "debate-stats"), "serve", "--store", store, "--port", "0"]
    with subprocess.Popen(serve, stdout=subprocess.PIPE, text=True) as server, sync_playwright() as playwright:
        assert server.stdout is not None
        url = server.stdout.readline().removeprefix("The page: ").strip()
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--no-first-run"])
        for name, width, height, heading in PICTURES:
            page = browser.new_page(viewport={"width": width, "height": height})
            page.goto(f"{url}/#/debate/sample-debate")
            page.get_by_role("table").first.wait_for()
            page.wait_for_load_state("networkidle")
            if heading is not None:
                page.get_by_role("heading", name=heading).evaluate("heading => heading.scrollIntoView()")
            page.screenshot(path=IMAGES / f"{name}.png")
        browser.close()
        server.terminate()


if __name__ == "__main__":
    main()
