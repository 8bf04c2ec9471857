"""The lesson `gradients` on the page: numbers recomputed by autograd, a live explosion, widths."""

import math
import re

import pytest
import torch
from playwright.sync_api import expect

from rnn_core.labs.remember import recurrent
from rnn_core.labs.tasks import first_symbol
from tests.browser.conftest import settled
from ui.blocks import TIMES


def value(text):
    """ "8.3 × 10" with a raised −13 → 8.3e-13."""
    digit, _, power = text.replace("−", "-").partition(f"{TIMES}10")
    return float(digit) * 10.0 ** int(power or 0)


def test_the_table_holds_what_autograd_gives(open_page):
    page = open_page("/gradients?guess=gru&T=30&d=20&hidden=8")
    rows = page.locator(".u-table tbody tr")
    rows.first.wait_for()
    seen = {r.locator("td").first.text_content(): r.locator("td").all_text_contents()[1:] for r in rows.all()}
    for cell, name in (("rnn", "RNN h"), ("gru", "GRU h")):
        logs = []
        for seed in range(5):
            module = recurrent(cell, 8, 8, seed=seed).double()
            x, _ = first_symbol(29).make(1, torch.Generator().manual_seed(seed))
            h, states = torch.zeros(1, 1, 8, dtype=torch.float64, requires_grad=True), []
            for x_t in x.double():
                _, h = module(x_t[None], h)
                states.append(h)
            (grad,) = torch.autograd.grad(states[-1].sum(), states[29 - 20])
            logs.append(math.log10(grad.norm()))
        expected = [sum(logs) / 5, min(logs), max(logs)]
        for text, log in zip(seen[name], expected, strict=True):
            assert math.log10(value(text)) == pytest.approx(log, abs=0.03), name


def test_prediction_comes_before_the_figure(open_page):
    page = open_page("/gradients")
    expect(page.locator(".js-plotly-plot")).to_have_count(0)
    page.get_by_test_id("stBaseButton-secondary").filter(has_text="GRU").click()
    expect(page.locator(".js-plotly-plot").first).to_be_visible()
    expect(page).to_have_url(re.compile("guess=gru"))


def test_one_cell_of_the_table_is_run_again_and_a_link_brings_it_back(open_page):
    page = open_page("/gradients?part=span&cell=gru&far=5&sseed=3")
    page.get_by_role("button", name="Train", exact=True).click()
    learned = page.get_by_text(re.compile(r"Learned after \d+ steps"))
    expect(learned).to_be_visible(timeout=60_000)
    said, link = learned.inner_text(), page.url
    assert re.search(r"sdone=\d+", link)
    page.reload()
    expect(page.get_by_text(said)).to_be_visible(timeout=60_000)


def test_stop_keeps_what_there_is(open_page):
    page = open_page("/gradients?part=span&cell=lstm&far=200")
    page.get_by_role("button", name="Train", exact=True).click()
    bar = page.get_by_test_id("stProgress")
    expect(bar.get_by_text(re.compile(r"about \d+ s left"))).to_be_visible(timeout=60_000)
    page.get_by_test_id("stBaseButton-primary").filter(has_text="Stop").click()
    expect(page.get_by_role("button", name="Train", exact=True)).to_be_visible()
    page.wait_for_timeout(1500)  # a tick that was under way is still drawn
    done = re.search(r"(\d+) of 1500 steps", bar.inner_text())
    assert done
    assert 0 < int(done[1]) < 1500
    page.wait_for_timeout(1000)
    assert f"{done[1]} of 1500 steps" in bar.inner_text()


def test_explosion_runs_live_ends_in_nan_and_stays_after_a_reload(open_page):
    page = open_page("/gradients?part=explode")
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.get_by_text("300 of 300 steps")).to_be_visible(timeout=60_000)
    told = page.get_by_text(re.compile(r"^without clipping: at step \d+ a value became NaN"))
    expect(told).to_be_visible()
    expect(page.locator(".js-plotly-plot").get_by_text("NaN").first).to_be_visible()
    before = told.inner_text()
    page.reload()
    expect(page.get_by_text(before)).to_be_visible(timeout=60_000)


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize(
    "path", ["?guess=rnn", "?part=products", "?part=explode&edone=20", "?part=span", "?part=check&qz6=1"]
)
def test_pages_fit_their_width_in_japanese_and_dark(open_page, path, width):
    page = open_page(f"/gradients{path}", width=width, dark=True, locale="ja-JP")
    settled(page)
    wide = page.evaluate("() => document.querySelector('[data-testid=stMain]').scrollWidth - innerWidth")
    assert wide <= 0
