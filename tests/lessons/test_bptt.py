"""The lesson `bptt` without a browser: extreme controls, odd input, and the numbers that the stepper is given."""

import ast
import re

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lessons.bptt.check import QUIZZES
from lessons.bptt.runs import split_numbers
from lessons.hello.check import QUIZZES as HELLO_QUIZZES
from rnn_core import load
from rnn_core.backward.readout import backward_pass
from tests.app import open_page, stepper, words_of
from ui.blocks import TIMES
from ui.i18n import strings

pytestmark = pytest.mark.filterwarnings("ignore:.*missing ScriptRunContext.*")

VIEWS = [
    {"part": "run", "guess": "2", "k": "1", "loss": "last"},
    {"part": "run", "guess": "skip", "k": "4"},
    {"part": "own", "word": "ab", "hidden": "1", "ok": "1"},
    {"part": "own", "word": "abcdefghijklmnopqrstuvwx", "hidden": "6", "trained": "200", "ok": "7"},
    {"part": "own", "word": "<b>&%{}</b>", "oloss": "last"},
    {"part": "own", "kind": "numbers", "numbers": "0 0 0"},
    {"part": "own", "kind": "numbers", "numbers": "-100,100,-100", "ok": "1", "oloss": "last"},
    {"part": "cut", "cell": "lstm", "T": "4", "ck": "120", "closs": "last"},
    {"part": "cut", "cell": "gru", "T": "120", "sigma": "150", "ck": "1", "cseed": "999"},
    {"part": "check", "qz5": "0", "qb1": "3", "qb2": "2"},
    {"part": "zz", "guess": "99", "k": "0", "numbers": "x", "T": "9999", "trained": "-5"},
]


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize("query", VIEWS, ids=str)
def test_extreme_controls(query, lang):
    shown = words_of(open_page("bptt", lang, **query))
    assert not re.search(r"\[\[|\{\{|\bnan\b", shown)


@pytest.mark.parametrize(("loss", "k"), [("all", 4), ("all", 2), ("last", 1)])
def test_the_stepper_is_given_the_deltas(loss, k):
    run = stepper(open_page("bptt", "en", guess="1", loss=loss, k=str(k)))["run"]
    model = load("hello-lecture")
    done = backward_pass(
        model.rnn,
        model.readout,
        model.one_hot("hell"),
        model.one_hot("ello"),
        loss_steps=None if loss == "all" else [3],
        block=k if k < 4 else None,
    )
    np.testing.assert_allclose(run["nodes"]["l0.d"]["values"], done.grads["a_h"][:, 0], rtol=5e-6)
    np.testing.assert_allclose(run["nodes"]["dy"]["values"], done.out_deltas, rtol=5e-6, atol=1e-9)
    assert run["backward"]["cuts"] == [t for t in range(1, 4) if t % k == 0]
    assert run["backward"]["loss_steps"] == ([0, 1, 2, 3] if loss == "all" else [3])


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_prediction_is_graded_by_the_run_and_hides_the_gradients_until_then(lang):
    at = open_page("bptt", lang)
    assert stepper(at)["options"]["veil"]["nodes"] == ["gradients"]
    at.button(key="bptt.guess.2").click().run()
    assert stepper(at)["options"]["veil"] is None
    model = load("hello-lecture")
    done = backward_pass(model.rnn, model.readout, model.one_hot("hell"), model.one_hot("ello"))
    assert int(np.argmax(done.shares("W_hh"))) == 1
    right = strings("bptt")["predict_right"][lang].split("{")[0]
    assert right in words_of(at)
    assert at.query_params["guess"] == "2"


@pytest.mark.parametrize(
    ("typed", "problem", "found"),
    [
        ("", "empty", ""),
        ("1 2", "short", "2"),
        ("1 2 three", "letters", "three"),
        ("1 2 nan", "letters", "nan"),
        ("1 2 1e9", "letters", "1e9"),
        ("1 2 101", "large", "101"),
        (" ".join("1" * 13), "many", "13"),
    ],
)
@pytest.mark.parametrize("lang", ["ja", "en"])
def test_bad_numbers_get_a_sentence_and_the_old_ones_stay(typed, problem, found, lang):
    at = open_page("bptt", lang, part="own", kind="numbers", numbers="1 2 4")
    at.text_input(key="bptt.numbers.box").set_value(typed).run()
    assert not at.exception
    wanted = strings("bptt")[f"problem_{problem}"][lang].format(found=found)
    assert [w.value for w in at.warning] == [wanted]
    assert stepper(at)["run"]["columns"] == ["1", "2"]


@settings(max_examples=300, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_any_text_is_numbers_or_a_named_problem(typed):
    series = split_numbers(typed)
    assert (series.problem is None) == bool(series.values)
    assert series.problem is None or f"problem_{series.problem}" in strings("bptt")
    assert all(abs(v) <= 100 for v in series.values)


@settings(max_examples=15, suppress_health_check=list(HealthCheck), deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
def test_any_text_may_be_typed_into_both_boxes(typed):
    for kind in ("word", "numbers"):
        at = open_page("bptt", "en", part="own", kind=kind)
        at.text_input(key=f"bptt.{kind}.box").set_value(typed).run()
        assert not at.exception
        assert stepper(at)["run"]["columns"]


def test_full_width_numbers_are_read():
    assert split_numbers("１．５、−2　3").values == (1.5, -2.0, 3.0)


def test_quiz_lines_only_the_right_one_gives_delta():
    model = load("hello-lecture")
    done = backward_pass(model.rnn, model.readout, model.one_hot("hell"), model.one_hot("ello"))
    truth = done.grads["a_h"][1, 0].numpy()
    (quiz,) = [q for q in QUIZZES if q.name == "qz5"]
    for k, value in enumerate(quiz.returned()):
        same = value is not None and np.allclose(value, truth, atol=1e-5)
        assert same == (k == quiz.right)
    assert quiz.returned()[0] is None  # without the transposes the shapes do not fit


def test_rtrl_is_measured_on_the_page():
    at = open_page("bptt", "en", part="cut")
    at.button(key="bptt.measure").click().run()
    assert not at.exception
    rows = at.session_state["bptt.measured"].result
    assert len(rows) == 9
    for row in rows:
        value, _, power = row[-1].replace("}$", "").partition(f"{TIMES}$10^{{")
        assert float(value) * 10.0 ** int(power or 0) < 1e-9


def test_the_question_says_what_delta_is():
    for lang in ("ja", "en"):
        first = next(m.value for m in open_page("bptt", lang).markdown if m.value.startswith("**"))
        assert "\\delta_t = \\partial E/\\partial a_t" in first


def test_quizzes_use_the_symbols_of_the_figure():
    figure = {"W_xh", "W_hh", "W_hy", "b_h", "b_y", "h", "h_0", "h_1", "x_1", "delta_next", "d_out", "np"}
    lines = [line for q in (*HELLO_QUIZZES, *QUIZZES) for line in getattr(q, "lines", ())]
    assert len(lines) == 8
    for line in lines:
        names = {node.id for node in ast.walk(ast.parse(line)) if isinstance(node, ast.Name)}
        assert names <= figure, line
