"""Profiles over seeds, and products of matrices that do not come apart."""

import itertools
import math
import time

import numpy as np
import pytest
import torch
from torch import nn

from rnn_core import gradient_profile
from rnn_core.labs.forgetting import (
    CELLS,
    SEEDS,
    ProfileRuns,
    ProfileSettings,
    products,
    profile,
    profile_in_steps,
    rnn_slopes,
    spread_of,
)
from rnn_core.labs.remember import SideBySide, memory_training, recurrent
from rnn_core.labs.tasks import first_symbol


def test_runs_are_profiles_of_the_same_nets_and_go_on_where_they_stopped():
    settings = ProfileSettings(30, 8, forget_bias=2.0, seed=4, jacobian=True)
    runs = ProfileRuns(settings)
    runs.advance(4)
    assert runs.steps == 4
    runs.advance(100)
    assert runs.steps == runs.total == len(CELLS) * SEEDS
    x, _ = first_symbol(29).make(1, torch.Generator().manual_seed(5))
    truth = gradient_profile(recurrent("lstm", 8, 8, forget_bias=2.0, seed=5), x)
    steps = [29 - d for d in settings.distances]
    kept = runs.done["lstm"][1]
    np.testing.assert_allclose(kept.h, truth.log10_grad_h[steps])
    np.testing.assert_allclose(kept.c, truth.log10_grad_c[steps])
    np.testing.assert_allclose(kept.largest, truth.spectrum_h.largest[steps])
    spread = runs.spread("lstm", "h")
    assert (spread.low <= spread.mean + 1e-9).all()
    assert (spread.mean <= spread.high + 1e-9).all()
    assert runs.spread("gru", "c") is None


def test_a_net_left_in_the_middle_goes_on_there_to_the_same_numbers():
    settings = ProfileSettings(40, 4, seed=2, trained=5, jacobian=True)
    whole, cut = ProfileRuns(settings), ProfileRuns(settings)
    whole.advance(15)
    count = 0
    while cut.steps < cut.total:
        for _ in itertools.islice(cut.pieces(2), 7):  # whoever took them goes away
            count += 1
    assert count == 15 * (5 + 40 + 1)  # steps of training, of the sweep, and the end of each net
    for cell in CELLS:
        for a, b in zip(whole.done[cell], cut.done[cell], strict=True):
            for name in ("h", "largest", "smallest"):
                np.testing.assert_array_equal(getattr(a, name), getattr(b, name))


@pytest.mark.parametrize("cell", CELLS)
def test_the_largest_net_is_profiled_in_small_pieces(cell):
    work = profile_in_steps(cell, ProfileSettings(1000, 128, trained=1, jacobian=True), 0)
    longest, start = 0.0, time.process_time()
    for _ in work:
        longest, start = max(longest, time.process_time() - start), time.process_time()
    assert longest < 1.0


def test_distances_hold_both_ends():
    for T in (2, 3, 61, 1000):
        distances = ProfileSettings(T, 4).distances
        assert distances[0] == 0
        assert distances[-1] == T - 1
        assert distances == sorted(set(distances))


def test_explosion_and_death_are_counted_not_hidden():
    values = np.array([[0.0, -3.0], [0.0, -np.inf], [0.0, np.nan]])
    spread = spread_of(values)
    assert (spread.zero, spread.broken) == (1, 1)
    assert spread.mean.tolist() == [0, -3]
    nothing = spread_of(np.array([[np.nan], [np.inf]]))
    assert math.isnan(nothing.mean[0])
    assert nothing.broken == 2
    wild = ProfileSettings(1000, 8, "orthogonal", 3.0, "relu", jacobian=True)
    assert not np.isfinite(profile("rnn", wild, 0).largest).all()


def test_training_beforehand_changes_the_profile_and_short_sequences_are_refused():
    plain = profile("gru", ProfileSettings(12, 8), 0)
    trained = profile("gru", ProfileSettings(12, 8, trained=30), 0)
    assert abs(plain.h - trained.h).max() > 0.01
    with pytest.raises(ValueError, match="at least 2"):
        profile("gru", ProfileSettings(1, 8), 0)


def test_the_true_product_is_the_jacobian_and_pulling_w_out_is_not():
    torch.manual_seed(0)
    rnn = nn.RNN(3, 6)
    x = 2 * torch.randn(40, 3)
    W, slopes = rnn_slopes(rnn, x)
    found = products(W, slopes)
    truth = gradient_profile(rnn.double(), x.double()).spectrum_h.largest.flip(0)
    np.testing.assert_allclose(found.true, truth, atol=1e-4)
    assert abs(found.true - found.pulled_out)[-1] > 0.3
    assert (found.true <= found.sigma + 1e-9).all()
    assert (found.powers <= found.sigma + 1e-9).all()
    assert found.powers[-1] >= found.radius[-1] - 1e-9


def test_products_come_apart_only_where_they_commute():
    slopes = np.full((20, 5), 0.7)  # the same slope for every unit: a number, and numbers commute
    W = np.random.default_rng(0).normal(size=(5, 5))
    found = products(W, slopes)
    np.testing.assert_allclose(found.true, found.pulled_out)
    with pytest.raises(ValueError, match="slopes"):
        products(W, np.ones((3, 4)))


def test_a_largest_singular_value_above_one_need_not_explode():
    """CLM-4: below 1 it must vanish; above 1 it may, or may not: here it vanishes."""
    W = recurrent("rnn", 1, 32, start="normal", scale=0.8).weight_hh_l0.detach().double().numpy()
    found = products(W, np.ones((200, 32)))
    assert found.sigma[1] > 0
    assert found.radius[1] < 0
    assert found.powers[-1] < -10


def test_side_by_side_goes_on_with_those_that_can():
    runs = SideBySide(
        {
            name: memory_training(
                "rnn",
                first_symbol(20),
                16,
                0,
                0.5,
                {"activation": "relu", "start": "orthogonal", "scale": 3.0},
                clip=clip,
                optimizer="sgd",
            )
            for name, clip in (("without", None), ("with", 0.25))
        }
    )
    runs.advance(40)
    assert runs.runs["without"].broken is not None
    assert runs.runs["with"].steps == runs.steps == 40
    assert not runs.ended
