"""The lesson `lstm` on the page: gates recomputed from the shipped weights, the map, gates dragged, a file uploaded."""

import math
import re

import pytest
import safetensors.torch
import torch
from playwright.sync_api import expect
from torch import nn

from rnn_core import load, trace
from rnn_core.labs.hand import CHALLENGES, run_by_hand
from tests.browser.conftest import settled
from tests.browser.reading import number as number_of

TEXT = "The rain."


def values_of(page, name, t):
    """Unit to number of all cells of `name` at step t that the opened cell shows."""
    found = {}
    for cell in page.locator(f'.num[data-cell^="l0.{name}:{t}:"]').all():
        found[int(cell.get_attribute("data-cell").split(":")[2])] = number_of(cell.locator("text").text_content())
    return found


@pytest.mark.parametrize(("corpus", "text"), [("en", TEXT), ("ja", "猫が「雨」と云った。")])
def test_every_gate_on_the_page_is_that_of_the_shipped_weights(open_page, corpus, text):
    page = open_page(f"/lstm?corpus={corpus}&text={text}&t=4&open=l0/l0.f~4~7&sort=number")
    page.locator(".num[data-cell]").first.wait_for()
    model = load(f"chars-lstm-{corpus}")
    lane = trace(model.rnn, model.embedding(model.encode(text))).lane()
    for name in ("i", "f", "g", "o", "c", "h"):
        shown = values_of(page, name, 3)
        assert list(shown) == list(range(6))
        for unit, value in shown.items():
            assert value == pytest.approx(lane[name][3, 0, unit].item(), abs=0.0051), name
    why = lane.explain("f", 3, 7)
    page.locator(".panel .value").wait_for()  # the weights of one unit were asked from the server
    assert number_of(page.locator(".panel .value").inner_text()) == pytest.approx(why.value, abs=6e-4)
    assert number_of(page.locator(".panel .total").inner_text()) == pytest.approx(why.total, abs=6e-4)


def test_the_map_moves_text_and_drawing_together(open_page):
    page = open_page(f"/lstm?corpus=en&text={TEXT}&sort=number")
    canvas = page.locator(".map canvas")
    canvas.wait_for()
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    page.mouse.move(box["x"] + box["width"] * 5.5 / 9, math.ceil(box["y"] + box["height"] * 40 / 256))
    expect(page.locator(".map-char.now")).to_have_attribute("data-t", "5")
    expect(page.locator(".chip-t.now")).to_have_attribute("data-t", "5")
    expect(page.locator(".col.now")).to_have_attribute("data-t", "5")
    page.mouse.down()
    page.mouse.up()
    expect(page.locator(".map-said")).to_contain_text("chosen unit 40 ")
    assert "u=40" in page.url
    model = load("chars-lstm-en")
    lane = trace(model.rnn, model.embedding(model.encode(TEXT))).lane()
    said = page.locator(".map-said").inner_text().split("=")[1]
    assert number_of(said) == pytest.approx(lane.c[5, 0, 40].item(), abs=0.0051)
    page.locator('[data-map="f"]').click()
    said = page.locator(".map-said").inner_text().split("=")[1]
    assert number_of(said) == pytest.approx(lane.f[5, 0, 40].item(), abs=0.0051)
    page.reload()
    expect(page.locator(".map-said")).to_contain_text("chosen unit 40 ")
    guess = page.locator(".map-guess").inner_text()
    p = model.read(TEXT).log_p[5].exp()
    best = model.symbols[int(p.argmax())].replace(" ", "␣")
    assert f"{best} {round(100 * p.max().item())}%" in guess.replace("\u00a0", " ")


def test_gates_are_dragged_and_the_challenge_is_checked_by_the_net(open_page):
    page = open_page("/lstm?part=sandbox&task=keep")
    bars = page.locator(".bar")
    bars.first.wait_for()
    expect(page.get_by_text(re.compile("Off the goal"))).to_be_visible()
    for row, y in ((0, 2), (1, 60)):  # draw f along the top and i along the bottom
        first, last = bars.nth(10 * row).bounding_box(), bars.nth(10 * row + 9).bounding_box()
        page.mouse.move(first["x"] + 5, first["y"] + y)
        page.mouse.down()
        page.mouse.move(last["x"] + 5, last["y"] + y, steps=40)
        page.mouse.up()
        page.wait_for_timeout(600)
    expect(page.get_by_text("Done. With")).to_be_visible()
    expect(page.locator(".cell.hit")).to_have_count(10)
    link = page.url
    assert "gates=20.20.20" in link
    page.reload()
    expect(page.get_by_text("Done. With")).to_be_visible()
    assert page.locator(".bar").first.get_attribute("aria-valuenow") == "1.00"


def test_the_browser_runs_the_same_cell(open_page):
    gates = {"f": [k % 21 for k in range(3, 13)], "i": [20 - k for k in range(10)], "o": [7] * 10}
    link = ",".join(".".join(map(str, row)) for row in gates.values())
    page = open_page(f"/lstm?part=sandbox&task=sum&gates={link}")
    page.locator(".bar").first.wait_for()
    task = next(c for c in CHALLENGES if c.name == "sum")
    run = run_by_hand(task.x, *([v / 20 for v in row] for row in gates.values()), task.c_0)
    shown = [number_of(c.evaluate("n => n.firstChild.textContent")) for c in page.locator(".cell").all()[10:]]
    assert shown == pytest.approx([*run.c, *run.h], abs=0.0051)


def test_own_network_from_a_file(open_page, tmp_path):
    torch.manual_seed(5)
    module = nn.GRU(2, 3)
    path = tmp_path / "mine.safetensors"
    safetensors.torch.save_file({f"rnn.{k}": v for k, v in module.state_dict().items()}, path)
    page = open_page("/lstm?part=slices&row=4")
    page.locator("input[type=file]").set_input_files(path)
    expect(page.get_by_text("mine.safetensors is nn.GRU(2, 3).")).to_be_visible()
    expect(page.get_by_text("Row 4 is gate z (update gate), unit 1 (counting from 0).")).to_be_visible()
    page.get_by_label(re.compile("^Input")).fill("1 0\n-0.5 2\n0 0")
    page.get_by_label(re.compile("^Input")).press("Control+Enter")
    expect(page.locator(".chip-t")).to_have_count(3)
    out, _ = module(torch.tensor([[1.0, 0.0], [-0.5, 2.0], [0.0, 0.0]]))
    for t in range(3):
        for unit in range(3):
            shown = page.locator(f'.num[data-cell="l0.h:{t}:{unit}"] text').first.text_content()
            assert number_of(shown) == pytest.approx(out[t, unit].item(), abs=0.0051)
    bad = tmp_path / "bad.safetensors"
    bad.write_bytes(b"not a file of numbers")
    page.locator("input[type=file]").set_input_files(bad)
    expect(page.get_by_text("This is not readable as safetensors")).to_be_visible()


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize(
    "path", ["", "?part=sandbox", "?part=surgery", "?part=totemo", "?part=slices", "?part=check&qz8=1"]
)
def test_pages_fit_their_width_in_japanese_and_dark(open_page, path, width):
    page = open_page(f"/lstm{path}", width=width, dark=True, locale="ja-JP")
    settled(page)
    wide = page.evaluate("() => document.querySelector('[data-testid=stMain]').scrollWidth - innerWidth")
    assert wide <= 0
