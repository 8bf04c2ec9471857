"""A trace holds torch's own numbers, whatever the layers, directions, batches and lengths."""

import csv
import itertools
import math
import re

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from rnn_core import trace
from rnn_core.cells import gru_step, lstm_step, peephole_lstm_step, rnn_step
from rnn_core.cells.arrays import ACTIVATIONS
from rnn_core.cells.layers import StepLayer

D, H, T, B = 3, 4, 6, 2
KINDS = [(nn.RNN, {}), (nn.RNN, {"nonlinearity": "relu"}), (nn.LSTM, {}), (nn.GRU, {})]
EXACT = {"atol": 1e-10, "rtol": 0}


def make(cls, options, **more):
    torch.manual_seed(7)
    module = cls(D, H, **options, **more).double()
    for parameter in module.parameters():
        nn.init.normal_(parameter, std=0.7)
    return module.requires_grad_(False)


def as_tuple(state):
    return state if isinstance(state, tuple) else (state,)


@pytest.mark.parametrize("layers", [1, 3])
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize(("cls", "options"), KINDS)
def test_output_and_state_equal_torch(cls, options, bias, bidirectional, layers):
    module = make(cls, options, num_layers=layers, bidirectional=bidirectional, bias=bias)
    x = torch.randn(T, B, D, dtype=torch.float64)
    count = layers * (2 if bidirectional else 1)
    state = torch.randn(count, B, H, dtype=torch.float64)
    state = (state, torch.randn_like(state)) if cls is nn.LSTM else state
    run = trace(module, x, state)
    output, last = module(x, state)
    torch.testing.assert_close(run.output, output, **EXACT)
    for ours, theirs in zip(as_tuple(run.state), as_tuple(last), strict=True):
        torch.testing.assert_close(ours, theirs, **EXACT)


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize(("cls", "options"), KINDS)
def test_every_value_equals_the_cell(cls, options, bidirectional):
    module = make(cls, options, num_layers=2, bidirectional=bidirectional)
    run = trace(module, torch.randn(T, B, D, dtype=torch.float64))
    for lane in run.lanes:
        for t in range(T):
            h = lane.previous("h")[t]
            if lane.kind == "lstm":
                step = lstm_step(lane.x[t], h, lane.previous("c")[t], lane.weights)
            elif lane.kind == "gru":
                step = gru_step(lane.x[t], h, lane.weights)
            else:
                step = rnn_step(lane.x[t], h, lane.weights, ACTIVATIONS[lane.fn])
            assert set(step._fields) == set(lane.values) - {"x"}
            for name in step._fields:
                torch.testing.assert_close(lane[name][t], getattr(step, name), **EXACT)


@pytest.mark.parametrize("how", ["lengths", "packed", "packed unsorted"])
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize(("cls", "options"), KINDS)
def test_lengths_equal_torch_packed(cls, options, bidirectional, how):
    module = make(cls, options, num_layers=2, bidirectional=bidirectional)
    lengths = torch.tensor([3, 6, 1]) if how == "packed unsorted" else torch.tensor([6, 3, 1])
    x = torch.randn(T, 3, D, dtype=torch.float64)
    packed = pack_padded_sequence(x, lengths, enforce_sorted=False)
    run = trace(module, x, lengths=lengths) if how == "lengths" else trace(module, packed)
    output, last = module(packed)
    torch.testing.assert_close(run.output, pad_packed_sequence(output)[0], **EXACT)
    for ours, theirs in zip(as_tuple(run.state), as_tuple(last), strict=True):
        torch.testing.assert_close(ours, theirs, **EXACT)
    for lane, name in itertools.product(run.lanes, ("h",)):
        assert (lane[name][1:, 2] == 0).all()


@pytest.mark.parametrize(("cls", "options"), KINDS)
def test_batch_first_and_unbatched_are_the_same_run(cls, options):
    module = make(cls, options, num_layers=2)
    x = torch.randn(T, 1, D, dtype=torch.float64)
    wanted = trace(module, x).output
    torch.testing.assert_close(trace(module, x[:, 0]).output, wanted, **EXACT)
    module.batch_first = True
    torch.testing.assert_close(trace(module, x.transpose(0, 1)).output, wanted, **EXACT)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
