"""The lesson `hello` on the page: every number read off and recomputed, stepped, trained, attacked."""

import re
import subprocess
import sys
import xml.etree.ElementTree as ET

import numpy as np
import pytest
import safetensors.numpy
from playwright.sync_api import expect

from rnn_core.labs.word import WordTraining, word_network
from rnn_core.models.hello import WORD, lecture_network
from rnn_core.store import TRAINED
from tests.browser.reading import (
    cells,
    current,
    formatted,
    number,
    open_number,
    opened,
    query,
    stepper,
)


def forward(weights, xs):
    """The lecture's equations in plain NumPy, from the shipped file."""
    W_xh, W_hh = weights["rnn.weight_ih_l0"], weights["rnn.weight_hh_l0"]
    b_h = weights["rnn.bias_ih_l0"] + weights["rnn.bias_hh_l0"]
    W_hy, b_y = weights["readout.weight"], weights["readout.bias"]
    h, hs, ys, ps = np.zeros(len(b_h)), [], [], []
    for x in xs:
        h = np.tanh(W_xh @ x + W_hh @ h + b_h)
        y = W_hy @ h + b_y
        hs, ys, ps = [*hs, h], [*ys, y], [*ps, np.exp(y) / np.exp(y).sum()]
    return np.array(hs), np.array(ys), np.array(ps)


def lecture_weights():
    return {k: v.astype(float) for k, v in safetensors.numpy.load_file(TRAINED / "hello-lecture.safetensors").items()}


def expected_cells(weights, symbols, word):
    xs = np.eye(len(symbols))[[symbols.index(s) for s in word[:-1]]]
    hs, ys, ps = forward(weights, xs)
    out = {}
    for node, values, scale in [
        ("x", xs, "onehot"),
        ("l0.h", hs, "state"),
        ("y", ys, "logit"),
        ("p", ps, "prob"),
    ]:
        out |= {f"{node}:{t}:{u}": formatted(v, scale) for (t, u), v in np.ndenumerate(values)}
    return out


def test_every_number_on_the_page_recomputes(open_page):
    page = open_page("/hello?guess=o")
    part = stepper(page)
    assert cells(part) == expected_cells(lecture_weights(), "helo", "hello")


def test_every_number_opens_to_terms_that_sum_to_it(open_page):
    page = open_page("/hello?guess=o")
    part = stepper(page)
    weights = lecture_weights()
    hs, ys, ps = forward(weights, np.eye(4)[[0, 1, 2, 2]])
    before = np.vstack([np.zeros(3), hs[:-1]])
    for t in range(4):
        part.locator(".chip-t").nth(t).click()
        for unit in range(3):
            open_number(part, f"l0.h:{t}:{unit}")
            seen = opened(part)
            x = np.eye(4)[[0, 1, 2, 2]][t]
            terms = [
                *(weights["rnn.weight_ih_l0"][unit] * x)[x > 0],
                *(weights["rnn.weight_hh_l0"][unit] * before[t]),
                0.0,
            ]
            np.testing.assert_allclose(seen["products"], terms, atol=6e-4)
            assert seen["total"] == pytest.approx(np.arctanh(hs[t, unit]), abs=6e-4)
            assert seen["value"] == pytest.approx(hs[t, unit], abs=6e-4)
            for card, product in zip(seen["factors"], seen["products"], strict=True):
                assert np.prod(card) == pytest.approx(product, abs=0.02)
            assert seen["formula"].startswith("ht = tanh(Wxh xt + Whh ht−1 + bh)")
            assert "h_t = np.tanh(W_xh @ x_t + W_hh @ h_prev + b_h)" in seen["code"][0]
            assert "rnn.weight_hh_l0.T" in seen["code"][1]
        for unit in range(4):
            open_number(part, f"y:{t}:{unit}")
            assert opened(part)["value"] == pytest.approx(ys[t, unit], abs=6e-4)
            assert sum(opened(part)["products"]) == pytest.approx(ys[t, unit], abs=3e-3)
            open_number(part, f"p:{t}:{unit}")
            value = number(part.locator(".panel .sum .value").text_content())
            assert value == pytest.approx(ps[t, unit], abs=6e-4)


