"""Every lesson, every chapter of it, from top to bottom by the keyboard alone: Tab, arrows, Space."""

import pytest
from playwright.sync_api import expect

from lessons import places
from tests.browser.conftest import ready

READY = [place.word for place in places()]

AT = """() => { let at = document.activeElement; while (at.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
  window.reached.add(at);
  if (at.matches(".chip-t.now")) return `step ${at.dataset.t}`;
  if (at.matches("input[type=radio]")) return at.checked ? "answered" : "question";
  if (at.matches("[class*=guess] button:not([role=radio])")) return "guess";
  return at.dataset.testid === "stSkipToContent" ? "top" : ""; }"""
MISSED = """() => {
  const found = [], groups = new Set();
  const visible = e => e.checkVisibility({visibilityProperty: true, opacityProperty: false}) && e.getClientRects().length;
  const walk = root => { for (const e of root.querySelectorAll("*")) { if (e.shadowRoot) walk(e.shadowRoot);
    if (!e.matches("button, a[href], input, textarea, select, summary, [tabindex]")) continue;
    if (e.disabled || e.tabIndex < 0 || !visible(e) || window.reached.has(e)) continue;
    const group = e.closest("[role=radiogroup]");  // one stop, arrows inside
    if (group && [...group.querySelectorAll("*")].some(x => window.reached.has(x))) continue;
    found.push(e.outerHTML.slice(0, 200)); } };
  walk(document.querySelector("[data-testid=stMain]"));
  return found; }"""


def go_to_top(page):
    page.evaluate("() => { window.reached = new Set(); }")
    for _ in range(300):
        page.keyboard.press("Tab")
        if page.evaluate(AT) == "top":
            return
    pytest.fail("the page's top was not reached")


def walk(page):
    """Tab through the page once, as far as its top again: steps forward in every stepper, answers every question and prediction."""
    go_to_top(page)
    stepped = 0
    for _ in range(300):
        page.keyboard.press("Tab")
        at = page.evaluate(AT)
        if at.startswith("step"):
            page.keyboard.press("End")
            last = page.evaluate(AT)
            page.keyboard.press("Home")
            assert page.evaluate(AT) == "step 0"
            page.keyboard.press("ArrowRight")
            assert page.evaluate(AT) == ("step 1" if last != "step 0" else last)
            stepped += 1
        elif at in ("question", "guess"):
            answered = page.locator("[data-testid=stAlert]").count()
            page.keyboard.press(" ")
            if at == "question":  # the page is drawn anew before the next key
                page.wait_for_function(
                    "n => document.querySelectorAll('[data-testid=stAlert]').length > n",
                    arg=answered,
                )
            ready(page)
            page.wait_for_timeout(200)
            if at == "guess":  # the buttons are gone and the page has grown
                return walk(page)
        elif at == "top":
            break
    else:
        pytest.fail("the page's end was not reached")
    assert not page.evaluate(MISSED)
    assert stepped == page.locator(".stepper").count()


@pytest.mark.parametrize("lesson", READY)
def test_every_chapter_is_walked(open_page, lesson):
    page = open_page("/" if lesson == "home" else f"/{lesson}", reduced_motion="reduce")
    walk(page)
    chapters = page.locator(f".st-key-{lesson}-part [role=radio]")
    for k in range(1, chapters.count()):
        for _ in range(40):
            page.keyboard.press("Tab")
            if chapters.evaluate_all("all => all.includes(document.activeElement)"):
                break
        for _ in range(chapters.count()):
            if chapters.nth(k).evaluate("e => e === document.activeElement"):
                break
            page.keyboard.press("ArrowRight")
        page.keyboard.press(" ")
        expect(chapters.nth(k)).to_have_attribute("aria-checked", "true")
        ready(page)
        page.wait_for_timeout(500)
        walk(page)
    page.wait_for_function(
        "() => document.querySelectorAll('[data-testid=stAlert]').length"
        " >= document.querySelectorAll('[data-testid=stRadio]').length"
    )
