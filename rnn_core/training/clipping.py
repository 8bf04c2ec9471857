"""Gradient clipping, in place: by norm, by value, and by the norm of every array alone.

Leaves out adaptive schemes. Torch has both functions too (`torch.nn.utils.clip_grad_norm_`); here they return what
they saw and do not hide a NaN.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor


def grad_norm(parameters: Iterable[Tensor]) -> float:
    """‖g‖₂ over all parameters that have a gradient, summed in float64. NaN and infinity come out as they are."""
    norms = [torch.linalg.vector_norm(p.grad, dtype=torch.float64) for p in parameters if p.grad is not None]
    return float(torch.linalg.vector_norm(torch.stack(norms))) if norms else 0.0


def clip_by_norm(parameters: Iterable[Tensor] | Tensor, threshold: float) -> float:
    """g ← g · threshold / ‖g‖ when ‖g‖ ≥ threshold: the direction stays. Returns ‖g‖ before clipping.

    `parameters`: tensors whose `.grad` is changed in place. A norm that is NaN or infinite cannot be clipped and is left for
    the caller to see. Raises ValueError for a threshold ≤ 0. Source: Pascanu, Mikolov and Bengio (2013), algorithm 1.

    >>> w = torch.zeros(2, requires_grad=True)
    >>> w.grad = torch.tensor([3.0, 4.0])
    >>> clip_by_norm([w], 1.0), w.grad
    (5.0, tensor([0.6000, 0.8000]))
    """
    _positive(threshold)
    parameters = [parameters] if isinstance(parameters, Tensor) else list(parameters)
    norm = grad_norm(parameters)
    if threshold <= norm < float("inf"):
        for p in parameters:
            if p.grad is not None:
                p.grad.mul_(threshold / norm)
    return norm


def clip_each_by_norm(parameters: Iterable[Tensor], threshold: float) -> float:
    """Every array by its own norm, g_k ← g_k · threshold / ‖g_k‖ when ‖g_k‖ ≥ threshold: the whole gradient turns.

    Large arrays lose more than small ones, so this is not `clip_by_norm`, though it is often written so. Returns ‖g‖ over all
    arrays before clipping. Raises ValueError for a threshold ≤ 0.

    >>> a, b = torch.zeros(1, requires_grad=True), torch.zeros(1, requires_grad=True)
    >>> a.grad, b.grad = torch.tensor([4.0]), torch.tensor([1.0])
    >>> _ = clip_each_by_norm([a, b], 1.0); a.grad, b.grad  # it was four to one
    (tensor([1.]), tensor([1.]))
    """
    parameters = list(parameters)
    norm = grad_norm(parameters)
    for p in parameters:
        clip_by_norm(p, threshold)
    return norm


def clip_by_value(parameters: Iterable[Tensor] | Tensor, threshold: float) -> float:
    """g_k ← min(max(g_k, −threshold), threshold) for every entry: the direction turns. Returns ‖g‖ before clipping.

    Raises ValueError for a threshold ≤ 0. Source: Mikolov (2012), section 3.2.2; Graves (2013) uses it for the deltas.

    >>> w = torch.zeros(2, requires_grad=True)
    >>> w.grad = torch.tensor([3.0, 0.5])
    >>> _ = clip_by_value([w], 1.0); w.grad
    tensor([1.0000, 0.5000])
    """
    _positive(threshold)
    parameters = [parameters] if isinstance(parameters, Tensor) else list(parameters)
    norm = grad_norm(parameters)
    for p in parameters:
        if p.grad is not None:
            p.grad.clamp_(-threshold, threshold)
    return norm


def _positive(threshold: float) -> None:
    if not threshold > 0:
        raise ValueError(f"threshold must be positive, got {threshold}")
