"""Whose slice is which gate: checked by building, running and cutting real modules; bad files are refused in one word."""

import contextlib

import numpy as np
import pytest
import safetensors.torch
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from rnn_core.cells.gates import gate_of_row
from rnn_core.cells.weights import module_weights
from rnn_core.importers.torch_file import StateDictError, build, find_recurrent, read_safetensors


def packed(module, prefix=""):
    return safetensors.torch.save({prefix + k: v.contiguous() for k, v in module.state_dict().items()})


MODULES = [
    nn.LSTM(3, 4),
    nn.GRU(2, 5, num_layers=2, bidirectional=True),
    nn.RNN(1, 3, bias=False),
    nn.LSTM(6, 6, num_layers=3),
    nn.RNN(4, 1),
]


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_a_module_comes_back_as_it_was(module):
    tensors = read_safetensors(packed(module, "encoder.rnn."))
    (shape,) = find_recurrent(tensors)
    assert shape.prefix == "encoder.rnn."
    again = build(tensors, shape)
    x = torch.randn(7, 2, module.input_size)
    torch.testing.assert_close(again(x)[0], module(x)[0].detach())
    assert type(again) is type(module)


def test_several_modules_and_half_precision():
    both = {f"a.{k}": v.half() for k, v in nn.GRU(2, 3).state_dict().items()}
    both |= {f"b.{k}": v for k, v in nn.LSTM(3, 3).state_dict().items()} | {"c.weight": torch.zeros(2)}
    tensors = read_safetensors(safetensors.torch.save(both))
    found = {s.prefix: s.kind for s in find_recurrent(tensors)}
    assert found == {"a.": "gru", "b.": "lstm"}
    assert build(tensors, find_recurrent(tensors)[0]).weight_ih_l0.dtype == torch.float32


@pytest.mark.parametrize("module", [nn.LSTM(3, 4), nn.GRU(3, 4), nn.RNN(3, 4)], ids=str)
def test_a_row_is_the_row_that_the_gate_reads(module):
    kind = {nn.LSTM: "lstm", nn.GRU: "gru", nn.RNN: "rnn"}[type(module)]
    named = module_weights(module)
    for row in range(len(module.weight_ih_l0)):
        gate, unit = gate_of_row("torch", kind, 4, row)
        assert torch.equal(named[f"W_x{gate}"][unit], module.weight_ih_l0[row])


def test_keras_orders_are_its_own():
    """From Keras' documentation of the kernels: i, f, c, o and z, r, h."""
    assert [gate_of_row("keras", "lstm", 2, k)[0] for k in (0, 2, 4, 6)] == ["i", "f", "g", "o"]
    assert [gate_of_row("keras", "gru", 2, k)[0] for k in (0, 2, 4)] == ["z", "r", "n"]
    with pytest.raises(ValueError, match="0 … 7"):
        gate_of_row("torch", "lstm", 2, 8)


def changed(**how):
    tensors = {k: v.numpy().copy() for k, v in nn.LSTM(3, 4).state_dict().items()}
    for name, value in how.items():
        if value is None:
            del tensors[name]
        else:
            tensors[name] = value
    return tensors


@pytest.mark.parametrize(
    ("tensors", "problem"),
    [
        ({}, "none"),
        ({"weight": np.zeros((2, 2), np.float32)}, "none"),
        (changed(weight_hh_l0=None), "shape"),
        (changed(bias_hh_l0=None), "shape"),
        (changed(weight_ih_l0=np.zeros((15, 3), np.float32)), "shape"),
        (changed(weight_hh_l0=np.zeros((8, 4), np.float32)), "shape"),
        (changed(weight_hh_l0=np.zeros(16, np.float32)), "shape"),
        (changed(weight_hh_l0=np.zeros((0, 0), np.float32)), "shape"),
        (changed(weight_hh_l0=np.full((16, 4), np.nan, np.float32)), "finite"),
        (changed(weight_hh_l0=np.full((16, 4), 1e300)), "finite"),
        (changed(bias_hh_l0=np.full(16, -1e39)), "finite"),
        (changed(weight_ih_l0=np.zeros((16, 3), np.int64)), "dtype"),
        (changed(weight_hr_l0=np.zeros((2, 4), np.float32)), "projection"),
        ({"weight_ih_l0": np.zeros((600, 1), np.float32), "weight_hh_l0": np.zeros((600, 600), np.float32)}, "size"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_named(tensors, problem):
    with pytest.raises(StateDictError) as told:
        find_recurrent(tensors)
    assert told.value.problem == problem


def test_the_largest_number_of_float32_is_read():
    tensors = changed(bias_hh_l0=np.full(16, float(np.finfo(np.float32).max)))
    module = build(tensors, find_recurrent(tensors)[0])
    assert module.bias_hh_l0.isfinite().all()


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data):
    with contextlib.suppress(StateDictError):
        read_safetensors(data)


def test_bfloat16_is_told_apart():
    data = safetensors.torch.save({"weight_ih_l0": torch.zeros(2, 2, dtype=torch.bfloat16)})
    with pytest.raises(StateDictError) as told:
        read_safetensors(data)
    assert told.value.problem == "dtype"
