"""The lesson `sine` without a browser: pairs, series of all kinds, training and its links, both predictions, the verdicts."""

import math
import re

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from figures.series import pair_figure, prediction_figure
from rnn_core import load
from rnn_core.experiments import sine as experiment
from rnn_core.models.sine import RECIPE
from rnn_core.sine import Settings, free_run, held_until, lag, one_step, series_training, wave
from tests.pages.test_pages import arrive, open_page, words_of
from ui import series, sine_chapters
from ui.blocks import number_of
from ui.i18n import sections
from ui.series import (
    DRAWN,
    LEAST,
    MOST,
    Numbers,
    decode_drawn,
    encode_drawn,
    read_file,
    read_numbers,
    scaled,
)
from ui.sine_chapters import EPOCHS, WINDOWS, prediction_rows, runs_of, slopes, verdict_numbers

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


@pytest.mark.parametrize(
    ("plain", "problem"),
    [
        ("", "empty"),
        ("\n \n", "empty"),
        (column(range(LEAST - 1)), "few"),
        (column(range(MOST + 1)), "many"),
        (column([1] * 40), "flat"),
        (column([*range(40), "NaN"]), "number"),
        (column([*range(40), "1e400"]), "number"),
        (column([*range(40), "１_0"]), "number"),
        (column([*range(40), "=1+1"]), "number"),
        ('"a\n1', "csv"),
        ("a,b\n1,2,3", "csv"),
        (",".join(["1"] * 1000), "csv"),
        ("1\n" * 150_000, "many"),
    ],
    ids=lambda v: str(v)[:20],
)
def test_numbers_that_cannot_be_used_are_told_apart(plain, problem):
    assert read_numbers(plain).problem == problem
    assert read_file(plain.encode()).problem == ("size" if len(plain) > series.BYTES else problem)


def test_numbers_of_one_column_and_of_several():
    values = tuple(float(v) for v in range(40))
    assert read_numbers(column(["sales", *range(40)])) == Numbers(values)
    assert read_numbers(column(range(40))).values == values
    rows = column(["day;sales", *(f"{k};{2 * k}" for k in range(40))])
    asked = read_numbers(rows)
    assert (asked.problem, asked.columns) == ("column", ("day", "sales"))
    assert read_numbers(rows, "sales").values == tuple(2.0 * k for k in range(40))
    assert read_file("売上\n".encode("cp932") + column(range(40)).encode()).values == values
    assert read_file(b"\xff\xfe\x00\x81").problem == "encoding"


@settings(max_examples=600, deadline=None)
@given(st.text(max_size=200) | st.lists(st.floats() | st.integers(), max_size=60).map(column))
def test_any_text_is_numbers_or_a_problem(plain):
    found = read_numbers(plain)
    assert (found.problem is None) == bool(found.values)
    if found.values:
        used = scaled(found.values)
        assert used.isfinite().all()
        assert (used.min(), used.max()) == (pytest.approx(-1), pytest.approx(1))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(0, 99), min_size=DRAWN, max_size=DRAWN))
def test_a_drawing_survives_its_link(values):
    assert decode_drawn(encode_drawn(values)) == values


def test_own_numbers_are_used_and_stay():
    at = open_page("sine", "en", part="pairs", source="own")
    assert "There are no numbers yet" in words_of(at)
    at.text_area(key="sine.own.box").set_value(column([k % 7 for k in range(60)])).run()
    assert "60 values read" in words_of(at)
    at.segmented_control(key="sine.part").set_value("train").run()
    assert at.text_area(key="sine.own.box").value.startswith("0\n1")


# --- training ------------------------------------------------------------------------------------


def test_what_is_shown_is_what_the_training_gives():
    at = open_page("sine", "en", part="train", epochs="100", done="100", window="4", hidden="8", seed="3")  # fmt: skip
    arrive(at)
    values = series.made("sine")
    run = series_training(values[:200], Settings("rnn", 4, 8, 100, 0.01, 3))
    run.advance(100)
    ahead = one_step(run.net, values, 4)
    free = free_run(run.net, values[196:200], 100)
    shown = tables(at)
    for row in prediction_rows(values, 200, ahead, free, 4):
        assert f"<bdi>{row[1]}</bdi>" in shown
    assert number_of(float(F.mse_loss(ahead[196:], values[200:]))) in shown
    words = words_of(at)
    assert number_of(run.losses[-1]) in at.get("progress")[0].proto.text
    assert f"first {held_until(free, values[200:])} of 100 steps" in words
    assert prediction_rows(values, 200, ahead, free, 4)[2][2] == "+1.00"


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
    figure = prediction_figure([0.0, 1.0, 0.0], 1, (1, [0.9, 0.1]), (1, [50.0, math.nan]), dict.fromkeys(("t", "truth", "one_step", "free", "split"), "x"), False)  # fmt: skip
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
    assert all(
        abs(float(told[f"lag{w}_{e}"])) < 0.1 for w in WINDOWS for e in EPOCHS if (w, e) != (2, 100)
    )
    assert float(np.median([r["new"] for r in runs_of(2, 500)])) < float(
        np.median([r["new"] for r in runs_of(5, 500)])
    )
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
    assert number_of(float(F.mse_loss(free, values[200:]))) in shown
    assert lag(ahead[190:], values[200:]) == 0
    assert sine_chapters.card_numbers()["held"] == "1,000"


def test_both_languages_have_the_same_sections():
    assert set(sections("sine", "ja")) == set(sections("sine", "en"))