def test_drilling_down_and_coming_back_up(open_page):
    page = open_page("/hello?guess=o&t=2")
    part = stepper(page)
    open_number(part, "l0.h:1:1")
    assert opened(part)["title"] == "Where h2[1] comes from"
    part.locator(".panel .term", has_text="h1[2]").locator("button.chip").last.click()
    assert opened(part)["title"] == "Where h1[2] comes from"
    assert current(part) == 0
    page.keyboard.press("Escape")
    assert opened(part)["title"] == "Where h2[1] comes from"
    page.keyboard.press("Escape")
    expect(part.locator(".panel")).to_be_hidden()
    part.locator("rect.cell").nth(1).click(position={"x": 40, "y": 4})
    expect(part.locator(".circuit")).to_be_visible()
    page.locator(".crumbs").click()
    expect(part.locator(".circuit")).to_have_count(0)


def test_hover_links_term_number_weight_and_code(open_page):
    page = open_page("/hello?guess=o&t=2")
    part = stepper(page)
    open_number(part, "l0.h:1:1")
    part.locator(".panel .term", has_text="h1[0]").hover()
    linked = part.locator(".linked")
    expect(part.locator('.num.linked[data-cell="l0.h:0:0"]')).to_have_count(1)
    expect(part.locator('.arrow.linked[data-weight="l0:W_hh"]').first).to_be_attached()
    texts = " ".join(linked.all_text_contents())
    assert "W_hh @ h_prev" in texts
    assert "h_prev @ rnn.weight_hh_l0.T" in texts


def test_stepping_sends_nothing_to_the_server_and_keeps_the_url(open_page, server, browser):
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-US")
    page = context.new_page()
    sent = []
    page.on("websocket", lambda ws: ws.on("framesent", lambda frame: sent.append(frame)))
    page.goto(f"{server}/hello?guess=o&lang=en")
    part = stepper(page)
    page.wait_for_timeout(1000)
    before = len(sent)
    page.locator(".chip-t.now").focus()
    for key, t in [("ArrowRight", 1), ("ArrowRight", 2), ("ArrowLeft", 1), ("End", 3), ("Home", 0)]:
        page.keyboard.press(key)
        assert current(part) == t
        assert query(page).get("t", "1") == str(t + 1)
    for t in (2, 0, 3):
        part.locator(".chip-t").nth(t).click()
        assert current(part) == t
    part.locator("[data-act='draw:folded']").click()
    part.locator("[data-act='draw:lstm_style']").click()
    page.wait_for_timeout(500)
    assert len(sent) == before
    page.reload()
    part = stepper(page)
    assert current(part) == 3
    expect(part.locator("[data-act='draw:lstm_style']")).to_have_attribute("aria-pressed", "true")
    context.close()


def test_dragging_along_the_time_bar(open_page):
    page = open_page("/hello?part=word&word=mississippi")
    part = stepper(page)
    part.locator(".chip-t").first.scroll_into_view_if_needed()
    boxes = [part.locator(".chip-t").nth(k).bounding_box() for k in (0, 2, 5)]
    centre = [(b["x"] + b["width"] / 2, b["y"] + b["height"] / 2) for b in boxes]
    page.mouse.move(*centre[0])
    page.mouse.down()
    page.mouse.move(*centre[1], steps=5)
    assert current(part) == 2
    page.mouse.move(*centre[2], steps=5)
    page.mouse.up()
    assert current(part) == 5
    page.mouse.move(*centre[0], steps=5)
    assert current(part) == 5


def test_other_drawings_show_the_same_numbers(open_page):
    page = open_page("/hello?guess=o&t=3")
    part = stepper(page)
    truth = expected_cells(lecture_weights(), "helo", "hello")
    for name in ("unrolled", "folded", "box", "lstm_style"):
        part.locator(f"[data-act='draw:{name}']").click()
        seen = cells(part)
        assert seen.items() <= truth.items()
        assert {k for k in truth if k.split(":")[1] == "2"} <= set(seen)


