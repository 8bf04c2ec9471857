"""The lesson `gru` on the page: every number recomputed in both conventions of z, the rewiring, widths."""

import re

import pytest
from playwright.sync_api import expect

from rnn_core import load, trace
from tests.browser.conftest import settled
from tests.browser.reading import number as number_of

TEXT = "The rain."


@pytest.mark.parametrize("z", ["torch", "chung"])
def test_every_gate_on_the_page_is_that_of_the_shipped_weights(open_page, z):
    page = open_page(f"/gru?corpus=en&text={TEXT}&t=4&open=l0/l0.z~4~3&sort=number&z={z}")
    page.locator(".num[data-cell]").first.wait_for()
    model = load("chars-gru-en")
    lane = trace(model.rnn, model.embedding(model.encode(TEXT))).lane()
    for name in ("r", "z", "n", "h", "m"):
        cells = page.locator(f'.num[data-cell^="l0.{name}:3:"]').all()
        assert len(cells) >= 6
        for cell in cells:
            unit = int(cell.get_attribute("data-cell").split(":")[2])
            truth = lane[name][3, 0, unit].item()
            truth = 1 - truth if (name, z) == ("z", "chung") else truth
            shown = number_of(cell.locator("text").text_content())
            assert shown == pytest.approx(truth, abs=0.0051 if abs(truth) < 10 else 0.051), name
    page.locator(".panel .total").wait_for()
    why = lane.explain("z", 3, 3)
    sign = 1 if z == "torch" else -1
    total = number_of(page.locator(".panel .total").inner_text())
    assert total == pytest.approx(sign * why.total, abs=6e-4)


def test_the_wiring_changes_frame_by_frame_and_a_link_keeps_it(open_page):
    page = open_page("/gru?part=rewire")
    where = page.locator(".rewire .where")
    expect(where).to_have_text("1 / 5")
    gate = page.locator(".rewire g", has=page.locator("text", has_text="o")).filter(has=page.locator("rect"))
    expect(gate.first).not_to_have_class("gone")
    page.locator(".rewire [data-act=next]").click()
    expect(where).to_have_text("2 / 5")
    expect(page.get_by_text("Cut at the cell's output.")).to_be_visible()
    page.locator(".rewire [data-act=next]").click()
    page.locator(".rewire [data-act=next]").click()
    expect(page.get_by_text("Add a reset gate.")).to_be_visible()
    expect(page).to_have_url(re.compile("frame=4"))
    page.reload()
    expect(where).to_have_text("4 / 5")


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("path", ["", "?part=rewire&frame=4", "?part=compare", "?part=check&qz10=1"])
def test_pages_fit_their_width_in_japanese_and_dark(open_page, path, width):
    page = open_page(f"/gru{path}", width=width, dark=True, locale="ja-JP")
    settled(page)
    wide = page.evaluate("() => document.querySelector('[data-testid=stMain]').scrollWidth - innerWidth")
    assert wide <= 0
