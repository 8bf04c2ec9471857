"""The lesson `bptt` on the page: deltas and gradients read off, recomputed in NumPy, opened to their products."""

import numpy as np
import pytest
import safetensors.numpy
from playwright.sync_api import expect

from rnn_core.store import TRAINED
from tests.browser.conftest import settled
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

XS, TARGETS = np.eye(4)[[0, 1, 2, 2]], np.eye(4)[[1, 2, 2, 3]]


def by_hand(k=4, steps=(0, 1, 2, 3)):
    """BPTT of the lecture's network in plain NumPy, from the shipped file."""
    w = {
        name: v.astype(float) for name, v in safetensors.numpy.load_file(TRAINED / "hello-lecture.safetensors").items()
    }
    W_xh, W_hh, W_hy = w["rnn.weight_ih_l0"], w["rnn.weight_hh_l0"], w["readout.weight"]
    hs, ps = [np.zeros(3)], []
    for x in XS:
        hs.append(np.tanh(W_xh @ x + W_hh @ hs[-1] + w["rnn.bias_ih_l0"] + w["rnn.bias_hh_l0"]))
        y = W_hy @ hs[-1] + w["readout.bias"]
        ps.append(np.exp(y) / np.exp(y).sum())
    deltas, outs, after = [None] * 4, [None] * 4, np.zeros(3)
    for t in reversed(range(4)):
        outs[t] = (ps[t] - TARGETS[t]) * (t in steps)
        deltas[t] = (W_hh.T @ after + W_hy.T @ outs[t]) * (1 - hs[t + 1] ** 2)
        after = np.zeros(3) if t % k == 0 else deltas[t]
    return np.array(hs), np.array(deltas), np.array(outs), W_hh, W_hy


def shown_number(text):
    """ "+3e−4" and "+0.30"."""
    return float(text.replace("−", "-"))


@pytest.mark.parametrize(
    ("path", "k", "steps"), [("", 4, (0, 1, 2, 3)), ("&k=2", 2, (0, 1, 2, 3)), ("&loss=last", 4, (3,))]
)
def test_every_delta_recomputes_and_appears_in_its_turn(open_page, path, k, steps):
    page = open_page(f"/bptt?guess=1{path}")
    part = stepper(page)
    _, deltas, outs, _, _ = by_hand(k, steps)
    expect(part.locator(".chip-t")).to_have_count(8)
    for m in range(8):
        part.locator(".chip-t").nth(m).click()
        t = m if m < 4 else 7 - m
        assert current(part) == m
        visible = part.locator('.num[data-cell^="l0.d:"]:visible')
        assert visible.count() == (0 if m < 4 else 3 * (4 - t))
    seen = cells(part)
    for t in range(4):
        for unit in range(3):
            assert shown_number(seen[f"l0.d:{t}:{unit}"]) == pytest.approx(deltas[t, unit], abs=0.0051)
        for unit in range(4):
            assert shown_number(seen[f"dy:{t}:{unit}"]) == pytest.approx(outs[t, unit], abs=0.0051)
    assert part.locator(".arrow.cut-off").count() == len([t for t in range(1, 4) if t % k == 0])


def test_deltas_open_to_products_that_make_them(open_page):
    page = open_page("/bptt?guess=1&t=8")
    part = stepper(page)
    hs, deltas, outs, W_hh, W_hy = by_hand()
    for t in range(4):
        for unit in range(3):
            open_number(part, f"l0.d:{t}:{unit}")
            part.locator(".chip-t").nth(7 - t).click() if current(part) != 7 - t else None
            seen = opened(part)
            terms = [*(W_hh[:, unit] * deltas[t + 1] if t < 3 else []), *(W_hy[:, unit] * outs[t])]
            np.testing.assert_allclose(seen["products"], terms, atol=6e-4)
            assert seen["total"] == pytest.approx(sum(terms), abs=6e-4)
            assert seen["value"] == pytest.approx(deltas[t, unit], abs=6e-4)
            slope = 1 - hs[t + 1, unit] ** 2
            assert f"× {slope:.3f}" in part.locator(".sum .slope").text_content()
            assert "delta = (W_hh.T @ delta_next + W_hy.T @ d_out) * (1 - h_t**2)" in seen["code"][0]
            part.locator(".chip-t").nth(7).click()
            page.keyboard.press("Escape")
    open_number(part, "dy:1:2")
    assert opened(part)["value"] == pytest.approx(outs[1, 2], abs=6e-4)


