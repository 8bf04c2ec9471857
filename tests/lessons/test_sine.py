"""The lesson `sine` without a browser: pairs, series of all kinds, training and its links, both predictions, the verdicts."""

import math
import re

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from figures.sine import pair_figure, prediction_figure
from lessons.sine import numbers as sine_numbers
from lessons.sine import series
from lessons.sine import shared as sine_shared
from lessons.sine.numbers import WINDOWS, runs_of, slopes, verdict_numbers
from lessons.sine.series import DRAWN, LEAST, decode_drawn, encode_drawn, prepared, split_of
from lessons.sine.shared import EPOCHS, prediction_errors, prediction_rows
from rnn_core import load
from rnn_core.experiments import sine as experiment
from rnn_core.labs.sine import Settings, free_run, held_until, lag, one_step, series_training, wave
from rnn_core.models.sine import RECIPE
from tests.app import open_page, words_of
from tests.lessons.test_all import arrive
from ui.blocks import number_of
from ui.i18n import sections, strings
from ui.typed.tables import TableError

pytestmark = pytest.mark.filterwarnings("ignore:.*missing ScriptRunContext.*")

VIEWS = [
    {"part": "pairs", "window": "25", "pair": "600"},
    {"part": "pairs", "source": "drawn", "drawn": "50" * DRAWN},
    {"part": "pairs", "source": "drawn", "drawn": "99" * (DRAWN - 1)},
    {"part": "pairs", "source": "own"},
    {"part": "train", "source": "noisy", "window": "1", "hidden": "2", "done": "3"},
    {"part": "train", "source": "drawn", "drawn": "0099" * (DRAWN // 2), "epochs": "100", "done": "20", "cell": "lstm"},
    {"part": "train", "epochs": "3000", "done": "3000"},
    {"part": "train", "epochs": "1e400", "hidden": "-1", "window": "NaN", "seed": "1000", "cell": "x", "done": "zz"},
    {"part": "claims", "fn": "ReLU"},
    {"part": "claims", "fn": "σ"},
    {"part": "x", "source": "y"},
]  # fmt: skip


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize("query", VIEWS, ids=lambda q: str(q)[:60])
def test_extreme_controls(query, lang):
    assert not re.search(r"\[\[|\{\{|\bnan\b", words_of(open_page("sine", lang, **query)))


def tables(at):
    return " ".join(str(e.proto.body) for e in at.get("html"))


def test_a_row_of_the_table_is_its_window():
    at = open_page("sine", "en", window="3", pair="7")
    x = wave(10)
    shown = tables(at).replace("−", "-")
    assert ", ".join(f"{v:+.3f}" for v in x[6:9].tolist()) in shown
    assert f"{float(x[9]):+.3f}" in shown
    figure = pair_figure(x.tolist(), 6, 3, {"t": "t", "explanatory": "e", "target": "y"}, False)
    assert list(figure.data[1].x) == [7, 8, 9]
    assert list(figure.data[2].x) == [10]


# --- series --------------------------------------------------------------------------------------


def column(values):
    return "\n".join(map(str, values))


def text_of(key, lang):
    page, _, item = key.partition(".")
    return strings(page)[item][lang]


@settings(max_examples=400, deadline=None)
@given(st.lists(st.integers(-1000, 1000), min_size=LEAST, max_size=60), st.integers(-1000, 1000))
def test_numbers_are_scaled_by_what_is_trained_on_whatever_comes_later(values, later):
    split = split_of(values)
    assume(len(set(values[:split])) > 1)
    used = prepared(values)
    low, high = min(values[:split]), max(values[:split])
    np.testing.assert_allclose(used, (np.array(values) - (low + high) / 2) / ((high - low) / 2), rtol=1e-6, atol=1e-6)
    assert (used[:split].min(), used[:split].max()) == (-1, 1)
    other = prepared([*values[:split], *(later for _ in values[split:])])
    assert torch.equal(other[:split], used[:split])


def test_what_float32_cannot_show_is_refused():
    """1e300 is a finite float64; so is the quotient of 1e12 and 1e-30."""
    for values, problem in (
        ([*range(LEAST), 1e12], "far"),
        ([k * 1e-30 for k in range(LEAST)] + [1e12], "far"),
        ([1.0] * 40, "flat"),
        ([1.0] * 40 + [2.0], "flat"),
    ):
        with pytest.raises(TableError) as raised:
            prepared(values)
        assert raised.value.problem == problem


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(0, 99), min_size=DRAWN, max_size=DRAWN))
def test_a_drawing_survives_its_link(values):
    assert decode_drawn(encode_drawn(values)) == values


def test_own_numbers_are_used_and_stay():
    at = open_page("sine", "en", part="pairs", source="own")
    assert "There are no numbers yet" in words_of(at)
    values = [k % 7 for k in range(59)] + [30]
    at.text_area(key="sine.own.box").set_value(column(values)).run()
    assert "60 values read" in words_of(at)
    assert "The first 40 values, which are trained on" in words_of(at)
    assert f"goes from −1.00 to {(30 - 3) / 3:+.2f}" in words_of(at)
    at.segmented_control(key="sine.part").set_value("train").run()
    assert at.text_area(key="sine.own.box").value.startswith("0\n1")


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_what_is_wrong_with_own_numbers_is_said(lang):
    at = open_page("sine", lang, part="pairs", source="own")
    for typed, told in (
        (column(["y", *range(8), "8,x", *range(40)]), ("10", "8\\,x")),
        ("t;y\n" + column(f"{k};{k}" for k in range(40)) + "\nTotal;3", ("42", "Total")),
    ):
        at.text_area(key="sine.own.box").set_value(typed).run()
        if ";" in typed:
            at.selectbox(key="sine.column").set_value("y").run()
        assert all(word in at.warning[0].value for word in told)
        assert text_of("sine.instead", lang) in at.warning[0].value
        assert at.get("plotly_chart")


