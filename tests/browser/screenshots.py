"""`make screenshots`: the pictures of the README, and every view at both widths, languages and themes.

The README's go to `docs/`; the rest to `artifacts/`, for a person to look at.
"""

from __future__ import annotations

from typing import Any

from playwright.sync_api import sync_playwright

from tests.browser.chromium import launch
from tests.browser.conftest import ready
from tests.browser.server import ROOT, serve

README = {
    "hello-en.png": ("/hello?guess=o&t=2&open=/l0.h~2~1", "en-US", False),
    "hello-ja.png": ("/hello?guess=o&t=2&open=/l0.h~2~1", "ja-JP", False),
}
VIEWS = {
    "home": "/",
    "run": "/hello?guess=e&t=2&open=/l0.h~2~1",
    "veiled": "/hello",
    "cell": "/hello?guess=o&t=2&open=l0/",
    "box": "/hello?guess=o&t=2&draw=box",
    "train": "/hello?part=train&done=60",
    "word": "/hello?part=word&word=mississippi&wdone=100",
    "check": "/hello?part=check&qz2=1&qz4=0",
    "gradients": "/gradients?guess=gru&bias=5",
    "gradients-product": "/gradients?part=products",
    "gradients-explode": "/gradients?part=explode&edone=120",
    "gradients-span": "/gradients?part=span",
    "gradients-check": "/gradients?part=check&qz6=0",
    "lstm": "/lstm?t=12",
    "lstm-cell": "/lstm?t=12&open=l0/l0.f~12~58&sort=number",
    "lstm-sandbox": "/lstm?part=sandbox&task=deliver",
    "lstm-ladder": "/lstm?part=ladder",
    "lstm-surgery": "/lstm?part=surgery&hold=f&to=0",
    "lstm-totemo": "/lstm?part=totemo",
    "lstm-slices": "/lstm?part=slices&row=5",
    "lstm-check": "/lstm?part=check&qz8=1&qz7=1",
    "gru": "/gru?t=12&z=chung&open=l0/",
    "gru-rewire": "/gru?part=rewire&frame=4",
    "gru-compare": "/gru?part=compare",
    "gru-check": "/gru?part=check&qz10=0",
    "home-judged": "/?text=Dull.",
    "sentiment": "/sentiment?all=1&t=5",
    "sentiment-both": "/sentiment?cell=bi",
    "sentiment-why": "/sentiment?part=why",
    "sentiment-pairs": "/sentiment?part=pairs&pguess=bi",
    "sentiment-scores": "/sentiment?part=scores",
    "sentiment-many": "/sentiment?part=many",
    "sentiment-check": "/sentiment?part=check&qs1=1&qs2=0",
    "adder": "/adder?t=3",
    "adder-train": "/adder?part=train&done=500&runs=rnn~tanh~he~1~16~0.1~sgd~None~1~squared~0",
    "adder-break": "/adder?part=break",
    "adder-claims": "/adder?part=claims&claim=clm7",
    "sine": "/sine?pair=9",
    "sine-drawn": "/sine?source=drawn",
    "sine-train": "/sine?part=train&done=200",
    "sine-claims": "/sine?part=claims",
    "claims": "/claims",
    "bptt": "/bptt?guess=2&t=7&open=/l0.d~2~1",
    "bptt-own": "/bptt?part=own&kind=numbers&wt=8",
    "bptt-cut": "/bptt?part=cut",
    "bptt-check": "/bptt?part=check&qz5=0&qb1=0",
}


def shoot(
    browser: Any, url: str, path: Any, locale: str, dark: bool, size: tuple[int, int], whole: bool
) -> None:
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
        for name, path in VIEWS.items():
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
