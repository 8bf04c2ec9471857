"""The clock of `python -m benchmarks change`: stops at the first change, and does not wait for ever for one."""

import pytest
from playwright.sync_api import Error

from benchmarks.browser import CHANGE

PAGE = "<button>+</button><p>0</p>"


def test_a_change_stops_the_clock_and_none_is_an_error(browser):
    page = browser.new_page()
    page.set_content(PAGE)
    with pytest.raises(Error, match="button changed nothing in p"):
        page.evaluate(CHANGE, ["button", "p", 200])
    page.locator("button").evaluate(
        "b => b.onclick = () => setTimeout(() => { document.querySelector('p').textContent = 1 }, 50)"
    )
    assert page.evaluate(CHANGE, ["button", "p", 20_000]) > 0
    assert page.locator("p").inner_text() == "1"
    page.close()
