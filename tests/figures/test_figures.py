"""Figures hold what they were given, on axes that do not jump; the colours can be told apart and read."""

import base64
import json
import math
import tomllib
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
import plotly.io
import plotly.tools
import pytest

from figures.drawing import Drawing, Unchecked
from figures.gates import compare_figure, ladder_figure, surprise_figure
from figures.gradients import (
    Curve,
    explosion_figure,
    products_figure,
    profile_figure,
    span_figure,
    truncation_figure,
)
from figures.training import frame_layout, loss_figure, probability_figure
from rnn_core.backward.truncation import TruncationError
from rnn_core.theme import DARK, LIGHT, ROLES, TEXT_FONT, Palette, css_variables

LABELS = {"steps": "ステップ", "loss": "損失", "probability": "確率"}
ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("dark", [False, True])
def test_loss_figure(dark):
    losses = [1.5, 0.7, 0.2]
    figure = loss_figure(losses, 60, LABELS, dark)
    assert list(figure.data[0].y) == losses
    assert list(figure.data[0].x) == [0, 1, 2]
    assert tuple(figure.layout.xaxis.range) == (0, 60)
    assert figure.layout.yaxis.range[0] == 0
    assert figure.layout.yaxis.range[1] > 1.5
    assert figure.layout.xaxis.title.text == "ステップ"
    assert figure.layout.yaxis.title.text == "損失"
    assert list(figure.data[1].x) == [2]
    assert list(figure.data[1].y) == [0.2]


@pytest.mark.parametrize("dark", [False, True])
def test_probability_figure(dark):
    history = np.array([[0.1, 0.2, 0.7], [0.2, 0.5, 0.3]])
    figure = probability_figure(history.tolist(), ["a", "<b>", "%{x}"], 1, 10, LABELS, dark)
    for v in range(3):
        assert list(figure.data[v].y) == history[:, v].tolist()
    assert tuple(figure.layout.yaxis.range) == (0, 1.04)
    right, rival = figure.data[1], figure.data[2]
    assert right.line.color == (DARK if dark else LIGHT).right
    assert rival.line.dash == "dash"
    assert right.name == "&lt;b>"
    assert "%{x}" not in rival.name


@pytest.mark.parametrize("dark", [False, True])
def test_truncation_figure(dark):
    errors = [TruncationError(k, e, e / 2, 1.0, 1.0) for k, e in ((1, 0.8), (3, 0.1), (5, 0.0))]
    labels = {"k": "k", "error": "誤差", "blocks": "ブロック", "window": "窓"}
    figure = truncation_figure(errors, 3, labels, dark)
    blocks, window = figure.data
    assert list(blocks.x) == list(window.x) == [1, 3, 5]
    assert list(blocks.y) == [0.8, 0.1, 1e-6]  # a zero is drawn at the floor of the logarithm
    assert list(window.y) == [0.4, 0.05, 1e-6]
    assert blocks.name == "ブロック"
    assert list(blocks.marker.color)[1] == (DARK if dark else LIGHT).now
    assert figure.layout.yaxis.type == "log"
    assert figure.layout.yaxis.title.text == "誤差"


@pytest.mark.parametrize("dark", [False, True])
def test_profile_figure_keeps_gaps_and_marks_the_distance(dark):
    nan = float("nan")
    curves = [
        Curve("RNN h", "rnn", [0.0, -2.0, nan], [-0.1, -3.0, nan], [0.1, -1.0, nan]),
        Curve("LSTM c", "lstm", [0.0, -1.0, -400.0], [0.0, -1.0, -410.0], [0.0, -1.0, -390.0], True),
    ]
    figure = profile_figure([0, 1, 2], curves, 1, {"distance": "距離", "size": "大きさ"}, dark)
    band, line, _, lstm, strip = figure.data
    assert list(line.x) == [0, 1]
    assert list(line.y) == [0.0, -2.0]
    assert list(band.y) == [0.1, -1.0, -3.0, -0.1]
    assert list(lstm.y)[-1] == -400.0
    assert lstm.customdata[-1] == "1.0 × 10<sup>−400</sup>"
    assert list(strip.y) == ["RNN h"]  # a dotted curve has no strip
    assert strip.z[0][2] is None
    assert figure.layout.shapes[0].x0 == 1
    assert figure.layout.yaxis.title.text == "大きさ"
    assert figure.layout.hovermode == "x unified"


@pytest.mark.parametrize("dark", [False, True])
def test_products_figure(dark):
    logs = {n: [0.0, -float(k), -math.inf] for k, n in enumerate(("true", "pulled_out", "powers", "sigma", "radius"))}
    labels = {n: n.upper() for n in logs} | {"distance": "距離", "size": "ノルム"}
    figure = products_figure(logs, labels, dark)
    assert [trace.name for trace in figure.data] == [n.upper() for n in logs]
    for k, trace in enumerate(figure.data):
        assert list(trace.y) == [0.0, -float(k), None]
        assert trace.customdata[-1] == "0"
    assert len({(t.line.color, t.line.dash) for t in figure.data}) == 5
    assert figure.layout.yaxis.range[0] < -4 < 0 < figure.layout.yaxis.range[1]


