"""axe-core over every lesson, in both languages and both themes: no serious finding."""

from importlib.resources import files

import pytest

from lessons import places
from tests.browser.conftest import settled

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
READY = [place.word for place in places()]
SERIOUS = """async () => {
  const found = await axe.run(document, {resultTypes: ["violations"]});
  return found.violations.filter(v => ["serious", "critical"].includes(v.impact))
    .map(v => `${v.id}: ${v.nodes.slice(0, 4).map(n => `${n.target.flat().join(" ")} ${n.html.slice(0, 160)} ${n.failureSummary.slice(0, 200)}`).join(" | ")}`);
}"""


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("locale", ["ja-JP", "en-US"])
@pytest.mark.parametrize("lesson", READY)
def test_no_serious_finding(open_page, lesson, locale, dark):
    page = open_page("/" if lesson == "home" else f"/{lesson}", locale=locale, dark=dark)
    page.evaluate(AXE)
    settled(page)
    for _ in range(12):  # what fades in has too little contrast for a moment
        found = page.evaluate(SERIOUS)
        if not found:
            break
        page.wait_for_timeout(1000)
    assert not found