@pytest.mark.parametrize("weight", ["W_xh", "W_hh", "W_hy"])
def test_gradients_grow_step_by_step(open_page, weight):
    page = open_page("/bptt?guess=1&t=4")
    part = stepper(page)
    hs, deltas, outs, _, _ = by_hand()
    part.locator(f"[data-act='grad:{weight}']").click()
    left = {"W_xh": deltas, "W_hh": deltas, "W_hy": outs}[weight]
    right = {"W_xh": XS, "W_hh": hs[:-1], "W_hy": hs[1:]}[weight]
    total = np.zeros((left.shape[1], right.shape[1]))
    for m in range(4, 8):
        part.locator(".chip-t").nth(m).click()
        t = 7 - m
        total += np.outer(left[t], right[t])
        for (i, j), value in np.ndenumerate(total):
            text = part.locator(f"[data-grad='{i},{j}']").text_content()
            assert shown_number(text) == pytest.approx(value, abs=0.0051), (m, i, j)
        bar = part.locator(f"[data-share='{t}'] .amount").text_content()
        norm = np.linalg.norm(np.outer(left[t], right[t]))
        assert shown_number(bar or "0") == pytest.approx(norm, rel=0.06, abs=1e-9)
    part.locator("[data-grad='0,1']").click()
    seen = opened(part)
    assert seen["value"] == pytest.approx(total[0, 1], abs=6e-4)
    np.testing.assert_allclose(seen["products"], [left[t, 0] * right[t, 1] for t in (3, 2, 1, 0)], atol=6e-4)
    assert f"grad.{weight}~1~0~1" in query(page)["open"].replace("%7E", "~")
    page.reload()
    assert opened(stepper(page))["value"] == pytest.approx(total[0, 1], abs=6e-4)


def test_keyboard_goes_forward_and_back_and_sends_nothing(open_page, server, browser):
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-US")
    page = context.new_page()
    sent = []
    page.on("websocket", lambda ws: ws.on("framesent", lambda frame: sent.append(frame)))
    page.goto(f"{server}/bptt?guess=1")
    part = stepper(page)
    page.wait_for_timeout(1200)
    before = len(sent)
    part.locator(".chip-t.now").focus()
    for m in range(1, 8):
        page.keyboard.press("ArrowRight")
        assert current(part) == m
    expect(part.locator(".live")).to_have_text("Backward, step 1, input h.")
    page.keyboard.press("Home")
    assert current(part) == 0
    part.locator("[data-act='grad:W_xh']").click()
    page.wait_for_timeout(300)
    assert len(sent) == before
    assert query(page)["grad"] == "W_xh"
    context.close()


def test_gradients_wait_for_the_prediction(open_page):
    page = open_page("/bptt?t=8")
    part = stepper(page)
    expect(part.locator(".grads")).to_be_hidden()
    page.get_by_test_id("stBaseButton-secondary").filter(has_text="t=3 l").click()
    expect(page.get_by_text("You said step 3. It is step 2 that adds most")).to_be_visible()
    expect(part.locator(".grads")).to_be_visible()


def test_own_numbers_run_forward_and_back(open_page):
    page = open_page("/bptt?part=own&kind=numbers&wt=1")
    box = page.get_by_role("textbox")
    box.fill("1, −2, 4, 8")
    box.press("Enter")
    part = stepper(page)
    expect(part.locator(".chip-t bdi")).to_have_text(["1", "−2", "4", "4", "−2", "1"])
    part.locator(".chip-t").nth(5).click()
    seen = cells(part)
    for t in range(3):
        error = number(seen[f"y:{t}:0"]) - number(seen[f"target:{t}:0"])
        assert shown_number(seen[f"dy:{t}:0"]) == pytest.approx(error, abs=0.011)
    assert [seen[f"target:{t}:0"] for t in range(3)] == [formatted(v, "state") for v in (-0.25, 0.5, 1)]
    box.fill("1 2 <b>")
    box.press("Enter")
    expect(page.get_by_text("“<b>” is not a number.")).to_be_visible()
    expect(part.locator(".chip-t")).to_have_count(6)


def test_by_hand_and_autograd_stand_side_by_side(open_page):
    page = open_page("/bptt?guess=1")
    rows = page.locator(".u-table tbody tr")
    rows.first.wait_for()
    hs, deltas, _, _, _ = by_hand()
    for row in rows.all():
        name, ours, theirs = row.locator("td").all_text_contents()
        assert number(ours) == pytest.approx(number(theirs), abs=2e-6), name
    text = rows.filter(has_text="∂E/∂W_hh[0,1]").locator("td").nth(1).text_content()
    assert number(text) == pytest.approx((deltas.T @ hs[:-1])[0, 1], abs=1e-5)


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("path", ["/bptt?guess=2&t=7", "/bptt?part=own", "/bptt?part=cut", "/bptt?part=check&qz5=0"])
def test_pages_fit_their_width_in_japanese_and_dark(open_page, path, width):
    page = open_page(path, width=width, dark=True, locale="ja-JP")
    settled(page)
    wide = page.evaluate("() => document.querySelector('[data-testid=stMain]').scrollWidth - innerWidth")
    assert wide <= 0
