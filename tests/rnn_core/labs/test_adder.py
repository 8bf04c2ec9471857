"""The binary adder: data, carries, starts, training, the check of every sum."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from benchmarks.notes import numpy_training
from rnn_core.evaluate import measure
from rnn_core.labs.adder import (
    LOSSES,
    MOST_BITS,
    STARTS,
    SeedsAtOnce,
    Settings,
    adder_net,
    adder_training,
    addition,
    all_pairs,
    bits_of,
    carries,
    carry_units,
    read_sum,
    right_by_bits,
    said,
    sums,
    sums_right,
)
from rnn_core.models.adder import floor
from rnn_core.store import load_card

NUMBERS = st.integers(0, 2**61 - 1)


@given(NUMBERS, NUMBERS)
def test_bits_and_carries_are_those_of_pythons_own_sum(a, b):
    pairs = torch.tensor([[a, b]])
    x, s = sums(pairs, MOST_BITS)
    assert read_sum(x[:, 0, 0]) == a
    assert read_sum(s[:, 0]) == a + b
    carry = 0
    for t, c in enumerate(carries(pairs, MOST_BITS)[:, 0].tolist()):
        carry = int(((a >> t) & 1) + ((b >> t) & 1) + carry > 1)
        assert c == carry


def test_a_task_has_its_loss():
    y, target = torch.randn(4, 3, 1), torch.randint(0, 2, (4, 3)).float()
    p = y[..., 0].sigmoid()
    squared, crossed = (addition(3, name).loss(y, target) for name in LOSSES)
    assert squared.item() == pytest.approx((0.5 * (p - target) ** 2).sum(0).mean().item())
    log = torch.where(target > 0, p, 1 - p).log()
    assert crossed.item() == pytest.approx(-log.sum(0).mean().item(), rel=1e-5)
    assert addition(3).right(20 * target[..., None] - 10, target) == 1.0


@pytest.mark.parametrize("bits", [0, 62])
def test_too_few_or_many_bits_are_refused(bits):
    with pytest.raises(ValueError, match="bits must be"):
        addition(bits)


def test_unknown_names_are_refused():
    with pytest.raises(ValueError, match="loss must be one of"):
        addition(8, "x")
    for wrong in ({"cell": "x"}, {"activation": "x"}, {"start": "x"}):
        with pytest.raises(ValueError, match="no such net"):
            adder_net(**wrong)
    with pytest.raises(ValueError, match="hidden"):
        adder_net(hidden=0)


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
@pytest.mark.parametrize("start", STARTS)
def test_starts_have_the_spread_they_say(start, cell):
    H = 128
    net = adder_net(cell, H, start=start, scale=0.5, seed=1)
    W = dict(net.rnn.named_parameters())
    W_hh, W_xh = (W[a if cell == "rnn" else b] for a, b in (("W_hh", "weight_hh_l0"), ("W_xh", "weight_ih_l0")))
    for gate in torch.split(W_hh, H):
        if start == "orthogonal":
            torch.testing.assert_close(gate.T @ gate, 0.25 * torch.eye(H), atol=1e-5, rtol=0)
        else:
            std = {"normal": 1, "xavier": H**-0.5, "lecun": H**-0.5, "he": (2 / H) ** 0.5}[start]
            assert gate.std().item() == pytest.approx(0.5 * std, rel=0.05)
    std = {"normal": 1, "he": 1, "lecun": 0.5**0.5}.get(start, (2 / (H + 2)) ** 0.5)
    assert W_xh.std().item() == pytest.approx(0.5 * std, rel=0.15)
    assert all((p == 0).all() for p in net.parameters() if p.dim() == 1)
    again = adder_net(cell, H, start=start, scale=0.5, seed=1)
    assert all(torch.equal(a, b) for a, b in zip(net.parameters(), again.parameters(), strict=True))


def test_training_is_the_loop_of_the_notes():
    training = adder_training(Settings(seed=3))
    truth = numpy_training(adder_net(seed=3), 60, 0.1, 3, 7)
    training.advance(60)
    np.testing.assert_allclose(training.losses, truth, rtol=2e-4)


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_a_net_learns_to_add_every_pair(cell):
    how = Settings(
        cell, "tanh", "xavier", hidden=12, lr=0.02, optimizer="adam", batch=32, loss="cross-entropy", bits=4, clip=1.0
    )
    training = adder_training(how)
    training.advance(600)
    assert sums_right(training.net, 4) == 256
    assert training.checks[-1][1] == 1.0
    assert training.losses[-1] < training.losses[0] / 10


@pytest.mark.parametrize(
    "how",
    [
        Settings(),
        Settings(activation="tanh", start="xavier", batch=3, loss="cross-entropy", clip=0.5),
        Settings(activation="relu", start="he", hidden=5, lr=0.05, clip=1.0),
    ],
    ids=str,
)
def test_seeds_at_once_are_the_trainings_one_by_one(how):
    seeds = (0, 5, 11)
    many = SeedsAtOnce(how, seeds)
    many.advance(40)
    for r, (seed, net) in enumerate(zip(seeds, many.trained(), strict=True)):
        one = adder_training(replace(how, seed=seed))
        one.advance(40)
        np.testing.assert_allclose([row[r] for row in many.losses], one.losses, rtol=1e-3)
        for a, b in zip(net.parameters(), one.net.parameters(), strict=True):
            torch.testing.assert_close(a, b, atol=1e-4, rtol=1e-3)


def test_a_broken_run_leaves_the_others_alone():
    how = Settings(activation="relu", start="normal", scale=4.0, lr=100.0, loss="cross-entropy")
    many = SeedsAtOnce(how, range(4))
    many.advance(30)
    assert any(many.broken)
    alone = SeedsAtOnce(how, [0])
    alone.advance(30)
    assert alone.broken[0] == many.broken[0]
    np.testing.assert_allclose([row[0] for row in many.losses[:5]], [row[0] for row in alone.losses[:5]], rtol=1e-4)
    with pytest.raises(ValueError, match="several seeds at once"):
        SeedsAtOnce(Settings("lstm"), [0])


def test_every_sum_is_checked_and_a_wrong_bit_counts():
    class Perfect(nn.Module):
        def forward(self, x):
            carry, out = torch.zeros(x.shape[1]), []
            for x_t in x:
                total = x_t.sum(-1) + carry
                carry = (total > 1).float()
                out.append(2 * (total % 2) - 1)
            return torch.stack(out)[..., None]

    net = Perfect()
    assert sums_right(net, 8) == len(all_pairs(8)) == 65_536
    assert right_by_bits(net, (1, 8, 61), 50) == [1, 1, 1]
    pairs = torch.tensor([[5, 7], [255, 255]])
    assert [read_sum(column) for column in said(net, pairs, 8).T] == [12, 510]

    class Forgets(Perfect):
        def forward(self, x):
            y = super().forward(x)
            y[-1] = -1  # never says the last bit
            return y

    right = int((all_pairs(8).sum(1) < 256).sum())
    assert sums_right(Forgets(), 8) == right
    with pytest.raises(ValueError, match="8 is the most"):
        all_pairs(9)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.floats(-1, 1), st.booleans()), min_size=2, max_size=30))
def test_the_best_threshold_is_the_best_of_all(rows):
    v = torch.tensor([x for x, _ in rows], dtype=torch.float64)[:, None]
    c = torch.tensor([b for _, b in rows])
    (found,) = carry_units(v, c)
    cuts = [-math.inf, *v[:, 0].tolist(), math.inf]
    best = max(float(((v[:, 0] > cut) ^ turned == c).double().mean()) for cut in cuts for turned in (False, True))
    assert found.right == pytest.approx(best)


def test_states_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="do not fit"):
        carry_units(torch.zeros(3, 2), torch.zeros(4))
    assert bits_of(torch.tensor([5]), 3)[:, 0].tolist() == [1, 0, 1]


def test_the_shipped_adder_is_right_on_all_65536_sums():
    scores = measure("adder")
    assert scores["sums_right"] == 65_536
    assert scores == pytest.approx(load_card("adder")["scores"])
    assert load_card("adder")["seeds"]["sums_right"]["each"] == [65_536] * 3
    assert load_card("adder")["baseline"]["sums_right"] == floor() == 3**8
    assert scores["carry_unit_right"] == 1
