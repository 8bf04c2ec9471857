"""One server and one browser for all browser tests; a page that must keep its console clean."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.browser.chromium import launch
from tests.browser.server import serve

TIMEOUT = 20_000  # ms, for what is waited for; two cores shared by server, browser and the other tests
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


class Tab:
    """A tab with storage of its own, which one test after the other uses: most of what opening a page costs is compiling the
    app's scripts, and this is done once a tab (2.5 s of the processor for a new one, 0.9 s for one that has been used)."""

    def __init__(self, browser, server, options):
        self.server, self.problems = server, []
        self.page = browser.new_context(**options).new_page()
        self.page.on("pageerror", lambda error: self.problems.append(f"page error: {error}"))
        self.page.on("console", lambda message: note(message, self.problems))
        self.page.on("request", lambda request: foreign(request.url, server, self.problems))

    def clear(self):
        """Forget all that a visit leaves: cookies and both storages; what it looks like is said when it is opened again."""
        self.page.goto(f"{self.server}/_stcore/health")
        self.page.evaluate("() => { localStorage.clear(); sessionStorage.clear(); }")
        self.page.context.clear_cookies()


@pytest.fixture(scope="session")
def tabs(browser):
    """The tabs that no test is using, by the options of their contexts."""
    return {}


@pytest.fixture
def open_page(server, browser, tabs):
    """open_page("/hello?part=word", width=360, dark=True, locale="ja-JP") → a page, ready."""
    used = []

    def go(path="/", width=1280, height=900, dark=False, reduced_motion="no-preference", **options):
        options = {"locale": "en-US", **options}
        free = tabs.setdefault(tuple(sorted(options.items())), [])
        tab = free.pop() if free else Tab(browser, server, options)
        used.append((tab, free))
        page = tab.page
        page.set_default_timeout(TIMEOUT)
        page.set_viewport_size({"width": width, "height": height})
        scheme = "dark" if dark else "light"
        page.emulate_media(color_scheme=scheme, reduced_motion=reduced_motion)
        page.goto(server + path)
        ready(page)
        return page

    yield go
    problems = []
    for tab, free in used:
        tab.clear()
        problems += tab.problems
        tab.problems.clear()
        free.append(tab)
    assert not problems, problems


def ready(page):
    """The script has run to its end and the components are drawn."""
    page.locator("h1").first.wait_for()
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()


SIZE = """() => {
  let count = 0;
  const walk = root => root.querySelectorAll("*").forEach(e => { count++; if (e.shadowRoot) walk(e.shadowRoot); });
  walk(document);
  const main = document.querySelector("[data-testid=stMain]");
  const waits = [...document.querySelectorAll("[data-testid=stPlotlyChart]")].filter(c => !c.querySelector(".main-svg"));
  return [count, main.scrollWidth, main.scrollHeight, waits.length || document.querySelectorAll("[data-testid=stSkeleton]").length];
}"""


def settled(page):
    """The page has its size: all is there, and nothing was added or grew for a quarter of a second (at rest 0.3 s in all)."""
    page.wait_for_function(
        f"""() => {{
          const now = performance.now(), size = ({SIZE})();
          if (String(size) !== window.lastSize) {{ window.lastSize = String(size); window.sizeSince = now; }}
          return size.at(-1) === 0 && now - window.sizeSince > 250;
        }}""",
        polling=50,
    )


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