def test_a_file_of_numbers_in_another_encoding():
    at = open_page("sine", "ja", part="pairs", source="own")
    rows = "日,売上\n" + column(f"{k},{k}.5" for k in range(40))
    at.file_uploader(key="sine.file").set_value(("a.csv", rows.encode("euc_jp"), "text/csv")).run()
    at.selectbox(key="sine.column").set_value("売上").run()
    assert "EUC-JP" in words_of(at)
    assert "40 個の値" in words_of(at)
    assert "「売上」は列の名前" in words_of(at)


# --- training ------------------------------------------------------------------------------------


def test_what_is_shown_is_what_the_training_gives():
    at = open_page("sine", "en", part="train", epochs="100", done="100", window="4", hidden="8", seed="3")
    arrive(at)
    values = series.made("sine")
    run = series_training(values[:200], Settings("rnn", 4, 8, 100, 0.01, 3))
    run.advance(100)
    ahead = one_step(run.net, values, 4)
    free = free_run(run.net, values[196:200], 100)
    shown = tables(at)
    for row in prediction_rows(prediction_errors(values, 200, ahead, free, 4)):
        assert f"<bdi>{row[1]}</bdi>" in shown
    assert number_of(float(F.mse_loss(ahead[196:], values[200:]))) in shown
    words = words_of(at)
    assert number_of(run.losses[-1]) in at.get("progress")[0].proto.text
    assert f"first {held_until(free, values[200:])} of 100 steps" in words
    assert prediction_rows(prediction_errors(values, 200, ahead, free, 4))[2][2] == "+1.00"


def test_start_stop_and_go_on():
    at = open_page("sine", "en", part="train", epochs="500")
    at.button(key="sine.train.start").click().run()
    at.run()
    at.button(key="sine.train.stop").click().run()
    done = int(at.query_params["done"])
    assert 0 < done < 500
    at.button(key="sine.train.start").click().run()
    at.run()
    at.button(key="sine.train.stop").click().run()
    more = int(at.query_params["done"])
    assert more > done
    again = series_training(wave(200), Settings("rnn", 5, 32, 500, 0.01, 0))
    again.advance(more)
    assert at.session_state["sine.live"].trainer.losses == again.losses
    at.slider(key="sine.window").set_value(6).run()
    assert "done" not in at.query_params


def test_a_free_run_that_leaves_the_range_is_cut():
    figure = prediction_figure(
        [0.0, 1.0, 0.0],
        1,
        (1, [0.9, 0.1]),
        (1, [50.0, math.nan]),
        dict.fromkeys(("t", "truth", "one_step", "free", "split"), "x"),
        False,
    )
    assert list(figure.data[2].y) == [None, None]


# --- verdicts ------------------------------------------------------------------------------------


def test_the_verdicts_quote_the_table():
    told = verdict_numbers()
    for w in WINDOWS:
        for e in EPOCHS:
            runs = runs_of(w, e)
            assert len(runs) == len(experiment.SEEDS)
            assert told[f"w{w}_{e}"] == number_of(float(np.median([r["new"] for r in runs])))
        errors = [np.median([r["new"] for r in runs_of(w, e)]) for e in EPOCHS]
        assert errors[0] > errors[1] > errors[2]
    assert float(told["lag2_100"]) > 1
    assert all(abs(float(told[f"lag{w}_{e}"])) < 0.1 for w in WINDOWS for e in EPOCHS if (w, e) != (2, 100))
    assert float(np.median([r["new"] for r in runs_of(2, 500)])) < float(np.median([r["new"] for r in runs_of(5, 500)]))
    assert int(told["held2_500"]) == 16
    assert sum(r["held"] == 200 for r in runs_of(5, 500)) == 6
    assert np.median([r["new"] for r in runs_of(10, 3000)]) < 4e-7


@pytest.mark.parametrize(("name", "function"), [("tanh", torch.tanh), ("σ", torch.sigmoid)])
def test_slopes_are_the_derivatives(name, function):
    a = torch.linspace(-5, 5, 21, dtype=torch.double, requires_grad=True)
    first = torch.autograd.grad(function(a).sum(), a, create_graph=True)[0]
    second = torch.autograd.grad(first.sum(), a)[0]
    found = slopes(name, a.detach().numpy())
    np.testing.assert_allclose(found["f1"], first.detach(), atol=1e-12)
    np.testing.assert_allclose(found["f2"], second, atol=1e-12)


def test_the_shipped_net_on_the_page():
    values = series.made("sine")
    net = load("sine")
    ahead = one_step(net, values, RECIPE.window)
    free = free_run(net, values[200 - RECIPE.window : 200], 100)
    shown = tables(open_page("sine", "en", part="claims"))
    error = number_of(float(F.mse_loss(free, values[200:])))
    assert error.replace("$10^{-", "10<sup>−").replace("}$", "</sup>") in shown
    assert lag(ahead[190:], values[200:]) == 0
    assert "for all 1,000 steps" in sine_numbers.card_numbers()["held"]
    assert "first 999 of 1,000" in sine_shared.held_told(999, 1000)


def test_both_languages_have_the_same_sections():
    assert set(sections("sine", "ja")) == set(sections("sine", "en"))
