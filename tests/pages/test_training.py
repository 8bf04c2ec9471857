"""Training in front of the reader: two runs of the script at once must not train one net twice."""

import sys
import threading

import pytest

from rnn_core.models.hello import WordTraining, word_network
from ui.training import Live

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
                live.go_to(goal)
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
    live.go_to(40)
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
    live.go_to(50)
    assert live.tick(20, 10)
    assert live.trainer.steps == 50
