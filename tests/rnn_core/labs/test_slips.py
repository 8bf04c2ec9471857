"""The formulas of the sources' errors: right where there is no slip, and wrong in the way that is said."""

import numpy as np
import pytest
import torch
from torch import nn

from rnn_core import load, trace
from rnn_core.backward.readout import autograd_gradients, backward_pass
from rnn_core.backward.truncation import block_lengths
from rnn_core.labs.slips import (
    CELL_SLIPS,
    WAYS_BACK,
    off_by,
    scalar_gradient,
    slipped_gradients,
    slipped_nats,
    slipped_states,
)
from rnn_core.networks.char_lm import CharLM
from rnn_core.training.clipping import clip_each_by_norm


def test_off_by_is_cosine_length_and_error():
    found = off_by(torch.tensor([3.0, 4.0]), np.array([5.0, 0.0]))
    assert found == pytest.approx((0.6, 1.0, np.sqrt(4 + 16) / 5))
    assert np.isnan(off_by(np.zeros(2), np.ones(2)).cosine)


# --- the way back ----------------------------------------------------------------------------------


def test_a_net_of_one_unit_has_autograds_gradient():
    rng = np.random.default_rng(3)
    w, x, target = rng.normal(size=(3, 50)), rng.normal(size=4), 0.7
    W = [torch.tensor(v, requires_grad=True) for v in w]
    s = torch.zeros(50, dtype=torch.double)
    for value in x:
        s = torch.tanh(W[1] * s + W[0] * float(value))
    (0.5 * (W[2] * s - target) ** 2).sum().backward()
    for ours, theirs in zip(scalar_gradient(*w, x, target), W, strict=True):
        np.testing.assert_allclose(ours, theirs.grad.numpy(), atol=1e-12)


def test_going_back_through_w_out_is_the_articles_formula():
    w_input, w_hidden, w_out = (np.array([v]) for v in (0.8, -0.5, 1.2))
    x, target = np.array([1.0, 0.4, -0.3]), 0.5
    s1 = np.tanh(w_input * x[0])
    s2 = np.tanh(w_hidden * s1 + w_input * x[1])
    s3 = np.tanh(w_hidden * s2 + w_input * x[2])
    d3 = (w_out * s3 - target) * w_out * (1 - s3**2)
    d2 = d3 * w_out * (1 - s2**2)
    d1 = d2 * w_out * (1 - s1**2)
    found = scalar_gradient(w_input, w_hidden, w_out, x, target, "out")
    np.testing.assert_allclose(found.w_input, d3 * x[2] + d2 * x[1] + d1 * x[0])
    np.testing.assert_allclose(found.w_hidden, d3 * s2 + d2 * s1)
    np.testing.assert_allclose(found.w_out, (w_out * s3 - target) * s3)
    same = scalar_gradient(w_input, w_out, w_out, x, target)  # where both weights are equal, nothing is wrong
    np.testing.assert_allclose(same, scalar_gradient(w_input, w_out, w_out, x, target, "out"))
    with pytest.raises(ValueError, match="through"):
        scalar_gradient(w_input, w_hidden, w_out, x, target, "in")


def lecture_pass(**how):
    model = load("hello-lecture")
    return model, backward_pass(model.rnn, model.readout, model.one_hot("hell"), model.one_hot("ello"), **how)


def test_without_a_slip_it_is_bptt():
    model, done = lecture_pass()
    found = slipped_gradients(done, model.readout)
    for name, truth in autograd_gradients(model.rnn, model.readout, done).items():
        torch.testing.assert_close(found[name], truth, atol=1e-6, rtol=1e-5)
    assert found.keys() == done.gradients().keys()


def test_every_slip_is_the_one_that_is_said():
    model, done = lecture_pass()
    right = done.gradients()
    found = {slip: slipped_gradients(done, model.readout, slip) for slip in WAYS_BACK}
    # nothing from the step after: what truncation after one step gives
    _, cut = lecture_pass(block=1)
    for name, truth in cut.gradients().items():
        torch.testing.assert_close(found["no_path"][name], truth, atol=1e-6, rtol=1e-5)
    for name in right:
        torch.testing.assert_close(found["last_step"][name], done.contributions(name)[-1])
    h, deltas = done.run.lane().h[:, 0], done.grads["a_h"][:, 0]
    torch.testing.assert_close(found["same_step"]["W_hh"], deltas.T @ h)
    later, wrong = torch.zeros(3), torch.zeros(3, 4)
    for t in (3, 2, 1, 0):
        later = (model.rnn.weight_hh_l0.T @ later + model.readout.weight.T @ done.out_deltas[t]) * h[t]
        wrong += torch.outer(later, done.run.lane().x[t, 0])
    torch.testing.assert_close(found["value"]["W_xh"], wrong)
    touched = {
        "value": {"W_xh", "W_hh", "b_h"},
        "no_path": {"W_xh", "W_hh", "b_h"},
        "same_step": {"W_hh"},
        "last_step": set(right),
    }
    for slip, names in touched.items():
        for name in right:
            same = torch.allclose(found[slip][name], right[name], atol=1e-6)
            assert same is (name not in names), (slip, name)
    with pytest.raises(ValueError, match="no slip"):
        slipped_gradients(done, model.readout, "other")


