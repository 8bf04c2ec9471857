"""BPTT by hand is autograd: every kind of cell, layers, directions, lengths, truncation; every delta explained."""

import itertools

import numpy as np
import pytest
import torch
from torch import nn

from rnn_core import StepLayer, backpropagate, trace
from rnn_core.backward.bptt import (
    gru_step_backward,
    lstm_step_backward,
    peephole_lstm_step_backward,
    rnn_step_backward,
)

T, B, D, H = 7, 2, 3, 4
MODULES = {
    "rnn": lambda: nn.RNN(D, H),
    "rnn relu": lambda: nn.RNN(D, H, nonlinearity="relu"),
    "rnn no bias": lambda: nn.RNN(D, H, bias=False),
    "lstm": lambda: nn.LSTM(D, H),
    "lstm batch first": lambda: nn.LSTM(D, H, batch_first=True),
    "gru": lambda: nn.GRU(D, H),
    "gru no bias": lambda: nn.GRU(D, H, bias=False),
    "stacked lstm": lambda: nn.LSTM(D, H, num_layers=3),
    "two-way gru": lambda: nn.GRU(D, H, num_layers=2, bidirectional=True),
    "two-way rnn": lambda: nn.RNN(D, H, bidirectional=True),
    "sigmoid": lambda: StepLayer("rnn", D, H, "sigmoid"),
    "linear": lambda: StepLayer("rnn", D, H, "identity"),
    "peephole": lambda: StepLayer("peephole", D, H),
    "own lstm": lambda: StepLayer("lstm", D, H),
    "own gru": lambda: StepLayer("gru", D, H),
}


def made(name, seed=0):
    torch.manual_seed(seed)
    return MODULES[name]().double()


def weighting(shape, at, seed=5):
    """Random ∂E/∂h: at all steps, or at the last alone."""
    g = torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    if at == "last":
        g[:-1] = 0
    return g


