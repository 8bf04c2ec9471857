"""RTRL is BPTT; truncation in blocks and by window are what they say, and not the same."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from rnn_core import StepLayer, backpropagate, trace
from rnn_core.backward.rtrl import bptt, rtrl
from rnn_core.backward.truncation import truncation_errors, window_gradients


@pytest.mark.parametrize("fn", ["tanh", "relu", "sigmoid", "identity"])
@pytest.mark.parametrize("kind", [np.asarray, torch.tensor], ids=["numpy", "torch"])
def test_rtrl_equals_bptt_and_the_library(kind, fn):
    rng = np.random.default_rng(0)
    T, D, H = 6, 3, 4
    W = {
        "W_xh": rng.normal(size=(H, D)),
        "W_hh": rng.normal(size=(H, H)),
        "b_h": rng.normal(size=H),
    }
    xs, h_0, direct = rng.normal(size=(T, D)), rng.normal(size=H), rng.normal(size=(T, H))
    given = kind(direct)
    arguments = (kind(xs), kind(h_0), {k: kind(w) for k, w in W.items()}, lambda t, h: given[t])
    forward, back = rtrl(*arguments, fn), bptt(*arguments, fn)
    layer = StepLayer("rnn", D, H, fn).double()
    with torch.no_grad():
        for name, w in W.items():
            getattr(layer, name).copy_(torch.tensor(w))
    run = trace(layer, torch.tensor(xs), state=torch.tensor(h_0)[None])
    ours = backpropagate(run, torch.tensor(direct)).lane().weights
    for name in W:
        a, b = np.asarray(getattr(forward, name)), np.asarray(getattr(back, name))
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-11)
        np.testing.assert_allclose(b, ours[name].numpy(), rtol=1e-9, atol=1e-11)


def test_rtrl_has_the_gradient_of_what_was_seen_so_far():
    """Cut the loss off after step t: RTRL's sum of that moment is already its gradient."""
    rng = np.random.default_rng(1)
    W = {"W_xh": rng.normal(size=(3, 2)), "W_hh": rng.normal(size=(3, 3)), "b_h": np.zeros(3)}
    xs = rng.normal(size=(5, 2))
    whole = rtrl(xs, np.zeros(3), W, lambda t, h: h * (t <= 2))
    part = bptt(xs[:3], np.zeros(3), W, lambda t, h: h)
    np.testing.assert_allclose(whole.W_hh, part.W_hh)


def test_rtrl_names_an_unknown_activation():
    W = {"W_xh": np.ones((1, 1)), "W_hh": np.ones((1, 1)), "b_h": np.ones(1)}
    for way in (rtrl, bptt):
        with pytest.raises(ValueError, match="softsign"):
            way(np.ones((1, 1)), np.zeros(1), W, lambda t, h: h, "softsign")


@pytest.mark.parametrize("window", [1, 2, 4, 9])
@pytest.mark.parametrize("kind", ["rnn", "lstm", "gru", "peephole"])
def test_window_equals_a_graph_cut_for_every_loss(kind, window):
    """The slow and obvious way: for every loss run the last k steps again from a detached state."""
    torch.manual_seed(0)
    T, D, H = 6, 2, 3
    layer = StepLayer(kind, D, H).double()
    x, direct = torch.randn(T, 1, D).double(), torch.randn(T, 1, H).double()
    run = trace(layer, x)
    total = 0.0
    for s in range(T):
        first = max(0, s - window + 1)
        state = None
        if first:
            lane = run.lane()
            h = lane["h"][first - 1][None]
            state = (h, lane["c"][first - 1][None]) if lane.c_0 is not None else h
            state = tuple(v.clone() for v in state) if isinstance(state, tuple) else state.clone()
        out, _ = layer(x[first : s + 1], state)
        total = total + (out[-1] * direct[s]).sum()
    total.backward()
    ours = window_gradients(run, direct, window)
    for name, parameter in layer.named_parameters():
        torch.testing.assert_close(ours[name], parameter.grad, rtol=1e-9, atol=1e-9)


def test_errors_fall_to_nothing_and_the_two_kinds_differ():
    torch.manual_seed(0)
    rnn = nn.RNN(2, 8).double()
    run = trace(rnn, torch.randn(12, 2).double())
    errors = truncation_errors(run, torch.randn(12, 8).double(), [1, 2, 3, 6, 12, 20])
    assert [e.k for e in errors] == [1, 2, 3, 6, 12, 20]
    assert errors[-1].blocks == errors[-2].blocks == 0
    assert errors[-1].window == pytest.approx(0, abs=1e-12)
    assert errors[0].blocks == errors[0].window > 0.05  # k = 1: both see one step
    assert errors[2].window < errors[2].blocks
    assert all(-1 <= e.cosine_blocks <= 1 + 1e-12 for e in errors)
    assert math.isclose(errors[-1].cosine_window, 1)


def test_blocks_see_only_the_last_piece_of_a_loss_at_the_end():
    torch.manual_seed(0)
    run = trace(nn.RNN(2, 3).double(), torch.randn(7, 2).double())
    last = torch.zeros(7, 3).double()
    last[-1] = 1
    lane = backpropagate(run, last, block=3).lane()  # pieces 0–2, 3–5, 6
    assert lane["a_h"][:6].abs().max() == 0
    assert lane["a_h"][6].abs().max() > 0


def test_bad_input_is_named():
    run = trace(nn.RNN(2, 3, num_layers=2), torch.randn(7, 2))
    with pytest.raises(ValueError, match="one layer"):
        window_gradients(run, torch.ones(7, 3), 2)
    with pytest.raises(ValueError, match="window"):
        window_gradients(trace(nn.RNN(2, 3), torch.randn(7, 2)), torch.ones(7, 3), 0)


def test_error_and_cosine_are_recomputed_from_the_gradients():
    torch.manual_seed(0)
    run, given = (
        trace(nn.RNN(2, 3).double(), torch.randn(7, 2).double()),
        torch.randn(7, 3).double(),
    )
    full, part = backpropagate(run, given).lane().weights, backpropagate(run, given, block=2).lane().weights
    flat = [np.concatenate([w.numpy().ravel() for w in g.values()]) for g in (part, full)]
    (found,) = truncation_errors(run, given, [2])
    assert found.blocks == pytest.approx(np.linalg.norm(flat[0] - flat[1]) / np.linalg.norm(flat[1]))
    assert found.cosine_blocks == pytest.approx(flat[0] @ flat[1] / np.linalg.norm(flat[0]) / np.linalg.norm(flat[1]))
    assert found.blocks > 0.0
    assert found.cosine_blocks < 1.0


def test_a_backward_lane_is_cut_in_its_own_time():
    """A backward lane starts at the last position: its blocks of 2 over 5 steps are (4, 3), (2, 1), (0)."""
    run = trace(nn.RNN(1, 2, bidirectional=True), torch.randn(5, 1))
    grads = backpropagate(run, torch.ones(5, 4), block=2)
    assert grads.lane(0, "forward").cuts == {2, 4}
    assert grads.lane(0, "backward").cuts == {2, 0}


def test_a_window_refuses_another_shape():
    run = trace(nn.RNN(1, 2), torch.randn(5, 1))
    with pytest.raises(ValueError, match=r"grad_output must be \(5, 1, 2\)"):
        window_gradients(run, torch.ones(4, 2), 2)
