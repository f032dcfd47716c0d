"""The page's own modules, called in the browser that runs them."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page


def call(page: Page, module: str, function: str, *arguments: Any) -> Any:
    """The result of `function` of web/js/<module>.js; the page must be open."""
    return page.evaluate(
        "async ([name, function_, args]) => (await import(`./js/${name}.js`))[function_](...args)",
        [module, function, list(arguments)],
    )
