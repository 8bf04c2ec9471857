"""The three functions that differ between NumPy and torch; every cell is written with them once.

Leaves out: anything that plain operators (`+`, `*`, `@`, `.T`) already do for both.
"""

from __future__ import annotations

from typing import Any

import numpy as np

Array = Any
"""A `numpy.ndarray` or a `torch.Tensor`; a function that takes one returns the same kind."""


def sigmoid(a: Array) -> Array:
    """σ(a) = 1 / (1 + e^{−a}), elementwise, without overflow for large |a|.

    >>> sigmoid(np.array([0.0, -1000.0]))
    array([0.5, 0. ])
    """
    if hasattr(a, "sigmoid"):  # torch.Tensor
        return a.sigmoid()
    return 0.5 * (1.0 + np.tanh(0.5 * a))


def tanh(a: Array) -> Array:
    """tanh(a), elementwise.

    >>> tanh(np.array([0.0]))
    array([0.])
    """
    return a.tanh() if hasattr(a, "tanh") else np.tanh(a)


def relu(a: Array) -> Array:
    """max(0, a), elementwise.

    >>> relu(np.array([-1.0, 2.0]))
    array([0., 2.])
    """
    return a.relu() if hasattr(a, "relu") else np.maximum(a, 0)


def identity(a: Array) -> Array:
    """a itself: the activation of a linear unit.

    >>> identity(3.0)
    3.0
    """
    return a


def softmax(a: Array) -> Array:
    """p_k = e^{a_k} / Σ_j e^{a_j} over the last axis, without overflow.

    >>> softmax(np.array([1000.0, 1000.0]))
    array([0.5, 0.5])
    """
    if hasattr(a, "softmax"):  # torch.Tensor
        return a.softmax(dim=-1)
    e = np.exp(a - a.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def slope(fn: str, value: Array) -> Array:
    """fn'(a) for an activation by its name, written with the activated value fn(a) alone.

        tanh' = 1 − v²     σ' = v (1 − v)     relu' = 1 where v > 0, else 0     identity' = 1

    At a = 0 the slope of relu is 0, as in torch. Raises ValueError for another name.

    >>> slope("sigmoid", np.array([0.5]))
    array([0.25])
    """
    if fn == "tanh":
        return 1 - value * value
    if fn == "sigmoid":
        return value * (1 - value)
    if fn == "relu":
        return (value > 0) * (value * 0 + 1)
    if fn == "identity":
        return value * 0 + 1
    raise ValueError(f"no activation {fn!r}; there are {', '.join(sorted(ACTIVATIONS))}")


ACTIVATIONS = {"tanh": tanh, "sigmoid": sigmoid, "relu": relu, "identity": identity}
"""Every activation that an equation may name (softmax mixes units, so it stands apart)."""