def test_dtype_is_the_modules(dtype):
    module = nn.LSTM(D, H).to(dtype)
    run = trace(module, torch.randn(T, D).to(dtype))
    assert {v.dtype for v in run.lane().values.values()} == {dtype}
    tolerance = 0.05 if dtype == torch.bfloat16 else 1e-6
    with torch.inference_mode():
        last = module(run.lane().x)[1][1]
    torch.testing.assert_close(run.state[1], last, atol=tolerance, rtol=0)


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize(("cls", "options"), KINDS)
def test_explain_sums_to_the_number(cls, options, bidirectional):
    module = make(cls, options, num_layers=2, bidirectional=bidirectional)
    run = trace(module, torch.randn(T, B, D, dtype=torch.float64), lengths=[6, 4])
    for lane in run.lanes:
        for name in set(lane.values) - {"x"}:
            for t, b, unit in [(0, 0, 0), (3, 1, 2), (5, 0, 3)]:
                why = run.explain(name, t, unit, b, lane.layer, lane.direction)
                total = math.fsum(term.weight * term.source for term in why.terms)
                value = float(ACTIVATIONS[why.fn](np.float64(total)))
                assert value == pytest.approx(float(lane[name][t, b, unit]), abs=1e-10)
                assert value == pytest.approx(why.value, abs=1e-10)


@pytest.mark.parametrize("kind", ["rnn", "lstm", "peephole", "gru"])
def test_our_own_layer_is_traced_like_torchs(kind):
    torch.manual_seed(3)
    layer = StepLayer(kind, D, H).double().requires_grad_(False)
    x = torch.randn(T, B, D, dtype=torch.float64)
    run = trace(layer, x)
    output, last = layer(x)
    torch.testing.assert_close(run.output, output, **EXACT)
    for ours, theirs in zip(as_tuple(run.state), as_tuple(last), strict=True):
        torch.testing.assert_close(ours, theirs, **EXACT)
    why = run.explain("h", 2, 1)
    assert why.value == pytest.approx(float(output[2, 0, 1]))
    if kind == "peephole":
        lane = run.lane()
        step = peephole_lstm_step(x[2], lane.h[1], lane.c[1], lane.weights)
        torch.testing.assert_close(lane.o[2], step.o, **EXACT)
        why = run.explain("o", 2, 1)
        assert "c[1]" in {t.source_name for t in why.terms}
        assert 1 / (1 + math.exp(-why.total)) == pytest.approx(why.value)


@pytest.mark.parametrize("fn", ["tanh", "relu", "sigmoid", "identity"])
def test_activations_of_our_own_layer(fn):
    layer = StepLayer("rnn", D, H, fn).double()
    why = trace(layer, torch.randn(T, D, dtype=torch.float64)).explain("h", 4, 0)
    assert why.fn == fn
    assert float(ACTIVATIONS[fn](np.float64(why.total))) == pytest.approx(why.value)


@pytest.mark.parametrize(("cls", "options"), KINDS)
def test_gradients_flow_when_asked(cls, options):
    module = make(cls, options, num_layers=2, bidirectional=True).requires_grad_()
    x = torch.randn(T, B, D, dtype=torch.float64, requires_grad=True)
    run = trace(module, x, grad=True)
    (ours,) = torch.autograd.grad(run.output.square().sum(), x)
    (theirs,) = torch.autograd.grad(module(x)[0].square().sum(), x)
    torch.testing.assert_close(ours, theirs, **EXACT)
    name = "c" if cls is nn.LSTM else "h"
    (through_gates,) = torch.autograd.grad(trace(module, x, grad=True).lane(0)[name].sum(), x, allow_unused=True)
    assert through_gates.abs().sum() > 0
    assert not trace(module, x).output.requires_grad


