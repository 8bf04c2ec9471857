"""The training labs `adder` and `sine` in the browser: train, stop, go on, compare; numbers recomputed; drawing by hand; widths."""

import re
from itertools import pairwise

import pytest
import torch
from playwright.sync_api import expect

from lessons.sine.series import DRAWN
from rnn_core import load
from rnn_core.labs.adder import sums
from tests.browser.conftest import ready
from tests.browser.reading import number as number_of
from ui.blocks import percent


def test_every_number_of_a_sum_is_that_of_the_shipped_weights(open_page):
    page = open_page("/adder?a=200&b=77&t=4&open=l0")
    page.locator(".num[data-cell]").first.wait_for()
    net = load("adder")
    x, _ = sums(torch.tensor([[200, 77]]), 8)
    with torch.inference_mode():
        states, _ = net.rnn(x)
        p = net(x)[:, 0, 0].sigmoid()
    seen = 0
    for each in page.locator('.num[data-cell^="l0.h:3:"]').all():
        unit = int(each.get_attribute("data-cell").split(":")[2])
        shown = number_of(each.locator("text").text_content())
        assert shown == pytest.approx(states[3, 0, unit].item(), abs=0.0051)
        seen += 1
    assert seen >= 6
    page = open_page("/adder?a=200&b=77&t=4")
    for k, share in enumerate((1 - p[3].item(), p[3].item())):
        shown = page.locator(f'.num[data-cell="p:3:{k}"] text').last.text_content()
        assert shown == percent(float(share))
    expect(page.get_by_text("200 + 77 = 277, which is right")).to_be_visible()


def steps_of(page):
    return int(re.search(r"done=(\d+)", page.url).group(1))


def test_train_stop_go_on_and_compare(open_page):
    page = open_page("/adder?part=train&goal=3&hidden=128&batch=32")  # long enough to be stopped
    page.wait_for_timeout(500)  # the theme is told to the server first, and that draws the page anew
    page.get_by_role("button", name="Train", exact=True).click()
    stop = page.get_by_test_id("stBaseButton-primary").filter(has_text="Stop")
    expect(stop).to_be_visible()
    expect(page.locator(".js-plotly-plot").first).to_be_visible()
    stop.click()
    page.wait_for_url(re.compile(r"done=\d+"))
    first = steps_of(page)
    page.get_by_role("button", name="Train", exact=True).click()
    expect(stop).to_be_visible()
    stop.click()
    page.wait_for_function("n => Number(new URL(location).searchParams.get('done')) > n", arg=first)
    page.get_by_role("button", name="Keep this run and compare").click()
    page.wait_for_url(re.compile("runs="))
    ready(page)
    page.get_by_role("radio", name="tanh").click()
    page.wait_for_url(re.compile("act=tanh"))  # a click while the page is drawn anew would be lost
    ready(page)
    page.get_by_role("button", name="Train", exact=True).click()
    expect(stop).to_be_visible()
    rows = page.locator(".u-table tbody tr")
    expect(rows).to_have_count(2, timeout=30_000)
    stop.click()
    expect(page.locator(".u-table thead")).to_contain_text("65,536")
    assert rows.locator("td:first-child").all_text_contents() == [
        "Hidden units 128, Sums per step 32",
        "tanh, Hidden units 128, Sums per step 32",
    ]


def test_a_series_is_drawn_by_pointer_and_by_keys(open_page):
    page = open_page("/sine?source=drawn")
    board = page.get_by_role("slider", name=re.compile("Draw a series"))
    box = board.bounding_box()
    page.mouse.move(box["x"] + 4, box["y"] + 6)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 4, box["y"] + box["height"] - 6, steps=12)
    page.mouse.up()
    page.wait_for_url(re.compile(rf"drawn=\d{{{2 * DRAWN}}}"))
    drawn = re.search(r"drawn=(\d+)", page.url).group(1)
    values = [int(drawn[k : k + 2]) for k in range(0, len(drawn), 2)]
    assert values[0] > 90
    assert values[-1] < 10
    assert all(a >= b for a, b in pairwise(values))
    board.focus()
    for key in ("ArrowLeft", "ArrowLeft", "PageUp"):
        page.keyboard.press(key)
    page.wait_for_function("d => !location.search.includes(d)", arg=drawn)
    moved = re.search(r"drawn=(\d+)", page.url).group(1)
    assert int(moved[-6:-4]) == min(99, values[-3] + 25)
    page.reload()
    expect(board).to_be_visible()
    assert f"drawn={moved}" in page.url


def test_the_sine_is_trained_and_a_link_brings_it_back(open_page):
    page = open_page("/sine?part=train&epochs=100&window=10")
    page.get_by_role("button", name="Train", exact=True).click()
    page.wait_for_url(re.compile("done=100"), timeout=60_000)
    table = page.locator(".u-table")
    expect(table).to_contain_text("running free")
    said, link = table.inner_text(), page.url
    page.goto(link)
    expect(page.locator(".u-table")).to_have_text(re.compile("running free"))
    assert page.locator(".u-table").inner_text() == said


def test_a_verdict_leads_to_its_experiment(open_page):
    page = open_page("/claims?status=depends")
    page.get_by_text("See the experiment: ").nth(3).click()
    page.wait_for_url(re.compile(r"/adder\?.*claim=clm6|/adder\?.*part=claims"))
    expect(page.locator("h1")).to_have_text("Learning to add binary numbers")


@pytest.mark.parametrize(
    "path",
    [
        "/adder",
        "/adder?part=train&done=100",
        "/adder?part=break",
        "/adder?part=claims",
        "/sine",
        "/sine?source=drawn",
        "/sine?part=train&done=50",
        "/sine?part=claims",
        "/claims",
    ],
)
@pytest.mark.parametrize("locale", ["ja-JP", "en-US"])
def test_nothing_is_cut_off_at_360_px(open_page, path, locale):
    page = open_page(path, width=360, locale=locale)
    page.locator("h2").first.wait_for()
    over = page.evaluate(
        "() => document.querySelector('[data-testid=stMain]').scrollWidth - document.documentElement.clientWidth"
    )
    assert over <= 0
