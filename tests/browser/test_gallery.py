"""Every kind of run the stepper must draw: opened in the browser, summed there, compared with the trace."""

import random

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.reading import cells, open_number, opened, stepper
from ui.gallery import examples

NAMES = list(examples())


@pytest.fixture(scope="module")
def gallery(server, browser):
    context = browser.new_context(viewport={"width": 1400, "height": 1000}, locale="en-US")
    page = context.new_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{server}/gallery?lang=en")
    stepper(page, len(NAMES) - 1)
    yield page
    context.close()
    assert not errors


@pytest.mark.parametrize("name", NAMES)
def test_numbers_and_their_terms_equal_the_trace(gallery, name):
    """Random numbers of each kind, gates in the opened cell included, with a seed of their own."""
    data = examples()[name].to_json()
    part = stepper(gallery, NAMES.index(name))
    for lane in data["lanes"]:
        t = lane["from"] + 1
        part.locator(".chip-t").nth(t).click()
        part.locator(f'.col.now rect.cell[data-lane="{lane["id"]}"]').dispatch_event("click")
        expect(part.locator(".circuit")).to_be_visible()
        shown = cells(part)
        rng = random.Random(name + lane["id"])
        nodes = [k for k in shown if k.startswith(f"{lane['id']}.") and k.split(":")[1] == str(t)]
        gates = {k.split(":")[0].rpartition(".")[2] for k in nodes}
        wanted = {
            "rnn": {"h"},
            "lstm": set("cfigoh"),
            "peephole": set("cfigoh"),
            "gru": set("rzmnh"),
        }
        assert gates == wanted[lane["kind"]]
        for cell in rng.sample(nodes, min(4, len(nodes))):
            node, _, unit = cell.split(":")
            open_number(part, cell)
            part.locator(".panel .total").wait_for()
            seen = opened(part)
            values = data["nodes"][node]["values"]
            truth = values[t - data["nodes"][node]["from"]][int(unit)]
            assert seen["value"] == pytest.approx(truth, abs=6e-4)
            if len(seen["products"]) < 8:
                assert sum(seen["products"]) == pytest.approx(seen["total"], abs=6e-3)
        gallery.locator(".crumbs").nth(NAMES.index(name)).click()
        expect(part.locator(".circuit")).to_have_count(0)


def test_wide_layers_are_answered_by_the_server(gallery):
    part = stepper(gallery, NAMES.index("wide"))
    part.locator(".chip-t").nth(2).click()
    part.locator(".col.now rect.cell").dispatch_event("click")
    open_number(part, "l0.f:2:1")
    part.locator(".panel .total").wait_for()
    run = examples()["wide"]
    rows, nodes = run.weights_of_unit("l0", 1), run.to_json()["nodes"]
    x, h = nodes["x"]["values"][2], nodes["l0.h"]["values"][1]
    products = [*np.multiply(rows["W_xf"], x), *np.multiply(rows["W_hf"], h), rows["b_f"]]
    seen = opened(part)
    assert seen["total"] == pytest.approx(sum(products), abs=6e-4)
    largest = sorted(products, key=lambda p: -abs(p))[:8]
    assert seen["products"] == pytest.approx(largest, abs=6e-4)
    expect(part.locator(".notes")).to_contain_text("156 more terms")
    assert run.to_json()["lanes"][0]["weights"] is None


def test_hidden_units_are_counted(gallery):
    part = stepper(gallery, NAMES.index("long"))
    expect(part.locator(".cut").first).to_have_text("8 of 20")
    part.locator(".pager button").last.click()
    assert "l0.h:0:8" in cells(part)


def test_long_runs_draw_a_window(gallery):
    part = stepper(gallery, NAMES.index("long"))
    assert part.locator(".col").count() == 40
    part.locator(".chip-t").nth(5).click()
    gallery.keyboard.press("End")
    assert part.locator(".col.now").get_attribute("data-t") == "89"


def test_handover_from_encoder_to_decoder(gallery):
    part = stepper(gallery, NAMES.index("encoder-decoder"))
    expect(part.locator(".arrow.handover")).to_have_count(1)
    assert part.locator(".phase").all_text_contents() == ["encode", "decode"]
    part.locator(".chip-t").nth(3).click()
    open_number(part, "dec.l0.h:3:0")
    part.locator(".term", has_text="h3[0]").locator("button.chip").last.click()
    expect(part.locator(".panel h3")).to_have_text("Where h3[0] encoder comes from")