@pytest.mark.parametrize("dark", [False, True])
def test_explosion_figure_shows_nan_as_what_it_is(dark):
    names = ("with", "without", "axis_steps", "axis_loss", "axis_norm", "threshold")
    labels = {name: f"<{name}>" for name in names}
    runs = {
        "without": ([1.0, 9.0, math.inf], [2.0, 80.0, math.nan], 3),
        "with": ([1.0, 0.5, 0.4], [2.0, 1.0, 0.9], None),
    }
    figure = explosion_figure(runs, 0.5, 10, labels, dark)
    lines = [t for t in figure.data if t.mode == "lines"]
    assert [list(t.y) for t in lines] == [[1.0, 9.0], [2.0, 80.0], [1.0, 0.5, 0.4], [2.0, 1.0, 0.9]]
    crosses = [t for t in figure.data if t.mode == "markers+text"]
    assert [(list(t.x), list(t.text)) for t in crosses] == [([3], ["NaN"])] * 2
    assert figure.layout.shapes[0].y0 == 0.5
    assert tuple(figure.layout.xaxis.range) == (0, 10)
    assert figure.layout.yaxis.type == figure.layout.yaxis2.type == "log"
    assert not explosion_figure(runs, None, 10, labels, dark).layout.shapes


@pytest.mark.parametrize("dark", [False, True])
def test_span_figure_draws_what_was_counted(dark):
    lines = {"RNN": ("rnn", [(10, 0.8, 0.5, 0.9), (100, 0.0, 0.0, 0.3)]), "RNN 2": ("rnn", [(10, 1.0, 0.7, 1.0)])}
    figure = span_figure(lines, {"distance": "距離", "share": "割合"}, dark)
    first, second = figure.data
    assert list(first.y) == [0.8, 0.0]
    np.testing.assert_allclose(first.error_y.array, [0.1, 0.3])
    np.testing.assert_allclose(first.error_y.arrayminus, [0.3, 0.0])
    assert list(first.customdata) == [10, 100]
    assert (first.line.dash, second.line.dash) == ("solid", "dot")
    assert list(figure.layout.xaxis.ticktext) == ["10", "100"]


def luminance(colour):
    channels = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a, b):
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_text_is_readable_on_everything_it_stands_on(palette: Palette):
    for ground in ("paper", "surface", "band", "zero", "negative", "positive", "gate", "gradient"):
        assert contrast(palette.ink, getattr(palette, ground)) >= 4.5, ground
    for text in (
        "muted",
        "now",
        "right",
        "negative_line",
        "positive_line",
        "gate_line",
        "gradient_line",
    ):
        assert contrast(getattr(palette, text), palette.paper) >= 4.5, text
    assert contrast(palette.on_now, palette.now) >= 4.5
    assert contrast(palette.on_control, palette.control) >= 4.5
    assert contrast(palette.control, palette.paper) >= 3


def test_roles_are_readable_on_paper():
    for role, (light, dark) in ROLES.items():
        assert contrast(light, LIGHT.paper) >= 4.5, role
        assert contrast(dark, DARK.paper) >= 4.5, role


def simulate(colour, kind):
    """The colour as a dichromat sees it (Viénot, Brettel and Mollon 1999, linear RGB)."""
    matrix = {
        "protan": [[0.11238, 0.88762, 0], [0.11238, 0.88762, 0], [0.00401, -0.00401, 1]],
        "deutan": [[0.29275, 0.70725, 0], [0.29275, 0.70725, 0], [-0.02234, 0.02234, 1]],
    }[kind]
    rgb = np.array([int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]) ** 2.2
    return np.clip(np.array(matrix) @ rgb, 0, 1)


@pytest.mark.parametrize("kind", ["protan", "deutan"])
@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_sign_is_told_apart_by_colour_blind_readers(palette, kind):
    for a, b in [("negative", "positive"), ("negative_line", "positive_line")]:
        distance = np.abs(simulate(getattr(palette, a), kind) - simulate(getattr(palette, b), kind)).max()
        assert distance > 0.15, (a, b, distance)


def test_config_repeats_the_table():
    theme = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))["theme"]
    assert theme["font"] == TEXT_FONT
    for palette, name in [(LIGHT, "light"), (DARK, "dark")]:
        assert theme[name]["backgroundColor"] == palette.paper
        assert theme[name]["secondaryBackgroundColor"] == palette.surface
        assert theme[name]["textColor"] == palette.ink
        assert theme[name]["primaryColor"] == palette.control
        assert theme[name]["borderColor"] == palette.line


