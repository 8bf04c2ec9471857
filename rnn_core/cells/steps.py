"""One step of each recurrent cell, written as its equations: one weight matrix per gate.

This is the teaching truth of the project. Each function takes NumPy arrays or torch tensors alike
and returns every intermediate value by name. Fused weights, several layers and speed are left to
`rnn_core.trace`, which must give the same numbers.

Shapes: D inputs, H hidden units; every vector may carry batch axes in front, `(..., D)`, `(..., H)`.
A weight `W_xf` leads from x to gate f and has shape `(H, D)`; `W_hf` leads from h, `(H, H)`.

Gate order, said once: PyTorch stacks i, f, g, o (LSTM) and r, z, n (GRU); Keras stacks i, f, c, o and
z, r, h. Here gates are named and never addressed by position.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from rnn_core.cells.arrays import Array, sigmoid, tanh

Weights = Mapping[str, Array]


class RNNStep(NamedTuple):
    """Everything one step of the simple RNN computes, in order; each `(..., H)`."""

    a_h: Array
    h: Array


class LSTMStep(NamedTuple):
    """Everything one step of the LSTM computes, in order; each `(..., H)`."""

    a_i: Array
    a_f: Array
    a_g: Array
    a_o: Array
    i: Array
    f: Array
    g: Array
    o: Array
    c: Array
    h: Array


class GRUStep(NamedTuple):
    """Everything one step of the GRU computes, in order; each `(..., H)`."""

    a_r: Array
    a_z: Array
    r: Array
    z: Array
    m: Array
    a_n: Array
    n: Array
    h: Array


def rnn_step(x_t: Array, h_prev: Array, W: Weights, fn: Callable[[Array], Array] = tanh) -> RNNStep:
    """One step of the simple (Elman) RNN.

        a_h = W_xh x_t + W_hh h_{t-1} + b_h
        h_t = fn(a_h)

    `x_t` `(..., D)` input, `h_prev` `(..., H)` hidden state before the step, `W` the weights `W_xh`
    `(H, D)`, `W_hh` `(H, H)`, `b_h` `(H,)`; `fn` the activation, tanh unless told. No units.
    Raises KeyError naming a weight that `W` lacks. Source: Elman (1990), "Finding structure in time".

    >>> import numpy as np
    >>> W = {"W_xh": np.array([[1.0]]), "W_hh": np.array([[0.5]]), "b_h": np.array([0.0])}
    >>> rnn_step(np.array([0.0]), np.array([0.2]), W).a_h
    array([0.1])
    """
    a_h = x_t @ W["W_xh"].T + h_prev @ W["W_hh"].T + W["b_h"]
    return RNNStep(a_h, fn(a_h))


def lstm_step(x_t: Array, h_prev: Array, c_prev: Array, W: Weights) -> LSTMStep:
    """One step of the LSTM with forget gate, as `torch.nn.LSTM` computes it.

        i = σ(W_xi x_t + W_hi h_{t-1} + b_i)      input gate: how much of the new is written
        f = σ(W_xf x_t + W_hf h_{t-1} + b_f)      forget gate: how much of the old is kept
        g = tanh(W_xg x_t + W_hg h_{t-1} + b_g)   candidate: what could be written
        o = σ(W_xo x_t + W_ho h_{t-1} + b_o)      output gate: how much of the cell is shown
        c_t = f ⊙ c_{t-1} + i ⊙ g                 cell state
        h_t = o ⊙ tanh(c_t)                       hidden state

    `x_t` `(..., D)`, `h_prev` and `c_prev` `(..., H)`; `W` holds `W_x·` `(H, D)`, `W_h·` `(H, H)` and
    `b_·` `(H,)` for · in i, f, g, o. No units. Raises KeyError naming a weight that `W` lacks.
    Source: Hochreiter and Schmidhuber (1997); forget gate by Gers et al. (2000).

    >>> import numpy as np
    >>> zero = {w: np.zeros((1, 1)) for q in "ifgo" for w in (f"W_x{q}", f"W_h{q}")}
    >>> zero |= {f"b_{q}": np.zeros(1) for q in "ifgo"}
    >>> lstm_step(np.ones(1), np.zeros(1), np.array([0.8]), zero).c  # f = 1/2, g = 0
    array([0.4])
    """
    a_i = x_t @ W["W_xi"].T + h_prev @ W["W_hi"].T + W["b_i"]
    a_f = x_t @ W["W_xf"].T + h_prev @ W["W_hf"].T + W["b_f"]
    a_g = x_t @ W["W_xg"].T + h_prev @ W["W_hg"].T + W["b_g"]
    a_o = x_t @ W["W_xo"].T + h_prev @ W["W_ho"].T + W["b_o"]
    i, f, g, o = sigmoid(a_i), sigmoid(a_f), tanh(a_g), sigmoid(a_o)
    c = f * c_prev + i * g
    h = o * tanh(c)
    return LSTMStep(a_i, a_f, a_g, a_o, i, f, g, o, c, h)


def peephole_lstm_step(x_t: Array, h_prev: Array, c_prev: Array, W: Weights) -> LSTMStep:
    """One step of the LSTM whose gates also see the cell ("peephole" connections).

        i = σ(W_xi x_t + W_hi h_{t-1} + w_ci ⊙ c_{t-1} + b_i)
        f = σ(W_xf x_t + W_hf h_{t-1} + w_cf ⊙ c_{t-1} + b_f)
        g = tanh(W_xg x_t + W_hg h_{t-1} + b_g)
        c_t = f ⊙ c_{t-1} + i ⊙ g
        o = σ(W_xo x_t + W_ho h_{t-1} + w_co ⊙ c_t + b_o)     the output gate sees the new cell
        h_t = o ⊙ tanh(c_t)

    Shapes as in `lstm_step`; the peepholes `w_ci`, `w_cf`, `w_co` are vectors `(H,)`, so each unit sees
    only its own cell. No units. Raises KeyError naming a weight that `W` lacks.
    Source: Gers and Schmidhuber (2000), "Recurrent nets that time and count"; form of Graves (2013).

    >>> import numpy as np
    >>> zero = {w: np.zeros((1, 1)) for q in "ifgo" for w in (f"W_x{q}", f"W_h{q}")}
    >>> zero |= {b: np.zeros(1) for b in ("b_i", "b_f", "b_g", "b_o", "w_ci", "w_co")}
    >>> step = peephole_lstm_step(np.ones(1), np.zeros(1), np.ones(1), zero | {"w_cf": np.full(1, 100.0)})
    >>> step.f, step.c  # the cell itself opened the forget gate
    (array([1.]), array([1.]))
    """
    a_i = x_t @ W["W_xi"].T + h_prev @ W["W_hi"].T + W["w_ci"] * c_prev + W["b_i"]
    a_f = x_t @ W["W_xf"].T + h_prev @ W["W_hf"].T + W["w_cf"] * c_prev + W["b_f"]
    a_g = x_t @ W["W_xg"].T + h_prev @ W["W_hg"].T + W["b_g"]
    i, f, g = sigmoid(a_i), sigmoid(a_f), tanh(a_g)
    c = f * c_prev + i * g
    a_o = x_t @ W["W_xo"].T + h_prev @ W["W_ho"].T + W["w_co"] * c + W["b_o"]
    o = sigmoid(a_o)
    h = o * tanh(c)
    return LSTMStep(a_i, a_f, a_g, a_o, i, f, g, o, c, h)


def gru_step(x_t: Array, h_prev: Array, W: Weights) -> GRUStep:
    """One step of the GRU, as `torch.nn.GRU` computes it.

        r = σ(W_xr x_t + W_hr h_{t-1} + b_r)          reset gate
        z = σ(W_xz x_t + W_hz h_{t-1} + b_z)          update gate: 1 keeps the old state
        m = W_hn h_{t-1} + b_hn                       what the old state would add
        n = tanh(W_xn x_t + b_xn + r ⊙ m)             candidate
        h_t = (1 − z) ⊙ n + z ⊙ h_{t-1}

    z goes as in Cho et al. (2014, equation 7); in Chung et al. (2014) z and 1 − z change places. In both, r multiplies h_{t-1}
    before the matrix product (Keras: `reset_after=False`), not after it as here.
    `x_t` `(..., D)`, `h_prev` `(..., H)`; `W` holds `W_x·` `(H, D)` and `W_h·` `(H, H)` for · in r, z, n and
    `b_r`, `b_z`, `b_xn`, `b_hn` `(H,)`. No units. Raises KeyError naming a weight that `W` lacks.

    >>> import numpy as np
    >>> zero = {w: np.zeros((1, 1)) for q in "rzn" for w in (f"W_x{q}", f"W_h{q}")}
    >>> zero |= {b: np.zeros(1) for b in ("b_r", "b_z", "b_xn", "b_hn")}
    >>> gru_step(np.ones(1), np.array([0.8]), zero).h  # z = 1/2, n = 0
    array([0.4])
    """
    a_r = x_t @ W["W_xr"].T + h_prev @ W["W_hr"].T + W["b_r"]
    a_z = x_t @ W["W_xz"].T + h_prev @ W["W_hz"].T + W["b_z"]
    r, z = sigmoid(a_r), sigmoid(a_z)
    m = h_prev @ W["W_hn"].T + W["b_hn"]
    a_n = x_t @ W["W_xn"].T + W["b_xn"] + r * m
    n = tanh(a_n)
    h = (1 - z) * n + z * h_prev
    return GRUStep(a_r, a_z, r, z, m, a_n, n, h)
