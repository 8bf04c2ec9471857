"""Adam without `torch.optim.Optimizer`.

The class imports torch's compiler at its first step: memory and a second or so that
`python -m benchmarks optimizer` prints, on a
host with 1 GB and for nets of a few dozen weights. The update itself is torch's own function.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor
from torch.optim.adam import adam


class Adam:
    """Adam (Kingma and Ba 2015, algorithm 1), with torch's defaults.

        m ← β₁ m + (1 − β₁) g      v ← β₂ v + (1 − β₂) g²
        θ ← θ − lr · m̂ / (√v̂ + ε),   m̂ = m / (1 − β₁ᵏ),   v̂ = v / (1 − β₂ᵏ)

    `parameters` θ are changed in place by `step()`, g their `.grad`, k the number of steps so far; β₁ = 0.9, β₂ =
    0.999, ε = 1e-8. A parameter without a gradient is left alone. Raises ValueError for lr ≤ 0.
    """

    def __init__(self, parameters: Iterable[Tensor], lr: float) -> None:
        if not lr > 0:
            raise ValueError(f"lr must be positive, got {lr}")
        self.lr = lr
        self.parameters = list(parameters)
        self.m = [torch.zeros_like(p) for p in self.parameters]
        self.v = [torch.zeros_like(p) for p in self.parameters]
        self.k = [torch.zeros((), device=p.device) for p in self.parameters]

    @torch.no_grad()
    def step(self) -> None:
        """One update with the gradients that are there; they are cleared afterwards."""
        used = [j for j, p in enumerate(self.parameters) if p.grad is not None]
        adam(
            [self.parameters[j] for j in used],
            [g for j in used if (g := self.parameters[j].grad) is not None],
            [self.m[j] for j in used],
            [self.v[j] for j in used],
            [],
            [self.k[j] for j in used],
            fused=True,
            amsgrad=False,
            beta1=0.9,
            beta2=0.999,
            lr=self.lr,
            weight_decay=0.0,
            eps=1e-8,
            maximize=False,
        )
        for p in self.parameters:
            p.grad = None