def test_blocks_are_counted_by_the_loop():
    assert block_lengths(100, 30) == ([1, 30, 30, 30], 9)
    assert block_lengths(100, 30, 29) == ([30, 30, 30], 10)
    for steps, k in ((1, 1), (7, 3), (90, 30)):
        blocks, left = block_lengths(steps, k)
        assert sum(blocks) + left == steps
        assert blocks[0] == 1
    for bad in ((5, 0, 0), (5, 3, 3), (5, 3, -1)):
        with pytest.raises(ValueError, match="k must be"):
            block_lengths(*bad)


def test_every_array_by_its_own_norm_is_torchs_clipping_of_each():
    torch.manual_seed(0)
    ours, theirs = ([torch.zeros(n, requires_grad=True) for n in (3, 40, 5)] for _ in range(2))
    for k, (a, b) in enumerate(zip(ours, theirs, strict=True)):
        a.grad = torch.randn(len(a)) * 10 ** (k - 1)
        b.grad = a.grad.clone()
    whole = torch.cat([p.grad for p in ours])
    assert clip_each_by_norm(ours, 1.0) == pytest.approx(float(whole.norm()))
    for a, b in zip(ours, theirs, strict=True):
        torch.nn.utils.clip_grad_norm_([b], 1.0)
        torch.testing.assert_close(a.grad, b.grad, atol=1e-5, rtol=1e-5)
    turned = torch.cat([p.grad for p in ours])
    assert float(turned @ whole / turned.norm() / whole.norm()) < 0.99
    with pytest.raises(ValueError, match="threshold"):
        clip_each_by_norm(ours, 0.0)


# --- the cells -------------------------------------------------------------------------------------

D, H, T = 3, 4, 6


def layer(cls):
    torch.manual_seed(7)
    rnn = cls(D, H).double().requires_grad_(False)
    return rnn, torch.randn(T, D, dtype=torch.double)


@pytest.mark.parametrize("cls", [nn.LSTM, nn.GRU])
def test_without_a_slip_the_cells_are_torchs(cls):
    rnn, x = layer(cls)
    torch.testing.assert_close(slipped_states(rnn, x), rnn(x)[0])


def rows(tensor, gate):
    k = "ifgo".index(gate)
    return tensor[k * H : (k + 1) * H]


def test_columns_taken_the_wrong_way_are_a_net_with_other_columns():
    rnn, x = layer(nn.LSTM)
    found = slipped_states(rnn, x, "columns")
    both = torch.cat([rows(rnn.weight_hh_l0, "g"), rows(rnn.weight_ih_l0, "g")], 1).clone()
    rows(rnn.weight_ih_l0, "g")[:] = both[:, :D]
    rows(rnn.weight_hh_l0, "g")[:] = both[:, D:]
    torch.testing.assert_close(found, rnn(x)[0])


def test_g_by_o_is_a_net_whose_input_gate_is_its_output_gate():
    rnn, x = layer(nn.LSTM)
    found = slipped_states(rnn, x, "g_by_o")
    for p in rnn.parameters():
        rows(p, "i")[:] = rows(p, "o")
    torch.testing.assert_close(found, rnn(x)[0])


def test_the_forget_gate_on_the_hidden_state_written_out():
    rnn, x = layer(nn.LSTM)
    h = c = torch.zeros(H, dtype=torch.double)
    for x_t, seen in zip(x, slipped_states(rnn, x, "f_on_h"), strict=True):
        a = rnn.weight_ih_l0 @ x_t + rnn.bias_ih_l0 + rnn.weight_hh_l0 @ h + rnn.bias_hh_l0
        i, f, g, o = a.view(4, H)
        c = c + i.sigmoid() * g.tanh()
        h = f.sigmoid() * o.sigmoid() * c.tanh()
        torch.testing.assert_close(seen, h)


def test_z_the_other_way_round_is_a_net_with_its_weights_turned_in_sign():
    rnn, x = layer(nn.GRU)
    found = slipped_states(rnn, x, "z_turned")
    for p in rnn.parameters():
        p[H : 2 * H] *= -1  # 1 − σ(a) = σ(−a)
    torch.testing.assert_close(found, rnn(x)[0])


def test_a_slip_belongs_to_its_cell():
    (lstm, x), (gru, _) = layer(nn.LSTM), layer(nn.GRU)
    for rnn, slip in ((lstm, "z_turned"), (gru, "columns"), (lstm, "other")):
        with pytest.raises(ValueError, match="no slip"):
            slipped_states(rnn, x, slip)


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_nats_without_a_slip_are_the_models(cell):
    torch.manual_seed(2)
    model = CharLM(cell, "abc ", 5, 6).eval().requires_grad_(False)
    text = "a cab abc"
    truth = -model.read(text).next_log_p().mean()
    assert slipped_nats(model, text) == pytest.approx(truth, abs=1e-6)
    for slip in CELL_SLIPS[1:]:
        if (slip == "z_turned") == (cell == "gru"):
            assert slipped_nats(model, text, slip) != pytest.approx(truth, abs=1e-6)


def test_one_path_of_the_sum_is_nothing_without_a_first_state():
    """What `gradients` says of one path: δ_1 h_0ᵀ is 0 from h_0 = 0, and the steps' terms add up to autograd's gradient."""
    from rnn_core.backward.bptt import backpropagate

    torch.manual_seed(1)
    rnn, x = nn.RNN(2, 3), torch.randn(5, 1, 2)
    last = torch.zeros(5, 1, 3)
    last[-1] = torch.randn(1, 3)
    steps = backpropagate(trace(rnn, x), last).lane().contributions("W_hh")
    (rnn(x)[0] * last).sum().backward()
    torch.testing.assert_close(steps.sum(0), rnn.weight_hh_l0.grad)
    assert (steps[0] == 0).all()
