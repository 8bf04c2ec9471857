"""Windows and targets line up; one step and free running; the lag; the rate's cosine; the card."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from rnn_core import load
from rnn_core.labs.sine import (
    STEP,
    Settings,
    free_run,
    held_until,
    lag,
    next_value,
    one_step,
    series_training,
    wave,
    windows,
)
from rnn_core.models.sine import COUNT, RECIPE, floor
from rnn_core.store import load_card


@given(st.integers(2, 60), st.integers(1, 59))
def test_windows_and_targets_are_the_series(count, window):
    series = torch.arange(count, dtype=torch.float)
    if window >= count:
        with pytest.raises(ValueError, match="no pair of"):
            windows(series, window)
        return
    x, target = windows(series, window)
    assert len(x) == len(target) == count - window
    for k in range(len(x)):
        assert x[k].tolist() == list(range(k, k + window))
        assert target[k] == k + window
    task = next_value(series, window)
    inputs, targets = task.make(7, torch.Generator())
    assert inputs.shape == (window, count - window, 1)
    assert torch.equal(inputs[..., 0].T, x)
    assert task.loss(targets.expand(window, -1)[..., None], targets) == 0


def test_the_wave_is_a_sine():
    np.testing.assert_allclose(wave(50, 3), np.sin(STEP * np.arange(3, 53)), atol=1e-6)
    assert torch.equal(wave(9, noise=0.1, seed=1), wave(9, noise=0.1, seed=1))
    assert wave(2000, noise=0.1).sub(wave(2000)).std().item() == pytest.approx(0.1, rel=0.05)


class Linear(nn.Module):
    """x_{t+1} = 2 cos(0.125) x_t − x_{t−1}: the recurrence that a sine fulfils exactly."""

    def forward(self, x):
        y = 2 * math.cos(STEP) * x[-1] - x[-2]
        return y[None].expand(len(x), -1, -1)


def test_a_perfect_net_predicts_and_runs_free():
    series = wave(80)
    np.testing.assert_allclose(one_step(Linear(), series, 2), series[2:], atol=1e-5)
    said = free_run(Linear(), series[:2], 60)
    np.testing.assert_allclose(said, wave(60, 2), atol=1e-3)
    assert held_until(said, wave(60, 2)) == 60


class Last(nn.Module):
    def forward(self, x):
        return x


def test_saying_the_last_value_again_lags_by_one():
    series = wave(150)
    said = one_step(Last(), series, 5)
    assert lag(said, series[5:]) == 1.0
    assert lag(series[5:], series[5:]) == 0.0
    assert lag(series[10:60], series[12:62]) == 2.0
    assert lag(series[14:64], series[12:62]) == -2.0
    half = (series[5:-1] + series[4:-2]) / 2
    assert lag(half, series[5:-1]) == pytest.approx(0.5, abs=0.051)
    assert math.isnan(lag(series[:5], series[:5]))
    assert math.isnan(lag(torch.ones(50), torch.ones(50)))
    assert math.isnan(lag(torch.full((50,), math.nan), series[:50]))


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_training_lowers_the_loss_and_the_rate_falls_to_nothing(cell):
    training = series_training(wave(60), Settings(cell, 4, 8, 120))
    training.advance(120)
    assert training.losses[-1] < training.losses[0] / 20
    before = [p.clone() for p in training.net.parameters()]
    training.advance(3)
    assert all(torch.equal(a, b) for a, b in zip(before, training.net.parameters(), strict=True))


def test_the_card_is_what_the_weights_give():
    net, card = load("sine"), load_card("sine")
    series = wave(COUNT)
    x, truth = windows(series, RECIPE.window)
    loss = float(((one_step(net, series, RECIPE.window) - truth) ** 2).mean())
    assert loss == pytest.approx(card["scores"]["loss"], rel=0.05)
    assert loss <= 1e-8
    assert card["baseline"]["loss"] == pytest.approx(floor()) == pytest.approx(float(((x[:, -1] - truth) ** 2).mean()))
    assert sum(value <= 1e-8 for value in card["seeds"]["loss"]["each"]) >= 2
