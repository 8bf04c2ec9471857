"""The lesson `hello` with extreme controls, run without a browser."""

import re

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rnn_core import load
from rnn_core.labs.word import word_network
from tests.app import open_page, stepper, values_of, words_of
from ui.blocks import percent, signed
from ui.i18n import strings

pytestmark = pytest.mark.filterwarnings("ignore:.*missing ScriptRunContext.*")

HELLO = [
    {"part": "run"},
    {"part": "run", "guess": "e", "edit": "W_hh,0,0,10;b_y,3,,-10"},
    {"part": "run", "guess": "skip"},
    {"part": "train", "lr": "0.3", "steps": "300", "done": "300"},
    {"part": "train", "lr": "0.001", "steps": "10", "done": "0"},
    {"part": "word", "word": "ab", "hidden": "1", "wdone": "0"},
    {
        "part": "word",
        "word": "abcdefghijklmnopqrstuvwx",
        "hidden": "16",
        "wdone": "300",
        "seed": "999",
    },
    {"part": "word", "word": "<b>\"'&%{}</b>", "wlr": "0.3", "wdone": "300"},
    {"part": "word", "word": "👩‍👩‍👧🇯🇵 が", "wedit": "W_xh,0,0,1"},
    {"part": "word", "word": "سلام"},
    {"part": "check", "qz2": "0", "qz4": "3"},
    {"part": "check", "qz2": "1", "qz4": "2"},
    {
        "part": "nonsense",
        "guess": "zz",
        "edit": ";;;",
        "lr": "1e400",
        "steps": "-1",
        "word": "a\x00b",
    },
]


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize("query", HELLO, ids=str)
def test_hello_with_extreme_controls(query, lang):
    at = open_page("hello", lang, **query)
    shown = words_of(at)
    assert not re.search(r"\[\[|\{\{|\bnan\b", shown)


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_prediction_hides_and_reveals(lang):
    at = open_page("hello", lang)
    assert stepper(at)["options"]["veil"] == {"nodes": ["y", "p"], "from": 0}
    assert "4.10" not in words_of(at)
    at.button(key="hello.guess.e").click().run()
    assert stepper(at)["options"]["veil"] is None
    assert "+4.10" in words_of(at)
    assert "84%" in words_of(at)
    assert at.query_params["guess"] == "e"


@pytest.mark.parametrize("edit", ["W_hy,1,0,5", "b_y,3,,-10;W_xh,0,1,-1"])
def test_the_text_beside_the_figure_follows_an_edited_weight(edit):
    at = open_page("hello", "en", guess="o", edit=edit)
    nodes = stepper(at)["run"]["nodes"]
    scores, p = values_of(nodes["y"])[0], values_of(nodes["p"])[0]
    best = "helo"[scores.argmax()]
    shown = words_of(at)
    assert (
        f"the largest score at step 1 is that of {best}, {signed(scores.max())}; "
        f"the right answer e has {signed(scores[1])}. "
        f"As probabilities: {best} {percent(p[scores.argmax()])}, e {percent(p[1])}."
    ) in shown
    # the answer to the guess is about the weights as they were
    assert re.search(r"picks \*\*o\*\* \(\+4\.10\).*\(Before you changed the weights\.\)", shown)


def test_numbers_in_the_text_are_the_networks():
    at = open_page("hello", "en", guess="o")
    reading = load("hello-lecture").read("hell")
    o, e = 3, 1
    for value in (reading.scores[0, o], reading.scores[0, e]):
        assert f"{value:+.2f}" in words_of(at)
    for value in (reading.probabilities[0, o], reading.probabilities[0, e]):
        assert f"{100 * value:.0f}%" in words_of(at)


def test_the_stepper_is_given_the_trace():
    run = stepper(open_page("hello", "en", part="word", word="apple", hidden="3", wdone="0"))["run"]
    reading = word_network(tuple("apple"), 3, 0).read("appl")
    np.testing.assert_allclose(run["nodes"]["l0.h"]["values"], reading.trace.lane().h[:, 0], rtol=5e-6)
    np.testing.assert_allclose(run["nodes"]["y"]["values"], reading.scores, rtol=5e-6, atol=1e-9)
    np.testing.assert_allclose(run["nodes"]["p"]["values"], reading.probabilities, rtol=5e-6)
    for name, weight in reading.trace.lane().weights.items():
        np.testing.assert_allclose(run["lanes"][0]["weights"][name], weight, rtol=5e-6, atol=1e-9)


def test_edited_weight_changes_what_comes_after_and_the_shipped_model_stays():
    clean = stepper(open_page("hello", "en", guess="o"))["run"]["nodes"]["l0.h"]["values"]
    run = stepper(open_page("hello", "en", guess="o", edit="W_xh,0,1,-1"))["run"]
    edited = run["nodes"]["l0.h"]["values"]
    assert edited[0] == clean[0]  # h was read before the first e
    assert edited[1][0] != clean[1][0]
    assert edited[2] != clean[2]
    assert run["before"]["l0.h"] == clean
    again = stepper(open_page("hello", "en", guess="o"))["run"]["nodes"]["l0.h"]["values"]
    assert again == clean


@pytest.mark.parametrize(
    ("typed", "problem"),
    [("", "empty"), ("a", "short"), ("ab" * 13, "long"), ("a\u202eb", "control"), ("aaa", "same")],
)
@pytest.mark.parametrize("lang", ["ja", "en"])
def test_bad_word_gets_a_sentence_and_the_old_one_stays(typed, problem, lang):
    at = open_page("hello", lang, part="word", word="banana")
    at.text_input(key="hello.word.box").set_value(typed).run()
    assert not at.exception
    wanted = strings("hello")[f"problem_{problem}"][lang].format(count=len(typed))
    assert [w.value for w in at.warning] == [wanted]
    assert stepper(at)["run"]["columns"] == list("banan")
    assert at.query_params["word"] == "banana"


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@settings(max_examples=25, suppress_health_check=list(HealthCheck), deadline=None)
@given(TEXT)
def test_any_word_may_be_typed(typed):
    at = open_page("hello", "en", part="word", wdone="0")
    at.text_input(key="hello.word.box").set_value(typed).run()
    assert not at.exception
    assert stepper(at)["run"]["columns"]


def test_training_runs_stops_and_resets():
    at = open_page("hello", "en", part="train", steps="20")
    assert "84%" in words_of(at)
    at.button(key="hello.done.start").click().run()
    live = at.session_state["hello.train.live"]
    assert live.running
    at.button(key="hello.done.stop").click().run()
    live = at.session_state["hello.train.live"]
    assert not live.running
    done = live.trainer.steps
    assert done > 0
    assert at.query_params["done"] == str(done)
    at.button(key="hello.done.reset").click().run()
    assert at.session_state["hello.train.live"].trainer.steps == 0
    assert "done" not in at.query_params
