"""The lesson `gradients` without a browser: extreme controls, prediction, training, verdicts that quote the tables."""

import re

import numpy as np
import pytest

from lessons.gradients.check import QZ6
from lessons.gradients.numbers import verdict_numbers
from lessons.gradients.shared import span_counts
from rnn_core.experiments import results
from tests.app import open_page, words_of
from tests.lessons.test_all import arrive

pytestmark = pytest.mark.filterwarnings("ignore:.*missing ScriptRunContext.*")

VIEWS = [
    {"part": "profile"},
    {"guess": "lstm", "T": "2", "hidden": "2"},
    {
        "guess": "gru",
        "T": "300",
        "start": "orthogonal",
        "scale": "300",
        "act": "relu",
        "hidden": "8",
    },
    {"guess": "skip", "what": "jacobian", "act": "identity", "start": "identity", "bias": "8"},
    {"guess": "rnn", "T": "1000", "hidden": "128", "what": "jacobian", "nets": "0"},
    {"guess": "rnn", "T": "12", "hidden": "4", "trained": "yes", "nets": "3", "act": "sigmoid"},
    {"part": "products", "drive": "0", "pstart": "orthogonal", "pscale": "150"},
    {"part": "products", "drive": "300", "pstart": "he", "pscale": "300"},
    {"part": "explode", "edone": "60", "esigma": "300", "elr": "1"},
    {"part": "explode", "edone": "30", "eact": "tanh", "by": "value", "clip": "0.1"},
    {"part": "span", "cell": "irnn", "far": "200", "sdone": "1500"},
    {"part": "check", "qz6": "3", "qz18a": "1", "qz18b": "0", "qz18c": "2"},
    {"part": "zz", "T": "1", "hidden": "3", "scale": "nan", "nets": "99", "cell": "<b>"},
]


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize("query", VIEWS, ids=str)
def test_extreme_controls(query, lang):
    assert not re.search(r"\[\[|\{\{|\bnan\b", words_of(open_page("gradients", lang, **query)))


def test_training_runs_side_by_side_and_shows_nan():
    at = open_page("gradients", "en", part="explode", edone="40")
    arrive(at)
    shown = words_of(at)
    assert re.search(r"without clipping: at step \d+ a value became NaN", shown)
    assert re.search(r"with clipping: \d+% right", shown)
    at.button(key="gradients.edone.reset").click().run()
    assert "a value became NaN" not in words_of(at)


def test_one_cell_of_the_table_gives_what_the_table_has():
    at = open_page("gradients", "en", part="span", cell="gru", far="5", sseed="3")
    live = at.session_state["gradients.span.live"]
    live.trainer.advance(1500)
    (row,) = [r for r in results("memory-span")["rows"] if r["cell"] == {"distance": 5, "cell": "gru"}]
    assert live.trainer.run.solved_at == row["runs"]["3"]["steps"]


def test_verdicts_quote_the_tables():
    numbers = verdict_numbers()
    learned, of = span_counts()["rnn"][50]
    assert numbers["clm1"]["rnn50"] == f"{learned}/{of}"
    runs = [r for r in results("clipping")["rows"] if r["cell"] == {"activation": "relu", "sigma": 2.0, "clip": "none"}]
    broken = sum(r["broken"] for r in runs[0]["runs"].values())
    assert numbers["clm2"]["broken"] == f"{broken:.0f}/20"
    assert numbers["clm3"]["most"] == "1"
    shown = words_of(open_page("gradients", "en", part="check"))
    for group in numbers.values():
        assert all(value in shown for value in group.values())


def test_only_the_right_line_clips():
    np.testing.assert_allclose(QZ6.returned()[QZ6.right], [0.6, -0.8, 0.03, -0.04])


def test_the_budget_of_a_session_is_told_and_nothing_is_lost():
    at = open_page("gradients", "en", part="explode", edone="40")
    arrive(at)
    at.session_state["training.account"].spent = 1e6
    at.run()
    assert any("This session has used its" in w.value for w in at.warning)
    assert "a value became NaN" in words_of(at)


def test_the_product_page_says_the_factor_itself():
    from lessons.gradients.shared import product_run
    from rnn_core.labs.forgetting import products
    from ui.blocks import number_of

    found = products(*product_run("normal", 100, 100, 0))
    factor = number_of(10 ** (found.pulled_out[-1] - found.true[-1]))
    assert f"one would get {factor} times the true value." in words_of(open_page("gradients", "en", part="products"))


def graded(guess, **query):
    """Whether the page calls a guess right."""
    shown = words_of(open_page("gradients", "en", guess=guess, **query))
    (line,) = re.findall(r"You said .*", shown)
    return "and so it is" in line


@pytest.mark.parametrize(
    ("query", "right"),
    [({}, {"none"}), ({"bias": "5"}, {"lstm"}), ({"start": "orthogonal"}, {"rnn"})],
    ids=str,
)
def test_a_guess_is_graded_by_the_number_and_can_be_wrong(query, right):
    assert {g for g in ("rnn", "lstm", "gru", "none") if graded(g, **query)} == right


def test_one_convention_of_distance():
    """What is asked, measured, quoted in the text and judged is 100 steps back."""
    numbers = verdict_numbers()["clm12"]
    first = words_of(open_page("gradients", "en", guess="skip"))
    assert "At distance 100:" in first
    assert f"RNN **{numbers['rnn']}**" in first
    assert f"LSTM **{numbers['lstm']}**" in first
    opened = words_of(open_page("gradients", "en", guess="skip", bias="5"))
    assert f"LSTM **{numbers['open']}**" in opened
    # the text beside the controls speaks of the first settings, whatever they are set to
    for shown in (first, opened):
        assert f"{numbers['lstm']} is measured for the LSTM" in shown
