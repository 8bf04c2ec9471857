"""Which slice of a stacked weight is which gate, and a recurrent module out of anybody's state dict.

Reads safetensors only (numbers, never code). Leaves out projections (`proj_size`) and quantised weights.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import safetensors
import safetensors.numpy
import torch
from torch import nn

MAX_HIDDEN, MAX_INPUT, MAX_LAYERS = 512, 4096, 8


class StateDictError(ValueError):
    """A file that holds no recurrent layer that can be read; `problem` says why in one word."""

    def __init__(self, problem: str, detail: str = "") -> None:
        super().__init__(f"{problem}: {detail}" if detail else problem)
        self.problem, self.detail = problem, detail


@dataclass(frozen=True)
class RecurrentShape:
    """What the names and shapes of one recurrent module say about it."""

    prefix: str
    kind: str
    layers: int
    bidirectional: bool
    input_size: int
    hidden_size: int
    bias: bool


def read_safetensors(data: bytes) -> dict[str, np.ndarray]:
    """The tensors of a file; raises StateDictError ("damaged", "dtype") for anything else."""
    try:
        found = safetensors.numpy.load(data)
    except (safetensors.SafetensorError, ValueError, KeyError, TypeError) as error:
        problem = "dtype" if b'"BF16"' in data[:100_000] else "damaged"  # NumPy has none
        raise StateDictError(problem, str(error)[:80]) from None
    return found


def find_recurrent(tensors: Mapping[str, np.ndarray]) -> list[RecurrentShape]:
    """Every `nn.RNN`, `nn.LSTM` or `nn.GRU` among the tensors, by their names and shapes.

    A layer is recognised by `weight_ih_l0` and `weight_hh_l0`: `(G·H, D)` and `(G·H, H)` with G = 1, 3 or 4.
    Raises StateDictError: "none" if there is no such pair, "shape" if the shapes do not fit one another, "size" beyond
    512 units, 4,096 inputs or 8 layers, "projection" for `weight_hr_l0`, "finite" for a NaN, an infinity
    or a number too large for float32.
    """
    prefixes = [m[1] for name in tensors if (m := re.fullmatch(r"(.*?)weight_ih_l0", name))]
    if not prefixes:
        raise StateDictError("none")
    return [_shape(tensors, prefix) for prefix in prefixes]


def _shape(tensors: Mapping[str, np.ndarray], prefix: str) -> RecurrentShape:
    def get(name: str) -> np.ndarray:
        if f"{prefix}{name}" not in tensors:
            raise StateDictError("shape", f"{prefix}{name} is missing")
        array = tensors[f"{prefix}{name}"]
        if array.dtype.kind != "f":
            raise StateDictError("dtype", f"{prefix}{name} is {array.dtype}")
        return array

    if f"{prefix}weight_hr_l0" in tensors:
        raise StateDictError("projection", prefix)
    W_ih, W_hh = get("weight_ih_l0"), get("weight_hh_l0")
    if W_ih.ndim != 2 or W_hh.ndim != 2 or not W_hh.size or not W_ih.size:
        raise StateDictError("shape", f"{prefix}weight_hh_l0 is {W_hh.shape}")
    H, D = W_hh.shape[1], W_ih.shape[1]
    gates, rest = divmod(len(W_hh), H)
    kind = {1: "rnn", 3: "gru", 4: "lstm"}.get(gates)
    if kind is None or rest or len(W_ih) != len(W_hh):
        raise StateDictError("shape", f"{W_ih.shape}, {W_hh.shape}")
    both = f"{prefix}weight_ih_l0_reverse" in tensors
    bias = f"{prefix}bias_ih_l0" in tensors
    layers = 1
    while f"{prefix}weight_ih_l{layers}" in tensors:
        layers += 1
    if H > MAX_HIDDEN or D > MAX_INPUT or layers > MAX_LAYERS:
        raise StateDictError("size", f"{layers} × {H}, {D}")
    for layer in range(layers):
        width = D if layer == 0 else H * (2 if both else 1)
        for end in ("", "_reverse") if both else ("",):
            wanted: dict[str, tuple[int, ...]] = {
                f"weight_ih_l{layer}{end}": (gates * H, width),
                f"weight_hh_l{layer}{end}": (gates * H, H),
            }
            if bias:
                wanted |= {f"bias_{s}_l{layer}{end}": (gates * H,) for s in ("ih", "hh")}
            for name, shape in wanted.items():
                array = get(name)
                if array.shape != shape:
                    raise StateDictError("shape", f"{prefix}{name}: {array.shape}")
                with np.errstate(over="ignore"):
                    narrow = array.astype(np.float32)  # as `build` takes it: 1e300 becomes inf
                if not np.isfinite(narrow).all():
                    raise StateDictError("finite", f"{prefix}{name}")
    return RecurrentShape(prefix, kind, layers, both, D, H, bias)


def build(tensors: Mapping[str, np.ndarray], shape: RecurrentShape, nonlinearity: str = "tanh") -> nn.RNNBase:
    """The torch module of one found shape, in float32 and eval mode. `nonlinearity` counts for a simple RNN: the file
    does not say."""
    options = {
        "num_layers": shape.layers,
        "bidirectional": shape.bidirectional,
        "bias": shape.bias,
    }
    module: nn.RNNBase
    if shape.kind == "rnn":
        module = nn.RNN(shape.input_size, shape.hidden_size, nonlinearity=nonlinearity, **options)
    else:
        cls = nn.LSTM if shape.kind == "lstm" else nn.GRU
        module = cls(shape.input_size, shape.hidden_size, **options)
    state = {
        name: torch.from_numpy(np.ascontiguousarray(tensors[shape.prefix + name], dtype=np.float32))
        for name in module.state_dict()
    }
    module.load_state_dict(state)
    return module.requires_grad_(False).eval()