def test_styles_use_only_names_of_the_table():
    import re

    defined = set(re.findall(r"(--u-[a-z-]+):", css_variables()))
    for path in [*ROOT.glob("ui/**/*.css"), *ROOT.glob("ui/**/*.js")]:
        text = path.read_text("utf-8")
        used = set(re.findall(r"var\((--u-[a-z-]+)", text)) - {"--u-"}
        assert used <= defined, (path.name, used - defined)
        assert not re.search(r"#[0-9a-fA-F]{6}\b", text), f"{path.name} has a colour of its own"


@pytest.mark.parametrize("dark", [False, True])
def test_surprise_figures_shade_the_predictions_that_a_hold_can_reach(dark):
    labels = {n: n for n in ("untouched", "operated", "held", "axis_char", "axis_surprise")}
    one, other = np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.5, 4.0])
    figure = surprise_figure(["b", "␣", "c"], one, other, (1, 3), labels, dark)
    assert [list(t.y) for t in figure.data] == [one.tolist(), other.tolist()]
    assert list(figure.data[0].x) == [2, 3, 4]
    (band,) = figure.layout.shapes
    assert (band.x0, band.x1) == (2.5, 4.5)  # held at steps 2 and 3: characters 3 and 4
    assert not surprise_figure(["b"], one[:1], one[:1], None, labels, dark).layout.shapes
    both = compare_figure(["b", "c", "d"], {"GRU": ("gru", one), "LSTM": ("lstm", other)}, labels, dark)
    assert [t.name for t in both.data] == ["GRU", "LSTM"]
    assert len({(t.line.color, t.line.dash) for t in both.data}) == 2
    assert list(both.layout.xaxis.ticktext) == ["b", "c", "d"]


@pytest.mark.parametrize("dark", [False, True])
def test_ladder_figure_rings_only_what_counts(dark):
    labels = {n: n for n in ("target", "below", "this", "axis_steps", "axis_says")}
    target, counts = np.array([0.5, 0.5, 0.5]), np.array([0, 0, 1])
    outputs = {"below": np.zeros(3), "this": np.array([0.1, 0.2, 0.5])}
    figure = ladder_figure(target, counts, outputs, np.array([0, 1, 0]), labels, dark)
    rings, below, this = figure.data
    assert (list(rings.x), list(rings.y)) == ([3], [0.5])
    assert list(below.y) == [0, 0, 0]
    assert list(this.y) == [0.1, 0.2, 0.5]
    assert [shape.x0 for shape in figure.layout.shapes] == [2]


def test_an_unchecked_figure_says_what_plotlys_own_would():
    """But for Plotly's template, 7 kB of colours that none of our figures uses."""
    drawing = Drawing(frame_layout(True), heights=(3, 1), gap=0.1)
    drawing.add_scatter(x=[0, 1], y=np.array([0.5, 2.0]), name="a")
    drawing.add_heatmap(2, z=np.eye(3, dtype=np.uint8), x=np.arange(3), showscale=False)
    drawing.update_yaxes(title_text="both")
    drawing.update_xaxes(title_text="below", row=2)
    drawing.add_vline(1, {"color": "#000000"}, "here")
    own = Unchecked(drawing.traces, drawing.layout)
    sent = plotly.tools.return_figure_from_figure_or_data(own, validate_figure=True)
    told = json.loads(plotly.io.to_json(sent, validate=False))
    plain = go.Figure(data=drawing.traces, layout=drawing.layout | {"template": "none"})
    true = json.loads(plain.to_json())
    del true["layout"]["template"]
    z, x = told["data"][1]["z"], told["data"][1]["x"]
    assert np.frombuffer(base64.b64decode(z["bdata"]), np.uint8).tolist() == np.eye(3).ravel().tolist()
    assert x == [0, 1, 2]  # plotly.js has no eight-byte whole numbers
    true["data"][1]["x"] = x
    assert told == true


def test_plots_one_above_the_other_share_the_height_and_the_x_axis():
    drawing = Drawing(frame_layout(False), heights=(3, 1), gap=0.2)
    layout = drawing.figure().layout
    assert layout.yaxis.domain == pytest.approx((0.4, 1.0))
    assert layout.yaxis2.domain == pytest.approx((0.0, 0.2))
    assert layout.xaxis.matches == "x2"
    assert not layout.xaxis.showticklabels
    drawing.update_yaxes(row=2, type="log")
    drawing.add_hline(100.0, {"color": "#000000"}, "limit", row=2)
    (shape,), (note,) = drawing.layout["shapes"], drawing.layout["annotations"]
    assert (shape["y0"], shape["yref"], note["y"]) == (100.0, "y2", 2.0)
