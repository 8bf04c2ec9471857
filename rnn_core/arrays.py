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


ACTIVATIONS = {"tanh": tanh, "sigmoid": sigmoid, "relu": relu, "identity": identity}
"""Every activation that an equation may name (softmax mixes units, so it stands apart)."""