def test_table_and_files(tmp_path):
    run = trace(make(nn.LSTM, {}), torch.randn(T, B, D, dtype=torch.float64), lengths=[6, 2])
    frame = run.to_frame()
    assert len(frame) == (6 + 2) * (D + 10 * H)
    row = frame.query("name == 'f' and t == 1 and batch == 1 and unit == 2")
    assert row["value"].item() == float(run.lane().f[1, 1, 2])
    run.save(tmp_path / "run.npz")
    with np.load(tmp_path / "run.npz", allow_pickle=False) as file:
        np.testing.assert_array_equal(file["l0.c"], run.lane().c.numpy())
        np.testing.assert_array_equal(file["l0.weights.W_hg"], run.lane().weights["W_hg"])
    run.save(tmp_path / "run.csv")
    saved = (tmp_path / "run.csv").read_text("utf-8").replace("\n", ",").rstrip(",").split(",")
    assert all(re.fullmatch(r"\w+|-?[\d.]+(e-?\d+)?", cell) for cell in saved)  # our words and numbers: no formula
    with (tmp_path / "run.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(frame)
    assert float(rows[-1]["value"]) == frame["value"].iloc[-1]
    with pytest.raises(ValueError, match=r"\.npz or \.csv"):
        run.save(tmp_path / "run.xlsx")


def x(*shape, dtype=torch.float32):
    return torch.zeros(shape, dtype=dtype)


@pytest.mark.parametrize(
    ("module", "args", "error", "words"),
    [
        (nn.Linear(3, 3), (x(2, 3),), TypeError, "cannot trace a Linear"),
        (nn.LSTM(D, H, proj_size=2), (x(T, D),), ValueError, "proj_size"),
        (nn.LSTM(D, H), (x(T, D + 1),), ValueError, r"\(T, 3\)"),
        (nn.LSTM(D, H), (x(D),), ValueError, r"\(T, 3\)"),
        (nn.LSTM(D, H), (x(0, D),), ValueError, "at least one step"),
        (nn.LSTM(D, H), (x(T, 0, D),), ValueError, "at least one step"),
        (nn.LSTM(D, H), (x(T, D, dtype=torch.float64),), ValueError, "float64"),
        (nn.LSTM(D, H), (x(T, D), x(1, H)), ValueError, r"\(h_0, c_0\)"),
        (nn.GRU(D, H), (x(T, D), (x(1, H), x(1, H))), ValueError, "h_0 alone"),
        (nn.GRU(D, H), (x(T, D), x(2, H)), ValueError, r"shape \(1, 4\)"),
        (nn.GRU(D, H), (x(T, 2, D), None, [1]), ValueError, "lengths"),
        (nn.GRU(D, H), (x(T, 2, D), None, [0, 3]), ValueError, "lengths"),
        (nn.GRU(D, H), (x(T, 2, D), None, [7, 3]), ValueError, "lengths"),
        (nn.GRU(D, H), (x(T, 2, D), None, torch.tensor([1.0, 2.0])), ValueError, "whole numbers"),
        (nn.GRU(D, H), (x(T, 2, D), None, torch.tensor([True, True])), ValueError, "whole numbers"),
        (nn.GRU(D, H), (x(T, D), x(1, H, dtype=torch.float64)), ValueError, "state is"),
        (nn.GRU(D, H), (np.zeros((T, D)),), TypeError, "torch.Tensor"),
    ],
)
def test_bad_input_gets_a_sentence(module, args, error, words):
    with pytest.raises(error, match=words):
        trace(module, *args)


def test_packed_with_lengths_is_refused():
    packed = pack_padded_sequence(x(T, 1, D), [3])
    with pytest.raises(ValueError, match="carries its own lengths"):
        trace(nn.GRU(D, H), packed, lengths=[3])


def test_unknown_names_and_positions():
    run = trace(nn.GRU(D, H), x(T, D))
    with pytest.raises(KeyError, match="no lane"):
        run.lane(1)
    with pytest.raises(KeyError, match="no value 'c'"):
        run.lane()["c"]
    with pytest.raises(AttributeError):
        _ = run.lane().c
    with pytest.raises(KeyError, match="not computed"):
        run.explain("x", 0, 0)
    for where in [(T, 0, 0), (-1, 0, 0), (0, H, 0), (0, 0, 1)]:
        with pytest.raises(IndexError, match="must lie in"):
            run.explain("h", *where)


def test_state_and_weights_that_require_grad_do_not_leak_into_the_trace():
    module = nn.LSTM(D, H)
    state = (torch.randn(1, H, requires_grad=True), torch.randn(1, H, requires_grad=True))
    run = trace(module, x(T, D), state)
    assert not any(v.requires_grad for v in (*run.lane().values.values(), run.lane().weights["W_xf"]))
    assert run.explain("c", 0, 1).value == run.lane().c[0, 0, 1].item()


@pytest.mark.parametrize("what", ["weight", "input", "state"])
def test_a_trace_whose_weights_moved_on_says_so(what):
    module = make(nn.GRU, {})
    xs, h_0 = torch.randn(T, D).double(), torch.zeros(1, H).double()
    run = trace(module, xs, h_0)
    why = run.explain("n", 1, 0)
    assert math.tanh(why.total) == pytest.approx(why.value, abs=1e-10)
    with torch.no_grad():
        {"weight": module.weight_hh_l0, "input": xs, "state": h_0}[what].mul_(3)
    with pytest.raises(RuntimeError, match="trace again"):
        run.explain("n", 1, 0)


def test_functional_call_is_explained_with_the_weights_it_used():
    module = make(nn.LSTM, {})
    other = {k: torch.randn_like(v) for k, v in module.named_parameters()}
    xs = torch.randn(T, D).double()

    class Tracer(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn = module

        def forward(self, x):
            return trace(self.rnn, x)

    run = torch.func.functional_call(Tracer(), {f"rnn.{k}": v for k, v in other.items()}, (xs,))
    why = run.explain("f", 3, 1)
    assert 1 / (1 + math.exp(-why.total)) == pytest.approx(why.value, abs=1e-10)


def test_padding_is_zero_everywhere_and_never_reaches_a_gradient():
    module = make(nn.LSTM, {}, num_layers=2, bidirectional=True).requires_grad_()
    xs = torch.randn(T, 2, D).double()
    xs[3:, 1] = float("nan")
    run = trace(module, xs, lengths=[T, 3], grad=True)
    for lane in run.lanes:
        for name, values in lane.values.items():
            assert (values[3:, 1] == 0).all(), name
    run.output.sum().backward()
    packed = pack_padded_sequence(xs.nan_to_num(), [T, 3], enforce_sorted=False)
    ours = [p.grad.clone() for p in module.parameters()]
    module.zero_grad()
    pad_packed_sequence(module(packed)[0])[0].sum().backward()
    for a, b in zip(ours, module.parameters(), strict=True):
        torch.testing.assert_close(a, b.grad, **EXACT)


def test_gradients_are_kept_even_inside_no_grad():
    module = make(nn.GRU, {}).requires_grad_()
    with torch.no_grad():
        run = trace(module, torch.randn(T, D).double(), grad=True)
    assert run.output.requires_grad


def test_a_forward_of_ones_own_is_refused():
    class Mine(nn.LSTM):
        def forward(self, x, state=None):
            return super().forward(2 * x, state)

    with pytest.raises(TypeError, match="forward of its own"):
        trace(Mine(D, H), x(T, D))


def test_half_precision_is_written_as_numbers_numpy_knows(tmp_path):
    run = trace(nn.LSTM(D, H).bfloat16(), x(T, D, dtype=torch.bfloat16))
    run.save(tmp_path / "run.npz")
    with np.load(tmp_path / "run.npz", allow_pickle=False) as file:
        assert file["l0.h"].dtype == np.float32


@pytest.mark.parametrize("device", ["meta"])
def test_other_devices_take_the_plain_path(device):
    module = nn.LSTM(D, H, device=device)
    run = trace(module, torch.empty(T, 1, D, device=device))
    assert run.lane().c.shape == (T, 1, H)
    assert run.lane().c.device.type == device
