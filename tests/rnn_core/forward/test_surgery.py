"""Held values: without any the numbers are those of torch; with some, all that follows follows from them."""

import pytest
import torch
from torch import nn

from rnn_core import StepLayer, backpropagate, gradient_profile, trace
from rnn_core.cells.equations import equations
from rnn_core.forward.surgery import Clamp, operate

MODULES = {
    "rnn": lambda: nn.RNN(3, 4),
    "lstm": lambda: nn.LSTM(3, 4),
    "gru": lambda: nn.GRU(3, 4),
    "peephole": lambda: StepLayer("peephole", 3, 4),
    "sigmoid": lambda: StepLayer("rnn", 3, 4, "sigmoid"),
}


@pytest.fixture
def x():
    return torch.randn(7, 2, 3, generator=torch.Generator().manual_seed(0)).double()


@pytest.mark.parametrize("name", MODULES)
def test_nothing_held_is_the_plain_run(name, x):
    torch.manual_seed(1)
    module = MODULES[name]().double()
    plain, ours = trace(module, x), operate(module, x, [])
    assert list(plain.lane().values) == ["x", *(n for n in plain.lane().values if n != "x")]
    assert set(plain.lane().values) == set(ours.lane().values)
    for value in plain.lane().values:
        torch.testing.assert_close(ours.lane()[value], plain.lane()[value], rtol=0, atol=1e-12)
    torch.testing.assert_close(ours.output, plain.output, rtol=0, atol=1e-12)
    ((last, _),) = [(ours.state, 0)] if isinstance(ours.state, torch.Tensor) else [ours.state]
    assert last.shape == (1, 2, 4)


def test_f_1_and_i_0_keep_the_cell_exactly_for_ever(x):
    module = nn.LSTM(3, 4).double()
    long = x.repeat(200, 1, 1)
    run = operate(module, long, [Clamp("f", 1.0, 3), Clamp("i", 0.0, 3)]).lane()
    assert (run.c[3:] == run.c[2]).all()
    assert not (run.h[3] == run.h[4]).all()  # the output gate still works


@pytest.mark.parametrize("name", ["lstm", "gru", "peephole"])
def test_every_value_can_be_held_and_what_follows_is_recomputed(name, x):
    """By hand: after the held value every equation below it must hold with the value as it stands."""
    torch.manual_seed(2)
    module = MODULES[name]().double()
    plain = trace(module, x).lane()
    for held in equations(plain.kind):
        run = operate(module, x, [Clamp(held, 0.3, 2, 5, (1, 3))]).lane()
        assert (run[held][2:5, :, [1, 3]] == 0.3).all()
        torch.testing.assert_close(run[held][2, :, [0, 2]], plain[held][2, :, [0, 2]])
        assert torch.equal(run["h"][:2], operate(module, x, []).lane()["h"][:2])
        for t in range(7):
            for equation in equations(plain.kind):
                for unit in range(4):
                    why = run.explain(equation, t, unit, 1)
                    total = torch.tensor(why.total, dtype=torch.float64)
                    made = {"sigmoid": total.sigmoid(), "tanh": total.tanh(), "identity": total}[why.fn]
                    assert why.value == pytest.approx(made.item(), abs=1e-12)
                    if held == equation and 2 <= t < 5 and unit in (1, 3):
                        assert why.terms[0].weight_name == "by hand"


def test_the_later_clamp_counts(x):
    run = operate(nn.GRU(3, 4).double(), x, [Clamp("z", 0.2), Clamp("z", 0.9, 4)]).lane()
    assert (run.z[:4] == 0.2).all()
    assert (run.z[4:] == 0.9).all()


@pytest.mark.parametrize(
    ("clamp", "words"),
    [
        (Clamp("z", 1.0), "a lstm has no 'z' to hold; it has i, f, g, o, c, h"),
        (Clamp("f", 1.0, 9), "not all in 0 … 6"),
        (Clamp("f", 1.0, 2, 9), "not all in 0 … 6"),
        (Clamp("f", 1.0, units=(4,)), "units must lie in 0 … 3"),
        (Clamp("f", float("nan")), "must be finite"),
    ],
)
def test_what_cannot_be_held_is_said(clamp, words, x):
    with pytest.raises(ValueError, match=words):
        operate(nn.LSTM(3, 4).double(), x, [clamp])


def test_one_layer_only(x):
    with pytest.raises(ValueError, match="one layer in one direction"):
        operate(nn.LSTM(3, 4, num_layers=2).double(), x, [])


def test_fixed_gates_have_no_weights_and_train(x):
    layer = StepLayer("lstm", 3, 4, fixed={"f": 1.0, "o": 1.0}).double()
    assert not any(name.endswith(("f", "o")) for name, _ in layer.named_parameters())
    out, _ = layer(x)
    out.sum().backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in layer.parameters())
    full = nn.LSTM(3, 4).double()
    with torch.no_grad():
        for gate, k in (("i", 0), ("g", 2)):
            rows = slice(4 * k, 4 * k + 4)
            full.weight_ih_l0[rows] = getattr(layer, f"W_x{gate}")
            full.weight_hh_l0[rows] = getattr(layer, f"W_h{gate}")
            full.bias_ih_l0[rows] = getattr(layer, f"b_{gate}")
            full.bias_hh_l0[rows] = 0
    held = operate(full, x, [Clamp("f", 1.0), Clamp("o", 1.0)])
    torch.testing.assert_close(out, held.output)
    run = trace(layer, x)
    assert run.explain("f", 2, 1).terms[0].weight_name == "by hand"
    torch.testing.assert_close(run.output, out.detach())
    for refused in (lambda: backpropagate(run, torch.ones(7, 2, 4).double()), lambda: gradient_profile(layer, x)):
        with pytest.raises(ValueError, match=r"held by hand|fixed"):
            refused()
    with pytest.raises(ValueError, match="no 'q'"):
        StepLayer("lstm", 1, 1, fixed={"q": 1.0})


def test_swapping_two_gates_changes_the_numbers(x):
    torch.manual_seed(3)
    module = nn.LSTM(3, 4).double()
    one, other = (operate(module, x, [Clamp(gate, 0.9, 1)]).output for gate in ("i", "f"))
    assert not torch.allclose(one, other)


def test_a_layer_that_lacks_a_gate_can_be_operated_on_too(x):
    torch.manual_seed(4)
    layer = StepLayer("lstm", 3, 4, fixed={"f": 1.0}).double()
    torch.testing.assert_close(operate(layer, x, []).output, trace(layer, x).output)
    run = operate(layer, x, [Clamp("i", 0.0, 2)]).lane()
    assert (run.c[2:] == run.c[1]).all()
    assert (run.f == 1).all()
    assert run.a_i.isfinite().all()