def inputs(module, seed=3):
    x = torch.randn(T, B, D, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return x.transpose(0, 1) if getattr(module, "batch_first", False) else x


@pytest.mark.parametrize("at", ["all", "last"])
@pytest.mark.parametrize("name", MODULES)
def test_equals_autograd(name, at):
    for seed in range(3):
        module = made(name, seed)
        x = inputs(module).requires_grad_()
        output, _ = module(x)
        output = output.transpose(0, 1) if getattr(module, "batch_first", False) else output
        weights = weighting(output.shape, at)
        (output * weights).sum().backward()
        grads = backpropagate(trace(module, x.detach()), weights)
        ours = grads.parameters(module)
        assert set(ours) == {n for n, _ in module.named_parameters()}
        for key, parameter in module.named_parameters():
            torch.testing.assert_close(ours[key], parameter.grad, rtol=1e-9, atol=1e-9)
        below = x.grad.transpose(0, 1) if getattr(module, "batch_first", False) else x.grad
        torch.testing.assert_close(grads.x, below, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name", ["rnn", "lstm", "gru", "two-way gru", "stacked lstm"])
def test_lengths_and_states_equal_autograd(name):
    module = made(name)
    x = inputs(module).requires_grad_()
    lengths = torch.tensor([T, 4])
    lanes = module.num_layers * (2 if module.bidirectional else 1)
    h_0 = torch.randn(lanes, B, H, dtype=torch.float64, requires_grad=True)
    c_0 = torch.randn(lanes, B, H, dtype=torch.float64, requires_grad=True)
    state = (h_0, c_0) if name.endswith("lstm") else h_0
    packed = nn.utils.rnn.pack_padded_sequence(x, lengths)
    out, last = module(packed, state)
    out = nn.utils.rnn.pad_packed_sequence(out)[0]
    weights, on_last = weighting(out.shape, "all"), weighting((lanes, B, H), "all", 9)
    last_h = last[0] if isinstance(last, tuple) else last
    ((out * weights).sum() + (last_h * on_last).sum()).backward()
    plain = tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()
    grads = backpropagate(trace(module, x.detach(), state=plain, lengths=lengths), weights, on_last)
    for key, ours in grads.parameters(module).items():
        torch.testing.assert_close(ours, getattr(module, key).grad, rtol=1e-9, atol=1e-9)
    torch.testing.assert_close(grads.x, x.grad, rtol=1e-9, atol=1e-9)
    torch.testing.assert_close(torch.stack([g.h_0 for g in grads.lanes]), h_0.grad, rtol=1e-9, atol=1e-9)
    if c_0.grad is not None:
        torch.testing.assert_close(torch.stack([g.c_0 for g in grads.lanes]), c_0.grad, rtol=1e-9, atol=1e-9)


def test_equals_finite_differences():
    """Independent of autograd: nudge every weight of a tiny LSTM and look."""
    torch.manual_seed(1)
    module = nn.LSTM(1, 2).double()
    x = torch.randn(4, 1, 1, dtype=torch.float64)
    ours = backpropagate(trace(module, x), torch.ones(4, 1, 2, dtype=torch.float64)).parameters(module)
    for key, parameter in module.named_parameters():
        for index in np.ndindex(*parameter.shape):
            ends = []
            for step in (1e-6, -2e-6):
                with torch.no_grad():
                    parameter[index] += step
                ends.append(module(x)[0].sum().item())
            with torch.no_grad():
                parameter[index] += 1e-6
            assert ours[key][index].item() == pytest.approx((ends[0] - ends[1]) / 2e-6, abs=1e-8)


@pytest.mark.parametrize("block", [1, 2, 3, 7, 20])
@pytest.mark.parametrize("name", ["rnn", "lstm", "gru", "peephole"])
def test_truncated_equals_autograd_with_detached_states(name, block):
    module = made(name)
    x = inputs(module)
    weights = weighting((T, B, H), "all")
    state, total = None, 0.0
    for start in range(0, T, block):
        out, state = module(x[start : start + block], state)
        total = total + (out * weights[start : start + block]).sum()
        state = tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()
    total.backward()
    ours = backpropagate(trace(module, x), weights, block=block).parameters(module)
    for key, parameter in module.named_parameters():
        torch.testing.assert_close(ours[key], parameter.grad, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("block", [None, 3])
@pytest.mark.parametrize("name", ["rnn", "sigmoid", "rnn relu", "lstm", "gru", "peephole", "two-way rnn"])
def test_every_delta_is_the_sum_of_its_products(name, block):
    """The table of equations, differentiated term by term, gives what the written-out code gives."""
    module = made(name)
    grads = backpropagate(
        trace(module, inputs(module)),
        weighting((T, B, H * (2 if "two" in name else 1)), "all"),
        block=block,
    )
    for lane in grads.lanes:
        assert {"h"} <= set(lane.deltas)
        for key, t, unit in itertools.product(lane.deltas, range(T), range(H)):
            why = lane.explain(key, t, unit, batch=1)
            assert why.value == pytest.approx(why.total, abs=1e-10), (key, t, unit)
            assert all(term.product == pytest.approx(term.weight * term.source) for term in why.terms)
        for weight, value in lane.weights.items():
            shape = value.shape
            both = [lane.explain_weight(weight, shape[0] - 1, 0, batch=b).total for b in range(B)]
            there = value[-1, 0] if value.dim() == 2 else value[-1]
            assert sum(both) == pytest.approx(there.item(), abs=1e-10)
            torch.testing.assert_close(lane.contributions(weight).sum(0), value)


def test_two_steps_worked_by_hand():
    """h_1 = tanh(1) = 0.76159, h_2 = tanh(0.5 · 0.76159) = 0.36340; E = h_2.

    δ_2 = 1 − h_2² = 0.86794;  dh_1 = 0.5 δ_2 = 0.43397;  δ_1 = dh_1 (1 − h_1²) = 0.18226.
    ∂E/∂W_hh = δ_2 h_1 + δ_1 h_0 = 0.66102;  ∂E/∂W_xh = δ_1 x_1 + δ_2 x_2 = 0.18226;  ∂E/∂b = δ_1 + δ_2 = 1.05020.
    """
    layer = StepLayer("rnn", 1, 1).double()
    with torch.no_grad():
        layer.W_xh.fill_(1.0), layer.W_hh.fill_(0.5), layer.b_h.zero_()
    x = torch.tensor([[1.0], [0.0]], dtype=torch.float64)
    grads = backpropagate(trace(layer, x), torch.tensor([[0.0], [1.0]]).double()).lane()
    assert grads["a_h"].flatten().tolist() == pytest.approx([0.18226, 0.86794], abs=1e-5)
    assert grads["h"].flatten().tolist() == pytest.approx([0.43397, 1.0], abs=1e-5)
    found = {name: w.item() for name, w in grads.weights.items()}
    assert found == pytest.approx({"W_hh": 0.66102, "W_xh": 0.18226, "b_h": 1.05020}, abs=1e-5)


def test_steps_are_written_for_numpy_too():
    rng = np.random.default_rng(0)
    W = {f"W_x{q}": rng.normal(size=(H, D)) for q in "ifgorznh"}
    W |= {f"W_h{q}": rng.normal(size=(H, H)) for q in "ifgorznh"}
    W |= {f"w_c{q}": rng.normal(size=H) for q in "ifo"}
    step = {name: rng.uniform(size=(B, H)) for name in "ifgorznmch"}
    dh, dc, before = (rng.normal(size=(B, H)) for _ in range(3))
    for call in (
        lambda a: rnn_step_backward(a(dh), {k: a(v) for k, v in step.items()}, wrap(W, a)),
        lambda a: lstm_step_backward(a(dh), a(dc), {k: a(v) for k, v in step.items()}, a(before), wrap(W, a)),
        lambda a: peephole_lstm_step_backward(a(dh), a(dc), {k: a(v) for k, v in step.items()}, a(before), wrap(W, a)),
        lambda a: gru_step_backward(a(dh), {k: a(v) for k, v in step.items()}, a(before), wrap(W, a)),
    ):
        for ours, theirs in zip(call(np.asarray), call(torch.tensor), strict=True):
            assert isinstance(ours, np.ndarray)
            np.testing.assert_allclose(ours, theirs.numpy(), rtol=1e-12)


def wrap(W, kind):
    return {name: kind(w) for name, w in W.items()}


def test_swapping_any_two_gates_changes_the_gradients():
    module = made("lstm")
    lane = backpropagate(trace(module, inputs(module)), weighting((T, B, H), "all")).lane()
    for a, b in itertools.combinations("ifgo", 2):
        assert (lane.weights[f"W_h{a}"] - lane.weights[f"W_h{b}"]).abs().max() > 1e-3


def test_bad_input_is_named():
    run = trace(made("rnn"), inputs(made("rnn")))
    with pytest.raises(ValueError, match=r"must be \(7, 2, 4\)"):
        backpropagate(run, torch.ones(7, 2, 5))
    with pytest.raises(ValueError, match="block"):
        backpropagate(run, torch.ones(7, 2, 4, dtype=torch.float64), block=0)
    with pytest.raises(ValueError, match="grad_state"):
        backpropagate(run, torch.ones(7, 2, 4).double(), torch.ones(2, 4).double())
    padded = trace(made("rnn"), inputs(made("rnn")), lengths=[7, 3])
    with pytest.raises(ValueError, match="equal length"):
        backpropagate(padded, torch.ones(7, 2, 4).double(), block=3)
    grads = backpropagate(run, torch.ones(7, 2, 4, dtype=torch.float64))
    lane = grads.lane()
    with pytest.raises(KeyError, match="no delta of 'q'"):
        lane["q"]
    with pytest.raises(KeyError, match="no weight"):
        lane.contributions("W_xq")
    with pytest.raises(IndexError, match="unit"):
        lane.explain("h", 0, 99)
    with pytest.raises(KeyError):
        grads.lane(3)
    with pytest.raises(TypeError, match="Linear"):
        grads.parameters(nn.Linear(1, 1))
