"""Long work: twice at once it is done once; cut, it goes on; it is counted; a link comes to where it stood."""

import math
import sys
import threading
import time

import pytest
from streamlit.runtime.scriptrunner_utils.exceptions import StopException
from streamlit.testing.v1 import AppTest

from lessons.adder.runs import NOTES
from rnn_core.labs.adder import adder_training
from rnn_core.labs.word import WordTraining, word_network
from tests.app import open_page, words_of
from tests.lessons.test_all import arrive
from ui import training
from ui.server.turns import Turns
from ui.training import Live

pytestmark = pytest.mark.filterwarnings("ignore:.*missing ScriptRunContext.*")

WORD = tuple("apple")


def make():
    return WordTraining(word_network(WORD, 4, 0), WORD, 0.03)


def test_two_script_runs_at_once_train_to_the_same_numbers():
    """Streamlit may start a run while the last is still training (`runner.fastReruns`)."""
    truth = make()
    truth.advance(40)
    live = Live("x", make)
    errors = []

    def work(goals):
        try:
            for goal in goals:
                with live.lock:
                    if live.trainer.steps > goal:
                        live.restart()
                    live.tick(goal)
        except Exception as error:
            errors.append(error)

    old = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        threads = [threading.Thread(target=work, args=([k, 30 + k, 10 + k],)) for k in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(old)
    assert not errors
    live.restart()
    live.tick(40)
    assert live.trainer.losses == truth.losses


@pytest.mark.parametrize(("goal", "ticks"), [(60, 25), (10, 10), (300, 7), (10, 25)])
def test_ticks_end_exactly_at_the_goal(goal, ticks):
    live = Live("x", make)
    count = 0
    while not live.tick(goal, ticks):
        count += 1
        assert count < 2 * ticks
    assert live.trainer.steps == goal


def test_a_goal_already_passed_trains_no_further():
    live = Live("x", make)
    live.tick(50)
    assert live.tick(20, 10)
    assert live.trainer.steps == 50


def test_a_tick_is_as_long_as_it_may_be():
    live = Live("x", make)
    assert not live.tick(60, seconds=0)
    assert live.trainer.steps == 1
    assert live.tick(60, seconds=math.inf)


# --- links that train first ----------------------------------------------------------------------


def test_a_long_link_comes_to_where_it_stood_in_turns(monkeypatch):
    monkeypatch.setattr(training, "SLICE", 0.05)
    monkeypatch.setattr(training, "FREE", 0.01)
    at = open_page("adder", "en", part="train", done="400")
    live = at.session_state["adder.live"]
    assert 0 < live.trainer.steps < 400
    assert f"{live.trainer.steps} of 10,000 steps" in at.get("progress")[0].proto.text
    assert at.query_params["done"] == "400"
    assert arrive(at) > 1
    truth = adder_training(NOTES)
    truth.advance(400)
    (run,) = at.session_state["adder.live"].trainer.runs.values()
    assert run.losses == truth.losses
    assert at.query_params["done"] == "400"
    assert at.button(key="adder.train.start")


@pytest.mark.parametrize("query", [{"part": "explode", "edone": "90"}, {"part": "span", "far": "1", "sdone": "30"}])
def test_the_gradients_of_a_link_are_those_of_the_button(monkeypatch, query):
    whole = open_page("gradients", "en", **query)
    arrive(whole)
    monkeypatch.setattr(training, "SLICE", 0.0)
    monkeypatch.setattr(training, "FREE", 0.0)
    cut = open_page("gradients", "en", **query)
    assert arrive(cut) > 5
    assert words_of(cut) == words_of(whole)
    assert cut.query_params == whole.query_params


def test_what_a_link_trains_is_counted_and_ends_with_the_budget(monkeypatch):
    monkeypatch.setattr(training, "BUDGET", 0.3)
    monkeypatch.setattr(training, "SLICE", 0.05)
    start = time.process_time()
    at = open_page("adder", "en", part="train", cell="lstm", hidden="128", batch="64", done="1500")
    arrive(at)
    taken = time.process_time() - start
    spent = at.session_state["training.account"].spent
    assert 0.3 <= spent < taken
    assert "This session has used its" in words_of(at)
    assert "–" in "".join(str(e.proto.body) for e in at.get("html"))  # no sums were tried
    steps = at.session_state["adder.live"].trainer.steps
    assert 0 < steps < 1500
    assert at.query_params["done"] == "1500"  # the link stays what it was
    at.run()
    assert at.session_state["adder.live"].trainer.steps == steps
    assert at.session_state["training.account"].spent == spent


def test_stopped_on_the_way_a_link_stands_where_it_was_stopped(monkeypatch):
    monkeypatch.setattr(training, "SLICE", 0.02)
    monkeypatch.setattr(training, "FREE", 0.0)
    at = open_page("sine", "en", part="train", done="400")
    at.button(key="sine.train.stop").click().run()
    steps = at.session_state["sine.live"].trainer.steps
    assert at.query_params["done"] == str(steps)
    at.run()
    assert at.session_state["sine.live"].trainer.steps == steps


# --- everything else that takes long -------------------------------------------------------------


def page():
    import streamlit as st

    from ui.training import computed

    def work():
        for k in range(6):
            st.session_state.done.append(k)  # a real piece would not
            yield k / 6
        return "all"

    st.session_state.setdefault("done", [])
    asked = st.button("go", key="go") if st.session_state.get("by_button") else None
    st.write(f"result: {computed('x', st.session_state.get('settings'), work, asked)}")


class Cut(Turns):
    """Cuts the run of the script at every third question, as Streamlit does when the reader leaves or clicks."""

    asked = 0

    def ask(self, who, address=None):
        self.asked += 1
        if self.asked % 3 == 0:
            raise StopException
        return super().ask(who)


@pytest.fixture
def by_pieces(monkeypatch):
    monkeypatch.setattr(training, "SLICE", 0.0)
    monkeypatch.setattr(training, "FREE", 0.0)


def test_work_that_is_cut_goes_on_where_it_was(monkeypatch, by_pieces):
    monkeypatch.setattr(training, "TURNS", Cut())
    at = AppTest.from_function(page).run()
    assert not at.markdown
    assert at.session_state["done"] == [0, 1, 2]
    at.run()
    assert at.session_state["done"] == [0, 1, 2, 3, 4, 5]
    at.run()
    assert at.markdown[0].value == "result: all"
    assert at.session_state["done"] == [0, 1, 2, 3, 4, 5]
    assert not training.TURNS._working
    at.session_state["settings"] = 2  # other settings, other work
    at.run()
    assert len(at.session_state["done"]) > 6


def test_work_begins_with_its_button_and_goes_on_without(monkeypatch, by_pieces):
    monkeypatch.setattr(training, "TURNS", Cut())
    at = AppTest.from_function(page)
    at.session_state["by_button"] = True
    at.run()
    assert at.markdown[0].value == "result: None"
    assert at.session_state["done"] == []
    at.button(key="go").click().run()
    at.run()
    at.run()
    assert at.markdown[0].value == "result: all"
    assert at.session_state["done"] == [0, 1, 2, 3, 4, 5]


def test_work_without_budget_is_left_out_with_a_sentence(monkeypatch, by_pieces):
    monkeypatch.setattr(training, "BUDGET", 0.0)
    at = AppTest.from_function(page).run()
    assert len(at.warning) == 1
    assert at.session_state["done"] == []
    assert at.markdown[0].value == "result: None"
