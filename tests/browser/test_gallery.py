"""Every kind of run the stepper must draw: opened in the browser, summed there, compared with the trace."""

import random

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.app import unpacked
from tests.browser.reading import cells, current, open_number, opened, stepper
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
    data = unpacked(examples()[name].to_json())
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
    rows, nodes = run.weights_of_unit("l0", 1), unpacked(run.to_json())["nodes"]
    x, h = nodes["x"]["values"][2], nodes["l0.h"]["values"][1]
    products = [*np.multiply(rows["W_xf"], x), *np.multiply(rows["W_hf"], h), rows["b_f"]]
    seen = opened(part)
    assert seen["total"] == pytest.approx(sum(products), abs=6e-4)
    largest = sorted(products, key=lambda p: -abs(p))[:8]
    assert seen["products"] == pytest.approx(largest, abs=6e-4)
    expect(part.locator(".notes")).to_contain_text("156 more terms")
    assert unpacked(run.to_json())["lanes"][0]["weights"] is None


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


def chip_of(part, label):
    """The button of the term whose label begins so."""
    return part.locator(".panel .term", has_text=label).locator("button.chip")


@pytest.mark.parametrize("name", ["attention", "without attention"])
def test_every_stage_between_decoder_and_answer_opens_to_its_terms(gallery, name):
    nodes = unpacked(examples()[name].to_json())["nodes"]
    part = stepper(gallery, NAMES.index(name))
    t = 7

    def truth(node, unit, at=t):
        return nodes[node]["values"][at - nodes[node]["from"]][unit]

    def check(node, unit, at=t):
        part.locator(".panel .total").wait_for()
        seen = opened(part)
        assert seen["value"] == pytest.approx(truth(node, unit, at), abs=6e-4)
        if not part.locator(".panel .notes button").count():
            assert sum(seen["products"]) == pytest.approx(seen["total"], abs=6e-3)

    part.locator(".chip-t").nth(t).click()
    shown = {cell.split(":")[0] for cell in cells(part) if cell.split(":")[1] == str(t)}
    assert {"y", "p", "h̃"} <= shown
    assert ("r" in shown) == (name == "attention")
    for node in sorted(shown & {"y", "h̃", "r"}):
        cell = next(c for c in cells(part) if c.startswith(f"{node}:{t}:"))
        open_number(part, cell)
        check(node, int(cell.split(":")[2]))
    bar = next(c for c in cells(part) if c.startswith(f"p:{t}:"))
    part.locator(f'.num[data-cell="{bar}"] .hit').click()
    top = bar.split(":")[2]
    assert opened(part)["value"] == pytest.approx(truth("p", int(top)), abs=6e-4)
    if part.locator(".panel .notes button").count():
        part.locator(".panel .notes button").click()
    chip_of(part, "[…]").click()  # the words without a name have no row of their own
    expect(part.locator(".panel .plain")).to_contain_text("All the words that are not named")
    if name == "without attention":
        expect(part.locator(".attention")).to_be_hidden()
        return
    # from a weight down to its dot product, and from there to the key
    part.locator(f'[data-look="{t}:2"]').click()
    check("a", 2)
    chip_of(part, "[green]").click()
    check("e", 2)
    assert part.locator(f'[data-look="{t}:2"]').evaluate("n => n.classList.contains('open')")
    part.locator(".panel .term button.chip").first.click()
    title = part.locator(".panel h3").text_content()
    assert title.startswith("Where k3[")
    assert current(part) == 2  # the key belongs to the third source word
    check("k", int(title.split("[")[1].split("]")[0]), 2)


def test_attention_is_recomputed_from_the_states(gallery):
    import torch

    data = unpacked(examples()["attention"].to_json())
    part = stepper(gallery, NAMES.index("attention"))
    state = {k: np.array(node["values"]) for k, node in data["nodes"].items()}
    memory = np.concatenate([state["l0.h"], state["l0_reverse.h"]], 1)
    keys = memory @ np.array(data["stages"]["k"]["weights"]["W_a"]).T
    np.testing.assert_allclose(keys, state["k"], atol=1e-4)
    a = torch.tensor(state["dec.l0.h"] @ keys.T).softmax(1).numpy()
    shown = part.locator(".look").all_text_contents()
    shown = np.array([float(text or 0) for text in shown]).reshape(a.shape)
    np.testing.assert_allclose(shown, a, atol=0.0051)
    np.testing.assert_allclose(a.sum(1), 1)
    ribbons = part.locator(".ribbon").evaluate_all("all => all.map(n => Number(n.getAttribute('stroke-width')))")
    assert ribbons == pytest.approx([14 * v for v in a.flatten() if v >= 0.04], abs=0.06)


def go_to(page, part, word, moment):
    """Point at a word; again if the ribbons were just being drawn anew under the pointer (fonts, width)."""
    chip = part.locator(".chip-t.now")
    for _ in range(3):
        word.hover()
        page.wait_for_timeout(1000)
        if chip.get_attribute("data-t") == str(moment):
            return
        page.mouse.move(0, 0)
    expect(chip).to_have_attribute("data-t", str(moment))


def test_one_moment_for_words_ribbons_table_and_drawing(gallery):
    part = stepper(gallery, NAMES.index("attention"))
    for moment, rows in ((6, 1), (2, 0)):
        go_to(gallery, part, part.locator(f'.ribbon-word[data-moment="{moment}"]'), moment)
        expect(part.locator(".ribbon-word.now")).to_have_attribute("data-moment", str(moment))
        expect(part.locator(".looks tr.now")).to_have_count(rows)
        assert part.locator(".ribbon.now").count() > 0
    go_to(gallery, part, part.locator('.looks tr[data-moment="9"] th'), 9)
    gallery.mouse.move(0, 0)  # what lies under the pointer after scrolling must not choose the moment
    part.locator('[data-look="5:0"]').focus()
    for key in ("ArrowRight", "ArrowDown", "Enter"):
        gallery.keyboard.press(key)
    expect(part.locator(".panel h3")).to_have_text("Where a7[like] comes from")


def test_both_encoders_hand_their_last_state_over(gallery):
    data = unpacked(examples()["attention"].to_json())
    part = stepper(gallery, NAMES.index("attention"))
    expect(part.locator(".arrow.handover")).to_have_count(3)  # c and h of one, both of the other
    part.locator(".chip-t").nth(5).click()
    part.locator('.col.now rect.cell[data-lane="dec.l0"]').dispatch_event("click")
    states = {k: np.array(data["nodes"][f"{k}.c"]["values"]) for k in ("l0", "l0_reverse")}
    given = [*states["l0"][4], *states["l0_reverse"][0]]  # where each of the two ends
    for unit in (0, 3, 4, 7):
        while f"dec.l0.c:5:{unit}" not in cells(part):
            part.locator(".pager button").last.click()
        open_number(part, f"dec.l0.c:5:{unit}")
        seen = opened(part)
        assert seen["factors"][0][1] == pytest.approx(given[unit], abs=0.0051)
        assert sum(seen["products"]) == pytest.approx(seen["total"], abs=2e-3)
    gallery.locator(".crumbs").nth(NAMES.index("attention")).click()