def test_cut_after_w_hh_the_outputs_are_the_same_and_s_opens_to_its_terms(open_page):
    page = open_page("/hello?guess=o&t=3")
    part = stepper(page)
    weights = lecture_weights()
    truth = expected_cells(weights, "helo", "hello")
    assert cells(part) == truth
    part.locator("[data-act='draw:cut']").click()
    assert query(page)["draw"] == "cut"
    W_xh, W_hh = weights["rnn.weight_ih_l0"], weights["rnn.weight_hh_l0"]
    hs, _, _ = forward(weights, np.eye(4)[[0, 1, 2, 2]])
    handed = hs @ W_hh.T
    s_cells = {f"l0.s:{t}:{u}": formatted(v, "logit") for (t, u), v in np.ndenumerate(handed)}
    assert cells(part) == truth | s_cells
    # W_hh stands in the cell, between h and s; nothing is multiplied on the way to the next step
    assert part.locator('.col .arrow[data-weight="l0:W_hh"]').count() == 4
    assert part.locator('.wires .arrow[data-weight="l0:W_hh"]').count() == 0
    assert part.locator(".wires .arrow.state-h").count() == 3
    open_number(part, "l0.s:1:2")
    seen = opened(part)
    np.testing.assert_allclose(seen["products"], W_hh[2] * hs[1], atol=6e-4)
    assert seen["value"] == pytest.approx(handed[1, 2], abs=6e-4)
    assert "s_t = W_hh @ h_t" in seen["code"][0]
    open_number(part, "l0.h:2:0")  # at the other end: W_xh x + s of the step before + b
    seen = opened(part)
    np.testing.assert_allclose(seen["products"], [W_xh[0, 2], handed[1, 0], 0], atol=6e-4)
    assert seen["value"] == pytest.approx(hs[2, 0], abs=6e-4)
    chip_of_s = part.locator(".panel .term", has_text="s2[0]").locator("button.chip")
    chip_of_s.click()
    assert opened(part)["title"] == "Where s2[0] comes from"
    part.locator("[data-act='draw:unrolled']").click()  # what is open stays, and is still what it was
    assert opened(part)["value"] == pytest.approx(handed[1, 0], abs=6e-4)
    assert cells(part) == truth
    open_number(part, "l0.h:2:0")
    assert opened(part)["formula"].startswith("ht = tanh(Wxh xt + Whh ht−1 + bh)")


def test_a_weight_changed_by_hand_changes_what_is_handed_on(open_page):
    page = open_page("/hello?guess=o&t=2&draw=cut&edit=W_hh,1,0,2.5")
    part = stepper(page)
    weights = lecture_weights()
    weights["rnn.weight_hh_l0"][1, 0] = 2.5
    hs, _, _ = forward(weights, np.eye(4)[[0, 1, 2, 2]])
    assert cells(part)["l0.s:2:1"] == formatted((hs @ weights["rnn.weight_hh_l0"].T)[2, 1], "logit")


def test_keyboard_alone(open_page):
    page = open_page("/hello?guess=o")
    part = stepper(page)
    part.locator(".chip-t.now").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    expect(part.locator(".panel h3")).to_be_visible()
    first = opened(part)["title"] if part.locator(".panel .total").count() else None
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert part.locator(".num.open").count() == 1
    assert part.locator(".panel h3").text_content() != first
    page.keyboard.press("Escape")
    expect(part.locator(".panel")).to_be_hidden()
    page.keyboard.press(" ")
    page.wait_for_timeout(6500)
    assert current(part) == 3


def test_table_twin_and_announcement(open_page):
    page = open_page("/hello?guess=o")
    part = stepper(page)
    part.locator("summary").click()
    rows = part.locator("table").nth(1).locator("tbody tr")
    hs, _, _ = forward(lecture_weights(), np.eye(4)[[0, 1, 2, 2]])
    for unit in range(3):
        seen = rows.nth(unit).locator("td").all_text_contents()
        assert seen == [formatted(v, "state") for v in hs[:, unit]]
    part.locator(".chip-t.now").focus()
    page.keyboard.press("ArrowRight")
    expect(part.locator(".live")).to_have_text("Step 2, input e. Next: o, probability 50%.")


