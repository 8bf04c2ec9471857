"""Every cell equals torch, for random weights that differ in every gate."""

import numpy as np
import pytest
import torch
from torch import nn

from rnn_core.cells import gru_step, lstm_step, peephole_lstm_step, rnn_step
from rnn_core.cells.layers import StepLayer
from rnn_core.cells.weights import module_weights

D, H = 5, 4
MODULES = {
    "rnn": nn.RNN,
    "lstm": nn.LSTM,
    "gru": nn.GRU,
}


def random_module(kind: str, seed: int = 0, **options) -> nn.RNNBase:
    torch.manual_seed(seed)
    module = MODULES[kind](D, H, **options).double()
    for parameter in module.parameters():
        nn.init.normal_(parameter)
    return module.requires_grad_(False)


@pytest.mark.parametrize("array", ["numpy", "torch"])
@pytest.mark.parametrize("kind", MODULES)
def test_step_equals_torch(kind, array):
    module = random_module(kind)
    x, h, c = torch.randn(3, D), torch.randn(3, H), torch.randn(3, H)
    x, h, c = x.double(), h.double(), c.double()
    state = (h[None], c[None]) if kind == "lstm" else h[None]
    _, last = module(x[None], state)
    W = module_weights(module)
    if array == "numpy":
        W = {k: v.numpy() for k, v in W.items()}
        x, h, c = x.numpy(), h.numpy(), c.numpy()
    if kind == "lstm":
        step = lstm_step(x, h, c, W)
        pairs = [(step.h, last[0][0]), (step.c, last[1][0])]
    else:
        step = {"rnn": rnn_step, "gru": gru_step}[kind](x, h, W)
        pairs = [(step.h, last[0])]
    for ours, theirs in pairs:
        assert type(ours) is type(x)
        np.testing.assert_allclose(np.asarray(ours), theirs.numpy(), atol=1e-10, rtol=0)


@pytest.mark.parametrize("kind", MODULES)
def test_swapping_any_two_gates_changes_the_result(kind):
    module = random_module(kind)
    W = module_weights(module)
    x, h, c = (torch.randn(n, dtype=torch.float64) for n in (D, H, H))

    def run(weights):
        if kind == "lstm":
            return lstm_step(x, h, c, weights).h
        return {"rnn": rnn_step, "gru": gru_step}[kind](x, h, weights).h

    right = run(W)
    gates = {"rnn": "h", "lstm": "ifgo", "gru": "rzn"}[kind]
    for one in gates:
        for other in gates:
            if one < other:
                swapped = dict(W)
                for prefix in ("W_x", "W_h"):
                    a, b = prefix + one, prefix + other
                    swapped[a], swapped[b] = W[b], W[a]
                assert (run(swapped) - right).abs().max() > 1e-3, (one, other)


def test_forget_one_input_zero_keeps_the_cell_exactly():
    W = module_weights(random_module("lstm"))
    W = {k: torch.zeros_like(v) for k, v in W.items()}
    W["b_f"], W["b_i"] = torch.full((H,), 1e4).double(), torch.full((H,), -1e4).double()
    c_0 = torch.randn(H, dtype=torch.float64)
    h, c = torch.zeros(H).double(), c_0
    for _ in range(200):
        step = lstm_step(torch.randn(D).double(), h, c, W)
        h, c = step.h, step.c
    assert torch.equal(c, c_0)


def test_update_gate_at_one_keeps_the_gru_state_exactly():
    W = module_weights(random_module("gru"))
    W["b_z"] = torch.full((H,), 1e4).double()
    h = torch.randn(H, dtype=torch.float64)
    assert torch.equal(gru_step(torch.randn(D).double(), h, W).h, h)


def test_peephole_without_peepholes_is_the_lstm():
    W = module_weights(random_module("lstm"))
    peep = W | {f"w_c{g}": torch.zeros(H).double() for g in "ifo"}
    x, h, c = (torch.randn(n, dtype=torch.float64) for n in (D, H, H))
    assert torch.equal(peephole_lstm_step(x, h, c, peep).h, lstm_step(x, h, c, W).h)


def test_output_peephole_sees_the_new_cell():
    W = module_weights(random_module("lstm"))
    W |= {f"w_c{g}": torch.zeros(H).double() for g in "if"}
    W["w_co"] = torch.randn(H, dtype=torch.float64)
    x, h, c = (torch.randn(n, dtype=torch.float64) for n in (D, H, H))
    step = peephole_lstm_step(x, h, c, W)
    plain = x @ W["W_xo"].T + h @ W["W_ho"].T + W["b_o"]
    torch.testing.assert_close(step.a_o, plain + W["w_co"] * step.c, atol=1e-12, rtol=0)


def test_two_steps_by_hand():
    """W_xh = 1, W_hh = 0.5, b = 0, x = (1, 0): h_1 = tanh 1, h_2 = tanh(0.5 tanh 1)."""
    layer = StepLayer("rnn", 1, 1).double()
    for name, value in {"W_xh": 1.0, "W_hh": 0.5, "b_h": 0.0}.items():
        getattr(layer, name).data.fill_(value)
    hs, _ = layer(torch.tensor([[[1.0]], [[0.0]]]).double())
    # tanh 1 = 0.7615941559557649; 0.5 × that = 0.38079707797788243; tanh of it = 0.3633994843...
    np.testing.assert_allclose(hs.detach().flatten(), [0.7615941559557649, 0.36339944], atol=1e-8)


@pytest.mark.parametrize("size", [0, -1])
def test_layer_refuses_sizes(size):
    with pytest.raises(ValueError, match="sizes"):
        StepLayer("rnn", size, 3)


def test_layer_refuses_kind_and_activation():
    with pytest.raises(ValueError, match="kind"):
        StepLayer("elman", 2, 3)
    with pytest.raises(ValueError, match="activation"):
        StepLayer("rnn", 2, 3, "swish")
