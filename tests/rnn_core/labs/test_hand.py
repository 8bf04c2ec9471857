"""The unit driven by hand is the real LSTM cell; every challenge can be done, and not by doing nothing."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from rnn_core.labs.hand import CHALLENGES, STEPS, kept, run_by_hand

gates = st.lists(st.floats(0, 1), min_size=STEPS, max_size=STEPS)


@given(gates, gates, gates, st.floats(-1, 1))
def test_it_is_the_formula(f, i, o, c_0):
    x = CHALLENGES[0].x
    run, c = run_by_hand(x, f, i, o, c_0), c_0
    for t in range(STEPS):
        c = f[t] * c + i[t] * x[t]
        assert run.c[t] == pytest.approx(c, abs=1e-12)
        assert run.h[t] == pytest.approx(o[t] * np.tanh(c), abs=1e-12)


@pytest.mark.parametrize("challenge", CHALLENGES, ids=lambda c: c.name)
def test_challenges_can_be_done_and_not_by_chance(challenge):
    f, i, o = challenge.solution
    assert not challenge.misses(run_by_hand(challenge.x, f, i, o, challenge.c_0))
    for value in (0.0, 0.5, 1.0):
        same = [value] * STEPS
        assert challenge.misses(run_by_hand(challenge.x, same, same, same, challenge.c_0))
    swapped = run_by_hand(challenge.x, i, f, o, challenge.c_0)
    assert challenge.misses(swapped)


def test_gates_outside_are_refused():
    with pytest.raises(ValueError, match="between 0 and 1"):
        run_by_hand([0.1], [1.2], [0], [0])
    with pytest.raises(ValueError, match="one value per step"):
        run_by_hand([0.1], [1], [0], [])


def test_for_ever_in_single_precision():
    """The sentence of the lesson: beyond a = 17, float32 rounds σ(a) to exactly 1."""
    assert torch.sigmoid(torch.tensor(17.5)).item() == 1.0
    assert torch.sigmoid(torch.tensor(-17.0)).item() == pytest.approx(4e-8, rel=0.1)  # and this is not 0
    assert torch.sigmoid(torch.tensor(15.0)).item() < 1.0
    assert kept(1.0, 10**9) == 1.0
    assert kept(0.5, 100) == pytest.approx(7.9e-31, rel=0.01)
