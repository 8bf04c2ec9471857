"""`make screenshots`: the pictures of the README, and every view at both widths, languages and themes.

The README's go to `docs/`; the rest to `artifacts/`, for a person to look at.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from playwright.sync_api import sync_playwright

from lessons import lessons
from tests.browser.chromium import launch
from tests.browser.conftest import ready
from tests.browser.server import ROOT, serve
from ui.lecture import Link

README = {
    "hello-en.png": ("/hello?guess=o&t=2&open=/l0.h~2~1", "en-US", False),
    "hello-ja.png": ("/hello?guess=o&t=2&open=/l0.h~2~1", "ja-JP", False),
}


def views() -> list[tuple[str, str]]:
    """A name and an address for every chapter of every lesson, and for what a lesson wants looked at besides."""
    found = []
    for one in lessons():
        for part in one.chapters:
            several = len(one.chapters) > 1
            query = {**one.opened, **({"part": part} if several else {})}
            found.append((f"{one.word}-{part}" if several else one.word, Link(one.word, query)))
        found += [(f"{one.word}-{name}", Link(one.word, query)) for name, query in one.views.items()]
    return [(name, f"/{link.lesson}?{urlencode(link.query)}") for name, link in found]


def shoot(browser: Any, url: str, path: Any, locale: str, dark: bool, size: tuple[int, int], whole: bool) -> None:
    """One picture, of the window or of the whole page."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        locale=locale,
        color_scheme="dark" if dark else "light",
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto(url)
    ready(page)
    page.wait_for_timeout(1500)
    if whole:
        height = page.evaluate("() => document.querySelector('[data-testid=stMain]').scrollHeight")
        page.set_viewport_size({"width": size[0], "height": min(height + 10, 8000)})
        page.wait_for_timeout(600)
    page.screenshot(path=path)
    context.close()


def main() -> None:
    (ROOT / "artifacts").mkdir(exist_ok=True)
    with serve() as (address, _), sync_playwright() as playwright:
        browser = launch(playwright)
        for name, (path, locale, dark) in README.items():
            shoot(browser, address + path, ROOT / "docs" / name, locale, dark, (1360, 1290), False)
        for name, path in views():
            for locale in ("ja-JP", "en-US"):
                for dark in (False, True):
                    for width in (1280, 360):
                        file = f"{name}-{locale[:2]}-{width}-{'dark' if dark else 'light'}.png"
                        shoot(
                            browser,
                            address + path,
                            ROOT / "artifacts" / file,
                            locale,
                            dark,
                            (width, 800),
                            True,
                        )
        browser.close()


if __name__ == "__main__":
    main()
