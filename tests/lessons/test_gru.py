"""The lesson `gru` without a browser: both conventions of z, counts and cards, extreme controls."""

import re
import statistics

import numpy as np
import pytest
import torch
from torch import nn

from lessons.gru.check import QUIZZES
from lessons.gru.numbers import verdict_numbers
from rnn_core import trace
from rnn_core.cells.equations import GRU, GRU_CHUNG, equations
from rnn_core.cells.held import held_step
from rnn_core.cells.weights import module_weights
from rnn_core.experiments import results
from rnn_core.labs.speed import CELLS, measure, parameters
from tests.app import open_page, stepper, values_of, words_of
from ui.networks.chars import EXAMPLES, card_of, model_of

pytestmark = pytest.mark.filterwarnings("ignore:.*missing ScriptRunContext.*")

VIEWS = [
    {"part": "read", "z": "chung"},
    {"corpus": "ja", "text": "猫", "sort": "quote"},
    {"corpus": "en", "text": "<b>*_$x$\n\n`\\", "sort": "speaker", "z": "torch"},
    {"part": "rewire", "frame": "5"},
    {"part": "compare", "hidden": "16"},
    {"part": "check", "qz10": "3", "qz11": "1"},
    {"part": "zz", "frame": "6", "hidden": "7", "z": "<b>"},
]


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize("query", VIEWS, ids=str)
def test_extreme_controls(query, lang):
    assert not re.search(r"\[\[|\{\{|\bnan\b", words_of(open_page("gru", lang, **query)))


@pytest.mark.parametrize("corpus", ["en", "ja"])
@pytest.mark.parametrize("z", ["torch", "chung"])
def test_every_gate_is_that_of_the_shipped_weights_in_both_conventions(corpus, z):
    run = stepper(open_page("gru", "en", corpus=corpus, z=z))["run"]
    model = model_of("gru", corpus)
    lane = trace(model.rnn, model.embedding(model.encode(EXAMPLES[corpus]))).lane()
    for name in ("r", "n", "m", "h"):
        np.testing.assert_allclose(values_of(run["nodes"][f"l0.{name}"]), lane[name][:, 0], atol=1e-5)
    truth = lane.z[:, 0] if z == "torch" else 1 - lane.z[:, 0]
    np.testing.assert_allclose(values_of(run["nodes"]["l0.z"]), truth, atol=1e-6)
    math = "".join(text for text, _ in run["lanes"][0]["equations"]["h"]["math"])
    assert math.index("1") < math.index("n") if z == "torch" else math.index("1") < math.index("h", 5)
    code = "".join(text for text, _ in run["lanes"][0]["equations"]["z"]["torch"])
    assert code.startswith("z = 1 - torch.sigmoid(" if z == "chung" else "z = torch.sigmoid(")


def test_both_conventions_are_one_network():
    """The table with z the other way round, its weights turned in sign, gives torch's own states."""
    torch.manual_seed(0)
    module = nn.GRU(3, 4).double()
    x = torch.randn(6, 1, 3).double()
    lane = trace(module, x).lane()
    W = dict(module_weights(module))
    W |= {name: -W[name] for name in ("W_xz", "W_hz", "b_z")}
    state = {"h": torch.zeros(1, 4).double()}
    for t in range(6):
        with torch.no_grad():
            step = held_step(equations("gru_chung"), x[t], state, W, {})
        torch.testing.assert_close(step["h"], lane.h[t])
        torch.testing.assert_close(step["z"], 1 - lane.z[t])
        state = {"h": step["h"]}
    assert GRU_CHUNG["h"] != GRU["h"]
    assert {k: v for k, v in GRU_CHUNG.items() if k != "h"} == {k: v for k, v in GRU.items() if k != "h"}


def test_parameters_are_counted_and_speeds_are_measured():
    for cell, cls in CELLS.items():
        assert parameters(cell, 7, 5) == sum(p.numel() for p in cls(7, 5).parameters())
    assert parameters("lstm", 8, 8) > parameters("gru", 8, 8) > parameters("rnn", 8, 8)
    found = measure(4, 8, steps=5, batch=2, rounds=2)
    assert set(found) == set(CELLS)
    assert all(0 < s.forward < 1000 and 0 < s.training < 1000 for s in found.values())
    with pytest.raises(ValueError, match="at least 1"):
        measure(4, 0)


def test_the_button_measures_here_and_now():
    at = open_page("gru", "en", part="compare", hidden="16")
    at.button(key="gru.measure").click().run()
    assert any("Medians of 7 rounds" in c.value for c in at.caption)


def test_the_verdict_quotes_cards_and_modules():
    numbers = verdict_numbers()
    assert numbers["share"] == "75"
    for cell in ("lstm", "gru"):
        for corpus in ("en", "ja"):
            each = card_of(cell, corpus)["seeds"]["nats_per_character"]["each"]
            wanted = f"{statistics.mean(each):.3f}"
            wanted += f" ± {statistics.stdev(each):.3f}"
            assert numbers[f"{cell}_{corpus}"] == wanted
    for corpus in ("en", "ja"):  # "ahead both times, by about as much as seeds differ"
        lstm, gru = (card_of(cell, corpus)["seeds"]["nats_per_character"] for cell in ("lstm", "gru"))
        assert len(gru["each"]) == len(lstm["each"]) == 3
        assert 0 < lstm["mean"] - gru["mean"] < 2.5 * lstm["standard_deviation"]
    table = results("counting")
    for row in table["rows"]:
        right = sorted(run["right"] for run in row["runs"].values())
        middle = (right[4] + right[5]) / 2
        assert float(numbers[f"counted_{row['cell']['cell']}"]) == middle
        assert numbers[f"range_{row['cell']['cell']}"] == f"{right[0]:g}–{right[-1]:g}"
    shown = words_of(open_page("gru", "en", part="compare"))
    assert all(value in shown for value in numbers.values())


def test_only_the_right_line_updates_the_state():
    (quiz,) = [q for q in QUIZZES if q.name == "qz10"]
    assert quiz.returned()[quiz.right] == pytest.approx([0.75 * 0.8 + 0.25 * -0.6])
