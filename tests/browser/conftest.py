"""One server and one browser for all browser tests; a page that must keep its console clean."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.browser.chromium import launch
from tests.browser.server import serve

TIMEOUT = (
    20_000  # ms, for what is waited for; two cores shared by server, browser and the other tests
)
expect.set_options(timeout=TIMEOUT)


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    log = tmp_path_factory.mktemp("server") / "log.txt"
    with serve(log=log) as (address, _):
        yield address
    text = log.read_text("utf-8")
    assert "Traceback" not in text, text
    assert "Uncaught" not in text, text


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        chromium = launch(playwright)
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(server, browser):
    """open_page("/hello?part=word", width=360, dark=True, locale="ja-JP") → a page, ready."""
    contexts, problems = [], []

    def go(path="/", width=1280, height=900, dark=False, locale="en-US", **options):
        context = browser.new_context(
            viewport={"width": width, "height": height},
            locale=locale,
            color_scheme="dark" if dark else "light",
            **options,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(TIMEOUT)
        page.on("pageerror", lambda error: problems.append(f"page error: {error}"))
        page.on("console", lambda message: note(message, problems))
        page.on("request", lambda request: foreign(request.url, server, problems))
        page.goto(server + path)
        ready(page)
        return page

    yield go
    for context in contexts:
        context.close()
    assert not problems, problems


def ready(page):
    """The script has run to its end and the components are drawn."""
    page.locator("h1").first.wait_for()
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()


def note(message, problems):
    if message.type not in ("error", "warning"):
        return
    # Streamlit looks for its own server under a deep link's path before it looks at the root
    if "_stcore/" in message.location.get("url", "") and "404" in message.text:
        return
    problems.append(f"console {message.type}: {message.text}")


def foreign(url, server, problems):
    if not url.startswith((server, server.replace("http", "ws"), "data:", "blob:")):
        problems.append(f"a request left for {url}")