@pytest.mark.parametrize(("guess", "words"), [("o", "Yes: it picks o (+4.10)"), ("e", "You said e. It picks o")])
def test_predict_then_reveal(open_page, guess, words):
    page = open_page("/hello")
    part = stepper(page)
    assert cells(part)["y:0:3"] == "?"
    assert cells(part)["p:2:2"] == "?"
    assert cells(part)["l0.h:0:0"] == "+0.30"
    part.locator('.num[data-cell="y:0:3"]').click()
    expect(part.locator(".panel")).to_be_hidden()
    page.get_by_role("button", name=guess, exact=True).click()
    expect(page.get_by_text(words)).to_be_visible()
    expect(part.locator('.num[data-cell="y:0:3"] text')).to_have_text("+4.10")


def test_training_live_turns_o_into_e(open_page):
    page = open_page("/hello?part=train&steps=100")
    part = stepper(page)
    assert cells(part)["p:0:3"] == "84%"
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    expect(page.get_by_text("100 of 100 steps")).to_be_visible(timeout=30_000)
    expect(page.get_by_role("button", name="Train", exact=True)).to_be_visible()
    truth = WordTraining(lecture_network(), WORD, 0.01)
    truth.advance(100)
    weights = {k: v.double().numpy() for k, v in truth.model.state_dict().items()}
    page.wait_for_timeout(300)
    assert cells(part) == expected_cells(weights, "helo", "hello")
    assert number(cells(part)["p:0:1"]) > 0.9
    open_number(part, "p:0:1")
    expect(part.locator(".sum .was")).to_have_text("(before training 13%)")
    assert query(page)["done"] == "100"
    page.reload()
    part = stepper(page)
    assert cells(part) == expected_cells(weights, "helo", "hello")


def test_training_stops_and_keeps_what_it_has(open_page):
    page = open_page("/hello?part=train&steps=300")
    stepper(page)
    page.get_by_role("button", name="Train", exact=True).click()
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("button", name="Train", exact=True)).to_be_visible()
    text = page.get_by_text(re.compile(r"^\d+ of 300 steps")).inner_text()
    done = int(text.split()[0])
    assert 0 < done < 300
    page.wait_for_timeout(700)
    assert page.get_by_text(re.compile(r"^\d+ of 300 steps")).inner_text() == text
    page.get_by_role("button", name="Back to the first weights").click()
    expect(page.get_by_text("Before training, step 1 predicts o (84%).")).to_be_visible()
    expect(page.get_by_text("of 300 steps")).to_have_count(0)


HOSTILE = "<img src=x onerror=hacked=1>"


@pytest.mark.parametrize(
    ("typed", "columns"),
    [
        ("こんにちは", list("こんにち")),
        ("👩‍👩‍👧🇯🇵x", ["👩‍👩‍👧", "🇯🇵"]),
        ("سلام", list("سلا")),
        ("<script>hacked=1", list("<script>hacked=")),
        ("<b>a</b>", list("<b>a</b")),
        ("a b", ["a", "␣"]),
    ],
)
def test_own_word(open_page, typed, columns):
    page = open_page("/hello?part=word")
    part = stepper(page)
    box = page.get_by_role("textbox")
    box.fill(typed)
    box.press("Enter")
    expect(part.locator(".chip-t bdi")).to_have_text(columns)
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.get_by_text("100 of 100 steps")).to_be_visible(timeout=30_000)
    expect(page.get_by_text(f"of {len(columns)} predictions are right")).to_be_visible()
    page.wait_for_timeout(300)
    word = tuple(s.replace("␣", " ") for s in columns)
    trained = WordTraining(word_network((*word, typed[-1]), 4, 0), (*word, typed[-1]), 0.03)
    trained.advance(100)
    weights = {k: v.double().numpy() for k, v in trained.model.state_dict().items()}
    truth = expected_cells(weights, trained.model.symbols, (*word, typed[-1]))
    seen = cells(part)
    assert {k: v for k, v in seen.items() if k[0] != "x"}.items() <= truth.items()
    assert len([k for k in seen if k.startswith("l0.h")]) == 4 * len(word)
    assert page.evaluate("() => window.hacked") is None


