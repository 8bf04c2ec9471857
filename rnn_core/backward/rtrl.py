"""Real-time recurrent learning: the gradient of BPTT, carried forward in time.

BPTT keeps all states and walks back. RTRL keeps no past at all: beside h_t it carries ∂h_t/∂θ for every weight θ,

    P_t = diag(fn'(a_t)) (W_hh P_{t-1} + ∂a_t/∂θ)          ∂E/∂θ = Σ_t (∂E/∂h_t)ᵀ P_t

so the gradient is ready at every step, at a price: H · H · (D + H + 1) numbers are carried, and every step multiplies
them by W_hh. `bptt` beside it is the same gradient the usual way, for comparison of time and memory
(`python -m benchmarks rtrl`). Simple RNN only; NumPy arrays and torch tensors alike.
Source: Williams and Zipser (1989), "A learning algorithm for continually running fully recurrent networks".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from rnn_core.backward.bptt import rnn_step_backward
from rnn_core.cells import Weights, rnn_step
from rnn_core.cells.arrays import ACTIVATIONS, Array, slope

Loss = Callable[[int, Array], Array]
"""Step t (from 0) and h_t `(H,)` to ∂E_t/∂h_t `(H,)`, the direct gradient of that step's own loss."""


class RNNGradients(NamedTuple):
    """∂E/∂W_xh `(H, D)`, ∂E/∂W_hh `(H, H)`, ∂E/∂b_h `(H,)`."""

    W_xh: Array
    W_hh: Array
    b_h: Array


def rtrl(xs: Array, h_0: Array, W: Weights, loss: Loss, fn: str = "tanh") -> RNNGradients:
    """The gradient of E = Σ_t E_t by RTRL. `xs` `(T, D)`, `h_0` `(H,)`; `W` and `fn` as in `rnn_step`.

    After step t the sum holds the gradient of E_1 + … + E_t: nothing waits for the end of the sequence.
    Raises KeyError for a missing weight and ValueError for an unknown activation.

    >>> W = {"W_xh": np.array([[1.0]]), "W_hh": np.array([[0.5]]), "b_h": np.zeros(1)}
    >>> only_last = lambda t, h: np.ones(1) * (t == 1)
    >>> rtrl(np.array([[1.0], [0.0]]), np.zeros(1), W, only_last).W_hh.round(3)
    array([[0.661]])
    """
    activation, (H, D) = _activation(fn), W["W_xh"].shape
    units = list(range(H))
    h, one = h_0, h_0[:1] * 0 + 1
    P = _zeros(h_0, (H, H, D + H + 1))  # P[k, i, n] = ∂h[k]/∂θ[i, n], θ = [W_xh W_hh b_h]
    total = _zeros(h_0, (H, D + H + 1))
    for t, x_t in enumerate(xs):
        v = _join([x_t, h, one])
        h = rnn_step(x_t, h, W, activation).h
        P = (W["W_hh"] @ P.reshape(H, -1)).reshape(P.shape)
        P[units, units] += v
        P *= slope(fn, h)[:, None, None]
        total += (loss(t, h) @ P.reshape(H, -1)).reshape(total.shape)
    return RNNGradients(total[:, :D], total[:, D : D + H], total[:, -1])


def bptt(xs: Array, h_0: Array, W: Weights, loss: Loss, fn: str = "tanh") -> RNNGradients:
    """The same gradient by BPTT: forward keeping all states, then backward. Arguments as in `rtrl`.

    >>> W = {"W_xh": np.array([[1.0]]), "W_hh": np.array([[0.5]]), "b_h": np.zeros(1)}
    >>> only_last = lambda t, h: np.ones(1) * (t == 1)
    >>> bptt(np.array([[1.0], [0.0]]), np.zeros(1), W, only_last).W_hh.round(3)
    array([[0.661]])
    """
    activation = _activation(fn)
    hs = [h_0]
    for x_t in xs:
        hs.append(rnn_step(x_t, hs[-1], W, activation).h)
    dW_xh, dW_hh, db_h = (_zeros(h_0, W[name].shape) for name in ("W_xh", "W_hh", "b_h"))
    dh = h_0 * 0
    for t in range(len(xs) - 1, -1, -1):
        step = rnn_step_backward(loss(t, hs[t + 1]) + dh, {"h": hs[t + 1]}, W, fn)
        dW_xh += step.a_h[:, None] * xs[t]
        dW_hh += step.a_h[:, None] * hs[t]
        db_h += step.a_h
        dh = step.h_prev
    return RNNGradients(dW_xh, dW_hh, db_h)


def _activation(fn: str) -> Callable[[Array], Array]:
    if fn not in ACTIVATIONS:
        raise ValueError(f"no activation {fn!r}; there are {', '.join(sorted(ACTIVATIONS))}")
    return ACTIVATIONS[fn]


def _zeros(like: Array, shape: tuple[int, ...]) -> Any:
    return like.new_zeros(shape) if hasattr(like, "new_zeros") else np.zeros(shape, like.dtype)


def _join(parts: list[Array]) -> Any:
    if hasattr(parts[0], "new_zeros"):
        import torch

        return torch.cat(parts)
    return np.concatenate(parts)
