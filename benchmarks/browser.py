"""What a reader waits for, measured in a real browser beside an empty Streamlit page."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from tests.browser.chromium import launch
from tests.browser.server import ROOT, serve

EMPTY = Path(__file__).with_name("empty_app.py")

STEP = """(root) => {
  const times = [];
  for (let k = 0; k < 200; k++) {
    const start = performance.now();
    root.dispatchEvent(new KeyboardEvent('keydown', { key: k % 8 < 4 ? 'ArrowRight' : 'ArrowLeft', bubbles: true }));
    root.getBoundingClientRect();
    times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b);
}"""

# Click the control's + button; the clock stops at the first change of what is watched. Without one, this fails.
CHANGE = """([button, watched, patience]) => new Promise((done, fail) => {
  const find = (selector) => document.querySelector(selector) ??
    [...document.querySelectorAll('*')].map(n => n.shadowRoot?.querySelector(selector)).find(Boolean);
  const node = find(watched);
  const start = performance.now();
  new MutationObserver((_, observer) => { observer.disconnect(); done(performance.now() - start); })
    .observe(node, { childList: true, characterData: true, subtree: true, attributes: true });
  setTimeout(() => fail(new Error(`${button} changed nothing in ${watched}`)), patience);
  document.querySelector(button).click();
})"""

PATIENCE = 20_000
"""Milliseconds for one change."""

PLUS = "[data-testid=stNumberInputStepUp]"


def _note(sent: list[Any], frame: Any) -> None:
    sent.append(frame)


def quantiles(values: list[float]) -> dict[str, float]:
    values = sorted(values)
    return {
        "p50": round(statistics.median(values), 2),
        "p95": round(values[int(0.95 * (len(values) - 1))], 2),
    }


def open_at(browser: Any, url: str, heading: str = "h1") -> Any:
    page = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-US").new_page()
    page.goto(url)
    page.locator(heading).first.wait_for()
    return page


def settle(page: Any) -> None:
    """Until the script has ended and what it said is drawn: a node that is replaced meanwhile would never change."""
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
    page.wait_for_timeout(400)


def step_response() -> Iterator[dict[str, Any]]:
    """Script and layout time of one step, and the messages it sends to the server (none)."""
    with serve() as (address, _), sync_playwright() as playwright:
        browser = launch(playwright)
        for path, name in (
            ("/hello?guess=o", "hello"),
            ("/hello?part=word&word=mississippi&hidden=16", "11 x 16"),
        ):
            sent: list[Any] = []
            page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
            note = partial(_note, sent)
            page.on("websocket", lambda ws, note=note: ws.on("framesent", note))
            page.goto(address + path)
            page.locator(".stepper .chip-t").first.wait_for()
            page.wait_for_timeout(1500)
            before = len(sent)
            times = page.locator(".stepper").evaluate(STEP)
            page.wait_for_timeout(500)
            yield {
                "measurement": "step in the browser",
                "run": name,
                "ms": quantiles(times),
                "p95_over_frame": round(quantiles(times)["p95"] / 16.7, 2),
                "budget_p95_over_frame": 1,
                "server_messages_per_step": (len(sent) - before) / len(times),
            }
            page.context.close()
        browser.close()


def control_change(clicks: int = 25) -> Iterator[dict[str, Any]]:
    """A number control to the redrawn stepper, against the same control to its text on an empty page."""
    with serve() as (ours, _), serve(EMPTY) as (empty, _), sync_playwright() as playwright:
        browser = launch(playwright)
        pages = {
            "ours": (open_at(browser, f"{ours}/hello?part=word"), "[data-part=canvas]"),
            "empty": (open_at(browser, empty), "[data-testid=stMarkdown] code"),
        }
        times: dict[str, list[float]] = {name: [] for name in pages}
        for page, watched in pages.values():
            page.locator(watched).wait_for()
            page.wait_for_timeout(2500)
        for k in range(clicks + 3):
            for name, (page, watched) in pages.items():
                settle(page)
                taken = page.evaluate(CHANGE, [PLUS, watched, PATIENCE])
                if k >= 3:
                    times[name].append(taken)
        browser.close()
        result = {name: quantiles(values) for name, values in times.items()}
        yield {
            "measurement": "control changed to figure redrawn",
            "ms": result,
            "ratio_p50": round(result["ours"]["p50"] / result["empty"]["p50"], 2),
            "budget_ratio_p50": 1,
        }


def first_paint(rounds: int = 5) -> Iterator[dict[str, Any]]:
    """The first visit to a server that has just come up: heading visible; ours and empty take turns."""
    times: dict[str, list[float]] = {"ours": [], "empty": []}
    with sync_playwright() as playwright:
        browser = launch(playwright)
        for k in range(rounds + 1):
            for name, script in (("ours", ROOT / "app.py"), ("empty", EMPTY)):
                with serve(script) as (address, _):
                    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
                    page.goto(address, wait_until="commit")
                    page.locator("h1").first.wait_for()
                    if k:
                        times[name].append(page.evaluate("() => performance.now()"))
                    page.context.close()
        browser.close()
    result = {name: quantiles(values) for name, values in times.items()}
    yield {
        "measurement": "first paint of home on a fresh server",
        "ms": result,
        "ratio_p50": round(result["ours"]["p50"] / result["empty"]["p50"], 2),
        "budget_ratio_p50": 1.2,
    }