def test_too_long_word_is_refused_and_nothing_is_lost(open_page):
    page = open_page("/hello?part=word&word=banana")
    part = stepper(page)
    box = page.get_by_role("textbox")
    box.fill(HOSTILE)
    box.press("Enter")
    expect(page.get_by_text("That is 28 characters; 24 is the most.")).to_be_visible()
    expect(part.locator(".chip-t bdi")).to_have_text(list("banan"))
    assert page.evaluate("() => window.hacked") is None


def test_a_weight_edited_by_hand_changes_everything_after(open_page):
    page = open_page("/hello?guess=o&t=2")
    part = stepper(page)
    clean = cells(part)
    open_number(part, "l0.h:1:1")
    part.locator(".term", has_text="Whh[1,0]").locator(".weight-chip").click()
    box = part.locator("input.edit")
    assert box.input_value() == "-1.129"
    box.fill("2.5")
    box.press("Enter")
    expect(page.get_by_text("Weights changed by hand: 1")).to_be_visible()
    weights = lecture_weights()
    weights["rnn.weight_hh_l0"][1, 0] = 2.5
    page.wait_for_timeout(300)
    assert cells(part) == expected_cells(weights, "helo", "hello")
    assert cells(part) != clean
    assert "W_hh" in query(page)["edit"]
    page.reload()
    assert cells(stepper(page)) == expected_cells(weights, "helo", "hello")
    page.get_by_role("button", name="Undo all changes").click()
    expect(page.get_by_text("Weights changed by hand")).to_have_count(0)
    page.wait_for_timeout(300)
    assert cells(stepper(page)) == clean


def test_downloads_hold_the_numbers_of_the_page(open_page, tmp_path):
    page = open_page("/hello?part=word&word=apple&hidden=3")
    part = stepper(page)
    seen = cells(part)
    files = {}
    for name in (
        "All numbers (.npz)",
        "For a spreadsheet (.csv)",
        "A Python script that computes the same",
    ):
        with page.expect_download() as download:
            page.get_by_role("button", name=name).click()
        path = tmp_path / download.value.suggested_filename
        download.value.save_as(path)
        files[path.suffix] = path
    with np.load(files[".npz"], allow_pickle=False) as saved:
        for (t, _, unit), value in np.ndenumerate(saved["l0.h"]):
            assert seen[f"l0.h:{t}:{unit}"] == formatted(value, "state")
    assert "l0" not in files[".csv"].read_text("utf-8-sig").splitlines()[0]
    done = subprocess.run(
        [sys.executable, "-X", "utf8", files[".py"]],
        capture_output=True,
        text=True,
        check=True,
        encoding="utf-8",
    )
    rows = re.findall(r"h \[(.*?)\]", done.stdout)
    for t, row in enumerate(rows):
        for unit, value in enumerate(np.fromstring(row, sep=" ")):
            assert abs(value - number(seen[f"l0.h:{t}:{unit}"])) < 0.0051
    with page.expect_download() as download:
        part.locator("[data-part=download]").click()
    download.value.save_as(tmp_path / "figure.svg")
    texts = [e.text for e in ET.parse(tmp_path / "figure.svg").iter("{http://www.w3.org/2000/svg}text")]
    assert seen["l0.h:0:0"] in texts


def test_quizzes_answer_and_show_what_each_line_returns(open_page):
    page = open_page("/hello?part=check")
    page.get_by_text("hidden of the step before to hidden now").click()
    expect(page.get_by_text("Right.")).to_be_visible()
    page.get_by_text("W_hy @ (W_xh @ x_1 + W_hh @ h_0 + b_h) + b_y", exact=True).first.click()
    expect(page.get_by_text("Not quite.")).to_be_visible()
    _, ys, _ = forward(lecture_weights(), np.eye(4)[[0, 1, 2, 2]])
    expect(page.get_by_text("What each one really returns:")).to_be_visible()
    row = page.locator(".u-table tr.u-marked").first
    row.wait_for()
    assert row.locator("td").all_text_contents()[1:] == [formatted(v, "logit") for v in ys[0]]
    assert query(page) | {"qz2": "1", "qz4": "0"} == query(page)
